# Direct push mode: the module gives data unasked, so a buffer must have been declared for it, and
# what finds no room in it is counted in the socket's `lost` (engine rule 9).

import errno

from micropython import const

from quectel import answers, at, errors
from quectel.staging import Staging

_MODE_MS = const(5000)
_DATAGRAM = const(1500)  # the largest datagram, bytes
_MOST = const(65535)  # bytes that one URC could bring: the documents give no limit


class Pushed(Staging):
    """A Staging to which data is added while some is still here. Of datagrams it knows where each
    one ends and who sent it."""

    REUSABLE = False

    def __init__(self, connection, size):
        super().__init__(size)
        self._connection = connection
        self._arriving = 0
        self._sizes = []
        self._peers = []

    def __len__(self):
        """What can be taken at once: of datagrams, of the first one."""
        return self._sizes[0] if self._sizes else self.tail - self.head

    def take_in(self, channel):
        """The line +QIURC: "recv",<connectID>,<currentrecvlength>[,<remoteIP>,<remote_port>]:
        its data follows."""
        connection = self._connection
        count = channel.number()
        if count is None or not 0 < count <= _MOST:
            channel.damaged()
            self.damaged()
            return
        peer = None if channel.at_end() else (channel.text(), channel.number())
        if count > self.size - (self.tail - self.head):
            # All or nothing: a part could not be told from the whole.
            connection.choose("lost", connection.lost + count)
            connection.module.receive(channel, count, None)
            return
        self._arriving = count
        if connection.datagram:
            self._peers.append(peer)
        if self.tail + count > self.size:
            self.shift()
        self.open()
        connection.module.receive(channel, count, self)

    def complete(self):
        if not self._arriving:
            return  # it answered an AT+QIRD, in buffer mode again: see Read
        self.close()
        if self._connection.datagram:
            self._sizes.append(self._arriving)
        self._arriving = 0

    def damaged(self):
        """What came, or its header, was damaged on the line: there is a hole from here on."""
        if self._arriving and self._connection.datagram:
            self._peers.pop()
        self._arriving = 0
        error = errors.Error(errno.ECONNABORTED, "data came damaged in push mode")
        self._connection.fail(error)

    def on_noise(self, line):
        """A line that belongs to nobody may be what is left of the header of pushed data: it ends
        with a number, and is no other line that a module says by itself."""
        if line[-1:].isdigit() and (line[:1] != "+" or "QIU" in line):
            self.damaged()

    def take(self, buf, start, count):
        if self._sizes:
            count = min(count, self._sizes[0])
            self._shorten(count)
        return super().take(buf, start, count)

    def read(self, count):
        data = super().read(count)
        if self._sizes:
            self._shorten(count)
        return data

    def _shorten(self, count):
        # So many bytes of the first datagram are taken.
        self._sizes[0] -= count
        if self._peers[0] is not None:
            self._connection.reader.came_from(self._peers[0])

    def put_back(self, count):
        super().put_back(count)
        if self._sizes:
            self._sizes[0] += count

    def drop(self):
        """Forget what is left of this datagram, or of all there is."""
        if not self._sizes:
            self.head = self.tail = 0
            return
        self.head += self._sizes.pop(0)
        self._peers.pop(0)


def switch(connection, mode):
    """Make `mode` (BUFFER, PUSH) the access mode of a connection, open or not."""
    nic = connection.nic
    if mode not in (nic.BUFFER, nic.PUSH):
        raise ValueError("the access mode must be BUFFER or PUSH")
    if mode == nic.PUSH and not connection.push_size:
        raise errors.Error(errno.EINVAL, "declare SO_RCVBUF before push mode")
    pushed = None
    if mode:
        pushed = Pushed(connection, connection.push_size)
        if connection.id is not None and _has_data(connection):
            # What the module still holds and what it pushes then could change places.
            raise errors.Error(errors.EBUSY, "read what has come before push mode")
        # The first data may come before the OK.
        use_staging(connection, pushed, True)
    if connection.id is not None:
        command = at.Command(b"AT+QISWTMD=%d,%d" % (connection.id, mode), _MODE_MS)
        nic.module.finish(nic.run(command))
        if command.result != at.DONE:
            if mode:
                use_staging(connection, None)
            raise nic.module.finish(answers.why(nic, command, "AT+QISWTMD"))
        if not mode and connection.push:
            connection.staging.widen(_DATAGRAM if connection.datagram else nic.module.chunk)
    if not mode:
        use_staging(connection, None)


def use_staging(connection, staging, push=False):
    """What comes goes to `staging`, or with None to what it went to before, from now on, unasked
    with `push`."""
    connection.choose("push", push)
    connection.choose("access_mode", 1 if push else 0)
    if staging is not None:
        connection.choose("staging", staging)
    connection.choose("hint", not push)


def _has_data(connection):
    # Whether there is data to read; waits for the module's word.
    while (
        not connection.staged() and not connection.eof and (connection.hint or connection.reading)
    ):
        connection.raise_error()
        connection.advance()
        connection.module.wait()
    return connection.staged()
