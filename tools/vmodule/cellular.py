"""What the network tells beside data: its time, how well it is heard, who it is (3GPP TS 27.007
where nothing else is named).

AT+QLTS, QCSQ, QNWINFO and QSPN are Quectel's own; no application note here has them, so their
forms are those that modules in use answer with.
"""

import calendar
import time

from .args import CmeError, Refused
from .engine import EXECUTE, READ, TEST, WRITE
from .general import HOME

NO_NETWORK = (30, "no network service")


class NetworkTime:
    """Mixin: AT+CTZR, CTZU, and what AT+QLTS shows. Time goes on from `utc`, a UNIX time."""

    utc = calendar.timegm((2026, 1, 1, 12, 0, 0))
    ZONE = 32  # quarters of an hour from UTC, as the network tells; the examples' own

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._began = self.clock.now()

    def _start(self):
        super()._start()
        self.zone_reporting = 0  # AT+CTZR
        self.zone_updating = 0  # AT+CTZU
        self.told_time = None  # the network's time when it told it last

    def network_time(self):
        return self.utc + int(self.clock.now() - self._began)

    def _setting(self, name, form, args, highest):
        """A number that is asked for and set: `name` is the attribute."""
        shown = self.command.upper()
        if form == TEST:
            low_high = "(0,1)" if highest == 1 else "(0-{})".format(highest)
            return self.info("+{}: {}".format(shown, low_high))
        if form == READ:
            return self.info("+{}: {}".format(shown, getattr(self, name)))
        if form == EXECUTE:
            raise Refused
        args.expect(1, 1)
        setattr(self, name, args.integer(0, 0, highest))

    def at_ctzr(self, form, args):
        self._setting("zone_reporting", form, args, 2)

    def at_ctzu(self, form, args):
        self._setting("zone_updating", form, args, 1)
        if form == WRITE and self.registration() == HOME:
            self._update()

    def _update(self):
        self.told_time = self.network_time()
        if self.zone_updating:
            self.set_clock(self.told_time, self.ZONE)

    def set_clock(self, utc, zone):
        """AT+CCLK, where there is one."""

    def set_coverage(self, present):
        came = present and not self.coverage
        super().set_coverage(present)
        if not came:
            return
        self._update()
        if self.zone_reporting == 1:
            self.urc('+CTZV: "{:+03d}"'.format(self.ZONE))
        elif self.zone_reporting == 2:
            local = self.dated(self.told_time + 900 * self.ZONE)
            self.urc('+CTZE: "{:+03d}",0,"{}"'.format(self.ZONE, local))

    def dated(self, seconds):
        return time.strftime("%Y/%m/%d,%H:%M:%S", time.gmtime(seconds))


class LocalTime:
    """Mixin: AT+QLTS. 0 tells when the network told the time, 1 the time in UTC, 2 the local one,
    all with the zone and the summer time behind them."""

    def at_qlts(self, form, args):
        if form == TEST:
            return self.info("+QLTS: (0-2)")
        if form == READ:
            raise Refused
        mode = args.integer(0, 0, 2) if form == WRITE else 0
        if self.registration() == HOME and self.told_time is None:
            self.told_time = self.network_time()
        if self.told_time is None:
            return self.info('+QLTS: ""')
        seconds = self.network_time() + (900 * self.ZONE if mode == 2 else 0)
        shown = self.dated(seconds if mode else self.told_time)
        self.info('+QLTS: "{}{:+03d},0"'.format(shown, self.ZONE))


class Quality:
    """Mixin: AT+CESQ. EXTENDED_QUALITY is what it tells while there is a network, as (highest,
    value, unknown) of each field."""

    EXTENDED_QUALITY = (
        (63, 99, 99), (7, 99, 99), (96, 255, 255), (49, 255, 255), (34, 20, 255), (97, 53, 255),
    )  # fmt: skip

    def at_cesq(self, form, _args):
        if form == TEST:
            shown = ("(0-{},{})".format(most, none) for most, _, none in self.EXTENDED_QUALITY)
            return self.info("+CESQ: " + ",".join(shown))
        if form != EXECUTE:
            raise Refused
        at = 1 if self.hears_network() else 2
        self.info("+CESQ: " + ",".join(str(field[at]) for field in self.EXTENDED_QUALITY))


class Who:
    """Mixin: AT+QCSQ, QNWINFO, QSPN. Needs SYSTEM_MODES, SIGNAL and NETWORK_INFO."""

    def _asked(self, form):
        """True for the execution form, which alone tells something."""
        if form not in (TEST, EXECUTE):
            raise Refused
        return form == EXECUTE

    def at_qcsq(self, form, _args):
        if self._asked(form):
            return self.info("+QCSQ: " + (self.SIGNAL if self.hears_network() else '"NOSERVICE"'))
        self.info("+QCSQ: " + self.SYSTEM_MODES)

    def at_qnwinfo(self, form, _args):
        on_air = self.registration() == HOME
        if self._asked(form):
            self.info("+QNWINFO: " + (self.NETWORK_INFO if on_air else "No Service"))

    def at_qspn(self, form, _args):
        if self._asked(form):
            if self.registration() != HOME:
                raise CmeError(*NO_NETWORK)
            self.info('+QSPN: "Virtual Network","Virtual","",0,"00101"')
