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


def run(image, clock, module=None, paced=True, limit=600, last="done"):
    """Boot a board from a flash image; return what it printed, and its marks.

    image   path of the image, whose main.py ends with printing the line `last`
    clock   a clock of tools.vmodule, which this moves; module: a virtual module of that clock
    paced   False: a byte on the line takes no time
    limit   seconds of the board's time
    """
    module = module or Nothing()
    lines, marks = [], []
    words = found.command("lockstep.mjs", image=str(image), paced=paced, limit=limit)
    with _emulator(words) as process:
        for line in process.stdout:
            kind, _, rest = line.rstrip("\n").partition(" ")
            if kind == "at":
                nanos, _, data = rest.partition(" ")
                process.stdin.write(_answer(module, clock, int(nanos), bytes.fromhex(data)))
                process.stdin.flush()
            elif kind == "mark":
                marks.append(Mark(*map(int, rest.split())))
            elif kind == "say":
                if rest == last:
                    return lines, marks
                lines.append(rest)
            else:
                lines.append(line)
    raise Failure("\n".join(lines))
