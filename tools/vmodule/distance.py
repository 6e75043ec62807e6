"""A network that is far away: whatever goes out or comes in is half a round trip on its way.

It stands between a module and any other network (see network.py for the interface).
"""

import collections

from .network import Datagrams, Network, NetworkError, Stream

CHUNK = 65536


class Way:
    """What goes over it takes as long as it says. While it is not `whole` nothing passes: all that
    would have arrived arrives when it is mended, and nobody is told."""

    def __init__(self, clock):
        self.clock = clock
        self.whole = True
        self._held = []

    def later(self, delay, call):
        self.clock.call_later(delay, lambda: self._arrive(call))

    def _arrive(self, call):
        if self.whole:
            call()
        else:
            self._held.append(call)

    def mend(self):
        self.whole = True
        held, self._held = self._held, []
        for call in held:
            call()


class FarStream(Stream):
    """The module's Stream; `inner` is the one beyond the distance, once we are there."""

    def __init__(self, way, half, sink=None):
        self.sink = sink
        self.inner = None
        self.half = half
        self._way = way
        self._over = False
        self._outward = 0  # bytes on their way
        self._young = 0  # bytes sent less than a round trip ago
        self._forced = None  # the timer of a close

    def later(self, delay, call, *args):
        """Everything that takes equally long comes in the order in which it set out."""
        self._way.later(delay, lambda: None if self._over else call(*args))

    def connect(self, network, *place):
        self.later(self.half, self._set_out, network, *place)

    def _set_out(self, network, *place):
        inlet = Inlet(self)
        try:
            self.inner = network.connect(*place, inlet)
        except NetworkError as error:
            inlet.connected(error.code)

    # --- what the module does --------------------------------------------------------------

    @property
    def local_port(self):
        return self.inner.local_port if self.inner else 0

    def room(self):
        return self.inner.room() - self._outward if self.inner else 0

    def send(self, data):
        self._outward += len(data)
        self._young += len(data)
        self.later(self.half, self._arrived, bytes(data))
        self.later(2 * self.half, self._grown, len(data))

    def _arrived(self, data):
        self._outward -= len(data)
        self.inner.send(data)
        if self.sink:
            self.sink.drained()

    def _grown(self, count):
        self._young -= count

    def waiting(self):
        return self.inner.waiting() if self.inner else 0

    def unacked(self):
        beyond = self.inner.unacked() if self.inner else 0
        return max(self._young, self._outward + beyond)

    def resume(self):
        if self.inner:
            self.inner.resume()

    def close(self, timeout, then):
        self.sink = None
        if self.inner is None or not timeout:
            self._over = True
            if self.inner:
                self.inner.close(0, lambda: None)
            return then()

        def finished():
            self._over = True
            self._forced.cancel()
            then()

        def forced():
            self.abort()
            then()

        self._forced = self._way.clock.call_later(timeout, forced)
        self.later(self.half, self._close_there, timeout, finished)

    def _close_there(self, timeout, finished):
        self.inner.close(timeout, lambda: self.later(self.half, finished))

    def abort(self):
        self._over = True
        self.sink = None
        if self._forced:
            self._forced.cancel()
        if self.inner:
            self.inner.abort()


class Inlet:
    """The sink that the stream beyond the distance has."""

    def __init__(self, far):
        self._far = far
        self._coming = 0  # bytes on their way

    def _home(self, call):
        """call(sink) when what comes has come, if anybody still wants it."""
        far = self._far
        far.later(far.half, lambda: far.sink and call(far.sink))

    def room(self):
        sink = self._far.sink
        return sink.room() - self._coming if sink else CHUNK

    def connected(self, code):
        self._home(lambda sink: sink.connected(code))

    def received(self, data):
        self._coming += len(data)
        self._home(lambda sink: self._came(sink, data))

    def _came(self, sink, data):
        self._coming -= len(data)
        sink.received(data)
        self._far.resume()

    def drained(self):
        if self._far.sink:
            self._far.sink.drained()

    def ended(self, code):
        self._home(lambda sink: sink.ended(code))


class Door:
    """The sink of a listener: who comes in has far to go from then on."""

    def __init__(self, way, half, sink):
        self._way, self._half, self._sink = way, half, sink

    def accepted(self, stream, ip, port):
        if not self._way.whole:
            return None
        far = FarStream(self._way, self._half)
        far.inner = stream
        far.sink = self._sink.accepted(far, ip, port)
        return Inlet(far) if far.sink else None


class FarDatagrams(Datagrams):
    """The module's Datagrams, and at once the sink of those beyond the distance."""

    def __init__(self, way, half, sink):
        self._way, self._half, self._sink = way, half, sink
        self._going = collections.deque()
        self.inner = None

    @property
    def local_port(self):
        return self.inner.local_port

    def send(self, data, ip, port):
        if self._way.whole:
            self._going.append((data, ip, port))
            self._way.clock.call_later(self._half, self._go)

    def _go(self):
        if self._going:
            self.inner.send(*self._going.popleft())

    def datagram(self, data, ip, port):
        if self._way.whole:
            self._way.clock.call_later(self._half, lambda: self._came(data, ip, port))

    def _came(self, *datagram):
        if self._sink:
            self._sink.datagram(*datagram)

    def close(self):
        """What has been sent is on its way, closed or not."""
        self._sink = None
        while self._going:
            self._go()
        self.inner.close()


class Far(Network):
    """network: the one beyond the distance. rtt: seconds there and back."""

    def __init__(self, network, clock, rtt):
        self._network, self._rtt = network, rtt
        self.way = Way(clock)

    def resolve(self, name, then):
        self._network.resolve(name, lambda found: self.way.later(self._rtt, lambda: then(found)))

    def connect(self, ip, port, local_port, sink):
        stream = FarStream(self.way, self._rtt / 2, sink)
        stream.connect(self._network, ip, port, local_port)
        return stream

    def listen(self, ip, port, sink):
        return self._network.listen(ip, port, Door(self.way, self._rtt / 2, sink))

    def datagrams(self, ip, local_port, sink):
        far = FarDatagrams(self.way, self._rtt / 2, sink)
        far.inner = self._network.datagrams(ip, local_port, far)
        return far

    def ping(self, ip, timeout, then):
        clock = self.way.clock
        if not self.way.whole:
            return clock.call_later(timeout, lambda: then(None))

        def answered(milliseconds):
            if milliseconds is None:
                return then(None)
            there = milliseconds / 1000
            if there + self._rtt > timeout:
                clock.call_later(max(0.0, timeout - there), lambda: then(None))
            else:
                told = milliseconds + self._rtt * 1000
                clock.call_later(self._rtt, lambda: then(told))

        return self._network.ping(ip, timeout, answered)
