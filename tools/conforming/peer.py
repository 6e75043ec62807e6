"""The far end of the module's connections: `tools/conform --serve HOST:PORT` on a machine that the
module reaches, or a thread of tools/conform itself.

TCP and UDP are on one port. A TCP connection whose first line is `conform KEY` is that of a
tools/conform, which says what the others are to do: a line of JSON each way for each request. All
others are the module's. The key is for nobody else to use the server for his own ends."""

import contextlib
import hashlib
import json
import random
import secrets
import select
import socket
import threading
import time

_WORD = b"conform "
_PIECE = 65536
_CONNECT_S = 60  # s for a connection to the module
_REPLY_S = 90  # s for an answer of the server


class PeerError(Exception):
    """The peer cannot be reached, or could not do what it was asked."""


def noise(count, seed):
    """Bytes of any value, the same for the same seed."""
    return random.Random(seed).getrandbits(8 * count).to_bytes(count, "little") if count else b""


class _Connection:
    def __init__(self, sock):
        self.sock = sock
        self.got = bytearray()
        self.control = False
        self.ended = False
        self.out = bytearray()
        self.closing = False


class Server:
    """The peer. `run` serves until `stop`; `key` is what a tools/conform must know."""

    def __init__(self, host, port, key=None):
        self.key = key or secrets.token_hex(4)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._tcp = socket.create_server((host, port), family=family)
        self.port = self._tcp.getsockname()[1]
        self._udp = socket.socket(family, socket.SOCK_DGRAM)
        self._udp.bind((host, self.port))
        self._open = []
        self._datagrams = []  # (data, address)
        self._echo = False
        self._awake, self._wake = socket.socketpair()
        self._running = True

    def stop(self):
        """End `run`, from another thread."""
        self._running = False
        self._wake.send(b"x")

    def run(self):
        """Serve until stopped."""
        while self._running:
            readers = [self._tcp, self._udp, self._awake]
            readers += [each.sock for each in self._open if not each.ended]
            writers = [each.sock for each in self._open if each.out]
            ready, able, _ = select.select(readers, writers, [], 10)
            if self._tcp in ready:
                self._open.append(_Connection(self._tcp.accept()[0]))
            if self._udp in ready:
                self._datagram()
            for each in list(self._open):
                if each.sock in ready:
                    self._read(each)
                if each.sock in able:
                    self._write(each)

    def close(self):
        """Let all go, once `run` has ended."""
        for each in self._open:
            each.sock.close()
        for sock in (self._tcp, self._udp, self._awake, self._wake):
            sock.close()

    def _datagram(self):
        data, address = self._udp.recvfrom(_PIECE)
        if self._echo:
            self._udp.sendto(data, address)
        self._datagrams.append((data, address))

    def _read(self, each):
        try:
            data = each.sock.recv(_PIECE)
        except OSError:
            data = b""
        if not data:
            each.ended = True
            if each.control:
                self._drop(each)
            return
        each.got += data
        if not each.control and each.got.startswith(_WORD) and b"\n" in each.got:
            line, _, rest = bytes(each.got).partition(b"\n")
            each.got[:] = rest
            each.control = secrets.compare_digest(line, _WORD + self.key.encode())
            if not each.control:
                return self._drop(each)
            each.out += b'{"ok": true}\n'
        if each.control:
            while b"\n" in each.got:
                line, _, rest = bytes(each.got).partition(b"\n")
                each.got[:] = rest
                each.out += json.dumps(self._ask(line)).encode() + b"\n"
        elif self._echo:
            each.out += data

    def _write(self, each):
        try:
            count = each.sock.send(each.out[:_PIECE])
        except OSError:
            each.out.clear()
            return
        del each.out[:count]
        if each.closing and not each.out:
            self._end(each)

    def _end(self, each):
        with contextlib.suppress(OSError):
            each.sock.shutdown(socket.SHUT_WR)

    def _drop(self, each):
        each.sock.close()
        self._open.remove(each)

    # ---- what a tools/conform asks ----

    def _ask(self, line):
        try:
            asked = json.loads(line)
            reply = getattr(self, "_ask_" + asked.pop("what"))(**asked) or {}
        except (ValueError, TypeError, AttributeError, OSError, PeerError) as error:
            return {"error": "%s: %s" % (type(error).__name__, error)}
        return dict(reply, ok=True)

    def _newest(self):
        others = [each for each in self._open if not each.control]
        if not others:
            raise PeerError("no connection of the module's has come")
        return others[-1]

    def _ask_new(self, echo):
        for each in [each for each in self._open if not each.control]:
            self._drop(each)
        self._datagrams.clear()
        self._echo = echo

    def _ask_count(self):
        return {"count": len([each for each in self._open if not each.control])}

    def _ask_send(self, data):
        self._newest().out += bytes.fromhex(data)

    def _ask_pour(self, count, seed):
        self._newest().out += noise(count, seed)

    def _ask_got(self, clear=True):
        each = self._newest()
        reply = {
            "data": each.got[:_PIECE].hex(),
            "count": len(each.got),
            "ended": each.ended,
            "sha256": hashlib.sha256(each.got).hexdigest(),
        }
        if clear:
            each.got.clear()
        return reply

    def _ask_close(self):
        each = self._newest()
        each.closing = True
        if not each.out:
            self._end(each)

    def _ask_connect(self, host, port):
        self._open.append(_Connection(socket.create_connection((host, port), _CONNECT_S)))

    def _ask_datagram(self, data, host, port):
        self._udp.sendto(bytes.fromhex(data), (host, port))

    def _ask_datagrams(self):
        told = [[data.hex(), *address[:2]] for data, address in self._datagrams]
        self._datagrams.clear()
        return {"datagrams": told}


class Peer:
    """A tools/conform's connection to a Server."""

    def __init__(self, host, port, key):
        try:
            self._sock = socket.create_connection((host, port), _CONNECT_S)
            self._sock.settimeout(_REPLY_S)
            self._file = self._sock.makefile("rw", encoding="ascii", newline="\n")
            self._file.write("conform %s\n" % key)
            self._reply()
        except (OSError, PeerError) as error:
            raise PeerError(
                "the peer at %s:%d: %s. Start it there with: tools/conform --serve %s:%d, and "
                "give the key that it prints" % (host, port, error, "0.0.0.0", port)
            ) from None

    def _reply(self):
        self._file.flush()
        line = self._file.readline()
        if not line:
            raise PeerError("it has closed the connection (a wrong --key?)")
        reply = json.loads(line)
        if "error" in reply:
            raise PeerError(reply["error"])
        return reply

    def _ask(self, what, **more):
        self._file.write(json.dumps(dict(more, what=what)) + "\n")
        try:
            return self._reply()
        except OSError as error:
            raise PeerError(str(error)) from None

    def new(self, echo=False):
        """Forget what was; from now on send back all that comes, or nothing."""
        self._ask("new", echo=echo)

    def connections(self):
        """How many of the module's connections there are."""
        return self._ask("count")["count"]

    def send(self, data):
        """Send on the newest connection."""
        self._ask("send", data=data.hex())

    def pour(self, count, seed):
        """Send noise(count, seed) on it."""
        self._ask("pour", count=count, seed=seed)

    def got(self):
        """What has come on it since it was last asked."""
        return bytes.fromhex(self._ask("got")["data"])

    def state(self):
        """(count, SHA-256, whether the module has closed) of what has come on it."""
        reply = self._ask("got", clear=False)
        return reply["count"], reply["sha256"], reply["ended"]

    def close(self):
        """Close the newest connection, behind all that is to be sent."""
        self._ask("close")

    def connect(self, host, port):
        """Be a client of the module."""
        self._ask("connect", host=host, port=port)

    def datagram(self, data, host, port):
        """Send a datagram."""
        self._ask("datagram", data=data.hex(), host=host, port=port)

    def datagrams(self):
        """(data, host, port) of each datagram since it was last asked."""
        return [
            (bytes.fromhex(data), host, port)
            for data, host, port in self._ask("datagrams")["datagrams"]
        ]

    def end(self):
        """Let the server go."""
        self._file.close()
        self._sock.close()


@contextlib.contextmanager
def here(host, port):
    """A Server in a thread of this process; yields it."""
    server = Server(host, port)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join()
        server.close()


def address(host):
    """The address of `host`, as a module shows it."""
    try:
        return socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0][4][0]
    except OSError as error:
        raise PeerError("%s: %s" % (host, error)) from None


def serve(host, port):
    """`tools/conform --serve`: until Ctrl-C."""
    server = Server(host, port)
    print("serving TCP and UDP at %s:%d, key %s" % (host, server.port, server.key), flush=True)
    print(
        "on the PC with the module: tools/conform … --peer THIS-MACHINE:%d --key %s"
        % (server.port, server.key),
        flush=True,
    )
    with contextlib.suppress(KeyboardInterrupt):
        server.run()
    server.close()


def wait(condition, bound):
    """Whether `condition()` came true within `bound` seconds."""
    end = time.monotonic() + bound
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True
