"""The AT channel alone: what each line is, counted payloads, time-outs, damage."""

import virtual_time
from quectel import answers, at
from sampling import sampling
from scripted import ScriptedUART


def finish(channel, command):
    """Run `command` to its end."""
    channel.start(command)
    while command.result == at.PENDING:
        channel.pause(channel.poll())
    return command.result


def drain(channel):
    """Read all that is there."""
    while channel.poll():
        pass


def query(script, text, prefix=None, **how):
    uart = ScriptedUART(script, **how)
    channel = at.Channel(uart)
    asked = answers.Query(text, 1000, prefix)
    return channel, asked, finish(channel, asked)


def test_answer_and_final_result():
    _, asked, result = query([(">", "AT+X"), ("<", "+X: 1"), ("<", "+X: 2"), ("<", "OK")], b"AT+X")
    assert result == at.DONE and asked.lines == ["+X: 1", "+X: 2"]


def test_prefix_is_cut():
    _, asked, _ = query([(">", "AT+X"), ("<", "+X: 1"), ("<", "OK")], b"AT+X", b"+X: ")
    assert asked.lines == ["1"]


def test_blank_lines_may_be_doubled_or_missing():
    for answer in (b"\r\n\r\n\r\n+X: 1\r\n\r\n\r\nOK\r\n", b"+X: 1\r\nOK\r\n", b"+X: 1\nOK\n"):
        _, asked, result = query([(">", "AT+X"), ("<raw", answer)], b"AT+X")
        assert result == at.DONE and asked.lines == ["+X: 1"], answer


def test_echo_is_dropped_with_and_without_blank_line():
    for answer in (b"AT+X\r\r\n+X: 1\r\n\r\nOK\r\n", b"AT+X\r+X: 1\r\nOK\r\n"):
        channel, asked, _ = query([(">", "AT+X"), ("<raw", answer)], b"AT+X")
        assert asked.lines == ["+X: 1"] and channel.noise == 0


def test_refusals():
    for line, code in (("ERROR", None), ("+CME ERROR: 552", 552), ("+CMS ERROR: 3", 3)):
        _, asked, result = query([(">", "AT+X"), ("<", line)], b"AT+X")
        assert result == at.ERROR and asked.code == code


def test_silence_is_a_timeout_after_the_given_time():
    start = virtual_time.clock.elapsed_ms()
    with virtual_time.fine:
        _, _, result = query([(">", "AT+X")], b"AT+X")
    took = virtual_time.clock.elapsed_ms() - start
    assert result == at.TIMEOUT and 1000 <= took < 1010, took


def test_noise_before_a_line_and_garbage_lines():
    answer = b"\x00\xff\xfe\r\n\x80garbage\x90\r\n\r\nOK\r\n"
    _, asked, result = query([(">", "AT+X"), ("<raw", answer)], b"AT+X", b"+X: ")
    assert result == at.DONE and asked.lines == []


def test_a_line_longer_than_the_buffer_is_cut():
    answer = b"+X: " + b"y" * 5000 + b"\r\nOK\r\n"
    _, asked, result = query([(">", "AT+X"), ("<raw", answer)], b"AT+X", b"+X: ")
    assert result == at.DONE and len(asked.lines) == 1 and 300 < len(asked.lines[0]) < 400


def test_a_short_line_is_not_completed_by_an_older_one():
    script = [(">", "AT+X"), ("<", "+QIURC: 12345"), ("<", "+QIU"), ("<", "OK")]
    uart = ScriptedUART(script)
    channel = at.Channel(uart)
    seen = []
    channel.on(b"+QIURC: ", lambda c: seen.append(c.number()))
    finish(channel, answers.Query(b"AT+X", 1000, b"+X: "))
    assert seen == [12345]


def test_urcs_go_to_their_owners_anywhere():
    script = [
        ("!", "+U: 0"),
        (">", "AT+X"),
        ("!", "+U: 1"),
        ("<", "+X: 1"),
        ("!", "+U: 2"),
        ("<", "OK"),
        ("!", "+U: 3"),
    ]
    uart = ScriptedUART(script)
    channel = at.Channel(uart)
    seen = []
    channel.on(b"+U: ", lambda c: seen.append(c.number()))
    asked = answers.Query(b"AT+X", 1000)
    finish(channel, asked)
    drain(channel)
    assert seen == [0, 1, 2, 3] and asked.lines == ["+X: 1"]


def test_watchers_see_lines_without_owning_them():
    uart = ScriptedUART([("!", "+U: 7"), ("!", "+V: 8")])
    channel = at.Channel(uart)
    owned, watched = [], []
    channel.on(b"+U: ", lambda c: owned.append(c.number()))
    channel.watchers.append((b"+", lambda c: watched.append(c.rest(0))))
    drain(channel)
    assert owned == [7] and watched == ["+U: 7", "+V: 8"]
    channel.watchers.clear()
    assert channel.noise == 0


class Payload(at.Command):
    """Takes the payload behind "+P: n" into a buffer of its own."""

    def __init__(self, size):
        super().__init__(b"AT+P", 1000, b"+P: ")
        self.buf = bytearray()
        self.room = size

    def line(self, channel):
        channel.receive(channel.number(), self)

    def write(self, buf, start, count):
        self.buf.extend(buf[start : start + min(count, self.room - len(self.buf))])

    def complete(self):
        pass

    def damaged(self):
        pass


def test_payload_is_counted_and_never_scanned():
    tricks = b"\r\nOK\r\nERROR\r\n+U: 1\r\n> \x1a\x1b+++" + bytes(range(256)) * 3
    script = [(">", "AT+P"), ("<", "+P: %d" % len(tricks)), ("<<", tricks), ("<", "OK")]
    cuts = sampling.cuts(1, len(tricks) + 20)
    for how in [{}, {"single": True}] + [{"cut": cut} for cut in cuts]:
        channel = at.Channel(ScriptedUART(script, **how))
        seen = []
        channel.on(b"+U: ", lambda c: seen.append(c.number()))
        command = Payload(len(tricks))
        assert finish(channel, command) == at.DONE
        assert command.buf == tricks and seen == []


def test_payload_for_nobody_is_counted_all_the_same():
    script = [(">", "AT+P"), ("<", "+P: 100"), ("<<", b"\r\nOK\r\n" * 16 + b"+U: "), ("<", "OK")]
    channel = at.Channel(ScriptedUART(script))
    command = at.Command(b"AT+P", 1000, b"+P: ")
    command.line = lambda channel: channel.receive(channel.number(), None)
    assert finish(channel, command) == at.DONE and channel.noise == 0


def test_a_payload_cut_short_ends_by_time():
    script = [(">", "AT+P"), ("<", "+P: 100"), ("<raw", b"x" * 50)]
    channel = at.Channel(ScriptedUART(script))
    start = virtual_time.clock.elapsed_ms()
    command = Payload(100)
    command.timeout = 120000
    assert finish(channel, command) == at.TIMEOUT
    assert virtual_time.clock.elapsed_ms() - start < 6000


def test_what_follows_a_payload_must_follow_at_once():
    # A module that restarts near its end: other bytes complete the count.
    answer = b"\r\n+P: 100\r\n" + b"x" * 95 + b"\r\nRDY\r\n"
    channel = at.Channel(ScriptedUART([(">", "AT+P"), ("<raw", answer)]))
    start = virtual_time.clock.elapsed_ms()
    command = Payload(100)
    command.timeout = 120000
    assert finish(channel, command) == at.TIMEOUT
    assert virtual_time.clock.elapsed_ms() - start < 6000


def probe():
    command = at.Command(b"AT+PROBE", 2000, b"+PROBE: ")
    command.strict = True
    return command


def test_a_late_answer_is_not_taken_for_the_next_command():
    script = [
        (">", "AT+X"),
        ("wait", 1.5),
        (">", "AT+PROBE"),
        ("<", "OK"),  # of AT+X
        ("<", "+PROBE: 0"),
        ("<", "OK"),
        (">", "AT+Y"),
        ("<", "+Y: 2"),
        ("<", "OK"),
    ]
    channel = at.Channel(ScriptedUART(script))
    channel.choose("probe", probe())
    assert finish(channel, answers.Query(b"AT+X", 1000)) == at.TIMEOUT
    virtual_time.clock.sleep_ms(1000)
    asked = answers.Query(b"AT+Y", 1000)
    assert finish(channel, asked) == at.DONE and asked.lines == ["+Y: 2"]


def test_a_dead_module_fails_each_command_in_time():
    channel = at.Channel(ScriptedUART([(">", "AT+X"), (">", "AT+PROBE"), (">", "AT+PROBE")]))
    channel.choose("probe", probe())
    assert finish(channel, answers.Query(b"AT+X", 1000)) == at.TIMEOUT
    for _ in range(2):
        start = virtual_time.clock.elapsed_ms()
        with virtual_time.fine:
            assert finish(channel, answers.Query(b"AT+Y", 1000)) == at.TIMEOUT
        assert virtual_time.clock.elapsed_ms() - start < 2100


def send(needs):
    command = at.Command(b"AT+S=3", 1000, needs=needs)
    command.give(b"..abc", 2, 5)
    return command


def test_prompt_with_and_without_blank():
    for prompt in (b"\r\n> ", b"\r\n>", b"> ", b">"):
        script = [(">", "AT+S=3"), ("<raw", prompt), (">>", b"abc"), ("<", "SEND OK")]
        for how in ({}, {"single": True}, {"echo": True}, {"cut": 3}):
            channel = at.Channel(ScriptedUART(script, **how))
            assert finish(channel, send(at.SEND_OK)) == at.DONE


def test_results_that_must_both_come_in_either_order():
    for first, second in (("OK", "SEND OK"), ("SEND OK", "OK")):
        script = [(">", "AT+S=3"), ("<prompt", "> "), (">>", b"abc"), ("<", first), ("<", second)]
        channel = at.Channel(ScriptedUART(script))
        assert finish(channel, send(at.OK | at.SEND_OK)) == at.DONE
        assert channel.noise == 0


def test_ok_before_the_data():
    script = [(">", "AT+S=3"), ("<", "OK"), ("<prompt", "> "), (">>", b"abc"), ("<", "SEND OK")]
    channel = at.Channel(ScriptedUART(script))
    assert finish(channel, send(at.OK | at.SEND_OK)) == at.DONE


def test_send_fail_and_refusal_instead_of_the_prompt():
    script = [(">", "AT+S=3"), ("<prompt", "> "), (">>", b"abc"), ("<", "SEND FAIL")]
    assert finish(at.Channel(ScriptedUART(script)), send(at.SEND_OK)) == at.SEND_FAIL
    script = [(">", "AT+S=3"), ("<", "ERROR")]
    assert finish(at.Channel(ScriptedUART(script)), send(at.SEND_OK)) == at.ERROR


def test_abort_ends_the_command_at_once():
    channel = at.Channel(ScriptedUART([(">", "AT+X"), ("!", "RDY")]))
    channel.on(b"RDY", lambda c: c.abort())
    assert finish(channel, answers.Query(b"AT+X", 60000)) == at.ABORTED


def test_fields():
    uart = ScriptedUART([("!", '+F: 12,"a,b",-3,,"7",x y , "z"')])
    channel = at.Channel(uart)
    seen = []

    def handler(c):
        seen.append(c.number())
        seen.append(c.text())
        seen.append(c.number())
        seen.append(c.number())
        seen.append(c.number())
        seen.append(c.text())
        seen.append(c.at_end())
        seen.append(c.text())
        seen.append(c.at_end())

    channel.on(b"+F: ", handler)
    drain(channel)
    assert seen == [12, "a,b", -3, None, 7, "x y", False, "z", True], seen


def test_trace_masks_secrets():
    script = [
        (">", 'AT+QICSGP=1,1,"apn","user","secret",1'),
        ("<", "OK"),
        (">", "AT+QICSGP=1"),
        ("<", '+QICSGP: 1,"apn","user","secret",1'),
        ("<", "OK"),
        (">", "AT+CIMI"),
        ("<", "460001234567890"),
        ("<", "OK"),
        ("!", "460001234567890"),
    ]
    lines = []
    uart = ScriptedUART(script, echo=True)
    channel = at.Channel(uart, lines.append)
    for step in script[::1]:
        if step[0] == ">":
            finish(channel, answers.Query(step[1].encode(), 1000))
    drain(channel)
    text = "\n".join(lines)
    for secret in ("user", "secret", "46000123"):
        assert secret not in text, text
    assert "> AT+QICSGP=***" in lines and "< OK" in lines


class SlowUART(ScriptedUART):
    """A UART without a transmit buffer: write holds the caller for 1 ms a byte."""

    longest = 0
    ms = 1

    def write(self, buf, offset, size):
        self.longest = max(self.longest, size)
        virtual_time.clock.sleep_ms(size * self.ms)
        return super().write(buf, offset, size)


def test_a_slow_uart_is_given_little_at_a_time():
    data = bytes(1000)
    script = [(">", "AT+S=3"), ("<prompt", "> "), (">>", data), ("<", "SEND OK")]
    channel = at.Channel(SlowUART(script))
    command = at.Command(b"AT+S=3", 100000, needs=at.SEND_OK)
    command.give(data, 0, len(data))
    channel.start(command)
    while command.result == at.PENDING:
        start = virtual_time.clock.us
        channel.poll()
        took = virtual_time.clock.us - start
    assert channel.output._piece == 1, channel.output._piece
    assert took < 3000


def longest_write(patient, rate=None, count=1000):
    """The most bytes that the UART was given at once."""
    data = bytes(count)
    uart = SlowUART([(">", "AT+S=3"), ("<prompt", "> "), (">>", data), ("<", "SEND OK")])
    uart.ms = 0
    channel = at.Channel(uart, None, rate or 0)
    command = at.Command(b"AT+S=3", 100000, needs=at.SEND_OK)
    command.give(data, 0, len(data))
    channel.start(command)
    while command.result == at.PENDING:
        channel.poll(patient)
        virtual_time.clock.sleep_ms(1)
    assert command.result == at.DONE
    return uart.longest


def test_a_write_takes_a_millisecond_of_the_line_and_more_of_one_who_waits():
    assert [longest_write(False, rate) for rate in (9600, 115200, 921600)] == [1, 11, 92]
    assert [longest_write(True, rate) for rate in (9600, 115200)] == [16, 176]
    assert longest_write(False, 1 << 30) == 1000  # in one piece
    assert longest_write(False) > 256  # grows where nothing is known and nothing waits


def test_a_uart_that_takes_few_bytes_or_none():
    class Narrow(ScriptedUART):
        calls = 0

        def write(self, buf, offset, size):
            self.calls += 1
            return super().write(buf, offset, min(size, 3)) if self.calls % 2 else None

    script = [(">", "AT+LONGER=1,2,3"), ("<", "OK")]
    channel = at.Channel(Narrow(script))
    assert finish(channel, at.Command(b"AT+LONGER=1,2,3", 1000)) == at.DONE


class Sink:
    """Takes all raw bytes."""

    def __init__(self):
        self.data = bytearray(64)
        self.count = 0

    def room(self):
        return len(self.data) - self.count

    def write(self, buf, start, count):
        self.data[self.count : self.count + count] = buf[start : start + count]
        self.count += count


def test_a_urc_hands_the_line_over_with_and_without_a_command():
    for command in (None, at.Command(b"AT+X", 1000)):
        script = [(">", "AT+X")] if command else []
        for how in ({}, {"single": True}, {"cut": 9}):
            uart = ScriptedUART(script + [("!", "+URC: 1"), ("<=", b"\r\nOK\r\n")], **how)
            channel, sink = at.Channel(uart), Sink()
            channel.on(b"+URC: ", lambda channel: channel.stream_to(sink, at.TIMEOUT))
            if command:
                channel.start(command)
            for _ in range(100):
                channel.poll()
            assert bytes(sink.data[: sink.count]) == b"\r\nOK\r\n"
            assert channel.raw and not channel.idle and channel.noise == 0
            assert command is None or command.result == at.TIMEOUT


def test_a_line_that_is_kept_for_one_still_carries_lines_and_payload():
    uart = ScriptedUART([("!", "+URC: 4"), ("<<", b"\r\nOK"), ("!", "+URC: 0")])
    channel, payload, seen = at.Channel(uart), Payload(4), []

    def heard(channel):
        seen.append(channel.number())
        if seen[-1]:
            channel.receive(seen[-1], payload)

    channel.on(b"+URC: ", heard)
    channel.choose("raw", True)
    drain(channel)
    assert not channel.idle and seen == [4, 0] and payload.buf == b"\r\nOK"


def test_slow_writes_do_not_make_all_later_ones_small():
    class Hiccup(ScriptedUART):
        pieces = ()

        def write(self, buf, offset, size):
            if len(self.pieces) in (9, 12, 13):
                virtual_time.clock.sleep_ms(50)  # the system had something else to do
            self.pieces += (size,)
            return size

    uart = Hiccup([])
    channel = at.Channel(uart)
    data = bytes(100000)
    done = 0
    while done < len(data):
        done += channel.output.write(data, done, len(data))
    assert uart.pieces[10:12] == (512, 1024), "one slow write tells little"
    assert uart.pieces[14] == uart.pieces[20] == 256 and uart.pieces[-2] == 1024
    assert uart.pieces[-2] == 1024, uart.pieces
