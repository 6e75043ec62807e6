# Any command line, and a program's own URCs.

import sys

from micropython import const
from quectel import answers, at

_READ_MOST = const(1500)  # the largest <read_length> of the documents


class Raw(answers.Query):
    """Any command line, `text` as bytes. Its answer may hold the payload of AT+QIRD: counted,
    never scanned, it is among the lines as a bytearray."""

    def __init__(self, text, timeout, needs=at.OK, digits=1):
        super().__init__(text, timeout, None, needs)
        self._digits = digits  # characters of a byte of data
        name = text[2:].split(b"=")[0].split(b"?")[0].upper()
        if name[:1] == b"+":
            self.prefix = name + b": "  # tells its own answer from a URC of that name

    def line(self, channel):
        text = channel.rest(0)
        self.lines.append(text)
        if self.prefix != b"+QIRD: " or not text.startswith("+QIRD: "):
            return
        fields = text[7:].split(",")
        # AT+QIRD=<connectID>,0 answers three counts; a UDP SERVICE a count, an address, a port.
        if (len(fields) == 3 and '"' not in text) or not fields[0].isdigit():
            return
        count = int(fields[0])
        if count > _READ_MOST:
            channel.damaged()
        elif count:
            self.lines.append(bytearray())
            channel.receive(count * self._digits, self)

    # ---- what a payload goes to ----

    def write(self, buf, start, count):
        """The next bytes are buf[start:start + count]."""
        self.lines[-1].extend(buf[start : start + count])

    def complete(self):
        """That was all."""

    def damaged(self):
        """The result says so."""


def command(nic, text, timeout=None, data=None):
    """Send any command line and return its answer's lines, without the final result.

    timeout  ms to wait (60,000); data: bytes sent after the prompt.
    Raises Error with the module's code if the module refuses, ETIMEDOUT without an answer,
    ValueError if `text` holds a control character."""
    return nic.module.finish(running(nic, text, timeout, data))


def error(nic):
    """(code, text) of the last TCP/IP command, from AT+QIGETERROR."""
    return nic.module.finish(answers.last_error(nic))


def running(nic, text, timeout, data):
    """Generator: what command does."""
    raw = text.encode()
    for byte in raw:
        if byte < 32 or byte == 127:
            raise ValueError("a command line holds a control character")
    name = raw[2:].split(b"=")[0].split(b"?")[0].upper()
    needs = at.OK
    if raw[-1:] == b"?":
        pass  # the ranges of a command, or its value: it does nothing
    elif name == b"+QICLOSE":
        needs = nic.dialect.CLOSE_NEEDS
    elif name == b"+QISENDEX" or data is not None:
        needs = nic.dialect.SEND_NEEDS
    formats = nic.module.formats
    digits = 2 if formats is not None and formats.receives_hex else 1
    query = Raw(raw, timeout or nic.dialect.SILENCE_MS, needs, digits)
    if data is not None:
        query.give(data, 0, len(data))
    yield from nic.run(query)
    if query.result != at.DONE:
        raise (yield from answers.why(nic, query, text.split("=")[0]))
    return query.lines


def on_urc(nic, prefix, callback):
    """Call `callback(line)` for every unsolicited line that begins with `prefix`; None stops
    it. It is called from poll, after the line has had its effect in the driver."""

    def heard(channel):
        nic.module.calls.append((callback, channel.rest(0)))

    watchers = nic.channel.watchers
    for watcher in watchers[:]:
        if watcher[0] == prefix.encode():
            watchers.remove(watcher)
    if callback:
        watchers.append((prefix.encode(), heard))


def report(error):
    """Print what a callback has raised."""
    if hasattr(sys, "print_exception"):
        sys.print_exception(error)
    else:
        import traceback

        traceback.print_exception(type(error), error, error.__traceback__)
