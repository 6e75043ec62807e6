"""Talks to the peer of test_board.py over board.uart(), the heap locked while it does."""

import sys

import board
import micropython

uart = board.uart()
buf = bytearray(256)
block = bytearray(100)
for i in range(100):
    block[i] = i


def expect(n):
    """Read exactly n bytes into the front of buf, by offsets that need no slice."""
    data = b""
    while len(data) < n:
        if uart.any():
            got = uart.readinto(buf, n - len(data))
            data += bytes(buf[:got])
    return data


def rounds(n):
    """Send the block in two pieces and check what comes back, n times; bytes received."""
    total = 0
    for _ in range(n):
        sent = 0
        while sent < 100:
            sent += uart.write(block, sent, min(60, 100 - sent)) or 0
        back = 0
        while back < 100:
            got = uart.readinto(buf, 100 - back)
            if got:
                for i in range(got):
                    if buf[i] != back + i:
                        raise ValueError("not what was sent")
                back += got
        total += back
    return total


def locked(n):
    micropython.heap_lock()
    try:
        return rounds(n)
    finally:
        micropython.heap_unlock()


# The greeting may be there already: then nothing is what comes after it.
greeting = expect(7)
print("nothing:", uart.readinto(buf))
print("greeting:", greeting)
print("sent and received:", locked(int(sys.argv[1])))
print("then:", expect(3))
if "pty" in repr(uart) or "/dev/" in repr(uart):
    uart.write(b"x")
try:
    while True:
        uart.any()
except OSError as e:
    print("gone:", type(e).__name__)
print("repr:", "rxbuf=" in repr(uart) and repr(uart).endswith(")"))
