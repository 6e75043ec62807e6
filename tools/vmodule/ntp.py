"""QNTP ("BG95-S5 TCP/IP Application Note", 2.3.12) and the clock that it sets (AT+CCLK).

The request on the network is a real one (RFC 4330), so a server of one's own can be asked.
"""

import calendar
import struct
import time

from .args import Refused
from .engine import LATER, READ, TEST, WRITE
from .network import TIMED_OUT, NetworkError
from .hosts import is_address

DNS_FAILED, BUSY = 565, 568
NTP_EPOCH = 2208988800  # s from 1900 to 1970
REQUEST = b"\x23" + bytes(47)  # version 4, client
TRIES, WAIT = 3, 5.0


class Ntp:
    """Mixin. Needs HOST_LIMIT and the contexts."""

    NTP_READ = True  # there is a read form
    NTP_CODES = {}  # result code: what QNTP tells instead of it
    NTP_YEAR = 0  # characters of the time to leave out: 2 where the year has two digits
    ntp_is_utc = False  # the zone stands behind the time in UTC
    ntp_short_zone = False  # and has one digit, if it is below ten

    def _start(self):
        super()._start()
        self.synchronizing = None
        self._clock_set = (self.clock.now(), calendar.timegm((1980, 1, 6, 0, 0, 0)), 0)

    def ip_qntp(self, form, args):
        if form == TEST:
            return self.info("+QNTP: (1-{}),<server>,(1-65535),(0,1)".format(self.CONTEXT_IDS))
        if form == READ and self.NTP_READ:
            if self.synchronizing:
                run = self.synchronizing
                self.info('+QNTP: "{}",{}'.format(run.server, run.port))
            return None
        if form != WRITE:
            raise Refused
        args.expect(2, 4)
        number = self.context_number(args)
        server = args.string(1, self.HOST_LIMIT)
        run = _Run(self, server, args.integer(2, 1, 65535, 123), args.integer(3, 0, 1, 1))
        if not server:
            raise Refused
        self.need_context(number)
        if self.synchronizing:
            raise Refused(BUSY)
        self.final()
        self.synchronizing = run
        if is_address(server):
            run.start([server])
        else:
            self.resolve(server, run.start)
        return LATER

    def set_clock(self, utc, zone):
        self._clock_set = (self.clock.now(), utc, zone)

    def local_time(self, utc, zone):
        fields = time.gmtime(utc + zone * 900)
        return "{}{:+03d}".format(time.strftime("%Y/%m/%d,%H:%M:%S", fields), zone)

    def ntp_time(self, utc):
        """The time as QNTP tells it."""
        zone = ("{:+d}" if self.ntp_short_zone else "{:+03d}").format(self.ZONE)
        shown = self.local_time(utc, 0 if self.ntp_is_utc else self.ZONE)
        return shown[self.NTP_YEAR : 19] + zone

    def at_cclk(self, form, args):
        since, utc, zone = self._clock_set
        if form == READ:
            shown = self.local_time(utc + int(self.clock.now() - since), zone)
            return self.info('+CCLK: "{}"'.format(shown[2:]))
        if form == WRITE:
            self._set_by_host(args.string(0, 20))

    def _set_by_host(self, text):
        try:
            fields = time.strptime(text[:17], "%y/%m/%d,%H:%M:%S")
            zone = int(text[17:] or 0)
        except ValueError:
            raise Refused from None
        self.set_clock(calendar.timegm(fields) - zone * 900, zone)


class _Run:
    """One synchronization; a sink for its datagrams."""

    def __init__(self, module, server, port, keep):
        self.module = module
        self.server = server
        self.port = port
        self.keep = keep
        self.tries = 0
        self.socket = None

    def start(self, addresses):
        if self.module.synchronizing is not self:
            return
        if not addresses:
            return self._finish(DNS_FAILED)
        self.address = addresses[0]
        try:
            self.socket = self.module.network.datagrams(self.address, 0, self)
        except NetworkError as error:
            return self._finish(error.code)
        self._ask()

    def _ask(self):
        if self.module.synchronizing is not self:
            return
        if self.tries == TRIES:
            return self._finish(TIMED_OUT)
        self.tries += 1
        self.timer = self.module.after(WAIT, self._ask)
        self.module.radio_used()
        self.socket.send(REQUEST, self.address, self.port)

    def datagram(self, data, _ip, _port):
        if len(data) < 48 or self.module.synchronizing is not self:
            return
        utc = struct.unpack_from("!I", data, 40)[0] - NTP_EPOCH
        self.timer.cancel()
        if self.keep:
            self.module.set_clock(utc, self.module.ZONE)
        self._finish(0, ',"{}"'.format(self.module.ntp_time(utc)))

    def _finish(self, code, shown=""):
        if self.socket:
            self.socket.close()
        self.module.synchronizing = None
        self.module.last_result = code
        told = self.module.NTP_CODES.get(code, code)
        self.module.urc("+QNTP: {}{}".format(told, shown))
