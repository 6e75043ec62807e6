"""QIDNSCFG, the cache of names, and whom QPING pings (2.3.1, 2.3.13, 2.3.14)."""

from ...context import IPV4, IPV6
from ...dns import Dns
from ...hosts import is_address
from ...ping import Ping
from .sending import is_dotted


class Names(Dns):
    SERVERS6 = ("2001:db8::53", "2001:db8:1::53")
    CACHE_TIME = 600  # s that a name is known once it has been found

    def _start(self):
        super()._start()
        self._known = {}  # name: (addresses, until when)

    def is_server(self, number, text):
        """The note to 2.3.14: only IPv4 servers in an IPv4 context, only IPv6 ones in IPv6."""
        kind = self.context_type(number)
        if not is_address(text):
            return False
        return kind != (IPV4 if ":" in text else IPV6)

    def network_servers(self, number):
        return self.SERVERS6 if self.context_type(number) == IPV6 else self.SERVERS

    def resolve(self, name, then):
        name = name.lower()
        addresses, until = self._known.get(name, ((), 0))
        if self.config["dns/cache"][0] == 0 and self.clock.now() < until:  # 0 enables it
            return then(addresses)

        def found(addresses):
            if addresses:
                self._known[name] = (addresses, self.clock.now() + self.CACHE_TIME)
            then(addresses)

        super().resolve(name, found)


class Ping5G(Ping):
    PING_SIZES = (32, 1500)

    def is_host(self, text):
        """A domain name or a dotted decimal address."""
        return bool(text) and (is_dotted(text) or not is_address(text))
