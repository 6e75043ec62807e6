"""What can go wrong with a module, by name: `--fault NAME[:ARGS]`, several at once if wanted.

A fault is a class with a line of help; it overrides the hooks that it needs. Numbers in ARGS are
separated by commas, and a text comes last. What is picked at random comes from the module's
seeded generator.
"""

from .args import Refused


TEXT = "text"  # an argument of this name is no number, and the last one


class Fault:
    """Nothing goes wrong. `module` is the Engine."""

    arguments = ()  # (name, default), default None: must be given

    def __init__(self, module, values):
        self.module = module
        for (name, _), value in zip(self.arguments, values):
            setattr(self, name, value)

    def begin(self):
        """The module has been built."""

    def input(self, data):
        """Bytes from the host, on their way in."""
        return data

    def output(self, data):
        """Bytes to the host, on their way out."""
        return data

    def swallows(self, line):
        """True if this command line gets no answer."""
        return False

    def refusal(self, name):
        """May raise Refused before the command `name` is carried out."""

    def delay(self):
        """Seconds more before the answer."""
        return 0.0

    def keep_urc(self, text):
        """False if this URC is lost."""
        return True

    def boundary(self):
        """A line boundary: a text to put there, or None."""
        return None

    def send_fails(self):
        return False


class Counted(Fault):
    """A fault that comes every so many times."""

    arguments = (("every", None),)

    def begin(self):
        self.count = 0

    def due(self):
        self.count += 1
        return self.count % int(self.every) == 0


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

    arguments = (("further", None), (TEXT, None))

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
        self.count = 0
        self.until = None

    def swallows(self, line):
        self.count += 1
        if self.count == int(self.after) + 1:
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
        self.module.clock.call_later(self.after, self._strike)

    def _strike(self):
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
        self.count = 0

    def swallows(self, line):
        # What the host asks while it waits for the network does not count.
        self.count += self.module.coverage
        if self.count == int(self.every):
            self.count = 0
            self.module.set_coverage(False)
            self.module.clock.call_later(self.seconds, lambda: self.module.set_coverage(True))
        return False


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


class _Bytes(Fault):
    """A fault of the line itself, about every so many bytes of output."""

    arguments = (("every", None),)

    def begin(self):
        self._aim()

    def _aim(self):
        self.left = self.module.random.randint(1, 2 * int(self.every) - 1)

    def output(self, data):
        if len(data) < self.left:
            self.left -= len(data)
            return data
        done = bytearray()
        while len(data) >= self.left:
            done += data[: self.left - 1]
            done += self.damage(data[self.left - 1 : self.left])
            data = data[self.left :]
            self._aim()
        self.left -= len(data)
        return bytes(done + data)

    def damage(self, byte):
        raise NotImplementedError


class Drop(_Bytes):
    """drop:EVERY  about every so many bytes of output one is lost"""

    def damage(self, byte):
        return b""


class Double(_Bytes):
    """double:EVERY  about every so many bytes of output one comes twice"""

    def damage(self, byte):
        return byte * 2


class Flip(_Bytes):
    """flip:EVERY  about every so many bytes of output one has a bit flipped"""

    def damage(self, byte):
        return bytes((byte[0] ^ 1 << self.module.random.randrange(8),))


REGISTRY = {
    kind.__doc__.split()[0].split(":")[0].split("[")[0]: kind
    for kind in (
        Reboot, RebootAt, Silence, Mute, SendFail, LoseRecv, LoseUrc, UrcNoise, PdpDeact,
        DeepSleep, NoSim, NoCoverage, Outage, Error, Late, Drop, Double, Flip,
    )
}  # fmt: skip


def make(spec):
    """A function that builds the fault of `NAME[:ARGS]` for a module. ValueError if it is none."""
    name, _, text = spec.partition(":")
    if name not in REGISTRY:
        raise ValueError("no fault {!r}; --fault help lists them".format(name))
    kind = REGISTRY[name]
    names = [name for name, _ in kind.arguments]
    parts = text.split(",", len(names) - 1 if TEXT in names else -1) if text else []
    given = [
        part if names[at : at + 1] == [TEXT] else float(part) for at, part in enumerate(parts)
    ]
    values = given + [default for _, default in kind.arguments[len(given) :]]
    if len(given) > len(kind.arguments) or None in values:
        raise ValueError("--fault {}".format(kind.__doc__))
    if kind.arguments and kind.arguments[0][0] == "every" and values[0] < 1:
        raise ValueError("--fault {}: EVERY is at least 1".format(name))
    return lambda module: kind(module, values)


def help_text():
    return "\n".join("  " + kind.__doc__ for kind in REGISTRY.values())
