"""QIDNSCFG without a context ("BC65&BC92&BC95-GR TCP/IP Application Note", 2.2.13)."""

from ..args import Refused
from ..engine import READ, WRITE
from ..hosts import is_address

NOT_ALLOWED = 572


class NameServers:
    """Mixin. Needs DNS_FAMILIES."""

    DNS_FAMILIES = (4,)  # what the read form shows: two servers of each
    SERVERS = {4: ("192.0.2.53", "198.51.100.53"), 6: ("2001:db8::53", "2001:db8:1::53")}
    NO_SERVER = {4: "0.0.0.0", 6: "0:0:0:0:0:0:0:0"}

    def _start(self):
        super()._start()
        self.name_servers = dict(self.SERVERS)

    def ip_qidnscfg(self, form, args):
        if form == READ:
            return self._show_servers()
        if form != WRITE:
            raise Refused
        args.expect(1, 2)
        primary = args.string(0, self.HOST_LIMIT)
        family = self._family(primary)
        secondary = args.string(1, self.HOST_LIMIT, self.name_servers[family][1])
        if self._family(secondary) != family:
            raise Refused
        if not self.attached:
            raise Refused(NOT_ALLOWED)  # note: only after the module has registered
        self.name_servers[family] = (primary, secondary)

    def _family(self, address):
        family = 6 if ":" in address else 4
        if not is_address(address) or family not in self.DNS_FAMILIES:
            raise Refused
        return family

    def _show_servers(self):
        shown = []
        for family in self.DNS_FAMILIES:
            none = (self.NO_SERVER[family],) * 2
            shown += self.name_servers[family] if self.attached else none
        self.info("+QIDNSCFG: " + ",".join('"{}"'.format(address) for address in shown))
