"""The examples of the BC65&BC92&BC95-GR TCP/IP Application Note, chapter 4, and what it says
elsewhere of BC92's transparent mode, release assistance, settings and names, through the driver's
own calls: cut everywhere, a byte at a time, with echo, with URCs of another socket between lines.
"""

import errno

import narrow_band
from conversations.bc95 import CONVERSATIONS
from examples import (
    chapter,
    in_no_time,
    line,
    lines,
    listener,
    play,
    play_once,
    refusal,
    tcp,
    wait_for,
)
from narrow_band import PROMPTS, READ_ALL, READS, by_prompt, in_line

from quectel.modes import direct

PEER = ("220.18.39.22", 8062)
UNSUPPORTED = errno.EOPNOTSUPP

# ---- where the driver says it otherwise ----

SIM = lines(
    "the SIM is looked at first",
    "AT+CGATT?",
    (">", "AT+CPIN?"),
    ("<", "+CPIN: READY"),
    ("<", "OK"),
    (">", "AT+CGATT?"),
)
ONE_BY_ONE = narrow_band.one_by_one('AT+QISEND=0,10,"1234567890"')
HOLE = narrow_band.hole(PEER, 1234)
ACTIVE = lines(
    "a context that is active already is left alone: the driver asks",
    "AT+CGACT=1,1",
    (">", "AT+CGACT?"),
    ("<", "+CGACT: 1,0"),
    ("<", "OK"),
    (">", "AT+CGACT=1,1"),
)


# ---- 4 Examples ----


def test_client_in_buffer_mode():
    def program(nic):
        nic.state = nic.STAT_IDLE
        nic.connect()
        wait_for(nic, nic.isconnected)
        seen = [nic.ipconfig("addr4")[0]]
        return seen + narrow_band.buffer_client(nic, PEER, 1234)

    script = chapter(CONVERSATIONS, "4.1.", SIM, ONE_BY_ONE, READ_ALL, HOLE, *PROMPTS)
    outcome = ["100.127.243.105"] + narrow_band.after_buffer_client(PEER, 1234)
    assert play("BC95GR", script, program, **READS) == outcome
    for model in ("BC65", "BC92"):
        assert play_once(model, script, program, **READS) == outcome


def test_client_in_buffer_mode_that_sends_as_printed():
    def program(nic):
        return narrow_band.buffer_client(nic, PEER, 1234, in_line)

    script = chapter(CONVERSATIONS, "4.1.", ONE_BY_ONE, READ_ALL, HOLE)[6:]  # behind AT+CGPADDR?
    outcome = narrow_band.after_buffer_client(PEER, 1234)
    assert play("BC95GR", script, program, **READS) == outcome


def test_a_send_that_is_refused():
    taken = [("<prompt", "> "), (">>", b"1234567890")]
    script = narrow_band.refused_send_script("AT+QISEND=0,10", taken)
    assert play("BC95GR", script, narrow_band.refused_send, beside=True) == [True, 568, 10]


def test_client_in_push_mode():
    for changes, text in ((PROMPTS, by_prompt), ((), in_line)):

        def program(nic):
            return narrow_band.push_client(nic, PEER, text)

        script = chapter(CONVERSATIONS, "4.2.", *changes)
        assert play("BC95GR", script, program) == narrow_band.AFTER_PUSH_CLIENT


def test_server():
    def program(nic):
        nic.address = ["192.168.2.6"]
        s = listener(nic, 2020)
        return [tuple(nic.config("qistate")[0])] + narrow_band.server(s)

    script = chapter(CONVERSATIONS, "4.3.", ACTIVE)
    state = (0, "TCP LISTENER", "192.168.2.6", 1, 2020, "connected", 1, None, 0, None)
    assert (
        play("BC95GR", script, program, beside=True, **READS) == [state] + narrow_band.AFTER_SERVER
    )


def test_ping():
    script = chapter(CONVERSATIONS, "4.4.", narrow_band.ping("sh.quectel.com"))
    outcome = play("BC95GR", script, lambda nic: tuple(nic.ping("sh.quectel.com")))
    replies = [("220.18.23.21", 32, ms, 255) for ms in (192, 240, 241, 479)]
    assert outcome == (4, 4, 0, 192, 479, 287, replies)


def test_ping_in_vain():
    # The codes of chapter 3, "Summary of Ping Result Codes".
    def program(nic):
        lost = nic.ping("192.0.2.9", count=2)
        return (
            tuple(lost),
            in_no_time(refusal, nic.ping, "none.example"),
            refusal(nic.ping, "192.0.2.9")[1],
        )

    script = [
        (">", 'AT+QPING=1,"192.0.2.9",4,2,32'),
        ("<", "OK"),
        ("!", "+QPING: 0,192.0.2.9,32,90,64"),
        ("!", "+QPING: 1"),
        ("!", "+QPING: 2,2,1,1,90,90,90"),
        (">", 'AT+QPING=1,"none.example",4,4,32'),
        ("<", "OK"),
        ("!", "+QPING: 4"),
        (">", 'AT+QPING=1,"192.0.2.9",4,4,32'),
        ("<", "OK"),
        ("!", "+QPING: 5"),
    ]
    lost = (2, 1, 1, 90, 90, 90, [("192.0.2.9", 32, 90, 64), 1])
    assert play("BC95GR", script, program) == (lost, (errno.EHOSTUNREACH, 4), 5)


def test_time():
    usual, printed = '+QNTP: 0,"2018/04/20,11:08:20+32"', '+QNTTP: 0,"2018/04/20,11:08:20+32"'
    misprint = ("the answer's name in print", (("!", usual),), (("!", printed),))
    for changes in ((narrow_band.time(),), (narrow_band.time(), misprint)):
        script = chapter(CONVERSATIONS, "4.5.", *changes)
        outcome = play("BC95GR", script, narrow_band.ask_time)
        assert outcome == (2018, 4, 20, 3, 8, 20, 4, 110)


def test_errors():
    def program(nic):
        printed = 'AT+QIOPEN=1,"UDP","220.18.39.22",8063,0,1'
        return narrow_band.refused(nic, printed, ("220.18.39.22", 8063))

    opening = 'AT+QIOPEN=1,0,"UDP","220.18.39.22",8063,0,0'
    example = chapter(CONVERSATIONS, "4.6.")
    script = narrow_band.refused_script(example, opening, "invalid parameters")
    assert play("BC95GR", script, program) == narrow_band.AFTER_REFUSED


# ---- 1.2, 2.2.7, 2.3.5: BC92's transparent mode ----

NOTHING = ((">", "AT+QIRD=0,1024"), ("<", "+QIRD: 0"), ("<", "OK"))
BUFFERED = ((">", "AT+QISWTMD=0,0"), ("<", "OK"))
IN_BUFFER_MODE = (
    "a socket is opened in buffer mode; transparent() switches an open one",
    (
        (">", 'AT+QIOPEN=1,0,"TCP","220.18.39.22",8062,0,2'),
        ("<", "OK"),
        ("<", "CONNECT"),
    ),
    (
        (">", 'AT+QIOPEN=1,0,"TCP","220.18.39.22",8062,0,0'),
        ("<", "OK"),
        ("!", "+QIOPEN: 0,0"),
    )
    + NOTHING
    + ((">", "AT+QISWTMD=0,2"), ("<", "OK"), ("<", "CONNECT")),
)
_LEFT = ((">>", b"+++"), ("wait", 0.5), ("<", "OK"))
ATO_FIRST = (
    "the mode after +++ is not stated, so buffer mode is set; the way back is ATO, if it goes",
    _LEFT + ((">", "AT+QISWTMD=0,2"), ("<", "OK"), ("<", "CONNECT"), ("wait", 0.5)),
    _LEFT
    + BUFFERED
    + NOTHING
    + ((">", "ATO"), ("<", "NO CARRIER"))
    + NOTHING
    + ((">", "AT+QISWTMD=0,2"), ("<", "OK"), ("<", "CONNECT"), ("wait", 0.5)),
)
ATO = (
    ATO_FIRST[0],
    _LEFT + ((">", "ATO"), ("<", "CONNECT")),
    _LEFT + BUFFERED + NOTHING + ((">", "ATO"), ("<", "CONNECT")),
)
AT_LAST = (
    ATO_FIRST[0],
    _LEFT + ((">", "AT+QICLOSE=0"),),
    _LEFT + BUFFERED + ((">", "AT+QICLOSE=0"),),
)


def test_transparent_mode():
    def program(nic):
        s = tcp(nic, PEER)
        with s.transparent() as raw:
            seen = [raw.write(b"Test 1"), raw.read(6)]
        for _ in range(2):
            with s.transparent() as raw:
                seen.append(raw.ioctl(3, 1))
        s.close()
        return seen

    script = chapter(CONVERSATIONS, "1.2.1", IN_BUFFER_MODE, ATO_FIRST, ATO, AT_LAST)
    assert play("BC92", script, program) == [6, b"Test 2", 0, 0]


def test_transparent_mode_from_the_first_byte():
    def program(nic):
        s = nic.socket()
        s.settimeout(0.1)
        with direct.open(s, PEER) as raw:
            seen = [raw.write(b"Test 1"), raw.read(6)]
        for _ in range(2):
            with s.transparent() as raw:
                seen.append(raw.ioctl(3, 1))
        s.close()
        return seen

    script = chapter(CONVERSATIONS, "1.2.1", ATO_FIRST, ATO, AT_LAST)
    assert play("BC92", script, program) == [6, b"Test 2", 0, 0]


def test_incoming_to_transparent_mode():
    def program(nic):
        nic.address = ["192.168.2.6"]
        s = nic.socket()
        s.bind(("", 2020))
        direct.listen(s)
        client, peer = s.accept()
        with client.transparent() as raw:
            seen = [peer, raw.read(4), raw.write(b"reply")]
        client.close()
        s.close()
        return seen

    opening = line(
        "the remote port is that of 4.3.1",
        'AT+QIOPEN=1,0,"TCP LISTENER","192.168.2.6",0,2020,2,0,1',
        'AT+QIOPEN=1,0,"TCP LISTENER","192.168.2.6",1,2020,2,0,1',
    )
    script = chapter(CONVERSATIONS, "2.3.5", ACTIVE, opening)
    script += [(">", "AT+QISWTMD=1,0"), ("<", "OK")] + chapter(CONVERSATIONS, "4.3.4")
    assert play("BC92", script, program) == [("192.168.2.2", 36566), b"test", 5]


# ---- 2.2.5, 2.2.10 to 2.2.13: in no example ----


def test_release_assistance():
    def program(nic):
        s = tcp(nic, PEER)
        s.setsockopt(nic.SOL_QUECTEL, nic.RAI, 1)
        seen = [s.send(b"01234")]
        s.setsockopt(nic.SOL_QUECTEL, nic.RAI, 2)
        seen += [s.send(b"01234"), s.acked()]
        s.close()
        return seen

    script = [
        (">", 'AT+QIOPEN=1,0,"TCP","220.18.39.22",8062,0,0'),
        ("<", "OK"),
        ("!", "+QIOPEN: 0,0"),
        (">", 'AT+QISENDEX=0,5,"3031323334",1'),
        ("<", "OK"),
        ("<", "SEND OK"),
        (">", 'AT+QISENDEX=0,5,"3031323334",2'),
        ("<", "OK"),
        ("<", "SEND OK"),
    ]
    script += chapter(CONVERSATIONS, "4.1.4")
    assert play("BC95GR", script, program) == [5, 5, None]


def test_names():
    assert play("BC95GR", narrow_band.NAMES, narrow_band.names) == narrow_band.AFTER_NAMES


def test_settings():
    def program(nic):
        seen = [nic.config("open_time")]
        nic.config(open_time=20)
        nic.ipconfig(dns=("192.0.2.53", "192.0.2.54"))
        seen.append(nic.config("qidnscfg"))
        return seen + [refusal(nic.config, keepalive=(60, 10, 9))[0]]

    script = [
        (">", 'AT+QICFG="open_time"'),
        ("<", '+QICFG: "open_time",36'),
        ("<", "OK"),
        (">", 'AT+QICFG="open_time",20'),
        ("<", "OK"),
        (">", 'AT+QIDNSCFG="192.0.2.53","192.0.2.54"'),
        ("<", "OK"),
        (">", "AT+QIDNSCFG?"),
        ("<", '+QIDNSCFG: "192.0.2.53","192.0.2.54","2001:db8::53","2001:db8::54"'),
        ("<", "OK"),
    ]
    servers = ("192.0.2.53", "192.0.2.54", "2001:db8::53", "2001:db8::54")
    assert play("BC95GR", script, program) == [36, servers, UNSUPPORTED]
