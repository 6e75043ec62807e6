"""Entries in files that only grow, for flash_queue.py: a loss of power may tear the last one only.

An entry is a number, a length, a CRC-32 of both and of the bytes behind them, and these. It is a
message, or a state, which tells of the messages before it. A file is read up to the first entry
that is not whole.
"""

import binascii
import struct

try:
    from os import fsync  # a PC's; MicroPython's files bring all to the flash by `flush`
except ImportError:
    fsync = id

HEADER_SIZE = 10
STATE = 0x8000  # beside the length: the entry is a state


def entry(number: int, data: bytes, kind: int = 0) -> bytes:
    """The bytes of an entry; `kind` is 0 or STATE."""
    head = struct.pack("<IH", number, kind | len(data))
    return head + struct.pack("<I", binascii.crc32(data, binascii.crc32(head))) + data


def entries(path: str):
    """(number, kind, data, where it ends) of each entry of a file, until one is not whole."""
    with open(path, "rb") as file:
        found = file.read()
    at = 0
    while at + HEADER_SIZE <= len(found):
        number = int.from_bytes(found[at : at + 4], "little")
        length = int.from_bytes(found[at + 4 : at + 6], "little")
        end = at + HEADER_SIZE + (length & ~STATE)
        data = found[at + HEADER_SIZE : end]
        if found[at:end] != entry(number, data, length & STATE):
            break
        yield number, length & STATE, data, end
        at = end


def store(path: str, data: bytes):
    """Put entries behind those of a file; returns when they are in the flash."""
    with open(path, "ab") as file:
        file.write(data)
        file.flush()
        fsync(file)
