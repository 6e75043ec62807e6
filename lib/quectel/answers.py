# Queries whose answers are read as text, and the error of a command that was refused. Bring-up,
# settings and services use them. Loaded when needed, and unloaded with the files of bringup/.
# `asker` is a Nic or a Module, which runs the exchanges.

import errno
import time

from micropython import const
from quectel import at, errors, load

_SHORT_MS = const(5000)  # commands of 3GPP TS 27.007 that ask no network
_TCPIP = (b"AT+QI", b"AT+QPING", b"AT+QNTP")  # commands that AT+QIGETERROR knows


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

    def __init__(self, text, timeout=60000, prefix=None, needs=at.OK, strict=False):
        super().__init__(text, timeout, prefix or b"\0", needs)
        self.strict = strict
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


def ask(asker, text, prefix=None, timeout=None):
    """Generator: run a query; returns it, an at.Query."""
    query = Query(text, timeout or asker.dialect.SILENCE_MS, prefix)
    yield from asker.run(query)
    return query


def pause(asker, ms):
    """Generator: wait `ms` milliseconds."""
    start = time.ticks_ms()
    while time.ticks_diff(time.ticks_ms(), start) < ms:
        yield


def must(asker, line, timeout=_SHORT_MS):
    """Generator: run the command `line`, which must succeed."""
    command = at.Command(line, timeout)
    yield from asker.run(command)
    if command.result != at.DONE:
        # What a line sets may be a password: that is not for an error's text.
        raise (yield from why(asker, command, line.split(b"=")[0].decode()))


def why(asker, command, text):
    """Generator: the Error for a command that failed."""
    if command.result == at.ERROR and command.code is None:
        code, words = None, "refused"
        # Of the other commands AT+QIGETERROR tells nothing, but still of the last of these.
        line = bytes(command.line_out[:8]).upper()
        if any([line.startswith(name) for name in _TCPIP]):
            code, words = yield from last_error(asker)
        if code == 0:
            code, words = None, "refused"
        return errors.of_code(code, text + ": " + words, asker.dialect.ERRNO)
    if command.result == at.ERROR:
        return errors.of_code(command.code, text + ": refused", asker.dialect.ERRNO)
    if command.result == at.TIMEOUT:
        if asker.channel.asleep and not command.sent:
            return load("bringup.waking").unwoken(asker)
        return errors.Error(errno.ETIMEDOUT, text + ": no answer")
    if command.result == at.ABORTED:
        return errors.Error(errno.ECONNABORTED, text + ": the module restarted")
    if command.result == at.DAMAGED:
        return errors.Error(errno.EIO, text + ": the answer came damaged")
    return errors.Error(errno.EIO, text + ": refused", command.code)


def last_error(asker):
    """Generator: (code, words) of AT+QIGETERROR; the code is None where it cannot be told."""
    query = yield from ask(asker, b"AT+QIGETERROR", b"+QIGETERROR: ")
    if query.result != at.DONE or not query.lines:
        return None, "refused"
    code, _, words = query.lines[0].partition(",")
    code = number(code.strip())
    return code, "refused" if code is None else words.strip().strip('"')
