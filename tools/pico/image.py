"""What the flash memory of an emulated Pico holds: firmware, ROMFS and the file system.

The sizes are those of board/mpconfigboard.h.
"""

import sys
from pathlib import Path

from tools.pico.found import TOP

VENV = TOP / ".tools" / "venv"
FLASH = 2048 * 1024
FILES = 1216 * 1024  # the file system, at the end
ROMFS = 192 * 1024  # before it
_BLOCK = 4096
_PROGRAM = 256  # bytes that are written at once: what the firmware mounts it with


class TooLarge(Exception):
    """It has no room in the flash memory; the text says what."""


def _littlefs():
    try:
        import littlefs
    except ImportError:  # tools/bench is no program of the environment that has it
        sys.path += [str(path) for path in VENV.glob("lib/python*/site-packages")]
        import littlefs
    return littlefs.LittleFS


def _file_system(files=()):
    # The file system with {path: bytes} in it, or an empty one.
    fs = _littlefs()(
        block_size=_BLOCK,
        block_count=FILES // _BLOCK,
        read_size=32,
        prog_size=_PROGRAM,
        cache_size=_PROGRAM,
        lookahead_size=32,
        disk_version=0x00020000,
    )
    for name, data in sorted(dict(files).items()):
        folder = name.rpartition("/")[0]
        if folder:
            fs.makedirs(folder, exist_ok=True)
        with fs.open(name, "wb") as file:
            file.write(data)
    return fs


def room(files):
    """How many bytes of flash memory {path: bytes} take on the file system, in whole blocks."""
    return (_file_system(files).used_block_count - _file_system().used_block_count) * _BLOCK


def tree(folder, prefix=""):
    """{path on the board: bytes} of all files in a folder, for `build`."""
    folder = Path(folder)
    return {
        prefix + file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and "__pycache__" not in file.parts
    }


def build(firmware, files=None, romfs=b""):
    """The whole flash memory as bytes.

    firmware  the bytes of firmware.bin
    files     {path: bytes} of the file system; None leaves it empty, and the board makes one
    romfs     the bytes of a ROMFS image, as `mpremote romfs build` makes it
    """
    rom_at = FLASH - FILES - ROMFS
    if len(firmware) > rom_at:
        raise TooLarge("the firmware has %d bytes, of %d" % (len(firmware), rom_at))
    if len(romfs) > ROMFS:
        raise TooLarge("the ROMFS image has %d bytes, of %d" % (len(romfs), ROMFS))
    flash = bytearray(b"\xff" * FLASH)
    flash[: len(firmware)] = firmware
    flash[rom_at : rom_at + len(romfs)] = romfs
    if files is not None:
        flash[FLASH - FILES :] = _file_system(files).context.buffer
    return bytes(flash)
