"""The board of the WebAssembly port in the tests: a pty that JavaScript reads and writes.

MODEM and MODULE as in boards/unix; MODEM must name a device. No call allocates: only addresses
and counts cross over to line.mjs.
"""

import errno

import js
from uctypes import addressof

_any = js.modemAny
_read = js.modemRead
_write = js.modemWrite

APN = "internet"


class UART:
    """A UART's any, readinto and write."""

    def any(self):
        """How many bytes can be read now."""
        n = _any()
        if n < 0:
            raise OSError(errno.EIO, "the modem's line is gone")
        return n

    def readinto(self, buf, n=None):
        """Read what is there, up to n bytes; how many, or None if there are none."""
        size = len(buf)
        if n is not None and n < size:
            size = n
        n = _read(addressof(buf), size)
        if n < 0:
            raise OSError(errno.EIO, "the modem's line is gone")
        return n or None

    def write(self, buf, off=None, n=None):
        """Write what the line takes now; how many bytes, or None if it takes none."""
        if isinstance(buf, str):
            buf = buf.encode()
        size = len(buf)
        start = 0
        if n is not None:
            start = off
            size = min(n, size - off)
        elif off is not None:
            size = min(off, size)
        n = _write(addressof(buf) + start, size)
        if n < 0:
            raise OSError(errno.EIO, "the modem's line is gone")
        return n or None

    def __repr__(self):
        return "UART(pty, rxbuf=16384)"


def uart():
    """Open the modem's line."""
    where = js.modemEnv("MODEM")
    if not where:
        raise RuntimeError("set MODEM to a pty")
    js.modemOpen(where.partition(",")[0])
    return UART()


def modem():
    """The network interface over that line."""
    import quectel

    line = uart()
    name = js.modemEnv("MODULE")
    return getattr(quectel, name)(line) if name else quectel.detect(line)
