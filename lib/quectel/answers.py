# Answers as text, for what is asked now and then: bring-up, settings, services.

import errno

from quectel import at, errors


def fields(line):
    """The fields of an answer's line, text, without their quotes and the spaces around them; a
    comma between quotes ends none."""
    row = []
    field = None
    for part in line.split(","):
        field = part if field is None else field + "," + part
        if field.count('"') & 1 == 0:
            row.append(field.strip().strip('"'))
            field = None
    if field is not None:
        row.append(field.strip().strip('"'))
    return row


def number(field):
    """A field of an answer, text, as an int; None where it is none: absent, or damaged on the
    line."""
    digits = field[1:] if field[:1] == "-" else field
    return int(field) if digits.isdigit() else None


class Query(at.Command):
    """A Command that keeps its information lines as text in `lines`: without their prefix, or,
    where there is none, whole."""

    def __init__(self, text, timeout=60000, prefix=None, needs=at.OK):
        super().__init__(text, timeout, prefix or b"\0", needs)
        self.takes_all = prefix is None
        self.lines = []

    def line(self, channel):
        self.lines.append(channel.rest())

    def fields(self, index=0):
        """The fields of one of the lines, see `fields`; none where the line did not come."""
        return fields(self.lines[index]) if self.lines else []

    def numbers(self, count):
        """The first `count` fields of the first line as ints; EIO where they are not that."""
        values = tuple([number(field) for field in self.fields()[:count]])
        if len(values) < count or None in values:
            text = bytes(self.line_out[: self.line_end - 1]).decode()
            raise errors.Error(errno.EIO, text + ": an answer that cannot be read")
        return values
