"""The bytes that belong to a connection, on every interpreter: see real.py."""

_PERIOD = 2039  # a prime


class Table:
    """The endless stream of `key`, a number."""

    def __init__(self, key):
        x = key * 7919 + 12345
        data = bytearray(_PERIOD)
        for i in range(_PERIOD):
            x = (x * 1103515245 + 12345) & 0x3FFFFFFF
            data[i] = x >> 14 & 255
        self._data = bytes(data)

    def piece(self, start, end):
        """The bytes from `start` to `end`."""
        data = bytearray()
        while start < end:
            at = start % _PERIOD
            part = self._data[at : at + end - start]
            data.extend(part)
            start += len(part)
        return bytes(data)


def tables(number):
    """What the program sends on the connection `number`, and what its peer sends."""
    return Table(2 * number), Table(2 * number + 1)


class Connection:
    """One as the program knows it, with what it has sent and got."""

    def __init__(self, number, sock):
        self.number = number
        self.sock = sock
        self.up, self.down = tables(number)
        self.sent = self.got = 0
        self.failed = False

    def is_next(self, data):
        """Whether these are the next bytes of its peer's; they count as got."""
        right = data == self.down.piece(self.got, self.got + len(data))
        self.got += len(data)
        return right


def head(number):
    """The first bytes on a connection of the program: whose it is."""
    return b"%06d\n" % number
