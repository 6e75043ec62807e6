# Direct push mode: the module gives data unasked, so a buffer must have been declared for it, and
# what finds no room in it is counted in the socket's `lost` (engine rule 9).

import errno

from micropython import const
from quectel import at, errors
from quectel.staging import Staging

_BLOCK = const(128)  # of a Staging
_MODE_MS = const(5000)
_DATAGRAM = const(1500)  # the largest datagram, bytes
_MOST = const(65535)  # bytes that one URC could bring: the documents give no limit


class Pushed(Staging):
    """A Staging to which data is added while some is still here; blocks that were emptied go to
    its end. Of datagrams it knows where each one ends and who sent it."""

    def __init__(self, conn, size):
        super().__init__(size + _BLOCK)  # the first block may be partly used
        self.capacity = size
        self._connection = conn
        self._receiver = conn.receiver
        self._datagram = conn.datagram
        self._arriving = 0
        self._sizes = []
        self._peers = []

    def __len__(self):
        """What can be taken at once: of datagrams, of the first one."""
        return self._sizes[0] if self._sizes else self.tail - self.head

    def take_in(self, channel):
        """The line +QIURC: "recv",<connectID>,<currentrecvlength>[,<remoteIP>,<remote_port>]:
        its data follows."""
        count = channel.number()
        if count is None or not 0 < count <= _MOST:
            channel.damaged()
            self.damaged()
            return
        peer = None if channel.at_end() else (channel.text(), channel.number())
        if count > self.capacity - (self.tail - self.head):
            # All or nothing: a part could not be told from the whole.
            self._receiver.lost += count
            channel.expect(count, None, 0, 0)
            return
        while self.head >= _BLOCK:
            self.blocks.append(self.blocks.pop(0))
            self.head -= _BLOCK
            self.tail -= _BLOCK
        self._arriving = count
        if self._datagram:
            self._peers.append(peer)
        self.open(channel, count)

    def complete(self):
        if not self._arriving:
            return  # what came had been asked for, in buffer mode again: see Read
        self.close(self._arriving)
        if self._datagram:
            self._sizes.append(self._arriving)
        self._arriving = 0

    def damaged(self):
        """What came, or its header, was damaged on the line: there is a hole from here on."""
        if self._arriving and self._datagram:
            self._peers.pop()
        self._arriving = 0
        error = errors.Error(errno.ECONNABORTED, "data came damaged in push mode")
        self._connection.fail(error)

    def widen(self, size):
        """Have room for a read of `size` bytes, which buffer mode begins when all is taken."""
        while len(self.blocks) * _BLOCK < size:
            self.blocks.append(bytearray(_BLOCK))

    def take(self, buf, at_, count):
        if self._sizes:
            count = min(count, self._sizes[0])
            self._sizes[0] -= count
            if self._peers[0] is not None:
                self._receiver.read.peer = self._peers[0]
        return super().take(buf, at_, count)

    def drop(self):
        """Forget what is left of this datagram, or of all there is."""
        if not self._sizes:
            self.head = self.tail = 0
            return
        self.head += self._sizes.pop(0)
        self._peers.pop(0)


def switch(conn, mode):
    """Make `mode` (BUFFER, PUSH) the access mode of a connection, open or not."""
    nic, receiver = conn.nic, conn.receiver
    if mode not in (nic.BUFFER, nic.PUSH):
        raise ValueError("the access mode must be BUFFER or PUSH")
    if mode == nic.PUSH and not receiver.push_size:
        raise errors.Error(errno.EINVAL, "declare SO_RCVBUF before push mode")
    pushed = Pushed(conn, receiver.push_size) if mode else None
    if conn.id is not None:
        if mode and _has_data(receiver, nic):
            # What the module still holds and what it pushes then could change places.
            raise errors.Error(errors.EBUSY, "read what has come before push mode")
        _tell(conn, mode, pushed)
    change_mode(conn, mode, pushed)


def change_mode(conn, mode, staging):
    """`conn` is in access mode `mode` from now on, and what comes goes to `staging`."""
    conn.access_mode = mode
    conn.receiver.change_mode(mode, staging)


def _has_data(receiver, nic):
    # Whether there is data to read; waits for the module's word.
    while not receiver.staged() and not receiver.eof and (receiver.hint or receiver.reading):
        receiver.advance()
        nic.module.wait()
    return receiver.staged()


def _tell(conn, mode, pushed):
    # The first data may come before the OK.
    nic = conn.nic
    if mode:
        change_mode(conn, mode, pushed)
    command = at.Command(b"AT+QISWTMD=%d,%d" % (conn.id, mode), _MODE_MS)
    nic.module.finish(nic.run(command))
    if command.result != at.DONE:
        if mode:
            change_mode(conn, 0, None)
        raise nic.module.finish(nic.why(command, "AT+QISWTMD"))
    if not mode and conn.receiver.push:
        conn.receiver.staging.widen(_DATAGRAM if conn.datagram else nic.module.chunk)
