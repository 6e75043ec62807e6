# The time: AT+QNTP (BG95-S5 TCP/IP Application Note, 2.3.12; the others alike) and the module's
# clock, AT+CCLK (3GPP TS 27.007).

import errno
import time

from micropython import const
from quectel import errors, load
from quectel.connection import OPEN, Connection
from quectel.dialects import quoted, within
from quectel.services import report

# BC65&BC92&BC95-GR, table 4; the other documents use the common codes.
_ERRNO = {
    1: errno.EIO,
    2: errno.ETIMEDOUT,
    3: errors.EBUSY,
    4: errno.EHOSTUNREACH,
    5: errors.ENETUNREACH,
}
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_ZONES = (-48, 56)  # quarters of an hour
_1900 = (1900, 1, 1, 0, 0, 0, 0, 1)
_APART = const(7)  # min: no zone is a quarter of an hour
_SNTP = const(48)  # bytes of a packet
_SNTP_MS = const(5000)  # for an answer to one
_SNTP_TRIES = const(2)


class _Listener:
    # +QNTP: <result>[,<time>]; BC65&BC92&BC95-GR also writes +QNTTP.

    def __init__(self):
        self.result = None
        self.time = ""

    def line(self, channel):
        channel.says(b"T")
        if channel.says(b"P: "):
            self.result = channel.number()
            self.time = channel.text() + "," + channel.rest()

    def complete(self):
        return self.result is not None


def ntp(nic, host, port=123, set=True):
    """Ask a time server; UTC as time.gmtime gives it, 8 fields. With `set` the module's clock
    is set, and the board's, where machine has an RTC.

    The documents do not say whether the time that a module tells with a zone behind it is
    UTC or local, and modules differ: where the zone is not 0 the driver asks the server
    itself once, by SNTP over a UDP socket (RFC 4330), and keeps to what it finds. Where that
    has no answer, `set` raises EIO and leaves the board's clock alone; without `set` the
    time is taken to be UTC, as most modules were seen to tell it."""
    return nic.module.finish(asking(nic, host, port, set))


def asking(nic, host, port, set):
    """What ntp does, as a generator; arguments are checked before it is one."""
    dialect = nic.dialect
    if dialect.NTP_MS is None:
        raise errors.not_supported(dialect.MODEL, "NTP")
    line = b"AT+QNTP=%d," % nic.cid + quoted(host, dialect.HOST_MAX, "host")
    line += b",%d,%d" % (within(port, (1, 65535), "port"), 1 if set else 0)
    if not host:
        raise ValueError("host is empty")
    nic.check_connected()
    return _ntp(nic, line, host, port, set)


def _ntp(nic, line, host, port, set):
    dialect = nic.dialect
    listener = _Listener()
    limit = dialect.NTP_MS + dialect.RESOLVE_MS
    try:
        yield from report.wait(nic, line, b"+QNT", listener.line, listener.complete, limit)
        code = listener.result
        if code:
            raise errors.of_code(code, "ntp: failed", _ERRNO if code in _ERRNO else dialect.ERRNO)
    except errors.Error as e:
        raise load("bringup.words").unresolved(e, host, port)
    utc, local = parse(listener.time, False), parse(listener.time)
    if utc != local:
        if nic.dialect.TELLS_LOCAL is None:
            nic.dialect.choose("TELLS_LOCAL", (yield from _find_out(nic, host, port, utc, local)))
        if nic.dialect.TELLS_LOCAL:
            utc = local
        elif set and nic.dialect.TELLS_LOCAL is None:
            text = (
                "ntp: "
                + listener.time.strip(",")
                + " may be UTC or local time: the server tells nothing"
            )
            raise errors.Error(errno.EIO, text)
    if set:
        _set_board(utc)
    return utc


def _find_out(nic, host, port, utc, local):
    # Generator: which of the two readings is what the server itself says: True the second, None
    # where it says neither.
    seconds = yield from _sntp(nic, host, port)
    if seconds is not None:
        if seconds < 1 << 31:
            seconds += 1 << 32  # from 2036 on (RFC 4330, 3)
        minutes = seconds // 60
        for meant, now in ((False, utc), (True, local)):
            if abs(_minutes(now) - _minutes(_1900) - minutes) < _APART:
                return meant
    return None


def _sntp(nic, host, port):
    # Generator: the server's time in s since 1900, None without an answer. RFC 4330, 4 and 5.
    conn = Connection(nic, nic.AF_INET, True)
    answer = bytearray(_SNTP)
    try:
        conn.begin("UDP", host, port)
        while not conn.task.done:
            yield
        for _ in range(_SNTP_TRIES):
            if conn.state != OPEN:
                return None
            conn.hold(b"\x23" + bytes(_SNTP - 1), _SNTP)  # version 4, client
            start = time.ticks_ms()
            while time.ticks_diff(time.ticks_ms(), start) < _SNTP_MS and not (
                conn.peer_closed or conn.failure
            ):
                if conn.readable():
                    count = conn.take(answer, 0, _SNTP)
                    # A server's, and not one that tells it has no time.
                    if count == _SNTP and answer[0] & 7 == 4 and answer[1]:
                        return int.from_bytes(answer[40:44], "big")
                yield
        return None
    except OSError:
        return None
    finally:
        conn.close()


def clock(nic):
    """The module's clock, AT+CCLK: UTC as time.gmtime gives it, 8 fields."""
    return parse(report.ask_one(nic, b"AT+CCLK?", b"+CCLK: "))


def parse(text, local=True):
    """`text` of a module as a UTC tuple, taken to be local time or not; EIO if it is no time.

    YYYY/MM/DD,hh:mm:ss±zz or YY/MM/DD,…; BC20 prints a number more after the seconds. zz counts
    quarters of an hour (3GPP TS 27.007); without it the time is taken to be UTC."""
    try:
        date, clock, zone = _split(text)
        year, month, day = [int(word) for word in date.split("/")]
        hour, minute, second = [int(word) for word in clock.split(":")[:3]]
    except ValueError:
        raise errors.Error(errno.EIO, "not a time: " + text)
    if year < 100:
        year += 2000 if year < 70 else 1900
    if not (
        1 <= month <= 12
        and 1 <= day <= _month(year, month)
        and 0 <= hour < 24
        and 0 <= minute < 60
        and 0 <= second <= 60
        and _ZONES[0] <= zone <= _ZONES[1]
    ):
        raise errors.Error(errno.EIO, "not a time: " + text)
    return _utc(year, month, day, hour * 60 + minute - (zone * 15 if local else 0), second)


def _minutes(now):
    # Since the first day of year 1, of a tuple as _utc gives it.
    past = now[0] - 1
    days = past * 365 + past // 4 - past // 100 + past // 400 + now[7]
    return days * 1440 + now[3] * 60 + now[4]


def _split(text):
    date, _, clock = text.strip('" ,').partition(",")
    clock = clock.strip('" ,')
    at_ = max(clock.find("+"), clock.find("-"))
    if at_ < 0:
        return date, clock, 0
    return date, clock[:at_], int(clock[at_:])


def _month(year, month):
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 29 if leap and month == 2 else _DAYS[month - 1]


def _utc(year, month, day, minute, second):
    # `minute` of the day may lie in the day before or after.
    day += minute // 1440
    minute %= 1440
    if day < 1:
        month -= 1
        if month < 1:
            year, month = year - 1, 12
        day = _month(year, month)
    elif day > _month(year, month):
        day = 1
        month += 1
        if month > 12:
            year, month = year + 1, 1
    of_year = day
    for before in range(1, month):
        of_year += _month(year, before)
    past = year - 1
    weekday = (past * 365 + past // 4 - past // 100 + past // 400 + of_year - 1) % 7
    return year, month, day, minute // 60, minute % 60, second, weekday, of_year


def _set_board(now):
    try:
        from machine import RTC
    except ImportError:
        return  # no clock to set
    # (year, month, day, weekday, hour, minute, second, subsecond), as ntptime sets it
    RTC().datetime((now[0], now[1], now[2], now[6] + 1, now[3], now[4], now[5], 0))
