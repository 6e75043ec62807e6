"""CPython's way to a stream that does not block."""

import io
import os
import select
import socket
import time

_WAIT_S = 0.001


def _part(buf, off, n):
    """What write's arguments mean, as MicroPython has them: (buf), (buf, n), (buf, off, n)."""
    view = memoryview(buf.encode() if isinstance(buf, str) else buf)
    if n is not None:
        return view[off : off + n]
    return view if off is None else view[:off]


class _Raw(io.FileIO):
    """A descriptor."""

    def write(self, buf, off=None, n=None):
        return super().write(_part(buf, off, n))

    def change(self, baudrate):
        import termios

        speed = getattr(termios, "B%d" % baudrate, None)
        if speed is None:
            raise ValueError("this system knows no speed of %d" % baudrate)
        attributes = termios.tcgetattr(self)
        attributes[4] = attributes[5] = speed
        termios.tcsetattr(self, termios.TCSANOW, attributes)

    def wait(self):
        select.select([self], [], [], _WAIT_S)


class _Serial:
    """What pyserial opens."""

    def __init__(self, name, baudrate):
        try:
            import serial
        except ImportError:
            text = "%s at %d baud needs pyserial: pip install pyserial" % (name, baudrate)
            raise ImportError(text, name="serial") from None
        # Time-outs of 0: what can be done at once, and no more.
        self._port = serial.serial_for_url(name, baudrate=baudrate, timeout=0, write_timeout=0)

    def readinto(self, buf):
        data = self._port.read(len(buf))
        buf[: len(data)] = data
        return len(data) or None

    def write(self, buf, off=None, n=None):
        return self._port.write(_part(buf, off, n))

    def change(self, baudrate):
        self._port.baudrate = baudrate

    def wait(self):
        # Not every kind of port has a descriptor that can be waited for.
        time.sleep(_WAIT_S)

    def close(self):
        self._port.close()


def tcp(host, port):
    """A connected socket, as a raw file."""
    s = socket.create_connection((host, port))
    s.setblocking(False)
    # Commands are short: none must wait for the answer to the one before.
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return _Raw(s.detach(), "r+")


def device(path, baudrate):
    """A terminal in raw mode, as a raw file. Opened by pyserial: a URL, any port of Windows, and
    a speed that this system has no name for."""
    try:
        import termios
    except ImportError:  # Windows
        return _Serial(path, baudrate)
    speed = getattr(termios, "B%d" % baudrate, None)
    if speed is None or "://" in path:
        return _Serial(path, baudrate)
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


def change(stream, baudrate):
    """Another speed of a device."""
    stream.change(baudrate)


def waiter(stream):
    """A function that waits until something has come, 1 ms at most."""
    return stream.wait
