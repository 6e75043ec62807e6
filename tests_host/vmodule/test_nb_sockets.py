"""Sockets of the NB-IoT modules: sending in the line and behind a prompt, nodes, listeners."""

import pytest

from .nb import KEYS, OWN_ADDRESS, NbHost

WITH_PROMPT = ("bc95", "bc92", "bc25")
SERVERS = WITH_PROMPT
LIMITS = {"bc95": 1440, "bc92": 1440, "bc20": 1024, "bc25": 512}
HEX_LIMITS = {"bc95": 1440, "bc92": 1440, "bc20": 512, "bc25": 512}


@pytest.mark.parametrize("dialect", KEYS)
def test_in_the_line(dialect):
    host = NbHost(dialect)
    peer = host.open()
    longest = "x" * LIMITS[dialect]
    line = 'AT+QISEND=0,{},"{}"'.format(len(longest), longest)
    assert host.ask(line) == ["OK", "SEND OK"]
    host.send(bytes(HEX_LIMITS[dialect]))
    assert peer.received == longest.encode() + bytes(HEX_LIMITS[dialect])
    if dialect == "bc20":
        assert host.ask("AT+QISEND=0,4,0012") == ["OK", "SEND OK"]
        assert host.ask("AT+QISENDEX=0,2,0a0D") == ["OK", "SEND OK"]
        assert peer.received.endswith(b"0012\n\r")


@pytest.mark.parametrize("dialect", WITH_PROMPT)
def test_behind_the_prompt(dialect):
    host = NbHost(dialect)
    peer = host.open()
    every = bytes(range(256))
    for line, typed in (
        ("AT+QISEND=0,256", every),
        ("AT+QISEND=0", b"some text\x1a"),
        ("AT+QISENDEX=0,256", every.hex().encode()),
        ("AT+QISENDEX=0", b"00ff\x1a"),
    ):
        host.type(line)
        assert host.module.take() == b"\r\n> "
        host.module.feed(typed)
        assert host.lines() == ["OK", "SEND OK"]
    assert peer.received == every + b"some text" + every + b"\x00\xff"


@pytest.mark.parametrize("dialect", WITH_PROMPT)
def test_what_can_go_wrong_behind_the_prompt(dialect):
    host = NbHost(dialect)
    peer = host.open()
    longest = b"x" * LIMITS[dialect]
    for line, typed, answer, code in (
        ("AT+QISEND=0", b"\x1a", "SEND FAIL", 558),
        ("AT+QISENDEX=0", b"\x1a", "SEND FAIL", 558),
        ("AT+QISEND=0", b"not this\x1b", "ERROR", 571),
        ("AT+QISEND=0", longest + b"x\x1a", "ERROR", 552),
        ("AT+QISENDEX=0", b"123\x1a", "ERROR", 552),
        ("AT+QISENDEX=0,2", b"12X4", "ERROR", 552),
    ):
        host.type(line)
        assert host.module.take() == b"\r\n> "
        host.module.feed(typed)
        assert host.lines() == [answer]
        assert host.error() == code
    host.type("AT+QISEND=0")
    host.module.take()
    host.module.feed(longest + b"\x1a")
    assert host.lines() == ["OK", "SEND OK"]
    assert peer.received == longest


def test_the_echo_of_data_is_that_of_commands():
    host = NbHost("bc95")
    host.open()
    host.ask("ATE1")
    host.type("AT+QISEND=0,2")
    assert host.module.take() == b"AT+QISEND=0,2\r\r\n> "
    host.module.feed(b"ab")
    assert host.module.take() == b"ab\r\nOK\r\n\r\nSEND OK\r\n"


@pytest.mark.parametrize("dialect", KEYS)
def test_no_second_send_before_the_first_is_done(dialect):
    host = NbHost(dialect)
    host.open()
    host.open(1)
    host.module.settling = 1
    assert host.ask('AT+QISEND=0,1,"a"') == ["OK"]
    host.refused('AT+QISEND=1,1,"a"', 568)
    host.refused('AT+QISENDEX=0,1,"61"', 568)
    assert host.ask("AT+QIRD=0,10") == ["+QIRD: 0", "OK"]
    host.clock.advance(1)
    assert host.lines() == ["SEND OK"]
    host.module.settling = 0
    assert host.ask('AT+QISEND=1,1,"a"') == ["OK", "SEND OK"]


@pytest.mark.parametrize("dialect", KEYS)
def test_latency_and_failing_sends(dialect):
    host = NbHost(dialect, latency=0.1, faults=["sendfail:1"])
    host.clock.advance(1)
    host.lines()
    host.type('AT+QIOPEN=1,0,"TCP","192.0.2.2",80,0,0')
    host.clock.advance(0.11)
    assert host.lines() == ["OK", "+QIOPEN: 0,0"]
    host.type('AT+QISEND=0,1,"a"')
    host.clock.advance(0.11)
    assert host.lines() == ["OK"]
    host.clock.advance(0.1)
    assert host.lines() == ["SEND FAIL"]
    assert not host.network.peers[0].received


@pytest.mark.parametrize("dialect", KEYS)
def test_a_full_send_buffer(dialect):
    host = NbHost(dialect)
    peer = host.open()
    peer.stall()
    sent = 0
    while host.ask('AT+QISEND=0,512,"{}"'.format("x" * 512)) == ["OK", "SEND OK"]:
        sent += 512
    assert sent > 0
    assert host.error() == 553
    peer.stall(False)
    assert len(peer.received) == sent


@pytest.mark.parametrize("dialect", KEYS)
def test_reads_give_a_node_at_most(dialect):
    host = NbHost(dialect)
    host.ask('AT+QICFG="showlength",1')
    peer = host.open()
    peer.send(b"first")
    peer.send(b"second one")
    assert host.lines() == ['+QIURC: "recv",0,5']
    assert host.ask("AT+QIRD=0,512") == ["+QIRD: 5,0", "first", "OK"]
    assert host.ask("AT+QIRD=0,6") == ["+QIRD: 6,4", "second", "OK"]
    peer.send(b"third")
    assert host.lines() == []
    assert host.ask("AT+QIRD=0,512") == ["+QIRD: 4,0", " one", "OK"]
    assert host.ask("AT+QIRD=0,512") == ["+QIRD: 5,0", "third", "OK"]
    assert host.ask("AT+QIRD=0,512") == ["+QIRD: 0", "OK"]
    host.ask('AT+QICFG="viewmode",1')
    host.ask('AT+QICFG="dataformat",0,1')
    peer.send(b"\r\n+")
    assert host.lines() == ['+QIURC: "recv",0,3']
    assert host.ask("AT+QIRD=0,2") == ["+QIRD: 2,1,0D0A", "OK"]


@pytest.mark.parametrize("dialect", KEYS)
def test_a_full_receive_buffer_holds_the_peer(dialect):
    host = NbHost(dialect)
    peer = host.open()
    data = bytes(range(256)) * 64
    peer.send(data)
    assert host.lines() == ['+QIURC: "recv",0']
    assert len(peer.unread) == len(data) - 8192
    got = b""
    while len(got) < len(data):
        piece = host.read(0, 512)
        got += piece
        assert piece
    assert got == data
    assert host.read(0, 512) == b""


@pytest.mark.parametrize("dialect", KEYS)
def test_datagrams_beyond_the_buffer_are_dropped(dialect):
    host = NbHost(dialect)
    host.open(1, "UDP", local=5000)
    for number in range(20):
        host.network.datagram(5000, bytes((number,)) * 1000, "192.0.2.2", 8009)
    assert host.lines() == ['+QIURC: "recv",1', '+QIURC: "recv",1,"buff full"']
    assert host.module.counts["datagram dropped"] == 12
    for number in range(8):
        assert host.read(1, 512) == bytes((number,)) * 512
        assert host.read(1, 512) == bytes((number,)) * 488
    assert host.read(1, 512) == b""
    for number in range(70):
        host.network.datagram(5000, b"x", "192.0.2.2", 8009)
    assert host.lines() == ['+QIURC: "recv",1', '+QIURC: "recv",1,"buff full"']
    for _ in range(64):
        assert host.read(1, 512) == b"x"
    assert host.read(1, 512) == b""


@pytest.mark.parametrize("dialect", KEYS)
def test_the_peer_closes(dialect):
    host = NbHost(dialect)
    peer = host.open()
    peer.send(b"last words")
    peer.close()
    assert host.lines() == ['+QIURC: "recv",0', '+QIURC: "closed",0']
    state = {"bc95": 4, "bc92": 4}.get(dialect, 3)
    shown = '+QISTATE: 0,"TCP","192.0.2.2",8009,0,{},1,0'.format(state)
    assert host.ask("AT+QISTATE=1,0") == [shown, "OK"]
    host.refused('AT+QISEND=0,1,"a"', 567)
    assert host.read(0, 512) == b"last words"
    assert host.ask("AT+QICLOSE=0") == ["OK", "CLOSE OK"]
    assert host.ask("AT+QISTATE=1,0") == ["OK"]


@pytest.mark.parametrize("dialect", KEYS)
def test_a_failed_open_keeps_its_id(dialect):
    host = NbHost(dialect)
    host.network.refused.add(("192.0.2.9", 80))
    line = 'AT+QIOPEN=1,0,"TCP","192.0.2.9",80,0'
    assert host.ask(line) == ["OK", "+QIOPEN: 0,566"]
    assert host.ask("AT+QISTATE?") == ['+QISTATE: 0,"TCP","192.0.2.9",80,0,0,1,0', "OK"]
    host.refused(line, 563)
    assert host.ask("AT+QICLOSE=0") == ["OK", "CLOSE OK"]


@pytest.mark.parametrize("dialect", KEYS)
def test_a_close_that_takes_its_time(dialect):
    host = NbHost(dialect)
    peer = host.open()
    peer.stall()
    host.ask('AT+QISEND=0,1,"a"')
    assert host.ask("AT+QICLOSE=0") == ["OK"]
    assert host.ask("AT+QISTATE?") == ['+QISTATE: 0,"TCP","192.0.2.2",8009,0,3,1,0', "OK"]
    host.refused("AT+QICLOSE=0", 568)
    host.clock.advance(10)
    assert host.lines() == ["CLOSE OK"]


@pytest.mark.parametrize("dialect", KEYS)
def test_push(dialect):
    host = NbHost(dialect)
    peer = host.open(access=1)
    peer.send(b"\r\nOK\r\n")
    assert host.module.take() == b'\r\n+QIURC: "recv",0,6\r\n\r\nOK\r\n\r\n'
    host.ask('AT+QICFG="viewmode",1')
    peer.send(b"a,b")
    assert host.module.take() == b'\r\n+QIURC: "recv",0,3,a,b\r\n'
    assert host.ask("AT+QIRD=0,10") == ["+QIRD: 0", "OK"]


def test_local_ports_of_bc95():
    host = NbHost("bc95")
    host.open(local=1600)
    assert ",8009,1600,2," in host.ask("AT+QISTATE?")[0]
    host.ask("AT+QICLOSE=0")
    line = 'AT+QIOPEN=1,0,"TCP","192.0.2.2",80,1600,0'
    assert host.ask(line) == ["OK", "+QIOPEN: 0,574"]  # 2.2.1, note 4
    host.ask("AT+QICLOSE=0")
    host.clock.advance(120)
    assert host.ask(line) == ["OK", "+QIOPEN: 0,0"]


def test_protocol_types():
    host = NbHost("bc95")
    host.network.hosts["two.test"] = ["2001:db8::2", "192.0.2.2"]
    line = 'AT+QIOPEN=1,{},"TCP","{}",80,0,0,{}'
    for number, (address, kind) in enumerate(
        (("192.0.2.2", 0), ("2001:db8::2", 1), ("2001:db8::2", 2))
    ):
        assert host.ask(line.format(number, "two.test", kind))[-1].endswith(",0")
        assert '"{}"'.format(address) in host.ask("AT+QISTATE=1,{}".format(number))[0]
    assert host.ask(line.format(3, "2001:db8::2", 1))[-1] == "+QIOPEN: 3,0"
    host.refused(line.format(4, "192.0.2.2", 1), 552)
    assert host.ask(line.format(4, "192.0.2.2", 2))[-1] == "+QIOPEN: 4,0"
    host.network.hosts["four.test"] = ["192.0.2.2"]
    assert host.ask(line.format(5, "four.test", 1))[-1] == "+QIOPEN: 5,565"


def test_release_assistance():
    host = NbHost("bc95")
    host.open()
    assert host.ask('AT+QISEND=0,1,"a",1') == ["OK", "SEND OK"]
    assert host.ask('AT+QISENDEX=0,1,"61",2') == ["OK", "SEND OK"]
    assert (host.module.counts["rai 1"], host.module.counts["rai 2"]) == (1, 1)


@pytest.mark.parametrize("dialect", SERVERS)
def test_incoming(dialect):
    host = NbHost(dialect)
    host.listen()
    first = 2 if dialect == "bc25" else 1
    assert host.ask("AT+QISTATE?")[0] == (
        '+QISTATE: 0,"TCP LISTENER","{}",0,2020,2,1,0'.format(OWN_ADDRESS)
    )
    peer = host.network.incoming(2020, "198.51.100.7", 4000)
    assert host.lines() == ['+QIURC: "incoming",{},0,"198.51.100.7",4000'.format(first)]
    peer.send(b"hello")
    assert host.lines() == ['+QIURC: "recv",{}'.format(first)]
    assert host.read(first, 512) == b"hello"
    host.send(b"there", first)
    assert peer.received == b"there"
    state = '+QISTATE: {},"TCP INCOMING","198.51.100.7",4000,2020,2,1,0'.format(first)
    assert host.ask("AT+QISTATE=1,{}".format(first))[0] == state
    more = 0
    while host.network.incoming(2020, "198.51.100.8", 4001 + more):
        more += 1
    assert more == (0 if dialect == "bc92" else 4)
    assert host.lines()[-1] == '+QIURC: "incoming full"'


def test_the_number_of_incoming_connections_of_bc92():
    host = NbHost("bc92")
    host.ask("AT+CGACT=1,1")
    line = 'AT+QIOPEN=1,0,"TCP LISTENER","{}",0,2020,0,0,3'.format(OWN_ADDRESS)
    assert host.ask(line) == ["OK", "+QIOPEN: 0,0"]
    peers = [host.network.incoming(2020, "198.51.100.7", 4000 + at) for at in range(4)]
    assert [peer is None for peer in peers] == [False, False, False, True]
    assert host.lines()[-1] == '+QIURC: "incoming full"'
    host.ask("AT+QICLOSE=1")
    assert host.network.incoming(2020, "198.51.100.7", 4005)
    assert host.lines() == ['+QIURC: "incoming",1,0,"198.51.100.7",4005']


def test_a_transparent_connection_that_cannot_be_had():
    host = NbHost("bc92")
    host.network.refused.add(("192.0.2.9", 80))
    host.refused('AT+QIOPEN=1,0,"TCP","192.0.2.9",80,0,2', 566)
    assert host.ask("AT+QICLOSE=0") == ["OK", "CLOSE OK"]
    assert host.ask("ATO") == ["NO CARRIER"]


def test_a_transparent_connection_that_is_lost():
    host = NbHost("bc92")
    peer = host.open(access=2)
    peer.send(b"last words")
    peer.close()
    assert host.module.take() == b"last words\r\nNO CARRIER\r\n"
    assert host.ask("AT+QICLOSE=0") == ["OK", "CLOSE OK"]


def test_incoming_waits_for_the_line_before_it_is_transparent():
    host = NbHost("bc92", latency=0.1)
    host.clock.advance(1)
    host.lines()
    for line in (
        "AT+CGACT=1,1",
        'AT+QIOPEN=1,0,"TCP LISTENER","{}",0,2020,2'.format(OWN_ADDRESS),
    ):
        host.type(line)
        host.clock.advance(0.11)
    assert host.lines() == ["OK", "OK", "+QIOPEN: 0,0"]
    host.type("AT+CSQ")
    peer = host.network.incoming(2020, "198.51.100.7", 4000)
    peer.send(b"data")
    host.clock.advance(0.11)
    said = host.module.take()
    assert said.endswith(b'\r\nOK\r\n\r\n+QIURC: "incoming",1,0,"198.51.100.7",4000\r\ndata')
    host.module.feed(b"AT\r")
    host.clock.advance(1)
    assert peer.received == b"AT\r"


def test_one_incoming_connection_after_the_other_has_the_uart():
    host = NbHost("bc92")
    listen = 'AT+QIOPEN=1,0,"TCP LISTENER","{}",0,2020,2,0,{}'
    host.ask("AT+CGACT=1,1")
    host.refused(listen.format(OWN_ADDRESS, 2), 552)  # 2.2.1, note 6
    assert host.ask(listen.format(OWN_ADDRESS, 1)) == ["OK", "+QIOPEN: 0,0"]
    for port in (4000, 4001):
        peer = host.network.incoming(2020, "198.51.100.7", port)
        peer.send(b"data")
        told = b'\r\n+QIURC: "incoming",1,0,"198.51.100.7",%d\r\ndata' % port
        assert host.module.take() == told
        host.module.feed(b"reply")
        host.clock.advance(1)
        assert peer.received == b"reply"
        assert not host.network.incoming(2020, "198.51.100.8", 5000)  # one at a time
        assert host.module.take() == b""
        host.module.feed(b"+++")
        host.clock.advance(1)
        assert host.module.take() == b'\r\nOK\r\n\r\n+QIURC: "incoming full"\r\n'
        assert host.ask("AT+QICLOSE=1") == ["OK", "CLOSE OK"]


@pytest.mark.parametrize("dialect", KEYS)
def test_lost_coverage(dialect):
    host = NbHost(dialect)
    host.open(0)
    host.open(1, "UDP", local=5000)
    host.module.set_coverage(False)
    assert host.lines() == ['+QIURC: "closed",0']
    host.refused('AT+QISEND=1,1,"a"', 567)
    host.module.set_coverage(True)
    for number in (0, 1):
        assert host.ask("AT+QICLOSE={}".format(number)) == ["OK", "CLOSE OK"]
    host.open(0)


@pytest.mark.parametrize("dialect", KEYS)
def test_ping_that_fails(dialect):
    host = NbHost(dialect)
    unknown, lost = ("565", "569") if dialect == "bc20" else ("4", "1")
    assert host.ask('AT+QPING=1,"nowhere.test"') == ["OK", "+QPING: " + unknown]
    assert host.error() == 565
    host.network.pings["192.0.2.2"] = [None, None]
    assert host.ask('AT+QPING=1,"192.0.2.2",1,2,64') == ["OK"]
    host.clock.advance(3)
    last = "+QPING: {},2,0,2,0,0,0".format(lost)
    assert host.lines() == ["+QPING: " + lost] * 2 + [last]
    host.network.pings["192.0.2.2"] = [10, None]
    assert host.ask('AT+QPING=1,"192.0.2.2",1,2,64') == ["OK"]
    host.clock.advance(3)
    good, ip = ("0", '"192.0.2.2"') if dialect == "bc20" else ("2", "192.0.2.2")
    assert host.lines() == [
        "+QPING: 0,{},64,10,255".format(ip),
        "+QPING: " + lost,
        "+QPING: {},2,1,1,10,10,10".format(good),
    ]


@pytest.mark.parametrize("dialect", KEYS)
def test_time_that_fails(dialect):
    host = NbHost(dialect)
    unknown, lost = ("4", "2") if dialect in ("bc95", "bc92") else ("565", "569")
    assert host.ask('AT+QNTP=1,"nowhere.test"') == ["OK", "+QNTP: " + unknown]
    assert host.ask('AT+QNTP=1,"192.0.2.123"') == ["OK"]
    host.refused('AT+QNTP=1,"192.0.2.123"', 568)
    host.clock.advance(20)
    assert host.lines() == ["+QNTP: " + lost]


@pytest.mark.parametrize("dialect", KEYS)
def test_names(dialect):
    host = NbHost(dialect)
    found = ['+QIURC: "dnsgip",0,1,600', '+QIURC: "dnsgip","192.0.2.2"']
    assert host.ask('AT+QIDNSGIP=1,"example.com"') == ["OK", *found]
    assert host.ask('AT+QIDNSGIP=1,"nowhere.test"') == ["OK", '+QIURC: "dnsgip",565,0,0']
