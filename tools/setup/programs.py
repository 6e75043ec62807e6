"""MicroPython programs that others wrote, unmodified, in .tools/programs.

The tests run them over the driver. They are packages of pip's registry, pinned in programs.txt.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

from common import HERE, TOOLS, Stamp, Unavailable, run

_PINS = HERE / "programs.txt"
FOLDER = TOOLS / "programs"

# Source archives without a setup.py, made for another installer: the package or the file that each
# holds.
_SOURCES = {
    "micropython-mqtt": "mqtt_async.py",
    "micropython-umqtt.simple": "umqtt",
    "micropython-umqtt.robust": "umqtt",
    "micropython-urequests": "urequests",
}


def pins(path=_PINS):
    """The lines of programs.txt, or of another such file: {name: (version, whole line)}."""
    text = path.read_text().replace("\\\n", " ")
    found = re.findall(r"^(([\w.-]+)==(\S+).*)$", text, re.M)
    return {name: (version, line) for line, name, version in found}


def _unpacked(python, requirement, package, scratch):
    """The path of `package` in a source archive that pip downloads, checks, and unpacks."""
    # pip then finds nothing that it could build, and fails; --no-clean keeps what it unpacked.
    words = [python, "-m", "pip", "download", "--quiet", "--no-clean", "--no-deps"]
    words += ["--no-binary", ":all:", "--no-build-isolation", "--dest", scratch / "dest"]
    done = subprocess.run(
        [str(word) for word in [*words, "--requirement", requirement]],
        check=False,
        env=dict(os.environ, TMPDIR=str(scratch)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    found = sorted(scratch.glob("pip-*/*/" + package))
    if len(found) != 1:
        raise Unavailable("pip did not unpack %s:\n%s" % (package, done.stdout[-1500:]))
    return found[0]


def _install(python, scratch):
    target = scratch / "target"
    for name, (_, line) in pins().items():
        folder = scratch / name
        folder.mkdir(parents=True)
        requirement = folder / "requirement.txt"
        requirement.write_text(line + "\n")
        if name in _SOURCES:
            package = _SOURCES[name]
            source = _unpacked(python, requirement, package, folder)
            if source.is_file():
                target.mkdir(exist_ok=True)
                shutil.copy(source, target)
                continue
            # robust's archive has a link to where its author kept simple.py.
            here = {"dirs_exist_ok": True, "ignore_dangling_symlinks": True}
            shutil.copytree(source, target / package, **here)
        else:
            words = [python, "-m", "pip", "install", "--quiet", "--no-deps", "--target", target]
            run([*words, "--no-compile", "--requirement", requirement])
    return target


def install(python):
    """Fill .tools/programs with the help of this Python's pip; return the folder."""
    stamp = Stamp("programs", _PINS, Path(__file__))
    if stamp.fresh() and FOLDER.is_dir():
        return FOLDER
    stamp.clear()
    scratch = TOOLS / ("programs.%d" % os.getpid())
    shutil.rmtree(scratch, ignore_errors=True)
    try:
        target = _install(python, scratch)
        shutil.rmtree(FOLDER, ignore_errors=True)
        target.rename(FOLDER)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    stamp.set()
    return FOLDER
