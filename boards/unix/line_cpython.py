"""CPython's way to a stream that does not block."""

import io
import os
import select
import socket

_WAIT_S = 0.001


class _Raw(io.FileIO):
    """A descriptor whose write also takes (buf, n) and (buf, off, n), as MicroPython's."""

    def write(self, buf, off=None, n=None):
        view = memoryview(buf.encode() if isinstance(buf, str) else buf)
        if n is not None:
            view = view[off : off + n]
        elif off is not None:
            view = view[:off]
        return super().write(view)


def tcp(host, port):
    """A connected socket, as a raw file."""
    s = socket.create_connection((host, port))
    s.setblocking(False)
    # Commands are short: none must wait for the answer to the one before.
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return _Raw(s.detach(), "r+")


def device(path, baud):
    """A terminal in raw mode, as a raw file."""
    import termios

    speed = getattr(termios, "B%d" % baud, None)
    if speed is None:
        raise ValueError("this system knows no speed of %d" % baud)
    fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    # Not tty.setraw: that throws away what has come in.
    attributes = termios.tcgetattr(fd)
    attributes[0] = attributes[1] = attributes[3] = 0
    attributes[2] = termios.CS8 | termios.CREAD | termios.CLOCAL
    attributes[4] = attributes[5] = speed
    attributes[6][termios.VMIN] = 1
    attributes[6][termios.VTIME] = 0
    termios.tcsetattr(fd, termios.TCSANOW, attributes)
    return _Raw(fd, "r+")


def waiter(stream):
    """A function that waits until something has come, 1 ms at most."""
    return lambda: select.select([stream], [], [], _WAIT_S)
