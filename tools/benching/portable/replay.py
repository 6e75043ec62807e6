# A module that says what it said in a recording, when the driver says what it said there; and a
# clock that moves when it is slept on, or when somebody looks at an empty line. Nothing here
# allocates while it plays, so that what does is the driver's.

import binascii
import io
import json
import sys

from steps import World

_LOOK_US = 20  # what a look at an empty line stands for
_PERIOD = 1 << 29


class Clock:
    """What the driver uses of `time`."""

    def __init__(self):
        self.us = 0

    def ticks_us(self):
        return self.us % _PERIOD

    def ticks_ms(self):
        return self.us // 1000 % _PERIOD

    def ticks_diff(self, end, start):
        half = _PERIOD // 2
        return (end - start + half) % _PERIOD - half

    def ticks_add(self, ticks, delta):
        return (ticks + delta) % _PERIOD

    def sleep_ms(self, ms):
        self.us += ms * 1000

    def sleep_us(self, us):
        self.us += us

    def sleep(self, seconds):
        self.us += int(seconds * 1000000)

    def time(self):
        return self.us // 1000000


clock = Clock()
real = sys.modules["time"] if "time" in sys.modules else __import__("time")
_WRONG = ValueError("the driver says something else than in the recording")


class Replay:
    """The UART; `strict` compares every byte that the driver says with the recording."""

    def __init__(self, path, strict=True):
        with open(path) as file:
            recording = json.load(file)
        self._sent = binascii.unhexlify(recording["sent"])
        self._down = io.BytesIO(binascii.unhexlify(recording["down"]))
        self._events = recording["events"]
        self._strict = strict
        self._event = 0
        self._written = 0
        self._marks = 0
        self._last = 0
        self._there = 0  # bytes that have come and were not read

    def __repr__(self):
        return "Replay(rxbuf=2048)"

    def mark(self):
        """The steps did something that the module may tell of."""
        self._marks += 1
        self._last = clock.us

    def unlock(self):
        """Everything that the module says in the recording is there to be read."""
        self._written = self._marks = self._last = _PERIOD
        clock.us = 2 * _PERIOD

    def _collect(self):
        events = self._events
        while self._event < len(events):
            event = events[self._event]
            if self._written < event[0] or self._marks < event[1]:
                return
            if clock.us < self._last + event[2]:
                return
            self._there += event[3]
            self._event += 1

    def any(self):
        self._collect()
        if not self._there:
            clock.us += _LOOK_US
        return self._there

    def readinto(self, buf, nbytes=None):
        count = len(buf) if nbytes is None else min(nbytes, len(buf))
        count = self._down.readinto(buf, min(count, self._there))
        self._there -= count
        return count or None

    def write(self, buf, offset=None, size=None):
        if size is None:
            size = len(buf) if offset is None else offset
            offset = 0
        if self._strict:
            self._compare(buf, offset, size)
        self._written += size
        self._last = clock.us
        return size

    def _compare(self, buf, offset, size):
        sent = self._sent
        at = self._written
        if at + size > len(sent):
            raise _WRONG
        for i in range(size):
            if buf[offset + i] != sent[at + i]:
                raise _WRONG


class Outside(World):
    """The peer of a recording has done already what it does: only its time is told."""

    def __init__(self, uart):
        self._uart = uart

    def say(self, count, number=-1):
        self._uart.mark()

    def client(self, port):
        self._uart.mark()

    def datagram(self, count):
        self._uart.mark()

    def close(self):
        self._uart.mark()

    def rest(self, ms):
        clock.us += ms * 1000


def online(nic):
    """Bring the interface up, as the rig did for the recording."""
    nic.active(True)
    nic.connect("internet")
    while not nic.isconnected():
        clock.us += 1000


def line_alone(uart, count, up, down):
    """What the line itself costs: `count` times `up` bytes written and `down` bytes read, in
    pieces of 256, by nobody in particular."""
    uart.unlock()
    buf = bytearray(256)
    for _ in range(count):
        at = 0
        while at < up:
            at += uart.write(buf, 0, min(256, up - at))
        at = 0
        while at < down:
            at += uart.readinto(buf, min(uart.any(), 256, down - at))
