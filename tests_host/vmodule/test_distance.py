"""A peer that is 0.6 s away and back."""

import pytest

from .endtoend import Echo, Line, Process
from .host import Host
from .nb import KEYS, NbHost

RTT = 0.6


def far(dialect="bg95", **options):
    kind = Host if dialect in ("bg95", "rm500u") else NbHost
    return kind(dialect=dialect, rtt=RTT, **options)


def opened(host, number=0, access=0):
    line = 'AT+QIOPEN=1,{},"TCP","192.0.2.2",80,0,{}'
    assert host.ask(line.format(number, access)) == ["OK"]
    host.clock.advance(RTT)
    assert host.lines() == ["+QIOPEN: {},0".format(number)]
    return host.network.peers[-1]


@pytest.mark.parametrize("dialect", ("bg95", "rm500u") + KEYS)
def test_connecting_takes_a_round_trip(dialect):
    host = far(dialect)
    host.ask('AT+QIOPEN=1,0,"TCP","192.0.2.2",80,0,0')
    host.clock.advance(0.29)
    assert not host.network.peers
    host.clock.advance(0.02)
    host.network.peers[0].send(b"hello")  # at once
    assert host.lines() == []
    host.clock.advance(0.28)
    assert host.lines() == []
    host.clock.advance(0.02)
    assert host.lines() == ["+QIOPEN: 0,0", '+QIURC: "recv",0']


def test_what_cannot_be_connected_to_is_told_as_late():
    host = far()
    host.network.refused.add(("192.0.2.2", 80))
    assert host.ask('AT+QIOPEN=1,0,"TCP","192.0.2.2",80') == ["OK"]
    host.clock.advance(RTT)
    assert host.lines() == ["+QIOPEN: 0,566"]


def test_data_is_acknowledged_after_a_round_trip():
    host = far()
    peer = opened(host)
    host.send(b"12345")  # SEND OK at once: the module's stack has it
    host.clock.advance(0.29)
    assert peer.received == b""
    host.clock.advance(0.02)
    assert peer.received == b"12345"
    host.send(b"678")
    assert host.ask("AT+QISEND=0,0")[0] == "+QISEND: 8,0,8"
    host.clock.advance(0.3)
    assert host.ask("AT+QISEND=0,0")[0] == "+QISEND: 8,5,3"
    host.clock.advance(0.3)
    assert host.ask("AT+QISEND=0,0")[0] == "+QISEND: 8,8,0"


def test_a_peer_that_does_not_read_acknowledges_nothing():
    host = far()
    peer = opened(host)
    peer.stall()
    host.send(b"12345")
    host.clock.advance(10)
    assert host.ask("AT+QISEND=0,0")[0] == "+QISEND: 5,0,5"
    host.send(b"6")
    assert host.ask("AT+QISEND=0,0")[0] == "+QISEND: 6,0,6"
    peer.stall(False)
    assert host.ask("AT+QISEND=0,0")[0] == "+QISEND: 6,5,1"


@pytest.mark.parametrize("dialect", KEYS)
def test_narrow_band_refuses_a_send_before_send_ok(dialect):
    host = far(dialect)
    peer = opened(host)
    opened(host, 1)
    send = 'AT+QISENDEX={},2,"3031"'
    assert host.ask(send.format(0)) == ["OK"]
    assert host.ask("AT+QISTATE?")[-1] == "OK"  # anything else may be asked
    host.refused(send.format(0), 568)
    host.refused(send.format(1), 568)
    host.clock.advance(0.59)
    host.refused(send.format(0), 568)
    host.clock.advance(0.02)
    assert host.lines() == ["SEND OK"]
    assert host.ask(send.format(1)) == ["OK"]
    assert peer.received == b"01"


def test_what_the_peer_sends_and_its_end_come_later_and_in_order():
    host = far()
    peer = opened(host, access=1)
    peer.send(b"one")
    peer.close()
    host.clock.advance(0.29)
    assert host.lines() == []
    host.clock.advance(0.02)
    assert host.lines() == ['+QIURC: "recv",0,3', "one", '+QIURC: "closed",0']


def test_a_great_deal_from_the_peer():
    host = far()
    peer = opened(host)
    data = bytes(at % 251 for at in range(300000))
    peer.send(data)
    host.clock.advance(1)
    host.module.take()
    assert host.ask("AT+QIRD=0,0") == ["+QIRD: 65536,0,65536", "OK"]  # its window is full
    got = b""
    while len(got) < len(data):
        piece = host.read()
        if not piece:
            host.clock.advance(0.1)
        got += piece
        host.module.take()
    assert got == data


def test_what_is_on_its_way_takes_room():
    host = far()
    opened(host)
    for _ in range(44):
        host.send(bytes(1460))
    host.send(bytes(1460), answer="SEND FAIL")
    host.clock.advance(0.3)
    host.send(bytes(1460))


def test_a_transparent_connection():
    host = far()
    host.type('AT+QIOPEN=1,0,"TCP","192.0.2.2",80,0,2')
    host.clock.advance(RTT)
    assert host.lines() == ["CONNECT"]
    data = bytes(at % 251 for at in range(300000))
    host.module.feed(data)
    host.clock.advance(5)
    assert host.network.peers[-1].received == data


def test_what_a_full_module_drops_far_away():
    host = far("bc95", faults=["buff-full:4000"])
    peer = opened(host)
    peer.send(bytes(60000))
    host.clock.advance(10)
    assert peer.unread == b"" and host.module.counts["tcp dropped"] > 50000


def test_closing_takes_a_round_trip_and_carries_what_was_sent():
    host = far()
    peer = opened(host)
    host.send(b"last words")
    assert host.ask("AT+QICLOSE=0") == []
    host.clock.advance(0.31)
    assert peer.received == b"last words" and peer.closed
    assert host.lines() == []
    host.clock.advance(0.3)
    assert host.lines() == ["OK"]
    opened(host)


def test_a_close_that_cannot_wait():
    host = far()
    peer = opened(host)
    peer.stall()
    host.send(b"x")
    host.ask("AT+QICLOSE=0,5")
    host.clock.advance(4.9)
    assert host.lines() == []
    host.clock.advance(0.2)
    assert host.lines() == ["OK"] and peer.closed
    peer = opened(host)
    assert host.ask("AT+QICLOSE=0,0") == ["OK"] and peer.closed
    host.ask('AT+QIOPEN=1,0,"TCP","192.0.2.2",80')
    assert host.ask("AT+QICLOSE=0") == ["OK"]  # before anybody knew of it
    host.clock.advance(5)
    assert host.lines() == [] and len(host.network.peers) == 2


def test_incoming():
    host = far()
    host.ask('AT+QIOPEN=1,1,"TCP LISTENER","127.0.0.1",0,2020,0')
    peer = host.network.incoming(2020, "192.0.2.9", 4000)
    assert host.lines()[-1] == '+QIURC: "incoming",11,1,"192.0.2.9",4000'
    peer.send(b"x")
    assert host.lines() == []
    host.clock.advance(0.3)
    assert host.lines() == ['+QIURC: "recv",11']
    host.send(b"y", 11)
    host.clock.advance(0.3)
    assert peer.received == b"y"


def test_datagrams():
    host = far()
    host.open(kind="UDP")
    host.send(b"question")
    assert host.network.sent == []
    host.clock.advance(0.3)
    assert host.network.sent == [(b"question", "192.0.2.2", 8009)]
    host.network.datagram(host.module.services[0].local_port, b"answer", "192.0.2.2", 8009)
    assert host.lines() == []
    host.clock.advance(0.3)
    assert host.lines() == ['+QIURC: "recv",0']
    host.send(b"farewell")
    host.ask("AT+QICLOSE=0")
    assert host.network.sent[-1][0] == b"farewell"
    host.clock.advance(1)


def test_pings_and_names():
    host = far()
    host.network.pings["192.0.2.2"] = [23, None]
    assert host.ask('AT+QPING=1,"192.0.2.2",4,2') == ["OK"]
    host.clock.advance(0.63)
    assert host.lines() == ['+QPING: 0,"192.0.2.2",32,623,255']
    host.clock.advance(3.9)
    assert host.lines() == []
    host.clock.advance(0.2)
    assert host.lines()[0] == "+QPING: 569"
    host.network.pings["192.0.2.2"] = [600]
    host.ask('AT+QPING=1,"192.0.2.2",1,1')
    host.clock.advance(1.01)
    assert host.lines()[0] == "+QPING: 569"
    assert host.ask('AT+QIDNSGIP=1,"example.com"') == ["OK"]
    host.clock.advance(RTT)
    assert len(host.lines()) == 2


def test_a_restart_in_the_middle():
    host = far()
    peer = opened(host)
    host.send(b"x")
    peer.send(b"y")
    host.module.reboot()
    host.clock.advance(5)
    assert host.lines() == ["RDY", "APP RDY"]
    assert peer.closed and peer.received == b""


def test_over_real_sockets():
    echo = Echo()
    where = "example.test=127.0.0.1:{}".format(echo.port)
    data = bytes(at % 251 for at in range(20000))
    with Process("--tcp", "127.0.0.1:0", "--host", where, "--rtt", "40") as address:
        line = Line(address)
        line.setup()
        assert line.open(0, "TCP", "example.test", 80) == 0
        for start in range(0, len(data), 1000):
            assert line.write(0, data[start : start + 1000]) == b"OK"
        got = b""
        while len(got) < len(data):
            got += line.read(0)[0]
        assert got == data
        assert line.open(1, "TCP", "192.0.2.7", 80) == 566
        line.ask('AT+QPING=1,"127.0.0.1",4,1', rb'\+QPING: 0,"127.0.0.1",32,41,255\r\n')
        line.ask("AT+QICLOSE=0")
        line.close()
    echo.close()
