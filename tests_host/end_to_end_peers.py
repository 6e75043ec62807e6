"""Servers on loopback, for the programs that talk through the virtual module.

The program says in its first line what the TCP server is to do, so that one server serves all
scenarios, several connections at once:

    echo                      sends everything back
    source COUNT SEED         sends COUNT random bytes and closes
    asked COUNT SEED          waits for a newline, then as source
    sink COUNT                reads COUNT bytes, answers their SHA-256 in hex and a newline
    duplex COUNT SEED         both at once, then the digest; then the end
    say HEX PIECE             sends these bytes, PIECE at a time and each on its own, and closes
    tell COUNT PIECE          reads COUNT bytes, answers them in hex and a newline
    reset                     breaks the connection off with a RST
    quiet                     says nothing, and stays until the program closes
    stuck                     reads nothing until another connection says `release`; then reads
                              to the end, and keeps the digest and the count
    gather                    reads to the end or to a RST, and keeps what it got
    away                      has the network take the program's contexts away
    release                   lets every `stuck` go on; answers `ok` and a newline
    GET …                     a page of 100,000 bytes, as a web server sends it
    visit …, ring …, call …   clients of the program's own server: see end_to_end_clients.py
"""

import contextlib
import hashlib
import queue
import random
import socket
import struct
import threading

import end_to_end_clients as clients

LIMIT = 600  # seconds: ends only what hangs
PAGE = 100000


def random_bytes(count, seed):
    """What `source COUNT SEED` sends."""
    return random.Random(int(seed)).getrandbits(8 * int(count)).to_bytes(int(count), "little")


def program_bytes(count, seed):
    """What scenario.noise(count, seed) gives to a program."""
    data = bytearray()
    block = b"%d" % seed
    while len(data) < count:
        block = hashlib.sha256(block).digest()
        data += block
    return bytes(data[:count])


class Peers:
    """What a test knows of its servers: where they are, and what they saw."""

    def __init__(self):
        self.digests = []  # of what came or went, a connection each, in the order of their ends
        self.port = 0
        self.counts = []  # and how many bytes that was
        self.released = threading.Event()
        self.take_away = None  # what a test does at the word `away`
        self.visits = queue.Queue()  # what clients of the program's own server saw
        self._news = threading.Condition()

    def note(self, data):
        """Keep the digest and the count of what came or went."""
        with self._news:
            self.digests.append(hashlib.sha256(data).hexdigest())
            self.counts.append(len(data))
            self._news.notify_all()

    def wait(self, number):
        """Wait until so many have been kept: the last bytes may still be under way."""
        with self._news:
            assert self._news.wait_for(lambda: len(self.counts) >= number, LIMIT)


def _read_line(stream):
    return stream.readline().decode().split()


def _echo(connection, stream, peers):
    while True:
        data = stream.read1(4096)
        if not data:
            return
        connection.sendall(data)


def _source(connection, stream, peers, count, seed):
    connection.sendall(random_bytes(count, seed))


def _asked(connection, stream, peers, count, seed):
    stream.readline()
    _source(connection, stream, peers, count, seed)


def _sink(connection, stream, peers, count):
    digest = hashlib.sha256(stream.read(int(count))).hexdigest()
    connection.sendall(digest.encode() + b"\n")
    stream.read()


def _duplex(connection, stream, peers, count, seed):
    thread = threading.Thread(target=connection.sendall, args=(random_bytes(count, seed),))
    thread.start()
    digest = hashlib.sha256(stream.read(int(count))).hexdigest()
    thread.join()
    connection.sendall(digest.encode() + b"\n")
    stream.read()


def _say(connection, stream, peers, text, piece):
    data = bytes.fromhex(text)
    for at in range(0, len(data), int(piece)):
        connection.sendall(data[at : at + int(piece)])


def _tell(connection, stream, peers, count):
    connection.sendall(stream.read(int(count)).hex().encode() + b"\n")
    stream.read()


def _reset(connection, stream, peers):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _quiet(connection, stream, peers):
    stream.read()


def _stuck(connection, stream, peers):
    peers.released.wait(LIMIT)
    peers.note(stream.read())


def _gather(connection, stream, peers):
    data = bytearray()
    try:
        while True:
            piece = stream.read1(65536)
            if not piece:
                break
            data += piece
    except OSError:
        pass  # a module that restarts breaks its connections off
    peers.note(bytes(data))


def _release(connection, stream, peers):
    peers.released.set()
    connection.sendall(b"ok\n")


def _away(connection, stream, peers):
    peers.take_away()
    stream.read()


def _page(connection, stream, peers, *words):
    while stream.readline().strip():
        pass
    head = "HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % PAGE
    connection.sendall(head.encode() + random_bytes(PAGE, 5))


def _note_visit(peers, clients_do, *words):
    try:
        verdict = clients_do(*words)
    except OSError as e:
        verdict = repr(e)
    peers.visits.put(verdict)


def _visit(connection, stream, peers, *words):
    stream.read()  # until the program has closed this
    _note_visit(peers, clients.visit, *[int(word) for word in words])


def _ring(connection, stream, peers, port, count):
    stream.read()
    _note_visit(peers, clients.ring, int(port), int(count))


def _call(connection, stream, peers, port, count):
    with clients.callers() as callers:
        connection.sendall(b"%d %d\n" % tuple(caller.getsockname()[1] for caller in callers))
        stream.readline()
        _note_visit(peers, clients.call, callers, int(port), int(count))


_BEHAVIOURS = {
    "echo": _echo,
    "source": _source,
    "asked": _asked,
    "sink": _sink,
    "duplex": _duplex,
    "say": _say,
    "tell": _tell,
    "reset": _reset,
    "quiet": _quiet,
    "stuck": _stuck,
    "gather": _gather,
    "away": _away,
    "release": _release,
    "GET": _page,
    "visit": _visit,
    "ring": _ring,
    "call": _call,
}


def _serve(connection, peers):
    connection.settimeout(LIMIT)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        with connection, connection.makefile("rb") as stream:
            words = _read_line(stream)
            if words:
                _BEHAVIOURS[words[0]](connection, stream, peers, *words[1:])
    except OSError:
        pass  # the program broke it off; what it printed tells whether it was to


@contextlib.contextmanager
def tcp():
    """The TCP server; yields its Peers."""
    peers = Peers()
    server = socket.socket()
    # Small, so that a peer that does not read is soon noticed.
    server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    server.bind(("127.0.0.1", 0))
    server.listen(32)
    peers.port = server.getsockname()[1]
    over = threading.Event()

    def accept():
        while not over.is_set():
            try:
                connection, _ = server.accept()
            except OSError:
                return
            if over.is_set():
                connection.close()
                return
            threading.Thread(target=_serve, args=(connection, peers), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield peers
    finally:
        over.set()
        socket.create_connection(("127.0.0.1", peers.port)).close()  # wakes the accept
        thread.join(LIMIT)
        server.close()


_ANSWERS = program_bytes(3000, 3)


def asked(datagram):
    """An answer for udp: `b"100"` is answered with scenario.noise(3000, 3)[100:200]."""
    size = int(datagram)
    return _ANSWERS[size : 2 * size]


def time_server(now):
    """An answer for udp: that of a time server (RFC 4330), for which it is always `now`."""
    seconds = struct.pack("!I", now + 2208988800)
    return lambda request: b"\x24\x01" + bytes(38) + seconds + bytes(4)


@contextlib.contextmanager
def udp(answer=bytes):
    """A UDP server that sends `answer(datagram)` back, the same without it; yields its Peers."""
    peers = Peers()
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))
    peers.port = server.getsockname()[1]
    over = threading.Event()

    def serve():
        while True:
            data, sender = server.recvfrom(65535)
            if over.is_set():
                return
            server.sendto(answer(data), sender)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield peers
    finally:
        over.set()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
            waker.sendto(b"", ("127.0.0.1", peers.port))
        thread.join(LIMIT)
        server.close()


def free_port():
    """A port for a server of the program: free now, above those that the modules avoid, and below
    those that a system gives to whoever binds port 0: nobody takes it before the program does."""
    while True:
        address = ("127.0.0.1", random.randrange(10000, 32000))
        with socket.socket() as tcp_socket, socket.socket(type=socket.SOCK_DGRAM) as udp_socket:
            try:
                tcp_socket.bind(address)
                udp_socket.bind(address)
            except OSError:
                continue
            return address[1]


@contextlib.contextmanager
def refusing():
    """A port that refuses connections, and stays ours so that nobody else answers there."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


@contextlib.contextmanager
def unanswering():
    """A port where a connection is neither accepted nor refused: its queue is full."""
    with socket.socket() as server, contextlib.ExitStack() as stack:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _ in range(3):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(server.getsockname())
        yield server.getsockname()[1]
