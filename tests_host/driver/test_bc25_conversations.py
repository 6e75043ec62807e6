"""The examples of the BC25&BC32 TCP/IP application note (in Chinese), chapter 4, and what it says
elsewhere of keepalive, names and settings, through the driver's own calls: cut everywhere, a byte
at a time, with echo, with URCs of another socket between lines."""

import errno

import narrow_band
from conversations.bc25 import CONVERSATIONS, NOT_SUPPORTED
from examples import (
    chapter,
    in_no_time,
    lines,
    listener,
    play,
    play_once,
    refusal,
    wait_for,
)
from narrow_band import PROMPTS, READ_ALL, by_prompt, in_line
from scripted import raises

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
HOLE = narrow_band.hole(PEER, 0)


# ---- 4 Examples ----


def test_client_in_buffer_mode():
    def program(nic):
        nic.state = nic.STAT_IDLE
        nic.connect()
        wait_for(nic, nic.isconnected)
        seen = [nic.ipconfig("addr4")[0]]
        return seen + narrow_band.buffer_client(nic, PEER, 0)

    script = chapter(CONVERSATIONS, "4.1.", SIM, ONE_BY_ONE, READ_ALL, HOLE, *PROMPTS)
    outcome = ["100.127.243.105"] + narrow_band.after_buffer_client(PEER, 0)
    assert play("BC25", script, program) == outcome
    assert play_once("BC32", script, program) == outcome


def test_client_in_buffer_mode_that_sends_as_printed():
    def program(nic):
        return narrow_band.buffer_client(nic, PEER, 0, in_line)

    script = chapter(CONVERSATIONS, "4.1.", ONE_BY_ONE, READ_ALL, HOLE)[6:]  # behind AT+CGPADDR?
    assert play("BC25", script, program) == narrow_band.after_buffer_client(PEER, 0)


def test_a_send_that_is_refused():
    taken = [("<prompt", "> "), (">>", b"1234567890")]
    script = narrow_band.refused_send_script("AT+QISEND=0,10", taken)
    assert play("BC25", script, narrow_band.refused_send, beside=True) == [True, 568, 10]


def test_client_in_push_mode():
    for changes, text in ((PROMPTS, by_prompt), ((), in_line)):

        def program(nic):
            return narrow_band.push_client(nic, PEER, text)

        script = chapter(CONVERSATIONS, "4.2.", *changes)
        assert play("BC25", script, program) == narrow_band.AFTER_PUSH_CLIENT


def test_server():
    def program(nic):
        nic.address = ["192.168.2.6"]
        s = listener(nic, 2020)
        return [tuple(nic.netstat()[0])] + narrow_band.server(s)

    script = chapter(CONVERSATIONS, "4.3.")
    state = (0, "TCP LISTENER", "192.168.2.6", 0, 2020, "connected", 1, None, 0, None)
    assert play("BC25", script, program, beside=True) == [state] + narrow_band.AFTER_SERVER


def test_udp_client_in_deep_sleep():
    def program(nic):
        nic.config(qsclk=0)
        s = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
        s.settimeout(0.1)
        s.connect(("220.18.39.22", 8084))
        seen = [nic.netstat(0)[0][:8]]
        nic.config(qsclk=1)
        wait_for(nic, lambda: nic.status("sleep"))
        wait_for(nic, lambda: not nic.status("sleep"))
        nic.config(qsclk=0)
        seen += [s.send(b"1234567890"), nic.isconnected()]
        s.close()
        return seen

    looks = (
        "on waking the driver asks which connections there are still",
        (("!", "+QATWAKEUP"),),
        (
            ("wait", 1),
            ("!", "+QATWAKEUP"),
            (">", "AT+QISTATE?"),
            ("<", '+QISTATE: 0,"UDP","220.18.39.22",8084,0,2,1,0'),
            ("<", "OK"),
        ),
    )
    script = chapter(CONVERSATIONS, "4.4.", looks, *PROMPTS[:1])
    state = (0, "UDP", "220.18.39.22", 8084, 0, "connected", 1, None)
    for model in ("BC25", "BC32"):
        assert play(model, script, program) == [state, 10, True]


def test_udp_service_is_not_supported():
    # 4.5 is marked so, and 2.1.1, note 2, says it again: a bound socket is a client, which the
    # driver opens to a peer; until then nobody can send to it. The line itself is refused.
    def program(nic):
        s = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
        s.bind(("", 2020))
        return raises(OSError, s.recvfrom, 4).args[0], refusal(nic.command, opening[1])

    opening = NOT_SUPPORTED["4.5.1 udp service open"][0]
    script = [opening, ("<", "ERROR"), (">", "AT+QIGETERROR")]
    script += [("<", "+QIGETERROR: 555,operation not supported"), ("<", "OK")]
    assert play("BC25", script, program) == (UNSUPPORTED, (UNSUPPORTED, 555))


def test_ping():
    script = chapter(CONVERSATIONS, "4.6.", narrow_band.ping("sh.quectel.com"))
    outcome = play("BC25", script, lambda nic: tuple(nic.ping("sh.quectel.com")))
    replies = [("220.18.23.21", 32, ms, 255) for ms in (192, 240, 241, 479)]
    assert outcome == (4, 4, 0, 192, 479, 287, replies)


def test_ping_in_vain():
    # The codes of chapter 3's table of ping results.
    def program(nic):
        return tuple(nic.ping("192.0.2.9", count=2)), in_no_time(refusal, nic.ping, "none.example")

    script = [
        (">", 'AT+QPING=1,"192.0.2.9",4,2,32'),
        ("<", "OK"),
        ("!", "+QPING: 1"),
        ("!", "+QPING: 1"),
        ("!", "+QPING: 2,2,0,2,0,0,0"),
        (">", 'AT+QPING=1,"none.example",4,4,32'),
        ("<", "OK"),
        ("!", "+QPING: 4"),
    ]
    lost = (2, 0, 2, 0, 0, 0, [1, 1])
    assert play("BC25", script, program) == (lost, (errno.EHOSTUNREACH, 4))


def test_time():
    usual, printed = '+QNTP: 0,"18/04/20,11:08:20+32"', '+QNTP: 0, "18/04/20,11:08:20+32"'
    misprint = ("the time in print", (("!", usual),), (("!", printed),))
    for changes in ((narrow_band.time(),), (narrow_band.time(), misprint)):
        script = chapter(CONVERSATIONS, "4.7.", *changes)
        outcome = play("BC25", script, narrow_band.ask_time)
        assert outcome == (2018, 4, 20, 3, 8, 20, 4, 110)


def test_errors():
    def program(nic):
        printed = 'AT+QIOPEN=1,"UDP","220.18.39.22",8063,0,1'
        return narrow_band.refused(nic, printed, ("220.18.39.22", 8063))

    opening = 'AT+QIOPEN=1,0,"UDP","220.18.39.22",8063,0,0'
    example = chapter(CONVERSATIONS, "4.8.")
    script = narrow_band.refused_script(example, opening, " invalid parameters")
    assert play("BC25", script, program) == narrow_band.AFTER_REFUSED


# ---- 2.1.10, 2.1.13, 2.1.14: in no example ----


def test_names():
    assert play("BC25", narrow_band.NAMES, narrow_band.names) == narrow_band.AFTER_NAMES


def test_keepalive():
    def program(nic):
        nic.config(keepalive=(600, 10, 9))
        seen = [nic.config("keepalive")]
        nic.config(keepalive=None)
        return seen

    script = [
        (">", "AT+QIKALIVE=1,600,10,9"),
        ("<", "OK"),
        (">", "AT+QIKALIVE?"),
        ("<", "+QIKALIVE: 1,600,10,9"),
        ("<", "OK"),
        (">", "AT+QIKALIVE=0"),
        ("<", "OK"),
    ]
    assert play("BC25", script, program) == [(600, 10, 9)]


def test_dns_servers():
    def program(nic):
        nic.ipconfig(dns=("192.0.2.53", "192.0.2.54"))
        return nic.ipconfig("dns"), nic.config("qidnscfg")

    answer = [
        (">", "AT+QIDNSCFG?"),
        ("<", '+QIDNSCFG: "192.0.2.53","192.0.2.54"'),
        ("<", "OK"),
    ]
    script = [(">", 'AT+QIDNSCFG="192.0.2.53","192.0.2.54"'), ("<", "OK")] + answer + answer
    servers = ("192.0.2.53", "192.0.2.54")
    assert play("BC25", script, program) == ("192.0.2.53", servers)
