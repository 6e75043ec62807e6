"""The plotting library of tools/draw, in .tools/drawing. drawing.txt pins it."""

import os
import shutil
from pathlib import Path

from common import HERE, TOOLS, Stamp, run
from programs import pins

_PINS = HERE / "drawing.txt"
FOLDER = TOOLS / "drawing"
LIBRARY = "pygal"


def install(python):
    """Fill .tools/drawing with the help of this Python's pip; return (folder, version)."""
    stamp = Stamp("drawing", _PINS, Path(__file__))
    if not (stamp.fresh() and FOLDER.is_dir()):
        stamp.clear()
        scratch = TOOLS / ("drawing.%d" % os.getpid())
        shutil.rmtree(scratch, ignore_errors=True)
        try:
            words = [python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile"]
            run([*words, "--require-hashes", "--target", scratch, "--requirement", _PINS])
            shutil.rmtree(FOLDER, ignore_errors=True)
            scratch.rename(FOLDER)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        stamp.set()
    return FOLDER, pins(_PINS)[LIBRARY][0]
