"""The table of socket services: what the module keeps for each connectID, and how data that
came from the network waits there and reaches the host."""

import abc
import collections

from .args import Refused
from .engine import OUTPUT_LIMIT, TRANSPARENT, Engine

TCP, UDP, LISTENER, INCOMING, SERVICE = (
    "TCP", "UDP", "TCP LISTENER", "TCP INCOMING", "UDP SERVICE")  # fmt: skip

INITIAL, OPENING, CONNECTED, LISTENING, CLOSING = (
    "initial", "opening", "connected", "listening", "closing")  # fmt: skip

BUFFER, PUSH, STREAM = 0, 1, 2  # access modes

DATAGRAM_LIMIT = 64  # datagrams kept for a UDP socket; beyond it they are dropped, as UDP may


class Service:
    """One connectID. It is the sink of its own endpoint (see network)."""

    def __init__(self, module, number, kind, context):
        self.module = module
        self.number = number
        self.kind = kind
        self.context = context
        self.address = ""
        self.remote_port = 0
        self.local_port = 0
        self.port_chosen = False  # the local port is the module's own choice
        self.server = number
        self.access = BUFFER
        self.state = INITIAL
        self.endpoint = None
        self.buffer = bytearray()
        self.datagrams = collections.deque()
        self.announced = False  # a recv URC is out and not everything has been read since
        self.over = None  # the code that the peer's side ended with
        self.told = False  # ... and the host knows
        self.client_limit = None  # of a listener: its incoming connections at once
        self.reconnect = 0  # s for which a connection that fails is tried again
        self.deadline = None  # the timer of that
        self.failure = 0  # the code of the last attempt
        self.lost = 0  # the code of what is asked of it since its context went
        self.hidden = False  # QISTATE does not tell it
        self.closing = False  # QICLOSE is at work on it
        self.received_total = 0
        self.read_total = 0
        self.sent_total = 0
        self.acknowledged = None  # when TCP's acknowledgement of what was sent last is there
        self.activity = module.clock.now()
        self.idle_timer = None

    @property
    def is_stream(self):
        return self.kind in (TCP, INCOMING)

    @property
    def unread(self):
        if self.is_stream:
            return len(self.buffer)
        return sum(len(data) for data, _, _ in self.datagrams)

    def room(self):
        return self.module.RECEIVE_BUFFER - len(self.buffer)

    def connected(self, code):
        self.module.opened(self, code)

    def drained(self):
        if self.module.streaming is self:
            self.module.run()

    def received(self, data):
        self.buffer += data
        self._count(len(data))

    def datagram(self, data, ip, port):
        if len(self.datagrams) >= DATAGRAM_LIMIT or not self.module.admits(ip):
            self.module.counts["datagram dropped"] += 1
            return
        self.datagrams.append((data, ip, port))
        self._count(len(data))

    def _count(self, length):
        self.received_total += length
        self.activity = self.module.clock.now()
        self.module.deliver(self)
        self.module.radio_received()

    def ended(self, code):
        self.over = code
        self.state = CLOSING
        self.module.peer_ended(self)
        forgotten = any([fault.forgets() for fault in self.module.faults])
        if forgotten:
            self.forget()
        self.module.deliver(self)
        if forgotten:
            self.module.drop(self)

    def forget(self):
        """What nobody has read is lost."""
        self.buffer.clear()
        self.datagrams.clear()

    def accepted(self, stream, ip, port):
        return self.module.accept(self, stream, ip, port)

    def pull(self, length):
        """Takes up to `length` bytes out; of a UDP socket, of its first datagram alone."""
        if self.is_stream:
            data = bytes(self.buffer[:length])
            del self.buffer[:length]
        else:
            data = self._pull_datagram(length)
        self.read_total += len(data)
        if not (self.buffer or self.datagrams):
            self.announced = False
        return data

    def _pull_datagram(self, length):
        whole, ip, port = self.datagrams.popleft() if self.datagrams else (b"", "", 0)
        if len(whole) > length:
            self.datagrams.appendleft((whole[length:], ip, port))
        return whole[:length]


class Services(Engine, abc.ABC):
    """Engine with its table of sockets."""

    CONNECT_IDS = 0
    RECEIVE_BUFFER = 65536  # bytes of a connection; beyond them TCP's window holds the peer
    PUSH_CHUNK = 1460  # bytes in one pushed URC; the seeds do not say

    def _start(self):
        for service in list(getattr(self, "services", {}).values()):
            self._abort(service)
        super()._start()
        self.services = {}
        self.streaming = None  # the service in transparent mode
        self.last_streaming = None  # the one that ATO goes back to

    def new_service(self, number, kind, context):
        return Service(self, number, kind, context)

    def service(self, number):
        """The service with this connectID, or Refused."""
        if number not in self.services:
            raise Refused
        return self.services[number]

    def lose_service(self, service, code):
        """Its context has gone without a word: whatever is asked of it is refused with `code`."""
        self._abort(service)
        service.state, service.over, service.told = CLOSING, code, True
        service.lost = code

    def _abort(self, service):
        endpoint, service.endpoint = service.endpoint, None
        if endpoint is None:
            return
        if service.is_stream:
            endpoint.abort()
        else:
            endpoint.close()

    def drop(self, service):
        """Forgets a service at once, and cuts its connection."""
        self._abort(service)
        if self.services.get(service.number) is service:
            del self.services[service.number]
        if self.last_streaming is service:
            self.last_streaming = None

    def free_id(self):
        """The id of an incoming connection: the highest free one, as the examples show."""
        for number in range(self.CONNECT_IDS - 1, -1, -1):
            if number not in self.services:
                return number
        return None

    # --- data on its way to the host -------------------------------------------------------

    def settle(self):
        super().settle()
        for service in list(self.services.values()):
            if service.access != BUFFER or (service.over is not None and not service.told):
                self.deliver(service)

    def deliver(self, service):
        """Announces or hands on what has arrived, as the access mode has it."""
        if service.number not in self.services:
            return
        if service.access == PUSH:
            self._push(service)
        elif self.streaming is service:
            self._stream(service)
        elif service.unread and not service.announced:
            if all([fault.announces(service) for fault in self.faults]):
                service.announced = True
                self.urc(self.recv_urc(service))
        self._tell_end(service)

    def _push(self, service):
        while self.urc_possible() and not self._urcs and len(self._out) < OUTPUT_LIMIT:
            if not (service.buffer or service.datagrams):
                break
            peer = service.datagrams[0][1:] if service.kind == SERVICE else None
            whole = self.PUSH_CHUNK if service.is_stream else 65535
            self.emit(self.push_urc(service, service.pull(whole), peer))
        self._resume(service)

    def _stream(self, service):
        while self._mode == TRANSPARENT and len(self._out) < OUTPUT_LIMIT and service.unread:
            self.emit(service.pull(OUTPUT_LIMIT))
        self._resume(service)

    def _resume(self, service):
        if service.endpoint and service.is_stream and service.room() and service.over is None:
            service.endpoint.resume()

    def _tell_end(self, service):
        if service.over is None or service.told:
            return
        if service.access != BUFFER and service.unread:
            return  # what came before the end is told before it
        service.told = True
        self.tell_closed(service)

    def tell_closed(self, service):
        self.urc('+QIURC: "closed",{}'.format(service.number))

    # --- what the layers above fill in -----------------------------------------------------

    @abc.abstractmethod
    def recv_urc(self, service):
        """The text that tells of data in buffer mode."""

    @abc.abstractmethod
    def push_urc(self, service, data, peer):
        """The bytes that hand data on in push mode; peer: (ip, port) of a UDP SERVICE, or None."""

    @abc.abstractmethod
    def opened(self, service, code):
        """The attempt to open it is over; 0 is success."""

    @abc.abstractmethod
    def accept(self, listener, stream, ip, port):
        """A connection comes in: the sink for it, or None to refuse it (see network)."""

    def admits(self, ip):
        """Whether data from this address passes the module's own filter."""
        return True

    def peer_ended(self, service):
        """The peer's side of a connection is over."""

    def resolve(self, name, then):
        """Looks a name up; then(addresses), empty if it is not known."""
        self.radio_used()
        self.network.resolve(name, then)

    def radio_used(self):
        """Something went over the air that is no data: a connection, a question."""

    def radio_sent(self, service, rai=0):
        """Data went over the air."""

    def radio_received(self):
        """Data came over the air."""
