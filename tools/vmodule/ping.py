"""QPING ("BG95-S5 TCP/IP Application Note", 2.3.11)."""

from .args import Refused
from .engine import EXECUTE, LATER, READ, TEST
from .network import TIMED_OUT
from .hosts import is_address

DNS_FAILED, BUSY = 565, 568
SIZE, TTL = 32, 255  # bytes of a request and time to live, as in the examples


class Ping:
    """Mixin. Needs HOST_LIMIT and the contexts."""

    PING_REPLY = '+QPING: 0,"{}",{},{:.0f},{}'
    PING_TIMEOUT, PING_NO_NAME = TIMED_OUT, DNS_FAILED
    PING_SIZES = None  # the shortest and the longest, where the host may say how long they are

    def _start(self):
        super()._start()
        self.pinging = None

    def ip_qping(self, form, args):
        if form == TEST:
            sizes = ",({}-{})".format(*self.PING_SIZES) if self.PING_SIZES else ""
            ranges = "(1-{}),<host>,(1-255),(1-10)".format(self.CONTEXT_IDS)
            return self.info("+QPING: " + ranges + sizes)
        if form in (READ, EXECUTE):
            raise Refused
        args.expect(2, 5 if self.PING_SIZES else 4)
        number = self.context_number(args)
        host = args.string(1, self.HOST_LIMIT)
        size = args.integer(4, *self.PING_SIZES, SIZE) if self.PING_SIZES else SIZE
        run = _Run(self, args.integer(2, 1, 255, 4), args.integer(3, 1, 10, 4), size)
        if not self.is_host(host):
            raise Refused
        self.need_context(number)
        if self.pinging:
            raise Refused(BUSY)
        self.final()
        self.pinging = run
        if is_address(host):
            run.start([host])
        else:
            self.resolve(host, run.start)
        return LATER

    def is_host(self, text):
        """Whether it can be pinged."""
        return bool(text)

    def ping_result(self, _replies):
        """The result in the last line, which has the sums."""
        return 0


class _Run:
    """The requests of one QPING, one after the other."""

    def __init__(self, module, timeout, count, size):
        self.module = module
        self.timeout = timeout
        self.count = count
        self.size = size
        self.sent = 0
        self.times = []

    def start(self, addresses):
        if self.module.pinging is not self:
            return  # the module has been rebooted
        if not addresses:
            self._finish("{}".format(self.module.PING_NO_NAME), DNS_FAILED)
        else:
            self.address = addresses[0]
            self._next()

    def _next(self):
        self.sent += 1
        self.module.radio_used()
        self.module.network.ping(self.address, self.timeout, self._answered)

    def _answered(self, milliseconds):
        module = self.module
        if module.pinging is not self:
            return
        if milliseconds is None:
            module.urc("+QPING: {}".format(module.PING_TIMEOUT))
        else:
            self.times.append(milliseconds)
            module.urc(module.PING_REPLY.format(self.address, self.size, milliseconds, TTL))
        if self.sent < self.count:
            self._next()
        else:
            self._finish(self._summary(), 0)

    def _summary(self):
        result = self.module.ping_result(len(self.times))
        times = self.times or [0]
        fields = (self.sent, len(self.times), self.sent - len(self.times))
        mean = sum(times) / len(times)
        spread = "{:.0f},{:.0f},{:d}".format(min(times), max(times), int(mean))
        return "{},{},{},{},{}".format(result, *fields, spread)

    def _finish(self, text, code):
        self.module.pinging = None
        self.module.last_result = code
        self.module.urc("+QPING: " + text)
