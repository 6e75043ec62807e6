# The fields of the line at hand, and a cursor over them. They are parsed in place: nothing is
# allocated where a line has numbers only.

from micropython import const

_DIGITS = const(10)  # of the largest number that a document knows
_SPACE = const(32)
_QUOTE = const(34)
_COMMA = const(44)
_MINUS = const(45)


class Fields:
    """A line that has come, and the field that is read next.

    `_line[:_end]` is the line, a 0 behind it; `_field` is where the next field begins."""

    def __init__(self, most):
        self._line = bytearray(most + 1)
        self._end = 0
        self._field = 0

    def at_end(self):
        """Whether the line has no more fields."""
        return self._field >= self._end

    def says(self, text):
        """Whether the line goes on with `text`; if so, goes behind it."""
        if self._line.startswith(text, self._field):
            self._field += len(text)
            return True
        return False

    def number(self):
        """The next field as an int, or None where it is none: empty, or damaged on the line. Goes
        to the field after it."""
        line = self._line
        at = self._field
        while line[at] == _SPACE or line[at] == _QUOTE:
            at += 1
        negative = line[at] == _MINUS
        if negative:
            at += 1
        start = at
        value = 0
        while 48 <= line[at] <= 57 and at - start < _DIGITS:
            value = value * 10 + line[at] - 48
            at += 1
        whole = at > start
        while line[at] == _SPACE or line[at] == _QUOTE:
            at += 1
        whole = whole and (at >= self._end or line[at] == _COMMA)
        self.skip()
        if not whole:
            return None
        return -value if negative else value

    def skip(self):
        """Go to the next field; commas between quotes do not count."""
        line = self._line
        quoted = False
        while self._field < self._end:
            byte = line[self._field]
            self._field += 1
            if byte == _QUOTE:
                quoted = not quoted
            elif byte == _COMMA and not quoted:
                return

    def text(self):
        """The next field as a str without its quotes (allocates)."""
        start = self._field
        self.skip()
        stop = self._field
        if stop > start and self._line[stop - 1] == _COMMA:  # the comma that ended it
            stop -= 1
        field = self._printable(start, stop).strip()
        if field[:1] == '"' and field[-1:] == '"':
            field = field[1:-1]
        return field

    def rest(self, start=None):
        """All that is left of the line as a str, or, with 0, all of it (allocates)."""
        text = self._printable(self._field if start is None else start, self._end)
        self._field = self._end
        return text

    def _printable(self, start, stop):
        # Noise may hold any byte; decoding it must not raise.
        return "".join(chr(b) if 32 <= b < 127 else "?" for b in self._line[start:stop])
