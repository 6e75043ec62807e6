# What a connection receives: AT+QIRD, asked again and again, and where its data goes.
#
# The recv URC only says that asking is worth while (engine rules 2 to 4); AT+QIRD is repeated
# until the module answers that nothing is left; a `closed` URC means that too, and only when it
# has been answered is there an end of file. Large reads land in the caller's buffer, small ones
# come from a Staging. Nothing here waits: whoever waits calls these steps.

import errno
import time

from micropython import const

from quectel import at, errors
from quectel.staging import Staging

_DATAGRAM = const(1500)  # the largest datagram kept, bytes
_SMALL = const(256)  # a read of fewer bytes goes through the staging
_SILENT_MS = const(10000)  # a line so long silent: is there somebody before such a look?
_REVIEW_MS = const(60000)  # without data, before the module is asked whether it lives
_HOLE = "the module's buffer was full: it has dropped data"


class Read(at.Command):
    """AT+QIRD of one connectID; the answer goes to a Staging, to a buffer, or nowhere."""

    strict = True
    pieces = (b"QIR", b"IRD", b"RD:", b"QID")
    formats = connection = None  # see formats.py
    staging = None
    into = None
    into_at = 0
    asked = 0
    count = 0
    remaining = 0  # of the same node of the module's buffer, where the dialect tells

    def __init__(self, dialect, connect_id):
        super().__init__(b"AT+QIRD=%d,00000" % connect_id, dialect.READ_MS, b"+QIRD: ")
        self._number_at = self.line_end - 6

    def ask(self, count):
        """Write the length into the command line."""
        stop = at.put_number(self.line_out, self._number_at, count)
        self.line_out[stop] = 13
        self.line_end = stop + 1
        self.asked = count
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
        """Tell the channel where the payload goes."""
        if self.formats is not None:
            channel = self.formats.over(channel, self.connection)
        if self.staging is not None:
            self.staging.open(channel, self.count)
        elif self.into is not None:
            channel.expect(self.count, self.into, self.into_at, self.asked)
        else:
            channel.expect(self.count, None, 0, 0)


class Receiver:
    """The receiving side of a Connection."""

    def __init__(self, connection):
        self._connection = connection
        self._channel = connection.channel
        self._datagram = connection.datagram
        self.staging = None  # what holds received bytes
        self.read = None  # the command that asks for data
        self.reading = False
        self.direct = False  # the read under way goes to the caller's buffer
        self.hint = False  # it is worth while to ask
        self.eof = False
        self._announced = False  # the module has said that it holds data
        self._full = False  # "buff full": there is a hole in what the module holds …
        self._certain = -1  # … behind so many bytes; -1 until a read, begun since, tells
        self.push = False  # the module gives data unasked: see push.py
        self.push_size = 0  # bytes of the buffer declared for that
        self.lost = 0  # bytes that came in push mode and found no room
        self._draining = False  # the read under way was started after `closed`
        self._partial = False  # the staging holds the first part of a datagram
        self._look_ms = connection.nic.dialect.LOOK_MS
        self._tells = False  # the read under way tells what is certain
        self._looks = 0  # of that pause still to come, before it is doubled
        self._looked = 0
        self._busy_at = 0  # when it was opened, sent or received last

    # ---- what the module tells ----

    def on_recv(self, channel):
        """There may be data; in push mode it follows."""
        if channel.says(b'"buff full"'):
            self._on_full()
        elif self.push:
            formats = self._connection.nic.module.formats
            self.staging.take_in(
                channel if formats is None else formats.over(channel, self._connection)
            )
        else:
            self.hint = self._announced = True

    def _on_full(self):
        # Of a stream the module has dropped bytes that it had acknowledged. What it holds lies
        # before the hole, or was added behind it since: only what the next read counts as one
        # piece is surely whole.
        self.lost += 1
        self.hint = True
        if self._datagram or self._full:
            return
        if self.push:
            self._connection.fail(errors.Error(errno.ECONNABORTED, _HOLE))
            return
        self._full = True

    def on_closed(self):
        """The peer or the network closed: what is buffered can still be read."""
        self.hint = True
        if self.push:
            self.eof = True  # the module holds nothing back

    # ---- what the caller's side asks ----

    def staged(self):
        """Whether bytes are here that can be taken."""
        staging = self.staging
        return staging is not None and staging.tail > staging.head and not self._partial

    def ended(self):
        """Whether this is the end of file; raises what there is to raise."""
        self._connection.raise_error()
        return self.eof

    def readable(self):
        """Whether a read would not wait; makes a step."""
        if not self.direct and not self.staged():
            self.advance()
        return self.staged() or self.eof

    def take(self, buf, at_, end):
        """Move staged bytes to buf[at_:end]; returns how many. What does not fit of a datagram is
        gone."""
        count = self.staging.take(buf, at_, end - at_)
        if self._datagram:
            self.staging.drop()
        return count

    def receive(self, buf, at_, end, waits):
        """A step of receiving to buf[at_:end]: how many bytes, 0 at the end of file, None if
        there is nothing yet. A caller that `waits` may have its buffer filled by the channel, and
        must call `rescue` before it goes away."""
        if self.direct:
            if self.read.result == at.PENDING:
                return None
            self.direct = False
            got = self._done()
            if got:
                return got
        if self.staged():
            return self.take(buf, at_, end)
        if end == at_ or self.ended():
            return 0
        if not waits or end - at_ < _SMALL or self._staged_only():
            self.advance()
            if self.staged():
                return self.take(buf, at_, end)
        elif self._may_read():
            self.read.staging = None
            self.read.into = buf
            self.read.into_at = at_
            self.direct = True
            self._start(end - at_)
        return None

    def _staged_only(self):
        # A read under way goes to the staging; so do datagrams, and data that must be decoded.
        return self.reading or self._datagram or self._connection.nic.module.formats is not None

    def rescue(self):
        """The caller goes away while its buffer is being filled: what came and what still comes
        goes to the staging."""
        if not self.direct:
            return
        self.direct = False
        read = self.read
        if read.result != at.PENDING and read.result != at.DONE:
            return
        read.staging = self._room()
        if read.result == at.DONE:  # interrupted before the caller was told
            read.staging.keep(read.into, read.into_at, read.count)
        elif self._channel.left:
            here = read.count - self._channel.left
            self.staging.adopt(self._channel, read.into, read.into_at, here)
        elif read.count:
            self.staging.adopt(self._channel, read.into, read.into_at, read.count)
        read.into = None

    def advance(self):
        """One step of reading into the staging."""
        if self.reading:
            if self.read.result != at.PENDING:
                self._done()
        elif not self.staged() and not self.eof and self._may_read():
            self.read.into = None
            self.read.staging = self._room()
            self._start(self._most())

    def look_soon(self):
        """Look for data soon, as the module may have some without saying so."""
        dialect = self._connection.nic.dialect
        self._look_ms = dialect.LOOK_MS
        self._looks = dialect.LOOKS
        self._looked = self._busy_at = time.ticks_ms()

    # ---- what ends or changes the way of reading ----

    def settle(self):
        """Generator: wait until no read is under way."""
        while self.reading:
            if self.read.result == at.PENDING:
                yield
            else:
                self._done()

    def fetch(self):
        """Generator: bring all that the module holds to the staging, which must grow."""
        while not self.eof and self._connection.failure is None:
            if self.reading:
                if self.read.result == at.PENDING:
                    yield
                elif not self._done():
                    return
            elif self._channel.idle:
                self.read.into = None
                self.read.staging = self.staging
                self._start(self._most())
            else:
                yield

    def shut(self):
        """Generator: nobody reads any more."""
        if self.reading and self.read.result == at.PENDING:
            self.read.staging = self.read.into = None
            self._channel.redirect(None, 0, 0)
            while self.read.result == at.PENDING:
                yield
        self.reading = False
        if self.staging is not None:
            self.staging.drop()

    def change_mode(self, mode, staging):
        """Data comes unasked (mode 1) into `staging` from now on, or is asked for again (0)."""
        self.push = mode == 1
        if staging is not None:
            self.staging = staging
        self.hint = not self.push

    # ---- steps ----

    def _may_read(self):
        # Whether to ask the module now: only if the line is free and there may be something.
        if self.push or not self._channel.idle or not self._connection.is_connected:
            return False
        if self._full and not self._certain:
            self._connection.fail(errors.Error(errno.ECONNABORTED, _HOLE))
            return False
        if not self.hint:
            if time.ticks_diff(time.ticks_ms(), self._looked) < self._look_ms:
                return False
            if self._looks:
                self._looks -= 1
            else:
                most = self._connection.nic.dialect.LOOK_MOST_MS
                self._look_ms = min(self._look_ms * 2, most)
        return True

    def _room(self):
        if self.staging is None:
            # A datagram may take several reads, where the module counts what is left of it.
            self.staging = Staging(
                _DATAGRAM if self._datagram else self._connection.nic.module.chunk
            )
        return self.staging

    def _most(self):
        # A stream is read in pieces that the UART's buffer holds. A datagram is asked for whole:
        # where it ends cannot be told otherwise.
        nic = self._connection.nic
        return nic.dialect.READ_MAX if self._datagram else nic.module.chunk

    def _start(self, most):
        # Nothing says that the module still hears: then that is found out first.
        self.read.silence = 0 if self.hint else _SILENT_MS
        self.hint = False
        self._draining = self._connection.peer_closed
        self.reading = True
        self._looked = time.ticks_ms()
        self.read.formats = self._connection.nic.module.formats
        self.read.connection = self._connection
        if self._certain > 0:
            most = min(most, self._certain)
        self._tells = self._full and self._certain < 0
        self.read.ask(min(self._most(), most))
        self._channel.start(self.read)

    def _done(self):
        # An exchange that read is over: draw the conclusions; returns how many bytes came.
        read = self.read
        self.reading = False
        read.into = None
        if read.result == at.DONE:
            count = read.count
            if read.staging is not None:
                read.staging.close(count)
            self._conclude(count, read)
            return count
        if not read.sent:
            self.hint = self.hint or self._announced
            return 0  # nothing was asked, so nothing is lost: the modem finds out what has become
        self._partial = False
        if read.result == at.DAMAGED:
            error = errors.Error(errno.ECONNABORTED, "an answer with data came damaged")
        elif read.result != at.ERROR:
            error = errors.Error(errno.ECONNABORTED, "no answer: data may be lost")
        elif self._connection.peer_closed and not self._announced:
            self.eof = True  # no such connection any more
            return 0
        else:
            error = errors.Error(errno.ECONNRESET, "connection is gone", read.code)
            if not self._connection.peer_closed:
                self._connection.nic.module.check_alive()
        self._connection.fail(error)
        return 0

    def _conclude(self, count, read):
        if self._tells:
            self._certain = count + read.remaining
        if self._certain > 0:
            self._certain -= count
        if count:
            self.hint = self._announced = True  # until the module says that nothing is left
            self.look_soon()
            # A datagram longer than one read: the module counts what is left of it.
            self._partial = self._datagram and read.remaining > 0
        else:
            self._partial = self._announced = False
            if self._full:
                self._certain = 0
            elif self._draining:
                self.eof = True
            elif time.ticks_diff(time.ticks_ms(), self._busy_at) >= _REVIEW_MS:
                self._connection.nic.module.check_ended()
