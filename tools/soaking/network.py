"""The far ends: peers that check every byte they get, and send bytes that can be checked."""

from tools.soaking import patterns
from tools.vmodule.fake import FakeNetwork, FakeStream, Peer
from tools.vmodule.network import CONNECT_FAILED, RESET

_BASE = 1024  # the first port of a peer: each connection has its own
CLIENT_IP = "198.51.100.7"


class Received:
    """What a peer has got: only how many bytes, as each was checked when it came."""

    def __init__(self, peer):
        self._peer = peer
        self.count = 0

    def __len__(self):
        return self.count

    def extend(self, data):
        self._peer.check(bytes(data))
        self.count += len(data)

    def __iadd__(self, data):
        # What was held while the peer did not read has been checked already.
        self.count += len(data)
        return self


class Held(bytearray):
    """What a stalled peer has not read."""

    def __init__(self, peer):
        super().__init__()
        self._peer = peer

    def extend(self, data):
        self._peer.check(bytes(data))
        super().extend(data)


class SoakPeer(Peer):
    """The far end of the connection `link` (see program.Link)."""

    def __init__(self, network, ip, port, local_port, sink, link):
        super().__init__(network, ip, port, local_port, sink)
        self.link = link
        self.received = Received(self)
        self.held = Held(self)
        self.checked = 0  # bytes that the module has sent
        self.given = 0  # bytes that this peer sent
        self.ended = None  # when and how this peer has ended it
        link.peer = self

    def check(self, data):
        """Each byte that comes has its place, and the program must have offered it."""
        link = self.link
        start, self.checked = self.checked, self.checked + len(data)
        if link.spoiled is not None:
            self.network.spoil(link, start, data)
            return
        wanted = link.up.piece(start, start + len(data))
        if data == wanted and self.checked <= link.offered:
            return
        same = 0
        while same < len(data) and data[same] == wanted[same] and start + same < link.offered:
            same += 1
        self.network.spoil(link, start + same, data[same:])

    def give(self, count):
        """Sends the next `count` bytes."""
        data = self.link.down.piece(self.given, self.given + count)
        self.given += count
        self.send(data)

    @property
    def taken(self):
        """Bytes that the module has taken from this peer."""
        return self.given - len(self.unread)

    def finish(self, code=0):
        """FIN, or a reset."""
        if self.ended is None:
            self.ended = code
            self.close(code)


class SoakNetwork(FakeNetwork):
    """Every connection has a port of its own, so that its peer knows whose it is.

    `expected`: port: Link. `spoil(link, at, data)` is called with bytes that do not fit."""

    def __init__(self, clock, random, spoil):
        super().__init__({"example.com": ["192.0.2.2"]}, clock)
        self._random = random
        self.spoil = spoil
        self.expected = {}
        self.arrive = None  # called with a peer that has just been connected
        self.bad = None  # how connects go wrong: "refuse", "hang"
        self.on_datagram = self._datagram

    def connect(self, ip, port, local_port, sink):
        link = self.expected.get(port)
        local = self._port(local_port)
        if link is None or link.peer is not None:
            # An address that a damaged command has made up: nobody is there.
            peer = Peer(self, ip, port, local, sink)
            sink.endpoint = FakeStream(peer)
            self.clock.call_later(0.1, lambda: peer.sink and sink.connected(CONNECT_FAILED))
            return sink.endpoint
        peer = SoakPeer(self, ip, port, local, sink, link)
        stream = FakeStream(peer)
        sink.endpoint = stream
        bad, self.bad = self.bad, None
        if bad == "hang":
            link.hung = True
            return stream
        if bad == "refuse":
            link.refused = True
            self.clock.call_later(0.2, lambda: peer.sink and sink.connected(CONNECT_FAILED))
            return stream
        self.clock.call_later(self._random.choice((0.02, 0.1, 0.6)), lambda: self._up(peer))
        return stream

    def _up(self, peer):
        if peer.sink is None:
            return
        self.peers.append(peer)
        peer.sink.connected(0)
        self.arrive(peer)

    def client(self, port, remote_port, link):
        """A client comes to the listener at `port`; None if it is turned away."""
        if port not in self.listeners:
            return None
        peer = SoakPeer(self, CLIENT_IP, remote_port, port, None, link)
        sink = self.listeners[port].sink.accepted(FakeStream(peer), CLIENT_IP, remote_port)
        if sink is None:
            return None
        peer.sink = sink
        self.peers.append(peer)
        self.arrive(peer)
        return peer

    def _datagram(self, socket, data, ip, port):
        link = self.expected.get(port)
        if link is None:
            self.spoil(None, 0, data)
            return
        link.reply_to = (socket, ip, port)
        number = patterns.datagram_number(data)
        wanted = link.outgoing.pop(number, None)
        if wanted != data:
            if wanted is not None:
                link.outgoing[number] = wanted
            again = "again " if wanted is None and number in link.arrived else ""
            self.spoil(link, number or 0, data, again)
            return
        link.arrived.add(number)
        if self._random.random() < 0.7:
            self.clock.call_later(self._random.choice((0.01, 0.1, 2.0)), lambda: self.answer(link))

    def answer(self, link):
        """A datagram to the program."""
        if link.reply_to is None:
            return
        socket, ip, port = link.reply_to
        if self.sockets.get(socket.local_port) is not socket:
            return
        number = link.next_in
        link.next_in += 1
        data = patterns.datagram(link.down, number, self._random.choice((5, 40, 300, 500)))
        link.incoming[number] = data
        if len(link.incoming) > 200:
            link.incoming.pop(min(link.incoming))
        socket.sink.datagram(data, ip, port)

    def reset(self, peer):
        """The peer breaks the connection off."""
        peer.finish(RESET)
