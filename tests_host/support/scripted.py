"""A UART whose module follows a script, for tests in virtual time.

A script is a list of steps as in `conversations`: (">", line) and (">>", data) are what the driver
must send next; what follows, up to the next such step, is then sent to it. A driver that sends
anything else fails the test at once."""

import known_names
import virtual_time
from kept_files import KeptFiles
from sampling import sampling

SILENT_LOOKS = 3  # how often the line looks empty where it is cut


class Plays:
    """How many scripts were played, whole or cut: the runner tells it for each test."""

    count = 0


def framed(step, lead=b"\r\n"):
    """The bytes of one step of the module; `lead` goes before a line."""
    kind, what = step
    if kind == "<<":
        return what + b"\r\n"
    if kind == "<prompt":
        return lead + what.encode()
    if kind == "<raw" or kind == "<=":
        return what
    return lead + what.encode() + b"\r\n"


class ScriptedUART:
    """`cut`: the position in the module's bytes where a delivery ends, and `apart` bytes on the
    next one, if given; `single`: one byte at a time; `echo`: the module echoes command lines;
    `lead` goes before a line."""

    def __init__(
        self, script, cut=None, single=False, echo=False, rxbuf=2048, apart=0, lead=b"\r\n"
    ):
        Plays.count += 1
        self.script = [step for step in script if step[0] not in ("given", "peer")]
        self.cut = cut
        self.apart = apart
        self.single = single
        self.echo = echo
        self.rxbuf = rxbuf
        self.lead = lead
        self.sent = bytearray()  # by the driver, not yet matched
        self.log = []  # command lines and data that were matched
        self._line = bytearray()
        self._read = 0
        self._looks = 0
        self._wait_until = 0
        self.step()

    def __repr__(self):
        return "ScriptedUART(rxbuf=%d)" % self.rxbuf

    def step(self):
        """Emit all that comes before the next step of the driver."""
        while self.script and self.script[0][0] not in (">", ">>"):
            kind, what = self.script[0]
            if kind == "wait":
                if not self._wait_until:
                    self._wait_until = virtual_time.clock.us + int(what * 1000000)
                if virtual_time.clock.us < self._wait_until:
                    return
                self._wait_until = 0
            elif kind == "call":
                what()
            else:
                self._line.extend(framed(self.script[0], self.lead))
            self.script.pop(0)

    @property
    def total(self):
        """How many bytes the module has sent so far."""
        return len(self._line)

    def done(self):
        """Whether the script was played to its end."""
        self.step()
        return not self.script and not self.sent

    def any(self):
        if self.script and self.script[0][0] not in (">", ">>"):
            self.step()
        there = len(self._line) - self._read
        if not there:
            virtual_time.clock.nothing(self._wait_until)
            return 0
        virtual_time.clock.idle = False
        if self.cut is not None and self._read <= self.cut:
            if self._read == self.cut:
                if self._looks < SILENT_LOOKS:
                    self._looks += 1
                    return 0
                if self.apart:
                    self.cut += self.apart
                    self._looks = 0
            if self._read < self.cut:
                there = min(there, self.cut - self._read)
        return 1 if self.single else there

    def readinto(self, buf, nbytes=None):
        count = min(len(buf) if nbytes is None else nbytes, self.any())
        if not count:
            return None
        buf[:count] = self._line[self._read : self._read + count]
        self._read += count
        return count

    def write(self, buf, offset=None, size=None):
        if size is None:
            offset, size = 0, len(buf) if offset is None else offset
        virtual_time.clock.idle = False
        self.sent.extend(bytes(buf[offset : offset + size]))
        self._match()
        return size

    def _match(self):
        while self.sent:
            if not self.script:
                raise AssertionError("the script is over, the driver sent %r" % bytes(self.sent))
            kind, what = self.script[0]
            if kind not in (">", ">>"):
                self.step()
                if self.script and self.script[0][0] not in (">", ">>"):
                    raise AssertionError("too early: %r" % bytes(self.sent))
                continue
            wanted = what.encode() + b"\r" if kind == ">" else what
            if not wanted.startswith(bytes(self.sent[: len(wanted)])):
                raise AssertionError("wanted %r, the driver sent %r" % (wanted, bytes(self.sent)))
            if len(self.sent) < len(wanted):
                return
            self.sent = self.sent[len(wanted) :]
            self.log.append(what)
            if self.echo and kind == ">":
                self._line.extend(wanted)
            self.script.pop(0)
            self.step()


def connected(name, uart, **options):
    """A modem that has been brought up already, without the traffic of that."""
    import quectel

    interface = getattr(quectel, name)
    known_names.use()
    nic = interface(uart, **options)
    nic.module.active = nic.module.ready = True
    nic.address = ["10.7.157.1"]
    nic.state = nic.STAT_GOT_IP
    nic._seen = True  # the program knows
    return nic


def raises(kind, function, *args, **kwargs):
    """Call `function`, which must raise `kind`; returns the exception."""
    try:
        function(*args, **kwargs)
    except kind as e:
        return e
    raise AssertionError("no %s" % kind.__name__)


def fails(function, *args):
    """The errno of the OSError that function(*args) raises."""
    return raises(OSError, function, *args).args[0]


def boundaries(script):
    """The indices of a script where a URC may stand: everywhere but between a header and its
    payload, not in the data that the driver is giving, and not in transparent mode."""
    found = []
    transparent = left = False
    for i, step in enumerate(script):
        if step[0] in (">", "<", "!", "<prompt") and not transparent:
            found.append(i)
        if step == ("<", "CONNECT") or [kind for kind, _ in script[i + 1 : i + 2]] == ["<="]:
            transparent, left = True, False
        elif step == (">>", b"+++"):
            left = True
        elif left and step == ("<", "OK"):
            transparent = False
    return found + [len(script)]


FOREIGN = ("!", '+QIURC: "recv",7')


def variants(script, make, foreign=FOREIGN, apart=0):
    """Play `script` whole, cut at every position (or some of them, see sampling.py), a byte at a
    time, with the echo on, with blank lines missing or doubled, and with a URC of another socket
    at every line boundary; `make(uart)` plays the driver's part and returns the outcome, which
    must never change. Returns it.

    Cutting once for each position takes time that grows with the square of the script's length:
    with `apart`, as long ones want, each time is cut at every position so many bytes apart."""
    uart = ScriptedUART(script)
    outcome = make(uart)
    assert uart.done(), (uart.script, bytes(uart.sent))
    total = uart.total
    with KeptFiles():
        for cut in sampling.cuts(1, min(apart + 1, total) if apart else total):
            check(script, make, outcome, cut=cut, apart=apart)
    check(script, make, outcome, single=True)
    check(script, make, outcome, echo=True)
    check(script, make, outcome, echo=True, single=True)
    raw = [step for step in script if step[0] == "<=" or step == ("<", "CONNECT")]
    if not raw:  # there a blank line would be data
        check(script, make, outcome, lead=b"")
        check(script, make, outcome, lead=b"\r\n\r\n")
    with KeptFiles():
        for at in boundaries(script):
            more = list(script)
            more.insert(at, foreign)
            check(more, make, outcome)
            check(more, make, outcome, single=True)
    return outcome


def check(script, make, outcome, **how):
    """One more time, another way."""
    uart = ScriptedUART(script, **how)
    got = make(uart)
    assert got == outcome, (how, got, outcome)
    assert uart.done(), (how, uart.script, bytes(uart.sent))
