"""Seconds on the wire and AT exchanges, of bulk and of requests, beside the least."""

import random

from tools.benching.least import (
    LEAST,
    PIECES,
    REQUEST,
    ROUNDS,
    TEXT,
    TRAVEL,
    WAYS,
    of_a_transfer,
)
from tools.benching.rig import Rig

BAUDS = (115200, 921600)
LATENCIES = (0.0, 0.02, 0.3)  # s
_BUFFER = 4096  # bytes that the program offers


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


def _down(rig, least, text):
    s, peer = rig.connected()
    data = _noise(PIECES * least.read_max, text)
    rig.feed(peer, data, least.read_max)
    rig.idle()
    buf = bytearray(_BUFFER)
    got = bytearray()
    began, before = rig.now(), rig.exchanges()
    while len(got) < len(data):
        got += buf[: s.recv_into(buf, min(_BUFFER, len(data) - len(got)))]
    spent = rig.now() - began
    assert got == data and not rig.line.lost
    return spent, rig.exchanges() - before, PIECES


def _up(rig, least, text):
    s, peer = rig.connected()
    data = _noise(PIECES * least.most(text), text)
    rig.idle()
    began, before = rig.now(), rig.exchanges()
    s.sendall(data)
    spent = rig.now() - began
    assert peer.received == data
    return spent, rig.exchanges() - before, PIECES


def _answer(rig, peer, size):
    # The peer answers each request with as many bytes.
    seen = [0]

    def look():
        while len(peer.received) - seen[0] >= size:
            data = bytes(peer.received[seen[0] : seen[0] + size])
            seen[0] += size
            rig.clock.call_later(TRAVEL, lambda: peer.send(data))

    rig.clock.after.append(look)


def _request(rig, least, text):
    s, peer = rig.connected()
    _answer(rig, peer, REQUEST)
    data = _noise(REQUEST, text)
    buf = bytearray(REQUEST)
    s.write(data)  # what the first one finds is not the steady state
    s.readinto(buf)
    began, before = rig.now(), rig.exchanges()
    for _ in range(ROUNDS):
        s.write(data)
        s.readinto(buf)
        assert buf == data
    spent = rig.now() - began
    return spent, rig.exchanges() - before, ROUNDS * 2


_MEASURES = {"down": _down, "up": _up, "up, text": _up, "64 bytes": _request}


def ways(key):
    """What is measured on a dialect: text is sent another way on BC20 alone."""
    return [way for way in WAYS if way != "up, text" or key == "bc20"]


def measure(key, baud, latency, way):
    """The Result of one transfer."""
    rig = Rig(key, baud, latency)
    spent, exchanges, fewest = _MEASURES[way](rig, LEAST[key], way in TEXT)
    return Result(spent, of_a_transfer(key, baud, latency, way), exchanges, fewest)
