# Copying between buffers without allocating.
#
# On MicroPython a slice that is read allocates, and before 1.26 one that is stored to does as
# well. struct.pack_into does not, but it copies from the start of its source only, and a fixed
# number of bytes: what lies behind the copy is overwritten, so it is used where that is free.

import struct
import sys

from micropython import const

# CPython's struct packs bytes and bytearray only; there slices cost nothing worth saving.
_PACKS = sys.implementation.name == "micropython"
OFFSET_MOST = const(512)  # bytes that one call should copy where it does so one by one
_FORMS = ((16, "16s"), (64, "64s"), (256, "256s"), (512, "512s"), (1024, "1024s"), (1500, "1500s"))


def room(count):
    """A size of a buffer to which up to `count` bytes can be copied at once."""
    for size, _ in _FORMS:
        if count <= size:
            return size
    return count


def put(buf, at, data, start, end):
    """Copy data[start:end] to `buf` from `at` on. What follows there in `buf` is not kept."""
    if not _PACKS:
        buf[at : at + end - start] = memoryview(data)[start:end]
        return
    if not start:
        for size, form in _FORMS:
            if end <= size:
                if at + size > len(buf):
                    break
                struct.pack_into(form, buf, at, data)
                return
    for i in range(start, end):
        buf[at] = data[i]
        at += 1
