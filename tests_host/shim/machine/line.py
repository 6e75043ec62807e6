"""What a stand-in UART is wired to: another UART, or a file descriptor."""

import os
import select


class NoLine:
    """Nothing is wired: what is sent is gone, and nothing comes."""

    def poll(self, uart):
        """Bring what has come in to the UART."""

    def send(self, data):
        """Take bytes; say how many."""
        return len(data)

    def ready(self, timeout):
        """Wait up to a time for something to come in."""


class PeerLine(NoLine):
    """The wire to another UART of this process."""

    def __init__(self, peer):
        self._peer = peer

    def send(self, data):
        self._peer.receive(data)
        return len(data)


class DescriptorLine(NoLine):
    """A socket, a terminal or a pipe, by its number; it becomes non-blocking."""

    def __init__(self, fd):
        self._fd = fd
        os.set_blocking(fd, False)

    def poll(self, uart):
        # Everything at once: a UART that is not read in time has no back-pressure either.
        while True:
            try:
                data = os.read(self._fd, 4096)
            except BlockingIOError:
                return
            if not data:
                raise OSError(5, "the line is gone")
            uart.receive(data)

    def send(self, data):
        try:
            return os.write(self._fd, data)
        except BlockingIOError:
            return 0

    def ready(self, timeout):
        select.select([self._fd], [], [], timeout)
