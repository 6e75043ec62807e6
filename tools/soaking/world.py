"""One run: the driver and a program, a damaged line, a virtual module and its peers, all in this
process and in virtual time, and all that happens chosen by one seed."""

import collections
import itertools
import random
import re
import traceback


from tools.benching import rig
from tools.soaking import faults, heap, patterns
from tools.soaking.clock import Hang, SoakClock
from tools.soaking.line import DamagedLine
from tools.soaking.network import SoakNetwork
from tools.vmodule import create

module = rig.quectel.module
CLASSES = dict(rig.CLASSES, bc92="BC92")
ONLINE = 1500.0  # s in which a healthy module on a whole line must be online
HEALTHY = 400.0  # s after the last fault no call may take longer than it would without any
_EXCERPT = 400  # lines of the trace that are kept
_NODE = 1358  # bytes that a BC module keeps without saying that its buffer is full
_AT_TEXT = re.compile(rb"AT\+Q|AT\+C|ATE0|AT\r")


class Violation(Exception):
    """Something that must never be: (kind, text)."""


class Link:
    """A connection as the program and the peer know it, and what each has got."""

    def __init__(self, name, kind):
        self.name = name
        self.up = patterns.Pattern(name + " up", kind)
        self.down = patterns.Pattern(name + " down", kind)
        self.sock = None
        self.peer = None
        self.datagram = False
        self.offered = 0  # bytes that the module may have
        self.sent = 0  # bytes that calls have taken
        self.got = 0
        self.failed = False  # a call has said so
        self.ended = False  # the program has seen the end of file
        self.spoiled = None  # when the peer got what does not fit
        self.refused = self.hung = False
        self.opening = False
        self.next_out = self.next_in = 0  # numbers of datagrams
        self.outgoing = {}
        self.incoming = {}
        self.arrived = set()
        self.last_in = -1
        self.reply_to = None

    def __repr__(self):
        return self.name


class World:
    """`kinds`: the names of the faults that may come, `habits`: specifications of those of the
    virtual module that stay; None: what the seed chooses."""

    def __init__(self, key, seed, kinds=None, habits=None, line=DamagedLine):
        self.key = key
        self.seed = seed
        # The text and not a tuple: the hash of that is another in every process.
        self.random = random.Random("%s %d" % (key, seed))
        self.clock = SoakClock()
        rig.use(self.clock)
        self.trace = collections.deque(maxlen=_EXCERPT)
        self.violations = []
        self.counts = collections.Counter()
        self.network = SoakNetwork(self.clock, self.random, self._spoil)
        self.network.arrive = self._arrived
        if habits is None:
            habits = self.random.sample(faults.HABITS, self.random.choice((0, 0, 1, 3)))
        self.habits = habits
        self.module = create(key, self.network, self.clock, habits, seed=seed)
        baud = self.random.choice((None, 115200, 115200, 9600))
        self.line = line(self.module, self.clock, baud, self.random, self.note)
        self.clock.busy = self.line.busy
        self.damage = self.line.damage
        self.kinds = self._chosen() if kinds is None else list(kinds)
        damaged = set(self.kinds) - set(faults.HARMLESS)
        self.harmless = not damaged and not habits
        self.patterns = (patterns.RANDOM, patterns.RANDOM, patterns.TEXT)
        # Not where the module echoes data unheard: what an echo holds cannot be told from lines.
        if not damaged - set(faults.ANNOUNCED):
            self.patterns += (patterns.TRAPS,)
        self.mean = self.random.choice((5.0, 20.0, 90.0))
        self.last_fault = -1e9
        self.healing = True
        self.links = []
        self.clients = {}  # port of a client: Link
        self.listener = None
        self.ports = itertools.count(1024)
        self.client_ports = itertools.count(20000)
        self.names = itertools.count()
        self.nic = getattr(rig.quectel, CLASSES[key])(self.line, trace=self._traced)
        self.dialect = self.nic.dialect
        self.slow = self._slow()
        self._watch_tasks()

    def _chosen(self):
        way = self.random.random()
        if way < 0.1:
            return list(faults.HARMLESS)
        if way < 0.25:
            return list(faults.MODULE) + list(faults.HARMLESS)
        if way < 0.6:
            return self.random.sample(faults.NAMES, 4)
        return list(faults.NAMES)

    def _slow(self):
        # s by which what others have asked may hold a call up where nothing is answered.
        d = self.dialect
        return (d.SEND_MS + d.READ_MS + d.SILENCE_MS + d.SOCKETS * (d.CLOSE_MS + 6000)) / 1000 + 60

    def _watch_tasks(self):
        world = self
        step = module.Task.__dict__.get("plain_step") or module.Task.step
        module.Task.plain_step = step

        def watched(task):
            was = task.done
            step(task)
            if task.done and not was and task.error is not None:
                if not isinstance(task.error, OSError):
                    world.violate("exception", "in a task: " + _traced_back(task.error))

        module.Task.step = watched

    # ---- what is kept of it ----

    def now(self):
        return self.clock.time

    def note(self, text):
        self.trace.append("%10.3f %s" % (self.now(), text))

    def _traced(self, text):
        self.note(text)

    def violate(self, kind, text):
        self.violations.append((kind, text))
        self.note("VIOLATION %s: %s" % (kind, text))

    def check(self):
        """Raises the first violation there is."""
        if self.violations:
            raise Violation(*self.violations[0])

    # ---- the peers' side ----

    def _spoil(self, link, at, data, again=""):
        name = link.name if link else "nobody"
        typed = self.damage.typed
        self.note("! peer of %s gets %s%r at %d" % (name, again, data[:60], at))
        if typed or _AT_TEXT.search(data):
            self.violate("at text", "%s gets %r, after %r was typed" % (name, data[-40:], typed))
        elif self.harmless or again or link is None:
            self.violate("wrong data", "the peer of %s gets %s%r" % (name, again, data[:40]))
        if link is not None and link.spoiled is None:
            link.spoiled = self.now()

    def _arrived(self, peer):
        """A TCP peer has its connection: what it will do."""
        rnd = self.random
        if self.healing:
            return
        when = 0.0
        for _ in range(rnd.choice((0, 1, 3, 12))):
            when += rnd.choice((0.0, 0.05, 1.0, 5.0, 40.0))
            size = rnd.choice((1, 7, 60, 500, 1500, 4000, 9000))
            self.clock.call_later(when, lambda size=size: self._gives(peer, size))
        if rnd.random() < 0.3:
            self.clock.call_later(when + rnd.choice((0.0, 0.1, 10.0)), peer.finish)

    def _gives(self, peer, size):
        if peer.sink is None or peer.ended is not None or peer.closed:
            return
        # A BC module whose buffer is full tells of bytes lost: seldom, or little else happens.
        full = peer.given - peer.link.got + size > _NODE and hasattr(self.module, "wake")
        if full and self.random.random() < 0.97:
            if not self.healing:
                size = min(size, 900)
                self.clock.call_later(
                    self.random.choice((1.0, 9.0)), lambda: self._gives(peer, size)
                )
            return
        peer.give(size)

    # ---- calls ----

    def bound(self, own):
        """How long a call may take whose own limit is `own` s."""
        healthy = self.now() - self.last_fault > HEALTHY
        return own + (5.0 if healthy else self.slow)

    def call(self, limit, name, func, *args):
        """(value, None) or (None, OSError) of a call that may take `limit` s."""
        start = self.now()
        self.counts["calls"] += 1
        self.clock.limit = start + 3 * limit + 900
        try:
            value, error = func(*args), None
        except OSError as e:
            value, error = None, e
            if not (e.args and isinstance(e.args[0], int)):
                self.violate("errno", "%s raises %r" % (name, e))
        except Hang as e:
            where = "".join(traceback.format_tb(e.__traceback__)[-4:])
            self.violate("hang", "%s has not returned for %.0f s, %s\n%s" % (
                name, self.now() - start, e, where))  # fmt: skip
            value, error = None, None
        except Exception as e:
            value, error = None, None
            if not self.refusal(e):
                self.violate("exception", "%s: %s" % (name, _traced_back(e)))
        self.clock.limit = None
        took = self.now() - start
        if took > limit:
            self.violate("late", "%s took %.1f s, not %.1f" % (name, took, limit))
        if error is not None:
            self.note("# %s raises %r" % (name, error))
        self.check()
        return value, error

    def refusal(self, _error):
        """Whether this is what the program's own arguments deserve."""
        return False

    def poll(self):
        self.call(self.bound(1.0) if self.damage.mute_until else 1.0, "poll", self.nic.poll)

    def idle(self, seconds):
        """The program does something else, and polls now and then."""
        end = self.now() + seconds
        while self.now() < end:
            self.poll()
            self.clock.advance(0.001)

    # ---- faults ----

    def faults_on(self):
        self.healing = False
        self._next_fault()

    def _next_fault(self):
        wait = self.random.expovariate(1 / self.mean)
        self.clock.call_later(max(wait, 0.001), self._strike)

    def _strike(self):
        if self.healing:
            return
        self.last_fault = self.now()
        self.counts["faults"] += 1
        name = self.random.choice(self.kinds)
        self.counts[name] += 1
        faults.strike(self, name)
        self._next_fault()

    def faults_off(self):
        self.healing = True
        self.damage.clear()
        self.network.bad = None
        self.network.resolve_time = 0.0
        self.module.latency = 0.0
        self.module.set_coverage(True)
        for peer in self.network.peers:
            if peer.stalled:
                peer.stall(False)

    # ---- the interface ----

    def bring_up(self):
        """Makes the interface active and asks it to connect."""
        for _ in range(20):
            _, error = self.call(
                self.bound(self.nic.BOOT_MS / 1000 + 60), "active(True)", self.nic.active, True
            )
            if error is None:
                return self.call(5.0, "connect", self.nic.connect, "internet")
            self.idle(5.0)
        self.violate("wedged", "active(True) fails for ever")
        self.check()

    def isconnected(self):
        return self.call(1.0, "isconnected", self.nic.isconnected)[0]

    def online(self, limit):
        """Has the program wait until it is online, connecting again where that failed."""
        start = self.now()
        while not self.isconnected():
            if self.now() - start > limit:
                return False
            if self.nic.status() in (self.nic.STAT_IDLE, self.nic.STAT_CONNECT_FAIL,
                                     self.nic.STAT_NO_SIM):  # fmt: skip
                self.call(5.0, "connect", self.nic.connect, "internet")
            self.idle(1.0)
        return True

    @property
    def context_lost(self):
        return self.module.active.get(self.nic.cid) != "active"

    def read_was_refused(self):
        """Whether the last read was answered with an error."""
        refused = False
        for text in reversed(self.trace):
            words = text.split(None, 1)[1]
            refused = refused or words.startswith(("< ERROR", "< +CME ERROR"))
            if words.startswith("> AT+QIRD="):
                return refused
        return False

    # ---- leftovers ----

    def objects(self):
        return heap.reachable(self.nic, (self, self.line, self.clock, self.module, self.trace))

    def excerpt(self):
        return list(self.trace)


def _traced_back(error):
    lines = traceback.format_exception(type(error), error, error.__traceback__)
    return "%r\n%s" % (error, "".join(lines[-4:-1]))
