# Transparent mode: the UART is one TCP connection. Loaded on first use. BG95-S5 1.2, 2.3.10, 3.4;
# RG200U&RG500U&RM500U 1.2, 2.3.12; BC65&BC92&BC95-GR 1.2, 2.2.7 (BC92 alone).
#
# In this mode nothing is counted and nothing is framed, so some things can only be concluded:
#
# - The end of the mode. The OK that answers +++ stands among the peer's bytes. It is taken to be
#   the last CRLF OK CRLF after which come lines of the module alone, once the silence behind the
#   +++ is over and nothing more comes. A peer that sends exactly that text as its last bytes
#   before the module's own OK, and an OK that is late, would be taken for one another: the text
#   is then missing from the data, and the late OK is told from an answer by a probe.
# - A lost link. CRLF NO CARRIER CRLF, and nothing behind it but lines of the module, may be the
#   peer's data. So +++ is sent, with silence on either side: if OK comes the module was still in
#   transparent mode, the text was data and is given to the reader, and the mode is entered again;
#   if not, and the module answers AT, the link is lost. Neither way does the peer get a byte that
#   it should not. What the program wrote between the loss and its notice went to the module as
#   command lines: there is no help against that. A notice that comes in pieces more than _GAP_MS
#   apart is seen, but its first piece may have been read as data by then.
# - A module that restarts says so with RDY, which is data as long as nothing is asked. It is
#   found out when the mode is to be left: nothing answers +++, AT is answered.
# - Bytes that came between the last AT+QIRD and CONNECT are taken to follow CONNECT.
#
# The module leaves the mode for +++ alone between silences. A program's own +++ must not do that:
# see Raw._allowed. That UART.write has given its bytes to the wire cannot be seen where it has no
# `txdone`: there the driver counts the silence from the end of the last write.
#
# Without RTS and CTS whatever comes while neither the stream nor the interface is called must fit
# the UART's receive buffer: nothing asks the module for less.

import errno
import time

from micropython import const

from quectel import at, errors
from quectel.push import change_mode
from quectel.staging import Staging
from quectel.stream import EPIPE, POLLIN, POLLNVAL, POLLOUT, Stream

_BLOCK = const(128)  # of a Staging
_GAP_MS = const(20)  # silence after which the beginning of a notice is data
_SUSPECT_MS = const(200)  # silence after which a notice is looked into
_SETTLE_MS = const(50)  # silence behind an OK
_MARGIN_MS = const(200)  # more silence than the document asks for
_ANSWER_MS = const(3000)  # how long the OK may take after the silence behind +++ …
_LOST_MS = const(1000)  # … and where none is expected
_SWITCH_MS = const(10000)  # for CONNECT, documented as 300 ms
_AT_MS = const(1000)
_DRAIN_MS = const(10000)  # for the UART to send what it holds
_SETTLED_MS = const(180000)  # for what else is under way, an AT+QIOPEN at most
_LOOK_BACK = const(512)  # bytes in which an answer is looked for

_PLUS = const(43)
_SAFE = const(4)  # as `pluses`: what was sent since a silence can be no escape

_NOTICE = b"\r\nNO CARRIER\r\n"
_ANSWER = b"\r\nOK\r\n"
# Lines that may follow a notice, besides URCs: answers to what was written too late.
_LINES = (b"OK", b"ERROR", b"NO CARRIER", b"RDY", b"APP RDY", b"POWERED DOWN")


def stream(sock, timeout):
    """See Socket.transparent."""
    conn = sock.connection
    dialect = conn.nic.dialect
    if 2 not in dialect.ACCESS_MODES:
        raise errors.not_supported(dialect.MODEL, "transparent mode")
    if conn.datagram:
        raise errors.not_supported(dialect.MODEL, "transparent mode over UDP")
    raw = conn.claim() if conn.is_connected and hasattr(conn, "claim") else None
    if raw is not None:  # it came in with the mode: see direct_server.py
        raw.ioctl(5, timeout)
        return raw
    if sock.listening() or not conn.is_open:
        raise OSError(errno.ENOTCONN)
    if conn.pushes:
        raise errors.Error(errno.EINVAL, "choose buffer mode before transparent mode")
    return Raw(conn, timeout)


def closing(sock):
    """A socket is to be closed while one is in transparent mode: that one leaves it first."""
    conn = sock.connection
    holder = conn.nic.transparent
    if not holder.belongs_to(conn):
        raise errors.Error(errors.EBUSY, "another socket is in transparent mode")
    holder.leave()


class Pipe(Staging):
    """The socket's staging, and the channel's sink in transparent mode.

    Bytes from `head` to `tail` can be read; those from `tail` to `end` have come, but may be a
    notice. All these positions, `notice` and `mark` too, move when a block is used anew."""

    def __init__(self, size, old):
        super().__init__(size)
        self.least = len(self.blocks)
        self.end = 0
        self.notice = -1  # where a notice may begin
        self.mark = 0  # where the answer to +++ is looked for
        self.since = 0  # when the last byte came
        self.grows = True  # rather than let bytes wait in the UART
        self._looked = 0  # up to where no notice begins
        self._judged = 0  # `end` when a notice was looked for
        if old is not None:
            kept = len(old)
            while len(self.blocks) * _BLOCK < kept:
                self.blocks.append(bytearray(_BLOCK))
            for block in self.blocks:
                self.tail += old.take(block, 0, _BLOCK)

    # ---- the channel's side ----

    def open(self, channel, count):
        """As Staging's, behind what is here."""
        if self.head == self.tail:
            self.head = self.tail = 0
            while len(self.blocks) > self.least:
                self.blocks.pop()
        while len(self.blocks) * _BLOCK < self.tail + count:
            self.blocks.append(bytearray(_BLOCK))
        super().open(channel, count)

    def begin(self):
        """The channel gives raw bytes from here on."""
        if self.head == self.tail:
            self.head = self.tail = 0
        self._filled = self.end = self.mark = self._looked = self._judged = self.tail
        self.notice = -1
        self.grows = False
        self.since = time.ticks_ms()

    def more(self, channel):
        """Give the channel its next room."""
        if self._filled % _BLOCK == 0:
            while self.head >= _BLOCK:
                self._turn()
            if self.grows and self._filled == len(self.blocks) * _BLOCK:
                self._grow()
        super().more(channel)

    def _turn(self):
        # The first block is used up: it becomes the last. No pop: a list that shrinks allocates.
        blocks = self.blocks
        first = blocks[0]
        for i in range(1, len(blocks)):
            blocks[i - 1] = blocks[i]
        blocks[-1] = first
        self.head -= _BLOCK
        self.tail -= _BLOCK
        self.end -= _BLOCK
        self.mark -= _BLOCK
        self._filled -= _BLOCK
        self._looked -= _BLOCK
        self._judged -= _BLOCK
        if self.notice >= 0:
            self.notice -= _BLOCK

    def _grow(self):
        try:
            self.blocks.append(bytearray(_BLOCK))
        except MemoryError:
            pass  # the rest waits in the UART

    def came(self, count):
        """The channel has put `count` bytes into its rooms."""
        self.end += count
        self.since = time.ticks_ms()

    # ---- notices and answers ----

    def release(self):
        """Let the reader have what is no notice."""
        end = self.end
        if self._judged != end:
            self._judged = end
            if self.notice >= 0 and not self._only_lines(self.notice + len(_NOTICE)):
                self._looked = self.notice + 1
                self.notice = -1
            if self.notice < 0:
                self._look(end)
        if self.notice >= 0:
            self.tail = max(self.tail, self.notice)
        elif self.tail != end:
            held = 0
            if time.ticks_diff(time.ticks_ms(), self.since) < _GAP_MS:
                held = self._beginning(end)
            self.tail = max(self.tail, end - held)

    def give_all(self):
        """No notice is left: all that came is data."""
        self.notice = -1
        self.tail = self._looked = self._judged = self.end

    def _look(self, end):
        # Whether a notice that nothing but lines follow is among the new bytes.
        start = max(self._looked, 0)
        while True:
            start = self._find(start, end)
            if start < 0:
                break
            if self._only_lines(start + len(_NOTICE)):
                self.notice = start
                break
            start += 1
        # What is too short yet to be one is looked at again.
        self._looked = max(self._looked, end - len(_NOTICE) + 1)

    def _find(self, start, end):
        # The first notice from `start` on. Inside a block it is looked for at once.
        while start + len(_NOTICE) <= end:
            block = self.blocks[start // _BLOCK]
            within = start % _BLOCK
            if within <= _BLOCK - len(_NOTICE):
                found = block.find(_NOTICE, within, min(_BLOCK, end - start + within))
                if found >= 0:
                    return start - within + found
                start += _BLOCK - len(_NOTICE) + 1 - within
            elif self._matches(start, len(_NOTICE)):
                return start
            else:
                start += 1
        return -1

    def _matches(self, start, count):
        for i in range(count):
            place = start + i
            if self.blocks[place // _BLOCK][place % _BLOCK] != _NOTICE[i]:
                return False
        return True

    def _beginning(self, end):
        # How many of the last bytes may be the beginning of a notice.
        last = end - 1
        if self.blocks[last // _BLOCK][last % _BLOCK] not in _NOTICE:
            return 0
        for count in range(min(len(_NOTICE) - 1, end - self.tail), 0, -1):
            if self._matches(end - count, count):
                return count
        return 0

    def _only_lines(self, start):
        # Whether what follows can be lines of the module.
        if start == self.end:
            return True
        return _are_lines(self.copy(start, min(self.end, start + _LOOK_BACK)))

    def copy(self, start, end):
        """The bytes from `start` to `end`."""
        data = bytearray(max(0, end - start))
        for i in range(len(data)):
            place = start + i
            data[i] = self.blocks[place // _BLOCK][place % _BLOCK]
        return bytes(data)

    def answer(self):
        """Where, behind `mark`, an OK begins that only lines follow; -1 if there is none."""
        start = max(self.mark, self.end - _LOOK_BACK, 0)
        data = self.copy(start, self.end)
        found = data.rfind(_ANSWER)
        if found < 0 or not _are_lines(data[found + len(_ANSWER) :]):
            return -1
        return start + found

    def is_doubtful(self, place):
        """Whether what comes before the OK at `place` may have been the OK instead."""
        data = self.copy(max(self.mark, place - _LOOK_BACK, 0), place)
        found = data.rfind(_ANSWER)
        return found >= 0 and _are_lines(data[found + len(_ANSWER) :])

    def cut(self, place, skip):
        """End the stream at `place`; returns what followed it but for `skip` bytes."""
        rest = self.copy(place + skip, self.end)
        self.end = self.tail = max(place, self.tail)
        self.notice = -1
        return rest


def _are_lines(data):
    # Whether `data` can be lines of the module, the last one not complete. A push of another
    # socket may follow, so nothing behind a URC is looked at.
    start = 0
    while start < len(data):
        stop = data.find(b"\n", start)
        line = (data[start:] if stop < 0 else data[start:stop]).strip()
        if line[:1] == b"+":
            return line.startswith(b"+Q") or b"+Q".startswith(line)
        if stop < 0:
            return any(text.startswith(line) for text in _LINES)
        if line and line not in _LINES:
            return False
        start = stop + 1
    return True


class Switch(at.Command):
    """A command that CONNECT answers (after an OK, on BC92)."""

    def __init__(self, text, pipe):
        super().__init__(text, 2 * _SWITCH_MS, b"CONNECT", at.CONNECT)
        self._pipe = pipe

    def line(self, channel):
        self._pipe.begin()
        channel.hand_over(self._pipe)


class Raw(Stream):
    """The stream of a TCP socket in transparent mode: what `s.transparent()` gives.

    It reads and writes as a Socket does, with a time-out of its own. Entering waits for what else
    is under way, and for the module; leaving waits for two guard times (BG95-S5 2 s). A lost link
    is an end of file, some seconds after it happened. close() leaves the mode, no more."""

    def __init__(self, conn, timeout):
        super().__init__(conn.nic)
        self._connection = conn
        self._channel = self._nic.channel
        self._dialect = self._nic.dialect
        self._timeout = timeout
        self._pipe = None
        self._inside = False  # the module is in transparent mode, or may be
        self._over = False  # the link is lost
        self._work = None  # the task that enters, leaves, or looks into a notice
        self._leaving = False
        self._guard = self._dialect.GUARD_MS + _MARGIN_MS
        self._written = 0  # when the last byte went to the UART
        self._pluses = 0  # sent since a silence, and nothing else; or _SAFE
        self._dtr = None

    def __repr__(self):
        return "<Raw of connection %s>" % self._connection.id

    def belongs_to(self, conn):
        """Whether `conn` may end the mode: its own, or the listener that still has that."""
        return conn is self._connection or self._connection in conn.clients

    # ---- entering and leaving ----

    def __enter__(self):
        self._nic.complete(self._start(self._enter()))
        return self

    def __exit__(self, kind, value, trace):
        self.leave()

    async def __aenter__(self):
        await self._await(self._start(self._enter()))
        return self

    async def __aexit__(self, kind, value, trace):
        await self._await(self.start_leaving())

    async def _await(self, task):
        import asyncio

        while not task.done:
            self._nic.poll()
            await asyncio.sleep(0.002)
        if task.error is not None:
            raise task.error

    def _start(self, steps):
        self._work = self._nic.spawn(steps)
        return self._work

    def leave(self):
        """Back to command mode: +++ between silences, or DTR. What came late is the socket's to
        read. ECONNABORTED if the module did not confirm it; idempotent."""
        task = self.start_leaving()
        try:
            self._nic.complete(task)
        finally:
            task.error = None  # told once

    def close(self):
        """leave(); a non-blocking stream leaves that to later polls."""
        if self._timeout != 0:
            self.leave()
        else:
            self.start_leaving()

    def start_leaving(self):
        """leave() as a Task."""
        if not self._leaving:
            self._leaving = True
            self._start(self._leave(self._work))
        return self._work

    def _enter(self):
        nic = self._nic
        if nic.channel.raw:
            raise errors.Error(errors.EBUSY, "a socket is in transparent mode")
        start = time.ticks_ms()
        while not nic.settled:
            if time.ticks_diff(time.ticks_ms(), start) > _SETTLED_MS:
                raise errors.Error(errors.EBUSY, "other exchanges are under way")
            yield
        receiver = self._connection.receiver
        yield from receiver.settle()
        self._pipe = pipe = receiver.staging
        if not isinstance(pipe, Pipe):
            self._pipe = pipe = Pipe(nic.chunk, pipe)
            change_mode(self._connection, 0, pipe)
        yield from self._arm()
        yield from self._switch()

    def _arm(self):
        # DTR must be low, and its change to high must mean command mode, before the mode begins.
        if self._nic.dtr is None or not self._dialect.DTR:
            return
        self._nic.dtr.value(0)
        command = at.Command(b"AT&D1", _SWITCH_MS)
        yield from self._nic.run(command)
        if command.result == at.DONE:
            self._dtr = self._nic.dtr

    def _switch(self):
        # What the module holds is read first; then ATO, or AT+QISWTMD. Where the peer has closed
        # there is nothing to switch: the stream is what was read, and its end.
        last = self._nic.transparent
        if last is not None and last.belongs_to(self._connection):
            self._nic.transparent = None
            if (yield from self._try_switch(b"ATO")) is None:
                return
        command = yield from self._try_switch(b"AT+QISWTMD=%d,2" % self._connection.id)
        if command is not None:
            error = yield from self._nic.why(command, "transparent mode")
            if not (yield from self._fetch()):
                raise error

    def _try_switch(self, text):
        # Generator: None if this led to the stream, else the command that was refused.
        if (yield from self._fetch()):
            return None
        command = Switch(text, self._pipe)
        began = None
        for _ in self._nic.run(command):
            yield
            if self._channel.command is command:
                now = time.ticks_ms()
                began = now if began is None else began
                if time.ticks_diff(now, began) > _SWITCH_MS:
                    yield from self._stuck()
        if command.result == at.DONE:
            self._entered()
            return None
        return command

    def _entered(self):
        self._inside = True
        self._nic.transparent = self
        self._pluses = 0
        self._written = time.ticks_ms()

    def _fetch(self):
        # Generator: read what the module holds; whether that was the last.
        conn = self._connection
        receiver = conn.receiver
        self._pipe.grows = True
        yield from receiver.fetch()
        while receiver.hint and not receiver.eof and conn.failure is None:
            yield from receiver.fetch()
        if not conn.over:
            return False
        if conn.failure is not None:
            raise conn.failure
        self._over = True
        return True

    def _stuck(self):
        # No answer: the module may be in either mode. No command can be sent before that is known.
        self._pipe.begin()
        self._channel.hand_over(self._pipe)
        self._inside = True
        yield from self._step_out()
        self._fail("no answer: unknown whether transparent")

    def _leave(self, before):
        while before is not None and not before.done:
            yield
        try:
            if self._inside:
                yield from self._step_out()
        finally:
            if self._over:
                self._nic.transparent = None
        conn = self._connection
        if not self._over and conn.id is not None and not conn.over:
            if not self._dialect.ESCAPE_BUFFERS:
                line = b"AT+QISWTMD=%d,0" % conn.id
                yield from self._nic.run(at.Command(line, _SWITCH_MS))
            change_mode(conn, 0, None)

    def _step_out(self):
        pipe = self._pipe
        pipe.grows = True
        if (yield from self._escape(_ANSWER_MS)):
            return
        if pipe.notice < 0 and (yield from self._escape(_ANSWER_MS)):
            # The first one was not taken for an escape.
            self._fail("the peer may have got +++")
        yield from self._lost()

    def _confirm(self):
        # Is a notice one? See the head of this file.
        pipe = self._pipe
        if (yield from self._escape(_LOST_MS)):
            if not self._leaving:
                yield from self._switch()
        elif pipe.notice >= 0:
            yield from self._lost()

    def _escape(self, patience):
        # Generator: whether the module has left the mode with OK; then lines have begun.
        if self._dtr is not None:
            yield from self._sent()
            self._pipe.mark = self._pipe.end
            self._dtr.value(1)
            done = yield from self._answered(0, _ANSWER_MS)
            self._dtr.value(0)
            if done:
                return True
        if not (yield from self._silence()):
            return False
        self._pipe.mark = self._pipe.end
        if self._channel.trace:
            self._channel.trace("> +++")
        sent = self._channel.transmit(b"+++", 0, 3)
        self._written = time.ticks_ms()
        while sent < 3 and time.ticks_diff(time.ticks_ms(), self._written) < _DRAIN_MS:
            yield
            sent += self._channel.transmit(b"+++", sent, 3)
        self._written = time.ticks_ms()
        return (yield from self._answered(self._guard, patience))

    def _silence(self):
        # Generator: wait for the silence before +++; False if a notice turned out to be none.
        suspected = self._pipe.notice >= 0
        yield from self._sent()
        while time.ticks_diff(time.ticks_ms(), self._written) < self._guard:
            yield
            self._pipe.release()
            if suspected and self._pipe.notice < 0 and not self._leaving:
                return False
        return True

    def _sent(self):
        # Generator: wait until the UART has sent all that it holds.
        txdone = getattr(self._channel.uart, "txdone", None)
        if txdone is None:
            return
        start = time.ticks_ms()
        while not txdone() and time.ticks_diff(time.ticks_ms(), start) < _DRAIN_MS:
            yield
            self._written = time.ticks_ms()

    def _answered(self, guard, patience):
        # Generator: whether OK comes, not before `guard` ms are over.
        pipe = self._pipe
        start = time.ticks_ms()
        while True:
            yield
            now = time.ticks_ms()
            waited = time.ticks_diff(now, start)
            late = waited >= guard + patience
            if waited >= guard and (late or time.ticks_diff(now, pipe.since) >= _SETTLE_MS):
                place = pipe.answer()
                if place >= 0:
                    self._take_back(place, len(_ANSWER))
                    return True
            if late:
                pipe.release()
                return False

    def _take_back(self, place, skip):
        # More than one OK: one of them may still come.
        doubt = skip == len(_ANSWER) and self._pipe.is_doubtful(place)
        rest = self._pipe.cut(place, skip)
        self._inside = False
        if self._channel.trace:
            self._channel.trace("< OK" if skip == len(_ANSWER) else "< NO CARRIER")
        self._channel.take_back(rest, doubt)

    def _lost(self):
        # No OK: is the module in command mode? An escape that it took for text is ended by a CR.
        pipe = self._pipe
        noticed = pipe.notice >= 0
        if noticed:
            self._take_back(pipe.notice, len(_NOTICE))
        else:
            pipe.give_all()
            self._inside = False
            self._channel.take_back(b"", True)
        self._over = True
        for _ in range(3):
            command = at.Command(b"AT", _AT_MS)
            yield from self._nic.run(command)
            if command.result in (at.DONE, at.ERROR):
                break
        if noticed:
            self._connection.finished()
        else:
            self._fail("transparent mode ended without a word")

    def _fail(self, text):
        error = errors.Error(errno.ECONNABORTED, text)
        self._over = True
        self._connection.fail(error)
        raise error

    # ---- the stream ----

    def _step(self):
        # Bytes that have come can be read; a notice that nothing follows is looked into.
        self._nic.poll()
        pipe = self._pipe
        if self._inside and not self._busy():
            pipe.release()
            if pipe.notice >= 0 and time.ticks_diff(time.ticks_ms(), pipe.since) >= _SUSPECT_MS:
                self._start(self._confirm())

    def _busy(self):
        work = self._work
        if work is None:
            return False
        if not work.done:
            return True
        if work.error is not None:
            error = work.error
            work.error = None
            self._over = True
            raise error
        return False

    def _check(self):
        if self._leaving:
            raise OSError(errno.EBADF)
        if self._pipe is None:
            raise OSError(errno.ENOTCONN)

    def _stage(self):
        return self._wait_for(-1)

    def _receive(self, buf, at_, end):
        got = self._wait_for(end - at_)
        return self._take(buf, at_, end) if got else got

    def _take(self, buf, at_, end):
        return self._pipe.take(buf, at_, end - at_)

    def _find(self, byte):
        return self._pipe.find(byte)

    def _wait_for(self, want):
        # Wait until there is something: how much, 0 at the end, None if non-blocking and none.
        self._check()
        pipe = self._pipe
        start = time.ticks_ms()
        while True:
            self._step()
            if pipe.tail > pipe.head:
                return pipe.tail - pipe.head
            if self._over or not want:
                return 0
            if not self.patience(start):
                return None

    def _send_some(self, data, at_, end):
        self._check()
        end = len(data) if end is None else min(end, len(data))
        start = time.ticks_ms()
        done = at_
        while True:
            self._step()
            if self._over and done == at_:
                raise OSError(EPIPE)
            if self._over or done >= end:
                break
            done += self._put(data, done, end)
            if done >= end:
                break
            try:
                if not self.patience(start):
                    return done - at_ or None
            except OSError:
                if done == at_:
                    raise
                break
        return done - at_

    def _put(self, data, at_, end):
        # Give the UART what it takes now.
        if not self._inside or self._pipe.notice >= 0 or self._busy():
            return 0
        allowed = self._allowed(data, at_, end)
        sent = 0
        start = time.ticks_ms()
        while sent < allowed:
            count = self._channel.transmit(data, at_ + sent, at_ + allowed)
            if count:
                self._note(data, at_ + sent, count)
                sent += count
            # Never stop behind the third plus of more.
            if self._pluses != 3 or sent == allowed:
                break
            if time.ticks_diff(time.ticks_ms(), start) > self._dialect.GUARD_MS // 2:
                break
        return sent

    def _allowed(self, data, at_, end):
        # How many bytes can go now so that the module takes none of them for an escape, which is
        # three pluses and nothing else between two silences. All that was sent so far since a
        # silence is `pluses`, as long as it is pluses alone. Three of them are never sent
        # without a fourth byte: two go, and the third after a silence of its own. A pause that
        # may or may not be a silence to the module is made one before more pluses follow.
        passed = time.ticks_diff(time.ticks_ms(), self._written)
        doubt = self._dialect.GUARD_MS // 2
        if passed >= self._guard + doubt:
            self._pluses = 0
        elif passed >= doubt:
            if self._pluses == _SAFE:
                self._pluses = 0
            elif self._pluses:
                return 0
        if self._pluses == _SAFE:
            return end - at_
        stop = at_
        while stop < end and stop - at_ < _SAFE and data[stop] == _PLUS:
            stop += 1
        if stop == end and self._pluses + stop - at_ == 3:
            return stop - at_ - 1
        return end - at_

    def _note(self, data, at_, count):
        self._written = time.ticks_ms()
        for i in range(count):
            if self._pluses == _SAFE:
                break
            self._pluses = self._pluses + 1 if data[at_ + i] == _PLUS else _SAFE

    def _poll(self, wanted):
        if self._leaving or self._pipe is None:
            return POLLNVAL
        self._step()
        pipe = self._pipe
        ready = 0
        if wanted & POLLIN and (self._over or pipe.tail > pipe.head):
            ready |= POLLIN
        if wanted & POLLOUT and (self._over or self._writable()):
            ready |= POLLOUT
        return ready

    def _writable(self):
        if not self._inside or self._pipe.notice >= 0 or self._busy():
            return False
        # One more plus is what is allowed last.
        return self._allowed(b"+", 0, 1) > 0
