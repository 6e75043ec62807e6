# The receive buffer of transparent mode. It tells a notice of the module from data, as far as that
# is possible: see the head of transparent.py.

import time

from micropython import const

from quectel.staging import copy

_GAP_MS = const(20)  # silence after which the beginning of a notice is data
_LOOK_BACK = const(512)  # bytes in which an answer is looked for
_GROWTH = const(256)

NOTICE = b"\r\nNO CARRIER\r\n"
ANSWER = b"\r\nOK\r\n"
# Lines that may follow a notice, besides URCs: answers to what was written too late.
_LINES = (b"OK", b"ERROR", b"NO CARRIER", b"RDY", b"APP RDY", b"POWERED DOWN")


class Pipe:
    """The connection's staging, and the channel's sink in transparent mode. It takes over what
    `old`, a Staging or None, still holds.

    Bytes from `head` to `tail` can be read; those from `tail` to `end` have come, but may be a
    notice. All these positions, `notice` and `mark` too, move when the room is used anew."""

    REUSABLE = False

    def __init__(self, size, old):
        kept = 0 if old is None else len(old)
        self._buf = bytearray(max(size, kept))
        self._least = size
        self.head = 0
        self.tail = self.end = old.take(self._buf, 0, kept) if kept else 0
        self.whole = True
        self.notice = -1  # where a notice may begin
        self.mark = 0  # where the answer to +++ is looked for
        self.since = 0  # when the last byte came
        self.grows = True  # rather than let bytes wait in the UART
        self._looked = 0  # up to where no notice begins
        self._judged = 0  # `end` when a notice was looked for

    def __len__(self):
        return self.tail - self.head

    # ---- as a Staging ----

    def open(self):
        """An answer's payload comes, behind what is here."""
        if self.head == self.tail:
            self.head = self.tail = 0
            if len(self._buf) > self._least:
                self._buf = bytearray(self._least)
        self.end = self.tail
        self.whole = True

    def close(self):
        """What has come can be taken."""
        self.tail = self.end

    def take(self, buf, at, count):
        """Move up to `count` bytes to `buf` at `at`; returns how many."""
        count = min(count, self.tail - self.head)
        copy(buf, at, self._buf, self.head, count)
        self.head += count
        return count

    def read(self, count):
        """Take the next `count` bytes, of type bytes; so many must be here."""
        data = bytes(memoryview(self._buf)[self.head : self.head + count])
        self.head += count
        return data

    def put_back(self, count):
        """The last `count` bytes that were taken, and nobody wants yet, can be taken again."""
        self.head -= count

    def find(self, byte):
        """How many bytes up to and with the first `byte`, of type bytes; 0 if it is not here."""
        place = self._buf.find(byte, self.head, self.tail)
        return 0 if place < 0 else place + 1 - self.head

    def drop(self):
        """Forget what is here."""
        self.head = self.tail

    # ---- the channel's side ----

    def begin(self):
        """The channel gives raw bytes from here on."""
        if self.head == self.tail:
            self.head = self.tail = 0
        self.end = self.mark = self._looked = self._judged = self.tail
        self.notice = -1
        self.grows = False
        self.since = time.ticks_ms()

    def set_grows(self, grows):
        """Whether this grows rather than let bytes wait in the UART."""
        self.grows = grows

    def room(self):
        """How many bytes it has room for now."""
        room = len(self._buf) - self.end
        if not room and self.head:
            self._shift()
            room = len(self._buf) - self.end
        if not room and self.grows:
            self._grow(_GROWTH)
            room = len(self._buf) - self.end
        return room

    def _grow(self, count):
        try:
            self._buf.extend(bytes(count))
        except MemoryError:
            pass  # the rest waits in the UART

    def _shift(self):
        # Moves the unread bytes to the start of the buffer.
        head = self.head
        copy(self._buf, 0, self._buf, head, self.end - head)
        self.head = 0
        self.tail -= head
        self.end -= head
        self.mark -= head
        self._looked -= head
        self._judged -= head
        if self.notice >= 0:
            self.notice -= head

    def write(self, data, start, count):
        """The next bytes are data[start:start + count]."""
        missing = self.end + count - len(self._buf)
        if missing > 0:
            self._grow(missing)
            count = min(count, len(self._buf) - self.end)
        copy(self._buf, self.end, data, start, count)
        self.end += count
        self.since = time.ticks_ms()

    def complete(self):
        """The last byte of a payload has come."""

    def damaged(self):
        """What has come is not what was sent."""
        self.whole = False

    # ---- notices and answers ----

    def set_mark(self):
        """The answer to +++ is looked for from here on."""
        self.mark = self.end

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
            start = self._buf.find(NOTICE, start, end)
            if start < 0:
                break
            if self._only_lines(start + len(NOTICE)):
                self.notice = start
                break
            start += 1
        # What is too short yet to be one is looked at again.
        self._looked = max(self._looked, end - len(NOTICE) + 1)

    def _beginning(self, end):
        # How many of the last bytes may be the beginning of a notice.
        buf = self._buf
        if buf[end - 1] not in NOTICE:
            return 0
        for count in range(min(len(NOTICE) - 1, end - self.tail), 0, -1):
            i = 0
            while i < count and buf[end - count + i] == NOTICE[i]:
                i += 1
            if i == count:
                return count
        return 0

    def _only_lines(self, start):
        # Whether what follows can be lines of the module.
        if start == self.end:
            return True
        return _are_lines(self.bytes(start, min(self.end, start + _LOOK_BACK)))

    def bytes(self, start, end):
        """The bytes from `start` to `end`."""
        return bytes(self._buf[start:end])

    def answer(self):
        """Where, behind `mark`, an OK begins that only lines follow; -1 if there is none."""
        start = max(self.mark, self.end - _LOOK_BACK, 0)
        data = self.bytes(start, self.end)
        found = data.rfind(ANSWER)
        if found < 0 or not _are_lines(data[found + len(ANSWER) :]):
            return -1
        return start + found

    def is_doubtful(self, place):
        """Whether what comes before the OK at `place` may have been the OK instead."""
        data = self.bytes(max(self.mark, place - _LOOK_BACK, 0), place)
        found = data.rfind(ANSWER)
        return found >= 0 and _are_lines(data[found + len(ANSWER) :])

    def cut(self, place, skip):
        """End the stream at `place`; returns what followed it but for `skip` bytes."""
        rest = self.bytes(place + skip, self.end)
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
