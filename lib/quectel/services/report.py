# Commands for the services: questions, whose answer must have a line, and commands whose outcome
# is reported later, in lines of their own (AT+QPING, AT+QNTP, AT+QIDNSGIP, AT+QIACTEX).

import errno
import time

from quectel import answers, at, errors


def ask(nic, text, prefix=None):
    """The lines of an answer; raises if the module refuses."""
    query = nic.module.finish(answers.ask(nic, text, prefix))
    if query.result != at.DONE:
        name = text.decode().split("=")[0]
        raise nic.module.finish(answers.why(nic, query, name))
    return query.lines


def ask_one(nic, text, prefix=None):
    """The first line of an answer; EIO if it has none."""
    lines = ask(nic, text, prefix)
    if not lines:
        raise errors.Error(errno.EIO, text.decode() + ": an answer without a value")
    return lines[0]


class _Question:
    # A command whose outcome comes in lines of its own, as the channel's owner of these lines.

    def __init__(self, line, handler, complete):
        self.line = line
        self.handler = handler
        self.complete = complete
        self.since = None  # when it was given up

    def __call__(self, channel):
        self.handler(channel)

    def give_up(self):
        """Nobody waits for it any more."""
        self.since = time.ticks_ms()

    def is_over(self, patience):
        # Whether it was given up, and its answer has come since or cannot come any more.
        if self.since is None:
            return False
        waited = time.ticks_diff(time.ticks_ms(), self.since)
        return self.complete() or not 0 <= waited < patience


def wait(nic, line, prefix, handler, complete, timeout):
    """Generator: run `line`, give each later line that begins with `prefix` to
    `handler(channel)`, until `complete()` or `timeout` ms have gone since the module took it.

    Nothing in an answer tells its question: one of a prefix is asked at a time. The answer of one
    that was given up may still come, until SILENCE_MS later, and only the same question may have
    it.

    Raises what the module refuses with, ECONNABORTED if it restarts, ETIMEDOUT."""
    name = line.decode().split("=")[0]
    channel = nic.channel
    question = _Question(line, handler, complete)
    while _is_barred(nic, prefix, line):
        yield
    epoch = nic.epoch
    channel.on(prefix, question)
    command = at.Command(line, nic.dialect.SILENCE_MS)
    try:
        yield from nic.run(command)
        if command.result != at.DONE:
            raise (yield from answers.why(nic, command, name))
        yield from nic.until(complete, timeout)
    finally:
        question.give_up()
        if complete() or command.result in (at.ERROR, at.ABORTED) or not nic.module.ready:
            channel.off(prefix, question)
    if not complete():
        if epoch != nic.epoch:
            raise errors.Error(errno.ECONNABORTED, name + ": the module restarted")
        raise errors.Error(errno.ETIMEDOUT, name + ": no answer")


def _is_barred(nic, prefix, line):
    barred = False
    for known, other in nic.channel.owners[:]:
        if known != prefix:
            continue
        if other.is_over(nic.dialect.SILENCE_MS):
            nic.channel.off(prefix, other)
        elif other.since is None or other.line != line:
            barred = True
    return barred
