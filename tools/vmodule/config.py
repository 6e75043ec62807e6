"""QICFG and QIGETERROR ("BG95-S5 TCP/IP Application Note", 2.3.15, 2.3.17).

The keys are data of the dialect: `CONFIG = {key: ((low, high, default), …)}`. A key is read and
set as a whole, unless a method `config_KEY` (with _ for /) says otherwise.
"""

import ipaddress

from .args import Refused
from .engine import EXECUTE, READ, TEST
from .network import TIMED_OUT


def ranges(field):
    low, high = field[:2]
    return "({},{})".format(low, high) if high - low == 1 else "({}-{})".format(low, high)


class Config:
    """Mixin. Needs CONFIG and RESULTS, the texts of the result codes."""

    ERROR_SEPARATOR = ", "  # of QIGETERROR
    KEEPALIVE_BRIEF = True  # its times are shown only while it is on

    def _start(self):
        super()._start()
        self.config = {
            key: tuple(default for _, _, default in fields) for key, fields in self.CONFIG.items()
        }
        self.ip_filter = None

    def ip_qicfg(self, form, args):
        if form == TEST:
            for key, fields in self.CONFIG.items():
                shown = ",".join(ranges(field) for field in fields)
                self.info('+QICFG: "{}",{}'.format(key, shown or "<ip4_addr>,<subnet_mask>"))
            return
        if form in (READ, EXECUTE):
            raise Refused
        key = args.string(0, 20).lower()
        if key not in self.CONFIG:
            raise Refused
        if len(args) == 2 and args[1] is None:
            del args[1]  # 2.3.15 prints a comma in some of its queries
        for fault in self.faults:
            fault.setting(key, args)
        special = getattr(self, "config_" + key.replace("/", "_"), self._config_plain)
        special(key, args)

    def _config_plain(self, key, args):
        fields = self.CONFIG[key]
        if len(args) == 1:
            return self.show_config(key, self.config[key])
        args.expect(1 + len(fields), 1 + len(fields))
        self.config[key] = tuple(
            args.integer(1 + index, low, high) for index, (low, high, _) in enumerate(fields)
        )

    def show_config(self, key, values):
        self.info('+QICFG: "{}",{}'.format(key, ",".join(str(value) for value in values)))

    def config_tcp_keepalive(self, key, args):
        """The three times come all together or not at all."""
        args.expect(1, 5)
        values = self.config[key]
        if len(args) == 1:
            brief = self.KEEPALIVE_BRIEF and not values[0]
            return self.show_config(key, values[:1] if brief else values)
        enabled = args.integer(1, 0, 1)
        if len(args) == 2:
            self.config[key] = (enabled,) + values[1:]
        else:
            self._config_plain(key, args)

    def config_tcp_inactivetm(self, key, args):
        self._config_plain(key, args)
        for service in self.services.values():
            self.watch_idle(service)

    def config_ip_filter(self, key, args):
        if len(args) == 1:
            shown = '"{}","{}"'.format(*self.ip_filter) if self.ip_filter else "0"
            return self.info('+QICFG: "{}",{}'.format(key, shown))
        args.expect(3, 3)
        address, mask = args.string(1, 15), args.string(2, 15)
        try:
            ipaddress.IPv4Address(address), ipaddress.IPv4Address(mask)
        except ValueError:
            raise Refused from None
        self.ip_filter = (address, mask)

    def admits(self, ip):
        """QICFG="ip_filter": whether what comes from `ip` is let in."""
        if not self.ip_filter or ":" in ip:
            return True
        address, mask, peer = (int(ipaddress.IPv4Address(part)) for part in (*self.ip_filter, ip))
        return address & mask == peer & mask

    def watch_idle(self, service):
        """QICFG="tcp/inactivetm": ends a connection that has been silent for so long."""
        limit = self.config.get("tcp/inactivetm", (0,))[0]
        if not limit or not service.is_stream or service.over is not None:
            return
        if service.idle_timer:
            service.idle_timer.cancel()
        left = service.activity + limit - self.clock.now()
        if left > 0:
            service.idle_timer = self.after(left, lambda: self.watch_idle(service))
        elif self.services.get(service.number) is service:
            service.ended(TIMED_OUT)

    def ip_qigeterror(self, form, _args):
        if form == TEST:
            return
        if form != EXECUTE:
            raise Refused
        code = self.last_result
        self.info("+QIGETERROR: {}{}{}".format(code, self.ERROR_SEPARATOR, self.RESULTS[code]))
