"""What a module asks of the network, as an interface: bridge.py has the real one, fake.py the
one of the tests.

A module hands a *sink* to whatever it opens, and the network calls it:

    sink.connected(code)              once, for a stream that connect() began; 0 is success
    sink.room()                       bytes that it can take now; the network holds on to the rest
    sink.received(data)               stream: at most room() bytes
    sink.drained()                    stream: what it was sent is on its way, there is room again
    sink.ended(code)                  stream: no more will come; 0 the peer closed, else a code
    sink.datagram(data, ip, port)     datagram socket
    sink.accepted(stream, ip, port)   listener; returns a sink for the stream, or None to refuse

Codes are those of the application notes' tables: 0, or 550 and up.
"""

CONNECT_FAILED = 566
RESET = 567
TIMED_OUT = 569
BIND_FAILED = 556
LISTEN_FAILED = 557
PORT_BUSY = 573


class NetworkError(Exception):
    """A socket that cannot be had; `code` is a result code."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


class Stream:
    """One TCP connection."""

    sink = None
    local_port = 0

    def room(self):
        """Bytes that `send` would take now."""
        raise NotImplementedError

    def send(self, data):
        """Takes all of `data`, which must fit in room()."""
        raise NotImplementedError

    def waiting(self):
        """Bytes taken that are not on their way yet."""
        raise NotImplementedError

    def unacked(self):
        """Bytes taken that the peer's TCP has not acknowledged."""
        raise NotImplementedError

    def resume(self):
        """The sink has room again."""

    def close(self, timeout, then):
        """Closes in good order, by force after `timeout` s; then() is called once it is done."""
        raise NotImplementedError

    def abort(self):
        """Closes at once and tells nobody on this side."""
        raise NotImplementedError


class Listener:
    def close(self):
        raise NotImplementedError


class Datagrams:
    """One UDP socket."""

    local_port = 0

    def send(self, data, ip, port):
        raise NotImplementedError

    def close(self):
        raise NotImplementedError


class Network:
    def resolve(self, name, then):
        """Calls then(addresses): a list of texts, empty if the name is not known."""
        raise NotImplementedError

    def connect(self, ip, port, local_port, sink):
        """Begins a TCP connection, returns its Stream. local_port 0: any."""
        raise NotImplementedError

    def listen(self, ip, port, sink):
        raise NotImplementedError

    def datagrams(self, ip, local_port, sink):
        """A UDP socket; `ip` only tells the family, and where a service listens."""
        raise NotImplementedError

    def ping(self, ip, timeout, then):
        """Calls then(milliseconds), or then(None) after `timeout` seconds without an answer."""
        raise NotImplementedError
