"""MicroPython's unix port, from the system or unpacked from Debian 13 into .tools/unix.

The packages are unpacked beside the system, with their own C library, and started through
their own loader: nothing of the machine is changed, and no root is needed.
"""

import os
import shutil
import subprocess
from pathlib import Path

from apt_sources import os_release, rewritten
from common import TOOLS, Stamp, Unavailable, is_root, run, write_script

_RELEASE = "trixie"
FOLDER = TOOLS / "unix"
WRAPPER = TOOLS / "bin" / "micropython"

# What the tests use of the interpreter; a minimal build would fail them one by one instead.
_PROBE = "import asyncio, ffi, select, socket, termios, tls, micropython; micropython.RingIO"

_SCRIPT = """#!/bin/sh
# Starts the unpacked MicroPython through the loader that came with it.
here=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
exec "$here/unix/%s" --library-path "$here/unix/%s" "$here/unix/usr/bin/micropython" "$@"
"""


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


def _apt_options(lists, cache, sources):
    options = [
        "Dir::Etc::sourcelist=%s" % sources,
        "Dir::Etc::sourceparts=/dev/null",
        "Dir::State::Lists=%s" % lists,
        "Dir::Cache=%s" % cache,
        "APT::Get::List-Cleanup=0",
        "Acquire::Languages=none",
        "Acquire::Retries=3",
        "pkgCacheGen::Essential=none",
    ]
    if is_root():
        # Otherwise apt downloads as its own user, who may not write into the checkout.
        options.append("APT::Sandbox::User=root")
    return [word for option in options for word in ("-o", option)]


def _write_sources(folder):
    release = os_release()
    codename = release.get("VERSION_CODENAME")
    if release.get("ID") != "debian" or not codename:
        raise Unavailable(
            "no usable micropython in PATH, and this is not Debian "
            "(Ubuntu: apt-get install micropython)"
        )
    modern, old = rewritten(codename, _RELEASE)
    if not modern and not old:
        raise Unavailable("no entry of %s found in /etc/apt" % codename)
    path = folder / ("wanted.sources" if modern else "wanted.list")
    path.write_text(modern or old)
    return path


def _dependencies(options):
    """micropython and all that it needs, by name: the same on every architecture."""
    command = ["apt-cache", *options, "depends", "--recurse", "--no-recommends"]
    command += ["--no-suggests", "--no-conflicts", "--no-breaks", "--no-replaces"]
    text = run([*command, "--no-enhances", "micropython"])
    names = {line.strip() for line in text.splitlines() if line and not line[0].isspace()}
    return sorted(name for name in names if not name.startswith("<"))


def _unpack(scratch):
    """Download the packages and unpack them; return the folder that became their root."""
    for name in ("lists/partial", "cache/archives/partial", "debs", "root"):
        (scratch / name).mkdir(parents=True)
    options = _apt_options(scratch / "lists", scratch / "cache", _write_sources(scratch))
    run(["apt-get", *options, "update", "-qq"])
    names = _dependencies(options)
    run(["apt-get", *options, "download", "-qq", *names], cwd=scratch / "debs")
    for package in sorted((scratch / "debs").glob("*.deb")):
        run(["dpkg-deb", "--extract", package, scratch / "root"])
    return scratch / "root"


def _loader_and_libraries(root):
    """The loader and the library folder of whatever architecture was unpacked."""
    loaders = sorted(root.glob("usr/lib*/ld-linux*.so*")) or sorted(
        root.glob("usr/lib/*/ld-linux*.so*")
    )
    libraries = sorted(root.glob("usr/lib/*/libc.so.6"))
    if not loaders or not libraries:
        raise Unavailable("the unpacked packages hold no loader or no C library")
    return loaders[0].relative_to(root), libraries[0].parent.relative_to(root)


def _from_debian():
    if not all(shutil.which(name) for name in ("apt-get", "apt-cache", "dpkg-deb")):
        raise Unavailable("no usable micropython in PATH, and no apt to get one with")
    scratch = TOOLS / ("unix.%d" % os.getpid())
    shutil.rmtree(scratch, ignore_errors=True)
    try:
        root = _unpack(scratch)
        loader, libraries = _loader_and_libraries(root)
        shutil.rmtree(FOLDER, ignore_errors=True)
        root.rename(FOLDER)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    write_script(WRAPPER, _SCRIPT % (loader, libraries))


def install():
    """Give .tools/bin/micropython; return its path."""
    stamp = Stamp("unix", Path(__file__), _RELEASE)
    if stamp.fresh() and WRAPPER.exists():
        return WRAPPER
    stamp.clear()
    system = shutil.which("micropython")
    if system and _usable(system):
        write_script(WRAPPER, '#!/bin/sh\nexec "%s" "$@"\n' % system)
    else:
        _from_debian()
        if not _usable(WRAPPER):
            raise Unavailable("the unpacked micropython does not start here")
    stamp.set()
    return WRAPPER
