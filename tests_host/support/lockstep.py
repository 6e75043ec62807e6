"""A UART whose other end is a virtual module in another process, in virtual time: see
tests_host/lockstep_module.py. Import this before the driver.

Nothing happens there between two looks, so what waits takes no time, and each run is the same."""

import os
import sys

import virtual_time

clock = virtual_time.clock
_TERMINAL = sys.platform == "webassembly"  # that port has no sockets
if _TERMINAL:
    import board  # before a program's own
else:
    import socket


class _Terminal:
    """The line of the port's board, as a socket and as its file."""

    def __init__(self):
        self._uart = board.uart()

    def send(self, data):
        done = 0
        while done < len(data):
            done += self._uart.write(data, done, len(data) - done) or 0

    def readline(self):
        line = b""
        while line[-1:] != b"\n":
            piece = bytearray(self._uart.any())
            line += piece[: self._uart.readinto(piece) or 0]
        return line

    def makefile(self, mode):
        return self

    def close(self):
        pass


def _connected():
    if _TERMINAL:
        return _Terminal()
    host, _, port = os.getenv("LOCKSTEP").rpartition(":")
    connected = socket.socket()
    connected.connect(socket.getaddrinfo(host, int(port))[0][-1])
    return connected


class LockstepUART:
    """The line to a virtual module of its own.

    dialect, faults  of the virtual module, faults as `--fault` has them
    rxbuf  how many bytes the host's UART holds, and loses what is more; None: as many as come
    shown  what its repr tells beside the baud rate
    """

    def __init__(self, dialect, faults=(), rxbuf=None, shown="rxbuf=2048"):
        self._socket = _connected()
        self._answers = self._socket.makefile("rb")
        self._shown = shown
        self._baudrate = 115200
        self._came = b""
        self._due = 0  # us when something may have come; 0: nothing will unless something is sent
        self._rxbuf = rxbuf
        self._tell("play %d %s %s" % (clock.us, dialect, " ".join(faults)))
        self._look()

    def __repr__(self):
        return "UART(0, baudrate=%d, %s)" % (self._baudrate, self._shown)

    def init(self, baudrate, rxbuf=None):
        self._baudrate = baudrate
        self._tell("baud %d" % baudrate)

    def pin(self, name):
        """A Pin of the module."""
        return Pin(self, name)

    def any(self):
        if not self._came and self._due and clock.us >= self._due:
            self._look()
        clock.idle = False
        if not self._came:
            clock.nothing(self._due, quiet_from=clock.us)
        return len(self._came)

    def readinto(self, buf, size=None):
        count = min(len(buf) if size is None else size, len(self._came))
        if not count:
            return None
        buf[:count] = self._came[:count]
        self._came = self._came[count:]
        return count

    def write(self, buf, offset=None, size=None):
        data = bytes(buf)
        if size is not None:
            data = data[offset : offset + size]
        elif offset is not None:
            data = data[:offset]
        self._look(data)
        return len(data)

    def close(self):
        self._answers.close()
        self._socket.close()

    def tell(self, line):
        """Do to the module what `line` says, then look what has come."""
        self._tell(line)
        self._look()

    def _tell(self, line):
        self._socket.send((line + "\n").encode())

    def _look(self, data=b""):
        # MicroPython: b"".hex() is b"".
        self._tell("at %d %s" % (clock.us, data.hex() if data else ""))
        came, _, due = self._answers.readline().decode().partition(" ")
        if came:
            self._came = (self._came + bytes.fromhex(came))[: self._rxbuf]
        self._due = int(due)


class Pin:
    """A pin of the module, as machine.Pin has them."""

    def __init__(self, uart, name):
        self._uart = uart
        self._name = name

    def value(self, level):
        self._uart.tell("%s %d" % (self._name, level))
