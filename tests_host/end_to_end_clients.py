"""Clients of a server that a program runs behind the virtual module, with sockets of this machine.

Each function returns a text that says what happened, for a test to compare: `served`, or what was
wrong.
"""

import contextlib
import hashlib
import random
import socket
import threading
import time

HOST = "127.0.0.1"
LIMIT = 600  # seconds: ends only what hangs
LONGEST = 1460  # bytes of a datagram


def _connected(port):
    """A socket to the program's server, as soon as it listens."""
    pause = threading.Event()
    deadline = time.monotonic() + LIMIT
    while True:
        try:
            return socket.create_connection((HOST, port), LIMIT)
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            pause.wait(0.01)


def _bytes(count, seed):
    return random.Random(seed).getrandbits(8 * count).to_bytes(count, "little")


def _receive(client, count):
    data = bytearray()
    while len(data) < count:
        piece = client.recv(65536)
        if not piece:
            break
        data += piece
    return bytes(data)


def _turned_away(connect):
    try:
        return connect().recv(1) == b""
    except TimeoutError:
        return False
    except OSError:
        return True  # perhaps before connect has returned


def visit(port, count, size):
    """`count` clients at once, each echoed; one more, which must be turned away; then `size`
    bytes of each at the same time, and the end."""
    with contextlib.ExitStack() as stack:

        def client():
            return stack.enter_context(_connected(port))

        visitors = [client() for _ in range(count)]
        for number, visitor in enumerate(visitors):
            greeting = b"client %d" % number
            visitor.sendall(greeting)
            if _receive(visitor, len(greeting)) != greeting:
                return "client %d was not served" % number
        if not _turned_away(client):
            return "client %d was not turned away" % count
        # So little that the kernels' buffers hold it: nobody has to read meanwhile.
        for number, visitor in enumerate(visitors):
            visitor.sendall(_bytes(size, number))
        for number, visitor in enumerate(visitors):
            if _receive(visitor, size) != _bytes(size, number):
                return "client %d got other bytes" % number
    return "served"


def ring(port, count):
    """One client that greets, and echoes until the end: `count` bytes and a line at the least."""
    echoed = 0
    with _connected(port) as client:
        client.sendall(b"hello")
        while True:
            data = client.recv(65536)
            if not data:
                return "served" if echoed > count else "only %d bytes came" % echoed
            echoed += len(data)
            client.sendall(data)


def in_turn(port, clients, count):
    """ring, so many times one after the other. The module turns a client away until the last one
    is closed on its side too."""
    deadline = time.monotonic() + LIMIT
    told = []
    while len(told) < clients and time.monotonic() < deadline:
        with contextlib.suppress(ConnectionError):
            word = ring(port, count)
            if word != "only 0 bytes came":
                told.append(word)
    return told


def leave_word(port, count):
    """A client that sends `count` bytes and goes at once; returns their digest."""
    data = _bytes(count, 5)
    with _connected(port) as client:
        client.sendall(data)
    return hashlib.sha256(data).hexdigest()


def turned_away(port):
    """A client that is sent away after its greeting, and gets no answer."""
    with _connected(port) as client:
        client.sendall(b"hello")
        return client.recv(10) == b""


@contextlib.contextmanager
def callers():
    """Two UDP sockets."""
    with contextlib.ExitStack() as stack:
        pair = []
        for _ in range(2):
            caller = stack.enter_context(socket.socket(type=socket.SOCK_DGRAM))
            caller.bind((HOST, 0))
            caller.settimeout(LIMIT)
            pair.append(caller)
        yield pair


def call(pair, port, count):
    """Two callers send `count` datagrams each, in turn, and each gets its own back."""
    for number in range(count):
        size = 1 + (number * 37) % LONGEST
        sent = [_bytes(size, number), _bytes(LONGEST + 1 - size, number + 1)]
        for caller, datagram in zip(pair, sent):
            caller.sendto(datagram, (HOST, port))
        for caller, datagram in zip(pair, sent):
            if caller.recv(65536) != datagram:
                return "other bytes came back in round %d" % number
    return "served"
