"""Restarts, silence, refusals, lost URCs, a network that goes: no line is damaged here."""

from ..args import Refused
from ..distance import Far
from .base import Counted, Fault


class Reboot(Fault):
    """reboot:AFTER_BYTES  once, after so many bytes of output, wherever that is"""

    arguments = (("after", None),)

    def begin(self):
        self.left = int(self.after)

    def output(self, data):
        if self.left is None:
            return data
        self.left -= len(data)
        if self.left > 0:
            return data
        data = data[: len(data) + self.left]
        self.left = None
        self.module.collapse()
        return data


class RebootAt(Fault):
    """reboot-at:FURTHER,TEXT  once, FURTHER bytes after the first TEXT of the output, or before"""

    arguments = (("further", None), ("text", None))

    def begin(self):
        self.wanted = self.text.encode()
        self.front = b""  # of a text that may go on in the next output
        self.left = None  # bytes still to be sent

    def output(self, data):
        if self.wanted is None:
            return data
        if self.left is None:
            whole = self.front + data
            at = whole.find(self.wanted)
            if at < 0:
                self.front = whole[max(0, len(whole) - len(self.wanted) + 1) :]
                return data
            self.left = max(0, at + len(self.wanted) + int(self.further) - len(self.front))
        if len(data) < self.left:
            self.left -= len(data)
            return data
        self.wanted = None
        self.module.collapse()
        return data[: self.left]


class Silence(Fault):
    """silence:AFTER[,SECONDS]  after so many commands no output for SECONDS (for ever)"""

    arguments = (("after", None), ("seconds", 0))

    def begin(self):
        self.commands = 0
        self.until = None

    def swallows(self, line):
        self.commands += 1
        if self.commands == int(self.after) + 1:
            now = self.module.clock.now()
            self.until = now + self.seconds if self.seconds else float("inf")
        return self.silent()

    def silent(self):
        return self.until is not None and self.module.clock.now() < self.until

    def output(self, data):
        return b"" if self.silent() else data


class Mute(Fault):
    """mute  never a byte of output"""

    def output(self, data):
        return b""


class SendFail(Counted):
    """sendfail:EVERY  every so many sends SEND FAIL, with nothing taken"""

    def send_fails(self):
        return self.due()


class LoseRecv(Counted):
    """lose-recv:EVERY  every so many recv URCs (buffer mode) are lost"""

    def keep_urc(self, text):
        return not (text.startswith('+QIURC: "recv"') and self.due())


class LoseUrc(Counted):
    """lose-urc:EVERY  every so many URCs of any kind are lost"""

    def keep_urc(self, text):
        return not self.due()


class UrcNoise(Counted):
    """urc-noise:EVERY  every so many line boundaries a URC that nobody asked for"""

    TEXTS = ('+QIND: "csq",22,99', "+CTZV: 32", "+CPIN: READY", "+QUSIM: 1", "RING")

    def boundary(self):
        return self.module.random.choice(self.TEXTS) if self.due() else None


class PdpDeact(Fault):
    """pdpdeact:AFTER  AFTER seconds, again and again, the network takes every context away"""

    arguments = (("after", None),)

    def begin(self):
        self.module.clock.call_later(self.interval(self.after), self._strike)

    def _strike(self):
        if self.over:
            return
        self.module.detach()
        self.begin()


class DeepSleep(Fault):
    """deep-sleep:AFTER  a module that has it sleeps deeply after AFTER seconds without input"""

    arguments = (("after", None),)

    def begin(self):
        self.last = self.module.clock.now()
        self._look_again(self.after)

    def _look_again(self, delay):
        self.module.clock.call_later(delay, self._look)

    def input(self, data):
        self.last = self.module.clock.now()
        return data

    def _look(self):
        left = self.last + self.after - self.module.clock.now()
        if self.over:
            return
        if left <= 0:
            self.module.deep_sleep()
            left = self.after
        self._look_again(left)


class NoSim(Fault):
    """no-sim  no SIM is in the module"""

    def begin(self):
        self.module.sim = False


class NoCoverage(Fault):
    """no-coverage[:SECONDS]  no network, for SECONDS (for ever)"""

    arguments = (("seconds", 0),)

    def begin(self):
        self.module.coverage = False
        if self.seconds:
            self.module.clock.call_later(self.seconds, lambda: self.module.set_coverage(True))


class Outage(Fault):
    """outage:EVERY,SECONDS  every so many commands the network is lost for SECONDS"""

    arguments = (("every", None), ("seconds", None))

    def begin(self):
        self.commands = 0

    def swallows(self, line):
        # What the host asks while it waits for the network does not count.
        self.commands += self.module.coverage
        if self.commands == int(self.every):
            self.commands = 0
            self.module.set_coverage(False)
            self.module.clock.call_later(self.seconds, lambda: self.module.set_coverage(True))
        return False


class Outages(Fault):
    """outages:TIMES  no network at TIMES, FROM-TO[,FROM-TO…][,daily], counted from the beginning

    A time is seconds, or H:MM, or H:MM:SS. With `daily` all of them come again each 24 hours.
    """

    arguments = (("text", None),)
    DAY = 86400

    def begin(self):
        parts = self.text.split(",")
        self.daily = parts[-1] == "daily"
        moments = [self._outage(part) for part in parts[: -1 if self.daily else None]]
        ordered = [moment for outage in moments for moment in outage]
        if self.daily:
            ordered.append(self.DAY + (ordered[0] if ordered else 0))
        if not moments or sorted(set(ordered)) != ordered:
            raise ValueError("--fault outages:{}: not one after the other".format(self.text))
        for start, end in moments:
            self._at(start, False)
            self._at(end, True)

    def _outage(self, text):
        start, _, end = text.partition("-")
        try:
            return self._seconds(start), self._seconds(end)
        except ValueError:
            raise ValueError("--fault outages: {} is not FROM-TO".format(text)) from None

    def _seconds(self, text):
        parts = [float(part) for part in text.split(":")]
        if len(parts) > 3 or min(parts) < 0:
            raise ValueError
        scale = (3600, 60, 1) if len(parts) > 1 else (1,)
        return sum(part * unit for part, unit in zip(parts, scale))

    def _at(self, delay, present):
        self.module.clock.call_later(delay, lambda: self._turn(present))

    def _turn(self, present):
        if self.over:
            return
        self.module.set_coverage(present)
        if self.daily:
            self._at(self.DAY, present)


class BlackHole(Fault):
    """black-hole:AFTER[,SECONDS]  after AFTER seconds nothing reaches peers, or comes from them,
    for SECONDS (for ever), and nobody is told"""

    arguments = (("after", None), ("seconds", 0))

    def begin(self):
        module = self.module
        self.far = module.network = Far(module.network, module.clock, 0)
        module.clock.call_later(self.after, self._strike)

    def _strike(self):
        if not self.over:
            self.far.way.whole = False
            if self.seconds:
                self.module.clock.call_later(self.seconds, self.far.way.mend)


class Error(Counted):
    """error:EVERY[,CODE]  every so many commands but the plain ones ERROR, with this code (550)"""

    arguments = (("every", None), ("code", 550))

    def refusal(self, name):
        if self.due():
            raise Refused(int(self.code))


class Late(Counted):
    """late:EVERY,SECONDS  every so many answers come SECONDS late"""

    arguments = (("every", None), ("seconds", None))

    def delay(self):
        return self.seconds if self.due() else 0.0


FAULTS = (
    Reboot, RebootAt, Silence, Mute, SendFail, LoseRecv, LoseUrc, UrcNoise, PdpDeact, DeepSleep,
    NoSim, NoCoverage, Outage, Outages, BlackHole, Error, Late,
)  # fmt: skip
