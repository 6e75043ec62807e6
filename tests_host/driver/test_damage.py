"""The line lies: bytes lost and doubled, counts and numbers garbled, prompts and answers that do
not come. Nothing of it hangs, reaches the peer, or passes for data."""

import errno

import quectel
import virtual_time
from scripted import ScriptedUART, connected, raises

PROBE = [(">", "AT+QIGETERROR"), ("<", "+QIGETERROR: 0,operation success"), ("<", "OK")]
FILL = [(">>", b"\r" * 1460)]


def steps(*parts):
    script = []
    for part in parts:
        script.extend(part if isinstance(part, list) else [part])
    return script


def opening(connect_id=0, kind="TCP", port=80):
    line = 'AT+QIOPEN=1,%d,"%s","h",%d,0,0' % (connect_id, kind, port)
    return [(">", line), ("<", "OK"), ("!", "+QIOPEN: %d,0" % connect_id)]


def closing(connect_id=0):
    return [(">", "AT+QICLOSE=%d" % connect_id), ("<", "OK")]


def read(data, asked=1500, connect_id=0):
    return [
        (">", "AT+QIRD=%d,%d" % (connect_id, asked)),
        ("<", "+QIRD: %d" % len(data)),
        ("<<", data),
        ("<", "OK"),
    ]


def answer(raw, asked=1500, connect_id=0):
    """A read whose answer is these bytes."""
    return [(">", "AT+QIRD=%d,%d" % (connect_id, asked)), ("<raw", raw)]


def listed(*connect_ids):
    """What the module is asked after a doubt: its connections, its context."""
    lines = [("<", '+QISTATE: %d,"TCP","h",80,0,2,1,%d,0,"uart1"' % (i, i)) for i in connect_ids]
    context = [(">", "AT+QIACT?"), ("<", '+QIACT: 1,1,1,"10.7.157.1"'), ("<", "OK")]
    return [(">", "AT+QISTATE?")] + lines + [("<", "OK")] + context


def opened(script, model="BG95S5", sockets=1, **how):
    before = []
    for connect_id in range(sockets):
        before += opening(connect_id)
    uart = ScriptedUART(before + script, **how)
    nic = connected(model, uart)
    made = []
    for _ in range(sockets):
        s = nic.socket()
        s.connect(("h", 80))
        s.settimeout(200)
        made.append(s)
    return uart, nic, made


def play_out(nic, uart, seconds=400):
    """Step until the script has been played."""
    until = virtual_time.clock.us + seconds * 1000000
    while not (uart.done() and nic.channel.idle and not nic.module.checking):
        assert virtual_time.clock.us < until, (uart.script, uart.log[-3:])
        nic.module.wait()


def fails(function, *args, number=errno.ECONNABORTED):
    assert raises(OSError, function, *args).args[0] == number


# ---- counts and payloads ----


def test_a_count_that_cannot_be_fails_the_socket_and_not_the_channel():
    for count in (b"-1", b"9999999999", b"99999999999999999999", b"1501", b"5x", b"", b"1 2"):
        # Which bytes follow cannot be told: none of them is a line.
        rest = b'abc\r\n+QIURC: "closed",1\r\n\r\nOK\r\n'
        script = steps(
            answer(b"\r\n+QIRD: " + count + b"\r\n" + rest),
            PROBE,
            listed(0, 1),
            read(b"well", connect_id=1),
        )
        uart, nic, (s, other) = opened(script, sockets=2)
        fails(s.recv, 10)
        fails(s.recv, 10)
        assert other.recv(10) == b"well", count
        play_out(nic, uart)
        assert nic.isconnected()


def test_a_count_larger_than_asked_does_not_overflow_the_buffer():
    script = steps(answer(b"\r\n+QIRD: 1600\r\n" + b"x" * 1600 + b"\r\n\r\nOK\r\n"), PROBE)
    uart, nic, (s,) = opened(script + listed(0))
    buf = bytearray(512)
    fails(s.recv_into, buf)
    play_out(nic, uart)


def payload_damages():
    """(what happens to the bytes on the line, of an answer with 20 bytes of data)"""
    data = b"0123456789abcdefghij"
    head, tail = b"\r\n+QIRD: 20\r\n", b"\r\n\r\nOK\r\n"
    for at_ in (0, 7, 19):
        yield head + data[:at_] + data[at_ + 1 :] + tail  # a byte is lost
        yield head + data[:at_] + data[at_ : at_ + 1] + data[at_:] + tail  # … or doubled
    for lost in (2, 3, 4, 5):
        yield head + data[lost:] + tail
    yield head + b"\r\n" + data + tail  # two more
    yield head + data[:18] + b"\r\n\r\n" + tail  # more, and they look like the end
    for count in (b"2", b"18", b"19", b"21", b"22", b"24", b"200"):
        yield b"\r\n+QIRD: " + count + b"\r\n" + data + tail
    for header in (b"QIRD: 20", b"+IRD: 20", b"+QRD: 20", b"+QID: 20", b"+QIR: 20", b"+QIRD 20"):
        yield b"\r\n" + header + b'\r\n+QIURC: "closed",1\r\n' + tail
    yield b"\r\n+QIRD: 20\r" + data + tail
    yield head + data + b"\n\r\nOK\r\n"
    yield head + data + b"\r\r\nOK\r\n"


def test_a_damaged_payload_is_not_handed_over():
    for damage in payload_damages():
        for large in (False, True):
            for cut in (None, 1):
                script = steps(read(b"good"), answer(damage))
                uart, _nic, (s, other) = opened(script, sockets=2)
                uart.single = cut == 1
                assert s.recv(10) == b"good"
                if large:
                    fails(s.recv_into, bytearray(1500))
                else:
                    fails(s.recv, 10)
                assert other.connection.failure is None, damage


def test_data_that_looks_like_an_answer_is_data():
    for data in (
        b"\r\nOK\r\n",
        b"\r\n\r\nOK\r\n",
        b'\r\n+QIURC: "closed",0\r\n',
        b"\r\n+QIRD: 5\r\nabcde\r\n\r\nOK\r\n",
        b"\r\n",
        b"\r",
        b"\n",
        b"\r\nERROR\r\n\r\n> ",
    ):
        for lead in (b"", b"\r\n", b"\r\n\r\n"):
            uart, _, (s,) = opened(steps(read(data), read(data)), lead=lead)
            assert s.recv(100) == data and s.recv(100) == data and uart.done()


def test_a_wrong_count_that_ends_at_a_line_end_of_the_data():
    # 4 of the 10 bytes, and an OK that is data follows: only the empty line before it is missing.
    damage = b"\r\n+QIRD: 4\r\nabcd\r\nOK\r\n\r\nOK\r\n"
    uart, _, (s,) = opened(steps(read(b"good"), answer(damage)))
    assert s.recv(10) == b"good"
    fails(s.recv, 10)
    assert uart.done()


def test_a_datagram_is_checked_as_well():
    head = [(">", "AT+QIRD=0,512"), ("<raw", b"\r\n+QIRD: 4,x\r\nabcd\r\n\r\nOK\r\n")]
    uart = ScriptedUART(opening(0, "UDP") + head)
    nic = connected("BC25", uart)
    s = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
    s.connect(("h", 80))
    s.settimeout(5)
    fails(s.recv, 10)


def test_an_answer_that_comes_too_late_and_damaged():
    for count in (b"9999999999", b"-1", b"x"):
        late = b"\r\n+QIRD: " + count + b'\r\n+QIURC: "closed",0\r\n\r\nOK\r\n'
        uart, _nic, (s,) = opened([("<raw", late)] + listed(0) + read(b"well"))
        assert s.recv(10) == b"well" and uart.done()


def test_noise_does_not_keep_the_channel_deaf_for_ever():
    class Babble(ScriptedUART):
        noise = False

        def any(self):
            if not self.noise:
                return super().any()
            virtual_time.clock.sleep_ms(1)
            return 20

        def readinto(self, buf, nbytes=None):
            if not self.noise:
                return super().readinto(buf, nbytes)
            buf[:1] = b"!"
            return 1

    uart = Babble(opening() + answer(b"\r\n+QIRD: -1\r\n") + PROBE[:1])
    nic = connected("BG95S5", uart)
    s = nic.socket()
    s.connect(("h", 80))
    start = virtual_time.clock.elapsed_ms()
    fails(s.recv, 10)
    uart.noise = True
    while uart.script:
        nic.module.wait()
        assert virtual_time.clock.elapsed_ms() - start < 7000


# ---- push mode ----


def pushing(script):
    switch = [(">", "AT+QISWTMD=0,1"), ("<", "OK")]
    uart = ScriptedUART(opening() + switch + script)
    nic = connected("BG95S5", uart)
    s = nic.socket()
    s.connect(("h", 80))
    s.settimeout(60)
    s.setsockopt(nic.SOL_SOCKET, nic.SO_RCVBUF, 2000)
    s.setsockopt(nic.SOL_QUECTEL, nic.ACCESS_MODE, nic.PUSH)
    return uart, s


def test_damaged_data_in_push_mode():
    good = b'\r\n+QIURC: "recv",0,4\r\ngood\r\n'
    for damage in (
        b'\r\n+QIURC: "recv",0,4\r\nabc\r\n\r\nRING\r\n',
        b'\r\n+QIURC: "recv",0,4\r\nabcde\r\n',
        b'\r\n+QIURC: "recv",0,4x\r\nabcd\r\n',
        b'\r\n+QIURC: "recv",0,-4\r\nabcd\r\n',
        b'\r\nIURC: "recv",0,4\r\nabcd\r\n',
        b'\r\nv",0,4\r\nabcd\r\n',
        b'\r\n+QIURC: "recv",0,400\r\nabcd\r\n',
    ):
        _uart, s = pushing([("<raw", good), ("wait", 1), ("<raw", damage)])
        got = s.recv(4)
        assert got == b"good"
        fails(s.recv, 10)


def test_other_lines_do_not_disturb_push_mode():
    lines = b"\r\nRING\r\n\r\n+CEREG: 5\r\n\r\nCall Ready\r\n"
    uart, s = pushing([("<raw", lines + b'\r\n+QIURC: "recv",0,4\r\ngood\r\n')])
    assert s.recv(10) == b"good" and uart.done()


def test_pushed_data_without_a_line_end_behind_it():
    _uart, s = pushing([("<raw", b'\r\n+QIURC: "recv",0,4\r\ngood'), ("wait", 1)])
    assert s.recv(10) == b"good"


# ---- prompts ----


def test_a_lost_prompt_does_not_stop_the_send():
    # The module that waits for data gets the data and nothing else.
    script = [(">", "AT+QISEND=0,4"), (">>", b"data"), ("<", "SEND OK")] + read(b"more")
    uart, _, (s,) = opened(script)
    assert s.send(b"data") == 4 and s.recv(10) == b"more" and uart.done()


def test_a_prompt_that_comes_after_all_gets_the_data():
    script = [(">", "AT+QISEND=0,4"), (">>", b"data"), ("wait", 3), ("<prompt", "> ")]
    script += [(">>", b"data"), ("<", "SEND OK")]
    uart, _, (s,) = opened(script)
    assert s.send(b"data") == 4 and uart.done()


def test_what_a_prompt_still_wants_is_filled_before_any_command():
    # A byte of the data was lost: the module waits for one more, and then says what it says.
    for late in ([], [("<", "SEND OK")], [("<", "SEND FAIL")], [("<", "ERROR")]):
        script = [(">", "AT+QISEND=0,4"), ("<prompt", "> "), (">>", b"data")]
        probes = [(">", "AT+QIGETERROR")] + late + PROBE[1:]
        uart, nic, (s,) = opened(script + FILL + probes + listed(0) + closing())
        fails(s.send, b"data")
        s.close()
        play_out(nic, uart)


def test_a_question_that_ended_a_damaged_line_is_asked_again():
    # What was left of a line came before it: the module has answered both together.
    script = [(">", "AT+QISEND=0,4"), ("<prompt", "> "), (">>", b"data")] + FILL
    script += [(">", "AT+QIGETERROR"), ("<", "ERROR")] + FILL + PROBE
    uart, nic, (s,) = opened(script + listed(0))
    fails(s.send, b"data")
    play_out(nic, uart)


def test_late_answers_to_questions_are_no_answers_to_others():
    # Each answer takes 1.4 s, and the module is asked twice before the first one comes.
    script = [(">", "AT+QIGETERROR"), (">", "AT+QIGETERROR"), ("wait", 0.4)]
    script += PROBE[1:] + [("wait", 1.0)] + PROBE[1:] + [(">", "AT+QISEND=0,4")]
    script += [("<prompt", "> "), (">>", b"data"), ("<", "OK"), ("<", "SEND OK")]
    uart, nic, (s,) = opened(script, "BC25")
    virtual_time.clock.sleep_ms(20000)
    assert s.send(b"data") == 4 and uart.done() and nic.channel.noise == 0


def test_a_refusal_in_the_middle_of_the_data():
    class Slow(ScriptedUART):
        def write(self, buf, offset=None, size=None):
            if self.script and self.script[0][0] == ">>" and self.script[0][1] == b"x" * 8:
                size = min(size, 8)
            return super().write(buf, offset, size)

    script = [(">", "AT+QISEND=0,100"), ("<prompt", "> "), (">>", b"x" * 8)]
    script += [("<", "+CME ERROR: 3")] + FILL + PROBE + [(">", "AT+QIRD=0,1500")]
    script += [("<", "+QIRD: 0"), ("<", "OK")]
    uart = Slow(opening() + script)
    nic = connected("BG95S5", uart)
    s = nic.socket()
    s.connect(("h", 80))
    assert raises(OSError, s.send, b"x" * 100).code == 3
    s.settimeout(2)
    fails(s.recv, 10, number=errno.ETIMEDOUT)
    assert uart.done()


def test_bytes_that_were_taken_over_and_refused_end_the_stream():
    script = [(">", "AT+QISEND=0,4"), ("<", "ERROR"), (">", "AT+QIGETERROR")]
    script += [("<", "+QIGETERROR: 558,socket write failed"), ("<", "OK")]
    uart, nic, (s,) = opened(script)
    s.setblocking(False)
    assert s.send(b"data") == 4
    for _ in range(50):
        nic.module.wait()
    for _ in range(2):
        assert raises(OSError, s.send, b"more").code == 558
    assert uart.done()


def test_a_send_that_timed_out_then_close():
    # Nothing is sent again, and close comes to its end.
    script = [(">", "AT+QISEND=0,4"), (">>", b"data")] + FILL + PROBE + closing() + listed()[:-3]
    uart, _nic, (s,) = opened(script[:])
    s.settimeout(5)
    assert s.send(b"data") == 4  # taken over: later polls go on with it
    s.settimeout(None)
    start = virtual_time.clock.elapsed_ms()
    s.close()
    assert virtual_time.clock.elapsed_ms() - start < 150000
    assert [line for line in uart.log if line == b"data" or "QISEND" in str(line)] == [
        "AT+QISEND=0,4",
        b"data",
    ]
    fails(s.send, b"x", number=errno.EBADF)


def test_the_same_where_the_data_stand_in_the_line():
    uart = ScriptedUART(
        [(">", 'AT+QIOPEN=1,0,"TCP","h",80,0,0'), ("<", "OK"), ("!", "+QIOPEN: 0,0")]
        + [(">", 'AT+QISEND=0,4,"data"')]
        + PROBE
        + [(">", "AT+QICLOSE=0"), ("<", "OK"), ("<", "CLOSE OK")]
    )
    nic = connected("BC20", uart)
    s = nic.socket()
    s.connect(("h", 80))
    s.settimeout(5)
    assert s.send(b"data") == 4
    s.settimeout(None)
    s.close()
    assert s.ioctl(3, 5) == 32


def test_a_module_that_is_done_before_it_has_all_the_data():
    # It has read another length than was sent.
    class Slow(ScriptedUART):
        def write(self, buf, offset=None, size=None):
            if self.script and self.script[0][0] == ">>":
                size = min(size, 8)
            return super().write(buf, offset, size)

    script = [(">", "AT+QISEND=0,100"), ("<prompt", "> "), (">>", b"x" * 8), ("<", "SEND OK")]
    uart = Slow(opening() + script)
    nic = connected("BG95S5", uart)
    s = nic.socket()
    s.connect(("h", 80))
    fails(s.send, b"x" * 100)


def test_a_line_that_woke_the_module_is_sent_again():
    script = [(">", "AT+QISEND=0,4"), ("wait", 2), ("!", '+QNBIOTEVENT: "EXIT DEEPSLEEP"')]
    script += [(">", "AT+QISEND=0,4"), ("<prompt", "> "), (">>", b"data")]
    script += [("<", "OK"), ("<", "SEND OK")]
    uart, _, (s,) = opened(script, "BC25")
    assert s.send(b"data") == 4 and uart.done()


# ---- a module that is not what it was ----


def test_results_that_tell_of_a_restart_start_a_look():
    nothing_left = [(">", "AT+QISTATE?"), ("<", "OK"), (">", "AT+QIACT?"), ("<", "OK")]
    again = [(">", "AT+QIACT?"), ("<", "OK")]
    for code in (561, 570, 572):
        script = [(">", 'AT+QIOPEN=1,0,"TCP","h",80,0,0'), ("<", "OK")]
        script += [("!", "+QIOPEN: 0,%d" % code)] + closing() + nothing_left + again
        uart = ScriptedUART(script)
        nic = connected("BG95S5", uart)
        assert raises(OSError, nic.socket().connect, ("h", 80)).code == code
        play_out(nic, uart)
        assert not nic.isconnected()


def test_a_refused_read_starts_a_look():
    script = [("!", '+QIURC: "recv",0'), (">", "AT+QIRD=0,1500"), ("<", "ERROR")]
    script += [(">", "AT+QISTATE?"), ("<", "OK"), (">", "AT+QIACT?"), ("<", "OK")]
    script += [(">", "AT+QIACT?"), ("<", "OK")]
    uart, nic, (s,) = opened(script)
    fails(s.recv, 10, number=errno.ECONNRESET)
    play_out(nic, uart)
    assert not nic.isconnected()


def test_a_refused_send_starts_a_look():
    script = [(">", "AT+QISEND=0,4"), ("<", "ERROR"), (">", "AT+QIGETERROR")]
    script += [("<", "+QIGETERROR: 561,pdp not activated"), ("<", "OK")]
    script += [(">", "AT+QISTATE?"), ("<", "OK"), (">", "AT+QISTATE?"), ("<", "OK")]
    script += 2 * [(">", "AT+QIACT?"), ("<", "OK")]
    uart, nic, (s,) = opened(script)
    fails(s.send, b"data", number=quectel.errors.ENETUNREACH)
    play_out(nic, uart)
    assert not nic.isconnected()


def test_one_damaged_line_of_a_list_loses_no_connection():
    script = [("!", '+QIURC: "recv",0'), (">", "AT+QIRD=0,1500"), ("<", "ERROR")]
    script += [(">", "AT+QISTATE?"), ("<", '+QISTATE: x,"TCP"'), ("<", "OK")]
    script += listed(1)
    uart, nic, (s, other) = opened(script, sockets=2)
    fails(s.recv, 10, number=errno.ECONNRESET)
    play_out(nic, uart)
    assert nic.isconnected() and other.connection.failure is None


def test_a_garbled_result_of_a_connect():
    script = [(">", 'AT+QIOPEN=1,0,"TCP","h",80,0,0'), ("<", "OK"), ("!", "+QIOPEN: 0,0x")]
    uart = ScriptedUART(script + closing())
    start = virtual_time.clock.elapsed_ms()
    fails(connected("BG95S5", uart).socket().connect, ("h", 80), number=errno.EIO)
    assert uart.done() and virtual_time.clock.elapsed_ms() - start < 1000


# ---- what the module says of its buffer ----


FULL = [("!", '+QIURC: "recv",0'), ("!", '+QIURC: "recv",0,"buff full"')]


def piece(data, remaining, asked=512):
    head = "+QIRD: %d,%d" % (len(data), remaining)
    return [(">", "AT+QIRD=0,%d" % asked), ("<", head), ("<<", data), ("<", "OK")]


def test_a_full_buffer_is_a_hole_in_a_stream():
    # 600 bytes are one piece, and so before the hole; more is not asked for.
    script = FULL + piece(b"a" * 512, 88) + piece(b"b" * 88, 0, 88)
    uart, _, (s,) = opened(script, "BC25")
    assert s.read(600) == b"a" * 512 + b"b" * 88 and s.lost == 1
    fails(s.recv, 10)
    assert uart.done()


def test_a_full_buffer_that_is_empty_when_read():
    script = FULL + [(">", "AT+QIRD=0,512"), ("<", "+QIRD: 0"), ("<", "OK")]
    uart, _, (s,) = opened(script, "BC25")
    fails(s.recv, 10)
    assert uart.done()


def test_what_was_staged_before_the_hole_is_delivered():
    script = [("!", '+QIURC: "recv",0')] + piece(b"0123456789", 0)
    script[-1:] = [FULL[1], ("<", "OK"), (">", "AT+QIRD=0,512"), ("<", "+QIRD: 0"), ("<", "OK")]
    uart, _, (s,) = opened(script, "BC25")
    assert [s.recv(4), s.recv(4), s.recv(4)] == [b"0123", b"4567", b"89"]
    fails(s.recv, 10)
    assert uart.done()


def test_a_full_buffer_of_datagrams_fails_nothing():
    script = [("!", '+QIURC: "recv",0,"buff full"')] + read(b"one", 512)
    uart = ScriptedUART(opening(0, "UDP") + script)
    nic = connected("BC25", uart)
    s = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
    s.connect(("h", 80))
    assert s.recv(100) == b"one" and s.lost == 1 and uart.done()


def test_data_that_was_told_of_and_is_gone_is_no_end():
    script = [("!", '+QIURC: "recv",0'), ("!", '+QIURC: "closed",0')]
    uart, nic, (s,) = opened(script + [(">", "AT+QIRD=0,1500"), ("<", "ERROR")] + listed())
    fails(s.recv, 10, number=errno.ECONNRESET)
    play_out(nic, uart)


def test_what_may_be_left_of_a_urc_is_a_hint_that_an_end_must_answer():
    script = [("!", 'RC: "recv",0'), ("!", '+QIURC: "closed",0')]
    uart, nic, (s,) = opened(script + [(">", "AT+QIRD=0,1500"), ("<", "ERROR")] + listed())
    fails(s.recv, 10, number=errno.ECONNRESET)
    play_out(nic, uart)


def test_a_restart_that_a_lost_connection_tells_of_ends_the_others():
    # The module has restarted unheard: it knows neither of them, nor its context.
    script = [("!", '+QIURC: "recv",0'), ("!", '+QIURC: "closed",0'), ("!", '+QIURC: "closed",1')]
    script += [(">", "AT+QIRD=0,1500"), ("<", "ERROR"), (">", "AT+QISTATE?"), ("<", "OK")]
    script += [(">", "AT+QISTATE?"), ("<", "OK")] + 2 * [(">", "AT+QIACT?"), ("<", "OK")]
    uart, nic, (s, other) = opened(script, sockets=2)
    fails(s.recv, 10, number=errno.ECONNRESET)
    while not uart.done() or nic.module.checking:
        nic.module.wait()
    fails(other.recv, 10)


# ---- looking without having been told ----


def looks(model, script, seconds, polls):
    """The times, in ms, of the reads of a non-blocking socket that is asked all the time."""
    uart, nic, made = opened(script, model, sockets=polls)
    start = virtual_time.clock.elapsed_ms()
    times = []
    for s in made:
        s.setblocking(False)
    while virtual_time.clock.elapsed_ms() - start < seconds * 1000:
        before = len(uart.log)
        for s in made:
            raises(OSError, s.recv, 10)
        if len(uart.log) > before:
            times.append(virtual_time.clock.elapsed_ms() - start)
        nic.module.wait()
    return times


def test_a_narrow_band_module_is_looked_at_often():
    empty = [(">", "AT+QIRD=0,512"), ("<", "+QIRD: 0"), ("<", "OK")]
    times = looks("BC25", empty * 60, 30, 1)
    gaps = [b - a for a, b in zip(times, times[1:])]
    assert all(200 <= gap <= 300 for gap in gaps[:19]), gaps
    assert max(gaps) < 3000 and gaps[-1] > 2000, gaps


def test_after_a_send_other_connections_are_looked_at():
    sends = [(">", "AT+QISEND=0,1"), ("<prompt", "> "), (">>", b"x"), ("<", "OK")]
    sends += [("<", "SEND OK")] + read(b"late news", 512, 1)
    uart, nic, (s, other) = opened(sends, "BC25", sockets=2)
    for conn in nic.module.connections:
        conn._probe_ms = 60000
        conn._probes = 0
    s.send(b"x")
    start = virtual_time.clock.elapsed_ms()
    assert other.recv(100) == b"late news"
    assert virtual_time.clock.elapsed_ms() - start < 1000 and uart.done()


def test_a_line_cut_at_the_front_is_a_hint():
    for line in ('RC: "recv",0', 'ecv",0', "0"):
        _uart, _, (s,) = opened([("wait", 0.1), ("!", line)] + read(b"news"))
        start = virtual_time.clock.elapsed_ms()
        assert s.recv(10) == b"news" and virtual_time.clock.elapsed_ms() - start < 300


# ---- sleep ----


def test_a_module_that_may_sleep_is_woken_first():
    # Ten seconds of silence: the first line is lost, and the second one shows it awake.
    for lost in (0, 1, 3):
        script = [(">", "AT+QIGETERROR")] * lost + PROBE
        script += [(">", "AT+QISEND=0,4"), ("<prompt", "> "), (">>", b"data")]
        script += [("<", "OK"), ("<", "SEND OK")]
        uart, nic, (s,) = opened(script, "BC25")
        virtual_time.clock.sleep_ms(20000)
        assert s.send(b"data") == 4 and uart.done()
        assert nic.isconnected()


def test_one_that_does_not_sleep_is_not():
    script = [(">", "AT+QISEND=0,4"), ("<prompt", "> "), (">>", b"data"), ("<", "SEND OK")]
    uart, _, (s,) = opened(script)
    virtual_time.clock.sleep_ms(20000)
    assert s.send(b"data") == 4 and uart.done()


def test_a_look_at_an_idle_connection_kills_nothing():
    # The module is deaf for a while; nothing is asked that could bring data.
    script = [(">", "AT+QIGETERROR")] * 5 + [("wait", 1)] + PROBE + listed(0) + read(b"news")
    uart, _nic, (s,) = opened(script)
    virtual_time.clock.sleep_ms(70000)
    assert s.recv(10) == b"news" and uart.done()


def test_a_wake_up_during_a_close():
    script = [(">", "AT+QICLOSE=0"), ("!", "+QATWAKEUP"), ("<", "OK"), ("<", "CLOSE OK")]
    check = [(">", "AT+QISTATE?"), ("<", "OK"), (">", "AT+CGATT?"), ("<", "+CGATT: 1")]
    check += [("<", "OK"), (">", "AT+CGPADDR?"), ("<", "+CGPADDR: 1,10.7.157.1"), ("<", "OK")]
    uart, nic, (s,) = opened(script + check, "BC25")
    s.close()
    play_out(nic, uart)
    assert nic.isconnected()


class Module(ScriptedUART):
    """Answers by what is asked: `answers` maps the beginning of a line to the bytes, or to a list
    of them, of which the last one stays."""

    def __init__(self, answers):
        self.answers = answers
        self.asked = []
        super().__init__([])

    def _match(self):
        while b"\r" in self.sent:
            line, _, rest = bytes(self.sent).partition(b"\r")
            self.sent = bytearray(rest)
            self.asked.append(line.decode())
            for begin, answer in self.answers.items():
                if line.startswith(begin.encode()):
                    if isinstance(answer, list):
                        answer = answer.pop(0) if len(answer) > 1 else answer[0]
                    self._line.extend(answer)


def test_an_end_that_no_urc_told_of_is_found():
    done = b"\r\nOK\r\n"
    empty = b"\r\n+QIRD: 0\r\n" + done

    def state(number):
        return b'\r\n+QISTATE: 0,"TCP","h",80,0,%d,1,0,0,"uart1"\r\n' % number + done

    module = Module(
        {
            "AT+QIOPEN": done + b"\r\n+QIOPEN: 0,0\r\n",
            "AT+QIRD": empty,
            # A state that is not there twice is damaged: the connection lives.
            "AT+QISTATE": [state(2), state(4), state(2), state(4)],
            "AT+QIACT": b'\r\n+QIACT: 1,1,1,"10.7.157.1"\r\n' + done,
            "AT+QIGETERROR": b"\r\n+QIGETERROR: 0,operation success\r\n" + done,
        }
    )
    nic = connected("BG95S5", module)
    s = nic.socket()
    s.connect(("h", 80))
    start = virtual_time.clock.elapsed_ms()
    while len(module.answers["AT+QISTATE"]) > 1:
        s.settimeout(1)
        assert raises(OSError, s.recv, 10).args[0] == errno.ETIMEDOUT
    module.answers["AT+QIRD"] = [b"\r\n+QIRD: 8\r\nthe rest\r\n" + done, empty]
    s.settimeout(None)
    assert s.recv(100) == b"the rest" and s.recv(100) == b""
    assert virtual_time.clock.elapsed_ms() - start < 400000


def test_a_connection_that_nobody_knows_is_closed():
    # The URC of a client was lost, and its number is taken for free.
    script = [(">", 'AT+QIOPEN=1,0,"TCP","h",80,0,0'), ("<", "OK"), ("!", "+QIOPEN: 0,563")]
    script += [(">", 'AT+QIOPEN=1,1,"TCP","h",80,0,0'), ("<", "OK"), ("!", "+QIOPEN: 1,0")]
    uart = ScriptedUART(script + listed(0, 1) + closing(0) + opening(0))
    nic = connected("BG95S5", uart)
    nic.socket().connect(("h", 80))
    play_out_until = len(opening(0))
    while len(uart.script) > play_out_until:
        nic.module.wait()
    nic.module.wait()
    nic.socket().connect(("h", 80))
    assert uart.done()


def test_data_behind_a_count_of_nothing():
    damage = b"\r\n+QIRD: 0\r\nw\r\n\r\nOK\r\n"
    uart, _, (s,) = opened(steps(read(b"good"), answer(damage)))
    assert s.recv(10) == b"good"
    fails(s.recv, 10)
    assert uart.done()


def test_lines_of_nobody_everywhere_are_no_damage():
    for text in ("RING", '+QIND: "csq",22,99', "+CPIN: READY"):
        line = ("!", text)
        script = steps(
            (">", "AT+QIRD=0,1500"),
            [line, ("<", "+QIRD: 4"), ("<<", b"good"), line, ("<", "OK"), line],
            (">", "AT+QIRD=0,1500"),
            [line, ("<", "+QIRD: 0"), line, ("<", "OK"), line],
            read(b"more"),
        )
        uart, _, (s,) = opened(script)
        assert s.recv(10) == b"good" and s.recv(10) == b"more" and uart.done()


def test_a_timeout_while_the_module_is_being_woken():
    script = [(">", "AT+QIGETERROR"), (">", "AT+QIGETERROR")] + PROBE[1:]
    script += [(">", "AT+QISEND=0,4"), ("<prompt", "> "), (">>", b"data")]
    uart, nic, (s,) = opened(script + [("<", "OK"), ("<", "SEND OK")], "BC25")
    virtual_time.clock.sleep_ms(20000)
    s.settimeout(0.5)
    data = bytearray(b"data")
    assert s.send(data) == 4
    data[:] = b"????"
    play_out(nic, uart)


def test_refusals_of_data_that_no_prompt_took_are_no_answer():
    # The module had hung: it takes the data for a line, and answers when all has been typed.
    script = [(">", "AT+QISEND=0,4"), (">>", b"data"), ("<", "ERROR"), ("<", "ERROR")]
    uart, nic, (s,) = opened(script + FILL + PROBE + listed(0))
    fails(s.send, b"data")
    play_out(nic, uart)


def test_numbers_that_were_not_heard_to_be_closed_come_back():
    # The answers to twelve closes are lost; the module has closed all the same.
    script = [(">", "AT+QISTATE?"), ("<", "OK")] + listed()[2:] + opening(0)
    uart = ScriptedUART(script)
    nic = connected("BG95S5", uart)
    for connect_id in range(nic.dialect.SOCKETS):
        nic.module.release_id(connect_id, nic)
    nic.socket().connect(("h", 80))
    assert uart.done()
