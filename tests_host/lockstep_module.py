"""Virtual modules for programs in virtual time, with real sockets behind them: see
support/lockstep.py, which has the other end.

A program connects once for each module, and tells by lines what it does. `play US DIALECT FAULT …`
comes first. `at US HEX` has the bytes that it sends at a time; the answer, `HEX US`, what has come
for it, and when there may be more. `baud RATE`, `pwrkey 1` and the like are not answered.
"""

import contextlib
import os
import pty
import socket
import threading
import tty

from tools.vmodule import create
from tools.vmodule.bridge import Bridge
from tools.vmodule.clock import VirtualClock
from tools.vmodule.hosts import Hosts
from tools.vmodule.loop import Loop

LOOK_US = 2000  # between looks where a socket may have something
LOOK_S = 0.001  # of this machine's time for such a look


class _World:
    """One module, and the sockets behind it."""

    def __init__(self, hosts, us, dialect, *faults):
        self.clock = VirtualClock(us / 1e6)
        self._loop = Loop()
        self._loop.clock = self.clock
        self.module = create(dialect, Bridge(self._loop, Hosts(hosts)), self.clock, faults)

    def at(self, us, data):
        self.clock.advance(max(0.0, us / 1e6 - self.clock.now()))
        if data:
            self.module.feed(data)
        self.clock.run_due()  # it may begin what the look below ends
        busy = self._loop.look(LOOK_S)
        self.clock.run_due()
        came = self.module.take()
        wait = self.clock.until_next()
        due = 0 if wait is None else us + max(1, round(wait * 1e6 + 0.5))
        if busy:
            due = min(due or us + LOOK_US, us + LOOK_US)
        return came, due

    def close(self):
        self.module.power_off()
        self._loop.close()


def _serve(client, hosts):
    with client, client.makefile("rb") as lines:
        _answer(lines, client.sendall, hosts)


def _answer(lines, send, hosts):
    world = None
    for line in lines:
        word, *rest = line.decode().split()
        if word == "play":
            world = _World(hosts, int(rest[0]), *rest[1:])
        elif word == "at":
            came, due = world.at(int(rest[0]), bytes.fromhex("".join(rest[1:])))
            send(b"%s %d\n" % (came.hex().encode(), due))
        elif word == "baud":
            world.module.host_baud = int(rest[0])
        else:
            getattr(world.module, "set_" + word)(rest[0] == "1")
    if world is not None:
        world.close()


@contextlib.contextmanager
def lockstep(hosts):
    """Serve modules whose names lead where `hosts` says, as --host; yields LOCKSTEP's value."""
    server = socket.create_server(("127.0.0.1", 0))
    threads = []

    def accept():
        while True:
            try:
                client, _ = server.accept()
            except OSError:
                return
            threads.append(threading.Thread(target=_serve, args=(client, hosts), daemon=True))
            threads[-1].start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield "127.0.0.1:%d" % server.getsockname()[1]
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        for thread in [accepting, *threads]:
            thread.join(60)


@contextlib.contextmanager
def terminal(hosts):
    """The same for one program on the WebAssembly port; yields MODEM's value."""
    ours, theirs = pty.openpty()
    tty.setraw(theirs)

    def serve():
        with open(ours, "r+b", buffering=0) as line, contextlib.suppress(OSError):
            # When the last other end is closed a read is an error.
            _answer(_lines(line), line.write, hosts)

    serving = threading.Thread(target=serve, daemon=True)
    serving.start()
    try:
        yield os.ttyname(theirs)
    finally:
        os.close(theirs)
        serving.join(60)


def _lines(line):
    rest = b""
    while True:
        rest += line.read(65536)
        *whole, rest = rest.split(b"\n")
        yield from whole
