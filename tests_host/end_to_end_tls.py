"""A TLS server on loopback, for the programs that talk TLS through the virtual module.

The program's first line says what the server is to do, as with end_to_end_peers.py:

    echo                 sends everything back
    source COUNT SEED    sends COUNT random bytes and closes as TLS wants it
    sink COUNT           reads COUNT bytes, answers their SHA-256 in hex and a newline
    torn COUNT SEED      sends COUNT random bytes as one record, but only half of that record; the
                         other half once a line has come. Then as echo
    cut COUNT SEED       sends COUNT random bytes as one record, half of it, and breaks off
    gone COUNT SEED      sends COUNT random bytes, and closes without the alert that ends TLS
    stuck                reads nothing until another connection says `release`; then to the end,
                         and keeps count and digest
    release              lets every `stuck` go on; answers `ok` and a newline

The TLS is done in memory, so that it is known which bytes on the wire make one record.
"""

import contextlib
import datetime
import hashlib
import socket
import ssl
import struct
import threading

import trustme
from end_to_end_peers import LIMIT, random_bytes

NAME = "tls.example"


class Certificates:
    """An authority, its file, another one that nobody trusts, and what they have signed."""

    def __init__(self, folder):
        self._authority = trustme.CA()
        self._stranger = trustme.CA()
        self.trusted = str(folder / "trusted.pem")
        self.root = str(folder / "root.pem")  # of chain()
        self._authority.cert_pem.write_to_path(self.trusted)

    def good(self, name=NAME, version=None, **options):
        """A context whose certificate the authority has signed for `name`; with `version`, the
        name of an ssl.TLSVersion, it talks that one only."""
        context = _context(self._authority.issue_cert(name, **options))
        if version:
            context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
        return context

    def chain(self):
        """… with RSA keys and an authority between the two, as on many servers: 2.4 kB."""
        kind = trustme.KeyType.RSA
        root = trustme.CA(key_type=kind)
        root.cert_pem.write_to_path(self.root)
        return _context(root.create_child_ca(key_type=kind).issue_cert(NAME, key_type=kind))

    def for_server(self, folder):
        """Write chain.pem and key.pem for a server of the program's; returns the folder's name."""
        certificate = self._authority.issue_cert(NAME)
        certificate.private_key_pem.write_to_path(str(folder / "key.pem"))
        chain = b"".join(blob.bytes() for blob in certificate.cert_chain_pems)
        (folder / "chain.pem").write_bytes(chain)
        return str(folder)

    def expired(self):
        """… for a week that is over."""
        now = datetime.datetime.now(datetime.timezone.utc)
        return self.good(
            not_before=now - datetime.timedelta(days=20),
            not_after=now - datetime.timedelta(days=13),
        )

    def untrusted(self):
        """A context with a certificate of the other authority."""
        return _context(self._stranger.issue_cert(NAME))


def _context(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


class Stream:
    """One TLS connection, from the server's side."""

    def __init__(self, connection, context):
        self._connection = connection
        self._in = ssl.MemoryBIO()
        self._out = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._in, self._out, server_side=True)
        self._rest = b""

    def handshake(self):
        try:
            self._run(self._tls.do_handshake)
        except ssl.SSLError:
            self._flush()  # the alert that says why
            raise

    def _run(self, call, *args):
        while True:
            try:
                result = call(*args)
            except ssl.SSLWantReadError:
                self._flush()
                data = self._connection.recv(65536)
                if data:
                    self._in.write(data)
                else:
                    self._in.write_eof()
            else:
                self._flush()
                return result

    def _flush(self):
        if self._out.pending:
            self._connection.sendall(self._out.read())

    def read(self, count):
        """Up to `count` bytes; b"" at the end."""
        try:
            return self._run(self._tls.read, count)
        except ssl.SSLEOFError:
            return b""

    def readline(self):
        line = b""
        while not line.endswith(b"\n"):
            byte = self.read(1)
            if not byte:
                break
            line += byte
        return line

    def write(self, data):
        view = memoryview(data)
        while view:
            view = view[self._run(self._tls.write, view) :]

    def write_half(self, data):
        """Send the first half of a record; write_rest sends the other."""
        self._tls.write(data)
        record = self._out.read()
        self._rest = record[len(record) // 2 :]
        self._connection.sendall(record[: len(record) // 2])

    def write_rest(self):
        self._connection.sendall(self._rest)

    def end(self):
        """The alert that ends TLS."""
        with contextlib.suppress(ssl.SSLError):
            self._tls.unwrap()  # it sends the peer's part of the end, and would wait for the other
        self._flush()

    def break_off(self):
        """End with a RST."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _echo(stream, server):
    while True:
        data = stream.read(4096)
        if not data:
            return stream.end()
        stream.write(data)


def _source(stream, server, count, seed):
    stream.write(random_bytes(count, seed))
    stream.end()


def _sink(stream, server, count):
    digest = hashlib.sha256()
    left = int(count)
    while left:
        data = stream.read(min(left, 65536))
        if not data:
            return
        left -= len(data)
        digest.update(data)
    stream.write(digest.hexdigest().encode() + b"\n")
    stream.read(1)
    stream.end()


def _torn(stream, server, count, seed):
    stream.write_half(random_bytes(count, seed))
    stream.readline()
    stream.write_rest()
    _echo(stream, server)


def _cut(stream, server, count, seed):
    stream.write_half(random_bytes(count, seed))
    # The program has asked for more than there is: it has read the half before it says this.
    stream.readline()
    stream.break_off()


def _gone(stream, server, count, seed):
    stream.write(random_bytes(count, seed))


def _stuck(stream, server):
    server.released.wait(LIMIT)
    data = bytearray()
    while True:
        piece = stream.read(65536)
        if not piece:
            break
        data += piece
    server.keep(data)


def _release(stream, server):
    server.released.set()
    stream.write(b"ok\n")
    stream.end()


_BEHAVIOURS = {
    "echo": _echo,
    "source": _source,
    "sink": _sink,
    "torn": _torn,
    "cut": _cut,
    "gone": _gone,
    "stuck": _stuck,
    "release": _release,
}


class Server:
    """Where it is, and what became of each handshake: None, or the error's text."""

    def __init__(self):
        self.port = 0
        self.handshakes = []
        self.released = threading.Event()
        self._kept = None
        self._news = threading.Condition()

    def note(self, error):
        with self._news:
            self.handshakes.append(error)
            self._news.notify_all()

    def keep(self, data):
        with self._news:
            self._kept = "%d %s" % (len(data), hashlib.sha256(data).hexdigest())
            self._news.notify_all()

    def outcome(self):
        """What became of the first handshake, once it is over."""
        with self._news:
            assert self._news.wait_for(lambda: self.handshakes, 20)
            return self.handshakes[0]

    def kept(self):
        """Count and digest of what a `stuck` has read, once it is over."""
        with self._news:
            assert self._news.wait_for(lambda: self._kept, 20)
            return self._kept


def _serve(connection, context, server):
    connection.settimeout(LIMIT)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with connection:
        stream = Stream(connection, context)
        try:
            stream.handshake()
        except OSError as e:  # ssl.SSLError is one
            return server.note(str(e))
        server.note(None)
        with contextlib.suppress(OSError):  # the program broke it off
            words = stream.readline().decode().split()
            if words:
                _BEHAVIOURS[words[0]](stream, server, *words[1:])


@contextlib.contextmanager
def server(context):
    """The server with this context; yields its Server."""
    ours = Server()
    listener = socket.socket()
    # Small, so that a peer that does not read is soon noticed.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    listener.bind(("127.0.0.1", 0))
    listener.listen(32)
    ours.port = listener.getsockname()[1]
    over = threading.Event()

    def accept():
        while True:
            connection, _ = listener.accept()
            if over.is_set():
                connection.close()
                return
            words = (connection, context, ours)
            threading.Thread(target=_serve, args=words, daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield ours
    finally:
        over.set()
        socket.create_connection(("127.0.0.1", ours.port)).close()  # wakes the accept
        thread.join(20)
        listener.close()
