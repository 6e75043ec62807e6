"""A socket or a terminal with the methods of a UART.

Allocates nothing in steady state on MicroPython: bytes go through one small buffer into a ring.

Who waits looks again and again, and would keep the processor from other programs, the virtual
module among them. So a second look in vain waits in the system, for a millisecond or until
something comes. After something came it is the third: one look ends the reading, and one more
may be before the next command.
"""

import errno
import sys

import micropython

_RXBUF = 4096
_CHUNK = 1024

_MICROPYTHON = sys.implementation.name == "micropython"
if _MICROPYTHON:
    from modem_line import unix_port as port
else:
    from modem_line import cpython as port


class Line:
    """A UART's any, readinto and write over a stream that does not block.

    Once the other end is gone, and what it had sent is read, every call raises OSError.
    """

    def __init__(self, stream, name):
        self._stream = stream
        self._name = name
        self._ring = micropython.RingIO(_RXBUF)
        self._chunk = bytearray(_CHUNK)
        self._gone = False
        self._looks_before_wait = 1
        self._wait = port.waiter(stream)

    def _fill(self):
        ring = self._ring
        while not self._gone and _RXBUF - ring.any() >= _CHUNK:
            try:
                n = self._stream.readinto(self._chunk)
            except OSError:
                # A terminal says by an error that its other end is gone; a socket, by 0.
                n = 0
            if n is None:
                break
            if n == 0:
                self._gone = True
            else:
                ring.write(self._chunk, n)
                if n < _CHUNK:
                    break
        n = ring.any()
        if n == 0 and self._gone:
            raise OSError(errno.EIO, "the modem's line is gone")
        return n

    def any(self):
        """How many bytes can be read now; where there were none before, 1 ms later at most."""
        if self._looks_before_wait == 0 and self._ring.any() == 0 and not self._gone:
            self._wait()
        n = self._fill()
        if n:
            self._looks_before_wait = 2
        elif self._looks_before_wait:
            self._looks_before_wait -= 1
        return n

    def readinto(self, buf, n=None):
        """Read what is there, up to n bytes; how many, or None if there are none."""
        if self._ring.any() == 0 and self._fill() == 0:
            return None
        # 0 and not None for an empty ring: but this one is not empty.
        return self._ring.readinto(buf) if n is None else self._ring.readinto(buf, n)

    def write(self, buf, off=None, n=None):
        """Write what the line takes now; how many bytes, or None if it takes none."""
        self._looks_before_wait = 1
        if n is not None:
            return self._stream.write(buf, off, n)
        if off is not None:
            return self._stream.write(buf, off)
        return self._stream.write(buf)

    def close(self):
        """Let the line go."""
        self._gone = True
        self._stream.close()

    def __repr__(self):
        return "Line(%s, rxbuf=%d)" % (self._name, _RXBUF)


class Device(Line):
    """A serial port or a pty, made raw, whose speed can be changed."""

    def __init__(self, path, baudrate):
        super().__init__(port.device(path, baudrate), path)
        self._baudrate = baudrate

    def init(self, baudrate, rxbuf=_RXBUF):
        """Go on at another speed, with the buffer that there is; ValueError for a speed that the
        system does not know."""
        port.change(self._stream, baudrate)
        self._baudrate = baudrate

    def __repr__(self):
        return "Line(%s, baudrate=%d, rxbuf=%d)" % (self._name, self._baudrate, _RXBUF)


def tcp(host, port_number):
    """A line to HOST:PORT, as the virtual module or a serial server offers it."""
    return Line(port.tcp(host, port_number), "tcp:%s:%d" % (host, port_number))


def device(path, baudrate):
    """A line to a serial port or a pty, made raw, at this speed."""
    return Device(path, baudrate)


def uart(where: str, baudrate: int = 115200) -> Line:
    """The line that `where` names, with a UART's any, readinto and write.

    where     "tcp:HOST:PORT", as the virtual module or a serial server offers it; or a device,
              such as "/dev/ttyUSB0", or a pty. On CPython with pyserial also "COM3", and URLs
              such as "rfc2217://HOST:PORT". ",BAUD" may follow
    baudrate  of a device, where `where` does not say it

    A device is made raw, 8N1. Raises OSError if the line cannot be opened, ValueError for a speed
    that the system does not know, and on CPython ImportError where pyserial is wanted."""
    name, comma, digits = where.rpartition(",")
    if comma and digits.isdigit():
        where, baudrate = name, int(digits)
    if where.startswith("tcp:"):
        host, _, number = where[4:].rpartition(":")
        if not number.isdigit():
            raise ValueError("%s is not tcp:HOST:PORT" % where)
        return tcp(host or "127.0.0.1", int(number))
    return device(where, baudrate)
