"""A module behind a MicroPython board: a small program on the board passes its UART through to
the REPL's line. It stands in RAM; nothing is written to the board."""

import time

_ANSWER_S = 5  # s for the REPL
_PIECE = 64  # bytes that a board's input surely has room for
_PIECE_S = 0.008  # and the time that a REPL at 115200 baud takes for them, and a little
_ESCAPE, _END = b"\x10", b"\x03"  # what follows DLE is data, but for ETX
_READY = b"passing"

# Bytes from the PC one by one, for the end stands among them; what comes from the module as it is.
_PROGRAM = """\
import micropython, select, sys
from machine import Pin, UART
uart = %s
micropython.kbd_intr(-1)
waiting = select.poll()
waiting.register(sys.stdin, select.POLLIN)
buffer = bytearray(256)
byte = bytearray(1)
escaped = False
sys.stdout.buffer.write(b"%s")
while True:
    while waiting.poll(0):
        sys.stdin.buffer.readinto(byte)
        if escaped:
            if byte[0] == 3:
                uart = None
                break
            escaped = False
        elif byte[0] == 16:
            escaped = True
            continue
        uart.write(byte)
    if uart is None:
        break
    if uart.any():
        count = uart.readinto(buffer, min(uart.any(), 256))
        if count:
            sys.stdout.buffer.write(memoryview(buffer)[:count])
micropython.kbd_intr(3)
"""


class BoardError(Exception):
    """The board cannot pass its UART through; the text says why."""


class Board:
    """A UART, behind the board whose REPL is on `line`. `uart` is the expression that makes the
    board's UART, as in its program."""

    def __init__(self, line, uart):
        self._line = line
        self._got = b""
        self._begin(_PROGRAM % (uart, _READY.decode()))

    def _begin(self, program):
        self._send(b"\r\x03\x03")
        self._read_until(None, 0.3)
        self._send(b"\r\x01")
        if not self._read_until(b"raw REPL; CTRL-B to exit\r\n>", _ANSWER_S):
            raise BoardError("no MicroPython answers there; is another program on its REPL?")
        self._send(program.encode() + b"\x04")
        if not self._read_until(b"OK", _ANSWER_S) or not self._read_until(_READY, _ANSWER_S):
            said = self._got.replace(b"\x04", b"").decode("utf-8", "replace").strip()
            self._send(b"\x02")
            raise BoardError("the board says: %s" % (said or "nothing"))

    def _send(self, data):
        for at in range(0, len(data), _PIECE):
            piece = data[at : at + _PIECE]
            while piece:
                piece = piece[self._line.write(piece) or 0 :]
            time.sleep(_PIECE_S)

    def _read_until(self, wanted, seconds):
        end = time.monotonic() + seconds
        chunk = bytearray(256)
        while time.monotonic() < end:
            count = self._line.readinto(chunk)
            if count:
                self._got += bytes(chunk[:count])
            if wanted is not None and wanted in self._got:
                self._got = self._got.partition(wanted)[2]
                return True
            if not count:
                time.sleep(0.002)
        if wanted is None:
            self._got = b""
        return False

    # ---- a UART ----

    def any(self):
        """How many bytes can be read."""
        return len(self._got) + self._line.any()

    def readinto(self, buf, n=None):
        """Read what is there, up to n bytes; how many, or None."""
        n = len(buf) if n is None else min(n, len(buf))
        if self._got:
            part, self._got = self._got[:n], self._got[n:]
            memoryview(buf)[: len(part)] = part
            return len(part)
        return self._line.readinto(buf, n)

    def write(self, data):
        """Write all."""
        self._send(bytes(data).replace(_ESCAPE, _ESCAPE + _ESCAPE))
        return len(data)

    def close(self):
        """End the program on the board, and let the line go."""
        self._send(_ESCAPE + _END)
        self._send(b"\x02")
        self._line.close()

    def __repr__(self):
        return "Board(%r, rxbuf=4096)" % self._line
