"""`tools/soak --board pico`: an emulated Pico beside a virtual module with faults, in lock step,
in virtual time. Its watchdog must never bite."""

import random
import subprocess
import tempfile
import types
from pathlib import Path

from tools.benching import memory
from tools.benching.line import Clock
from tools.pico import image, lockstep
from tools.pico.found import FIRMWARE
from tools.soaking import faults
from tools.soaking.line import Damage
from tools.soaking.module import Damaged
from tools.soaking.real import CLASSES, KINDS, Peer, judge
from tools.vmodule import create
from tools.vmodule import faults as habits
from tools.vmodule.fake import FakeNetwork

_PORTABLE = Path(__file__).resolve().parent / "portable"
_PROGRAM = ("pico_soak", "stream_table")
_PEER = ("192.0.2.2", 80)
_PWRKEY, _RESET = 14, 15  # pins of the board
_FIRST, _MEAN = 15.0, 9.0  # s until the first fault, and between two
_LONGEST = 10.0  # s of silence of the line
_OUTAGES = (2.0, 15.0, 40.0)  # s
_HANGS = ("cfun,error", "reset,silent", "pwrkey,silent", "reset,echo", "pwrkey,error")
_MORE = 7200 + 600  # s of board time beyond the faults: what never comes up again is ended


class _Traced(Damaged):
    """The module as the board's UART has it; all that passes is noted."""

    def __init__(self, module, damage, note):
        super().__init__(module, damage)
        self._note = note

    def feed(self, data):
        self._note("> %r" % data)
        super().feed(data)

    def take(self, limit=None):
        data = super().take(limit)
        if data:
            self._note("< %r" % data)
        return data


class _Far:
    """The peers' side: checks what comes, sends what can be checked, closes now and then."""

    def __init__(self, clock, rnd, note):
        self.network = FakeNetwork({}, clock)
        self.peers = {}  # as real.Server has them
        self.violations = []
        self.note = note
        self.whole = False
        self._clock, self._random = clock, rnd
        self._met = []  # (FakeNetwork's peer, its Peer)
        clock.after.append(self._look)

    def _look(self):
        for peer in self.network.peers[len(self._met) :]:
            checker = Peer(
                self, types.SimpleNamespace(send=lambda data, to=peer: _given(to, data))
            )
            self._met.append((peer, checker))
            self._later(peer, checker)
        for peer, checker in self._met:
            if peer.received:
                data = bytes(peer.received)
                peer.received.clear()
                checker.arrived(data)

    def _later(self, peer, checker):
        delay = self._random.choice((0.05, 0.5, 3.0, 10.0))
        self._clock.call_later(delay, lambda: self._act(peer, checker))

    def _act(self, peer, checker):
        if peer.closed or peer.sink is None:
            return
        checker.give(self._random)
        if not self.whole and self._random.random() < 0.03:
            return peer.close()
        self._later(peer, checker)


def _given(peer, data):
    peer.send(data)
    return len(data)


class _Faults:
    """What strikes, and when, until the board is to be left alone."""

    def __init__(self, module, damage, clock, rnd, note, seconds, kinds):
        self._world = types.SimpleNamespace(
            module=module, damage=damage, clock=clock, random=rnd, note=note,
            network=types.SimpleNamespace(peers=(), bad=None),
        )  # fmt: skip
        self._kinds = kinds
        self._seconds = seconds
        self._hang = None
        self.count = 0
        clock.call_later(_FIRST, self._strike)

    def _strike(self):
        world = self._world
        if world.clock.now() >= self._seconds:
            return
        kind = world.random.choice(self._kinds)
        self.count += 1
        if kind == "coverage":
            self._outage()
        elif kind == faults.HANGS:
            self._hangs()
        else:
            faults.strike(world, kind)
        limit = world.clock.now() + _LONGEST
        damage = world.damage
        damage.dead_until = min(damage.dead_until, limit)
        damage.mute_until = min(damage.mute_until, limit)
        world.clock.call_later(world.random.expovariate(1 / _MEAN), self._strike)

    def _outage(self):
        world = self._world
        world.note("! coverage")
        world.module.set_coverage(False)
        seconds = world.random.choice(_OUTAGES)
        world.clock.call_later(seconds, lambda: world.module.set_coverage(True))

    def _hangs(self):
        world = self._world
        if self._hang:
            world.module.remove_fault(self._hang)
        how = world.random.choice(_HANGS)
        world.note("! hangs: " + how)
        self._hang = world.module.add_fault(habits.make("hang:0," + how))

    def end(self):
        """The line is whole, and the module as healthy as a restart makes it."""
        self._world.damage.clear()
        self._world.module.latency = 0.0
        self._world.module.set_coverage(True)


def _flash(folder, name, seed, seconds):
    lib = folder / "lib"
    memory.compiled(lib)
    files = image.tree(lib, "lib/")
    for program in _PROGRAM:
        out = folder / (program + ".mpy")
        words = [memory.MPY_CROSS, "-s", program + ".py", "-o", out, _PORTABLE / (program + ".py")]
        subprocess.run([str(word) for word in words], check=True)
        files[out.name] = out.read_bytes()
    main = "import pico_soak\npico_soak.main(%r, %d, %d, %r, %d, %d)\n"
    files["main.py"] = (main % (name, seed, seconds, _PEER, _PWRKEY, _RESET)).encode()
    path = folder / "flash.img"
    path.write_bytes(image.build(FIRMWARE.read_bytes(), files))
    return path


def run(key, seed, minutes, kinds=None, tell=lambda note: None):
    """One run of `minutes` of board time with faults, and then until all works again: a list of
    violations, what was counted, and the notes, of each of which `tell` is told."""
    seconds = round(minutes * 60)
    clock = Clock()
    notes = []

    def note(text):
        notes.append("%8.2f %s" % (clock.now(), text))
        tell(notes[-1])

    rnd = random.Random("%s %d" % (key, seed))
    far = _Far(clock, rnd, note)
    module = create(key, far.network, clock, seed=seed)
    damage = Damage(module, clock, rnd, note, lambda data: line.late.extend(data))
    line = _Traced(module, damage, note)
    chosen = list(kinds or (*KINDS, faults.HANGS))
    striking = _Faults(module, damage, clock, rnd, note, seconds, chosen)

    def whole():
        far.whole = True
        striking.end()

    clock.call_later(seconds, whole)
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        flash = _flash(Path(folder), CLASSES[key], seed, seconds)
        pins = {_PWRKEY: module.set_pwrkey, _RESET: module.set_reset}
        with lockstep.board(flash, clock, line, limit=seconds + _MORE, pins=pins) as board:
            try:
                for text in board.lines("done"):
                    lines.append(text)
                    note("program " + text)
                lines.append("done")
            except lockstep.Failure as failure:
                note("board: %s" % failure)
    violations = far.violations + judge(lines, far, True)
    return violations, _total(lines, striking, module), notes


def _total(lines, striking, module):
    told = {words[1]: words for words in map(str.split, lines) if len(words) > 1}
    longest = told.get("longest", ["", "", "?", "?"])
    total = told.get("total", ["", "", "?", "?", "?", "?"])
    return (
        "%d faults, %s calls, up %s down %s bytes, %d restarts of the module, "
        "fed at the latest after %s ms (in %s)" % (
            striking.count, *total[2:5], module.counts["reboot"], longest[2],
            " ".join(longest[3:]))
    )  # fmt: skip
