# Commands for the services: questions, whose answer must have a line, and commands whose outcome
# is reported later, in lines of their own (AT+QPING, AT+QNTP, AT+QIDNSGIP, AT+QIACTEX).

import errno

from quectel import at, errors


def ask(nic, text, prefix=None):
    """The lines of an answer; raises if the module refuses."""
    query = nic.complete(nic.spawn(nic.ask(text, prefix)))
    if query.result != at.DONE:
        name = text.decode().split("=")[0]
        raise nic.complete(nic.spawn(nic.why(query, name)))
    return query.lines


def ask_one(nic, text, prefix=None):
    """The first line of an answer; EIO if it has none."""
    lines = ask(nic, text, prefix)
    if not lines:
        raise errors.Error(errno.EIO, text.decode() + ": an answer without a value")
    return lines[0]


def wait(nic, line, prefix, handler, complete, timeout):
    """Generator: run `line`, give each later line that begins with `prefix` to
    `handler(channel)`, until `complete()` or `timeout` ms have gone since the module took it.

    Raises what the module refuses with, ECONNABORTED if it restarts, ETIMEDOUT."""
    name = line.decode().split("=")[0]
    epoch = nic.epoch
    nic.channel.on(prefix, handler)
    try:
        command = at.Command(line, nic.dialect.SILENCE_MS)
        yield from nic.run(command)
        if command.result != at.DONE:
            raise (yield from nic.why(command, name))
        yield from nic.until(complete, timeout)
    finally:
        nic.channel.off(prefix, handler)
    if not complete():
        if epoch != nic.epoch:
            raise errors.Error(errno.ECONNABORTED, name + ": the module restarted")
        raise errors.Error(errno.ETIMEDOUT, name + ": no answer")
