# What comes in transparent mode: the staging that raw bytes go to, in which a notice of the module
# is told from data as far as that can be. What can be concluded stands at the head of
# transparent.py.

import time

from micropython import const
from quectel.staging import Staging

_BLOCK = const(128)  # of a Staging
_GAP_MS = const(20)  # silence after which the beginning of a notice is data
_LOOK_BACK = const(512)  # bytes in which an answer is looked for

NOTICE = b"\r\nNO CARRIER\r\n"
ANSWER = b"\r\nOK\r\n"
# Lines that may follow a notice, besides URCs: answers to what was written too late.
_LINES = (b"OK", b"ERROR", b"NO CARRIER", b"RDY", b"APP RDY", b"POWERED DOWN")


class Pipe(Staging):
    """The socket's staging, and the channel's sink in transparent mode.

    Bytes from `head` to `tail` can be read; those from `tail` to `end` have come, but may be a
    notice. All these positions, `notice` and `mark` too, move when a block is used anew."""

    def __init__(self, size, old):
        super().__init__(size)
        self.least = len(self.blocks)
        self.end = 0
        self.notice = -1  # where a notice may begin
        self.mark = 0  # where the answer to +++ is looked for
        self.since = 0  # when the last byte came
        self.grows = True  # rather than let bytes wait in the UART
        self._looked = 0  # up to where no notice begins
        self._judged = 0  # `end` when a notice was looked for
        if old is not None:
            kept = len(old)
            while len(self.blocks) * _BLOCK < kept:
                self.blocks.append(bytearray(_BLOCK))
            for block in self.blocks:
                self.tail += old.take(block, 0, _BLOCK)

    # ---- the channel's side ----

    def open(self, channel, count):
        """As Staging's, behind what is here."""
        if self.head == self.tail:
            self.head = self.tail = 0
            while len(self.blocks) > self.least:
                self.blocks.pop()
        while len(self.blocks) * _BLOCK < self.tail + count:
            self.blocks.append(bytearray(_BLOCK))
        super().open(channel, count)

    def begin(self):
        """The channel gives raw bytes from here on."""
        if self.head == self.tail:
            self.head = self.tail = 0
        self._filled = self.end = self.mark = self._looked = self._judged = self.tail
        self.notice = -1
        self.grows = False
        self.since = time.ticks_ms()

    def more(self, channel):
        """Give the channel its next room."""
        if self._filled % _BLOCK == 0:
            while self.head >= _BLOCK:
                self._turn()
            if self.grows and self._filled == len(self.blocks) * _BLOCK:
                self._grow()
        super().more(channel)

    def _turn(self):
        # The first block is used up: it becomes the last. No pop: a list that shrinks allocates.
        blocks = self.blocks
        first = blocks[0]
        for i in range(1, len(blocks)):
            blocks[i - 1] = blocks[i]
        blocks[-1] = first
        self.head -= _BLOCK
        self.tail -= _BLOCK
        self.end -= _BLOCK
        self.mark -= _BLOCK
        self._filled -= _BLOCK
        self._looked -= _BLOCK
        self._judged -= _BLOCK
        if self.notice >= 0:
            self.notice -= _BLOCK

    def _grow(self):
        try:
            self.blocks.append(bytearray(_BLOCK))
        except MemoryError:
            pass  # the rest waits in the UART

    def came(self, count):
        """The channel has put `count` bytes into its rooms."""
        self.end += count
        self.since = time.ticks_ms()

    # ---- notices and answers ----

    def release(self):
        """Let the reader have what is no notice."""
        end = self.end
        if self._judged != end:
            self._judged = end
            if self.notice >= 0 and not self._only_lines(self.notice + len(NOTICE)):
                self._looked = self.notice + 1
                self.notice = -1
            if self.notice < 0:
                self._look(end)
        if self.notice >= 0:
            self.tail = max(self.tail, self.notice)
        elif self.tail != end:
            held = 0
            if time.ticks_diff(time.ticks_ms(), self.since) < _GAP_MS:
                held = self._beginning(end)
            self.tail = max(self.tail, end - held)

    def give_all(self):
        """No notice is left: all that came is data."""
        self.notice = -1
        self.tail = self._looked = self._judged = self.end

    def _look(self, end):
        # Whether a notice that nothing but lines follow is among the new bytes.
        start = max(self._looked, 0)
        while True:
            start = self._find(start, end)
            if start < 0:
                break
            if self._only_lines(start + len(NOTICE)):
                self.notice = start
                break
            start += 1
        # What is too short yet to be one is looked at again.
        self._looked = max(self._looked, end - len(NOTICE) + 1)

    def _find(self, start, end):
        # The first notice from `start` on. Inside a block it is looked for at once.
        while start + len(NOTICE) <= end:
            block = self.blocks[start // _BLOCK]
            within = start % _BLOCK
            if within <= _BLOCK - len(NOTICE):
                found = block.find(NOTICE, within, min(_BLOCK, end - start + within))
                if found >= 0:
                    return start - within + found
                start += _BLOCK - len(NOTICE) + 1 - within
            elif self._matches(start, len(NOTICE)):
                return start
            else:
                start += 1
        return -1

    def _matches(self, start, count):
        for i in range(count):
            place = start + i
            if self.blocks[place // _BLOCK][place % _BLOCK] != NOTICE[i]:
                return False
        return True

    def _beginning(self, end):
        # How many of the last bytes may be the beginning of a notice.
        last = end - 1
        if self.blocks[last // _BLOCK][last % _BLOCK] not in NOTICE:
            return 0
        for count in range(min(len(NOTICE) - 1, end - self.tail), 0, -1):
            if self._matches(end - count, count):
                return count
        return 0

    def _only_lines(self, start):
        # Whether what follows can be lines of the module.
        if start == self.end:
            return True
        return _are_lines(self.copy(start, min(self.end, start + _LOOK_BACK)))

    def copy(self, start, end):
        """The bytes from `start` to `end`."""
        data = bytearray(max(0, end - start))
        for i in range(len(data)):
            place = start + i
            data[i] = self.blocks[place // _BLOCK][place % _BLOCK]
        return bytes(data)

    def answer(self):
        """Where, behind `mark`, an OK begins that only lines follow; -1 if there is none."""
        start = max(self.mark, self.end - _LOOK_BACK, 0)
        data = self.copy(start, self.end)
        found = data.rfind(ANSWER)
        if found < 0 or not _are_lines(data[found + len(ANSWER) :]):
            return -1
        return start + found

    def is_doubtful(self, place):
        """Whether what comes before the OK at `place` may have been the OK instead."""
        data = self.copy(max(self.mark, place - _LOOK_BACK, 0), place)
        found = data.rfind(ANSWER)
        return found >= 0 and _are_lines(data[found + len(ANSWER) :])

    def cut(self, place, skip):
        """End the stream at `place`; returns what followed it but for `skip` bytes."""
        rest = self.copy(place + skip, self.end)
        self.end = self.tail = max(place, self.tail)
        self.notice = -1
        return rest


def _are_lines(data):
    # Whether `data` can be lines of the module, the last one not complete. A push of another
    # socket may follow, so nothing behind a URC is looked at.
    start = 0
    while start < len(data):
        stop = data.find(b"\n", start)
        line = (data[start:] if stop < 0 else data[start:stop]).strip()
        if line.startswith(b"+Q") or line == b"+":
            return True
        # A URC that the program has switched on, of the network for instance: +CEREG: 1
        foreign = line[:1] == b"+" and 65 <= line[1] <= 90
        if stop < 0:
            return foreign or any(text.startswith(line) for text in _LINES)
        if line and line not in _LINES and not foreign:
            return False
        start = stop + 1
    return True
