"""QIDNSCFG and QIDNSGIP ("BG95-S5 TCP/IP Application Note", 2.3.13, 2.3.14)."""

from .args import Refused
from .engine import EXECUTE, LATER, READ, TEST
from .hosts import is_address

DNS_BUSY, DNS_FAILED = 564, 565


class Dns:
    """Mixin: QIDNSCFG. Needs the contexts."""

    SERVERS = ("192.0.2.53", "198.51.100.53")  # what the network gives with an address

    def _start(self):
        super()._start()
        self.dns_servers = {}

    def ip_qidnscfg(self, form, args):
        if form == TEST:
            return self.info("+QIDNSCFG: (1-{}),<pridnsaddr>,<secdnsaddr>".format(
                self.CONTEXT_IDS))  # fmt: skip
        if form in (READ, EXECUTE):
            raise Refused
        args.expect(1, 3)
        number = self.context_number(args)
        if len(args) == 1:
            return self.info('+QIDNSCFG: {},"{}","{}"'.format(number, *self._servers(number)))
        primary = args.string(1, 39)
        secondary = args.string(2, 39, None)
        given = [text for text in (primary, secondary) if text is not None]
        if not all(self.is_server(number, text) for text in given):
            raise Refused
        self.need_context(number)
        self.dns_servers[number] = (primary, secondary or self._servers(number)[1])

    def is_server(self, _number, text):
        """Whether a context can have a server with this address."""
        return is_address(text)

    def _servers(self, number):
        if self.active.get(number) != "active":
            return ("0.0.0.0", "0.0.0.0")
        return self.dns_servers.get(number) or self.network_servers(number)

    def network_servers(self, _number):
        return self.SERVERS


class HostByName:
    """Mixin: QIDNSGIP. Needs HOST_LIMIT."""

    dns_overlaps = False  # another look-up is taken while one runs
    dns_joined = False  # all addresses in one text
    TTL = 600  # s, as every name has it

    def _start(self):
        super()._start()
        self.dns_running = 0  # look-ups under way

    def ip_qidnsgip(self, form, args):
        if form == TEST:
            return self.info("+QIDNSGIP: (1-{}),<host_name>".format(self.CONTEXT_IDS))
        if form in (READ, EXECUTE):
            raise Refused
        args.expect(2, 2)
        number = self.context_number(args)
        name = args.string(1, self.HOST_LIMIT)
        if not name:
            raise Refused
        self.need_context(number)
        if self.dns_running and not self.dns_overlaps:
            raise Refused(DNS_BUSY)
        self.final()
        self.dns_running += 1
        delay = sum(fault.dns_delay() for fault in self.faults)

        def found(addresses):
            if delay:
                self.after(delay, lambda: self._found(addresses))
            else:
                self._found(addresses)

        if is_address(name):
            found([name])
        else:
            self.resolve(name, self.guarded(found))
        return LATER

    def _found(self, addresses):
        self.dns_running -= 1
        self.last_result = 0 if addresses else DNS_FAILED
        if not addresses:
            return self.urc('+QIURC: "dnsgip",{},0,0'.format(DNS_FAILED))
        if self.dns_joined:
            joined = '+QIURC: "dnsgip",0,1,0\r\n+QIURC: "dnsgip","{}"'
            return self.urc(joined.format(",".join(addresses)))
        self.urc('+QIURC: "dnsgip",0,{},{}'.format(len(addresses), self.TTL))
        for address in addresses:
            self.urc('+QIURC: "dnsgip","{}"'.format(address))
