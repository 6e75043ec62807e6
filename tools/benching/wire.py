"""Seconds on the wire and AT exchanges, of bulk and of requests, beside the least."""

import random

from tools.benching.least import LEAST, seconds
from tools.benching.rig import Rig

BAUDS = (115200, 921600)
LATENCIES = (0.0, 0.02, 0.3)  # s
WAYS = ("down", "up", "up, text", "64 bytes")
_PIECES = 16  # largest exchanges of a bulk transfer
_BUFFER = 4096  # bytes that the program offers
_ROUNDS = 8  # requests with their answers
_REQUEST = 64
TRAVEL = 0.05  # s from the module to the peer and back


def _noise(count, text):
    source = random.Random(count)
    if text:
        return bytes(source.choices(b"abcdefghijklmnopqrstuvwxyz 0123456789,.;:=/{}", k=count))
    return source.getrandbits(8 * count).to_bytes(count, "big")


class Result:
    """Seconds and AT exchanges as measured, and the least of each."""

    def __init__(self, spent, least_spent, exchanges, least_exchanges):
        self.spent = spent
        self.least_spent = least_spent
        self.exchanges = exchanges
        self.least_exchanges = least_exchanges

    @property
    def excess(self):
        """How much more than the least of the seconds, in percent."""
        return 100 * (self.spent / self.least_spent - 1)


def _down(rig, least, took, text):
    s, peer = rig.connected()
    data = _noise(_PIECES * least.read_max, text)
    rig.feed(peer, data, least.read_max)
    rig.idle()
    buf = bytearray(_BUFFER)
    got = bytearray()
    began, before = rig.now(), rig.exchanges()
    while len(got) < len(data):
        got += buf[: s.recv_into(buf, min(_BUFFER, len(data) - len(got)))]
    spent = rig.now() - began
    assert got == data and not rig.line.lost
    one = took(*least.ask(least.read_max)) + took(least.answer(least.read_max), 0)
    return Result(spent, _PIECES * one, rig.exchanges() - before, _PIECES)


def _up(rig, least, took, text):
    s, peer = rig.connected()
    data = _noise(_PIECES * least.most(text), text)
    rig.idle()
    began, before = rig.now(), rig.exchanges()
    s.sendall(data)
    spent = rig.now() - began
    assert peer.received == data
    one = took(*least.give(least.most(text), text)) + least.taken(took)
    return Result(spent, _PIECES * one, rig.exchanges() - before, _PIECES)


def _answer(rig, peer, size):
    # The peer answers each request with as many bytes.
    seen = [0]

    def look():
        while len(peer.received) - seen[0] >= size:
            data = bytes(peer.received[seen[0] : seen[0] + size])
            seen[0] += size
            rig.clock.call_later(TRAVEL, lambda: peer.send(data))

    rig.clock.after.append(look)


def _request(rig, least, took, text):
    s, peer = rig.connected()
    _answer(rig, peer, _REQUEST)
    data = _noise(_REQUEST, text)
    buf = bytearray(_REQUEST)
    s.write(data)  # what the first one finds is not the steady state
    s.readinto(buf)
    began, before = rig.now(), rig.exchanges()
    for _ in range(_ROUNDS):
        s.write(data)
        s.readinto(buf)
        assert buf == data
    spent = rig.now() - began
    one = took(*least.give(_REQUEST, text)) + _least_wait(least, took)
    one += took(least.answer(_REQUEST), 0)
    return Result(spent, _ROUNDS * one, rig.exchanges() - before, _ROUNDS * 2)


def _least_wait(least, took):
    # From the moment when the module has the request to the begin of its answer to a read. While
    # the data travel the module says that it has taken them; then it is asked when the URC has
    # come, or at once, where it thinks for so long that the answer is there meanwhile.
    asking = took(*least.ask(_REQUEST))
    at_once = least.taken(took) + asking
    if at_once >= TRAVEL:
        return at_once
    return max(TRAVEL + took(least.recv_urc(), 0), least.taken(took)) + asking


_MEASURES = {
    "down": (_down, False),
    "up": (_up, False),
    "up, text": (_up, True),
    "64 bytes": (_request, True),
}


def ways(key):
    """What is measured on a dialect: text is sent another way on BC20 alone."""
    return [way for way in WAYS if way != "up, text" or key == "bc20"]


def measure(key, baud, latency, way):
    """The Result of one transfer."""
    rig = Rig(key, baud, latency)
    function, text = _MEASURES[way]

    def took(count, waits):
        return seconds(count, waits, baud, latency)

    return function(rig, LEAST[key], took, text)
