"""Transparent mode: entering, the stream, leaving, a lost link, escapes in the data."""

import errno

import virtual_time
from conversations.bg95 import CONVERSATIONS
from sampling import sampling
from scripted import ScriptedUART, connected, framed, raises

clock = virtual_time.clock
EBUSY = getattr(errno, "EBUSY", 16)
EPIPE = getattr(errno, "EPIPE", 32)

OPEN = (
    (">", 'AT+QIOPEN=1,0,"TCP","192.0.2.2",8009,0,0'),
    ("<", "OK"),
    ("!", "+QIOPEN: 0,0"),
)
NOTHING = ((">", "AT+QIRD=0,1500"), ("<", "+QIRD: 0"), ("<", "OK"))
SWITCH = ((">", "AT+QISWTMD=0,2"), ("<", "CONNECT"))
ENTER = NOTHING + SWITCH
LEAVE = ((">>", b"+++"), ("wait", 1.0), ("<", "OK"))
CLOSE = ((">", "AT+QICLOSE=0"), ("<", "OK"))
NOTICE = b"\r\nNO CARRIER\r\n"


def data(payload):
    return (
        (">", "AT+QIRD=0,1500"),
        ("<", "+QIRD: %d" % len(payload)),
        ("<<", payload),
        ("<", "OK"),
    )


class Line(ScriptedUART):
    """Remembers when each write came."""

    def __init__(self, script, **how):
        self.times = []  # (ms, bytes) of what the driver wrote
        super().__init__(script, **how)

    def write(self, buf, offset=None, size=None):
        taken = super().write(buf, offset, size)
        if size is None:
            offset, size = 0, len(buf) if offset is None else offset
        self.times.append((clock.elapsed_ms(), bytes(buf[offset : offset + taken])))
        return taken


def socket_on(script, model="BG95S5", **how):
    uart = Line(script, **how)
    nic = connected(model, uart)
    s = nic.socket()
    s.settimeout(30)
    s.connect(("192.0.2.2", 8009))
    return uart, nic, s


BEFORE = sum(len(framed(step)) for step in OPEN if step[0] != ">")


def every_way(script, program, model="BG95S5"):
    """Run program(s, uart, nic) with the line whole, cut at every position, a byte at a time; the
    guard time is short, since most of a run is silence."""
    script = OPEN + tuple(("wait", 0.05) if step == ("wait", 1.0) else step for step in script)
    dialect = connected(model, ScriptedUART(())).dialect
    usual = dialect.GUARD_MS
    dialect.GUARD_MS = 50
    try:
        outcome, total = _run(script, program, model)
        for cut in sampling.cuts(BEFORE + 1, total):
            assert _run(script, program, model, cut=cut) == (outcome, total), cut
        assert _run(script, program, model, single=True) == (outcome, total)
    finally:
        dialect.GUARD_MS = usual
    return outcome


def _run(script, program, model, **how):
    uart, nic, s = socket_on(script, model, **how)
    outcome = program(s, uart, nic)
    assert uart.done(), (how, uart.script, bytes(uart.sent))
    return outcome, uart.total


# ---- entering ----


def test_the_stream_both_ways():
    script = ENTER + (("<=", b"Test 1"), (">>", b"hello"), ("<=", b"\r\nOK\r\n\0\xff")) + LEAVE

    def program(s, uart, nic):
        with s.transparent() as raw:
            got = [raw.read(6), raw.write(b"hello"), raw.read(8)]
        s.close()
        return got

    assert every_way(script + CLOSE, program) == [b"Test 1", 5, b"\r\nOK\r\n\0\xff"]


def test_connect_after_ok_and_the_mode_after_leaving():
    switch = ((">", "AT+QISWTMD=0,2"), ("<", "OK"), ("<", "CONNECT"), ("<=", b"x"))
    opening = (
        (">", 'AT+QIOPEN=1,0,"TCP","192.0.2.2",8009,0,0'),
        ("<", "OK"),
        ("!", "+QIOPEN: 0,0"),
    )
    nothing = ((">", "AT+QIRD=0,1024"), ("<", "+QIRD: 0,0"), ("<", "OK"))
    leave = ((">>", b"+++"), ("wait", 0.5), ("<", "OK"), (">", "AT+QISWTMD=0,0"), ("<", "OK"))
    close = ((">", "AT+QICLOSE=0"), ("<", "OK"), ("<", "CLOSE OK"))
    uart = Line(opening + nothing + switch + leave + close)
    nic = connected("BC92", uart)
    s = nic.socket()
    s.connect(("192.0.2.2", 8009))
    start = clock.elapsed_ms()
    with s.transparent() as raw:
        assert raw.recv(10) == b"x"
    assert 1000 <= clock.elapsed_ms() - start < 1500
    s.close()
    assert uart.done()


def test_rm500u_is_put_into_buffer_mode():
    script = ENTER + LEAVE + ((">", "AT+QISWTMD=0,0"), ("<", "OK"))

    def program(s, uart, nic):
        with s.transparent():
            pass

    every_way(script, program, "RM500U")


def test_what_came_before_comes_first():
    script = (
        (("!", '+QIURC: "recv",0'),)
        + data(b"abcdef")
        + data(b"ghi")
        + NOTHING
        + SWITCH
        + (("<=", b"jkl"),)
        + LEAVE
    )

    def program(s, uart, nic):
        assert s.read(2) == b"ab"
        with s.transparent() as raw:
            return raw.read(10)

    assert every_way(script, program) == b"cdefghijkl"


def test_more_than_the_staging_holds():
    block = bytes(range(250)) * 6
    script = data(block) + data(block) + data(block) + ENTER + (("<=", b"end"),) + LEAVE + NOTHING
    uart, _, s = socket_on(OPEN + script)
    with s.transparent() as raw:
        assert raw.read(100) == block[:100]
    assert s.read(4400) == (block * 3)[100:]
    assert s.read(3) == b"end"
    s.settimeout(0.1)
    assert raises(OSError, s.recv, 1).args[0] == errno.ETIMEDOUT
    assert uart.done()


def test_a_hint_before_the_switch_is_followed():
    script = (
        NOTHING[:1]
        + (("!", '+QIURC: "recv",0'),)
        + NOTHING[1:]
        + data(b"x")
        + NOTHING
        + SWITCH
        + LEAVE
    )

    def program(s, uart, nic):
        with s.transparent() as raw:
            return raw.recv(10)

    assert every_way(script, program) == b"x"


def test_the_peer_has_closed_before():
    script = (("!", '+QIURC: "closed",0'),) + data(b"last") + NOTHING + CLOSE

    def program(s, uart, nic):
        with s.transparent() as raw:
            got = [raw.read(), raw.recv(1)]
            assert raises(OSError, raw.write, b"x").args[0] == EPIPE
        s.close()
        return got

    assert every_way(script, program) == [b"last", b""]


def test_refused():
    refused = ((">", "AT+QISWTMD=0,2"), ("<", "ERROR"), (">", "AT+QIGETERROR"))
    why = (("<", "+QIGETERROR: 572, operation not allowed"), ("<", "OK"))
    uart, _, s = socket_on(OPEN + NOTHING + refused + why + NOTHING)
    error = raises(OSError, s.transparent().__enter__)
    assert error.code == 572
    s.settimeout(0.1)
    assert raises(OSError, s.recv, 1).args[0] == errno.ETIMEDOUT
    assert uart.done()


def test_no_answer_to_the_switch():
    # The module is asked by +++ alone which mode it is in.
    command_mode = ((">>", b"+++"), (">>", b"+++"), (">", "AT"), ("<", "OK"))
    for way in (LEAVE, command_mode):
        uart, nic, s = socket_on(OPEN + NOTHING + SWITCH[:1] + way + CLOSE)
        nic.module.ready = True
        nic.channel.probe = None
        error = raises(OSError, s.transparent().__enter__)
        assert error.args[0] == errno.ECONNABORTED
        assert raises(OSError, s.recv, 1) is error
        s.close()
        assert uart.done()


def test_not_supported():
    for model in ("BC95GR", "BC65", "BC20", "BC25", "BC32"):
        nic = connected(model, ScriptedUART(()))
        error = raises(OSError, nic.socket().transparent)
        assert error.args[0] == errno.EOPNOTSUPP and model in error.args[1]
        assert "transparent" in error.args[1]
    nic = connected("BG95S5", ScriptedUART(()))
    u = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
    assert raises(OSError, u.transparent).args[0] == errno.EOPNOTSUPP
    assert raises(OSError, nic.socket().transparent).args[0] == errno.ENOTCONN


def test_the_line_is_the_sockets_alone():
    other = tuple((k, w.replace("=1,0,", "=1,1,").replace(": 0,", ": 1,")) for k, w in OPEN)
    script = OPEN + other + ENTER + LEAVE + ((">", "AT"), ("<", "OK"))
    uart, nic, s = socket_on(script)
    t = nic.socket()
    t.connect(("192.0.2.2", 8009))
    with s.transparent() as raw:
        busy = (
            (nic.command, "AT"),
            (nic.disconnect,),
            (s.send, b"x"),
            (s.recv, 1),
            (t.send, b"x"),
            (t.recv, 1),
            (t.close,),
            (t.transparent,),
            (nic.socket().connect, ("192.0.2.2", 1)),
        )
        for call in busy:
            assert raises(OSError, *call).args[0] == EBUSY, call
        assert nic.isconnected()
        assert not hasattr(raw, "connect")
    assert nic.command("AT") == []
    assert uart.done()


# ---- leaving ----


def test_silence_around_the_escape():
    uart, _, s = socket_on(OPEN + ENTER + ((">>", b"data"),) + LEAVE + CLOSE)
    with s.transparent() as raw:
        raw.write(b"data")
    s.close()
    times = {what: ms for ms, what in uart.times}
    assert times[b"+++"] - times[b"data"] >= 1000
    assert times[b"AT+QICLOSE=0\r"] - times[b"+++"] >= 1000
    assert times[b"AT+QICLOSE=0\r"] - times[b"data"] < 2600
    assert uart.done()


def test_the_uart_has_sent_before_the_silence_begins():
    uart, _, s = socket_on(OPEN + ENTER + ((">>", b"data"),) + LEAVE)
    empty = []
    uart.txdone = lambda: clock.elapsed_ms() >= empty[0]
    with s.transparent() as raw:
        raw.write(b"data")
        empty.append(clock.elapsed_ms() + 700)
    assert uart.times[-1][1] == b"+++" and uart.times[-1][0] - empty[0] >= 1000


def test_data_right_before_ok_is_the_sockets():
    for late in (b"late", b"\r\n", b"\r\nOK", b"\r\nOK\r\nx", b"O\r\nK\r\n", NOTICE + b"x"):
        leave = ((">>", b"+++"), ("<=", late), ("wait", 1.0), ("<=", b"more"), ("<", "OK"))
        script = ENTER + leave + NOTHING + CLOSE

        def program(s, uart, nic):
            with s.transparent():
                pass
            got = s.recv(100)
            s.settimeout(0.1)
            assert raises(OSError, s.recv, 1).args[0] == errno.ETIMEDOUT
            s.close()
            return got

        assert every_way(script, program) == late + b"more"


def test_an_early_answer():
    script = ENTER + ((">>", b"+++"), ("<", "OK")) + CLOSE

    def program(s, uart, nic):
        with s.transparent():
            pass
        s.close()

    every_way(script, program)


def test_urcs_behind_ok_are_heard():
    script = ENTER + LEAVE + (("!", '+QIURC: "recv",0'),) + data(b"x") + NOTHING + CLOSE

    def program(s, uart, nic):
        with s.transparent():
            pass
        got = s.recv(10)
        s.settimeout(0.1)
        assert raises(OSError, s.recv, 1).args[0] == errno.ETIMEDOUT
        s.close()
        return got

    assert every_way(script, program) == b"x"


def test_an_ok_of_the_peer_and_the_modules():
    # Two of them: the second is the module's, and a probe makes sure that no third one comes.
    leave = ((">>", b"+++"), ("<", "OK"), ("wait", 1.0), ("<", "OK"))
    probe = ((">", "AT+QIGETERROR"), ("<", "+QIGETERROR: 0, operation successful"), ("<", "OK"))
    uart, _, s = socket_on(OPEN + ENTER + leave + probe + NOTHING)
    with s.transparent():
        pass
    assert s.recv(100) == b"\r\nOK\r\n"
    s.settimeout(0.1)
    assert raises(OSError, s.recv, 1).args[0] == errno.ETIMEDOUT
    assert uart.done()


def test_much_data_while_leaving():
    block = bytes(range(256)) * 40
    leave = ((">>", b"+++"), ("<=", block), ("wait", 1.0), ("<=", block), ("<", "OK"))
    uart, _, s = socket_on(OPEN + ENTER + leave)
    with s.transparent():
        pass
    assert s.read(len(block) * 2) == block * 2
    assert uart.done()


def test_an_escape_that_was_not_taken():
    uart, nic, s = socket_on(
        OPEN + ENTER + ((">>", b"+++"),) + LEAVE + ((">", "AT"), ("<", "OK")) + CLOSE
    )
    error = raises(OSError, _with, s)
    assert error.args[0] == errno.ECONNABORTED
    assert raises(OSError, s.recv, 1) is error
    nic.command("AT")
    s.close()
    assert uart.done()


def _with(s):
    with s.transparent():
        pass


def test_a_module_that_restarted():
    script = ((">>", b"+++"), (">>", b"+++"), (">", "AT"), ("<", "OK"))
    uart, nic, s = socket_on(OPEN + ENTER + (("!", "RDY"),) + script + script[2:])
    nic.channel.probe = None
    assert raises(OSError, _with, s).args[0] == errno.ECONNABORTED
    assert nic.command("AT") == []
    assert uart.done()


class Pin:
    def __init__(self, uart):
        self.uart = uart
        self.levels = []

    def value(self, level):
        self.levels.append(level)
        if level and not self.levels[-2]:
            self.uart.rise()


def test_leaving_by_dtr():
    dtr = ((">", "AT&D1"), ("<", "OK"))
    uart = Line(
        OPEN + dtr + ENTER + (("<=", b"abc"), (">>", b"rise"), ("<=", b"d"), ("<", "OK")) + CLOSE
    )
    uart.rise = lambda: ScriptedUART.write(uart, b"rise")
    pin = Pin(uart)
    nic = connected("BG95S5", uart, dtr=pin)
    s = nic.socket()
    s.connect(("192.0.2.2", 8009))
    start = clock.elapsed_ms()
    with s.transparent() as raw:
        assert raw.read(2) == b"ab"
    assert s.read(2) == b"cd"
    s.close()
    assert clock.elapsed_ms() - start < 500
    assert pin.levels == [0, 1, 0]
    assert uart.done()


# ---- returning ----


def test_entering_again_uses_ato():
    again = NOTHING + ((">", "ATO"), ("<", "CONNECT"), ("<=", b"2"))
    refused = NOTHING + ((">", "ATO"), ("<", "NO CARRIER")) + ENTER + (("<=", b"3"),)
    script = ENTER + (("<=", b"1"),) + LEAVE + again + LEAVE + refused + LEAVE + CLOSE

    def program(s, uart, nic):
        got = []
        for _ in range(3):
            with s.transparent() as raw:
                got.append(raw.recv(10))
        s.close()
        return got

    assert every_way(script, program) == [b"1", b"2", b"3"]


def test_another_socket_does_not_return():
    other = tuple((k, w.replace("=1,0,", "=1,1,").replace(": 0,", ": 1,")) for k, w in OPEN)
    enter = ((">", "AT+QIRD=1,1500"), ("<", "+QIRD: 0"), ("<", "OK"))
    enter += ((">", "AT+QISWTMD=1,2"), ("<", "CONNECT"))
    uart, nic, s = socket_on(OPEN + other + ENTER + LEAVE + enter + LEAVE + ENTER + LEAVE)
    t = nic.socket()
    t.connect(("192.0.2.2", 8009))
    for each in (s, t, s):
        with each.transparent():
            pass
    assert uart.done()


# ---- a lost link ----


def test_the_link_is_lost():
    lost = (("<=", b"last" + NOTICE), (">>", b"+++"), (">", "AT"), ("<", "OK"))

    def program(s, uart, nic):
        with s.transparent() as raw:
            got = [raw.read(), raw.recv(10)]
            assert raises(OSError, raw.write, b"x").args[0] == EPIPE
            assert raw.ioctl(3, 1) == 1
        got.append(s.recv(10))
        assert raises(OSError, s.send, b"x").args[0] == EPIPE
        s.close()
        return got

    assert every_way(ENTER + lost + CLOSE, program) == [b"last", b"", b""]


def test_the_link_is_lost_and_the_context_too():
    lost = (("<=", b"last" + NOTICE), ("!", '+QIURC: "pdpdeact",1'), (">>", b"+++"))
    asked = ((">", "AT"), ("<", "OK"), (">", "AT+QIDEACT=1"), ("<", "OK"))
    _, nic, s = socket_on(OPEN + ENTER + lost + asked)
    with s.transparent() as raw:
        assert raw.read() == b"last"
    assert raises(OSError, s.recv, 1).args[0] == errno.ECONNABORTED
    assert nic.epoch == 1


def test_a_notice_in_many_pieces():
    for gap in (0.001, 0.01):
        pieces = ()
        for i in range(len(NOTICE)):
            pieces += (("wait", gap), ("<=", NOTICE[i : i + 1]))
        script = ENTER + (("<=", b"x"),) + pieces + ((">>", b"+++"), (">", "AT"), ("<", "OK"))
        uart, _, s = socket_on(OPEN + script)
        with s.transparent() as raw:
            assert raw.read() == b"x"
        assert uart.done()


def test_the_beginning_of_a_notice_is_data_soon():
    for text in (b"\r", b"line\r\n", b"\r\nNO CARRIER\r", b"\r\n\r\nNO CARRIER"):
        uart, _, s = socket_on(OPEN + ENTER + (("<=", text),) + LEAVE)
        with s.transparent() as raw:
            start = clock.elapsed_ms()
            assert raw.read(len(text)) == text
            assert clock.elapsed_ms() - start < 40
        assert uart.done()


def test_the_text_of_a_notice_in_the_data():
    def program(s, uart, nic):
        with s.transparent() as raw:
            got = raw.read(len(NOTICE) + 4)
        return got

    for more in (b"more", b"OKs", b"AT\r\n"):
        assert every_way(ENTER + (("<=", NOTICE + more),) + LEAVE, program) == NOTICE + more


def test_the_text_of_a_notice_at_the_end_of_the_data():
    # The module answers +++ with OK: it was data. The mode goes on.
    again = NOTHING + ((">", "ATO"), ("<", "CONNECT"), (">>", b"go"), ("<=", b"on"))

    def program(s, uart, nic):
        with s.transparent() as raw:
            got = [raw.read(3 + len(NOTICE)), raw.write(b"go"), raw.read(2)]
        return got

    for text in (b"abc" + NOTICE, b"ab" + NOTICE + b"\n", b"" + NOTICE + b"\r\n+"):
        outcome = every_way(ENTER + (("<=", text),) + LEAVE + again + LEAVE, program)
        assert outcome == [text, 2, b"on"]


def test_the_link_is_lost_while_leaving():
    leave = ((">>", b"+++"), ("<=", b"last" + NOTICE), (">", "AT"), ("<", "OK"))

    def program(s, uart, nic):
        with s.transparent():
            pass
        got = [s.recv(10), s.recv(10)]
        s.close()
        return got

    assert every_way(ENTER + leave + CLOSE, program) == [b"last", b""]


# ---- escapes in the data ----


class Escaping(Line):
    """A module in transparent mode that takes +++ for an escape as the document says."""

    GUARD = 1000

    def __init__(self):
        self.raw = False
        super().__init__(OPEN + ENTER)
        self.got = bytearray()
        self.burst = bytearray()  # written since the last silence
        self.last = 0
        self.escaped = False

    def write(self, buf, offset=None, size=None):
        if self.script:
            return super().write(buf, offset, size)
        if size is None:
            offset, size = 0, len(buf) if offset is None else offset
        self.check()
        if clock.elapsed_ms() - self.last >= self.GUARD:
            self.burst = bytearray()
        self.burst.extend(buf[offset : offset + size])
        self.got.extend(buf[offset : offset + size])
        self.last = clock.elapsed_ms()
        return size

    def check(self):
        """Silence is over, or the test: was there an escape?"""
        if clock.elapsed_ms() - self.last >= self.GUARD and self.got:
            self.escaped = self.escaped or bytes(self.burst) == b"+++"


def escaping(guard=Escaping.GUARD):
    """Such a module, and a stream in transparent mode over it."""
    uart = Escaping()
    uart.GUARD = guard
    s = connected("BG95S5", uart).socket()
    s.connect(("192.0.2.2", 8009))
    return uart, s.transparent().__enter__()


def test_pluses_never_escape():
    pieces = (b"+", b"++", b"+++", b"a", b"++++", b"+a", b"a+", b"+++b", b"+++++++")
    seed = 1
    for guard in (1000, 600):
        uart, raw = escaping(guard)
        sent = b""
        for _ in range(400):
            seed = seed * 1103515245 + 12345 & 0x3FFFFFFF
            piece = pieces[(seed >> 8) % len(pieces)]
            clock.sleep_ms((0, 0, 3, 300, 450, 700, 950, 1050, 1500)[(seed >> 16) % 9])
            assert raw.write(piece) == len(piece)
            sent += piece
        clock.sleep_ms(2000)
        uart.check()
        assert bytes(uart.got) == sent
        assert not uart.escaped


def test_pluses_without_waiting():
    uart, raw = escaping()
    raw.setblocking(False)
    clock.sleep_ms(2000)
    assert raw.ioctl(3, 4) == 4
    assert raw.write(b"+++") == 2
    assert raw.ioctl(3, 4) == 0 and raw.write(b"+") is None
    assert raises(OSError, raw.send, b"+").args[0] == errno.EAGAIN
    clock.sleep_ms(1701)
    assert raw.ioctl(3, 4) == 4
    assert raw.write(b"+") == 1
    clock.sleep_ms(2000)
    uart.check()
    assert not uart.escaped and bytes(uart.got) == b"+++"


def test_a_stream_that_does_not_wait_writes_at_any_microsecond():
    # A millisecond may end between any two looks at the clock.
    uart, raw = escaping()
    raw.setblocking(False)
    for us in range(0, 1000, virtual_time.LOOK_US):
        clock.sleep_us((us - clock.us) % 1000)
        assert raw.write(b"a") == 1, us
    assert bytes(uart.got) == b"a" * (1000 // virtual_time.LOOK_US)


# ---- the stream's methods ----


def test_methods():
    script = OPEN + ENTER + (("<=", b"one\ntwo\nthree"), (">>", b"abcdefghi"))
    uart, _, s = socket_on(script + (("<=", b"X"),) + LEAVE)
    with s.transparent() as raw:
        assert raw.readline() == b"one\n"
        buf = bytearray(10)
        assert raw.readinto(buf, 2) == 2 and buf[:2] == b"tw"
        assert raw.recv_into(buf) == 7 and buf[:7] == b"o\nthree"
        assert raw.write("abc") == 3
        assert raw.write(b"defxx", 3) == 3
        assert raw.write(b"xxghix", 2, 3) == 3
        assert raw.recv(10) == b"X"
        raw.settimeout(0.2)
        assert raises(OSError, raw.read, 1).args[0] == errno.ETIMEDOUT
        raw.setblocking(False)
        assert raw.read(1) is None and raw.readline() is None and raw.readinto(buf) is None
        assert raises(OSError, raw.recv, 1).args[0] == errno.EAGAIN
        assert raw.ioctl(3, 5) == 4
        assert raw.ioctl(99, 0) < 0
        assert raw.ioctl(5, None) == 0
    assert raises(OSError, raw.read, 1).args[0] == errno.EBADF
    assert raises(OSError, raw.write, b"x").args[0] == errno.EBADF
    assert raw.ioctl(3, 5) == 32
    raw.close()
    assert uart.done()


def test_close_without_waiting():
    uart, nic, s = socket_on(OPEN + ENTER + LEAVE + CLOSE)
    raw = s.transparent().__enter__()
    raw.setblocking(False)
    assert raw.ioctl(4, 0) == 0
    assert nic.channel.raw
    raw.leave()
    s.close()
    assert uart.done()


def test_closing_the_socket_leaves_first():
    uart, _, s = socket_on(OPEN + ENTER + LEAVE + CLOSE)
    with s.transparent() as raw:
        s.close()
    assert raises(OSError, raw.read, 1).args[0] == errno.EBADF
    assert uart.done()


def test_bytes_wait_in_the_uart_when_nobody_reads():
    block = bytes(range(256)) * 20
    enter = ((">", "AT+QIRD=0,448"),) + NOTHING[1:] + SWITCH
    uart, nic, s = socket_on(OPEN + enter + (("<=", block),) + LEAVE, rxbuf=512)
    with s.transparent() as raw:
        for _ in range(100):
            nic.poll()
        assert uart.any()
        assert raw.read(len(block)) == block
    assert uart.done()


# ---- the document's examples ----


def _steps(*sections):
    chosen = []
    for key in sorted(CONVERSATIONS):
        if key.split(" ")[0] in sections:
            chosen.extend(CONVERSATIONS[key])
    return tuple(chosen)


def test_example_3_4():
    # The example opens in transparent mode; the driver opens, then switches.
    steps = [step for step in _steps("3.4.2", "3.4.3", "3.4.4") if step != ("wait", 1.0)]

    def program(s, uart, nic):
        with s.transparent() as raw:
            raw.write(b"Test 1")
            got = raw.read(6)
        s.close()
        return got

    assert every_way(ENTER + tuple(steps), program) == b"Test 1"


def test_example_3_7_4():
    steps = _steps("3.7.4")
    entering = NOTHING + tuple(step for step in steps if step[0] != "wait")
    script = OPEN + tuple(_renumbered(step) for step in entering) + CLOSE
    uart, _, s = socket_on(script)
    with s.transparent() as raw:
        assert raw.write(b"1234567890") == 10
    s.close()
    assert uart.done()


def _renumbered(step):
    if isinstance(step[1], str):
        return step[0], step[1].replace("=11,", "=0,")
    return step


def test_registration_is_told_while_leaving():
    script = [(">", 'AT+QIOPEN=1,0,"TCP","h",80,0,0'), ("<", "OK"), ("!", "+QIOPEN: 0,0")]
    script += [(">", "AT+QIRD=0,1500"), ("<", "+QIRD: 0"), ("<", "OK")]
    script += [(">", "AT+QISWTMD=0,2"), ("<", "CONNECT"), (">>", b"+++"), ("<", "OK")]
    script += [("!", "+CEREG: 1"), (">", "AT+QICLOSE=0"), ("<", "OK")]
    uart = ScriptedUART(script)
    nic = connected("BG95S5", uart)
    s = nic.socket()
    s.connect(("h", 80))
    with s.transparent():
        pass
    s.close()
    assert uart.done()
