# The AT channel: bytes in, lines and payloads out, one command at a time, URCs to their owners.
#
# This is the one place that reads the UART (engine rule 1). Every byte that comes in is either
# part of a payload, which is counted and never looked at, or part of a line, and every line is one
# of: the echo of the command, the prompt, an information line of the running command, a final
# result, a URC, or noise. poll() is one bounded step of that machine; whatever waits is a loop
# over it (rule 7). Nothing here knows a socket or a dialect: a command says itself which final
# results it needs, and a URC's owner registers its prefix.
#
# The bytes of a payload go to a sink, an object with
#
#   write(buf, start, count)  the next bytes are buf[start:start + count]
#   complete()                that was the last of them, and a line end has followed
#   damaged()                 the rest of them, or their number, was damaged on the line
#   room()                    how many it has room for now: asked of the sink of a stream only
#
# A steady-state exchange allocates nothing. That is why commands and buffers are made once, why
# fields are parsed in place (fields.py), and why bytes are moved as staging.py says. What goes out
# is paced by output.py.

import errno
import time

from micropython import const

from quectel.fields import Fields
from quectel.output import Output
from quectel.staging import Memory

# Final results, a bit each, so that a command can say which ones it needs.
OK = const(1)
SEND_OK = const(2)
CLOSE_OK = const(4)
CONNECT = const(8)

# What became of a command.
PENDING = const(0)
DONE = const(1)  # every final result it needs has come
ERROR = const(2)  # ERROR, +CME ERROR or +CMS ERROR: refused, nothing was done
SEND_FAIL = const(3)  # the data was not taken: it may be sent again
TIMEOUT = const(4)  # no answer: what the module did is unknown
ABORTED = const(5)  # the module restarted while it ran
NO_CARRIER = const(6)
DAMAGED = const(7)  # the answer was garbled on the line: what the module did is unknown

_FINALS = (
    (b"OK", OK),
    (b"SEND OK", SEND_OK),
    (b"CLOSE OK", CLOSE_OK),
    (b"CONNECT", CONNECT),
)
_FAILURES = (
    (b"ERROR", ERROR),
    (b"SEND FAIL", SEND_FAIL),
    (b"NO CARRIER", NO_CARRIER),
)
_NUMBERED_FAILURES = (b"+CME ERROR: ", b"+CMS ERROR: ")

_LINE = const(384)  # longest line kept; what is longer is cut
_RX = const(256)  # bytes read at once
_READS = const(16)  # reads in one poll, so that a poll is short
_STREAM = const(1 << 20)  # payload without an end
_STALL_MS = const(5000)  # silence in or after a payload: the rest of the answer is lost
_PROMPT_MS = const(10000)  # the documents' 300 ms, and what a slow line and a busy module add
_PUSHED_MS = const(50)  # silence behind pushed data: that module sends no line end there
_QUIET_MS = const(100)  # silence after a damaged answer: the rest of it is over …
_DISCARD_MS = const(5000)  # … or else after this, as noise may go on for ever
_LATE_MS = const(150000)  # the longest that a document lets a command hold up the next one
_WAKE_MS = const(1000)  # how long a module that may sleep has to show that it is awake …
_WAKE_TRIES = const(5)  # … and how often it is asked
_FILL = const(1460)  # bytes: the largest <send_length> of the documents
_CRS = b"\r" * 32
_SPIN_MS = const(2)  # how long pause() lets look again at once before it sleeps, a little …
_NAP_MS = const(30)  # … and then a whole millisecond
_NAP_US = const(200)
_READ_US = const(250)  # how long the reads of one poll may hold its caller …
_PATIENT_US = const(20000)  # … and one who waits in any case, and calls nic.idle between polls
_CR = const(13)
_LF = const(10)
_SPACE = const(32)
_PLUS = const(43)
_COMMA = const(44)
_PROMPT = const(62)  # ">"


def put_number(buf, at, number):
    """Write `number` (not negative) as decimal digits at `buf[at]`; returns the index after it."""
    scale = 1
    while scale * 10 <= number:
        scale *= 10
    while scale:
        buf[at] = 48 + number // scale % 10
        at += 1
        scale //= 10
    return at


class Options:
    """What files outside the core may choose of an object: the fields that its class names."""

    def make_room(self, count):
        """Have the object's table of names grow beyond `count` more. MicroPython looks for each
        method there first, and the fuller the table is, the longer that takes."""
        names = dir(errno)[:count]  # any names that the firmware knows
        for name in names:
            setattr(self, name, None)
        for name in names:
            delattr(self, name)

    def choose(self, name, value):
        """Make `value` that of the field `name`."""
        setattr(self, name, value)


class Command:
    """One exchange with the module: what is sent and what must come back. Reusable.

    text      the command line without its CR, as bytes
    needs     the final results that must all come, in any order (OK, SEND_OK, …)
    prefix    what its information lines begin with
    takes_all whether it also takes every line that no URC claims
    timeout   ms to wait for the answer, from the last byte sent
    data      what follows the prompt; None where the command has no prompt
    result    PENDING, then DONE, ERROR, SEND_FAIL, TIMEOUT, ABORTED, NO_CARRIER or DAMAGED
    code      the number of a +CME ERROR, else None
    sent      whether the module was given the line: a channel out of step asks it something first
    strict    True where an OK that no information line came before is not this command's
    pieces    of `prefix`, where a payload follows such a line: a line that has one of them and is
              nobody's is a damaged one
    silence   ms without a byte on the line, after which the module must first show that it hears
    """

    strict = False
    takes_all = False
    data = None
    data_at = 0
    data_end = 0
    result = DONE
    code = None
    sent = False
    pieces = ()
    silence = 0
    header_fields = 0  # before its data, where that is on the header's line; 0: as usual

    def __init__(self, text=b"", timeout=60000, prefix=b"\0", needs=OK):
        self.needs = needs
        self.prefix = prefix
        self.timeout = timeout
        self.say(text)

    def say(self, text):
        """Set the command line (not in steady state: this allocates)."""
        self.line_out = bytearray(text + b"\r")
        self.line_end = len(text) + 1

    def give(self, data, at, end):
        """Set what is sent after the prompt: `data[at:end]`."""
        self.data = data
        self.data_at = at
        self.data_end = end

    def line(self, channel):
        """An information line has come; its fields are `channel.number()` and so on."""

    # ---- called by the channel ----

    def begun(self, sent):
        """The exchange begins. `sent` is False while the line still waits: until the channel is
        free, or the module has shown that it hears."""
        self.result = PENDING
        self.sent = sent

    def ended(self, result, code=None):
        """The exchange is over, with `result` and, of a +CME ERROR, its number."""
        self.result = result
        self.code = code


class Probe(Command):
    """A question that only a line of its own can answer, not a late OK."""

    strict = True


class Channel(Options, Fields):
    """The AT channel over `uart`, an object with MicroPython's UART methods `any`, `readinto`
    and `write`. `trace` is called with each line sent ("> …") and received ("< …"); `baudrate`
    is how fast the line is, 0 where that must be found out.

    command      the one that runs
    lines        how many have come, modulo 2**29
    noise        lines that belonged to nobody
    missing      bytes of the last payload that did not come
    busy         whether there is more to do than to look at the UART
    patient      whether the last caller of poll waits in any case
    owners       (prefix, handler): see `on`
    watchers     (prefix, handler): `handler(channel)` is called for every such line, whoever else
                 owns it
    To be chosen:
    uart         what it reads …
    output       … and what writes to it, output.py; bringup/counted.py takes their places for a
                 while
    probe        a strict Command that tells a late answer from a new one
    silence      as Command.silence, for every command
    on_noise     called with the channel when a line came that belongs to nobody
    on_silence   called when an answer, or the rest of one, did not come
    raw          no command can be run: the line is one socket's own
    inline       finds headers whose data is on their line: modes/formats.py
    echoes_data  the module echoes what is sent behind the prompt (AT+QISDE)
    unread_most  bytes that may come into the UART while a waiting caller sleeps
    asleep       the module sleeps: it hears the next command only when it has been woken …
    waker        … by this, a Waker of bringup/waking.py, where there is one
    """

    def __init__(self, uart, trace=None, baudrate=0):
        Fields.__init__(self, _LINE)
        self.uart = uart
        self.output = Output(uart, baudrate)
        self.trace = None
        if trace is not None:
            from quectel.services.masking import Trace

            self.trace = Trace(trace)
        self.command = self.probe = self.on_noise = self.on_silence = self.inline = None
        self.lines = self.noise = self.silence = self.missing = self.unread_most = 0
        self.raw = self.echoes_data = self.patient = self.asleep = False
        self.waker = None
        self.owners = []
        self.watchers = []
        self.busy = False
        self._next = None  # waits until the channel is in step again
        self._probing = False
        self._waking = False  # … as the module may sleep
        self._tries = 0  # how often it may be sent again
        self._refused = False  # an ERROR has come that may be its answer
        self._unanswered = 0  # probes that were sent without an answer since …
        self._probed_from = 0  # … this time
        self._stale = False  # an answer may still come that nobody waits for
        self._discards = False  # what comes is the rest of a damaged answer
        # input
        self._rx = bytearray(_RX)
        self._head = 0
        self._tail = 0
        self._text = Memory(_LINE)  # the line that is coming
        self._length = 0
        self._blanks = 0  # empty lines since the last one
        self._lead = -1  # empty lines that the module puts before a line
        # the payload being received
        self._left = 0
        self._sink = None
        self._tail_byte = 0  # what must follow the payload: CR, then LF
        self._tail_shown = False  # a line end has followed pushed data
        # output
        self._out = b""
        self._out_at = 0
        self._out_end = 0
        self._looks_first = False  # before it is sent: the module may have said that it sleeps
        self._awaits_prompt = False
        self._blind = False  # the data was sent without a prompt
        self._fill = 0  # bytes that end the prompt in which the module may be
        self._prompted = False  # it may be, since an exchange with data has not gone well
        self._paid = False  # the header of this command's payload has come …
        self._uncounted = False  # … and no line behind it yet,
        self._with_payload = 0  # or behind the payload that it has told of
        self._echoed = False  # such an echo is being received
        self._needs = 0
        self._answered = False  # an information line has come
        self._since = time.ticks_ms()  # of the last byte sent, or of payload received
        self._asked = self._since  # of the last byte sent
        self._quiet = self._moved = self._since
        self._discards_from = self._discards_least = 0
        self.make_room(11)

    # ---- for those who run commands ----

    @property
    def idle(self):
        """Whether a command can be started."""
        return self.command is None and not self.raw and not self._discards

    def start(self, command):
        """Send `command`; the channel must be idle. Its result changes in a later poll()."""
        command.begun(False)
        if self.probe is not None:
            silence = command.silence or self.silence
            asleep = silence and not 0 <= time.ticks_diff(time.ticks_ms(), self._moved) < silence
            if self._stale or asleep or self.asleep:
                # An answer that came too late would be taken for this command's, and a module
                # that sleeps loses the command that wakes it: first ask something whose answer
                # cannot be mistaken.
                self._next = command
                self._probing = True
                self._waking = self.asleep or not self._stale
                self._tries = _WAKE_TRIES if self._waking else 2
                if self._waking and self.waker is not None:
                    self.waker.begin()
                command = self.probe
        self._begin(command)

    def _begin(self, command):
        command.begun(True)
        self.command = command
        self.busy = True
        self._refused = self._answered = False
        if self._probing:
            if not self._unanswered:
                self._probed_from = time.ticks_ms()
            self._unanswered += 1
        self._needs = command.needs
        self._awaits_prompt = command.data_end > command.data_at
        self._blind = self._paid = self._uncounted = False
        self._out = command.line_out
        self._out_at = 0
        self._out_end = command.line_end
        self._looks_first = self.uart.any() > 0
        self._since = self._asked = time.ticks_ms()
        if self.trace:
            self.trace.sent(command.line_out, command.line_end - 1, self._length)

    def receive(self, count, sink):
        """Called from a line handler: `count` payload bytes (1 or more) follow this line, and
        then a line end. They go to `sink`, or nowhere where that is None."""
        self._left = count
        self.missing = 0
        self._sink = sink
        self.busy = True
        self._since = time.ticks_ms()
        if self.trace:
            self.trace.say("< [%d bytes]" % count)

    def stream_to(self, sink, result=DONE):
        """Called from a line handler: the running command, if there is one, ends with `result`,
        and every byte from here on, until `end_stream`, goes to `sink`. What it has no room for
        stays in the UART."""
        if self.command is not None:
            self._finish(result)
        self._sink = sink
        self._left = _STREAM
        self.raw = True

    def end_stream(self, data, doubt):
        """What comes from now on are lines again, beginning with those in `data`. `doubt`: some
        answer may still come that nobody waits for."""
        self.raw = False
        self._left = self._length = self._tail_byte = 0
        self._sink = None
        self._stale = self._stale or doubt
        data += self._rx[self._head : self._tail]
        for i in range(0, len(data), _RX):
            self._head = 0
            self._tail = min(_RX, len(data) - i)
            self._rx[: self._tail] = data[i : i + self._tail]
            while self._head < self._tail:
                self._read()
        self.busy = True

    def fall_asleep(self):
        """The module says that it sleeps. A command of which nothing has gone yet waits until it
        is awake; one that is on its way wakes it."""
        self.asleep = True
        command = self.command
        if command is None:
            return
        if self._out is command.line_out and not self._out_at and not self._probing:
            self.command = None
            self._awaits_prompt = False
            self._out_end = 0
            if command.result == PENDING:
                self.start(command)
        else:
            self._waking = True
            if self.waker is not None:
                self.waker.begin()

    def repeat(self):
        """The module was asleep: what was sent since has gone unheard. A question whether it
        hears, and the line of a command whose prompt has not come, are sent again."""
        self.asleep = False
        if self._out_at and (self._probing or (self._awaits_prompt and not self._blind)):
            self._begin(self.command)

    def replace_data(self, old, data, offset):
        """What is sent of `old` comes from `data` now, which begins with what was at `offset`."""
        if self._out is old:
            self._out = data
            self._out_at -= offset
            self._out_end -= offset

    def abort(self, doubt=False):
        """The module restarted: nothing that was asked of it will be answered. `doubt`: an OK may
        follow that answers nothing."""
        self._left = self._tail_byte = self._fill = self._unanswered = 0
        waiting = self._next
        self._next = None
        if self.command is not None:
            self._finish(ABORTED)
        if waiting is not None:
            waiting.ended(ABORTED)
        self._stale = doubt

    def damaged(self):
        """Called from a line handler, too: how many bytes of payload follow cannot be told. A
        running command that they belong to ends as DAMAGED, and all that comes is dropped until
        the line is quiet."""
        own = self._paid
        sink = self._sink
        self._left = self._length = self._tail_byte = 0
        self._sink = None
        self._discard()
        if sink is not None:
            sink.damaged()
        if own and self.command is not None:
            self._finish(DAMAGED)
        elif self.on_silence is not None:
            self.on_silence()

    def _discard(self, least=0):
        # What comes, until the line is quiet, and for at least so many ms.
        self._discards = self.busy = True
        self._head = self._tail
        self._discards_from = self._moved = time.ticks_ms()
        self._discards_least = least

    def on(self, prefix, handler):
        """Call `handler(channel)` for every line beginning with `prefix` that is not the running
        command's own; a later registration goes first."""
        self.owners.insert(0, (prefix, handler))

    def off(self, prefix, handler):
        """Undo `on`."""
        self.owners.remove((prefix, handler))

    # ---- the machine ----

    def poll(self, patient=False):
        """One bounded step; True if anything moved. `patient`: see Module.poll. It need not be
        called while the UART has nothing and this is not `busy`."""
        self.patient = patient
        moved = not self._looks_first and self._write()
        self._looks_first = False
        begun = time.ticks_us()
        for _ in range(_READS):
            if not self._read():
                break
            moved = True
            # Where reading takes longer than the next bytes do, there are always some more.
            held = time.ticks_diff(time.ticks_us(), begun)
            if held > _READ_US and (held > _PATIENT_US or not patient):
                break
            if patient and self._nap_ms():
                break  # rather than look at each byte
        self._check_time(moved)
        self.busy = (
            self.command is not None
            or self._left > 0
            or self._tail_byte > 0
            or self._discards
            or self._fill > 0
            or self._head < self._tail
        )
        return moved

    def _write(self):
        # Whether bytes went out. Each poll calls this function, so its frame must be small enough
        # for MicroPython's stack: see Module._work.
        sent = 0
        if self._fill:
            sent = self.output.write(_CRS, 0, min(self._fill, len(_CRS)), self.patient)
            self._fill -= sent
        elif self._out_at < self._out_end:
            sent = self.output.write(self._out, self._out_at, self._out_end, self.patient)
            self._out_at += sent
            if sent and self._out_at == self._out_end:
                self._out = b""  # the caller's buffer is not ours to keep
                self._since = self._asked = time.ticks_ms()
        return sent > 0

    def pause(self, moved):
        """Between two steps of something that waits: sleeps a little once the line is silent."""
        now = time.ticks_ms()
        if moved:
            self._quiet = now
            nap = self._nap_ms()
            if nap:
                time.sleep_ms(nap)
            return
        silence = time.ticks_diff(now, self._quiet)
        if silence > _NAP_MS:
            time.sleep_ms(1)
        elif silence > _SPIN_MS:
            time.sleep_us(_NAP_US)

    def _nap_ms(self):
        # How many ms a waiting caller can sleep without a delay, because the line is busy with the
        # payload for longer. 0 after a full read: the UART may hold more bytes.
        if self._head < self._tail or self._tail == _RX or not 0 < self._left < _STREAM:
            return 0
        return self.output.nap_ms(min(self._left, self.unread_most))

    def _check_discards(self, now):
        quiet = time.ticks_diff(now, self._moved) >= _QUIET_MS
        waited = time.ticks_diff(now, self._discards_from) - self._discards_least
        if waited >= (0 if quiet else _DISCARD_MS):
            # From here on bytes form lines again.
            self._discards = False
            waiting = self._next
            if waiting is not None and self.command is None:
                self._next = None
                self._begin(waiting)

    def _check_time(self, moved):
        now = time.ticks_ms()
        if moved:
            self._moved = now
        if self._discards:
            self._check_discards(now)
            return
        waited = time.ticks_diff(now, self._since)
        if moved:
            # The answer may wait in the UART. Continuous noise must not extend the time-out.
            waited >>= 1
        if self._tail_byte == _CR and self._sink is not None and not self._paid:
            if waited > _PUSHED_MS and not self._tail_shown:
                self._tail_byte = 0
                sink, self._sink = self._sink, None
                sink.complete()
        command = self.command
        stalled = waited > _STALL_MS
        if stalled and self._left and self._left != _STREAM:
            # Bytes were lost on the line: what is left of this payload will never come.
            if self._paid:
                self.missing = self._left
                self._left = 0
                self._finish(TIMEOUT)
            else:
                self.damaged()
        elif stalled and self._tail_byte and not self._paid:
            self.damaged()
        elif command is None:
            pass
        elif stalled and self._paid and not self._left:
            # What follows a payload follows at once: the module restarted inside it.
            self._finish(TIMEOUT)
        elif not (self._paid and self._left):
            # Payload that the module gives unasked must not extend the time-out either.
            waited = time.ticks_diff(now, self._asked)
            if moved:
                waited >>= 1
            if self._awaits_prompt and not self._blind and waited > _PROMPT_MS:
                # The prompt was lost, or the line before it. A module that is in the prompt takes
                # whatever comes next for data: so nothing but the data may come next.
                self._blind = True
                self._send_data()
            elif waited > (_WAKE_MS if self._probing and self._waking else command.timeout):
                self._finish(TIMEOUT)

    def _read(self):
        # Takes the bytes that were read last, or reads new ones. Returns False where there are
        # none, or where a stream's sink has no room.
        if self._head == self._tail:
            count = self.uart.any()
            if self._left == _STREAM:
                count = min(count, self._sink.room())
            if not count:
                return False
            count = self.uart.readinto(self._rx, min(count, _RX))
            if not count:
                return False
            self._head = 0
            self._tail = count
        if self._discards:
            if self.trace:
                self.trace.dropped(self._tail - self._head)
            self._head = self._tail
            return True
        if not self._left:
            self._scan()
            return True
        count = min(self._tail - self._head, self._left)
        sink = self._sink
        if self._left == _STREAM:
            count = min(count, sink.room())
        if not count:
            return False
        if sink is not None:
            sink.write(self._rx, self._head, count)
        self._head += count
        self._since = time.ticks_ms()
        if self._left != _STREAM:
            self._left -= count
            if not self._left and not self._echoed:
                self._tail_byte = _CR
        if not self._left:
            self._echoed = False
        return True

    def _check_tail(self, byte):
        # Only a line end can follow a payload. Any other byte means that bytes of the payload were
        # lost or doubled, or that the count was damaged.
        if byte != self._tail_byte:
            self.damaged()
            return
        self._head += 1
        if byte == _CR:
            self._tail_byte = _LF
            return
        self._tail_byte = 0
        self._tail_shown = True
        self._blanks = 1 if self._paid else 0
        sink, self._sink = self._sink, None
        if sink is not None:
            sink.complete()

    def _scan(self):
        # The frame must stay small: see _write.
        rx = self._rx
        while self._head < self._tail and not self._left:
            head = self._head
            if self._tail_byte:
                self._check_tail(rx[head])
                continue
            if not self._length and not self._begins_line(rx[head]):
                continue
            tail = self._tail
            stop = rx.find(b"\n", head, tail)
            if stop < 0:
                stop = tail
            end = rx.find(b"\r", head, stop)
            if end < 0:
                end = stop
            if self.inline is not None:
                end = self.inline.limit(rx, head, end)
            self._keep(head, end)
            self._head = end + 1
            if end == tail:
                self._head = tail
            elif end == stop or (end + 1 == stop < tail and rx[end] == _CR):
                self._head = stop + 1
                self._end_line()
                break  # a line takes long: poll looks at the time between two of them
            elif rx[end] == _COMMA and self._ends_header():
                self._end_line()
            elif rx[end] == _COMMA or not self._is_echo():
                self._keep(end, end + 1)

    def _begins_line(self, byte):
        # Whether a line begins with this byte. Any other byte is consumed here: the prompt, a line
        # end, or noise from a module that powers up.
        if _SPACE < byte <= 126 and (byte != _PROMPT or not self._awaits_prompt):
            self._text.seek(0)
            return True
        self._head += 1
        if byte == _PROMPT:
            self._awaits_prompt = False
            self._send_data()
        elif byte == _LF:
            self._blanks += 1
        elif self.trace and byte != _CR and byte != _SPACE:
            self.trace.dropped(1)
        return False

    def _keep(self, start, end):
        # The line goes on with these of the bytes received, as far as it has room.
        count = min(end - start, _LINE - self._length)
        if count > 0:
            self._text.write(self._rx, start, count)
            self._length += count

    def _fetch(self):
        # Have the line that is coming in `_line`.
        length = self._length
        self._text.seek(0)
        self._text.readinto(self._line, length)
        # What an earlier, longer line left behind must not be taken for this one.
        self._line[length] = 0
        self._end = length

    def _ends_header(self):
        self._fetch()
        return self.inline.ends_header(self, bytes(self._line[: self._length]))

    def _is_echo(self):
        # Whether the line up to this CR is the running command's; then it is over.
        command = self.command
        length = self._length
        if command is None or length != command.line_end - 1:
            return False
        self._fetch()
        for i in range(length):
            if self._line[i] != command.line_out[i]:
                return False
        self._length = 0
        return True

    def _send_data(self):
        command = self.command
        self._out = command.data
        self._out_at = command.data_at
        self._out_end = command.data_end
        self._since = self._asked = time.ticks_ms()
        if self.echoes_data:
            # The data comes back, behind the prompt's space (if there is none, the CR of the
            # answer is taken for the last byte, and its LF begins the line).
            self._left = command.data_end - command.data_at + 1
            self._sink = None
            self._echoed = True
        if self.trace:
            self.trace.say("> [%d bytes]" % (command.data_end - command.data_at))

    def _end_line(self):
        self._fetch()
        self._length = 0
        line = self._line
        while line[self._end - 1] == _CR:
            self._end -= 1
            line[self._end] = 0
        blanks = self._blanks
        self._blanks = 0
        self.lines = (self.lines + 1) & 0x1FFFFFFF
        self._field = 0
        if self.trace:
            self.trace.took(line, self._end)
        if line[0] == _PLUS:
            # Some firmware leaves out the space behind the colon, in answers and in URCs. This
            # inserts it once, so that no prefix needs two forms.
            at = line.find(b":", 0, self._end) + 1
            if at and line[at] != _SPACE and self._end < _LINE:
                self._end += 1
                for i in range(self._end, at, -1):
                    line[i] = line[i - 1]
                line[at] = _SPACE
        command = self.command
        if self._answered and command is not None and not self._in_step(blanks):
            self.damaged()
        elif command is not None and line.startswith(command.prefix):
            self._information(command, len(command.prefix))
        elif command is None or not self._final(command):
            self._unsolicited(command)

    def _in_step(self, blanks):
        # The line behind a header, or behind its payload, is led by as many empty lines as any
        # other; fewer or more tell that the count was wrong by a line end of the data. The module
        # shows how many it uses.
        lead = self._lead
        if not self._paid:
            if lead < 0 and self._end == 2 and self._line.startswith(b"OK"):
                self._lead = blanks
            return True
        if not self._uncounted:
            return True
        self._uncounted = False
        blanks -= self._with_payload
        if lead < 0:
            self._lead = blanks
        if blanks == lead or lead < 0:
            return True
        self._lead = -1
        return False

    def _information(self, command, at):
        self._field = at
        self._answered = True
        self._paid = self._uncounted = bool(command.pieces)
        command.line(self)
        self._with_payload = 1 if self._left else 0
        if self._left:
            self._paid = self._uncounted = True

    def _final(self, command):
        # Whether the line is a result of the command. The frame must stay small: see _write.
        for text, bit in _FINALS:
            if self._end == len(text) and self._line.startswith(text):
                break
        else:
            return self._is_failure(command)
        return self._succeeded(command, bit)

    def _succeeded(self, command, bit):
        if bit == OK and command.strict and not self._answered:
            self._paid = bool(command.pieces)  # its line was lost, unless it comes now
            return False
        if not self._needs & bit:
            return False
        self._needs &= ~bit
        if not self._needs:
            # A module that is done before it has all the data has read another length.
            whole = self._out_at == self._out_end
            whole = whole and (self._blind or not self._awaits_prompt)
            self._finish(DONE if whole else DAMAGED)
        return True

    def _is_failure(self, command):
        for text, result in _FAILURES:
            if self._end == len(text) and self._line.startswith(text):
                if result == NO_CARRIER and not command.needs & CONNECT:
                    return False
                if result == SEND_FAIL and not command.needs & SEND_OK:
                    return False  # of an exchange that was given up
                return self._failed(result)
        for text in _NUMBERED_FAILURES:
            if self._line.startswith(text):
                self._field = len(text)
                return self._failed(ERROR, self.number())
        return False

    def _failed(self, result, code=None):
        if self._blind:
            return False  # of data that a module without a prompt took for a line
        if self._probing:
            # It may be about the rest of a line that came before: then the answer still comes.
            self._refused = True
            return False
        self._finish(result, code)
        return True

    def _unsolicited(self, command):
        known = False
        for prefix, handler in self.watchers:
            if self._line.startswith(prefix):
                self._field = 0
                handler(self)
                known = True
        for prefix, handler in self.owners:
            if self._line.startswith(prefix):
                self._field = len(prefix)
                handler(self)
                return
        if known:
            return
        if command is not None and command.takes_all:
            self._information(command, 0)
            return
        self.noise += 1
        if command is not None and not self._answered:
            for piece in command.pieces:
                if self._line.find(piece, 0, self._end) >= 0:
                    # It is the damaged header of this command's answer.
                    self._paid = True
                    self.damaged()
                    return
        if self.on_noise is not None:
            self.on_noise(self)

    def _finish(self, result, code=None):
        if self._echoed:
            self._echoed = False
            self._left = 0
        command = self.command
        self.command = None
        started = self._out is command.data and 0 < self._out_at < self._out_end
        if command.data_end > command.data_at:
            self._prompted = result != DONE and result != SEND_FAIL
        self._awaits_prompt = self._paid = self._uncounted = False
        self._out = b""
        self._out_at = self._out_end = 0
        if result != DONE:
            self._tail_byte = 0
        command.ended(result, code)
        if self._probing:
            self._probed(command, result)
            return
        doubtful = result == TIMEOUT or result == DAMAGED
        if (started and result != ABORTED) or (doubtful and self._prompted):
            # Until the module has what it was promised, it takes a command for data. An empty
            # line is no command; so what is too much does no harm.
            self._fill = _FILL
            self._stale = True
        if doubtful or result == ABORTED:
            self._stale = True
            if doubtful and self.on_silence is not None:
                self.on_silence()

    def _probed(self, probe, result):
        if result == TIMEOUT and self._prompted:
            self._fill = _FILL
        self._tries -= 1
        if result == TIMEOUT and self._tries and (self._waking or self._refused):
            self._begin(probe)
            return
        self._probing = False
        self._stale = result != DONE
        waiting = self._next
        if self._stale:
            self._next = None
            if result == TIMEOUT and self.waker is not None:
                self.asleep = self._waking
            if waiting is not None:
                waiting.ended(ABORTED if result == ABORTED else TIMEOUT)
            if result == TIMEOUT and self.on_silence is not None:
                self.on_silence()
            return
        self._prompted = self.asleep = False
        now = time.ticks_ms()
        asked, self._unanswered = self._unanswered, 0
        if asked > 1:
            # This may answer the first of them: then the others are answered as late, and
            # whatever waits is sent when they have been: see _check_time.
            late = time.ticks_diff(now, self._probed_from) - time.ticks_diff(now, self._since)
            self._discard(min(late, _LATE_MS))
        elif waiting is not None:
            self._next = None
            self._begin(waiting)
