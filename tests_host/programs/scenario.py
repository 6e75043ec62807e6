"""What the end-to-end programs share: bringing the module online, data, digests, checks.

A program calls `main(globals())`; its first argument names the function to run, which gets the
other arguments as integers where they are digits.
"""

import binascii
import errno
import hashlib
import sys
import time

import board
import quectel

HOST = "127.0.0.1"
LIMIT = 600  # seconds: ends only what hangs


def online(**options):
    """The module, a BG95-S5 if `options` are given, with an address."""
    nic = quectel.BG95S5(board.uart(), **options) if options else board.modem()
    nic.active(True)
    attach(nic)
    return nic


def attach(nic):
    """Connect the interface, and wait until it is."""
    nic.connect("internet")
    while not nic.isconnected():
        if nic.status() < 0:
            raise nic.status("error")
        # A program that waits for isconnected() would wait for ever.
        assert nic.status() != nic.STAT_IDLE, "connect() was forgotten"
        time.sleep_ms(1)


def peer(nic, port, *words):
    """A socket to the TCP peer, which has been told what to do."""
    s = nic.socket()
    s.connect((HOST, port))
    s.sendall(" ".join(str(word) for word in words).encode() + b"\n")
    return s


class Refusals:
    """A trace that knows when a module takes no more data for a connection.

    Kernels still move what is in their buffers after the first refusal. The driver pauses longer
    after each one: when it has met so many in a row, nothing moves any more."""

    MANY = 6

    def __init__(self):
        self._in_a_row = 0

    def __call__(self, line):
        if line.startswith("< SEND OK"):
            self._in_a_row = 0
        elif line.startswith("< SEND FAIL"):
            self._in_a_row += 1

    def full(self):
        """Whether nothing moves any more."""
        return self._in_a_row >= self.MANY


def noise(count, seed):
    """`count` bytes without a period."""
    data = bytearray(count)
    block = b"%d" % seed
    for at in range(0, count, 32):
        block = hashlib.sha256(block).digest()
        data[at : at + 32] = block[: count - at]
    return data


def digest(data):
    """SHA-256 as hex text."""
    return binascii.hexlify(hashlib.sha256(data).digest()).decode()


def same(got, wanted, what=""):
    """AssertionError, telling both, where they differ."""
    if got != wanted:
        raise AssertionError("%s: %r, not %r" % (what, got, wanted))


def raises(*names):
    """The errnos of these names; EPIPE and the like are missing from MicroPython's errno."""
    usual = {"EPIPE": 32, "EISCONN": 106, "ENETUNREACH": 101, "EBUSY": 16, "EMSGSIZE": 90}
    return [getattr(errno, name, usual.get(name)) for name in names]


def failing(names, call, *args):
    """Check that call(*args) raises OSError with one of the errnos `names`; returns it."""
    try:
        result = call(*args)
    except OSError as e:
        if e.args[0] not in raises(*names.split()):
            raise AssertionError("%r, not %s" % (e, names))
        return e
    raise AssertionError("%r, not %s" % (result, names))


def main(scenarios):
    """Run what the arguments name, then print `done`."""
    args = [int(arg) if arg.isdigit() else arg for arg in sys.argv[2:]]
    scenarios[sys.argv[1]](*args)
    print("done")
