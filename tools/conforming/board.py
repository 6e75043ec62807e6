"""A module behind a MicroPython board: a small program on the board passes its UART through to
the REPL's line. It stands in RAM; nothing is written to the board."""

import errno
import time

_ANSWER_S = 10  # s for the REPL, and for room in the board's input
_READY = b"passing"
# Behind DLE, to the board: ETX ends the program. From the board: ACK says that it has taken _STEP
# bytes. Any other byte behind DLE stands for itself.
_DLE, _END, _ACK = b"\x10", b"\x03", b"\x06"
_STEP = 32
_WINDOW = 128  # bytes that a board's input surely has room for: rp2 has 260, USB more

# Bytes from the PC one by one, since the end stands among them.
_PROGRAM = """\
import micropython, select, sys
from machine import Pin, UART
uart = %s
micropython.kbd_intr(-1)
waiting = select.poll()
waiting.register(sys.stdin, select.POLLIN)
said = sys.stdout.buffer
buffer = bytearray(256)
byte = bytearray(1)
escaped = False
taken = 0
said.write(b"%s")
while uart:
    while uart and waiting.poll(0):
        sys.stdin.buffer.readinto(byte)
        taken += 1
        if taken == %d:
            taken = 0
            said.write(b"\\x10\\x06")
        if byte[0] == 16 and not escaped:
            escaped = True
        elif byte[0] == 3 and escaped:
            uart = None
        else:
            escaped = False
            uart.write(byte)
    if uart and uart.any():
        count = uart.readinto(buffer, min(uart.any(), 256))
        if count:
            said.write(bytes(memoryview(buffer)[:count]).replace(b"\\x10", b"\\x10\\x10"))
micropython.kbd_intr(3)
"""


class BoardError(Exception):
    """The board cannot pass its UART through; the text says why."""


class Board:
    """A UART, behind the board whose REPL is on `line`. `uart` is the expression that makes the
    board's UART, as in its program."""

    def __init__(self, line, uart):
        self._line = line
        self._raw = b""  # as it came from the board
        self._got = b""  # of the module
        self._credit = 0  # bytes that the board's input has room for
        self._begin((_PROGRAM % (uart, _READY.decode(), _STEP)).encode())
        self._credit = _WINDOW

    def _begin(self, program):
        # MicroPython's documentation, "The raw REPL": raw paste mode tells how much may be sent.
        self._put(b"\r\x03\x03")
        time.sleep(0.3)
        self._fill()
        self._raw = b""
        self._put(b"\r\x01")
        self._await(b"raw REPL; CTRL-B to exit\r\n>", "no MicroPython answers there")
        self._put(b"\x05A\x01")
        self._await(b"R\x01", "its MicroPython is too old: 1.14 has the raw paste mode")
        step = int.from_bytes(self._take(2), "little")
        room = step
        while program:
            if not room:
                if self._take(1) != b"\x01":
                    raise BoardError("the board does not take the program")
                room = step
            piece, program = program[:room], program[room:]
            room -= len(piece)
            self._put(piece)
        self._put(b"\x04")
        try:
            self._await(_READY, "")
        except BoardError:
            said = self._raw.strip(b"\x01\x04\r\n>").decode("utf-8", "replace")
            self._put(b"\x02")
            raise BoardError("the board says: %s" % (said or "nothing")) from None

    def _put(self, data):
        while data:
            count = self._line.write(data)
            data = data[count or 0 :]
            if not count:
                time.sleep(0.001)

    def _fill(self):
        chunk = bytearray(256)
        while True:
            count = self._line.readinto(chunk)
            if not count:
                return
            self._raw += bytes(chunk[:count])

    def _until(self, true, why):
        end = time.monotonic() + _ANSWER_S
        while not true():
            if time.monotonic() > end:
                raise BoardError(why)
            time.sleep(0.001)
            self._fill()

    def _await(self, wanted, why):
        self._until(lambda: wanted in self._raw, why)
        self._raw = self._raw.partition(wanted)[2]

    def _take(self, count):
        self._until(lambda: len(self._raw) >= count, "the board does not take the program")
        data, self._raw = self._raw[:count], self._raw[count:]
        return data

    def _sort(self):
        # What the board said: bytes of the module, and how much it has taken.
        self._fill()
        while self._raw:
            plain, dle, rest = self._raw.partition(_DLE)
            self._got += plain
            if not dle:
                self._raw = b""
            elif not rest:
                self._raw = dle
                return
            else:
                if rest[:1] == _ACK:
                    self._credit += _STEP
                else:
                    self._got += rest[:1]
                self._raw = rest[1:]

    def _has_room(self):
        self._sort()
        return self._credit > 0

    # ---- a UART ----

    def any(self):
        """How many bytes can be read."""
        self._sort()
        return len(self._got)

    def readinto(self, buf, n=None):
        """Read what is there, up to n bytes; how many, or None."""
        count = min(len(buf) if n is None else min(n, len(buf)), self.any())
        if not count:
            return None
        memoryview(buf)[:count] = self._got[:count]
        self._got = self._got[count:]
        return count

    def write(self, data):
        """Write all, as the board has room for it. OSError where it takes nothing any more."""
        rest = bytes(data).replace(_DLE, _DLE + _DLE)
        while rest:
            try:
                self._until(self._has_room, "the board takes nothing any more")
            except BoardError as error:
                raise OSError(errno.EIO, str(error)) from None
            piece, rest = rest[: self._credit], rest[self._credit :]
            self._put(piece)
            self._credit -= len(piece)
        return len(data)

    def close(self):
        """End the program on the board, and let the line go."""
        self._put(_DLE + _END + b"\x02")
        self._line.close()

    def __repr__(self):
        return "Board(%r, rxbuf=4096)" % self._line
