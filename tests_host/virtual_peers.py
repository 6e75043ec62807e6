"""Peers in the virtual module's FakeNetwork, for a board in lock step: no sockets, virtual time.

They do what some of the words of end_to_end_peers.py ask for, in the same way:

    echo, source COUNT SEED, sink COUNT, GET …
    guests PORT COUNT SIZE    COUNT clients at once of the program's own server at PORT, once it
                              listens: each sends SIZE bytes, gets them back, and goes

Every datagram is sent back.
"""

import hashlib

from end_to_end_peers import random_bytes
from tools.vmodule.fake import FakeNetwork

ADDRESS = "127.0.0.1"
NAME = "example.com"
PAGE = 10000  # bytes of the page
PAGE_SEED = 5
_AWAY = 0.02  # s to the peers of datagrams and back


class Peers:
    """All peers of a network whose clock tells what is due; see tools/benching/line.py."""

    def __init__(self, clock):
        self.network = FakeNetwork({NAME: [ADDRESS]}, clock)
        self.network.on_datagram = self._send_back
        self.served = []  # for each client of `guests`, whether it got its own bytes back
        self._clock = clock
        self._doing = {}  # what each peer does, a generator
        clock.after.append(self._go_on)

    def _send_back(self, socket, data, ip, port):
        self._clock.call_later(_AWAY, lambda: socket.sink.datagram(data, ip, port))

    def _go_on(self):
        for peer in self.network.peers:
            if peer not in self._doing:
                self._doing[peer] = self._converse(peer)
            next(self._doing[peer], None)

    def _converse(self, peer):
        while b"\n" not in peer.received:
            yield
        line, _, rest = bytes(peer.received).partition(b"\n")
        peer.received[:] = rest
        word, *args = line.decode().split()
        yield from getattr(self, "_" + word.lower())(peer, *args)

    def _echo(self, peer):
        while True:
            data = bytes(peer.received)
            peer.received.clear()
            if data:
                peer.send(data)
            yield

    def _source(self, peer, count, seed):
        peer.send(random_bytes(count, seed))
        peer.close()
        yield

    def _sink(self, peer, count):
        while len(peer.received) < int(count):
            yield
        peer.send(hashlib.sha256(peer.received).hexdigest().encode() + b"\n")

    def _get(self, peer, *words):
        while not peer.received.endswith(b"\r\n\r\n"):
            yield
        head = "HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % PAGE
        peer.send(head.encode() + random_bytes(PAGE, PAGE_SEED))
        peer.close()

    def _guests(self, peer, port, count, size):
        port, size = int(port), int(size)
        while port not in self.network.listeners:
            yield
        guests = [self.network.incoming(port, ADDRESS, 40000 + i) for i in range(int(count))]
        sent = [random_bytes(size, i) for i in range(len(guests))]
        for guest, data in zip(guests, sent):
            self._doing[guest] = iter(())
            guest.send(data)
        while any(len(guest.received) < size for guest in guests):
            yield
        self.served += [bytes(guest.received) == data for guest, data in zip(guests, sent)]
        for guest in guests:
            guest.close()
