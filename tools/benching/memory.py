"""Flash and RAM: the size of each file compiled, and what the heap of the 32-bit port holds."""

from tools import manifest
from tools.benching import ports
from tools.benching.portable import steps
from tools.benching.record import record
from tools.benching.rig import CLASSES, TOP
from tools.packaging import build

BUDGET_MPY = 24 * 1024
BUDGET_RAM = 40 * 1024
BUDGET_MOMENT = "1 in use"  # one TCP socket, its buffers included
MPY_CROSS = build.BIN / "mpy-cross"


def compiled(folder):
    """Compile the driver into `folder`, as tools/package does; {file: bytes}."""
    return build.compiled(folder, manifest.files())


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
