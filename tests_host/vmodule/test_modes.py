"""Direct push and transparent transmission."""

from .host import Host


def test_push_holds_back_during_a_prompt():
    host = Host()
    peer = host.open(access=1)
    host.ask("AT+QISEND=0,4")
    peer.send(b"first")
    peer.close()
    assert host.module.take() == b""
    host.module.feed(b"test")
    assert host.lines() == ['+QIURC: "recv",0,5', "first", '+QIURC: "closed",0', "ERROR"]


def test_push_waits_for_a_slow_host():
    host = Host()
    peer = host.open(access=1)
    data = bytes(range(256)) * 4096
    peer.send(data)
    assert host.module.pending < 70000
    assert len(peer.unread) > len(data) // 2
    out = b""
    while True:
        piece = host.module.take(5000)
        if not piece:
            break
        out += piece
    got = b""
    while out:
        header, _, rest = out[2:].partition(b"\r\n")
        count = int(header.rpartition(b",")[2])
        got += rest[:count]
        assert rest[count : count + 2] == b"\r\n"
        out = rest[count + 2 :]
    assert got == data


def test_from_buffer_to_push_and_back():
    host = Host()
    peer = host.open()
    peer.send(b"waiting")
    host.lines()
    assert host.ask("AT+QISWTMD=0,1") == ["OK", '+QIURC: "recv",0,7', "waiting"]
    assert host.ask("AT+QISWTMD=0,0") == ["OK"]
    peer.send(b"x")
    assert host.lines() == ['+QIURC: "recv",0']


def test_incoming_inherits_the_mode():
    host = Host()
    host.listen(access=1)
    peer = host.network.incoming(2020, "198.51.100.7", 1)
    host.lines()
    peer.send(b"x")
    assert host.lines() == ['+QIURC: "recv",11,1', "x"]


def test_packets_by_size_and_by_time():
    host = Host()
    host.ask('AT+QICFG="transpktsize",10')
    host.ask('AT+QICFG="transwaittm",5')
    peer = host.open(access=2)
    host.module.feed(b"x" * 25)
    assert len(peer.received) == 20
    host.clock.advance(0.49)
    assert len(peer.received) == 20
    host.clock.advance(0.02)
    assert len(peer.received) == 25


def escape(host):
    host.clock.advance(1)
    host.module.feed(b"+++")
    host.clock.advance(1)
    assert host.lines() == ["OK"]


def test_escape_and_return():
    host = Host()
    assert host.ask("ATO") == ["NO CARRIER"]
    peer = host.open(access=2)
    escape(host)
    assert host.ask("AT+QISTATE=1,0")[0].endswith(',0,0,"uart1"')  # buffer mode
    peer.send(b"meanwhile")
    assert host.lines() == ['+QIURC: "recv",0']
    host.type("ATO")
    assert host.module.take() == b"\r\nCONNECT\r\nmeanwhile"
    host.module.feed(b"AT\r")
    host.clock.advance(1)
    assert peer.received == b"AT\r"
    escape(host)
    assert host.ask("AT+QISWTMD=0,2") == ["CONNECT"]
    escape(host)
    assert host.ask("AT+QICLOSE=0") == ["OK"]
    assert host.ask("ATO") == ["NO CARRIER"]


def test_plusses_that_are_data():
    host = Host()
    peer = host.open(access=2)
    cases = [
        (b"x+++", 0), (b"+++x", 0), (b"++", 2), (b"+", 2), (b"++++", 2), (b"+++", 0),
    ]  # fmt: skip
    for data, before in cases:
        host.clock.advance(before)
        host.module.feed(data)
    host.clock.advance(2)
    assert host.module.take() == b""
    assert peer.received == b"".join(data for data, _ in cases)


def test_plusses_one_by_one():
    host = Host()
    peer = host.open(access=2)
    host.clock.advance(1)
    for _ in range(3):
        host.module.feed(b"+")
        host.clock.advance(0.3)
    host.clock.advance(0.8)
    assert host.lines() == ["OK"]
    assert peer.received == b""


def test_data_after_the_plusses_make_them_data():
    host = Host()
    peer = host.open(access=2)
    host.clock.advance(1)
    host.module.feed(b"+++")
    host.clock.advance(0.9)
    host.module.feed(b"x")
    host.clock.advance(2)
    assert peer.received == b"+++x"
    assert host.module.take() == b""


def test_a_lost_link():
    host = Host()
    peer = host.open(access=2)
    peer.send(b"last words")
    peer.close()
    assert host.module.take() == b"last words\r\nNO CARRIER\r\n"
    assert host.ask("AT") == ["OK"]
    assert host.ask("ATO") == ["NO CARRIER"]
    assert host.ask("AT+QICLOSE=0") == ["OK"]


def test_urcs_wait_until_transparent_mode_is_left():
    host = Host()
    peer = host.open(0)
    host.open(1, access=2)
    peer.send(b"x")
    assert host.module.take() == b""
    host.clock.advance(1)
    host.module.feed(b"+++")
    host.clock.advance(1)
    assert sorted(host.lines()) == ['+QIURC: "recv",0', "OK"]


def test_a_stalled_peer_holds_the_host_off():
    host = Host()
    peer = host.open(access=2)
    peer.stall()
    host.module.feed(b"x" * 200000)
    assert not host.module.wants_input()
    peer.stall(False)
    host.clock.advance(1)
    assert len(peer.received) == 200000
    assert host.module.wants_input()


def test_what_a_lost_link_did_not_take_is_no_command():
    host = Host()
    peer = host.open(access=2)
    peer.stall()
    host.module.feed(b"AT+CSQ\r" * 30000)
    peer.close()
    assert host.lines() == ["NO CARRIER"]
    assert host.module.wants_input()
    assert host.ask("AT") == ["OK"]


def test_failed_open():
    host = Host()
    host.network.refused.add(("192.0.2.2", 81))
    host.refused('AT+QIOPEN=1,0,"TCP","192.0.2.2",81,0,2', 566)
    assert host.ask("AT+QICLOSE=0") == ["OK"]


def test_dtr():
    host = Host()
    host.open(access=2)
    host.module.set_dtr(True)
    assert host.lines() == []
    escape(host)
    host.ask("AT&D1")
    host.ask("ATO")
    host.module.set_dtr(True)
    assert host.lines() == ["OK"]


def test_over_udp():
    host = Host()
    host.open(0, "UDP", access=2, port=53)
    host.module.feed(b"query")
    host.clock.advance(0.2)
    assert host.network.sent == [(b"query", "192.0.2.2", 53)]
