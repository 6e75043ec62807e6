"""The time: every format that the documents print, every way to fail, and the board's clock."""

import errno
import sys

import virtual_time
from conversations import bc20, bc25, bc95, bg95
from scripted import ScriptedUART, connected, raises, variants

MODELS = ("BC95GR", "BC92", "BC20", "BG95S5", "BC25", "BC32")
APRIL = (2018, 4, 20, 3, 8, 20, 4, 110)
AUGUST = (2013, 8, 19, 3, 10, 10, 0, 231)


def asked(conversation, parameters):
    """A conversation whose command says what the driver always says."""
    script = [step for step in conversation if step[0] != "wait"]
    for i, (kind, what) in enumerate(script):
        if kind == ">" and "QNTP" in what:
            script[i] = (kind, what + parameters)
    return script


def local(nic):
    """A module of which it is known that it tells local time."""
    nic.dialect.choose("TELLS_LOCAL", True)
    return nic


def test_the_examples():
    for model, conversation in (
        ("BC95GR", bc95.CONVERSATIONS["4.5.1 time"]),
        ("BC20", bc20.CONVERSATIONS["4.4.1 time"]),
        ("BC25", bc25.CONVERSATIONS["4.7.1 time"]),
    ):

        def program(uart):
            return local(connected(model, uart)).ntp("ntp5.aliyun.com", set=False)

        assert variants(asked(conversation, ",123,0"), program) == APRIL


def test_the_example_of_bg95():
    def program(uart):
        nic = local(connected("BG95S5", uart))
        return nic.ntp("192.0.2.2"), nic.clock()

    then = AUGUST[:4] + (10, 57) + AUGUST[6:]
    script = asked(bg95.CONVERSATIONS["3.12.1 time"], ",1")
    assert variants(script, program) == (AUGUST, then)


def told(model, line, **options):
    script = [(">", 'AT+QNTP=1,"ntp.example",123,1'), ("<", "OK"), ("wait", 1), ("!", line)]
    return local(connected(model, ScriptedUART(script))).ntp("ntp.example", **options)


def test_what_is_printed():
    # As the documents print it, before it was mended for the virtual module.
    assert told("BC95GR", '+QNTTP: 0,"2018/04/20,11:08:20+32"') == APRIL
    assert told("BC20", '+QNTP: 0,"18/04/20,11:08:20:35+32"') == APRIL
    assert told("BC25", '+QNTP: 0, "18/04/20,11:08:20+32"') == APRIL
    # The format of BC65&BC92&BC95-GR 2.2.9 has a space, that of BG95-S5 2.3.12 no sign.
    assert told("BC95GR", '+QNTP: 0,"2018/04/20, 11:08:20+32"') == APRIL
    assert told("BG95S5", '+QNTP: 0,"2018/04/20,03:08:20"') == APRIL
    assert told("BG95S5", "+QNTP: 0,2018/04/20,11:08:20+32") == APRIL


def test_zones():
    from quectel.services import ntp

    for text, utc in (
        ("2024/02/29,23:59:59-04", (2024, 3, 1, 0, 59, 59, 4, 61)),
        ("24/03/01,00:30:00+04", (2024, 2, 29, 23, 30, 0, 3, 60)),
        ("2023/03/01,00:30:00+04", (2023, 2, 28, 23, 30, 0, 1, 59)),
        ("23/12/31,23:30:00-48", (2024, 1, 1, 11, 30, 0, 0, 1)),
        ("2024/01/01,13:59:00+56", (2023, 12, 31, 23, 59, 0, 6, 365)),
        ("2100/03/01,00:00:00+01", (2100, 2, 28, 23, 45, 0, 6, 59)),
        ("2000/03/01,00:00:00+01", (2000, 2, 29, 23, 45, 0, 1, 60)),
        ("24/06/01,12:00:00+00", (2024, 6, 1, 12, 0, 0, 5, 153)),
        ("24/06/01,12:00:00+22", (2024, 6, 1, 6, 30, 0, 5, 153)),
        ("24/06/01,12:00:00-13", (2024, 6, 1, 15, 15, 0, 5, 153)),
        ("80/01/06,00:00:00", (1980, 1, 6, 0, 0, 0, 6, 6)),
    ):
        assert ntp.parse(text) == utc, (text, ntp.parse(text))


def test_against_the_calendar():
    # The year's and the week's day, on a time that a program may compare with.
    from quectel.services import ntp

    days = 0
    for year in range(2000, 2031):
        for month in range(1, 13):
            got = ntp.parse("%d/%02d/01,12:00:00+00" % (year, month))
            assert got[6] == (5 + days) % 7, got  # 2000-01-01 was a Saturday
            length = ntp._month(year, month)
            assert length in (28, 29, 30, 31)
            days += length
    assert days == 11323  # 31 years with 8 leap years


def test_what_is_no_time():
    from quectel.services import ntp

    for text in (
        "",
        "?",
        "24/13/01,00:00:00+00",
        "24/00/01,00:00:00+00",
        "24/02/30,00:00:00+00",
        "24/02/01,24:00:00+00",
        "24/02/01,00:60:00+00",
        "24/02/01,00:00+00",
        "24/02/01,00:00:00+57",
        "24/02/01,00:00:00-49",
        "24/02/01,00:00:00+x",
        "24/02,00:00:00",
    ):
        assert raises(OSError, ntp.parse, text).args[0] == errno.EIO, text
    assert raises(OSError, told, "BG95S5", "+QNTP: 0").args[0] == errno.EIO


def test_failures():
    for model, code, number in (
        ("BC95GR", 1, errno.EIO),
        ("BC95GR", 2, errno.ETIMEDOUT),
        ("BC95GR", 3, 16),  # EBUSY
        ("BC95GR", 4, errno.EHOSTUNREACH),
        ("BC95GR", 5, 101),  # ENETUNREACH
        ("BC95GR", 569, errno.ETIMEDOUT),
        ("BC20", 565, errno.EHOSTUNREACH),
        ("BG95S5", 569, errno.ETIMEDOUT),
        ("BC25", 550, errno.EIO),
    ):
        error = raises(OSError, told, model, "+QNTP: %d" % code)
        assert error.code == code
        if number not in (16, 101) or sys.platform == "linux":
            assert error.args[0] == number, (model, code, error)


def test_a_refused_command():
    script = [(">", 'AT+QNTP=1,"ntp.example",123,1'), ("<", "ERROR"), (">", "AT+QIGETERROR")]
    script += [("<", "+QIGETERROR: 568, operation busy"), ("<", "OK")]
    assert (
        raises(OSError, connected("BG95S5", ScriptedUART(script)).ntp, "ntp.example").code == 568
    )


def test_silence_is_told_in_time():
    for model in ("BG95S5", "BC25"):
        script = [(">", 'AT+QNTP=1,"ntp.example",123,1'), ("<", "OK"), ("wait", 1000)]
        nic = connected(model, ScriptedUART(script))
        start = virtual_time.clock.elapsed_ms()
        assert raises(OSError, nic.ntp, "ntp.example").args[0] == errno.ETIMEDOUT
        assert 125000 <= virtual_time.clock.elapsed_ms() - start < 270000


def test_clock_without_a_line():
    script = [(">", "AT+CCLK?"), ("<", "OK")]
    assert raises(OSError, connected("BC20", ScriptedUART(script)).clock).args[0] == errno.EIO


def test_refused_before_a_byte_is_sent():
    for model in MODELS:
        uart = ScriptedUART([])
        nic = connected(model, uart)
        for bad in ('a"b', "a\rb", "", "x" * 300):
            raises(ValueError, nic.ntp, bad)
        for port in (0, 65536, "123"):
            assert "1 to 65535" in str(raises(ValueError, nic.ntp, "ntp.example", port))
        assert not uart.log
    uart = ScriptedUART([])
    error = raises(OSError, connected("RM500U", uart).ntp, "ntp.example")
    assert error.args[0] == errno.EOPNOTSUPP and "RM500U" in str(error) and not uart.log


class Board:
    """A machine module with a clock."""

    def __init__(self):
        self.set = []
        self.RTC = lambda: self

    def datetime(self, fields):
        self.set.append(fields)


def test_the_clock_of_the_board():
    before = sys.modules.get("machine")
    board = Board()
    sys.modules["machine"] = board
    try:
        assert told("BG95S5", '+QNTP: 0,"2013/08/19,11:10:10+32"') == AUGUST
        assert board.set == [(2013, 8, 19, 1, 3, 10, 10, 0)]
        script = [(">", 'AT+QNTP=1,"ntp.example",124,0'), ("<", "OK")]
        script += [("!", '+QNTP: 0,"2013/08/19,11:10:10+32"')]
        nic = local(connected("BG95S5", ScriptedUART(script)))
        assert nic.ntp("ntp.example", 124, False) == AUGUST
        raises(OSError, told, "BG95S5", "+QNTP: 565")
        assert len(board.set) == 1
    finally:
        del sys.modules["machine"]
        if before is not None:
            sys.modules["machine"] = before


def sntp(seconds, told=True):
    """One packet to the server and its answer, whose time is so many seconds since 1900."""
    packet = bytearray(48)
    packet[0], packet[1] = 0x24, 2
    packet[40:44] = seconds.to_bytes(4, "big")
    script = [(">", 'AT+QIOPEN=1,0,"UDP","ntp.example",123,0,0'), ("<", "OK")]
    script += [("!", "+QIOPEN: 0,0"), (">", "AT+QISEND=0,48"), ("<prompt", "> ")]
    script += [(">>", b"\x23" + bytes(47)), ("<", "SEND OK")]
    if told:
        script += [("!", '+QIURC: "recv",0'), (">", "AT+QIRD=0,1500"), ("<", "+QIRD: 48")]
        script += [("<<", bytes(packet)), ("<", "OK")]
    return script + [(">", "AT+QICLOSE=0"), ("<", "OK")]


def qntp(text, set=0):
    line = 'AT+QNTP=1,"ntp.example",123,%d' % set
    return [(">", line), ("<", "OK"), ("!", '+QNTP: 0,"%s"' % text)]


SECONDS = 3585870610  # 2013-08-19 03:10:10 UTC


def asks_the_server(script, wanted):
    def program(uart):
        nic = connected("BG95S5", uart)
        got = [nic.ntp("ntp.example", set=False) for _ in range(2)]
        while nic.module.under_way:
            nic.poll()
        return got

    assert variants(script, program) == [wanted, wanted]


def test_local_or_utc_is_asked_of_the_server_once():
    text = "2013/08/19,11:10:12+32"
    then = AUGUST[:5] + (12,) + AUGUST[6:]
    asks_the_server(qntp(text) + sntp(SECONDS) + qntp(text), then)
    text = "2013/08/19,03:10:12+32"
    asks_the_server(qntp(text) + sntp(SECONDS) + qntp(text), then)
    # Without a zone there is nothing to ask; after 2036 the seconds begin again.
    asks_the_server(qntp("2013/08/19,03:10:12+00") * 2, then)
    late = (2040, 1, 1, 0, 0, 5, 6, 1)
    text = "2040/01/01,02:00:05+08"
    asks_the_server(qntp(text) + sntp(4417977600 - (1 << 32)) + qntp(text), late)


def test_no_clock_is_set_by_a_guess():
    before = sys.modules.get("machine")
    board = Board()
    sys.modules["machine"] = board
    refused = [(">", 'AT+QIOPEN=1,0,"UDP","ntp.example",123,0,0'), ("<", "ERROR")]
    refused += [(">", "AT+QIGETERROR"), ("<", "+QIGETERROR: 554, x"), ("<", "OK")]
    refused += [(">", "AT+QICLOSE=0"), ("<", "OK")]
    try:
        for server in (refused, sntp(SECONDS - 86400)):
            script = qntp("2013/08/19,11:10:10+32", 1) + server
            error = raises(OSError, connected("BG95S5", ScriptedUART(script)).ntp, "ntp.example")
            assert error.args[0] == errno.EIO and "local" in str(error)
        assert board.set == []
        script = qntp("2013/08/19,03:10:10+32", 1) + sntp(SECONDS)
        assert connected("BG95S5", ScriptedUART(script)).ntp("ntp.example") == AUGUST
        assert board.set == [(2013, 8, 19, 1, 3, 10, 10, 0)]
    finally:
        del sys.modules["machine"]
        if before is not None:
            sys.modules["machine"] = before


def test_a_server_that_says_nothing():
    script = qntp("2013/08/19,03:10:10+32") + sntp(0, False)[:-2]
    script += [(">", "AT+QIRD=0,1500"), ("<", "+QIRD: 0"), ("<", "OK")]

    class Patient(ScriptedUART):
        """Gives every read that it is asked the same answer."""

        def write(self, buf, offset, size):
            if not self.script:
                self.script = [(">", "AT+QIRD=0,1500"), ("<", "+QIRD: 0"), ("<", "OK")]
                if b"SEND" in bytes(buf[offset : offset + size]):
                    self.script = sntp(0, False)[3:6]
                if b"CLOSE" in bytes(buf[offset : offset + size]):
                    self.script = sntp(0, False)[-2:]
            return super().write(buf, offset, size)

    nic = connected("BG95S5", Patient(script[:-3]))
    start = virtual_time.clock.elapsed_ms()
    assert nic.ntp("ntp.example", set=False) == AUGUST
    assert 10000 <= virtual_time.clock.elapsed_ms() - start < 20000
