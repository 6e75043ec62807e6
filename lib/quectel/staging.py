# Received bytes on their way to small reads.
#
# A TLS handshake reads 1, 4 and 5 bytes at a time, and a poll must know that there is data before
# it says so: both need a place for what one AT+QIRD brought. The bytes lie in blocks, so that a
# read takes whole blocks with pack_into, which copies from the start of a buffer only, and loops
# over bytes at the edges alone: nothing is allocated.

import struct

from micropython import const

_BLOCK = const(128)
_PIECE = "128s"


class Staging:
    """Room for at least `size` bytes between a Channel, whose payload sink it is, and reads."""

    def __init__(self, size):
        self.blocks = []
        while size > 0:
            self.blocks.append(bytearray(_BLOCK))
            size -= _BLOCK
        self.head = 0  # the next byte to take
        self.tail = 0  # the end of what is complete
        self._filled = 0  # the end of the rooms handed to the channel

    def __len__(self):
        return self.tail - self.head

    def open(self, channel, count):
        """Let the channel put the `count` bytes of its payload behind what is here; they can be
        taken when `close` has been called."""
        if self.head == self.tail:
            self.head = self.tail = 0
        self._filled = self.tail
        channel.expect(count, None, 0, 0, self)

    def more(self, channel):
        """Give the channel its next room (none when the blocks are full)."""
        index = self._filled // _BLOCK
        if index < len(self.blocks):
            within = self._filled % _BLOCK
            channel.place(self.blocks[index], within, _BLOCK - within)
            self._filled += _BLOCK - within
        else:
            channel.place(None, 0, 0)

    def complete(self):
        """The channel has given the last byte of a payload; a Read looks at that itself."""

    def damaged(self):
        """The payload came damaged; a Read sees that in its result."""

    def close(self, count):
        """The payload is complete: `count` bytes more are here."""
        self.tail = min(self.tail + count, len(self.blocks) * _BLOCK)

    def adopt(self, channel, source, at, count):
        """Take over a payload that was going to `source`: the `count` bytes of it that lie there
        from `at` on, and the rest as it comes. Not for steady state."""
        self.keep(source, at, count)
        channel.redirect(None, 0, 0, self)

    def keep(self, source, at, count):
        """Copy `count` bytes of `source` from `at` on; `close` makes them takeable."""
        self.head = self.tail = 0
        for i in range(count):
            self.blocks[i // _BLOCK][i % _BLOCK] = source[at + i]
        self._filled = count

    def take(self, buf, at, count):
        """Move up to `count` bytes to `buf` at `at`; returns how many."""
        count = min(count, self.tail - self.head)
        end = at + count
        while at < end:
            block = self.blocks[self.head // _BLOCK]
            within = self.head % _BLOCK
            if within == 0 and end - at >= _BLOCK:
                struct.pack_into(_PIECE, buf, at, block)
                step = _BLOCK
            else:
                step = min(_BLOCK - within, end - at)
                for i in range(step):
                    buf[at + i] = block[within + i]
            at += step
            self.head += step
        return count

    def find(self, byte):
        """How many bytes up to and with the first `byte`; 0 if it is not here."""
        for i in range(self.head, self.tail):
            if self.blocks[i // _BLOCK][i % _BLOCK] == byte:
                return i + 1 - self.head
        return 0

    def drop(self):
        """Forget what is here."""
        self.head = self.tail = 0
