"""The examples of the RGx00U&RM500U Series TCP/IP Application Note, chapter 3, and what it says
elsewhere of names, keepalive and settings, through the driver's own calls: cut everywhere, a byte
at a time, with echo, with URCs of another socket between lines."""

import errno

from conversations.rm500u import CONVERSATIONS
from examples import (
    chapter,
    in_no_time,
    in_use,
    line,
    lines,
    listener,
    play,
    play_once,
    pushed,
    refusal,
    tcp,
    times_out,
    wait_for,
)

from quectel.modes import direct
from quectel.services import forms

PEER = ("220.180.239.212", 8009)
UNSUPPORTED = errno.EOPNOTSUPP

# ---- where the driver says it otherwise ----

LOOK = [
    (">", "AT+CPIN?"),
    ("<", "+CPIN: READY"),
    ("<", "OK"),
    (">", "AT+CEREG?"),
    ("<", "+CEREG: 0,1"),
    ("<", "OK"),
    (">", "AT+QIACT?"),
    ("<", "OK"),
]
APN = line(
    "2.3.2 has one text less than the examples: user, password, then authentication",
    'AT+QICSGP=1,1,"UNINET","","","",0',
    'AT+QICSGP=1,1,"UNINET","","",0',
)
ACTIVATION = (
    "activated as 2.3.5 has it: the channel is free meanwhile",
    ((">", "AT+QIACT=1"), ("<", "OK")),
    ((">", "AT+QIACTEX=1"), ("<", "OK"), ("!", "+QIACTEX: 1,0")),
)
DEACTIVATION = (
    "deactivated as 2.3.6 has it: the channel is free meanwhile",
    ((">", "AT+QIDEACT=1"), ("<", "OK")),
    ((">", "AT+QIDEACTEX=1"), ("<", "OK"), ("!", "+QIDEACTEX: 1,0")),
)
CLIENTS = line(
    "the number of clients is stated",
    'AT+QIOPEN=1,1,"TCP LISTENER","127.0.0.1",0,2020,0',
    'AT+QIOPEN=1,1,"TCP LISTENER","127.0.0.1",0,2020,0,11',
)
NOTHING = ((">", "AT+QIRD=0,1500"), ("<", "+QIRD: 0"), ("<", "OK"))
IN_BUFFER_MODE = (
    "a socket is opened in buffer mode; transparent() switches an open one",
    ((">", 'AT+QIOPEN=1,0,"TCP","220.180.239.212",8009,0,2'), ("<", "CONNECT")),
    (
        (">", 'AT+QIOPEN=1,0,"TCP","220.180.239.212",8009,0,0'),
        ("<", "OK"),
        ("!", "+QIOPEN: 0,0"),
    )
    + NOTHING
    + ((">", "AT+QISWTMD=0,2"), ("<", "CONNECT")),
)
BUFFERED = lines(
    "the mode after +++ is not stated, so buffer mode is set",
    "AT+QICLOSE=0",
    (">", "AT+QISWTMD=0,0"),
    ("<", "OK"),
    (">", "AT+QICLOSE=0"),
)
PING = line(
    "time-out, count and size are stated",
    'AT+QPING=1,"www.baidu.com"',
    'AT+QPING=1,"www.baidu.com",4,4,32',
)


# ---- 3 Example ----


def test_context():
    def program(nic):
        nic.state = nic.STAT_IDLE
        nic.connect("UNINET")
        wait_for(nic, lambda: nic.status() != nic.STAT_CONNECTING)
        seen = [nic.isconnected(), nic.ipconfig("addr4")[0], nic.status("error")]
        nic.disconnect()
        return seen + [nic.isconnected()]

    script = LOOK + chapter(CONVERSATIONS, "3.1.", APN, ACTIVATION, DEACTIVATION)
    for model in ("RM500U", "RG500U", "RG200U"):
        outcome = (play if model == "RM500U" else play_once)(model, script, program)
        assert outcome == [True, "10.7.157.1", None, False]


def test_context_that_holds_the_channel():
    # With QIACT and QIDEACT, as the examples have it.
    def program(nic):
        nic.state = nic.STAT_IDLE
        nic.config(asynchronous=0)
        nic.connect("UNINET")
        wait_for(nic, lambda: nic.status() != nic.STAT_CONNECTING)
        seen = [nic.isconnected()]
        nic.disconnect()
        return seen

    assert play("RM500U", LOOK + chapter(CONVERSATIONS, "3.1.", APN), program) == [True]


def test_context_that_is_configured_already():
    # The answer of 2.3.2.1, with one text more than its syntax has: the access point is there.
    def program(nic):
        nic.state = nic.STAT_IDLE
        nic.connect("UNINET")
        wait_for(nic, lambda: nic.status() != nic.STAT_CONNECTING)
        return nic.isconnected(), nic.ipconfig("addr4")[0]

    script = LOOK[:-1] + [("<", '+QIACT: 1,1,1,"10.7.157.1"'), ("<", "OK")]
    script += [(">", "AT+QICSGP=1"), ("<", '+QICSGP: 1,"UNINET","","","",0'), ("<", "OK")]
    assert play("RM500U", script, program) == (True, "10.7.157.1")


def test_context_query():
    script = chapter(CONVERSATIONS, "2.3.2.1")
    outcome = play("RM500U", script, lambda nic: tuple(nic.config("qicsgp")))
    assert outcome == (1, "", "", "", 0)


def test_context_line_as_printed():
    script = chapter(CONVERSATIONS, "2.3.2.2")
    assert play("RM500U", script, lambda nic: nic.command(script[0][1])) == []


def test_client_in_buffer_mode():
    def program(nic):
        s = tcp(nic, PEER)
        seen = [tuple(nic.netstat(0)[0])]
        seen += [forms.send(s, b"test1", "ctrl-z"), s.send(b"test"), s.acked(), s.recv(1500)]
        nic.config(recvind=1)
        buf = bytearray(1500)
        seen += [bytes(buf[: s.recv_into(buf)]), times_out(s.recv_into, buf)]
        seen.append(forms.received(s))
        s.close()
        return seen

    state = (0, "TCP") + PEER + (65514, "connected", 1, None, 0, "usbmodem")
    outcome = play("RM500U", chapter(CONVERSATIONS, "3.2."), program, beside=True)
    assert outcome == [
        state,
        5,
        4,
        (9, 9, 0),
        b"test1",
        b"test1",
        True,
        (10, 10, 0),
    ]


def test_transparent_mode():
    def program(nic):
        s = tcp(nic, PEER)
        with s.transparent() as raw:
            seen = [raw.write(b"Test 1"), raw.read(6)]
        s.close()
        return seen

    script = chapter(CONVERSATIONS, "3.3.", IN_BUFFER_MODE, BUFFERED)
    assert play("RM500U", script, program) == [6, b"Test 1"]


def test_transparent_mode_from_the_first_byte():
    def program(nic):
        s = nic.socket()
        with direct.open(s, PEER) as raw:
            seen = [raw.write(b"Test 1"), raw.read(6)]
        s.close()
        return seen

    assert play("RM500U", chapter(CONVERSATIONS, "3.3.", BUFFERED), program) == [6, b"Test 1"]


def test_client_in_push_mode():
    def program(nic):
        s = pushed(nic, PEER)
        seen = [nic.netstat(0)[0].access_mode]
        seen.append(forms.send(s, b"test1", "ctrl-z"))
        seen += [s.send(b"test2"), s.acked(), s.recv(1500), s.lost]
        s.close()
        return seen

    outcome = play("RM500U", chapter(CONVERSATIONS, "3.4."), program, beside=True)
    assert outcome == [1, 5, 5, (10, 10, 0), b"test", 0]


def test_server():
    # 2.3.7, note 3: the call mode first. It is in no example.
    def program(nic):
        in_use(nic, 1)
        nic.config(nat=1)
        s = listener(nic, 2020)
        seen = [tuple(nic.config("qistate")[0])]
        client, peer = s.accept()
        client.settimeout(0.1)
        seen += [peer, client.recv(1500), times_out(client.recv, 1500)]
        seen.append(forms.received(client))
        client.close()
        s.close()
        return seen

    script = [(">", 'AT+QCFG="nat",1'), ("<", "OK")]
    script += chapter(CONVERSATIONS, "3.5.", CLIENTS)
    state = (1, "TCP LISTENER", "127.0.0.1", 0, 2020, "listening", 1, None, 0, "usbmodem")
    outcome = play("RM500U", script, program, beside=True)
    assert outcome == [state, ("172.31.242.222", 54091), b"test", True, (4, 4, 0)]


def test_udp_service():
    def program(nic):
        in_use(nic, 2)
        s = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
        s.settimeout(0.1)
        s.bind(("", 3030))
        seen = [tuple(nic.config("qistate")[0])]
        seen.append(s.sendto(b"1234567890", ("10.7.89.10", 6969)))
        seen += [s.recvfrom(1500), times_out(s.recvfrom, 1500)]
        seen.append(s.sendto(b"1234567890", ("10.7.76.34", 7687)))
        s.close()
        return seen

    state = (2, "UDP SERVICE", "127.0.0.1", 0, 3030, "connected", 1, None, 0, "usbmodem")
    outcome = play("RM500U", chapter(CONVERSATIONS, "3.6."), program, beside=True)
    assert outcome == [state, 10, (b"AAAA", ("10.7.76.34", 7687)), True, 10]


def test_ping():
    script = chapter(CONVERSATIONS, "3.7.", PING)
    outcome = play("RM500U", script, lambda nic: tuple(nic.ping("www.baidu.com")))
    replies = [("61.135.169.125", 32, ms, 255) for ms in (192, 240, 241, 479)]
    assert outcome == (4, 4, 0, 192, 479, 288, replies)


def test_errors():
    def program(nic):
        printed = 'AT+QIOPEN=1,"TCP","220.180.239.212",8009,0,1'
        seen = [refusal(nic.command, printed), nic.error()]
        return seen + [refusal(nic.socket().connect, PEER), refusal(nic.socket().connect, PEER)]

    error = [(">", "AT+QIGETERROR"), ("<", "+QIGETERROR: 552, invalid parameters"), ("<", "OK")]
    opening = (">", 'AT+QIOPEN=1,0,"TCP","220.180.239.212",8009,0,0')
    close = chapter(CONVERSATIONS, "3.2.4")
    script = chapter(CONVERSATIONS, "3.8.") + error + [opening, ("<", "ERROR")] + error + close
    # 2.3: a refusal may bring its number itself.
    script += [opening, ("<", "+CME ERROR: 552")] + close
    refused = (errno.EINVAL, 552)
    outcome = play("RM500U", script, program)
    assert outcome == [refused, (552, "invalid parameters"), refused, refused]


# ---- 2.3.1, 2.3.13, 2.3.14: in no example; and what the note does not have ----


def test_ping_in_vain():
    def program(nic):
        lost = nic.ping("192.0.2.9", count=2, size=1000)
        return tuple(lost), in_no_time(refusal, nic.ping, "none.example")

    script = [
        (">", 'AT+QPING=1,"192.0.2.9",4,2,1000'),
        ("<", "OK"),
        ("!", "+QPING: 569"),
        ("!", '+QPING: 0,"192.0.2.9",1000,90,64'),
        ("!", "+QPING: 0,2,1,1,90,90,90"),
        (">", 'AT+QPING=1,"none.example",4,4,32'),
        ("<", "OK"),
        ("!", "+QPING: 565"),
    ]
    lost = (2, 1, 1, 90, 90, 90, [569, ("192.0.2.9", 1000, 90, 64)])
    assert play("RM500U", script, program) == (lost, (errno.EHOSTUNREACH, 565))


def test_names():
    # There is no AT+QIDNSGIP: a ping of one packet gives the address.
    def program(nic):
        return nic.resolve("www.baidu.com"), refusal(nic.resolve, "none.example")

    script = [
        (">", 'AT+QPING=1,"www.baidu.com",4,1,32'),
        ("<", "OK"),
        ("!", '+QPING: 0,"61.135.169.125",32,192,255'),
        ("!", "+QPING: 0,1,1,0,192,192,192"),
        (">", 'AT+QPING=1,"none.example",4,1,32'),
        ("<", "OK"),
        ("!", "+QPING: 565"),
    ]
    outcome = play("RM500U", script, program)
    assert outcome == (["61.135.169.125"], (errno.EHOSTUNREACH, 565))


def test_settings():
    def program(nic):
        nic.config(keepalive=(600, 30, 5))
        seen = [nic.config("keepalive")]
        nic.config(keepalive=None)
        nic.config(**{"dns/cache": 1})
        nic.ipconfig(dns="192.0.2.53")
        seen.append(nic.config("qidnscfg"))
        return seen + [refusal(nic.ntp, "ntp.example")[0], refusal(nic.config, "qcscon")[0]]

    script = [
        (">", 'AT+QICFG="tcp/keepalive",1,600,30,5'),
        ("<", "OK"),
        (">", 'AT+QICFG="tcp/keepalive"'),
        ("<", '+QICFG: "tcp/keepalive",1,600,30,5'),
        ("<", "OK"),
        (">", 'AT+QICFG="tcp/keepalive",0'),
        ("<", "OK"),
        (">", 'AT+QICFG="dns/cache",1'),
        ("<", "OK"),
        (">", 'AT+QIDNSCFG=1,"192.0.2.53"'),
        ("<", "OK"),
        (">", "AT+QIDNSCFG=1"),
        ("<", '+QIDNSCFG: 1,"192.0.2.53","192.0.2.54"'),
        ("<", "OK"),
    ]
    servers = ("192.0.2.53", "192.0.2.54")
    outcome = play("RM500U", script, program)
    assert outcome == [(600, 30, 5), servers, UNSUPPORTED, UNSUPPORTED]
