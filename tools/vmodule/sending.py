"""QISEND, QISENDEX, QISDE ("BG95-S5 TCP/IP Application Note", 2.3.7, 2.3.9, 2.3.16)."""

import binascii

from .args import INVALID, Refused
from .engine import EXECUTE, LATER, READ, TEST, WRITE
from .hosts import is_address
from .services import CONNECTED, LISTENER, SERVICE

RESET, CANCELLED, NOT_ALLOWED, NO_MEMORY = 567, 571, 572, 553
WRITE_FAILED = 558


def from_hex(text):
    try:
        return binascii.unhexlify(text)
    except ValueError:
        raise Refused from None


class Sending:
    """Mixin. Needs SEND_LIMIT, the bytes at once."""

    PEER_PORTS = (0, 65535)

    def ip_qisend(self, form, args):
        if form == TEST:
            ids = "(0-{})".format(self.CONNECT_IDS - 1)
            return self.info("+QISEND: {},(0-{})".format(ids, self.SEND_LIMIT))
        if form in (READ, EXECUTE):
            raise Refused
        args.expect(1, 4)
        service = self.service(self.connect_id(args))
        length = args.integer(1, 0, self.SEND_LIMIT, None)
        if length == 0:
            return self._sent(service)
        peer = self._peer(service, args)
        self.can_send(service)
        return self.prompt(length, lambda data: self._typed(service, length, data, peer))

    def _peer(self, service, args):
        """(ip, port) that a UDP SERVICE is told with each datagram; None for the others."""
        if service.kind != SERVICE:
            args.expect(1, 2)
            return None
        args.expect(4, 4)
        ip = args.string(2, 39)
        if not self.peer_address(ip):
            raise Refused
        return ip, args.integer(3, *self.PEER_PORTS)

    def peer_address(self, text):
        """Whether a datagram can be sent there."""
        return is_address(text)

    def can_send(self, service):
        if service.kind == LISTENER:
            raise Refused(NOT_ALLOWED)
        if service.state != CONNECTED:
            ended = RESET if service.over is not None else NOT_ALLOWED
            raise Refused(service.lost or ended)

    def _sent(self, service):
        if service.kind == LISTENER:
            raise Refused(NOT_ALLOWED)
        unacked = 0
        if service.is_stream and service.endpoint:
            unacked = min(service.endpoint.unacked(), service.sent_total)
        acked = service.sent_total - unacked
        self.info("+QISEND: {},{},{}".format(service.sent_total, acked, unacked))

    def _typed(self, service, length, data, peer):
        """The data behind the prompt is complete, or None where Esc cancelled it."""
        if data is None:
            raise Refused(CANCELLED)
        if length is None and not 0 < len(data) <= self.SEND_LIMIT:
            raise Refused
        if self.config["dataformat"][0]:
            data = from_hex(data)
        self.send(service, data, peer)

    def send(self, service, data, peer=None, rai=0):
        """Hands data to the network, and answers."""
        if self.services.get(service.number) is not service:
            raise Refused(RESET)
        self.can_send(service)
        if any([fault.send_fails() for fault in self.faults]):
            return self.not_taken(service, WRITE_FAILED)
        if service.is_stream:
            if self.send_room(service) < len(data):
                return self.not_taken(service, NO_MEMORY)
            service.endpoint.send(data)
        else:
            service.endpoint.send(data, *(peer or (service.address, service.remote_port)))
        service.sent_total += len(data)
        service.activity = self.clock.now()
        self.taken(service)
        self.radio_sent(service, rai)

    def send_room(self, service):
        """Bytes that a stream can take now."""
        return service.endpoint.room()

    def taken(self, service):
        self.final("SEND OK")

    def not_taken(self, service, code):
        self.final("SEND FAIL", code)

    def ip_qisde(self, form, args):
        if form == TEST:
            return self.info("+QISDE: (0,1)")
        if form == READ:
            return self.info("+QISDE: {}".format(int(self.data_echo)))
        if form != WRITE:
            raise Refused
        args.expect(1, 1)
        self.data_echo = bool(args.integer(0, 0, 1))


class HexSending:
    """Mixin: QISENDEX. Needs HEX_LIMIT, the longest text in characters."""

    def ip_qisendex(self, form, args):
        ids = "(0-{})".format(self.CONNECT_IDS - 1)
        if form == TEST:
            return self.info("+QISENDEX: {},<hex_string>,(0-2)".format(ids))
        if form in (READ, EXECUTE):
            raise Refused
        args.expect(2, 3)
        service = self.service(self.connect_id(args))
        data = from_hex(args.string(1, self.HEX_LIMIT))
        rai = args.integer(2, 0, 2, 0)
        if service.kind in (SERVICE, LISTENER):
            raise Refused(NOT_ALLOWED)
        if not data:
            raise Refused(INVALID)
        self.send(service, data, None, rai)
        return LATER
