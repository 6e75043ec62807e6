"""The clock and the UART between the driver and the virtual module, in virtual time.

Time passes by bytes on the line, by what somebody waits for, and by LOOK for each look at a line
on which nothing has come; nothing else takes any.
"""

import collections

from tools.vmodule.clock import VirtualClock

LOOK = 0.00002  # s that a look at an empty line stands for
_BITS = 10  # of a byte on the line: start, eight of data, stop


class Clock(VirtualClock):
    """The virtual module's clock; `after` is called whenever something was due."""

    def __init__(self):
        super().__init__(0.0)
        self.after = []

    def run_due(self):
        super().run_due()
        for call in self.after:
            call()


class Line:
    """A UART as the driver sees it, exact to the byte in both directions.

    baud     None: no time passes on the line
    rxbuf    bytes that it keeps until they are read; what finds no room is `lost`
    txbuf    bytes of its transmit buffer: a write that finds no room there waits, as MicroPython's
             ports do (0: until the last byte is out)
    """

    def __init__(self, module, clock, baud=None, rxbuf=2048, txbuf=256):
        self._module = module
        self._clock = clock
        self._baud = baud or 0
        self._shown = "baudrate=%d, " % baud if baud else ""  # as MicroPython's ports do
        self._byte = _BITS / baud if baud else 0.0
        self._rxbuf = rxbuf
        self._txbuf = txbuf
        self._coming = collections.deque()  # (when its first byte starts, data), on the line
        self._received = bytearray()
        self._down_free = self._up_free = 0.0
        self.up = self.down = self.lost = 0
        clock.after.append(self._collect)

    def __repr__(self):
        # As MicroPython's ports show themselves.
        return "Line(baudrate=%d, rxbuf=%d, txbuf=%d)" % (self._baud, self._rxbuf, self._txbuf)

    def any(self):
        self._collect()
        self._arrive()
        count = len(self._received)
        if not count:
            self._clock.advance(LOOK)
        return count

    def readinto(self, buf, nbytes=None):
        self._arrive()
        count = min(len(buf) if nbytes is None else nbytes, len(self._received))
        buf[:count] = self._received[:count]
        del self._received[:count]
        return count or None

    def write(self, buf, offset=None, size=None):
        if size is None:
            offset, size = 0, len(buf) if offset is None else offset
        data = bytes(memoryview(buf)[offset : offset + size])
        self.up += len(data)
        now = self._clock.now()
        self._up_free = max(self._up_free, now) + len(data) * self._byte
        wait = self._up_free - self._txbuf * self._byte - now
        if self._up_free > now:
            self._clock.call_later(self._up_free - now, lambda: self._module.feed(data))
        else:
            self._module.feed(data)
            self._collect()
        if wait > 0:
            self._clock.advance(wait)
        return len(data)

    def _collect(self):
        """Put on the line what the module says."""
        data = self._module.take()
        if data:
            self.said(data)
            start = max(self._down_free, self._clock.now())
            self._down_free = start + len(data) * self._byte
            self._coming.append((start, data))
            self.down += len(data)

    def said(self, data):
        """For those who listen in on what the module says."""

    def _arrive(self):
        if not self._coming:
            return
        now = self._clock.now()
        while self._coming:
            start, data = self._coming[0]
            whole = not self._byte or now + 1e-9 >= start + len(data) * self._byte
            count = len(data) if whole else int((now - start) / self._byte + 1e-6)
            if count <= 0:
                return
            room = max(0, self._rxbuf - len(self._received))
            self.lost += max(0, count - room)
            self._received += data[: min(count, room)]
            if whole:
                self._coming.popleft()
            else:
                self._coming[0] = (start + count * self._byte, data[count:])
                return
