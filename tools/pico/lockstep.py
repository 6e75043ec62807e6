"""An emulated Pico beside a virtual module in this process, in virtual time: see lockstep.mjs.

What is measured so is the same to the instruction on every machine.
"""

import collections
import contextlib
import subprocess

from tools.pico import found

Mark = collections.namedtuple("Mark", "number instructions cycles nanos")


class Failure(Exception):
    """The board's program did not run to its end; the text is what the board printed."""


class Nothing:
    """At the other end of UART1 there is nobody."""

    def feed(self, data):
        """Nobody hears it."""

    def take(self):
        return b""


def _answer(module, clock, nanos, data):
    clock.advance(max(0.0, nanos / 1e9 - clock.now()))
    if data:
        module.feed(data)
    clock.run_due()
    out = module.take()
    wait = clock.until_next()
    due = 0 if wait is None else max(nanos + 1, round((clock.now() + wait) * 1e9 + 0.5))
    return "%s %d\n" % (out.hex(), due)


@contextlib.contextmanager
def _emulator(words):
    process = subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


class Board:
    """A board that runs while somebody waits for what it prints. `marks` are its marks so far."""

    def __init__(self, process, clock, module, pins):
        self._pins = pins
        self._process = process
        self._clock = clock
        self._module = module
        self.marks = []

    def wait_for(self, last):
        """The lines that the board prints, up to one that is `last`, which is not among them."""
        return list(self.lines(last))

    def lines(self, last):
        """The same one by one, each as it is printed."""
        lines = []
        for line in self._process.stdout:
            kind, _, rest = line.rstrip("\n").partition(" ")
            if kind == "at":
                nanos, _, data = rest.partition(" ")
                self._tell(_answer(self._module, self._clock, int(nanos), bytes.fromhex(data)))
            elif kind == "pin":
                nanos, number, level = map(int, rest.split())
                self._clock.advance(max(0.0, nanos / 1e9 - self._clock.now()))
                self._pins[number](bool(level))
            elif kind == "mark":
                self.marks.append(Mark(*map(int, rest.split())))
            elif kind == "say":
                if rest == last:
                    return
                lines.append(rest)
                yield rest
            else:
                lines.append(line)
        raise Failure("\n".join(lines))

    def type(self, line):
        """What the program reads that has printed `asks`; the board has stood still since."""
        self._tell((line + "\n").encode().hex() + "\n")

    def _tell(self, text):
        self._process.stdin.write(text)
        self._process.stdin.flush()


@contextlib.contextmanager
def board(image, clock, module=None, paced=True, limit=600, asks=None, pins=None, cuts=()):
    """Boot a board from a flash image; it ends when the block does.

    image   path of the image
    clock   a clock of tools.vmodule, which this moves; module: a virtual module of that clock
    paced   False: a byte on the line takes no time
    limit   seconds of the board's time
    asks    the line that a program prints before it reads one from the REPL
    pins    {number of a pin of the board: what is called with True when the program drives it
            high, and with False when it does not any more}
    cuts    after how many bytes of the flash, written or erased, the power goes, counted anew each
            time; the board prints `power lost` then, and starts again with what the flash has
    """
    options = {"paced": paced, "limit": limit, "asks": asks}
    options.update(pins=list(pins or ()), cuts=list(cuts))
    words = found.command("lockstep.mjs", image=str(image), **options)
    with _emulator(words) as process:
        yield Board(process, clock, module or Nothing(), pins)


def run(image, clock, module=None, **options):
    """Boot a board whose main.py ends with printing the line `done`; return what it printed, and
    its marks. The options are those of board."""
    with board(image, clock, module, **options) as running:
        return running.wait_for("done"), running.marks
