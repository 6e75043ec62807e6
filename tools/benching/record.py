"""What the line carries while the virtual module and the driver do the steps of portable/steps.py,
written down so that an interpreter without the virtual module can play the module's side."""

import binascii
import json

from tools.benching.portable import steps
from tools.benching.rig import ADDRESS, Line, Rig

_CLIENT = ("192.0.2.9", 40000)


class _Recording(Line):
    """A line without a pace that notes what goes over it.

    An event is (bytes that the driver had written, marks that the steps had set, microseconds
    since the last of either, how many bytes the module then said)."""

    def __init__(self, module, clock, baud=None, **options):
        self.sent = bytearray()
        self.heard = bytearray()
        self.events = []
        self.marks = 0
        self._clock = clock
        self._last = clock.now()
        super().__init__(module, clock, None, **options)

    def write(self, buf, offset=None, size=None):
        if size is None:
            offset, size = 0, len(buf) if offset is None else offset
        self.sent += memoryview(buf)[offset : offset + size]
        self._last = self._clock.now()
        return super().write(buf, offset, size)

    def mark(self):
        self.marks += 1
        self._last = self._clock.now()

    def said(self, data):
        wait = round((self._clock.now() - self._last) * 1e6)
        self.events.append((len(self.sent), self.marks, wait, len(data)))
        self.heard += data


class _World(steps.World):
    """The network of the rig, for the steps; every act is a mark in the recording."""

    def __init__(self, rig):
        self._rig = rig

    def say(self, count, number=-1):
        self._rig.line.mark()
        self._rig.network.peers[number].send(steps.noise(count))

    def client(self, port):
        self._rig.line.mark()
        self._rig.network.incoming(port, *_CLIENT)

    def datagram(self, count):
        self._rig.line.mark()
        for port in self._rig.network.sockets:
            self._rig.network.datagram(port, steps.noise(count), *ADDRESS)

    def close(self):
        self._rig.line.mark()
        self._rig.network.peers[-1].close()

    def rest(self, ms):
        self._rig.clock.advance(ms / 1000)


def record(key, path, play):
    """Let `play(nic, world)` do its steps, and write what the line carried to `path`."""
    rig = Rig(key, line=_Recording)
    play(rig.nic, _World(rig))
    line = rig.line
    text = json.dumps(
        {
            "sent": binascii.hexlify(line.sent).decode(),
            "down": binascii.hexlify(line.heard).decode(),
            "events": line.events,
        }
    )
    path.write_text(text)
    return rig
