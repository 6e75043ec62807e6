# Received bytes on their way to the program, moved at C speed and without allocating.
#
# On MicroPython a slice that is read allocates, and before 1.26 one that is stored to does as
# well. An io.BytesIO made before does not, with `write(buf, offset, count)` and
# `readinto(buf, count)`, which fills `buf` from its start; struct.pack_into goes on from there to
# any place.

import io
import struct
import sys

from micropython import const

_PIECE = const(256)
# How bytes go to the middle of a buffer: the sizes that are tried, largest first.
_PIECES = (
    (256, "256s"),
    (64, "64s"),
    (16, "16s"),
    (4, "4s"),
    (1, "1s"),
)

if sys.implementation.name == "micropython":
    Memory = io.BytesIO
else:

    class Memory(io.BytesIO):
        """An io.BytesIO with the arguments that MicroPython's has."""

        def __init__(self, size):
            super().__init__()

        def write(self, buf, offset=0, count=None):
            """Write `count` bytes of `buf` from `offset` on."""
            return super().write(memoryview(buf)[offset : offset + count])

        def readinto(self, buf, count):
            """Read `count` bytes to the start of `buf`."""
            return super().readinto(memoryview(buf)[:count])


_memory = Memory(_PIECE)
_piece = bytearray(_PIECE)


def copy(to, at, data, start, count):
    """Copy data[start:start + count] to `to` from `at` on."""
    memory, piece = _memory, _piece
    for size, form in _PIECES:
        while count >= size:
            memory.seek(0)
            memory.write(data, start, size)
            memory.seek(0)
            memory.readinto(piece, size)
            struct.pack_into(form, to, at, piece)
            at += size
            start += size
            count -= size


class Staging:
    """Room for `size` bytes between a Channel, whose sink it is, and reads. What is written can be
    taken when `close` has been called."""

    REUSABLE = True  # by any connection, when it is empty

    def __init__(self, size):
        self.size = size
        self._memory = Memory(size)
        self.head = 0  # the next byte to take
        self.tail = 0  # the end of what can be taken
        self._end = 0  # the end of what has been written
        self.whole = True  # nothing of it was damaged
        self.next = None  # of those that nobody uses: see Module.take_staging

    def __len__(self):
        return self.tail - self.head

    def open(self):
        """More bytes come: they go behind what is here."""
        if self.head == self.tail:
            self.head = self.tail = 0
        self._end = self.tail
        self.whole = True

    def write(self, data, start, count):
        """Add data[start:start + count]; what finds no room is dropped."""
        count = min(count, self.size - self._end)
        if count > 0:
            self._memory.seek(self._end)
            self._memory.write(data, start, count)
            self._end += count

    def complete(self):
        """The last byte has come. It can be taken when the module's answer is complete, too."""

    def damaged(self):
        """What has come is not what was sent."""
        self.whole = False

    def close(self):
        """What has come can be taken."""
        self.tail = self._end

    def shift(self):
        """Bring what is here to the start of the room."""
        memory, piece = self._memory, _piece
        at, self.tail = 0, self.tail - self.head
        while at < self.tail:
            count = min(self.tail - at, _PIECE)
            memory.seek(self.head + at)
            memory.readinto(piece, count)
            memory.seek(at)
            memory.write(piece, 0, count)
            at += count
        self.head = 0

    def widen(self, size):
        """Have room for `size` bytes at least."""
        self.size = max(self.size, size)

    def link(self, spare):
        """Keep `spare` behind this."""
        self.next = spare

    def take(self, buf, at, count):
        """Move up to `count` bytes to `buf` at `at`; returns how many."""
        head = self.head
        count = min(count, self.tail - head)
        self.head = head + count
        memory = self._memory
        memory.seek(head)
        if not at:
            return memory.readinto(buf, count)
        self._take_behind(buf, at, count)
        return count

    def read(self, count):
        """Take the next `count` bytes, of type bytes; so many must be here."""
        self._memory.seek(self.head)
        data = self._memory.read(count)
        self.head += count  # not before: there may be no memory for them
        return data

    def _take_behind(self, buf, at, count):
        # Apart from take, whose frame then needs no heap: see Module._work.
        piece = _piece
        for size, form in _PIECES:
            while count >= size:
                self._memory.readinto(piece, size)
                struct.pack_into(form, buf, at, piece)
                at += size
                count -= size

    def put_back(self, count):
        """The last `count` bytes that were taken, and nobody wants yet, can be taken again."""
        self.head -= count

    def find(self, byte):
        """How many bytes up to and with the first `byte`, of type bytes; 0 if it is not here."""
        memory, piece = self._memory, _piece
        memory.seek(self.head)
        left = self.tail - self.head
        done = 0
        while left > done:
            count = memory.readinto(piece, min(left - done, _PIECE))
            place = piece.find(byte, 0, count)
            if place >= 0:
                return done + place + 1
            done += count
        return 0

    def drop(self):
        """Forget what is here."""
        self.head = self.tail = self._end = 0
