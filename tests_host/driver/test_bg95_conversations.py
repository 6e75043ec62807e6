"""The examples of the BG95-S5 TCP/IP Application Note, chapters 2.3.1 and 3, and what it says
elsewhere of names and settings, through the driver's own calls: cut everywhere, a byte at a time,
with echo, with URCs of another socket between lines."""

import errno

import virtual_time
from conversations.bg95 import CONVERSATIONS, IPV6
from examples import (
    chapter,
    in_no_time,
    in_use,
    line,
    lines,
    listener,
    play,
    pushed,
    refusal,
    tcp,
    times_out,
    wait_for,
)

from quectel.modes import direct
from quectel.services import forms

PEER = ("192.0.2.2", 8009)
UNSUPPORTED = errno.EOPNOTSUPP

# ---- where the driver says it otherwise ----

# 2.3 and Figure 1: what comes before the context's commands.
LOOK = [
    (">", "AT+CPIN?"),
    ("<", "+CPIN: READY"),
    ("<", "OK"),
    (">", "AT+CEREG?"),
    ("<", "+CEREG: 0,5"),
    ("<", "OK"),
    (">", "AT+QIACT?"),
    ("<", "OK"),
]
IN_BUFFER_MODE = (
    "a socket is opened in buffer mode; transparent() switches an open one",
    ((">", 'AT+QIOPEN=1,0,"TCP","192.0.2.2",8009,0,2'), ("<", "CONNECT")),
    (
        (">", 'AT+QIOPEN=1,0,"TCP","192.0.2.2",8009,0,0'),
        ("<", "OK"),
        ("!", "+QIOPEN: 0,0"),
        (">", "AT+QIRD=0,1500"),
        ("<", "+QIRD: 0"),
        ("<", "OK"),
        (">", "AT+QISWTMD=0,2"),
        ("<", "CONNECT"),
    ),
)
READ_FIRST = lines(
    "what the module holds is read before it is switched",
    "AT+QISWTMD=11,2",
    (">", "AT+QIRD=11,1500"),
    ("<", "+QIRD: 0"),
    ("<", "OK"),
    (">", "AT+QISWTMD=11,2"),
)
DEFAULTS = line(
    "local port and access mode are stated",
    'AT+QIOPEN=1,0,"UDP","192.0.2.2",8009',
    'AT+QIOPEN=1,0,"UDP","192.0.2.2",8009,0,0',
)
PING = line(
    "time-out and count are stated",
    'AT+QPING=1,"www.example.com"',
    'AT+QPING=1,"www.example.com",4,4',
)
PING_IPV6 = line(
    PING[0],
    'AT+QPING=1,"%s"' % IPV6,
    'AT+QPING=1,"%s",4,4' % IPV6,
)
TIME = line(
    "the setting of the clock is stated",
    'AT+QNTP=1,"192.0.2.2",123',
    'AT+QNTP=1,"192.0.2.2",123,1',
)


# ---- 3.1 contexts ----


def test_context():
    def program(nic):
        nic.state = nic.STAT_IDLE
        nic.connect("CMNBIOT")
        wait_for(nic, lambda: nic.status() != nic.STAT_CONNECTING)
        seen = [nic.isconnected(), nic.ipconfig("addr4"), nic.status("error")]
        nic.disconnect()
        return seen + [nic.isconnected()]

    script = LOOK + chapter(CONVERSATIONS, "3.1.")
    outcome = play("BG95S5", script, program)
    assert outcome == [True, ("10.7.157.1", "255.255.255.255"), None, False]


def test_context_query():
    script = chapter(CONVERSATIONS, "2.3.1.1")
    outcome = play("BG95S5", script, lambda nic: tuple(nic.config("qicsgp")))
    assert outcome == (1, "", "", "", 0)


def test_a_context_with_another_access_point():
    # 2.3.1: an active context is deactivated before it is configured.
    def program(nic):
        nic.state = nic.STAT_IDLE
        nic.connect("CMNBIOT")
        wait_for(nic, lambda: nic.status() != nic.STAT_CONNECTING)
        return nic.isconnected()

    script = LOOK[:-1] + [("<", '+QIACT: 1,1,1,"10.7.157.1"'), ("<", "OK")]
    script += chapter(CONVERSATIONS, "2.3.1.1") + chapter(CONVERSATIONS, "3.1.3")
    script += chapter(CONVERSATIONS, "2.3.1.2") + chapter(CONVERSATIONS, "3.1.2")
    assert play("BG95S5", script, program) is True


# ---- 3.2, 3.3 TCP clients in buffer mode ----


def _client(nic, address, local_port):
    s = tcp(nic, address)
    seen = [tuple(nic.netstat(0)[0])]
    seen += [forms.send(s, b"test1", "ctrl-z"), s.send(b"test"), s.acked()]
    seen += [forms.send(s, b"12345", "line", True), s.acked()]
    seen += [s.recv(1500), times_out(s.recv, 1500), forms.received(s)]
    s.close()
    state = (0, "TCP") + address + (local_port, "connected", 1, None, 0, "usbmodem")
    after = [state, 5, 4, (9, 9, 0), 5, (14, 14, 0), b"test1", True, (5, 5, 0)]
    assert seen == after, seen
    return seen


def test_tcp_client_ipv4():
    script = chapter(CONVERSATIONS, "3.2.")
    play("BG95S5", script, lambda nic: _client(nic, PEER, 65514), apart=0)


def test_tcp_client_ipv6():
    script = chapter(CONVERSATIONS, "3.3.")
    play("BG95S5", script, lambda nic: _client(nic, (IPV6, 5001), 11921), beside=True)


def test_raw_read_returns_the_payload():
    def program(nic):
        first = nic.command("AT+QIRD=0,1500")
        return [bytes(x) if not isinstance(x, str) else x for x in first]

    script = [(">", "AT+QIRD=0,1500"), ("<", "+QIRD: 8"), ("<<", b"\r\nOK\r\n>>"), ("<", "OK")]
    assert play("BG95S5", script, program, apart=0) == ["+QIRD: 8", b"\r\nOK\r\n>>"]


# ---- 3.4 transparent mode, 3.5 push mode ----


def test_transparent_mode():
    def program(nic):
        s = tcp(nic, PEER)
        with s.transparent() as raw:
            seen = [raw.write(b"Test 1"), raw.read(6)]
        s.close()
        return seen

    script = chapter(CONVERSATIONS, "3.4.", IN_BUFFER_MODE)
    assert play("BG95S5", script, program) == [6, b"Test 1"]


def test_transparent_mode_from_the_first_byte():
    def program(nic):
        s = nic.socket()
        with direct.open(s, PEER) as raw:
            seen = [raw.write(b"Test 1"), raw.read(6)]
        s.close()
        return seen

    assert play("BG95S5", chapter(CONVERSATIONS, "3.4."), program) == [6, b"Test 1"]


def test_push_mode():
    def program(nic):
        s = pushed(nic, PEER)
        seen = [nic.netstat(0)[0].access_mode]
        seen.append(forms.send(s, b"test1", "ctrl-z"))
        seen += [s.send(b"test2"), s.acked(), s.recv(1500), s.lost]
        s.close()
        return seen

    outcome = play("BG95S5", chapter(CONVERSATIONS, "3.5."), program, beside=True)
    assert outcome == [1, 5, 5, (10, 10, 0), b"test", 0]


# ---- 3.6, 3.7 TCP servers, 3.8, 3.9 UDP services ----


def _server(nic, port, af, transparent):
    in_use(nic, 1)
    s = listener(nic, port, af)
    seen = [tuple(nic.config("qistate")[0])[2:6]]
    client, peer = s.accept()
    client.settimeout(0.1)
    seen += [peer, client.recv(1500), times_out(client.recv, 1500)]
    seen.append(forms.received(client))
    if transparent:
        with client.transparent() as raw:
            seen.append(raw.write(b"1234567890"))
    client.close()
    s.close()
    return seen


def test_server():
    def program(nic):
        return _server(nic, 2020, nic.AF_INET, False)

    outcome = play("BG95S5", chapter(CONVERSATIONS, "3.6."), program, beside=True)
    peer = ("172.31.242.222", 54091)
    state = ("10.7.157.1", 0, 2020, "listening")
    assert outcome == [state, peer, b"test", True, (4, 4, 0)]


def test_server_ipv6_and_its_client_in_transparent_mode():
    def program(nic):
        return _server(nic, 12345, nic.AF_INET6, True)

    script = chapter(CONVERSATIONS, "3.7.", READ_FIRST)
    state = (IPV6, 0, 12345, "listening")
    peer = (IPV6, 54091)
    outcome = play("BG95S5", script, program)
    assert outcome == [state, peer, b"test", True, (4, 4, 0), 10]


def _service(nic, port, af):
    in_use(nic, 2)
    s = nic.socket(af, nic.SOCK_DGRAM)
    s.settimeout(0.1)
    s.bind(("", port))
    return s, [tuple(nic.config("qistate")[0])[2:6]]


def test_udp_service():
    def program(nic):
        s, seen = _service(nic, 3030, nic.AF_INET)
        seen += [s.recvfrom(1500), times_out(s.recvfrom, 1500)]
        seen.append(s.sendto(b"1234567890", ("10.7.76.34", 7687)))
        seen.append(s.sendto(b"1234567890", ("10.7.89.10", 6969)))
        s.close()
        return seen

    outcome = play("BG95S5", chapter(CONVERSATIONS, "3.8."), program, beside=True)
    state = ("10.7.157.1", 0, 3030, "connected")
    assert outcome == [state, (b"AAAA", ("10.7.76.34", 7687)), True, 10, 10]


def test_udp_service_ipv6():
    def program(nic):
        s, seen = _service(nic, 12345, nic.AF_INET6)
        seen.append(s.sendto(b"1234567890", (IPV6, 5001)))
        seen += [s.recvfrom(1500), times_out(s.recvfrom, 1500)]
        s.close()
        return seen

    outcome = play("BG95S5", chapter(CONVERSATIONS, "3.9."), program)
    state = (IPV6, 0, 12345, "connected")
    assert outcome == [state, 10, (b"AAAA", (IPV6, 5001)), True]


# ---- 3.10 release assistance ----


def test_udp_client_with_release_assistance():
    def program(nic):
        states = []
        nic.on_urc("+QCSCON", states.append)
        s = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
        s.settimeout(0.1)
        s.connect(PEER)
        nic.config(qcscon=1)
        seen = [forms.send(s, b"123", "line", True, 0)]
        for rai in (1, 2):
            wait_for(nic, lambda: len(states) == 2 * rai)
            s.setsockopt(nic.SOL_QUECTEL, nic.RAI, rai)
            seen.append(s.send(b"123"))
        wait_for(nic, lambda: len(states) == 6)
        s.close()
        return seen + states

    script = chapter(CONVERSATIONS, "3.10.", DEFAULTS)
    outcome = play("BG95S5", script, program, beside=True)
    assert outcome == [3, 3, 3] + ["+QCSCON: 1,1", "+QCSCON: 1,0"] * 3


# ---- 3.11 ping, 3.12 time, 3.13 errors ----


def test_ping():
    replies = [("192.0.2.2", 32, ms, 255) for ms in (192, 240, 241, 479)]
    script = chapter(CONVERSATIONS, "3.11.1", PING)
    outcome = play("BG95S5", script, lambda nic: tuple(nic.ping("www.example.com")))
    assert outcome == (4, 4, 0, 192, 479, 287, replies)


def test_ping_ipv6():
    replies = [(IPV6, 32, ms, 255) for ms in (58, 49, 39, 40)]
    script = chapter(CONVERSATIONS, "3.11.2", PING_IPV6)
    outcome = play("BG95S5", script, lambda nic: tuple(nic.ping(IPV6)))
    assert outcome == (4, 4, 0, 39, 58, 46, replies)


def test_ping_in_vain():
    # 2.3.11, and the codes of chapter 4.
    def program(nic):
        return tuple(nic.ping("192.0.2.9", count=2)), in_no_time(refusal, nic.ping, "none.example")

    script = [
        (">", 'AT+QPING=1,"192.0.2.9",4,2'),
        ("<", "OK"),
        ("!", "+QPING: 569"),
        ("!", '+QPING: 0,"192.0.2.9",32,90,64'),
        ("!", "+QPING: 0,2,1,1,90,90,90"),
        (">", 'AT+QPING=1,"none.example",4,4'),
        ("<", "OK"),
        ("!", "+QPING: 565"),
    ]
    lost = (2, 1, 1, 90, 90, 90, [569, ("192.0.2.9", 32, 90, 64)])
    assert play("BG95S5", script, program) == (lost, (errno.EHOSTUNREACH, 565))


def test_time():
    def program(nic):
        nic.dialect.choose(
            "TELLS_LOCAL", True
        )  # as the conversation is read here: it does not say
        asked = nic.ntp("192.0.2.2")
        virtual_time.clock.sleep_ms(100)  # the example's 47 s
        return asked, nic.clock()

    outcome = play("BG95S5", chapter(CONVERSATIONS, "3.12.", TIME), program)
    assert outcome == (
        (2013, 8, 19, 3, 10, 10, 0, 231),
        (2013, 8, 19, 3, 10, 57, 0, 231),
    )


def test_errors():
    def program(nic):
        printed = 'AT+QIOPEN=1,"TCP","192.0.2.2",8009,0,1'
        seen = [refusal(nic.command, printed), nic.error()]
        return seen + [refusal(nic.socket().connect, PEER)]

    error = chapter(CONVERSATIONS, "3.13.")[2:]
    opening = [(">", 'AT+QIOPEN=1,0,"TCP","192.0.2.2",8009,0,0'), ("<", "ERROR")]
    script = chapter(CONVERSATIONS, "3.13.") + error + opening + error
    script += chapter(CONVERSATIONS, "3.2.4")
    refused = (errno.EINVAL, 552)
    outcome = play("BG95S5", script, program)
    assert outcome == [refused, (552, "invalid parameters"), refused]


# ---- 2.3.13 to 2.3.15: in no example ----


def test_names():
    def program(nic):
        return nic.resolve("two.example"), refusal(nic.resolve, "none.example")

    script = [
        (">", 'AT+QIDNSGIP=1,"two.example"'),
        ("<", "OK"),
        ("!", '+QIURC: "dnsgip",0,2,600'),
        ("!", '+QIURC: "dnsgip","192.0.2.1"'),
        ("!", '+QIURC: "dnsgip","%s"' % IPV6),
        (">", 'AT+QIDNSGIP=1,"none.example"'),
        ("<", "OK"),
        ("!", '+QIURC: "dnsgip",565'),
    ]
    outcome = play("BG95S5", script, program)
    assert outcome == (["192.0.2.1", IPV6], (errno.EHOSTUNREACH, 565))


def test_settings():
    def program(nic):
        nic.config(keepalive=(600, 30, 5))
        seen = [nic.config("keepalive")]
        nic.config(keepalive=None)
        nic.ipconfig(dns=("192.0.2.53", "192.0.2.54"))
        seen.append(nic.config("qidnscfg"))
        return seen + [refusal(nic.config, "showlength")[0]]

    script = [
        (">", 'AT+QICFG="tcp/keepalive",1,10,30,5'),  # minutes
        ("<", "OK"),
        (">", 'AT+QICFG="tcp/keepalive"'),
        ("<", '+QICFG: "tcp/keepalive",1,10,30,5'),
        ("<", "OK"),
        (">", 'AT+QICFG="tcp/keepalive",0'),
        ("<", "OK"),
        (">", 'AT+QIDNSCFG=1,"192.0.2.53","192.0.2.54"'),
        ("<", "OK"),
        (">", "AT+QIDNSCFG=1"),
        ("<", '+QIDNSCFG: 1,"192.0.2.53","192.0.2.54"'),
        ("<", "OK"),
    ]
    servers = ("192.0.2.53", "192.0.2.54")
    assert play("BG95S5", script, program) == [(600, 30, 5), servers, UNSUPPORTED]
