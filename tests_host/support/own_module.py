"""A UART to a virtual module of this process, in virtual time; on CPython. Import this before the
driver."""

from tools.vmodule import create
from tools.vmodule.clock import VirtualClock
from tools.vmodule.fake import FakeNetwork

# isort: off
import virtual_time

# isort: on

CLASSES = {"bg95": "BG95S5", "rm500u": "RM500U", "bc95": "BC95GR", "bc92": "BC92", "bc20": "BC20",
           "bc25": "BC25"}  # fmt: skip
BACK_S = 0.3  # until the peer gives back what it got
START_S = 5.0
clock = virtual_time.clock


class Line:
    """A UART to a module of its own."""

    def __init__(self, key, faults, texts=None):
        self._clock = VirtualClock(clock.us / 1e6)
        self._network = FakeNetwork(clock=self._clock)
        self.module = create(key, self._network, self._clock, faults)
        self.module.BOOT_TIME = START_S
        if texts is not None:
            self.module.BOOT_TEXTS = texts
        self._there = b""
        self._due = 0  # us when the module does something; None: not by itself
        self.said = 0

    def __repr__(self):
        return "UART(1, baudrate=115200, rxbuf=2048)"

    def _pass(self):
        self._clock.advance(max(0.0, clock.us / 1e6 - self._clock.now()))
        self._clock.run_due()
        for peer in self._network.peers:
            if peer.received:
                data = bytes(peer.received)
                peer.received.clear()
                self._clock.call_later(BACK_S, lambda peer=peer, data=data: peer.send(data))
        came = self.module.take()
        self.said += len(came)
        self._there += came
        wait = self._clock.until_next()
        self._due = None if wait is None else clock.us + int(wait * 1e6) + 1

    def any(self):
        if self._due is not None and clock.us >= self._due:
            self._pass()
        clock.idle = False
        if not self._there:
            clock.nothing(self._due or 0)
        return len(self._there)

    def readinto(self, buf, size):
        count = min(size, len(self._there))
        buf[:count] = self._there[:count]
        self._there = self._there[count:]
        return count or None

    def write(self, buf, offset, size):
        self._pass()
        clock.idle = False
        self._due = 0
        self.module.feed(bytes(memoryview(buf)[offset : offset + size]))
        return size

    def drive(self, pin):
        """A function that sets `pin` of the module, such as "reset"."""

        def drive(level):
            self._pass()
            clock.idle = False
            self._due = 0
            getattr(self.module, "set_" + pin)(bool(level))

        return drive
