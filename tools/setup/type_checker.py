"""The type checker pyright, and by what it knows MicroPython's modules: each port's stubs.

The ports' stubs have files of the same names, so each port has a folder of its own in
.tools/stubs, as an editor's project has. stubs.txt pins them.
"""

import os
import shutil
from pathlib import Path

import npm
from common import HERE, TOOLS, Stamp, run
from programs import pins

_PINS = HERE / "stubs.txt"
_COMMON = "micropython-stdlib-stubs"  # what every port's stubs stand on
FOLDER = TOOLS / "stubs"


def ports():
    """{port: its package}."""
    names = [name for name in pins(_PINS) if name != _COMMON]
    return {name.split("-")[1]: name for name in names}


def _install_stubs(python, scratch):
    pinned = pins(_PINS)
    for port, name in ports().items():
        scratch.mkdir(exist_ok=True)
        requirement = scratch / (port + ".txt")
        requirement.write_text("%s\n%s\n" % (pinned[name][1], pinned[_COMMON][1]))
        words = [python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile"]
        run([*words, "--target", scratch / port, "--requirement", requirement])
        requirement.unlink()


def install_stubs(python):
    """Fill .tools/stubs; return {port: (folder, version)}."""
    stamp = Stamp("stubs", _PINS, Path(__file__))
    if not (stamp.fresh() and FOLDER.is_dir()):
        stamp.clear()
        scratch = TOOLS / ("stubs.%d" % os.getpid())
        shutil.rmtree(scratch, ignore_errors=True)
        try:
            _install_stubs(python, scratch)
            shutil.rmtree(FOLDER, ignore_errors=True)
            scratch.rename(FOLDER)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        stamp.set()
    return {port: (FOLDER / port, pins(_PINS)[name][0]) for port, name in ports().items()}


def install_checker():
    """The file that Node runs."""
    return npm.install("pyright", "pyright", 14) / "index.js"
