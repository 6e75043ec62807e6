# One connectID of the module: opened or accepted, what it receives and what it sends, closed by
# either side or lost with its epoch. The module's table knows it. Nothing here waits: a Socket
# does, over these steps.
#
# Receiving (engine rules 2 to 4): the recv URC only says that asking is worth while; AT+QIRD is
# repeated until the module answers that nothing is left; a `closed` URC means that too, and only
# when it has been answered is there an end of file. What comes lies in a Staging until it is read.
#
# Sending (rules 5 and 6): each byte that a call took over goes to the module once, in order, or
# the connection fails with a clear error. A blocking caller's bytes are sent from its own buffer.
# One that does not wait gives as many as one exchange carries into the module's outbox, as to a
# kernel, and cannot give more until the module has answered.

import errno
import time

from micropython import const

from quectel import at, errors, load
from quectel.staging import Staging

# Its states.
NEW = const(0)
OPENING = const(1)
OPEN = const(2)
FAILED = const(3)
CLOSED = const(4)
LISTENING = const(5)

_LATE_MS = const(5000)  # how late a result may come of what was closed while it was opened
_GARBLED = const(550)  # what the documents call an unknown error
_DATAGRAM = const(1500)  # the largest datagram kept, bytes
_SILENT_MS = const(10000)  # a line so long silent: is there somebody before a read without a hint?
_ENDED_MS = const(60000)  # without data, before the module is asked whether it has ended
_AGAIN_MS = const(50)  # pause after the first SEND FAIL, doubled after each …
_AGAIN_MOST_MS = const(2000)  # … up to this
_INVALID = const(552)  # invalid parameters
_HOLE = "the module's buffer was full: it has dropped data"


def close_command(dialect, connect_id):
    """AT+QICLOSE; a second more than the module's own limit, which is also the time it takes."""
    line = b"AT+QICLOSE=%d" % connect_id + dialect.CLOSE_TAIL
    return at.Command(line, dialect.CLOSE_MS + 1000, needs=dialect.CLOSE_NEEDS)


class Read(at.Command):
    """AT+QIRD of one connectID; the answer goes to a Staging, or nowhere where that is None."""

    strict = True
    peer = None  # who sent the datagram that was read last, where the answer says so
    pieces = (b"QIR", b"IRD", b"RD:", b"QID")

    def __init__(self, module, connect_id):
        super().__init__(b"AT+QIRD=%d,00000" % connect_id, module.dialect.READ_MS, b"+QIRD: ")
        self._module = module
        self._number_at = self.line_end - 6
        self.staging = None
        self.asked = self.count = 0
        self.remaining = 0  # of the same node of the module's buffer, where the dialect tells

    def ask(self, count, staging, silence):
        """Write the length into the command line. `silence`: see at.Command."""
        stop = at.put_number(self.line_out, self._number_at, count)
        self.line_out[stop] = 13
        self.line_end = stop + 1
        self.asked = count
        self.staging = staging
        self.silence = silence
        self.count = self.remaining = 0

    def line(self, channel):
        count = channel.number()
        remaining = 0 if channel.at_end() else channel.number()
        if count is None or remaining is None or not 0 <= count <= self.asked:
            channel.damaged()
        elif count:
            self.count = count
            self.remaining = remaining
            self.receive(channel)

    def receive(self, channel):
        """The payload follows."""
        self._module.receive(channel, self.count, self.staging)

    def came_from(self, peer):
        """The datagram that is taken now came from `peer`: in push mode its URC says so."""
        self.peer = peer


class Connection(at.Options):
    """A connection of the module, or one that is to become that. A listener and a UDP service are
    kinds of it: modes/server.py.

    nic          the interface that it belongs to
    state        NEW, OPENING, OPEN, LISTENING, FAILED or CLOSED
    id           the connectID, None without one
    result       of +QIOPEN, None until it comes
    peer         (host, port) as given to connect or told by the module, or None
    local_port   as given to bind, or 0
    access_mode  0 buffer, 1 push, 2 transparent
    task         the Task that opens
    error        raised once, by the next call
    failure      raised by every call
    peer_closed  the peer or the network has closed
    seen         the program knows that it is open: it has called or polled since then
    touched      when the program has last called or polled before that, in ticks_ms
    opener       the task of the event loop that asked to connect, or None
    staging      what holds received bytes, None while there are none
    reader       the command that asks for data
    reading      whether it is under way
    hint         it is worth while to ask
    eof          all that came before the end has been read
    push         the module gives data unasked: modes/push.py
    lost         bytes that came in push mode and found no room, and times that the module had none
    writer       the command that sends
    sending      whether it is under way
    count        bytes that it carries
    held         bytes taken over from a caller who has gone on, held_at to held_end
    gatherer     gathers small writes: modes/coalescing.py
    delivery     checks that the peer acknowledges: modes/delivery.py
    Of a listener:
    clients        connections that were not accepted yet
    takes_clients  whether clients may come
    refused        how many were turned away
    backlog_asked  what AT+QIOPEN is given
    silent         accept has raised why it does not listen: polls find nothing
    holds_line     the line is kept for its client: modes/direct_server.py
    stream         of such a client: its raw stream, for the first who asks
    """

    SERVES = False  # whether it has no peer of its own
    LISTENS = False  # whether clients come to it
    peer = None
    local_port = 0
    access_mode = 0
    push_size = 0  # bytes of the buffer declared for push mode
    push = False
    gatherer = delivery = None
    task = None
    opener = None
    error = None
    failure = None
    refused = 0
    silent = takes_clients = holds_line = False
    stream = None
    clients = ()
    backlog_asked = 0

    def __init__(self, nic, family, datagram):
        self.nic = nic
        self.module = nic.module
        self.channel = nic.channel
        self.family = family
        self.datagram = datagram
        self.state = NEW
        self.id = None
        self.peer_closed = self.seen = False
        self.touched = 0
        self.result = None  # of +QIOPEN
        self.staging = self.reader = self.writer = self.held = None
        self.reading = self.hint = self.eof = False
        self.lost = 0
        self._announced = False  # the module has said that it holds data
        self._full = False  # "buff full": there is a hole in what the module holds …
        self._certain = -1  # … behind so many bytes; -1 until a read, begun since, tells
        self._tells = False  # the read under way tells that
        self._draining = False  # the read under way was started after `closed`
        self._partial = False  # the staging holds the first part of a datagram
        self._probe_ms = nic.dialect.LOOK_MS  # pause between two reads without a hint
        self._probes = 0  # of that pause still to come, before it is doubled
        self._read_at = self._busy_at = 0
        self.sending = False
        self.count = 0
        self.held_at = self.held_end = 0
        self._lent = None  # what the exchange under way sends, from `_lent_at` on
        self._lent_at = 0
        self._asking = False  # why a send was refused is being asked
        self._again_ms = self._again_from = 0
        self.make_room(10)

    # ---- URCs ----

    def on_open(self, result):
        """+QIOPEN: <connectID>,<result>; None if that was garbled."""
        self.result = _GARBLED if result is None else result

    def on_recv(self, channel):
        """There may be data; in push mode it follows."""
        if channel.says(b'"buff full"'):
            # Of a stream the module has dropped bytes that it had acknowledged. What it holds lies
            # before the hole, or was added behind it since: only what the next read counts as one
            # piece is surely whole.
            self.lost += 1
            self.hint = True
            if self.push and not self.datagram:
                self.fail(errors.Error(errno.ECONNABORTED, _HOLE))
            self._full = self._full or not self.datagram
        elif self.push:
            self.staging.take_in(channel)
        else:
            self.hint = self._announced = True

    def on_closed(self):
        """The peer or the network closed: what is buffered can still be read."""
        if self.state == OPENING and self.result is None:
            return  # of the connection that had the number before
        self.peer_closed = self.hint = True
        if self.push:
            self.eof = True  # the module holds nothing back

    def on_hint(self):
        """There may be data that no URC has reported. So ERROR to the read that follows is not a
        clean end."""
        self.hint = self._announced = not self.push

    def fail(self, error):
        """Every call raises `error` from now on (EBADF once closed); what was to be sent is
        dropped."""
        if self.failure is None:
            self.failure = error
        if self.state != CLOSED:
            self.state = FAILED
        self.reading = self.sending = False
        self.drop_held()

    # ---- what it is ----

    def raise_error(self):
        """Raise what the next call must raise, if there is something."""
        if self.failure is not None:
            raise self.failure
        if self.error is not None:
            error = self.error
            self.error = None
            raise error

    def raise_opening(self):
        """Raise, once, why it could not be opened."""
        if self.task is not None and self.task.done:
            task, self.task = self.task, None
            if task.error is not None:
                raise task.error

    def readiness(self, wanted):
        """Those of the bits `wanted` that are so: 1 it can be read, 4 it can be written. Makes a
        step of reading where that is asked for."""
        if self.state != OPEN:
            return 0
        ready = 0
        if wanted & 1:
            if (
                self.hint
                or self.reading
                or self.staging is not None
                or self.eof
                or time.ticks_diff(time.ticks_ms(), self._read_at) >= self._probe_ms
            ):
                ready = 1 if self.readable() else 0
        if wanted & 4 and (self.peer_closed or self.writable()):
            ready |= 4
        return ready

    def touch(self):
        """The program asks; if this is open, or is not to become it, it knows from now on."""
        self.seen = self.state != OPENING
        if not self.seen:
            self.touched = time.ticks_ms()

    # ---- opening ----

    def begin(self, service, host, remote, before=None):
        """Start to open `service` of the module (a word of AT+QIOPEN), after the generator
        `before`, if there is one."""
        opening = load("opening")
        # The line is made first: bad arguments are refused before a byte is sent.
        opening.line(self, 0, service, host, remote)
        self.nic.check_connected()
        self.state = OPENING
        self.seen = self.eof = self.peer_closed = self.hint = False
        if service == "TCP" or service == "UDP":
            self.peer = (host, remote)
        steps = opening.opening(self, service, host, remote, before)
        self.task = self.module.spawn(steps, True)  # it may load files of bringup/

    def opened(self):
        """The module has the connection."""
        self.make_commands()
        self.probe_soon()
        self.state = OPEN  # the last: Ctrl-C may come in between

    def make_commands(self):
        """The commands that read and send, in the formats that the module has been told."""
        formats = self.module.formats
        self.reader = Read(self.module, self.id)
        self.writer = self.nic.dialect.sender(self.id)
        if formats is not None:
            self.writer = formats.sender(self.writer, False)

    # ---- closing ----

    def close(self):
        """Begin to close; returns the last Task to wait for, or None."""
        task = None
        # One that is being opened closes its connectID itself.
        if self.id is not None and (self.task is None or self.task.done):
            if self.module.lookup(self.id) is self:
                task = self.module.spawn(self.shut())
        self.state = CLOSED
        return task

    def shut(self):
        """Generator: free the connectID, once what was taken over has gone."""
        # A payload under way must not go to a staging that another connection has by then.
        while self.reader is not None and self.reader.result == at.PENDING:
            yield
        self.reading = False
        self.drop_staging()
        # A peer that reads nothing gets as long as an exchange that sends may take.
        yield from self.nic.until(self.has_sent, self.nic.dialect.SEND_MS)
        while self.sending:
            yield
        self.drop_held()
        yield from self.release(True)

    def release(self, ours, opening_ms=0):
        """Generator: QICLOSE; a connectID that is not `ours` (563) is left alone but not used
        either. Some modules refuse to close what they are still opening: they tell within
        `opening_ms` how that has ended."""
        nic, module = self.nic, self.module
        connect_id = self.id
        if connect_id is None:
            return
        self.id = None
        if ours:
            command = close_command(nic.dialect, connect_id)
            # What the module says of it from now on is said anew; one that has ended stays so.
            self.peer_closed = self.state == OPEN
            yield from nic.run(command)
            if command.result == at.ERROR and opening_ms and self.result is None:
                yield from nic.until(self._has_result, opening_ms)
                if module.lookup(connect_id) is self:
                    yield from nic.run(command)
            if opening_ms:
                # Its result may still come, and must not be taken for the next one's.
                yield from nic.until(self._has_result, _LATE_MS)
            ours = command.result in (at.DONE, at.ERROR)
            if command.result == at.TIMEOUT:
                module.choose("hung", "AT+QICLOSE")
            if module.formats and module.formats.closes and command.result == at.DONE:
                # The URC that follows must find this and not the next one of that number.
                yield from nic.until(lambda: self.peer_closed, nic.dialect.CLOSE_MS)
        # Unless a client has been given it, or the epoch is over.
        if module.lookup(connect_id) is self:
            module.release_id(connect_id, None if ours else nic)

    def _has_result(self):
        return self.result is not None

    # ---- receiving ----

    def staged(self):
        """How many bytes are here that can be taken."""
        return 0 if self.staging is None or self._partial else len(self.staging)

    def readable(self):
        """Whether a read would not wait; makes a step."""
        if not self.staged():
            self.advance()
        return self.eof or self.staged() > 0

    def take(self, buf, start, end):
        """Move staged bytes to buf[start:end]; returns how many. What does not fit of a datagram
        is gone."""
        staging = self.staging
        count = staging.take(buf, start, end - start)
        if self.datagram or staging.head == staging.tail:
            self._emptied()
        return count

    def read(self, count):
        """Take `count` staged bytes, of type bytes. What a datagram has beyond them is gone."""
        staging = self.staging
        data = staging.read(count)
        if self.datagram or staging.head == staging.tail:
            self._emptied()
        return data

    def _emptied(self):
        # The program has read all staged bytes, or as much of a datagram as it wanted.
        if self.datagram:
            self.staging.drop()
        elif not self.reading:
            self.drop_staging()

    def advance(self, kept=0):
        """One step of reading into the staging, while it holds `kept` bytes: behind those."""
        if self.reading:
            if self.reader.result != at.PENDING:
                self.finish_read()
        elif self.staged() == kept and not self.eof and self._may_read():
            self.start_read(kept)

    def probe_soon(self):
        """Ask for data soon, as the module may have some without saying so."""
        dialect = self.nic.dialect
        self._probe_ms = dialect.LOOK_MS
        self._probes = dialect.LOOKS
        self._read_at = self._busy_at = time.ticks_ms()

    def _may_read(self):
        # Whether to ask the module now: only if the line is free and there may be something.
        if self.push or self.state != OPEN or not self.channel.idle:
            return False
        if self._full and not self._certain:
            self.fail(errors.Error(errno.ECONNABORTED, _HOLE))
            return False
        if not self.hint:
            if (
                self.channel.asleep
                or time.ticks_diff(time.ticks_ms(), self._read_at) < self._probe_ms
            ):
                return False
            if self._probes:
                self._probes -= 1
            else:
                self._probe_ms = min(self._probe_ms * 2, self.nic.dialect.LOOK_MOST_MS)
        return True

    def start_read(self, kept=0):
        """Ask the module for data; the line must be free. `kept`: what the staging holds."""
        module = self.module
        # A stream is read in pieces that the UART's buffer holds. A datagram is asked for whole:
        # where it ends cannot be told otherwise.
        most = module.dialect.READ_MAX if self.datagram else module.chunk - kept
        if self._certain > 0:
            most = min(most, self._certain)
        if self.staging is None:
            # A datagram may take several reads, where the module counts what is left of it.
            self.staging = Staging(_DATAGRAM) if self.datagram else module.take_staging()
        self.staging.open()
        # Without a hint nothing says that the module still hears: then that is found out first.
        self.reader.ask(most, self.staging, 0 if self.hint else _SILENT_MS)
        self.hint = False
        self.reading = True
        self._tells = self._full and self._certain < 0
        self._draining = self.peer_closed
        self._read_at = time.ticks_ms()
        self.channel.start(self.reader)

    def finish_read(self):
        """An exchange that read is over: draw the conclusions; returns how many bytes came."""
        reader = self.reader
        self.reading = False
        if reader.result == at.DONE:
            if self.staging.whole:
                self.staging.close()
                self._conclude(reader.count, reader.remaining)
                return reader.count
        elif not reader.sent:
            self.hint = self.hint or self._announced
            if self.channel.asleep:
                self.error = load("bringup.waking").unwoken(self.module)
            return 0  # nothing was asked, so nothing is lost: the module finds out what has become
        self._partial = False
        if reader.result == at.ERROR:
            if self.peer_closed and not self._announced:
                self.eof = True  # no such connection any more
                return 0
            self.module.check_alive()  # it may have restarted unheard, and has lost them all
        self.fail(OSError(errno.ECONNABORTED))
        try:
            self.failure = load("bringup.words").unread(reader, self.channel.missing)
        except MemoryError:
            pass  # then it fails without words
        return 0

    def _conclude(self, count, remaining):
        if self._tells:
            self._certain = count + remaining
        if self._certain > 0:
            self._certain -= count
        if count:
            self.hint = self._announced = True  # until the module says that nothing is left
            self.probe_soon()
            # A datagram longer than one read: the module counts what is left of it.
            self._partial = self.datagram and remaining > 0
            return
        self._partial = self._announced = False
        if not self.datagram and not self.staged():
            self.drop_staging()
        if self._full:
            self._certain = 0
        elif self._draining:
            self.eof = True
        elif time.ticks_diff(time.ticks_ms(), self._busy_at) >= _ENDED_MS:
            self.module.check_ended()

    def drop_staging(self):
        """The staging is empty, or not wanted: it may be another connection's."""
        if self.staging is not None and self.staging.REUSABLE:
            self.module.give_staging(self.staging)
            self.staging = None

    # ---- sending: a caller that waits ----

    def has_sent(self):
        """Whether all that was taken over has gone, and its fate is known."""
        return not self.sending and self.held is None and not self._asking

    def send(self, data, start, end):
        """A step of sending data[start:end]; returns how many more bytes the module has taken."""
        if self.held is not None or self._asking or self.error or self.failure:
            return 0  # what an earlier call handed over goes first: the module pushes it
        if self.sending:
            if self.writer.result != at.PENDING:
                return self._finish_send()
        elif self._may_send():
            self._start_send(data, start, end)
        return 0

    def keep_sending(self):
        """The caller goes away in the middle of an exchange: it is finished by later polls.
        Returns how many bytes are taken over by that."""
        if not self.sending or self.held is not None:
            return 0
        lent = bytes(memoryview(self._lent)[self._lent_at : self._lent_at + self.count])
        if self.writer.data is self._lent:
            self.channel.replace_data(self._lent, lent, self.writer.data_at)
            self.writer.give(lent, 0, len(lent))
        self._lent = lent
        self._lent_at = 0
        self.hold(lent, self.count)
        return self.count

    def send_waited(self, start):
        """ms since `start`, in ticks_ms, or since the module has last taken no bytes."""
        now = time.ticks_ms()
        waited = time.ticks_diff(now, start)
        if self._again_ms:
            waited = min(waited, time.ticks_diff(now, self._again_from))
        return waited

    # ---- sending: a caller that does not wait ----

    def writable(self):
        """Whether a caller that does not wait can give bytes now."""
        if self.gatherer is not None:
            return not self._asking and self.gatherer.room() > 0
        return self.module.outbox_free and self.has_sent()

    def hand_over(self, data, start, end):
        """Take over as many bytes of data[start:end] as one exchange carries; returns how many.
        The module's outbox must be free."""
        count = min(end - start, self.nic.dialect.SEND_MAX)
        self.hold(self.module.fill_outbox(data, start, count), count)
        return count

    def hold(self, data, count):
        """Take over the first `count` bytes of `data`, which must stay as they are."""
        self.held = data
        self.held_at = 0
        self.held_end = count
        self.module.add_sender(self)

    def push_held(self):
        """A step of sending what was taken over; the module calls it while there is some."""
        if self.sending:
            if self.writer.result == at.PENDING:
                return
            self.held_at += self._finish_send()
            held = self.held
            if self._again_ms and held is not None and held is self.module.outbox:
                # The peer does not read, and other sockets need the outbox meanwhile.
                kept = bytes(memoryview(held)[self.held_at : self.held_end])
                self.drop_held()
                self.hold(kept, len(kept))
        if self.held_at == self.held_end or self.error or self.failure or self._asking:
            self.drop_held()
        elif self.held is not None and self._may_send():
            self._start_send(self.held, self.held_at, self.held_end)

    def drop_held(self):
        """Forget what was taken over."""
        if self.held is not None:
            held = self.held
            self.held = None
            self.module.remove_sender(self, held)

    # ---- sending: steps ----

    def _may_send(self):
        if not self.channel.idle:
            return False
        if not self._again_ms:
            return True
        return time.ticks_diff(time.ticks_ms(), self._again_from) >= self._again_ms

    def _start_send(self, data, start, end):
        self._lent = data
        self._lent_at = start
        self.count = self.writer.load(data, start, end)
        self.sending = True
        self.channel.start(self.writer)

    def _finish_send(self):
        # An exchange that sent is over; returns how many bytes the module took.
        self.sending = False
        writer = self.writer
        result = writer.result
        writer.give(None, 0, 0)
        self._lent = None
        if self.nic.dialect.PROMPT_HIDES_DATA:
            self.module.probe_all()
        if result == at.DONE:
            self._again_ms = 0
            self.probe_soon()
            if self.delivery is not None:
                self.delivery.sent()
            return self.count
        unsent = result == at.TIMEOUT and not writer.sent
        if result == at.SEND_FAIL or (unsent and not self.channel.asleep):
            # Not taken: the module's buffer is full, or it was not asked as it does not hear.
            # Wait, and send the same again.
            self._again_ms = min(self._again_ms * 2 or _AGAIN_MS, _AGAIN_MOST_MS)
            self._again_from = time.ticks_ms()
        elif result == at.ERROR or unsent:
            # Not sent, says the document; why, AT+QIGETERROR knows. Or it does not wake up.
            self._asking = True
            self.module.spawn(self._ask_why(self.held is not None), True)
        else:
            self.fail(errors.Error(errno.ECONNABORTED, "no answer: unknown whether sent"))
        return 0

    def _ask_why(self, lost):
        error = yield from load("answers").why(self.nic, self.writer, "send")
        if error.code == _INVALID:
            # The line is right: there may be no such connection any more, as after deep sleep.
            self.module.check_alive()
            while self.module.checking:
                yield
        if lost and not self.datagram:
            self.fail(error)  # a call has taken these bytes: there is a hole in the stream
        else:
            self.error = error
        self._asking = False
        if error.code in errors.LOST_CODES:
            self.module.check_alive()
