"""What a board must have before something is installed, and what to do where it has not."""

import ast
import json
from pathlib import Path
from typing import NamedTuple

from tools.packaging.build import OLDEST

TOP = Path(__file__).resolve().parent.parent.parent
BOARDS = TOP / "boards"
FIGURES = TOP / "tools" / "bench_figures.json"

COMPILED = (
    "Install it compiled (.mpy), which needs less: tools/package out --dialect NAME, and then "
    "--package out/package.json."
)

# Exit codes; argparse has 2.
FAILED, ARGUMENTS, NO_MPREMOTE, NO_BOARD, WRONG_BOARD, OLD, NO_MEMORY, FULL, NO_LIGHT = range(
    1, 10
)


class Trouble(Exception):
    """Why it cannot go on, what to do, and the exit code."""

    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


class Facts(NamedTuple):
    """What portable/facts.py tells of a board: sizes in bytes.

    heap   free memory
    block  of the file system, `room` what is free there
    lib    the folder that mip installs into, `held` what an installed driver takes there
    main   whether it has a main.py
    """

    platform: str
    machine: str
    version: list
    heap: int
    block: int
    room: int
    lib: str
    held: int
    main: bool

    def release(self):
        """The version as people write it."""
        return ".".join(map(str, self.version))

    def described(self):
        """All of it in a line, for people."""
        return "%s: MicroPython %s, %d KB of memory free, room for %d KB of files%s%s" % (
            self.machine,
            self.release(),
            self.heap // 1024,
            self.room // 1024,
            ", a driver of %d KB" % (self.held // 1024) if self.held else "",
            ", a main.py" if self.main else "",
        )


class Folder(NamedTuple):
    """A folder with a board.py for the boards of one sys.platform."""

    path: Path
    platform: str

    def files(self, with_main):
        """What goes onto the board: every .py, main.py only if asked for."""
        return [
            path for path in sorted(self.path.glob("*.py")) if with_main or path.name != "main.py"
        ]


def _platform(path):
    # PLATFORM of a board.py, which only its board can execute.
    for statement in ast.parse(path.read_text(encoding="utf-8"), str(path)).body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "PLATFORM":
            return ast.literal_eval(statement.value)
    return None


def names():
    """The folders of boards/ that are for a microcontroller, {name: platform}."""
    found = {path.parent.name: _platform(path) for path in sorted(BOARDS.glob("*/board.py"))}
    return {name: platform for name, platform in found.items() if platform}


def folder(word):
    """The Folder that a name of boards/ or a path means."""
    known = names()
    path = BOARDS / word if word in known else Path(word).resolve()
    if not (path / "board.py").is_file():
        raise Trouble(
            ARGUMENTS,
            "there is no board %s. Name one of %s, or a folder with a board.py of your own."
            % (word, ", ".join(known)),
        )
    platform = _platform(path / "board.py")
    if not platform:
        raise Trouble(
            ARGUMENTS,
            '%s does not say which boards it is for. Add a line such as PLATFORM = "rp2": what '
            "sys.platform is on the board. (A PC needs nothing installed: see boards/unix.)"
            % (path / "board.py"),
        )
    return Folder(path, platform)


class Package(NamedTuple):
    """A package.json of the driver: sizes in bytes of its files, and whether all are .mpy."""

    path: Path
    sizes: list
    compiled: bool

    def blocks(self, block):
        """Bytes of the whole blocks that it takes on a file system."""
        return sum(-(-size // block) * block for size in self.sizes)


def package(path):
    """The Package that a package.json lists."""
    try:
        urls = json.loads(path.read_text(encoding="utf-8"))["urls"]
        sizes = [(path.parent / source).stat().st_size for _, source in urls]
    except (OSError, ValueError, KeyError) as e:
        raise Trouble(ARGUMENTS, "%s is no package that mip can install: %s" % (path, e)) from None
    return Package(path, sizes, all(target.endswith(".mpy") for target, _ in urls))


def least_heap(compiled):
    """Bytes that must be free, as tools/bench has measured them on an emulated Pico."""
    figures = json.loads(FIGURES.read_text())
    form = ".mpy" if compiled else ".py"
    return figures["pico memory: least free heap, %s on the file system: bytes" % form]


def right_board(facts, wanted):
    """Trouble if the board is not one that the Folder is for."""
    if facts.platform != wanted.platform:
        fitting = [name for name, platform in names().items() if platform == facts.platform]
        advice = "Say tools/deploy %s." % " or ".join(fitting)
        if not fitting:
            advice = "No folder of boards/ is for it: copy the nearest one, and change its pins."
        raise Trouble(
            WRONG_BOARD,
            "%s is for a board of %s, and this is %s (%s). %s"
            % (wanted.path.name, wanted.platform, facts.machine, facts.platform, advice),
        )


def new_enough(facts):
    """Trouble if the board's MicroPython is older than the driver's oldest."""
    if tuple(facts.version) < OLDEST:
        raise Trouble(
            OLD,
            "MicroPython %s is too old: the driver needs %d.%d or newer. Install a newer firmware "
            "for %s: MicroPython's download page has it."
            % (facts.release(), *OLDEST, facts.machine),
        )


def enough_memory(facts, driver):
    """Trouble if the driver could not be loaded."""
    least = least_heap(driver.compiled)
    if facts.heap < least:
        advice = "Take a board with more memory, or build the driver into its firmware."
        if not driver.compiled:
            advice = "%s Or: %s" % (COMPILED, advice)
        raise Trouble(
            NO_MEMORY,
            "%d KB of memory are free on the board: the driver needs %d KB in this form. %s"
            % (facts.heap // 1024, -(-least // 1024), advice),
        )


def enough_room(facts, driver):
    """Trouble if the driver does not fit onto the file system."""
    need = driver.blocks(facts.block)
    room = facts.room + facts.held
    if room < need:
        raise full(
            "The board's file system has room for %d KB, and the driver takes %d KB."
            % (room // 1024, -(-need // 1024))
        )


def full(text):
    """The Trouble of a file system without room."""
    return Trouble(
        FULL,
        text
        + " Delete files that you do not need (mpremote ls :, mpremote rm :NAME). "
        + COMPILED,
    )
