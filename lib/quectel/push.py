# Direct push mode: the module gives data unasked, so a buffer must have been declared for it, and
# what finds no room in it is counted in the socket's `lost` (engine rule 9).

import errno

from micropython import const

from quectel import at, errors
from quectel.staging import Staging

_BLOCK = const(128)  # of a Staging
_MODE_MS = const(5000)


class Pushed(Staging):
    """A Staging to which data is added while some is still here; blocks that were emptied go to
    its end. Of datagrams it knows where each one ends and who sent it."""

    def __init__(self, sock, size):
        super().__init__(size + _BLOCK)  # the first block may be partly used
        self.capacity = size
        self._sock = sock
        self._arriving = 0
        self._sizes = []
        self._peers = []

    def take_in(self, channel):
        """The line +QIURC: "recv",<connectID>,<currentrecvlength>[,<remoteIP>,<remote_port>]:
        its data follows."""
        count = channel.number()
        if not count:
            return  # "buff full"
        peer = None if channel.at_end() else (channel.text(), channel.number())
        if count > self.capacity - len(self):
            # All or nothing: a part could not be told from the whole.
            self._sock.lost += count
            channel.expect(count, None, 0, 0)
            return
        while self.head >= _BLOCK:
            self.blocks.append(self.blocks.pop(0))
            self.head -= _BLOCK
            self.tail -= _BLOCK
        self._arriving = count
        if self._sock.is_datagram:
            self._peers.append(peer)
        self.open(channel, count)

    def complete(self):
        self.close(self._arriving)
        if self._sock.is_datagram:
            self._sizes.append(self._arriving)

    def take(self, buf, at_, count):
        if self._sizes:
            count = min(count, self._sizes[0])
            self._sizes[0] -= count
            self._sock.came_from(self._peers[0])
        return super().take(buf, at_, count)

    def drop(self):
        """Forget what is left of this datagram, or of all there is."""
        if not self._sizes:
            self.head = self.tail = 0
            return
        self.head += self._sizes.pop(0)
        self._peers.pop(0)


def switch(sock, mode, size):
    """Make `mode` (BUFFER, PUSH) the access mode of a socket, open or not."""
    nic = sock.nic
    if mode not in (nic.BUFFER, nic.PUSH):
        raise ValueError("the access mode must be BUFFER or PUSH")
    if mode == nic.PUSH and not size:
        raise errors.Error(errno.EINVAL, "declare SO_RCVBUF before push mode")
    if sock.connect_id is None:
        sock.change_mode(mode, Pushed(sock, size) if mode else None)
        return
    if mode and sock.has_data():
        # What the module still holds and what it pushes then could change places.
        raise errors.Error(errors.EBUSY, "read what has come before push mode")
    if mode:
        sock.change_mode(mode, Pushed(sock, size))
    command = at.Command(b"AT+QISWTMD=%d,%d" % (sock.connect_id, mode), _MODE_MS)
    nic.complete(nic.spawn(nic.run(command)))
    if command.result != at.DONE:
        if mode:
            sock.change_mode(0, None)
        raise nic.complete(nic.spawn(nic.why(command, "AT+QISWTMD")))
    if not mode:
        sock.change_mode(0, None)
