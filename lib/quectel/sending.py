# What a connection sends (engine rules 5 and 6): each byte that a call took over goes to the
# module once, in order, or the connection fails with a clear error.
#
# A blocking caller's bytes are sent from its own buffer. One that does not wait gives as many as
# one exchange carries into the interface's outbox, as to a kernel, and cannot give more until the
# module has answered. Nothing here waits: whoever waits calls these steps.

import errno
import time

from micropython import const

from quectel import at, copying, errors

_AGAIN_MS = const(50)  # pause after the first SEND FAIL, doubled after each …
_AGAIN_MOST_MS = const(2000)  # … up to this


class Sender:
    """The sending side of a Connection."""

    def __init__(self, connection):
        self._connection = connection
        self._nic = connection.nic
        self._channel = connection.channel
        self.command = None  # the command that sends
        self.sending = False
        self.count = 0  # bytes of the exchange under way
        self._lent = None  # what it sends, from `_lent_at` on
        self._lent_at = 0
        self.gatherer = None  # see coalescing.py
        self.held = None  # bytes taken over from a caller who has gone on
        self.held_at = 0
        self.held_end = 0
        self._asking = False  # why a send was refused is being asked
        self._again_ms = 0
        self._again_from = 0

    @property
    def idle(self):
        """Whether all that was taken over has gone, and its fate is known."""
        return not self.sending and self.held is None and not self._asking

    @property
    def lends(self):
        """Whether the exchange under way sends from the caller's own buffer."""
        return self.sending and self.held is None

    def writable(self):
        """Whether a caller that does not wait can give bytes now."""
        if self.gatherer is not None:
            return not self._asking and self.gatherer.room() > 0
        return self.idle and self._nic.module.outbox_free

    def waited(self, start):
        """ms since `start`, in ticks_ms, or since the module has last taken no bytes."""
        now = time.ticks_ms()
        waited = time.ticks_diff(now, start)
        if self._again_ms:
            waited = min(waited, time.ticks_diff(now, self._again_from))
        return waited

    # ---- a caller that waits ----

    def step(self, data, at_, end):
        """A step of sending data[at_:end]; returns how many more bytes the module has taken."""
        if self.held is not None or self._asking or self._connection.broken:
            return 0  # what an earlier call handed over goes first: the modem pushes it
        if self.sending:
            if self.command.result != at.PENDING:
                return self._done()
        elif self._may_send():
            self._start(data, at_, end)
        return 0

    def keep(self):
        """The caller goes away in the middle of an exchange: it is finished by later polls."""
        if not self.lends:
            return
        if self.command.data is self._lent:
            kept = self._channel.keep_data(self.command)
        else:  # the bytes stand in the command line, or behind the prompt in another form
            kept = bytes(memoryview(self._lent)[self._lent_at : self._lent_at + self.count])
        self.hold(kept, self.count)

    # ---- a caller that does not ----

    def hand_over(self, data, at_, end):
        """Take over as many bytes of data[at_:end] as one exchange carries; returns how many.
        The interface's outbox must be free."""
        count = min(end - at_, self._nic.dialect.SEND_MAX)
        if at_:
            count = min(count, copying.OFFSET_MOST)
        self.hold(self._nic.module.fill_outbox(data, at_, count), count)
        return count

    def push(self):
        """A step of sending what was taken over; the modem calls it while there is some."""
        if self.sending:
            if self.command.result == at.PENDING:
                return
            self.held_at += self._done()
            if self._again_ms:
                self._set_aside()
        if self.held_at == self.held_end or self._connection.broken or self._asking:
            self.let_go()
        elif self.held is not None and self._may_send():
            self._start(self.held, self.held_at, self.held_end)

    def let_go(self):
        """Forget what was taken over."""
        if self.held is not None:
            held = self.held
            self.held = None
            self._nic.module.remove_sender(self, held)

    def _set_aside(self):
        # The peer does not read, and other sockets need the outbox meanwhile.
        held = self.held
        if held is not None and not isinstance(held, bytes) and self.gatherer is None:
            kept = bytes(memoryview(held)[self.held_at : self.held_end])
            self.let_go()
            self.hold(kept, len(kept))

    # ---- steps ----

    def hold(self, data, count):
        """Take over the first `count` bytes of `data`, which must stay as they are."""
        self.held = data
        self.held_at = 0
        self.held_end = count
        self._nic.module.add_sender(self)

    def _may_send(self):
        if not self._channel.idle:
            return False
        if not self._again_ms:
            return True
        return time.ticks_diff(time.ticks_ms(), self._again_from) >= self._again_ms

    def _start(self, data, at_, end):
        self._lent = data
        self._lent_at = at_
        self.count = self.command.load(data, at_, end)
        self.sending = True
        self._channel.start(self.command)

    def _done(self):
        # An exchange that sent is over; returns how many bytes the module took.
        self.sending = False
        result = self.command.result
        self.command.give(None, 0, 0)
        self._lent = None
        if result == at.DONE and self.command.refused:
            result = at.SEND_FAIL
        if self._nic.dialect.PROMPT_HIDES_DATA:
            self._nic.module.look_soon()
        if result == at.DONE:
            self._again_ms = 0
            self._connection.receiver.look_soon()
            return self.count
        if result == at.SEND_FAIL or (result == at.TIMEOUT and not self.command.sent):
            # Not taken: the module's buffer is full, or it was not asked as it does not hear.
            # Wait, and send the same again.
            self._again_ms = min(self._again_ms * 2 or _AGAIN_MS, _AGAIN_MOST_MS)
            self._again_from = time.ticks_ms()
        elif result == at.ERROR:
            # Not sent, says the document; why, AT+QIGETERROR knows.
            self._asking = True
            self._nic.module.spawn(self._ask_why(self.held is not None))
        else:
            error = errors.Error(errno.ECONNABORTED, "no answer: unknown whether sent")
            self._connection.fail(error)
        return 0

    def _ask_why(self, lost):
        error = yield from self._nic.why(self.command, "send")
        conn = self._connection
        if lost and not conn.datagram:
            conn.fail(error)  # a call has taken these bytes: there is a hole in the stream
        else:
            conn.error = error
        self._asking = False
        if error.code in errors.LOST_CODES:
            self._nic.module.check_alive()
