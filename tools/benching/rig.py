"""The driver and the virtual module in this process, in virtual time.

Time passes as line.py says. So a figure is the same on every machine.
"""

import importlib.abc
import importlib.machinery
import collections
import sys
from pathlib import Path

from tools.benching.line import Clock, Line
from tools.vmodule import create
from tools.vmodule.fake import FakeNetwork

TOP = Path(__file__).resolve().parent.parent.parent
ADDRESS = ("192.0.2.2", 80)
_HOST = "example.com"
_PERIOD = 1 << 30
_FIRST = 0.1  # s for a URC to arrive

CLASSES = {
    "bc95": "BC95GR",
    "bc20": "BC20",
    "bg95": "BG95S5",
    "bc25": "BC25",
    "rm500u": "RM500U",
}


class Time:
    """What the driver takes for the module `time`: the clock of the rig that is at work."""

    clock = None

    def ticks_us(self):
        return round(self.clock.now() * 1e6) % _PERIOD

    def ticks_ms(self):
        # A nanosecond more: 0.003 is a little less than that in binary.
        return int((self.clock.now() + 1e-9) * 1000) % _PERIOD

    def ticks_add(self, ticks, delta):
        return (ticks + delta) % _PERIOD

    def ticks_diff(self, end, start):
        return (end - start + _PERIOD // 2) % _PERIOD - _PERIOD // 2

    def sleep_ms(self, ms):
        self.clock.advance(ms / 1000)

    def sleep_us(self, us):
        self.clock.advance(us / 1e6)

    def sleep(self, seconds):
        self.clock.advance(seconds)

    def time(self):
        return int(self.clock.now())


TIME = Time()


def use(clock):
    """The driver sees the time of `clock` from now on."""
    TIME.clock = clock


class _Timed(importlib.abc.MetaPathFinder):
    """Gives every file of the driver the rig's `time`, whenever it is imported: some are imported
    late, and more than once. All other files have the machine's."""

    def find_spec(self, name, path, target=None):
        if name.partition(".")[0] != "quectel":
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def executed(module):
                execute(module)
                if "time" in vars(module):
                    module.time = TIME

            spec.loader.exec_module = executed
        return spec


def _load():
    for folder in (TOP / "tests_host" / "shim", TOP / "lib"):
        if str(folder) not in sys.path:
            sys.path.insert(0, str(folder))
    sys.meta_path.insert(0, _Timed())
    for file in sorted((TOP / "lib" / "quectel").rglob("*.py")):
        name = ".".join(file.relative_to(TOP / "lib").with_suffix("").parts)
        importlib.import_module(name.removesuffix(".__init__"))
    return sys.modules["quectel"]


quectel = _load()


class Network(FakeNetwork):
    """One whose connections may take a while."""

    def __init__(self, clock):
        super().__init__({_HOST: [ADDRESS[0]]}, clock)
        self.connect_time = 0.0

    def connect(self, ip, port, local_port, sink):
        if not self.connect_time:
            return super().connect(ip, port, local_port, sink)
        self.hanging.add((ip, port))
        stream = super().connect(ip, port, local_port, sink)
        self.hanging.discard((ip, port))

        def done():
            self.peers.append(stream.peer)
            sink.connected(0)

        self.clock.call_later(self.connect_time, done)
        return stream


class _Pin:
    """A pin of the module, as the driver drives it."""

    def __init__(self, drive):
        self.value = drive


class Rig:
    """The driver online on a module of the dialect `key`: `nic`, `line`, `module`, `network`.

    latency: seconds that the module thinks before each answer. log: the lines of a trace, which
    `trace` gets too. pins: names of those that are wired."""

    def __init__(
        self, key, baud=None, latency=0.0, line=Line, pins=(), trace=lambda line: None, **options
    ):
        self.clock = Clock()
        use(self.clock)
        self.network = Network(self.clock)
        self.module = create(key, self.network, self.clock)
        self.line = line(self.module, self.clock, baud, **options)
        self.log = []
        wired = {name: _Pin(getattr(self.module, "set_" + name)) for name in pins}

        def traced(text):
            self.log.append(text)
            trace(text)

        self.nic = getattr(quectel, CLASSES[key])(self.line, trace=traced, **wired)
        self.nic.active(True)
        self.nic.connect("internet")
        while not self.nic.isconnected():
            assert self.nic.status() >= 0, self.nic.status("error")
            self.clock.advance(0.001)
        self.module.latency = latency

    def now(self):
        return self.clock.now()

    def exchanges(self):
        """AT commands that the module has got so far."""
        return self.module.counts["command"]

    def commands(self):
        """The names of the commands in the trace, counted; forgets them."""
        names = [line[2:].split("=")[0] for line in self.log if line.startswith("> AT+")]
        self.log.clear()
        return collections.Counter(names)

    def connected(self):
        """A TCP socket, and the Peer at its other end."""
        s = self.nic.socket()
        s.connect(ADDRESS)
        return s, self.network.peers[-1]

    def idle(self, seconds=_FIRST):
        """Let the line fall silent, as a program that does something else and looks now and
        then."""
        end = self.now() + seconds
        while self.now() < end:
            self.nic.poll()
            self.clock.advance(0.001)

    def feed(self, peer, data, piece):
        """The peer sends `data` in pieces, each once the module has room for it: so a module
        that keeps pieces apart has one for each read."""
        left = [data[at : at + piece] for at in range(0, len(data), piece)]

        def pump():
            while left and not peer.unread and peer.sink and peer.sink.room() > len(left[0]):
                peer.send(left.pop(0))

        self.clock.after.append(pump)
        pump()
