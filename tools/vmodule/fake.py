"""A network without sockets, for tests: peers that a test holds in its hand.

Once the module has opened a connection, its far end is the last of `peers`:

    clock = VirtualClock()
    network = FakeNetwork({"example.com": ["192.0.2.2"]}, clock)
    module = create("bg95", network, clock)
    ...
    network.peers[-1].send(b"hello")  # what the remote end does
    network.peers[-1].received  # what it has got

Nothing here takes time but pings, a close that waits for a stalled peer, and resolve_time.
"""

from .network import CONNECT_FAILED, PORT_BUSY, Network, NetworkError

SEND_BUFFER = 65536


class Peer:
    """The remote end of one TCP connection, and the module's Stream to it."""

    def __init__(self, network, ip, port, local_port, sink=None):
        self.network = network
        self.ip = ip
        self.port = port
        self.local_port = local_port
        self.sink = sink
        self.received = bytearray()  # what the module sent and the peer has
        self.unread = bytearray()  # what the peer sent and the module has not taken yet
        self.held = bytearray()  # what the module sent while the peer is stalled
        self.stalled = False
        self.silent = False  # acknowledges nothing
        self.closed = False  # by the module
        self._moving = False
        self._end = None

    # what a test does

    def send(self, data):
        self.unread += data
        self.resume()

    def close(self, code=0):
        """FIN, or with a code (567: reset) the end by error."""
        self._end = code
        self.resume()

    def stall(self, stalled=True):
        """A stalled peer reads nothing, and the module's send buffer fills up."""
        self.stalled = stalled
        if not stalled:
            self.received += self.held
            self.held.clear()
            if self.sink:
                self.sink.drained()

    def resume(self):
        """Moves what the peer sent into the module, as far as it has room."""
        if self._moving:
            return
        self._moving = True
        while self.unread and self.sink and self.sink.room() > 0:
            data = bytes(self.unread[: self.sink.room()])
            del self.unread[: len(data)]
            self.sink.received(data)
        self._moving = False
        if self._end is not None and not self.unread and self.sink:
            code, self._end = self._end, None
            self.sink.ended(code)


class FakeStream:
    """The module's side of a Peer; see network.Stream."""

    def __init__(self, peer):
        self.peer = peer
        self.local_port = peer.local_port

    def room(self):
        return SEND_BUFFER - len(self.peer.held)

    def send(self, data):
        (self.peer.held if self.peer.stalled else self.peer.received).extend(data)

    def waiting(self):
        return len(self.peer.held)

    def unacked(self):
        peer = self.peer
        return len(peer.received) + len(peer.held) if peer.silent else len(peer.held)

    def resume(self):
        self.peer.resume()

    def close(self, timeout, then):
        peer = self.peer
        if peer.stalled and timeout:
            peer.network.clock.call_later(timeout, lambda: (self.abort(), then()))
        else:
            self.abort()
            then()

    def abort(self):
        self.peer.closed = True
        self.peer.sink = None


class FakeListener:
    def __init__(self, network, port, sink):
        self.network, self.local_port, self.sink = network, port, sink
        network.listeners[port] = self

    def close(self):
        self.network.listeners.pop(self.local_port, None)


class FakeDatagrams:
    def __init__(self, network, port, sink):
        self.network, self.local_port, self.sink = network, port, sink
        network.sockets[port] = self

    def send(self, data, ip, port):
        self.network.sent.append((bytes(data), ip, port))
        if self.network.on_datagram:
            self.network.on_datagram(self, bytes(data), ip, port)

    def close(self):
        self.network.sockets.pop(self.local_port, None)


class FakeNetwork(Network):
    """hosts: names and their addresses. Everything not in `refused` can be connected to."""

    def __init__(self, hosts=None, clock=None):
        self.hosts = dict(hosts or {})
        self.clock = clock
        self.peers = []
        self.listeners = {}
        self.sockets = {}
        self.sent = []  # (data, ip, port) of each datagram
        self.refused = set()  # (ip, port) of what answers with a reset
        self.hanging = set()  # (ip, port) of what never answers
        self.pings = {}  # ip: list of milliseconds or None, used up one by one
        self.resolve_time = 0.0  # s that a look-up takes
        self.next_port = 49152
        self.on_datagram = None  # called with (socket, data, ip, port)

    def resolve(self, name, then):
        found = list(self.hosts.get(name.lower(), ()))
        if self.resolve_time:
            self.clock.call_later(self.resolve_time, lambda: then(found))
        else:
            then(found)

    def _port(self, wanted, taken=()):
        if wanted in taken:
            raise NetworkError(PORT_BUSY)
        if not wanted:
            wanted = self.next_port
            self.next_port += 1
        return wanted

    def connect(self, ip, port, local_port, sink):
        peer = Peer(self, ip, port, self._port(local_port), sink)
        stream = FakeStream(peer)
        sink.endpoint = stream
        if (ip, port) in self.refused:
            sink.connected(CONNECT_FAILED)
        elif (ip, port) not in self.hanging:
            self.peers.append(peer)
            sink.connected(0)
        return stream

    def listen(self, ip, port, sink):
        return FakeListener(self, self._port(port, self.listeners), sink)

    def datagrams(self, ip, local_port, sink):
        return FakeDatagrams(self, self._port(local_port, self.sockets), sink)

    def ping(self, ip, timeout, then):
        times = self.pings.get(ip)
        answer = times.pop(0) if times else None
        wait = timeout if answer is None else answer / 1000
        self.clock.call_later(wait, lambda: then(answer))

    # what a test does

    def incoming(self, port, ip, remote_port):
        """A remote client connects to the listener at `port`: its Peer, None if turned away."""
        peer = Peer(self, ip, remote_port, port)
        sink = self.listeners[port].sink.accepted(FakeStream(peer), ip, remote_port)
        if sink is None:
            return None
        peer.sink = sink
        self.peers.append(peer)
        return peer

    def datagram(self, local_port, data, ip, port):
        """A datagram arrives at the socket on `local_port`."""
        self.sockets[local_port].sink.datagram(bytes(data), ip, port)
