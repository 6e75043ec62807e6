"""QIRD and the recv URCs ("BG95-S5 TCP/IP Application Note", 2.3.8, 2.4.2)."""

import binascii

from .args import Refused
from .engine import EXECUTE, LATER, READ, TEST
from .services import LISTENER, PUSH, SERVICE

NOT_ALLOWED = 572


class Receiving:
    """Mixin. Needs READ_LIMIT, the longest read and the default one."""

    def ip_qird(self, form, args):
        if form == TEST:
            ids = "(0-{})".format(self.CONNECT_IDS - 1)
            return self.info("+QIRD: {},(0-{})".format(ids, self.READ_LIMIT))
        if form in (READ, EXECUTE):
            raise Refused
        args.expect(1, 2)
        service = self.service(self.connect_id(args))
        length = args.integer(1, 0, self.READ_LIMIT, self.READ_LIMIT)
        if service.kind == LISTENER:
            raise Refused(NOT_ALLOWED)
        if service.lost:
            raise Refused(service.lost)
        if length == 0:
            return self.info("+QIRD: {},{},{}".format(
                service.received_total, service.read_total, service.unread))  # fmt: skip
        self._answer_read(service, length)
        return LATER

    def _answer_read(self, service, length):
        if not (service.buffer or service.datagrams):
            self.info("+QIRD: {}".format(self.told_count(0, length)))
            return self.final()
        header = "+QIRD: {}"
        if service.kind == SERVICE:
            _, ip, port = service.datagrams[0]
            length = 65535  # one whole packet, whatever length was asked for
            header += ',"{}",{}'.format(ip, port)
        data = service.pull(length)
        header = header.format(self.told_count(len(data), length))
        self.payload(header + self.separator(), self.shown(data))
        self.final()
        self._resume(service)

    def separator(self):
        """What stands between a header and its data: QICFG="viewmode"."""
        return "," if self.config["viewmode"][0] else "\r\n"

    def shown(self, data):
        """The data as the host is shown it: QICFG="dataformat". Lengths always count bytes."""
        if self.config["dataformat"][1]:
            return binascii.hexlify(data).upper()
        return data

    def recv_urc(self, service):
        if self.config["recvind"][0]:
            return '+QIURC: "recv",{},{}'.format(service.number, service.unread)
        return '+QIURC: "recv",{}'.format(service.number)

    def push_urc(self, service, data, peer):
        assert service.access == PUSH
        count = self.told_count(len(data), self.PUSH_CHUNK)
        header = '+QIURC: "recv",{},{}'.format(service.number, count)
        if peer:
            header += ',"{}",{}'.format(*peer)
        header += self.separator()
        return self.with_payload(header, self.shown(data))
