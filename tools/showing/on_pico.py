"""The demo on an emulated Raspberry Pi Pico: mpremote installs the driver and runs programs."""

import tempfile
from pathlib import Path

from tools.pico import found
from tools.showing import steps
from tools.showing.children import Children, Failure
from tools.showing.find import PROGRAM, TOP
from tools.showing.page import PageServer
from tools.showing.view import Traffic

_PYTHON = TOP / ".tools" / "venv" / "bin" / "python"
_BOARD = TOP / "boards" / "rp2"
_FIRST = _BOARD / "first_program.py"
_BAUD = 115200  # of both programs
_SILENCE = 300  # s without a word that count as a hang: the board may be slow
_PIN = "pwrkey=Pin(14, Pin.OUT)"


class _Bench:
    """Commands of the checkout that are shown while they run."""

    def __init__(self, screen, children):
        self._screen = screen
        self._children = children

    def start(self, name, *words):
        """A program of the set-up's Python."""
        words = [str(_PYTHON), *(str(word) for word in words)]
        return self._children.start(name, words, steps.environment(), str(TOP))

    def mpremote(self, repl, *words):
        """Show the command, and start it."""
        words = ("connect", repl, *words)
        self._screen.line("")
        self._screen.step("mpremote " + " ".join(str(word) for word in words))
        return self.start("mpremote", found.HERE / "patient_mpremote.py", *words)


def _with_trace(folder):
    """The README's first program, with the one change that shows the AT traffic."""
    text = _FIRST.read_text(encoding="utf-8")
    if _PIN not in text:
        raise Failure("%s does not have %s any more" % (_FIRST, _PIN))
    program = folder / _FIRST.name
    program.write_text(text.replace(_PIN, _PIN + ", trace=print"), encoding="utf-8")
    return program


def _install(bench, screen, repl, folder):
    package = folder / "package"
    screen.line("")
    screen.step("tools/package %s --dialect bg95" % package)
    child = bench.start("tools/package", TOP / "tools" / "package", package, "--dialect", "bg95")
    steps.watch(child, Traffic(None), _SILENCE, lambda line: screen.line("    " + line))
    files = []

    def say(line):
        if line.startswith("Installing: "):
            files.append(line)
            screen.passing("    " + line)
        else:
            screen.line("    " + line)

    child = bench.mpremote(repl, "mip", "install", package / "package.json")
    steps.watch(child, Traffic(None), _SILENCE, say)
    screen.line("    %d files are installed" % len(files))


def show(screen, args, signals):
    """The whole demo on the Pico; returns the exit code."""
    reason = found.missing()
    if reason:
        raise Failure("there is no emulated Pico here: " + reason)
    with tempfile.TemporaryDirectory() as name, PageServer(args.damage) as server:
        folder = Path(name)
        with Children(signals) as children:
            bench = _Bench(screen, children)
            modem = steps.start_module(children, server.port, args.latency)
            words = ("-m", "tools.pico", "--uart1", modem.partition(":")[2])
            line = bench.start("the Pico", *words).line(_SILENCE)
            if not line or not line.startswith("mpremote connect "):
                raise Failure("the Pico did not start: %s" % line)
            repl = line.split()[-1]
            screen.line("board      %s, REPL at %s" % (found.version(), repl))
            screen.line("module     virtual BG95-S5 at its UART1, answers after %g ms"
                        % args.latency)  # fmt: skip
            screen.line("server     http://127.0.0.1:%d, which the module knows as %s and %s"
                        % (server.port, steps.FIRST_HOST, steps.HOST))  # fmt: skip
            _install(bench, screen, repl, folder)
            child = bench.mpremote(repl, "run", _with_trace(folder))
            traffic = Traffic(None if args.quiet else screen)
            steps.watch(child, traffic, _SILENCE, lambda line: screen.line("    " + line))
            words = ("cp", _BOARD / "board.py", ":", "+", "run", PROGRAM)
            child = bench.mpremote(repl, *words)
            facts, traffic = steps.fetch(child, screen, args.quiet, _SILENCE)
    return steps.report(screen, _BAUD, server, facts, traffic)
