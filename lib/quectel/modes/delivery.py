# Whether the peer acknowledges what is written: asked, waited for, or checked all the time, which
# is an option of a socket and off by default.
#
# SEND OK says that the module has the bytes, not that they have arrived. AT+QISEND=<connectID>,0
# tells how many were sent and how many of them are acknowledged (BG95-S5 2.3.7,
# RG200U&RG500U&RM500U 2.3.10). Figure 1 of the BG95-S5 document asks each 5 s, 24 times: what is
# not acknowledged then shows that the connection may be abnormal, and it is to be closed.
#
# With the option a connection fails if bytes are outstanding and the peer has acknowledged none of
# them for the whole time. It begins with the first byte that is outstanding, and anew with each
# acknowledgement, so a peer that reads slowly does no harm. One that reads nothing does, once its
# window is full: to the document that is the same. The module must have answered often enough, so
# nothing is concluded while it is silent, or while another command has the line: there are other
# checks for that. A connection that the peer has closed is not checked: it has ended, and what
# came before can still be read.
#
# A Delivery steps with those that send (Module.senders) while bytes are outstanding, so that no
# call of the socket is needed; at all other times nothing of it runs. Loaded on first use.

import errno
import time

from micropython import const
from quectel import at, errors, load
from quectel.connection import OPEN
from quectel.dialects import within

_LOOK_MS = const(5000)  # between two queries (BG95-S5, Figure 1) …
_LOOKS = const(4)  # … and so many at least are answered before a connection fails
_DAY = const(86400)
_DRAIN_MS = const(250)  # between the first two queries of drain, doubled up to _LOOK_MS


class Counts(at.Command):
    """AT+QISEND=<connectID>,0: a `total` of bytes sent to it, `acked` and `unacked` by the peer;
    `told`: whether the answer has all three. The line is written in place: to ask allocates
    nothing."""

    strict = True

    def __init__(self, timeout):
        super().__init__(b"AT+QISEND=00,0", timeout, b"+QISEND: ")
        self._number_at = self.line_end - 5
        self.total = self.acked = self.unacked = 0
        self.told = False
        # All fields are made here, so that the first query allocates nothing either.
        self.begun(False)
        self.ended(at.DONE)

    def ask(self, connect_id):
        """Write the connectID into the command line."""
        line = self.line_out
        stop = at.put_number(line, self._number_at, connect_id)
        line[stop] = 44
        line[stop + 1] = 48
        line[stop + 2] = 13
        self.line_end = stop + 3
        self.told = False

    def line(self, channel):
        self.total = channel.number()
        self.acked = channel.number()
        self.unacked = channel.number()
        self.told = not (self.total is None or self.acked is None or self.unacked is None)


def acked(sock):
    """(sent, acknowledged, unacknowledged) bytes, or None where the dialect cannot say."""
    connection = sock.connection
    nic = connection.nic
    if not nic.dialect.ACKED:
        return None
    if connection.id is None:
        raise OSError(errno.ENOTCONN)
    sock.flush()
    counts = nic.module.finish(_counted(nic, connection.id))
    return counts.total, counts.acked, counts.unacked


def _counted(nic, connect_id):
    # Generator: the Counts; raises why there are none.
    counts = Counts(nic.dialect.SILENCE_MS)
    counts.ask(connect_id)
    yield from nic.run(counts)
    if counts.result != at.DONE:
        raise (yield from load("answers").why(nic, counts, "AT+QISEND"))
    if not counts.told:
        raise errors.Error(errno.EIO, "AT+QISEND=%d,0: an answer that cannot be read" % connect_id)
    return counts


def drain(sock, timeout=None):
    """Wait until the peer has acknowledged everything, at most `timeout` seconds (ETIMEDOUT), also
    where the socket does not wait; EOPNOTSUPP where the dialect cannot say."""
    sock.connection.module.finish(draining(sock, timeout))


def draining(sock, timeout):
    """A generator that does what drain does."""
    _check_acked(sock.connection.nic.dialect)
    return _draining(sock, None if timeout is None else int(timeout * 1000))


def _draining(sock, limit):
    start = time.ticks_ms()
    pause = _DRAIN_MS
    while True:
        connection = sock.connection
        while not connection.has_sent():
            _left(start, limit)
            yield
        sock.check_usable()
        connection.raise_error()
        if connection.id is None:
            raise OSError(errno.ENOTCONN)
        if not (yield from _counted(connection.nic, connection.id)).unacked:
            return
        left = _left(start, limit)
        yield from load("answers").pause(
            connection.nic, pause if left is None else min(pause, left)
        )
        pause = min(pause * 2, _LOOK_MS)


def _left(start, limit):
    # How many ms are left of `limit`, None of None; ETIMEDOUT where none are.
    if limit is None:
        return None
    left = limit - time.ticks_diff(time.ticks_ms(), start)
    if left <= 0:
        raise OSError(errno.ETIMEDOUT)
    return left


def _check_acked(dialect):
    if not dialect.ACKED:
        raise errors.not_supported(dialect.MODEL, "acknowledgement query")


class Delivery:
    """The check of `connection`: `seconds` is how long the peer may acknowledge nothing. `counts`:
    the Counts that were asked for last."""

    def __init__(self, connection, seconds):
        self._connection = connection
        self._seconds = seconds
        self._pause = min(_LOOK_MS, seconds * 1000 // _LOOKS)
        self.counts = Counts(connection.nic.dialect.SILENCE_MS)
        self._outstanding = False  # the peer may have something to acknowledge
        self._asking = False
        self._overdue = False  # the connection is to fail
        self._acked = 0  # as the last answer told
        self._looks = 0  # answers since that have told of no more
        self._since = 0  # since when nothing more has been acknowledged, in ticks_ms …
        self._asked_at = 0  # … and when that was asked last

    def pass_on(self, connection):
        """`connection`, which takes the place of this one or comes to it, is checked alike."""
        connection.choose("delivery", Delivery(connection, self._seconds))

    def sent(self):
        """The module has bytes that the peer has to acknowledge."""
        if not self._outstanding:
            self._outstanding = True
            self._since = self._asked_at = time.ticks_ms()
            self._looks = 0
            self._connection.module.add_sender(self)

    def push_held(self):
        """A step, which the module makes as of one that sends."""
        connection = self._connection
        if connection.state != OPEN or connection.peer_closed or connection.delivery is not self:
            self._end()
        elif self._overdue:
            if not connection.sending:  # the module is not being given bytes of it
                self._fail(connection)
        elif self._asking:
            if self.counts.result != at.PENDING:
                # At once: the answer knows nothing of what is written from now on.
                self._asking = False
                self._conclude(connection)
        elif connection.channel.idle:
            now = time.ticks_ms()
            if time.ticks_diff(now, self._asked_at) >= self._pause:
                self._asked_at = now
                self._asking = True
                self.counts.ask(connection.id)
                connection.channel.start(self.counts)

    def _conclude(self, connection):
        counts = self.counts
        if counts.result == at.ERROR:
            connection.module.check_alive()  # it may not have this connection any more
        elif counts.result != at.DONE or not counts.told:
            return  # damaged, or the module is silent: that tells nothing of the peer
        elif not counts.unacked and counts.acked == counts.total:
            self._acked = counts.acked
            self._end()
            return
        elif counts.acked != self._acked:
            self._acked = counts.acked
            self._since = self._asked_at
            self._looks = 0
            return
        self._looks += 1
        waited = time.ticks_diff(self._asked_at, self._since)
        self._overdue = self._looks >= _LOOKS and waited >= self._seconds * 1000

    def _fail(self, connection):
        connection.fail(OSError(errno.ECONNABORTED))
        try:
            connection.choose("failure", _unacknowledged(self.counts, self._seconds))
        except MemoryError:
            pass  # then it fails without words
        self._end()

    def _end(self):
        self._outstanding = self._asking = self._overdue = False
        self._connection.module.remove_sender(self, self)


def _unacknowledged(counts, seconds):
    text = "the module refuses to tell what was acknowledged"
    if counts.result == at.DONE:
        text = "%d bytes sent, %d acknowledged" % (counts.total, counts.acked)
    text = "no acknowledgement in %d s, %s: the peer is gone, or does not read" % (seconds, text)
    return errors.Error(errno.ECONNABORTED, text)


def switch(connection, seconds):
    """Have `connection` fail where the peer acknowledges nothing for `seconds`, 0 for never."""
    dialect = connection.nic.dialect
    within(seconds, (0, _DAY), "DELIVERY")
    _check_acked(dialect)
    if connection.datagram:
        raise errors.not_supported(dialect.MODEL, "acknowledgement of datagrams")
    before = connection.delivery
    connection.choose("delivery", Delivery(connection, seconds) if seconds else None)
    if seconds and before is not None and connection.state == OPEN:
        connection.delivery.sent()  # what was written before may be outstanding
