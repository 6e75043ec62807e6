"""The module's line: a serial port, a pty, a TCP port or a board, and a tap on it."""

import time

from tools import on_cpython  # noqa: F401
from tools.conforming import board


class NoLine(Exception):
    """The line cannot be opened; the text says what to do."""


class Clock:
    """The time of this machine."""

    now = staticmethod(time.monotonic)
    nap = staticmethod(time.sleep)


def opened(where, baud, uart):
    """A UART for `where`: tcp:HOST:PORT, socket://HOST:PORT, or a device; board:WHERE is the
    UART of a MicroPython board there, made by the expression `uart`. NoLine where it cannot be
    opened."""
    if where.startswith("board:"):
        line = opened(where[len("board:") :], 115200, None)
        try:
            return board.Board(line, uart)
        except (board.BoardError, OSError) as error:
            line.close()
            raise NoLine("%s: %s" % (where, error)) from None
    import modem_line

    for scheme in ("tcp:", "socket://"):
        if where.startswith(scheme):
            host, _, port = where[len(scheme) :].rpartition(":")
            if not host or not port.isdigit():
                raise NoLine("%s: not %sHOST:PORT" % (where, scheme))
            try:
                return modem_line.tcp(host.strip("[]"), int(port))
            except OSError as error:
                raise NoLine("%s: %s" % (where, error)) from None
    if "://" not in where:
        try:
            return modem_line.device(where, baud)
        except ImportError:
            pass  # no termios: not a Unix
        except (OSError, ValueError) as error:
            raise NoLine(
                "%s: %s. Is it plugged in, may you use it (on Linux: group dialout), and is no "
                "other program on it?" % (where, error)
            ) from None
    return _by_pyserial(where, baud)


def _by_pyserial(where, baud):
    try:
        import serial
    except ImportError:
        raise NoLine("%s: this needs pyserial: python3 -m pip install pyserial" % where) from None
    try:
        return _Serial(serial.serial_for_url(where, baudrate=baud, timeout=0))
    except (serial.SerialException, ValueError) as error:
        raise NoLine("%s: %s" % (where, error)) from None


class _Serial:
    # A port of pyserial with the methods of a UART.

    def __init__(self, port):
        self.port = port

    def any(self):
        return self.port.in_waiting

    def readinto(self, buf, n=None):
        data = self.port.read(len(buf) if n is None else min(n, len(buf)))
        memoryview(buf)[: len(data)] = data
        return len(data) or None

    def write(self, data):
        return self.port.write(bytes(data))

    def close(self):
        self.port.close()

    def __repr__(self):
        # It may be the module's own USB port: without a size of a receive buffer the driver leaves
        # the URCs where they go.
        return "Serial(%s, baudrate=%d)" % (self.port.name, self.port.baudrate)


class Tap:
    """The UART that everything here uses: `capture` is told of each piece that passes."""

    def __init__(self, uart, capture):
        self._uart = uart
        self._capture = capture

    def any(self):
        """How many bytes can be read."""
        return self._uart.any()

    def readinto(self, buf, n=None):
        """Read what is there, up to n bytes; how many, or None."""
        count = self._uart.readinto(buf) if n is None else self._uart.readinto(buf, n)
        if count:
            self._capture.came(bytes(memoryview(buf)[:count]))
        return count

    def write(self, buf, off=None, n=None):
        """Write; how many bytes, or None if the line takes none now."""
        view = memoryview(buf)
        if n is not None:
            view = view[off : off + n]
        elif off is not None:
            view = view[:off]
        count = self._uart.write(view)
        if count:
            self._capture.sent(bytes(view[:count]))
        return count

    def close(self):
        """Let the line go."""
        self._uart.close()

    def __repr__(self):
        return repr(self._uart)
