"""How long a call that does not wait holds its caller, in virtual time.

What holds is a UART whose transmit buffer is full: a write to it waits, on rp2 until the last byte
has found room in 256, on stm32, which has no buffer, until it is out. A look at an empty line
counts line.LOOK. The processor's own time is not in here: ports.py measures that.
"""

from tools.benching.least import LEAST
from tools.benching.rig import ADDRESS, Rig

BUDGET = 0.005  # s
BAUDS = (115200, 921600)
TXBUFS = (256, 0)
SCENES = ("up", "down", "connect", "ping", "DNS")
_POLL, _POLLIN, _POLLOUT = 3, 1, 4
_TICK = 0.001  # s that an event loop sleeps when nothing moved
_BULK = 8  # largest exchanges
_CONNECT = 120  # s


class Holds:
    """Seconds that calls took, by the call's name."""

    def __init__(self, rig):
        self._rig = rig
        self.taken = {}

    def call(self, name, function, *args):
        began = self._rig.now()
        try:
            return function(*args)
        finally:
            self.taken.setdefault(name, []).append(self._rig.now() - began)

    def merged(self, other):
        for name, taken in other.taken.items():
            self.taken.setdefault(name, []).extend(taken)

    @property
    def every(self):
        return sorted(second for taken in self.taken.values() for second in taken)

    @property
    def longest(self):
        """(seconds, name) of the longest call."""
        return max((max(taken), name) for name, taken in self.taken.items())

    @property
    def percentile(self):
        """What 99 of 100 calls take at most."""
        every = self.every
        return every[(len(every) * 99 - 1) // 100]


def _ready(holds, s, wanted):
    return holds.call("ioctl", s.ioctl, _POLL, wanted) & wanted


def _turn(rig, holds):
    # The other tasks of the loop: something polls, and it sleeps if nothing moved.
    if not holds.call("poll", rig.nic.poll):
        rig.clock.advance(_TICK)


def _up(rig, holds, least):
    s, peer = rig.connected()
    s.setblocking(False)
    data = bytes(range(256)) * (_BULK * least.send_max // 256 + 1)
    done = 0
    while done < len(data):
        if _ready(holds, s, _POLLOUT):
            done += holds.call("send", s.send, data[done : done + 2 * least.send_max])
        _turn(rig, holds)
    while len(peer.received) < len(data):
        _turn(rig, holds)
    assert peer.received == data


def _down(rig, holds, least):
    s, peer = rig.connected()
    s.setblocking(False)
    data = bytes(range(256)) * (_BULK * least.read_max // 256)
    rig.feed(peer, data, least.read_max)
    got = bytearray()
    buf = bytearray(2048)
    while len(got) < len(data):
        if _ready(holds, s, _POLLIN):
            got += buf[: holds.call("recv_into", s.recv_into, buf)]
        _turn(rig, holds)
    assert got == data


def _connect(rig, holds, least):
    rig.network.connect_time = _CONNECT
    s = rig.nic.socket()
    s.setblocking(False)
    began = rig.now()
    try:
        holds.call("connect", s.connect, ADDRESS)
    except OSError:
        pass  # under way
    # As long as the document lets it take: that of some modules gives an address 36 s.
    while not _ready(holds, s, _POLLOUT) and rig.now() - began < _CONNECT + 10:
        _turn(rig, holds)


def _service(rig, holds, name, steps):
    # Stepped by the loop where the driver can do that, else one call that waits.
    nic = rig.nic
    if steps is None:
        return holds.call("nic." + name, getattr(nic, name), "example.com")
    task = nic.module.spawn(steps)
    while not task.done:
        _turn(rig, holds)
    assert task.error is None, task.error


def _ping(rig, holds, least):
    from quectel.services import ping

    rig.network.pings[ADDRESS[0]] = [50, 60, None, 70]
    steps = getattr(ping, "pinging", None)
    _service(rig, holds, "ping", steps and steps(rig.nic, "example.com", 4, 4, 32))


def _dns(rig, holds, least):
    from quectel.services import dns

    rig.network.resolve_time = 2.0
    rig.network.pings[ADDRESS[0]] = [50]
    steps = getattr(dns, "resolving", None)
    _service(rig, holds, "resolve", steps and steps(rig.nic, "example.com"))


_SCENES = {"up": _up, "down": _down, "connect": _connect, "ping": _ping, "DNS": _dns}


def measure(key, baud, txbuf, scene):
    """The Holds of one scene."""
    rig = Rig(key, baud, txbuf=txbuf)
    holds = Holds(rig)
    _SCENES[scene](rig, holds, LEAST[key])
    return holds
