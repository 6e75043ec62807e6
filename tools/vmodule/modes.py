"""QISWTMD, ATO, `+++` and transparent mode ("BG95-S5 TCP/IP Application Note", 1.2, 2.3.10)."""

from .args import Refused
from .engine import COMMAND, EXECUTE, LATER, READ, TEST, TRANSPARENT
from .services import BUFFER, CONNECTED, LISTENER, SERVICE, STREAM

NOT_ALLOWED = 572
ESCAPE = b"+++"
DATAGRAM_ROOM = 65536


class Modes:
    """Mixin. Needs GUARD_TIME, the silence before and after `+++`, in seconds."""

    def _start(self):
        super()._start()
        self._readers[TRANSPARENT] = self.read_stream
        self._held = bytearray()  # what may become +++
        self._packet = bytearray()  # what waits for transpktsize or transwaittm
        self._last_input = -1e9
        self._guard = self._flush = None
        self.dtr_leaves = False  # AT&D1

    def ip_qiswtmd(self, form, args):
        if form == TEST:
            return self.info("+QISWTMD: (0-{}),(0-2)".format(self.CONNECT_IDS - 1))
        if form in (READ, EXECUTE):
            raise Refused
        args.expect(2, 2)
        service = self.service(self.connect_id(args))
        access = args.integer(1, 0, 2)
        if access == STREAM:
            self._may_stream(service)
            self.enter_stream(service)
            return LATER
        service.access = access
        service.announced = False
        self.final()
        self.deliver(service)
        return LATER

    def _may_stream(self, service):
        if service.kind in (LISTENER, SERVICE) or service.state != CONNECTED:
            raise Refused(NOT_ALLOWED)

    def basic_o(self, _value):
        service = self.last_streaming
        if service is None or service.state != CONNECTED:
            self.final("NO CARRIER")
        else:
            self.enter_stream(service)
        return LATER

    def enter_stream(self, service):
        """Answers CONNECT; from here on the UART is the connection."""
        self.streaming = self.last_streaming = service
        service.access = STREAM
        service.announced = False
        self._last_input = self.clock.now()
        self._mode = TRANSPARENT
        self.final("CONNECT")

    def _leave_stream(self):
        """Back to commands; the socket goes on in buffer mode."""
        service, self.streaming = self.streaming, None
        self._send_packet(everything=True)
        for timer in (self._guard, self._flush):
            if timer:
                timer.cancel()
        self._held.clear()
        self._packet.clear()
        self._guard = self._flush = None
        self._mode = COMMAND
        service.access = BUFFER
        return service

    def lose_service(self, service, code):
        super().lose_service(service, code)
        if self.streaming is service:
            self.lost_stream(service)

    def tell_closed(self, service):
        if self.streaming is service:
            self.lost_stream(service)
        else:
            super().tell_closed(service)

    def lost_stream(self, service):
        """The connection ended by itself."""
        self._leave_stream()
        self._input.clear()  # it was meant for the connection
        self.emit(b"\r\nNO CARRIER\r\n")
        self.settle()

    def set_dtr(self, high):
        """The host drives MAIN_DTR; going high leaves transparent mode after AT&D1."""
        super().set_dtr(high)
        if high and self.dtr_leaves and self._mode == TRANSPARENT:
            self._escaped()

    def _escaped(self):
        service = self._leave_stream()
        self.emit(b"\r\nOK\r\n")
        self.deliver(service)
        self.settle()

    # --- the host's bytes ------------------------------------------------------------------

    def read_stream(self):
        """Sorts input into data and a possible `+++`."""
        room = self.stream_room()
        if not room:
            return False
        now = self.clock.now()
        quiet = now - self._last_input >= self.GUARD_TIME
        data = bytes(self._input[:room])
        del self._input[:room]
        self._last_input = now
        if self._guard:
            self._guard.cancel()
            self._guard = None
        if self._escape_continues(data, quiet, now):
            return True
        self._packet += self._held + data
        self._held.clear()
        self._send_packet()
        return True

    def _escape_continues(self, data, quiet, now):
        """True if `data` may be (the rest of) a `+++` with the silence that it needs."""
        held = bytes(self._held) + data
        if not ESCAPE.startswith(held):
            return False
        if not self._held:
            if not quiet:
                return False
            self._held_since = now
        elif now - self._held_since > self.GUARD_TIME:
            return False
        self._held[:] = held
        if held == ESCAPE:
            self._guard = self.after(self.GUARD_TIME, self._escaped_by_host)
        else:
            self._guard = self.after(self.GUARD_TIME, self._not_escaped)
        return True

    def _escaped_by_host(self):
        self._guard = None
        self._held.clear()
        self._escaped()

    def _not_escaped(self):
        self._guard = None
        self._packet += self._held
        self._held.clear()
        self._send_packet()

    # --- packets ---------------------------------------------------------------------------

    def stream_room(self):
        """Bytes of input that the connection can take now."""
        endpoint = self.streaming.endpoint
        if not self.streaming.is_stream:
            return DATAGRAM_ROOM
        return max(0, endpoint.room() - len(self._packet) - len(self._held))

    def packet_rule(self):
        """Bytes that go at once, and seconds until fewer do."""
        return self.config["transpktsize"][0], self.config["transwaittm"][0] * 0.1

    def _send_packet(self, everything=False):
        """Sends full packets now, and the rest when transwaittm is over."""
        size, wait = self.packet_rule()
        everything = everything or not wait
        while self._packet and (everything or len(self._packet) >= size):
            self._transmit(bytes(self._packet[:size]))
            del self._packet[:size]
        if self._flush and not self._packet:
            self._flush.cancel()
            self._flush = None
        if self._packet and not self._flush:
            self._flush = self.after(wait, self._flush_due)

    def _flush_due(self):
        self._flush = None
        self._send_packet(everything=True)

    def _transmit(self, data):
        service = self.streaming or self.last_streaming
        if service is None or service.endpoint is None:
            return
        if service.is_stream:
            service.endpoint.send(data)
        else:
            service.endpoint.send(data, service.address, service.remote_port)
        service.sent_total += len(data)
        service.activity = self.clock.now()
        self.radio_sent(service)
