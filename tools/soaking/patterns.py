"""Bytes of which each has its place, so that whoever gets them sees what is missing, doubled or
another's."""

import random

_PERIOD = 16381  # a prime
_TEXT = bytes(range(97, 123)) + b" .,:\r\n"
# What would be understood if a payload were taken for lines, or lines for a payload.
_TRAPS = (
    b"\r\nOK\r\n", b"\r\nERROR\r\n", b"\r\n> ", b"\r\nSEND OK\r\n", b"\r\nRDY\r\n", b"+++",
    b'\r\n+QIURC: "closed",0\r\n', b'\r\n+QIURC: "recv",1\r\n', b"\r\n+QIRD: 20\r\n", b"\x1a",
    b"\x1b", b'\r\n+QIURC: "pdpdeact",1\r\n', b"\r\n+QIOPEN: 1,0\r\n", b"NO CARRIER\r\n",
)  # fmt: skip

RANDOM, TEXT, TRAPS = "random", "text", "traps"


class Pattern:
    """The endless stream that belongs to `key`; `kind`: what it is made of."""

    def __init__(self, key, kind=RANDOM):
        source = random.Random(key)
        if kind == TEXT:
            self._data = bytes(source.choices(_TEXT, k=_PERIOD))
        elif kind == TRAPS:
            data = bytearray()
            while len(data) < _PERIOD:
                data += source.choice(_TRAPS) + source.randbytes(source.randint(0, 40))
            self._data = bytes(data[:_PERIOD])
        else:
            self._data = source.randbytes(_PERIOD)

    def piece(self, start, end):
        """The bytes from `start` to `end`."""
        data = bytearray()
        while start < end:
            at = start % _PERIOD
            part = self._data[at : at + end - start]
            data += part
            start += len(part)
        return bytes(data)

    def place(self, data):
        """Where these bytes stand in it first, or -1."""
        return self._data.find(data)


def datagram(pattern, number, size):
    """The datagram `number` of a pattern: its number, then bytes that no other one has."""
    head = number.to_bytes(3, "big") + b"#"
    return (head + pattern.piece(number * 997, number * 997 + size))[: max(size, len(head))]


def datagram_number(data):
    """Which one it says it is, or None."""
    return int.from_bytes(data[:3], "big") if len(data) > 3 and data[3:4] == b"#" else None
