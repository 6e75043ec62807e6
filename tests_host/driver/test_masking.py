"""What a trace shows: what is known to be harmless, and nothing else."""

import virtual_time
import quectel
from quectel import answers, at
from quectel.services.masking import Trace
from scripted import ScriptedUART

HIDDEN = "***"


def shown(line):
    """What a trace shows of a line of the module."""
    seen = []
    Trace(seen.append).came(line)
    return seen[0][2:]


def sent(line):
    """What a trace shows of a command line."""
    seen = []
    Trace(seen.append).sent(line.encode() + b"\r", len(line))
    return seen[0][2:]


def test_what_is_harmless_is_seen():
    for line in (
        "OK",
        "ERROR",
        "SEND OK",
        "RDY",
        "+CME ERROR: 10",
        "+CPIN: READY",
        "+CPIN: SIM PIN",
        "+CSQ: 20,99",
        '+CEREG: 0,5,"1848","0014B501",9',
        '+QIURC: "recv",0,1500',
        '+QIURC: "incoming",11,0,"192.0.2.7",40001',
        "+QIOPEN: 0,566",
        "+QIRD: 1460,12",
        "+QISEND: 2000,1500,500",
        '+QISTATE: 0,"TCP","192.0.2.1",80,0,2,1,0,0,"uart1"',
        '+QNTP: 0,"2026/07/03,00:56:27+32"',
        '+CPSMS: 1,,,"00100001","00000000"',
        '+CEDRXS: 5,"0101"',
        '+QCFG: "nwscanmode",3',
    ):
        assert shown(line) == line, line
    for line in (
        "AT",
        "ATE0",
        "AT+CPIN?",
        "AT+CGSN=?",
        "AT+CIMI",
        "AT+QIACT=1",
        "AT+QISEND=0,1460",
        'AT+QIOPEN=1,0,"TCP","example.com",80,0,0',
        'AT+QICFG="dataformat",0,0',
        'AT+CPSMS=1,,,"00100001","00000000"',
        'AT+CEDRXS=1,5,"0101"',
        'AT+QCFG="band",0,80084,80084',
        "AT+COPS=?",
        'AT+COPS=1,2,"00101"',
    ):
        assert sent(line) == line, line


def test_secrets_of_commands():
    for line, name in (
        ('AT+QICSGP=1,1,"apn","user","secret",1', "AT+QICSGP="),
        ("AT+CPIN=1234", "AT+CPIN="),
        (" AT+CPIN=1234", "AT+CPIN="),
        ("at+cpin=1234", "at+cpin="),
        ("AT+CPIN =1234", "AT+CPIN"),
        ("AT+CFUN=1;+CPIN=1234", "AT+CFUN="),
        ("AT+CSQ;+CPIN=1234", "AT+CSQ"),
        ('AT+QMTCONN=0,"me","user","secret"', "AT+QMTCONN="),
        ('AT+QFTPCFG="account","user","secret"', "AT+QFTPCFG="),
        ('AT+QSSLCFG="secret"', "AT+QSSLCFG="),
        ('AT+QHTTPCFG="auth","user:secret"', "AT+QHTTPCFG="),
        ('AT+EGMR=1,7,"860000000000001"', "AT+EGMR="),
        ('AT+CGAUTH=1,1,"user","secret"', "AT+CGAUTH="),
        ('AT+QISEND=0,6,"secret"', "AT+QISEND=0,"),
        ("AT+QISENDEX=0,4,31323334", "AT+QISENDEX=0,"),
        ("AT+QSIMPIN1234", "AT+QSIMPIN"),
        ("ATD0860000000000001", ""),
        ("secret", ""),
    ):
        assert sent(line) == name + HIDDEN, (line, sent(line))


def test_secrets_of_answers():
    for line in (
        '+QICSGP: 1,"apn","user","secret",1',
        "+CGSN: 860000000000001",
        "+ICCID: 89860000000000000001",
        "+NCCID: 89860000000000000001",
        "+QCCID: 89860000000000000001",
        '+EGMR: "860000000000001"',
        '+CRSM: 144,0,"98680000000000000010"',
        "IMEI: 860000000000001",
        "860000000000001",
        "1234",
        "secret",
        "+CPIN: 1234",
        "+CSQ: 860000000000001",
        '+QMTRECV: 0,0,"topic","secret"',
        "+",
        "+secret",
    ):
        assert shown(line) == HIDDEN, (line, shown(line))


def test_damaged_and_late_echoes():
    # No part of a command with a secret, whatever was lost of it.
    echo = 'AT+QICSGP=1,1,"apn","user","s3cr3tsecret",1'
    for i in range(len(echo)):
        for line in (echo[i:], echo[:i] + echo[i + 1 :], echo[:i] + "?" + echo[i + 1 :]):
            if "user" in line or "s3cr3t" in line:
                assert "user" not in shown(line) and "s3cr3t" not in shown(line), line
        text = shown("+CSQ: 20,99" + echo[i:])  # the end of the line between them was lost
        assert "user" not in text and "s3cr3t" not in text, text
    echo = "AT+CPIN=1234"
    for i in range(len(echo) - 3):
        for line in (echo[i:], echo[:i] + echo[i + 1 :], "+CPIN: READY" + echo[i:]):
            assert "1234" not in shown(line), (line, shown(line))
    assert shown("+CSQ: 20,99?AT+CPIN=1234") == HIDDEN


def test_the_model_is_seen():
    seen = []
    trace = Trace(seen.append)
    trace.sent(b"AT+CGMM\r", 7)
    for line in ("Quectel_BC95-GR", "860000000000001", "CPIN=1234", "OK"):
        trace.came(line)
    assert seen == ["> AT+CGMM", "< Quectel_BC95-GR", "< ***", "< ***", "< OK"], seen
    trace.sent(b"AT+CGSN\r", 7)
    trace.came("Quectel_BC95-GR")
    assert seen[-1] == "< ***"


def test_a_channel_shows_what_came_and_what_went():
    script = [
        (">", "AT+CPIN=1234"),
        ("<", "OK"),
        (">", "AT+CSQ"),
        ("<", "+CSQ:20,99"),
        ("<", "OK"),
    ]
    lines = []
    channel = at.Channel(ScriptedUART(script, echo=True), lines.append)
    for text in (b"AT+CPIN=1234", b"AT+CSQ"):
        query = answers.Query(text, 1000)
        channel.start(query)
        while query.result == at.PENDING:
            channel.poll()
    assert lines == ["> AT+CPIN=***", "< OK", "> AT+CSQ", "< +CSQ:20,99", "< OK"], lines


def traced(*steps, **how):
    """What a channel shows of `steps`, bytes of the line or a command in between."""
    script = []
    for step in steps:
        if isinstance(step, str):
            script.append((">", step))
        else:
            script += [("<raw", step), ("wait", 0.3)]
    uart = ScriptedUART(script, **how)
    lines = []
    channel = at.Channel(uart, lines.append)
    for step in steps:
        if isinstance(step, str):
            channel.start(at.Command(step.encode(), 100))
        while (uart.script and uart.script[0][0] != ">") or channel.busy or uart.any():
            channel.poll()
            virtual_time.clock.sleep_ms(5)
    return lines


def test_noise_is_a_count():
    # In a line and between lines. Line ends and the space of a prompt are no noise.
    seen = traced("AT", b"\r\n\x00\xff\x80\r\nOK\r\n")
    assert seen == ["> AT", "< [3 bytes of noise]", "< OK"], seen
    seen = traced(b"f\xf8~\x98\r\n\r\nRDY\r\n")
    assert seen == ["< [4 bytes of noise]", "< RDY"], seen
    seen = traced(b"\xfe\xfff\xf8~\x98\r\n")
    assert seen == ["< [6 bytes of noise]"], seen
    assert traced("AT", b" \r\r\n\n\r\nOK\r\n") == ["> AT", "< OK"]


def test_noise_without_a_line_end_is_told_with_the_next_command():
    seen = traced("AT", b"f\xf8~", "AT", b"\x80~\r\n\r\nOK\r\n")
    assert seen == ["> AT", "< [3 bytes of noise]", "> AT", "< [2 bytes of noise]", "< OK"], seen
    seen = traced("AT", b"f\xf8~", "AT", b"", "AT", b"")
    assert seen == ["> AT", "< [3 bytes of noise]", "> AT", "> AT"], seen


def test_what_is_dropped_after_damage_is_told():
    lines = []
    uart = ScriptedUART([("<raw", b"RDY\r\n"), ("wait", 0.1), ("<raw", bytes(37) + b"secret\r\n")])
    channel = at.Channel(uart, lines.append)
    while uart.script or uart.any():
        channel.poll()
        if lines and not channel.busy:
            channel.damaged()
    channel.start(at.Command(b"AT"))
    assert lines == ["< RDY", "< [45 bytes of noise]", "> AT"], lines


def test_escapes_are_shown_whole():
    seen = []
    trace = Trace(seen.append)
    trace.took(b'+COPS: 0,0,"T\xc3\xa9l\xc3",8....', 20)
    trace.sent(b"+++", 3)
    trace.sent(b"\x1b" + b"\r" * 1460 + b"\r", 1461)
    assert seen == ['< +COPS: 0,0,"T\\xc3\\xa9l\\xc3",8', "> +++", "> \\x1b"], seen


def test_no_secret_beside_noise():
    # A byte that was damaged makes no line harmless.
    for line in (
        b"+CPIN: READY\x801234",
        b"+CME ERROR: 1\x801234",
        b"+CSQ: 20,99\xff1234",
        b'+QICSGP: 1,"apn","us\xe9r","s3cr3t",3',
        b"\xff1234",
        b"86000\x8000000001",
        b'+QIURC: "recv",0\x80"1234"',
        b'+QISTATE: 0,"TCP","\x801234",80,0,2,1,0,0,"uart1"',
    ):
        seen = []
        trace = Trace(seen.append)
        trace.sent(b"AT+CGMM", 7)
        trace.took(line, len(line))
        assert seen[1:] == ["< [%d bytes of noise]" % len(line)], (line, seen)


def test_a_trace_with_times():
    seen = []
    trace = quectel.timed(seen.append)
    with virtual_time.fine:
        trace("> AT")
        virtual_time.clock.sleep_ms(1234)
        trace("< OK")
        for _ in range(7 * 86400 // 3600):
            virtual_time.clock.sleep(3600)
            trace("< RDY")
    assert seen[:2] == ["   0.000 > AT", "   1.234 < OK"], seen[:2]
    assert seen[-1].startswith("604801.23"), seen[-1]  # longer than the ticks count
