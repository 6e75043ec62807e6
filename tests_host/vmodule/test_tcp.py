"""TCP clients and servers in buffer access mode."""

import pytest

from .host import Host

AWKWARD = [
    b"\r\nOK\r\n",
    b"\r\nSEND OK\r\n",
    b"\x1a",
    b"\x1b",
    b"+++",
    b'\r\n+QIURC: "closed",0\r\n',
    b"\r\n> ",
    b"\r\nRDY\r\n",
    b"AT\r",
    b"\x00\xff\x11\x13",
    bytes(range(256)),
]


@pytest.mark.parametrize("data", AWKWARD)
def test_every_byte_goes_both_ways(data):
    host = Host()
    peer = host.open()
    host.send(data)
    assert peer.received == data
    peer.send(data)
    assert host.lines() == ['+QIURC: "recv",0']
    assert host.read() == data


def test_data_echo():
    host = Host()
    host.open()
    assert host.ask("AT+QISDE=1") == ["OK"]
    assert host.ask("AT+QISDE?") == ["+QISDE: 1", "OK"]
    host.ask("AT+QISEND=0,4")
    host.module.feed(b"ab\x1acd")
    assert host.module.take() == b"ab\x1ac\r\nSEND OK\r\n"


def test_prompt_ended_by_ctrl_z_or_escape():
    host = Host()
    peer = host.open()
    host.ask("AT+QISEND=0")
    host.module.feed(b"some text")
    host.module.feed(b" more\x1aAT\r")
    assert host.lines() == ["SEND OK", "OK"]
    host.ask("AT+QISEND=0")
    host.module.feed(b"not this\x1b")
    assert host.lines() == ["ERROR"]
    assert host.error() == 571
    assert peer.received == b"some text more"


def test_ctrl_z_form_takes_at_most_what_the_other_takes():
    host = Host()
    peer = host.open()
    for data, answer in ((b"x" * 1460, "SEND OK"), (b"x" * 1461, "ERROR"), (b"", "ERROR")):
        host.ask("AT+QISEND=0")
        host.module.feed(data + b"\x1a")
        assert host.lines() == [answer]
    assert len(peer.received) == 1460


def test_data_typed_before_the_prompt_are_lost():
    host = Host()
    peer = host.open()
    host.module.latency = 0.1
    host.module.feed(b"AT+QISEND=0,4\rlost")
    host.clock.advance(0.1)
    assert host.module.take() == b"\r\n> "
    host.module.feed(b"kept")
    host.clock.advance(0.1)
    assert host.lines() == ["SEND OK"]
    assert peer.received == b"kept"


def test_no_urc_between_prompt_and_the_end_of_the_data():
    host = Host()
    peer = host.open()
    host.ask("AT+QISEND=0,4")
    host.module.feed(b"da")
    peer.send(b"x")
    assert host.module.take() == b""
    host.module.feed(b"ta")
    assert host.lines() == ['+QIURC: "recv",0', "SEND OK"]


def test_one_recv_until_all_has_been_read():
    host = Host()
    peer = host.open()
    peer.send(b"abc")
    peer.send(b"def")
    assert host.lines() == ['+QIURC: "recv",0']
    assert host.read(length=4) == b"abcd"
    peer.send(b"ghi")
    assert host.lines() == []
    assert host.ask("AT+QIRD=0,0") == ["+QIRD: 9,4,5", "OK"]
    assert host.read() == b"efghi"
    peer.send(b"j")
    assert host.lines() == ['+QIURC: "recv",0']
    assert host.read() == b"j"
    assert host.read() == b""


def test_recv_with_length():
    host = Host()
    peer = host.open()
    host.ask('AT+QICFG="recvind",1')
    peer.send(b"abc")
    assert host.lines() == ['+QIURC: "recv",0,3']


def test_read_lengths():
    host = Host()
    peer = host.open()
    peer.send(b"x" * 4000)
    host.lines()
    host.type("AT+QIRD=0")
    assert host.module.take().startswith(b"\r\n+QIRD: 1500\r\nxxx")
    assert len(host.read(length=1)) == 1
    assert len(host.read()) == 1500
    assert len(host.read()) == 999


def test_closed_with_data_unread():
    host = Host()
    peer = host.open()
    peer.send(b"last words")
    peer.close()
    assert host.lines() == ['+QIURC: "recv",0', '+QIURC: "closed",0']
    assert ",4,1,0,0," in host.ask("AT+QISTATE=1,0")[0]
    assert host.read() == b"last words"
    assert host.read() == b""
    host.refused("AT+QISEND=0,4", 567)
    assert host.ask("AT+QICLOSE=0") == ["OK"]
    assert host.ask("AT+QISTATE=1,0") == ["OK"]
    host.open()


def test_closed_while_typing():
    host = Host()
    peer = host.open()
    host.ask("AT+QISEND=0,4")
    peer.close()
    assert host.lines() == []
    host.module.feed(b"test")
    assert host.lines() == ['+QIURC: "closed",0', "ERROR"]
    assert host.error() == 567


def test_send_buffer_full():
    host = Host()
    peer = host.open()
    peer.stall()
    taken = 0
    for _ in range(44):
        host.send(b"x" * 1460)
        taken += 1460
    host.send(b"y" * 1460, answer="SEND FAIL")
    assert host.ask("AT+QISEND=0,0") == ["+QISEND: {},0,{}".format(taken, taken), "OK"]
    peer.stall(False)
    assert host.ask("AT+QISEND=0,0") == ["+QISEND: {0},{0},0".format(taken), "OK"]
    host.send(b"y" * 1460)
    assert peer.received == b"x" * taken + b"y" * 1460


def test_unacknowledged():
    host = Host()
    peer = host.open()
    host.send(b"test")
    peer.silent = True
    assert host.ask("AT+QISEND=0,0") == ["+QISEND: 4,0,4", "OK"]


def test_receive_buffer_is_bounded():
    host = Host()
    peer = host.open()
    data = bytes(range(256)) * 4096
    peer.send(data)
    host.lines()
    assert len(peer.unread) == len(data) - 65536
    got = b""
    while True:
        piece = host.read()
        if not piece:
            break
        got += piece
    assert got == data


def test_a_failed_open_keeps_its_id():
    host = Host()
    host.network.refused.add(("192.0.2.2", 81))
    assert host.ask('AT+QIOPEN=1,0,"TCP","192.0.2.2",81') == ["OK", "+QIOPEN: 0,566"]
    assert host.error() == 566
    assert ",0,1,0,0," in host.ask("AT+QISTATE=1,0")[0]
    assert host.ask('AT+QIOPEN=1,0,"TCP","192.0.2.2",80') == ["OK", "+QIOPEN: 0,563"]
    assert host.error() == 563
    host.refused("AT+QISEND=0,4", 572)
    assert host.ask("AT+QICLOSE=0") == ["OK"]
    host.open()


def test_names():
    host = Host()
    host.open(address="example.com")
    assert '"192.0.2.2"' in host.ask("AT+QISTATE=1,0")[0]
    answer = host.ask('AT+QIOPEN=1,1,"TCP","nowhere.test",80')
    assert answer == ["OK", "+QIOPEN: 1,565"]


def test_a_context_that_is_not_up():
    host = Host(context=False)
    assert host.ask('AT+QIOPEN=1,0,"TCP","192.0.2.2",80') == ["OK", "+QIOPEN: 0,561"]


def test_closing_while_it_opens():
    host = Host()
    host.network.hanging.add(("192.0.2.2", 81))
    assert host.ask('AT+QIOPEN=1,0,"TCP","192.0.2.2",81') == ["OK"]
    assert ",1,1,0,0," in host.ask("AT+QISTATE=1,0")[0]
    assert host.ask("AT+QICLOSE=0") == ["OK"]


def test_closing_while_the_name_is_looked_up():
    host = Host()
    host.network.resolve_time = 5
    assert host.ask('AT+QIOPEN=1,0,"TCP","example.com",80') == ["OK"]
    assert host.ask("AT+QICLOSE=0") == ["OK"]
    host.clock.advance(6)
    assert host.lines() == []
    assert host.network.peers == []


def test_close_waits_for_the_peer_and_then_does_not():
    host = Host()
    peer = host.open()
    peer.stall()
    host.send(b"test")
    assert host.ask("AT+QICLOSE=0,5") == []
    host.clock.advance(4.9)
    assert host.lines() == []
    host.clock.advance(0.2)
    assert host.lines() == ["OK"]
    assert peer.closed


def test_reboot_while_closing_says_nothing_late():
    host = Host()
    peer = host.open()
    peer.stall()
    host.send(b"test")
    host.ask("AT+QICLOSE=0,5")
    host.module.reboot()
    host.clock.advance(10)
    assert host.lines() == ["RDY", "APP RDY"]


def test_twelve_sockets():
    host = Host()
    for number in range(12):
        host.open(number)
    states = host.ask("AT+QISTATE?")
    assert len(states) == 13
    assert [int(line.split()[1].split(",")[0]) for line in states[:-1]] == list(range(12))
    assert host.ask("AT+QISTATE=0,2") == ["OK"]
    for number in range(12):
        host.network.peers[number].send(bytes((number,)))
    assert host.lines() == ['+QIURC: "recv",{}'.format(number) for number in range(12)]
    for number in range(12):
        assert host.read(number) == bytes((number,))


def test_local_port_in_use():
    host = Host()
    host.listen(1, 2020)
    answer = host.ask('AT+QIOPEN=1,2,"TCP LISTENER","127.0.0.1",0,2020,0')
    assert answer == ["OK", "+QIOPEN: 2,573"]


def test_incoming_connections_until_full():
    host = Host()
    host.listen()
    for number in list(range(11, 1, -1)) + [0]:
        host.network.incoming(2020, "198.51.100.7", 40000 + number)
        line = '+QIURC: "incoming",{0},1,"198.51.100.7",{1}'
        assert host.lines() == [line.format(number, 40000 + number)]
    assert host.network.incoming(2020, "198.51.100.7", 50000) is None
    assert host.lines() == ['+QIURC: "incoming full"']
    state = '+QISTATE: 7,"TCP INCOMING","198.51.100.7",40007,2020,2,1,1,0,"uart1"'
    assert host.ask("AT+QISTATE=1,7") == [state, "OK"]
    host.send(b"hello", number=7)
    assert host.network.peers[4].received == b"hello"
    host.ask("AT+QICLOSE=1")
    assert host.ask("AT+QISTATE=1,7") == [state, "OK"]  # lives on without its listener


def test_hex_format():
    host = Host()
    peer = host.open()
    host.ask('AT+QICFG="dataformat",1,1')
    host.send(b"48656c6C6f")
    assert peer.received == b"Hello"
    host.send(b"48656", answer="ERROR")
    assert host.error() == 552
    peer.send(b"\x01\xff")
    host.lines()
    assert host.ask("AT+QIRD=0") == ["+QIRD: 2", "01FF", "OK"]


def test_view_mode():
    host = Host()
    peer = host.open()
    host.ask('AT+QICFG="viewmode",1')
    peer.send(b"abc")
    host.lines()
    host.type("AT+QIRD=0")
    assert host.module.take() == b"\r\n+QIRD: 3,abc\r\n\r\nOK\r\n"
    host.ask("AT+QISWTMD=0,1")
    peer.send(b"abc")
    assert host.module.take() == b'\r\n+QIURC: "recv",0,3,abc\r\n'


def test_idle_timeout():
    host = Host()
    host.ask('AT+QICFG="tcp/inactivetm",30')
    host.open()
    host.clock.advance(20)
    host.send(b"x")
    host.clock.advance(29)
    assert host.lines() == []
    host.clock.advance(2)
    assert host.lines() == ['+QIURC: "closed",0']


def test_address_filter():
    host = Host()
    host.listen()
    assert host.ask('AT+QICFG="ip_filter"') == ['+QICFG: "ip_filter",0', "OK"]
    assert host.ask('AT+QICFG="ip_filter","192.0.2.0","255.255.255.0"') == ["OK"]
    shown = '+QICFG: "ip_filter","192.0.2.0","255.255.255.0"'
    assert host.ask('AT+QICFG="ip_filter"') == [shown, "OK"]
    assert host.network.incoming(2020, "198.51.100.7", 1) is None
    assert host.network.incoming(2020, "192.0.2.9", 1)
