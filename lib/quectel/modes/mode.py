# Entering and leaving transparent mode, and finding out which mode the module is in. The head of
# transparent.py lists what the driver can be sure of there, and what it concludes.

import errno
import time

from micropython import const
from quectel import answers, at, errors
from quectel.modes.push import use_staging
from quectel.modes.pipe import ANSWER, NOTICE, Pipe
from quectel.modes.silence import Silence
from quectel.stream import Stream

_SETTLE_MS = const(50)  # silence behind an OK
_ANSWER_MS = const(3000)  # how long the OK may take after the silence behind +++ …
_LOST_MS = const(1000)  # … and where none is expected
_SWITCH_MS = const(10000)  # for CONNECT, documented as 300 ms
_AT_MS = const(1000)
_SETTLED_MS = const(180000)  # for what else is under way, an AT+QIOPEN at most


class Switch(at.Command):
    """A command that CONNECT answers (after an OK, on BC92)."""

    def __init__(self, text, pipe, timeout=2 * _SWITCH_MS):
        super().__init__(text, timeout, b"CONNECT", at.CONNECT)
        self._pipe = pipe

    def hurry(self):
        """No answer is waited for any more."""
        self.timeout = 0

    def line(self, channel):
        self._pipe.begin()
        channel.stream_to(self._pipe)


class Mode(Stream):
    """What transparent.Raw is made of: the tasks that enter, leave, and look into a notice."""

    def __init__(self, conn, timeout):
        super().__init__(conn.module)
        self._nic = conn.nic
        self._connection = conn
        self._channel = self._nic.channel
        self._dialect = self._nic.dialect
        self.timeout_ms = timeout
        self._pipe = None
        self._inside = False  # the module is in transparent mode, or may be
        self._over = False  # the link is lost
        self._work = None  # the task that enters, leaves, or looks into a notice
        self._leaving = False
        self._silence = Silence(self._module, self._dialect.GUARD_MS)
        self._dtr = None

    def belongs_to(self, conn):
        """Whether `conn` may end the mode: its own, or the listener that still has that."""
        return conn is self._connection or self._connection in conn.clients

    def _start(self, steps):
        self._work = self._nic.module.spawn(steps)
        return self._work

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

    def start_leaving(self):
        """leave() as a Task."""
        if not self._leaving:
            self._leaving = True
            self._start(self._leave(self._work))
        return self._work

    # ---- entering ----

    def _enter(self):
        nic = self._nic
        if nic.channel.raw:
            raise errors.Error(errors.EBUSY, "a socket is in transparent mode")
        start = time.ticks_ms()
        while not _settled(nic.module):
            if time.ticks_diff(time.ticks_ms(), start) > _SETTLED_MS:
                raise errors.Error(errors.EBUSY, "other exchanges are under way")
            yield
        connection = self._connection
        while connection.reading:
            connection.advance()
            yield
        if self._pipe is None:
            self._pipe = Pipe(nic.module.chunk, connection.staging)
            use_staging(connection, self._pipe)
        yield from self._arm()
        yield from self._switch()

    def _arm(self):
        # DTR must be low, and its change to high must mean command mode, before the mode begins.
        dtr = self._module.nics[0].dtr
        if dtr is None or not self._dialect.DTR:
            return
        dtr.value(0)
        command = at.Command(b"AT&D1", _SWITCH_MS)
        yield from self._nic.run(command)
        if command.result == at.DONE:
            self._dtr = dtr

    def _switch(self):
        # What the module holds is read first; then ATO, or AT+QISWTMD. Where the peer has closed
        # there is nothing to switch: the stream is what was read, and its end.
        last = self._nic.module.transparent
        if last is not None and last.belongs_to(self._connection):
            self._module.choose("transparent", None)
            if (yield from self._try_switch(b"ATO")) is None:
                return
        command = yield from self._try_switch(b"AT+QISWTMD=%d,2" % self._connection.id)
        if command is not None:
            error = yield from answers.why(self._nic, command, "transparent mode")
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
        self._module.choose("transparent", self)
        self._silence.begin()

    def _fetch(self):
        # Generator: read what the module holds; whether that was the last.
        conn = self._connection
        self._pipe.set_grows(True)
        yield from _fetch_all(conn)
        while conn.hint and not conn.eof and conn.failure is None:
            yield from _fetch_all(conn)
        if not conn.peer_closed and conn.failure is None:
            return False
        if conn.failure is not None:
            raise conn.failure
        self._over = True
        return True

    def _stuck(self):
        # No answer: the module may be in either mode. No command can be sent before that is known.
        self._pipe.begin()
        self._channel.stream_to(self._pipe)
        self._inside = True
        yield from self._step_out()
        self._fail("no answer: unknown whether transparent")

    # ---- leaving ----

    def _leave(self, before):
        while before is not None and not before.done:
            yield
        try:
            if self._inside:
                yield from self._step_out()
        finally:
            if self._over:
                self._module.choose("transparent", None)
        conn = self._connection
        if not (self._over or conn.id is None or conn.peer_closed or conn.failure):
            if not self._dialect.ESCAPE_BUFFERS:
                line = b"AT+QISWTMD=%d,0" % conn.id
                yield from self._nic.run(at.Command(line, _SWITCH_MS))
            use_staging(conn, None)

    def _step_out(self):
        pipe = self._pipe
        pipe.set_grows(True)
        if (yield from self._escape(_ANSWER_MS)):
            return
        if pipe.notice < 0 and (yield from self._escape(_ANSWER_MS)):
            # The first one was not taken for an escape.
            self._fail("the peer may have got +++")
        yield from self._lost()

    def _confirm(self):
        # Finds out whether a notice is the module's own, or data: see transparent.py.
        pipe = self._pipe
        if (yield from self._escape(_LOST_MS)):
            if not self._leaving:
                yield from self._switch()
        elif pipe.notice >= 0:
            yield from self._lost()

    def _escape(self, patience):
        # Generator: whether the module has left the mode with OK; then lines have begun.
        if self._dtr is not None:
            yield from self._silence.drained()
            self._pipe.set_mark()
            self._dtr.value(1)
            done = yield from self._answered(0, _ANSWER_MS)
            self._dtr.value(0)
            if done:
                return True
        if not (yield from self._quiet()):
            return False
        self._pipe.set_mark()
        if self._channel.trace:
            self._channel.trace.say("> +++")
        yield from self._silence.escape()
        return (yield from self._answered(self._silence.guard, patience))

    def _quiet(self):
        # Generator: wait for the silence before +++; False if a notice turned out to be none.
        suspected = self._pipe.notice >= 0
        yield from self._silence.drained()
        while not self._silence.kept:
            yield
            self._pipe.release()
            if suspected and self._pipe.notice < 0 and not self._leaving:
                return False
        return True

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
                    self._take_back(place, len(ANSWER))
                    return True
            if late:
                pipe.release()
                return False

    def _take_back(self, place, skip):
        # More than one OK: one of them may still come.
        doubt = skip == len(ANSWER) and self._pipe.is_doubtful(place)
        rest = self._pipe.cut(place, skip)
        self._inside = False
        if self._channel.trace:
            self._channel.trace.say("< OK" if skip == len(ANSWER) else "< NO CARRIER")
        self._channel.end_stream(rest, doubt)

    def _lost(self):
        # No OK: is the module in command mode? An escape that it took for text is ended by a CR.
        pipe = self._pipe
        noticed = pipe.notice >= 0
        if noticed:
            self._take_back(pipe.notice, len(NOTICE))
        else:
            pipe.give_all()
            self._inside = False
            self._channel.end_stream(b"", True)
        self._over = True
        for _ in range(3):
            command = at.Command(b"AT", _AT_MS)
            yield from self._nic.run(command)
            if command.result in (at.DONE, at.ERROR):
                break
        if noticed:
            # All that the link brought has been read.
            self._connection.choose("peer_closed", True)
            self._connection.choose("eof", True)
        else:
            self._fail("transparent mode ended without a word")

    def _fail(self, text):
        error = errors.Error(errno.ECONNABORTED, text)
        self._over = True
        self._connection.fail(error)
        raise error


def _fetch_all(connection):
    # Generator: bring all that the module holds to the staging, which grows.
    while not connection.eof and connection.failure is None:
        if connection.reading:
            if connection.reader.result == at.PENDING:
                yield
            elif not connection.finish_read():
                return
        elif connection.channel.idle:
            connection.start_read()
        else:
            yield


def _settled(module):
    # Whether no task but the one that asks is under way, nor any exchange.
    return module.channel.idle and len(module.tasks) < 2 and not module.senders
