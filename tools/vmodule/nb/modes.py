"""QISWTMD, and BC92's transparent mode ("BC65&BC92&BC95-GR TCP/IP Application Note", 1.2, 2.2.7,
2.3.5)."""

from ..args import Refused
from ..engine import COMMAND, LATER, READ, TRANSPARENT, WRITE
from ..modes import NOT_ALLOWED, Modes
from ..services import CONNECTED, PUSH, STREAM, UDP


class Switching:
    """Mixin."""

    def access_limit(self, _kind):
        return PUSH

    def ip_qiswtmd(self, form, args):
        if form == READ:
            return None
        if form != WRITE:
            raise Refused
        args.expect(2, 2)
        service = self.service(self.connect_id(args))
        access = args.integer(1, 0, self.access_limit(None))
        if access == STREAM:
            self._may_stream(service)
            self.enter_stream(service)
            return LATER
        self.flash["access"] = access
        service.access = access
        service.announced = False
        self.final()
        self.deliver(service)
        return LATER


class Transparent(Switching, Modes):
    """Mixin for BC92."""

    PACKET = (1440, 0.2)  # bytes that go at once, and s until fewer do; the note has no setting

    def _start(self):
        super()._start()
        self._seizing = False  # somebody has come in at a listener in mode 2
        self._stream_next = None  # ... and has the UART when it has been told

    def access_limit(self, kind):
        return PUSH if kind == UDP else STREAM

    def packet_rule(self):
        return self.PACKET

    def _may_stream(self, service):
        super()._may_stream(service)
        if service.kind == UDP:
            raise Refused(NOT_ALLOWED)  # 2.2.7, note 2

    def enter_stream(self, service):
        """QIOPEN and QISWTMD say OK before the CONNECT, ATO does not."""
        if self.command is not None:
            self.info("OK")
        super().enter_stream(service)

    def accept(self, listener, stream, ip, port):
        """2.3.5: at a listener in mode 2 the new connection has the UART once it was told. A
        command that is at work is answered first: behind the URC's line there are data."""
        self._seizing = listener.access == STREAM
        service = super().accept(listener, stream, ip, port)
        if service and self._seizing:
            self._stream_next = service
            self.settle()
        else:
            self._seizing = False
            self.settle()
        return service

    def deliver(self, service):
        """Nothing is announced of what is about to have the UART."""
        if service is not self._stream_next:
            super().deliver(service)

    def urc_possible(self):
        return super().urc_possible() and not (self._seizing and self._busy)

    def settle(self):
        super().settle()
        service = self._stream_next
        if service is None or self._mode != COMMAND or self._busy or self._urcs:
            return
        self._stream_next = None
        self._seizing = False
        if self.services.get(service.number) is not service or service.state != CONNECTED:
            return
        self.streaming = self.last_streaming = service
        service.access = STREAM
        service.announced = False
        self._line.clear()
        self._last_input = self.clock.now()
        self._mode = TRANSPARENT
        self.deliver(service)
