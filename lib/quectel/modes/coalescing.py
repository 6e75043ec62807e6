# Small writes gathered into few exchanges: an option of a socket, off by default.
#
# Programs make ten to fifteen tiny writes a request, and each AT+QISEND costs a prompt and two
# answers. What is gathered leaves when the buffer (one exchange) is full, and at the latest when
# the driver is next called for anything but another write to the same socket: any read, poll,
# wait, flush, drain or close. In an event loop that is its next turn. Loaded on first use.

import errno
import time

from quectel.staging import copy


def switch(sock, on):
    """Gather the writes of `sock` from now on, or no more."""
    sock.finish_sending()
    sock.connection.choose("gatherer", Gatherer(sock) if on else None)


class Gatherer:
    """The buffer in which a socket's writes come together."""

    def __init__(self, sock):
        self._sock = sock
        self._connection = sock.connection
        self._size = sock.connection.nic.dialect.SEND_MAX
        self._buf = bytearray(self._size)

    def room(self):
        """How many bytes can be taken now."""
        connection = self._connection
        if connection.held is self._buf:
            return self._size - connection.held_end
        return 0 if connection.held is not None or connection.sending else self._size

    def _put(self, data, start, end):
        count = min(end - start, self.room())
        if not count:
            return 0
        connection = self._connection
        if connection.held is self._buf:
            copy(self._buf, connection.held_end, data, start, count)
            connection.choose("held_end", connection.held_end + count)
        else:
            copy(self._buf, 0, data, start, count)
            connection.hold(self._buf, count)
        return count

    def write(self, data, start, end):
        """As Socket's own: how many bytes of data[start:end] were taken, None if none."""
        sock, connection = self._sock, self._connection
        begun = time.ticks_ms()
        done = start
        while done < end:
            try:
                if end - done >= self._size and sock.timeout_ms != 0 and connection.has_sent():
                    # A whole exchange or more goes straight from the caller's buffer.
                    return done - start + sock.send_waiting(data, done, end)
                done += self._put(data, done, end)
                connection.raise_error()
                if done < end and not sock.wait(begun):
                    return done - start or None
            except OSError as e:
                if done == start:
                    raise
                if e.args[0] != errno.ETIMEDOUT:
                    connection.choose("error", e)
                break
        return done - start
