"""How fast a UART can be: bytes a second out of a baud rate, without any I/O or clock."""

BITS = 10  # of a byte on the line: start, eight of data, stop (8N1)
SLICE = 0.002  # s; bytes are let through in pieces of this length, as a FIFO would


def misread(data, sender, receiver):
    """The bytes that a UART at `receiver` baud reads where one at `sender` baud sends `data`.

    A start bit is a fall of the level, looked at once more in its middle; each bit is what the
    level is in its middle. A byte with a wrong stop bit is one too, as UARTs hand it on; the next
    one can begin when the level has been high again.
    """
    if sender == receiver:
        return data
    levels = [level for byte in data for level in _levels(byte)] + [1]
    width = sender / receiver  # of a bit that is read, in bits that are sent
    read = bytearray()
    at = 0
    while True:
        at = _next(levels, 0, at)
        if at is None:
            return bytes(read)
        middles = [min(int(at + (bit + 0.5) * width), len(levels) - 1) for bit in range(BITS)]
        if levels[middles[0]]:
            at = _next(levels, 1, at)
            continue
        read.append(sum(levels[middles[1 + bit]] << bit for bit in range(8)))
        at = _next(levels, 1, middles[-1])


def _levels(byte):
    return [0, *(byte >> bit & 1 for bit in range(8)), 1]


def _next(levels, wanted, at):
    """Where the level is `wanted` from `at` on, or None."""
    try:
        return levels.index(wanted, at)
    except ValueError:
        return None


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
