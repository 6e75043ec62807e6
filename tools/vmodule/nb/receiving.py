"""QIRD and the recv URCs of the NB-IoT modules ("BC65&BC92&BC95-GR TCP/IP Application Note",
2.2.6, 2.3.2)."""

from ..args import Refused
from ..engine import WRITE
from ..receiving import NOT_ALLOWED, Receiving
from ..services import LISTENER


class NbReceiving(Receiving):
    """Mixin. Needs READ_LIMIT."""

    RECEIVE_BUFFER = 8192  # bytes; beyond them TCP's window holds the peer, and UDP is dropped

    def ip_qird(self, form, args):
        if form != WRITE:
            raise Refused
        args.expect(2, 2)
        service = self.service(self.connect_id(args))
        length = args.integer(1, 1, self.READ_LIMIT)
        if service.kind == LISTENER:
            raise Refused(NOT_ALLOWED)
        if service.lost:
            raise Refused(service.lost)
        if not service.datagrams:
            return self.info("+QIRD: {}".format(self.told_count(0, length)))
        node = service.node_length()
        data = service.pull(length)
        header = "+QIRD: {}".format(self.told_count(len(data), length))
        if self.config["showlength"][0]:
            header += ",{}".format(node - len(data))
        self.payload(header + self.separator(), self.shown(data))
        self._resume(service)

    def recv_urc(self, service):
        if self.config["showlength"][0]:
            return '+QIURC: "recv",{},{}'.format(service.number, service.node_length())
        return '+QIURC: "recv",{}'.format(service.number)
