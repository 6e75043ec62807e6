"""How many AT exchanges programs cost that write a little at a time.

Their writes and reads are played as they are: a GET of micropython-lib's requests (the request
line, then name, colon, value and line's end of each of two headers, then the empty line), and a
session of umqtt.simple (CONNECT, SUBSCRIBE, PUBLISH at QoS 1, PINGREQ, DISCONNECT). The least is
one send for what is written between two reads, and one read for what the peer answers to it.
"""

from typing import NamedTuple

from tools.benching.rig import Rig
from tools.benching.wire import TRAVEL

BAUD = 115200
LATENCY = 0.02  # s

_GET = (b"GET /index.html HTTP/1.0\r\n", b"Host", b": ", b"example.com", b"\r\n",
        b"Connection", b": ", b"close", b"\r\n", b"\r\n")  # fmt: skip
_HEAD = (
    b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 200\r\nServer: bench\r\n\r\n"
)
_BODY = b"0123456789" * 20

# What is written before the peer answers, the answer, and in how many bytes each it is read.
_MQTT = (
    ((b"\x10\x13", b"\x04MQTT\x04\x02\x00\x00", b"\x00\x07", b"example"),
     b"\x20\x02\x00\x00", (4,)),
    ((b"\x82\x0a\x00\x01", b"\x00\x05", b"a/few", b"\x00"), b"\x90\x03\x00\x01\x00", (1, 4)),
    ((b"\x32\x10", b"\x00\x05", b"a/few", b"\x00\x02", b"words 7"),
     b"\x40\x02\x00\x02", (1, 1, 2)),
    ((b"\xc0\x00",), b"\xd0\x00", (1, 1)),
    ((b"\xe0\x00",), b"", ()),
)  # fmt: skip


class _Peer:
    """Answers each of `flights`, (bytes expected, answer), and closes after the last if told."""

    def __init__(self, rig, peer, flights, closes):
        self._rig = rig
        self._peer = peer
        self._flights = list(flights)
        self._closes = closes
        self._due = 0
        rig.clock.after.append(self._look)

    def _look(self):
        while self._flights and len(self._peer.received) >= self._due + self._flights[0][0]:
            size, answer = self._flights.pop(0)
            self._due += size
            last = self._closes and not self._flights
            self._rig.clock.call_later(TRAVEL, lambda: self._say(answer, last))

    def _say(self, answer, last):
        if answer:
            self._peer.send(answer)
        if last:
            self._peer.close()


def get(rig, s, peer):
    """requests.get; returns the least exchanges by name."""
    _Peer(rig, peer, [(sum(map(len, _GET)), _HEAD + _BODY)], True)
    for piece in _GET:
        s.write(piece)
    while s.readline() != b"\r\n":
        pass
    assert s.read() == _BODY
    s.close()
    return {"AT+QISEND": 1, "AT+QIRD": 2}  # the second: that nothing follows before the end


def mqtt(rig, s, peer):
    """A session of umqtt.simple; returns the least exchanges by name."""
    flights = [(sum(map(len, writes)), answer) for writes, answer, _ in _MQTT]
    _Peer(rig, peer, flights, False)
    for writes, answer, reads in _MQTT:
        for piece in writes:
            s.write(piece)
        assert b"".join(s.read(size) for size in reads) == answer
    s.close()
    return {"AT+QISEND": 5, "AT+QIRD": 4}


PROGRAMS = {"requests.get": (get, len(_GET)), "MQTT": (mqtt, sum(len(f[0]) for f in _MQTT))}


def coalesce(nic, s):
    """Ask the socket to gather small writes; False where the driver does not offer it."""
    option = getattr(nic, "COALESCE", None)
    if option is None:
        return False
    s.setsockopt(nic.SOL_QUECTEL, option, True)
    return True


class Count(NamedTuple):
    """Sends and reads of a program as measured and at least, and the seconds it took."""

    sends: int
    reads: int
    least_sends: int
    least_reads: int
    seconds: float


def measure(key, program, coalescing):
    """The Count of a program, None if it asks for coalescing and the driver has none."""
    rig = Rig(key, BAUD, LATENCY)
    s, peer = rig.connected()
    if coalescing and not coalesce(rig.nic, s):
        return None
    rig.idle()
    rig.commands()
    began = rig.now()
    least = PROGRAMS[program][0](rig, s, peer)
    spent = rig.now() - began
    names = rig.commands()
    sends = names["AT+QISEND"] + names["AT+QISENDEX"]
    return Count(sends, names["AT+QIRD"], least["AT+QISEND"], least["AT+QIRD"], spent)
