"""RM500U: opening, sending, receiving, closing, servers, transparent mode."""

import pytest

from .host import Host


def host(*settings, **options):
    host = Host(dialect="rm500u", **options)
    for key, value in settings:
        assert host.ask('AT+QICFG="{}",{}'.format(key, value)) == ["OK"]
    return host


def nat(module, mode=1):
    assert module.ask('AT+QCFG="nat",{}'.format(mode)) == ["OK"]


# --- QISEND --------------------------------------------------------------------------------


def test_sendinfo():
    module = host(("sendinfo", 1))
    peer = module.open()
    module.ask("AT+QISEND=0,4")
    module.module.feed(b"test")
    assert module.lines() == ["+QISEND: 0,0,10240", "OK"]
    module.ask("AT+QISEND=0")
    module.module.feed(b"more\x1a")
    assert module.lines() == ["+QISEND: 0,0,10240", "OK"]
    peer.stall()
    free = 10240
    while free >= 1460:
        free -= 1460
        module.ask("AT+QISEND=0,1460")
        module.module.feed(b"x" * 1460)
        assert module.lines() == ["+QISEND: 0,0,{}".format(free), "OK"]
    module.ask("AT+QISEND=0,1460")
    module.module.feed(b"y" * 1460)
    assert module.lines() == ["+QISEND: 0,1,{}".format(free), "OK"]
    peer.stall(False)
    assert peer.received == b"testmore" + b"x" * (10240 - free)
    assert module.ask("AT+QISEND=0,0")[0] == "+QISEND: {0},{0},0".format(len(peer.received))


def test_sendinfo_and_errors():
    module = host(("sendinfo", 1))
    peer = module.open()
    module.ask("AT+QISEND=0,4")
    peer.close()
    module.module.feed(b"test")
    assert module.lines() == ['+QIURC: "closed",0', "+CME ERROR: 567"]


def test_sendinfo_over_udp():
    module = host(("sendinfo", 1))
    module.open(0, "UDP", port=53)
    module.ask("AT+QISEND=0,4")
    module.module.feed(b"test")
    assert module.lines() == ["+QISEND: 0,0,10240", "OK"]
    module.serve()
    module.ask('AT+QISEND=2,4,"192.0.2.9",80')
    module.module.feed(b"test")
    assert module.lines() == ["SEND OK"]  # "sendinfo" does not concern a UDP SERVICE


def test_a_full_buffer():
    module = host()
    peer = module.open()
    peer.stall()
    for _ in range(7):
        module.send(b"x" * 1460)
    module.send(b"y" * 1460, answer="SEND FAIL")
    module.send(b"z" * 20)
    assert module.ask("AT+QISEND=0,0") == ["+QISEND: 10240,0,10240", "OK"]


@pytest.mark.parametrize(("settings", "answer"), [
    ((), ["SEND FAIL"]), ((("sendinfo", 1),), ["+QISEND: 0,1,10240", "OK"])])  # fmt: skip
def test_the_fault_of_sending(settings, answer):
    module = host(*settings, faults=["sendfail:1"])
    peer = module.open()
    module.ask("AT+QISEND=0,4")
    module.module.feed(b"test")
    assert module.lines() == answer
    assert peer.received == b""


def test_the_prompt_s_frame():
    module = host(("formatcfg", 1))
    module.open()
    module.type("AT+QISEND=0,4")
    assert module.module.take() == b"\r\n>\r\n"
    module.module.feed(b"test")
    assert module.lines() == ["SEND OK"]
    module.ask('AT+QICFG="formatcfg",0')
    module.send(b"test")


@pytest.mark.parametrize("form", ["AT+QISEND=0", "AT+QISEND=0,4"])
def test_nothing_typed_at_the_prompt(form):
    module = host(("qisend/timeout", 300))
    peer = module.open()
    module.ask(form)
    module.clock.advance(0.29)
    assert module.lines() == []
    module.module.feed(b"12")
    module.clock.advance(0.29)
    assert module.lines() == []
    module.clock.advance(0.02)
    assert module.lines() == ["+CME ERROR: 569"]
    assert module.error() == 569
    assert module.ask("AT") == ["OK"]
    module.send(b"test")
    module.clock.advance(1)
    assert module.lines() == []
    assert peer.received == b"test"


def test_without_a_timeout_the_prompt_waits_for_ever():
    module = host()
    module.open()
    module.ask("AT+QISEND=0,4")
    module.clock.advance(4000)
    module.module.feed(b"test")
    assert module.lines() == ["SEND OK"]


def test_escape():
    module = host(("qisend/timeout", 300))
    module.open()
    module.ask("AT+QISEND=0")
    module.module.feed(b"no\x1b")
    assert module.lines() == ["+CME ERROR: 571"]
    module.clock.advance(1)
    assert module.lines() == []


# --- QIOPEN --------------------------------------------------------------------------------


def test_a_refused_connection_is_tried_again():
    module = host()
    place = ("192.0.2.2", 81)
    module.network.refused.add(place)
    line = 'AT+QIOPEN=1,0,"TCP","192.0.2.2",81,0,0,11,10'
    assert module.ask(line) == ["OK"]
    module.clock.advance(5)
    assert module.lines() == []
    assert ",1,1,0,0," in module.ask("AT+QISTATE=1,0")[0]
    module.network.refused.clear()
    module.clock.advance(2)
    assert module.lines() == ["+QIOPEN: 0,0"]
    module.clock.advance(20)
    module.send(b"test")
    module.ask("AT+QICLOSE=0")
    module.network.refused.add(place)
    assert module.ask(line) == ["OK"]
    module.clock.advance(9.9)
    assert module.lines() == []
    module.clock.advance(0.2)
    assert module.lines() == ["+QIOPEN: 0,566"]
    module.clock.advance(20)
    assert module.lines() == []
    assert ",0,1,0,0," in module.ask("AT+QISTATE=1,0")[0]
    assert module.ask("AT+QICLOSE=0") == ["OK"]


def test_without_a_time_it_is_tried_once():
    module = host()
    module.network.refused.add(("192.0.2.2", 81))
    for end in ("", ",0,0,11,0"):
        line = 'AT+QIOPEN=1,0,"TCP","192.0.2.2",81' + end
        assert module.ask(line) == ["OK", "+QIOPEN: 0,566"]
        module.ask("AT+QICLOSE=0")


def test_a_connection_that_hangs_ends_with_the_time():
    module = host()
    module.network.hanging.add(("192.0.2.2", 81))
    module.ask('AT+QIOPEN=1,0,"TCP","192.0.2.2",81,0,0,11,10')
    module.ask('AT+QIOPEN=1,1,"TCP","192.0.2.2",81,0,2,11,20')
    module.clock.advance(10)
    assert module.lines() == ["+QIOPEN: 0,569"]
    module.clock.advance(10)
    assert module.lines() == ["ERROR"]


def test_closed_while_it_is_tried_again():
    module = host()
    module.network.refused.add(("192.0.2.2", 81))
    module.ask('AT+QIOPEN=1,0,"TCP","192.0.2.2",81,0,0,11,10')
    assert module.ask("AT+QICLOSE=0") == ["OK"]
    module.open()
    module.clock.advance(20)
    assert module.lines() == []
    module.send(b"test")


# --- QICLOSE -------------------------------------------------------------------------------


def test_close_mode():
    module = host(("close mode", 1))
    peer = module.open()
    peer.stall()
    module.send(b"test")
    assert module.ask("AT+QICLOSE=0,5") == ["OK"]
    assert ",4,1,0,0," in module.ask("AT+QISTATE=1,0")[0]
    assert module.ask("AT+QICLOSE=0") == ["+CME ERROR: 568"]
    assert module.ask('AT+QIOPEN=1,0,"TCP","192.0.2.2",80') == ["OK", "+QIOPEN: 0,563"]
    module.clock.advance(5)
    assert module.lines() == ['+QIURC: "closed",0']
    assert module.ask("AT+QISTATE=1,0") == ["OK"]
    module.open()
    assert module.ask("AT+QICLOSE=0") == ["OK", '+QIURC: "closed",0']
    module.serve()
    assert module.ask("AT+QICLOSE=2") == ["OK", '+QIURC: "closed",2']


def test_close_mode_when_the_peer_was_first():
    module = host(("close mode", 1))
    module.open().close()
    assert module.lines() == ['+QIURC: "closed",0']
    assert module.ask("AT+QICLOSE=0") == ["OK", '+QIURC: "closed",0']


def test_a_closed_that_comes_too_late_is_not_told():
    module = host(("close mode", 1))
    peer = module.open()
    peer.stall()
    module.send(b"test")
    module.ask("AT+QICLOSE=0,5")
    module.ask("AT+QIDEACT=1")
    module.ask("AT+QIACT=1")
    module.open()
    module.clock.advance(6)
    assert module.lines() == []
    module.send(b"test")


# --- servers -------------------------------------------------------------------------------


def test_nobody_comes_in_before_the_call_mode_is_set():
    module = host()
    module.listen()
    assert module.network.incoming(2020, "198.51.100.7", 1) is None
    assert module.lines() == []
    for mode in (1, 2):
        nat(module, mode)
        assert module.ask('AT+QCFG="nat"') == ['+QCFG: "nat",{}'.format(mode), "OK"]
        assert module.network.incoming(2020, "198.51.100.7", mode)
        number = 12 - mode
        line = '+QIURC: "incoming",{},1,"198.51.100.7",{}'.format(number, mode)
        assert module.lines() == [line]


def test_connections_are_not_taken():
    module = host(("tcp/accept", 0))
    nat(module)
    module.listen()
    assert module.network.incoming(2020, "198.51.100.7", 1) is None
    assert module.lines() == []


@pytest.mark.parametrize(
    ("tells", "full"), [(False, '+QIURC: "incoming full"'), (True, '+QIURC: "incoming full",1')]
)
def test_the_number_of_clients(tells, full):
    module = host()
    module.module.FULL_TELLS_SERVER = tells
    nat(module)
    module.ask('AT+QIOPEN=1,1,"TCP LISTENER","127.0.0.1",0,2020,0,2')
    for number in range(2):
        assert module.network.incoming(2020, "198.51.100.7", number)
    module.lines()
    assert module.network.incoming(2020, "198.51.100.7", 3) is None
    assert module.lines() == [full]
    module.ask("AT+QICLOSE=11")
    assert module.network.incoming(2020, "198.51.100.7", 4)
    assert module.lines() == ['+QIURC: "incoming",11,1,"198.51.100.7",4']
    module.ask('AT+QIOPEN=1,2,"TCP LISTENER","127.0.0.1",0,2021,0,0')
    assert module.network.incoming(2021, "198.51.100.7", 5) is None


def test_incoming_full_comes_both_ways():
    module = host()
    nat(module)
    module.ask('AT+QIOPEN=1,1,"TCP LISTENER","127.0.0.1",0,2020,0,0')
    module.lines()
    for _ in range(50):
        module.network.incoming(2020, "198.51.100.7", 1)
    assert set(module.lines()) == {'+QIURC: "incoming full"', '+QIURC: "incoming full",1'}


def test_until_there_is_no_id():
    module = host()
    nat(module)
    module.listen()
    for number in range(11):
        assert module.network.incoming(2020, "198.51.100.7", number)
    assert len(module.lines()) == 11
    assert module.network.incoming(2020, "198.51.100.7", 99) is None
    assert module.lines()[0].startswith('+QIURC: "incoming full"')


def test_push_of_a_service():
    module = host()
    module.serve(access=1)
    module.network.datagram(3030, b"\r\nOK\r\n", "198.51.100.7", 1234)
    expected = b'\r\n+QIURC: "recv",2,6,"198.51.100.7",1234\r\n\r\nOK\r\n\r\n'
    assert module.module.take() == expected


@pytest.mark.parametrize("port", ["usbmodem", "usbat", "uart1"])
def test_the_port_in_the_state(port):
    module = host()
    assert module.module.AT_PORT == "uart1"
    module.module.AT_PORT = port
    module.open(local=4000)
    state = '+QISTATE: 0,"TCP","192.0.2.2",8009,4000,2,1,0,0,"{}"'.format(port)
    for line in ("AT+QISTATE?", "AT+QISTATE", "AT+QISTATE=0,1", "AT+QISTATE=1,0"):
        assert module.ask(line) == [state, "OK"]
    assert module.ask("AT+QISTATE=0,2") == ["OK"]


def test_local_port_in_use():
    module = host()
    module.listen(1, 2020)
    answer = module.ask('AT+QIOPEN=1,2,"TCP LISTENER","127.0.0.1",0,2020,0')
    assert answer == ["OK", "+QIOPEN: 2,574"]


# --- the rest ------------------------------------------------------------------------------


def test_transparent():
    module = host(("transpktsize", 10), ("transwaittm", 5))
    assert module.ask("ATO") == ["NO CARRIER"]
    peer = module.open(access=2)
    module.module.feed(b"x" * 25)
    assert len(peer.received) == 20
    module.clock.advance(0.51)
    assert len(peer.received) == 25
    module.clock.advance(1)
    module.module.feed(b"+++")
    module.clock.advance(1)
    assert module.lines() == ["OK"]
    peer.send(b"meanwhile")
    assert module.lines() == ['+QIURC: "recv",0']
    module.type("ATO")
    assert module.module.take() == b"\r\nCONNECT\r\nmeanwhile"
    module.module.set_dtr(True)
    assert module.lines() == []
    module.clock.advance(1)
    module.module.feed(b"+++")
    module.clock.advance(1)
    module.lines()
    module.ask("AT&D1")
    assert module.ask("AT+QISWTMD=0,2") == ["CONNECT"]
    module.module.set_dtr(True)
    assert module.lines() == ["OK"]
    assert module.ask("AT+QISWTMD=0,2") == ["CONNECT"]
    peer.close()
    assert module.lines() == ["NO CARRIER"]
    assert module.ask("AT+QICLOSE=0") == ["OK"]


def test_transparent_with_passive_close():
    module = host(("passiveclosed", 1))
    peer = module.open(access=2)
    peer.send(b"last words")
    peer.close()
    assert module.module.take() == b"last words\r\nNO CARRIER\r\n"
    assert module.ask("AT+QICLOSE=0") == ["OK"]


def test_read_forms():
    module = host(("recvind", 1))
    peer = module.open()
    peer.send(b"abcdef")
    assert module.lines() == ['+QIURC: "recv",0,6']
    assert module.read(length=4) == b"abcd"
    assert module.ask("AT+QIRD=0,0") == ["+QIRD: 6,4,2", "OK"]
    assert module.ask("AT+QIRD=0") == ["+QIRD: 2", "ef", "OK"]
    assert module.ask("AT+QIRD=0") == ["+QIRD: 0", "OK"]
    module.serve()
    module.network.datagram(3030, b"x" * 20, "198.51.100.7", 1)
    module.lines()
    answer = ['+QIRD: 20,"198.51.100.7",1', "x" * 20, "OK"]
    assert module.ask("AT+QIRD=2,5") == answer
    assert module.ask("AT+QIRD=2,0") == ["+QIRD: 20,20,0", "OK"]


def test_reboot():
    module = host(("sendinfo", 1), ("qisend/timeout", 100))
    nat(module)
    peer = module.open()
    module.ask("AT+QISEND=0,4")
    module.module.reboot()
    assert peer.closed
    module.clock.advance(1)
    assert module.lines() == ["RDY", "APP RDY"]
    module.setup()
    assert module.ask("AT+QISTATE") == ["OK"]
    assert module.ask('AT+QCFG="nat"') == ['+QCFG: "nat",1', "OK"]
    module.open()
    module.send(b"test")
