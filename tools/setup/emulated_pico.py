"""An emulated Raspberry Pi Pico in .tools/pico: the emulator from npm, MicroPython's firmware.

The firmware is made of Debian 13's packages with sources, by the ARM compiler of the machine's own
Debian: all unpacked here, nothing installed. The board is that of tools/pico/board.
"""

import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import debian
import npm
from common import TOOLS, TOP, Stamp, Unavailable, run

_PACKAGE = TOP / "tools" / "pico"
FOLDER = TOOLS / "pico"
_HEADER = FOLDER / "build" / "genhdr" / "mpversion.h"  # says which MicroPython was built
FIRMWARE = FOLDER / "firmware.bin"
_OLDEST_NODE = 18
_WANTED = "emulated Pico's firmware"

# Source packages, each with what is needed of it and the folder that it becomes.
_SOURCES = {
    "micropython": (
        ("drivers", "extmod", "lib", "mpy-cross", "ports/rp2", "py", "shared", "tools"),
        FOLDER / "micropython",
    ),
    "mbedtls": (("include", "library"), FOLDER / "micropython" / "lib" / "mbedtls"),
}
# Packages that carry sources, and what is where in them.
_CARRIERS = {
    "pico-sdk-source": ("usr/src/pico-sdk", FOLDER / "pico-sdk"),
    "tinyusb-source": ("usr/src/tinyusb", FOLDER / "micropython" / "lib" / "tinyusb"),
}
_COMPILER = ("gcc-arm-none-eabi", "binutils-arm-none-eabi", "libnewlib-arm-none-eabi")
_NOT_NEEDED = ("*/share/*", "*/plugin/*", "*/lto1", "*/arm/*", "*/thumb/v7*", "*/thumb/v8*")
# What every Debian has, and must not be mixed with that of another day.
_OF_THE_SYSTEM = ("libc6", "libgcc-s1", "libstdc++6", "zlib1g", "libzstd1")


def _replace(source, target):
    shutil.rmtree(target, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    source.rename(target)


def _unpack_source(archive, wanted, target, scratch):
    with tarfile.open(str(archive)) as tar:
        members = []
        for member in tar:
            _, _, inside = member.name.partition("/")
            if inside.startswith(tuple(name + "/" for name in wanted)):
                members.append(member)
        folder = scratch / archive.name
        tar.extractall(str(folder), members)
    _replace(next(folder.iterdir()), target)


def _sources(scratch):
    archive = debian.Archive(scratch / "sources", _WANTED, sources=True)
    files = []
    for package, (wanted, target) in _SOURCES.items():
        file = archive.source(package)
        _unpack_source(file, wanted, target, scratch)
        files.append(file)
    packages = archive.binaries(_CARRIERS)
    for package in packages:
        inside, target = _CARRIERS[package.name.split("_")[0]]
        run(["dpkg-deb", "--extract", package, scratch / package.name])
        _replace(scratch / package.name / inside, target)
    return [file.name.split(".orig")[0] for file in files] + [file.stem for file in packages]


def _unpack_compiler(package, root):
    words = ["tar", "--extract", "--directory", str(root)]
    words += ["--exclude=" + pattern for pattern in _NOT_NEEDED]
    with subprocess.Popen(
        ["dpkg-deb", "--fsys-tarfile", str(package)], stdout=subprocess.PIPE
    ) as deb:
        done = subprocess.run(words, check=False, stdin=deb.stdout)
    if done.returncode or deb.returncode:
        raise Unavailable("%s could not be unpacked" % package.name)


def _compiler(scratch):
    archive = debian.Archive(scratch / "compiler", _WANTED, release=None)
    names = [name for name in archive.with_libraries(_COMPILER) if name not in _OF_THE_SYSTEM]
    root = scratch / "root"
    root.mkdir()
    packages = archive.binaries(names)
    for package in packages:
        _unpack_compiler(package, root)
    # Debian's compiler is told where its C library is by where it was installed itself.
    library = root / "usr" / "lib" / "arm-none-eabi"
    (library / "include").symlink_to("../../include/newlib")
    (library / "lib").symlink_to("newlib")
    # It has no C++ library, which the linker is given though nothing needs it: an empty archive.
    (library / "newlib" / "libstdc++.a").write_text("!<arch>\n")
    _replace(root, FOLDER / "compiler")
    return [package.stem for package in packages if package.name.startswith(_COMPILER[0])]


def _recipe():
    folder = _PACKAGE / "board"
    return [*sorted(folder.iterdir()), _PACKAGE / "firmware.py", Path(__file__)]


def _version():
    for line in _HEADER.read_text().splitlines():
        if "MICROPY_GIT_TAG" in line:
            return "MicroPython %s, rp2 port, emulated Raspberry Pi Pico" % line.split('"')[1]
    raise Unavailable("the firmware has no version")


def install(python):
    """Give .tools/pico/firmware.bin and what runs it; return its path and what it calls itself."""
    npm.install("pico", "rp2040js", _OLDEST_NODE)
    # The folder of the build holds absolute paths: a moved checkout needs a new one.
    stamp = Stamp("pico", *_recipe(), str(FOLDER), str(os.uname().machine))
    if not (stamp.fresh() and FIRMWARE.exists() and _HEADER.exists()):
        debian.check_apt()
        stamp.clear()
        with debian.scratch_folder("pico.new") as scratch:
            versions = _sources(scratch) + _compiler(scratch)
        (FOLDER / "packages.txt").write_text("\n".join(versions) + "\n")
        shutil.rmtree(FOLDER / "build", ignore_errors=True)
        run([python, "-m", "tools.pico.firmware", FIRMWARE], cwd=TOP)
        stamp.set()
    return FIRMWARE, _version()
