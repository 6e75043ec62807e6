"""The module's network made of this machine's own sockets; see network.py for the interface."""

import array
import errno
import fcntl
import socket
import struct
import termios

from .loop import READ, WRITE
from .network import (
    BIND_FAILED, CONNECT_FAILED, LISTEN_FAILED, PORT_BUSY, RESET, TIMED_OUT, Datagrams, Listener,
    Network, NetworkError, Stream,
)  # fmt: skip

SEND_BUFFER = 65536  # bytes a Stream takes beyond what the kernel has
KERNEL_BUFFER = 65536  # keeps the sum finite, so that a peer that does not read is noticed
CHUNK = 65536
CONNECT_TIME = 75.0  # s
PING_TIME = 1.0  # ms, of an address on this machine


def family(ip):
    return socket.AF_INET6 if ":" in ip else socket.AF_INET


def new_socket(ip, kind, local_port, everywhere):
    """A non-blocking socket of the family of `ip`, on loopback alone unless `everywhere`."""
    sock = socket.socket(family(ip), kind)
    sock.setblocking(False)
    loopback, anywhere = ("::1", "::") if ":" in ip else ("127.0.0.1", "0.0.0.0")
    try:
        if kind == socket.SOCK_STREAM:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((anywhere if everywhere else loopback, local_port))
    except OSError as error:
        sock.close()
        busy = error.errno == errno.EADDRINUSE
        raise NetworkError(PORT_BUSY if busy else BIND_FAILED) from None
    return sock


class SocketStream(Stream):
    """A TCP connection: connecting, open, or on its way out."""

    def __init__(self, loop, sock, sink=None):
        self.sink = sink
        self._loop = loop
        self._sock = sock
        self._out = bytearray()
        self._connecting = False
        self._reading = True
        self._ended = False
        self._closing = None  # what to call once all is sent
        self._timer = None
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for option in (socket.SO_SNDBUF, socket.SO_RCVBUF):
            sock.setsockopt(socket.SOL_SOCKET, option, KERNEL_BUFFER)

    @property
    def local_port(self):
        return self._sock.getsockname()[1]

    def connect(self, place):
        self._connecting = True
        self._timer = self._loop.clock.call_later(CONNECT_TIME, lambda: self._fail(TIMED_OUT))
        try:
            self._sock.connect(place)
        except BlockingIOError:
            pass
        except OSError:
            self._loop.clock.call_later(0, lambda: self._fail(CONNECT_FAILED))
            return
        self._watch()

    def start(self):
        """An accepted one may read from now on."""
        self._watch()

    def room(self):
        return SEND_BUFFER - len(self._out) if self._sock else 0

    def send(self, data):
        if self._sock is None:
            return
        if not self._out:
            try:
                data = data[self._sock.send(data) :]
            except BlockingIOError:
                pass
            except OSError:
                return  # reading will find out what happened
        if data:
            self._out += data
            self._watch()

    def waiting(self):
        return len(self._out)

    def unacked(self):
        if self._sock is None:
            return len(self._out)
        count = array.array("i", [0])
        try:
            fcntl.ioctl(self._sock, termios.TIOCOUTQ, count)
        except OSError:
            pass
        return len(self._out) + count[0]

    def resume(self):
        if self._sock is not None and not self._reading:
            self._reading = True
            self._watch()

    def close(self, timeout, then):
        if self._sock is None:
            return then()
        if self._connecting or not timeout:
            self.abort(reset=False)
            return then()
        self.sink = None
        self._closing = then
        self._reading = True
        self._timer = self._loop.clock.call_later(timeout, self._forced)
        self._sent()
        self._watch()

    def _forced(self):
        then, self._closing = self._closing, None
        self.abort()
        if then:
            then()

    def abort(self, reset=True):
        sock, self._sock = self._sock, None
        if sock is None:
            return
        self._loop.watch(sock, 0, None)
        if self._timer:
            self._timer.cancel()
        if reset and not self._connecting:
            linger = struct.pack("ii", 1, 0)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        sock.close()

    # --- events ----------------------------------------------------------------------------

    def _watch(self):
        if self._sock is None:
            return
        writing = WRITE if self._connecting or self._out else 0
        reading = READ if self._reading and not self._connecting else 0
        self._loop.watch(self._sock, writing | reading, self._ready)

    def _ready(self, events):
        if self._connecting:
            return self._connected()
        if events & WRITE:
            self._write()
        if events & READ and self._sock:
            self._read()

    def _connected(self):
        code = self._sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            return self._fail(TIMED_OUT if code == errno.ETIMEDOUT else CONNECT_FAILED)
        self._timer.cancel()
        self._connecting = False
        self._watch()
        self.sink.connected(0)

    def _fail(self, code):
        if self._sock is None or not self._connecting:
            return
        self.abort()
        self.sink.connected(code)

    def _write(self):
        try:
            del self._out[: self._sock.send(self._out)]
        except BlockingIOError:
            return
        except OSError:
            self._out.clear()
        if not self._out:
            self._watch()
            self._sent()
        if self.sink:
            self.sink.drained()

    def _sent(self):
        """Closing, with nothing left to send: our FIN; then the peer's is awaited."""
        if self._closing and not self._out:
            then, self._closing = self._closing, None
            if self._ended:
                self.abort(reset=False)
            else:
                self._finish()
            then()

    def _finish(self):
        try:
            self._sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def _read(self):
        room = self.sink.room() if self.sink else CHUNK
        if room <= 0:
            self._reading = False
            return self._watch()
        try:
            data = self._sock.recv(min(room, CHUNK))
        except BlockingIOError:
            return
        except OSError:
            return self._end(RESET)
        if not data:
            return self._end(0)
        if self.sink:
            self.sink.received(data)
        if len(data) >= room:
            self._pause()

    def _pause(self):
        """Nobody has room for more: reading goes on with resume."""
        if self.sink and self._sock and self.sink.room() <= 0:
            self._reading = False
            self._watch()

    def _end(self, code):
        """The peer's side is over. Ours stays open until the module closes it."""
        self._reading = False
        self._ended = True
        sink = self.sink
        if sink is None and self._closing is None:
            self.abort(reset=False)
            return
        self._watch()
        if sink:
            sink.ended(code)


class SocketListener(Listener):
    def __init__(self, loop, ip, port, sink, everywhere):
        self._sock = new_socket(ip, socket.SOCK_STREAM, port, everywhere)
        self._loop = loop
        self._sink = sink
        try:
            self._sock.listen(8)
        except OSError as error:
            self._sock.close()
            busy = error.errno == errno.EADDRINUSE
            raise NetworkError(PORT_BUSY if busy else LISTEN_FAILED) from None
        self.local_port = self._sock.getsockname()[1]
        loop.watch(self._sock, READ, self._ready)

    def _ready(self, _events):
        try:
            sock, peer = self._sock.accept()
        except OSError:
            return
        sock.setblocking(False)
        stream = SocketStream(self._loop, sock)
        sink = self._sink.accepted(stream, peer[0], peer[1])
        if sink is None:
            return stream.abort()
        stream.sink = sink
        stream.start()

    def close(self):
        self._loop.watch(self._sock, 0, None)
        self._sock.close()


class SocketDatagrams(Datagrams):
    def __init__(self, loop, hosts, ip, local_port, sink):
        self._sock = new_socket(ip, socket.SOCK_DGRAM, local_port, hosts.everywhere)
        self.local_port = self._sock.getsockname()[1]
        self._loop = loop
        self._hosts = hosts
        self._sink = sink
        self._known = {}  # endpoint on this machine: what the module calls it
        loop.watch(self._sock, READ, self._ready)

    def send(self, data, ip, port):
        place = self._hosts.place(ip, port)
        if place is None:
            return  # nobody answers there, as UDP has it
        self._known[place] = (ip, port)
        try:
            self._sock.sendto(data, place)
        except OSError:
            pass

    def _ready(self, _events):
        for _ in range(16):
            try:
                data, peer = self._sock.recvfrom(65535)
            except OSError:
                return
            self._sink.datagram(data, *self._known.get(peer[:2], peer[:2]))
            if self._sock.fileno() < 0:
                return

    def close(self):
        self._loop.watch(self._sock, 0, None)
        self._sock.close()


class Bridge(Network):
    """loop: loop.Loop. hosts: hosts.Hosts."""

    def __init__(self, loop, hosts):
        self.loop = loop
        self.hosts = hosts

    def resolve(self, name, then):
        addresses = self.hosts.addresses(name)
        if addresses is None:
            addresses = self._ask(name)
        self.loop.clock.call_later(0, lambda: then(addresses))

    @staticmethod
    def _ask(name):
        """This machine's resolver. It blocks; only --allow-network comes here."""
        try:
            found = socket.getaddrinfo(name, None, socket.AF_INET, socket.SOCK_STREAM)
        except OSError:
            return []
        return [entry[4][0] for entry in found]

    def connect(self, ip, port, local_port, sink):
        place = self.hosts.place(ip, port)
        if place is None:
            raise NetworkError(CONNECT_FAILED)
        sock = new_socket(place[0], socket.SOCK_STREAM, local_port, self.hosts.everywhere)
        stream = SocketStream(self.loop, sock, sink)
        stream.connect(place)
        return stream

    def listen(self, ip, port, sink):
        return SocketListener(self.loop, ip, port, sink, self.hosts.everywhere)

    def datagrams(self, ip, local_port, sink):
        place = self.hosts.place(ip, 0)
        return SocketDatagrams(self.loop, self.hosts, place[0] if place else ip, local_port, sink)

    def ping(self, ip, timeout, then):
        """There is no raw socket for real ones: what is on this machine answers."""
        if self.hosts.place(ip, 0) is None:
            self.loop.clock.call_later(timeout, lambda: then(None))
        else:
            self.loop.clock.call_later(PING_TIME / 1000, lambda: then(PING_TIME))
