"""MicroPython's unix port, from the system or unpacked from Debian 13 into .tools/unix."""

import shutil
import subprocess
from pathlib import Path

import debian
from common import TOOLS, Stamp, Unavailable, write_script

WRAPPER = TOOLS / "bin" / "micropython"

# What the tests use of the interpreter; a minimal build would fail them one by one instead.
_PROBE = (
    "import asyncio, ffi, mip, requests, select, socket, termios, tls, micropython; "
    "micropython.RingIO"
)


def _usable(command):
    try:
        done = subprocess.run(
            [str(command), "-c", _PROBE],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=60,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def install():
    """Give .tools/bin/micropython; return its path."""
    stamp = Stamp("unix", Path(__file__), Path(debian.__file__))
    if stamp.fresh() and WRAPPER.exists():
        return WRAPPER
    stamp.clear()
    system = shutil.which("micropython")
    if system and _usable(system):
        write_script(WRAPPER, '#!/bin/sh\nexec "%s" "$@"\n' % system)
    else:
        debian.unpack("unix", ["micropython"], {"micropython": "usr/bin/micropython"})
        if not _usable(WRAPPER):
            raise Unavailable("the unpacked micropython does not start here")
    stamp.set()
    return WRAPPER
