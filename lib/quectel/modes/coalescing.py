# Small writes gathered into few exchanges: an option of a socket, off by default.
#
# Programs make ten to fifteen tiny writes a request, and each AT+QISEND costs a prompt and two
# answers. What is gathered leaves when the buffer (one exchange) is full, and at the latest when
# the driver is next called for anything but another write to the same socket: any read, poll,
# wait, flush, drain or close. In an event loop that is its next turn. Loaded on first use.

import errno
import time

from quectel import copying


def switch(sock, on):
    """Gather the writes of `sock` from now on, or no more."""
    sock.settle_sending()
    sender = sock.connection.sender
    sender.gatherer = Gatherer(sock, sender) if on else None


class Gatherer:
    """The buffer in which a socket's writes come together."""

    def __init__(self, sock, sender):
        self._sock = sock
        self._sender = sender
        self._size = sock.connection.nic.dialect.SEND_MAX
        self._buf = bytearray(copying.room(self._size))

    def room(self):
        """How many bytes can be taken now."""
        sender = self._sender
        if sender.held is self._buf:
            return self._size - sender.held_end
        return 0 if sender.held is not None or sender.sending else self._size

    def _put(self, data, at_, end):
        count = min(end - at_, self.room())
        if at_:
            count = min(count, copying.OFFSET_MOST)
        if not count:
            return 0
        sender = self._sender
        behind = sender.held_end if sender.held is self._buf else 0
        copying.put(self._buf, behind, data, at_, at_ + count)
        if behind:
            sender.held_end += count
        else:
            sender.hold(self._buf, count)
        return count

    def write(self, data, at_, end):
        """As Socket's own: how many bytes of data[at_:end] were taken, None if none."""
        sock = self._sock
        conn = sock.connection
        start = time.ticks_ms()
        done = at_
        while done < end:
            if end - done >= self._size and sock.blocks and self._sender.idle:
                return done - at_ + self._send(data, done, end, done > at_)
            done += self._put(data, done, end)
            try:
                if conn.broken:
                    conn.raise_error()
                if done < end and not sock.patience(start):
                    return done - at_ or None
            except OSError as e:
                if done == at_:
                    raise
                if e.args[0] != errno.ETIMEDOUT:
                    conn.error = e  # for the next call
                break
        return done - at_

    def _send(self, data, at_, end, began):
        # A whole exchange or more goes straight from the caller's buffer.
        try:
            return self._sock.send_waiting(data, at_, end)
        except OSError as e:
            if not began:
                raise
            if e.args[0] != errno.ETIMEDOUT:
                self._sock.connection.error = e
            return 0
