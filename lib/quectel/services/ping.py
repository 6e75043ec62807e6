# Ping: AT+QPING and the lines it reports. BG95-S5 TCP/IP Application Note, 2.3.11; the other
# documents alike, but for what stands at the values.

import errno
import time
from collections import namedtuple

from micropython import const
from quectel import errors, load
from quectel.dialects import quoted, within
from quectel.services import report

_MARGIN_MS = const(5000)  # beyond the time that the module waits for a reply
_SIZE = const(32)  # the default of <ping_size>

# One packet is lost. BC65&BC92&BC95-GR and BC25&BC32, "Ping result codes"; 569 of the others.
_LOST = (1, 569)
# BC65&BC92&BC95-GR and BC25&BC32 end with 2, the others with 0.
_WELL = (0, 2)
# These errors end the ping: the host, the context or the parameters are wrong. Any other error
# may concern one packet, and the module goes on.
_OVER = (4, 5, 552, 553, 555, 561, 564, 565, 570, 572, 573)
_ERRNO = {
    1: errno.ETIMEDOUT,
    3: errno.EIO,
    4: errno.EHOSTUNREACH,
    5: errors.ENETUNREACH,
}

Reply = namedtuple("Reply", ("address", "bytes", "ms", "ttl"))
Ping = namedtuple("Ping", ("sent", "received", "lost", "min", "max", "avg", "replies"))


class _Listener:
    # +QPING: <result>[,<IP_address>,<bytes>,<time>,<ttl>] for each packet, then
    # +QPING: <finresult>[,<sent>,<rcvd>,<lost>,<min>,<max>,<avg>]. Without what is in brackets
    # the two look the same.

    def __init__(self, count, timeout):
        self.count = count
        self.patience = timeout * 1000 + _MARGIN_MS
        self.replies = []
        self.totals = None
        self.result = None
        self.since = None

    def line(self, channel):
        code = channel.number()
        first = channel.text()
        others = []
        while not channel.at_end():
            others.append(channel.number() or 0)
        self.since = time.ticks_ms()
        if len(others) == 5 and first.isdigit():
            self.totals = [int(first)] + others
            self.result = code
        elif code == 0 and len(others) == 3:
            self.replies.append(Reply(first, others[0], others[1], others[2]))
        elif len(self.replies) == self.count or code in _OVER or code in _WELL:
            self.result = code
        else:
            self.replies.append(code)

    def complete(self):
        if self.result is not None:
            return True
        if self.since is None:
            return False
        # A last line that does not come: every packet was reported, or the time is over.
        waited = time.ticks_diff(time.ticks_ms(), self.since)
        return waited >= (_MARGIN_MS if len(self.replies) == self.count else self.patience)

    def outcome(self, dialect, size):
        last = self.result
        if last is None and self.replies and len(self.replies) < self.count:
            # The module stopped early: its last line was about the whole ping.
            if not isinstance(self.replies[-1], Reply):
                last = self.replies.pop()
        if self.totals is None and last is not None and last not in _LOST and last not in _WELL:
            raise _error(last, dialect)
        return Ping(*(self._totals(size) + [self.replies]))

    def _totals(self, size):
        if self.totals is None:
            times = [reply.ms for reply in self.replies if isinstance(reply, Reply)]
            got = len(times)
            times = times or [0]
            average = sum(times) // len(times)
            return [self.count, got, self.count - got, min(times), max(times), average]
        totals = self.totals
        if totals[0] > self.count:
            # BC65&BC92&BC95-GR, BC20 and BC25&BC32 call them bytes, though their examples
            # count packets.
            totals[:3] = [number // size for number in totals[:3]]
        return totals


def _error(code, dialect):
    return errors.of_code(code, "ping: failed", _ERRNO if code in _ERRNO else dialect.ERRNO)


def ping(nic, host, count=4, timeout=4, size=_SIZE):
    """Ping `host`: a named tuple of sent, received, lost, min, max, avg (packets, ms) and
    replies, a list of (address, bytes, ms, ttl) or the module's code of a lost packet.

    count  packets, 1 to 10; timeout: s for each, 1 to 255; size: bytes, as the dialect has it
    Raises what the module reports where no packet could be sent."""
    return nic.module.finish(pinging(nic, host, count, timeout, size))


def pinging(nic, host, count, timeout, size):
    """What ping does, as a generator; arguments are checked before it is one."""
    dialect = nic.dialect
    within(count, (1, 10), "count")
    within(timeout, (1, 255), "timeout")
    line = b"AT+QPING=%d," % nic.cid + quoted(host, dialect.HOST_MAX, "host")
    line += b",%d,%d" % (timeout, count)
    if dialect.PING_SIZES:
        line += b",%d" % within(size, dialect.PING_SIZES, "size")
    elif size != _SIZE:
        raise errors.not_supported(dialect.MODEL, "size of a ping")
    if not host:
        raise ValueError("host is empty")
    nic.check_connected()
    listener = _Listener(count, timeout)
    return _ping(nic, host, line, listener, size)


def _ping(nic, host, line, listener, size):
    dialect = nic.dialect
    limit = min(listener.count * listener.patience + dialect.RESOLVE_MS, dialect.PING_MS)
    try:
        yield from report.wait(nic, line, b"+QPING: ", listener.line, listener.complete, limit)
        return listener.outcome(dialect, size)
    except errors.Error as e:
        raise load("bringup.words").unresolved(e, host)


def address(nic, host):
    """Generator: the address of `host`, from a ping of one packet: for modules without
    AT+QIDNSGIP."""
    outcome = yield from pinging(nic, host, 1, 4, _SIZE)
    for reply in outcome.replies:
        if isinstance(reply, Reply):
            return reply.address
        raise _error(reply, nic.dialect)
    raise errors.Error(errno.EHOSTUNREACH, "ping: no reply")
