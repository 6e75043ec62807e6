"""Debian 13's packages, unpacked beside the system with the libraries that they need.

They are started through the loader that came with them: nothing of the machine is changed, and no
root is needed. The package sources are the machine's own, with the release's name replaced.
"""

import contextlib
import os
import re
import shutil

from apt_sources import os_release, rewritten, with_sources
from common import TOOLS, Unavailable, is_root, run, write_script

RELEASE = "trixie"

_SCRIPT = """#!/bin/sh
# Starts an unpacked program through the loader that came with it.
here=$(cd "$(dirname "$(readlink -f "$0")")/../%(folder)s" && pwd)
exec "$here/%(loader)s" --library-path "$here/%(libraries)s" "$here/%(program)s" "$@"
"""

_DEPENDS = re.compile(r"^[ |]*(?:Pre)?Depends: ([a-z0-9.+-]+)$", re.M)


def _apt_options(scratch, sources):
    options = [
        "Dir::Etc::sourcelist=%s" % sources,
        "Dir::Etc::sourceparts=/dev/null",
        "Dir::State::Lists=%s" % (scratch / "lists"),
        "Dir::Cache=%s" % (scratch / "cache"),
        "APT::Get::List-Cleanup=0",
        "Acquire::Languages=none",
        "Acquire::Retries=3",
        "pkgCacheGen::Essential=none",
    ]
    if is_root():
        # Otherwise apt downloads as its own user, who may not write into the checkout.
        options.append("APT::Sandbox::User=root")
    return [word for option in options for word in ("-o", option)]


def _write_sources(folder, wanted, release, sources):
    system = os_release()
    codename = system.get("VERSION_CODENAME")
    if system.get("ID") != "debian" or not codename:
        raise Unavailable(
            "not found on this machine, and it is not Debian (Ubuntu: apt-get install %s)" % wanted
        )
    modern, old = rewritten(codename, release or codename)
    if not modern and not old:
        raise Unavailable("no entry of %s found in /etc/apt" % codename)
    if sources:
        modern, old = with_sources(modern, old)
    path = folder / ("wanted.sources" if modern else "wanted.list")
    path.write_text(modern or old)
    return path


def _with_libraries(options, packages):
    """These packages and the libraries they need, by name: the same on every architecture.

    What else they depend on (users, init scripts) is for a daemon of the system.
    """
    names, new = [], list(packages)
    while new:
        names += new
        found = _DEPENDS.findall(run(["apt-cache", *options, "depends", *new]))
        libraries = {name for name in found if name.startswith(("lib", "zlib"))}
        new = sorted(libraries.difference(names))
    return names


class Archive:
    """The packages of one release; nothing is installed.

    wanted   what they are for, for people
    release  None: the machine's own
    sources  whether `source` is wanted too
    """

    def __init__(self, scratch, wanted, release=RELEASE, sources=False):
        for name in ("lists/partial", "cache/archives/partial", "files"):
            (scratch / name).mkdir(parents=True)
        self._options = _apt_options(scratch, _write_sources(scratch, wanted, release, sources))
        self._files = scratch / "files"
        run(["apt-get", *self._options, "update", "-qq"])

    def with_libraries(self, packages):
        """These packages and the libraries they need, by name."""
        return _with_libraries(self._options, packages)

    def _get(self, *words):
        try:
            run(["apt-get", *self._options, "-qq", *words], cwd=self._files)
        except Unavailable as reason:
            # apt's update tells of no failure: without a network, packages are unknown only now.
            what = "apt-get %s failed (is Debian's archive in reach?): %s"
            raise Unavailable(what % (" ".join(words), reason)) from None

    def binaries(self, packages):
        """Download packages; their files."""
        self._get("download", *packages)
        return sorted(self._files.glob("*.deb"))

    def source(self, package):
        """Download the source of a package; the archive of what its authors made."""
        self._get("source", "--download-only", package)
        found = sorted(self._files.glob(package + "_*.orig.tar.*"))
        if len(found) != 1:
            raise Unavailable("apt-get source %s gave no archive" % package)
        return found[0]


def check_apt():
    """Debian's tools are there."""
    if not all(shutil.which(name) for name in ("apt-get", "apt-cache", "dpkg-deb")):
        raise Unavailable("not found on this machine, and no apt to get it with")


@contextlib.contextmanager
def scratch_folder(name):
    """A folder in .tools that is gone afterwards."""
    scratch = TOOLS / ("%s.%d" % (name, os.getpid()))
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _loader_and_libraries(root):
    """The loader and the library folder of whatever architecture was unpacked."""
    loaders = sorted(root.glob("usr/lib*/ld-linux*.so*")) or sorted(
        root.glob("usr/lib/*/ld-linux*.so*")
    )
    libraries = sorted(root.glob("usr/lib/*/libc.so.6"))
    if not loaders or not libraries:
        raise Unavailable("the unpacked packages hold no loader or no C library")
    return loaders[0].relative_to(root), libraries[0].parent.relative_to(root)


def unpack(folder, packages, programs):
    """Unpack `packages` into .tools/`folder`; start `programs` (name: path) by .tools/bin/NAME."""
    check_apt()
    with scratch_folder(folder) as scratch:
        archive = Archive(scratch, " ".join(packages))
        root = scratch / "root"
        root.mkdir()
        for package in archive.binaries(archive.with_libraries(packages)):
            run(["dpkg-deb", "--extract", package, root])
        loader, libraries = _loader_and_libraries(root)
        shutil.rmtree(TOOLS / folder, ignore_errors=True)
        root.rename(TOOLS / folder)
    for name, path in programs.items():
        words = {"folder": folder, "loader": loader, "libraries": libraries, "program": path}
        write_script(TOOLS / "bin" / name, _SCRIPT % words)
