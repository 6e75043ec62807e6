# Names to addresses: AT+QIDNSGIP and its URCs (BG95-S5 TCP/IP Application Note, 2.3.14).

import errno

from quectel import at, errors


class _Answer:
    # +QIURC: "dnsgip",<result>[,<IP_count>,<DNS_ttl>], then a line for each address.

    def __init__(self):
        self.result = None
        self.count = 0
        self.addresses = []

    def line(self, channel):
        if self.result is None:
            self.result = channel.number()
            self.count = channel.number() or 0
        else:
            self.addresses.append(channel.text())

    def complete(self):
        return self.result is not None and len(self.addresses) >= self.count


def resolve(nic, host):
    """See Modem.resolve."""
    line = nic.dialect.resolve_line(nic.cid, host)
    nic.must_be_connected()
    return nic.complete(nic.spawn(_resolve(nic, line)))


def _resolve(nic, line):
    prefix = b'+QIURC: "dnsgip",'
    answer = _Answer()
    handler = answer.line
    nic.channel.on(prefix, handler)
    try:
        command = at.Command(line, nic.dialect.SILENCE_MS)
        yield from nic.run(command)
        if command.result != at.DONE:
            raise (yield from nic.why(command, "resolve"))
        yield from nic.until(answer.complete, nic.dialect.RESOLVE_MS)
    finally:
        nic.channel.off(prefix, handler)
    if answer.result:
        raise errors.of_code(answer.result, "resolve", nic.dialect.ERRNO)
    if not answer.complete():
        raise errors.Error(errno.ETIMEDOUT, "resolve: no answer")
    return answer.addresses
