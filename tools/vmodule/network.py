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

import abc

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


class Stream(abc.ABC):
    """One TCP connection."""

    sink = None
    local_port = 0

    @abc.abstractmethod
    def room(self):
        """Bytes that `send` would take now."""

    @abc.abstractmethod
    def send(self, data):
        """Takes all of `data`, which must fit in room()."""

    @abc.abstractmethod
    def waiting(self):
        """Bytes taken that are not on their way yet."""

    @abc.abstractmethod
    def unacked(self):
        """Bytes taken that the peer's TCP has not acknowledged."""

    def resume(self):
        """The sink has room again."""

    @abc.abstractmethod
    def close(self, timeout, then):
        """Closes in good order, by force after `timeout` s; then() is called once it is done."""

    @abc.abstractmethod
    def abort(self):
        """Closes at once and tells nobody on this side."""


class Listener(abc.ABC):
    """A TCP port that is listened at."""

    @abc.abstractmethod
    def close(self):
        """Stops listening; streams that were accepted stay."""


class Datagrams(abc.ABC):
    """One UDP socket."""

    local_port = 0

    @abc.abstractmethod
    def send(self, data, ip, port):
        """Sends a datagram."""

    @abc.abstractmethod
    def close(self):
        """Frees the port."""


class Network(abc.ABC):
    """All that is beyond the module."""

    @abc.abstractmethod
    def resolve(self, name, then):
        """Calls then(addresses): a list of texts, empty if the name is not known."""

    @abc.abstractmethod
    def connect(self, ip, port, local_port, sink):
        """Begins a TCP connection, returns its Stream. local_port 0: any."""

    @abc.abstractmethod
    def listen(self, ip, port, sink):
        """Listens for TCP connections, returns a Listener; NetworkError where it cannot."""

    @abc.abstractmethod
    def datagrams(self, ip, local_port, sink):
        """A UDP socket; `ip` only tells the family, and where a service listens."""

    @abc.abstractmethod
    def ping(self, ip, timeout, then):
        """Calls then(milliseconds), or then(None) after `timeout` seconds without an answer."""
