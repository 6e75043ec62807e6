"""How fast a UART can be: bytes a second out of a baud rate, without any I/O or clock."""

BITS = 10  # of a byte on the line: start, eight of data, stop (8N1)
SLICE = 0.002  # s; bytes are let through in pieces of this length, as a FIFO would


class Pace:
    """One direction of a UART of `baud`; None: as fast as it goes."""

    def __init__(self, baud=None):
        self.rate = baud / BITS if baud else None
        self.slice = max(1, int(self.rate * SLICE)) if baud else None
        self._free = 0.0  # when the line has sent what it was given

    def piece(self, count):
        """How many of `count` bytes go into one piece."""
        return count if self.rate is None else min(count, self.slice)

    def send(self, count, now):
        """`count` bytes start on the line; the time when the last bit of them is through."""
        if self.rate is None:
            return now
        self._free = max(self._free, now) + count / self.rate
        return self._free
