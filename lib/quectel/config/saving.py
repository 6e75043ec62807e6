# Power saving that the network grants: PSM and eDRX. 3GPP TS 27.007, beyond the five documents: a
# module may lack it.

from micropython import const
from quectel import answers, load
from quectel.dialects import within

# Seconds of a timer's unit, and the unit's code: T3412 extended, which is GPRS timer 3 (3GPP TS
# 24.008, 10.5.7.4a), and T3324, GPRS timer 2 (10.5.7.4).
_PERIODS = ((2, 3), (30, 4), (60, 5), (600, 0), (3600, 1), (36000, 2), (1152000, 6))
_ACTIVE = ((2, 0), (60, 1), (360, 2))
_AWAKE_MS = const(2000)  # the shortest active time but 0: a module does not sleep before
_OFF = 7  # the code of a timer that is deactivated
_MOST = 31  # units
# The eDRX cycles (10.5.5.32) in hundredths of a second over 512. The code is the place.
_CYCLES = (1, 2, 4, 8, 12, 16, 20, 24, 28, 32, 64, 128, 256, 512, 1024, 2048)
_CYCLE = 512
# Which of them each <AcT-type> has: 4 E-UTRAN in WB-S1 mode, 5 in NB-S1 mode.
_ALLOWED = {4: tuple(range(14)), 5: (2, 3, 5, 9, 10, 11, 12, 13, 14, 15)}


def get(nic, name):
    """`psm`: (period, active) in seconds, None where it is off (AT+CPSMS?, 7.38). `edrx`: the
    cycle that is asked for, in seconds, None where it is off (AT+CEDRXS?, 7.40)."""
    if name == "psm":
        rows = _ask(nic, b"AT+CPSMS?", b"+CPSMS: ")
        row = answers.fields(rows[0]) if rows else []
        if row[:1] != ["1"]:
            return None
        period, active = (row[3:5] + ["", ""])[:2]
        return _seconds(period, _PERIODS), _seconds(active, _ACTIVE)
    for line in _ask(nic, b"AT+CEDRXS?", b"+CEDRXS: "):
        row = answers.fields(line)
        if answers.number(row[0]) in nic.dialect.EDRX_TYPES and _is_bits(row[1:2], 4):
            return _CYCLES[int(row[1], 2)] * _CYCLE / 100
    return None


def set(nic, name, value):
    """`psm`: (period, active) in seconds, None: off. `edrx`: the cycle in seconds, None: off.
    What cannot be said is rounded up. The network decides whether it grants it."""
    if name == "psm":
        line = b"AT+CPSMS=0"
        if value is not None:
            period, active = value
            line = b"AT+CPSMS=1,,," + _timer(period, _PERIODS, 2, "psm period")
            line += b"," + _timer(active, _ACTIVE, 0, "psm active time")
        _ask(nic, line)
        if value is not None:
            # From now on it is asked whether it hears, before anything is sent after a silence.
            load("bringup.waking").arm(nic)
            nic.channel.choose("silence", nic.dialect.SLEEPS_MS or _AWAKE_MS)
        elif not nic.dialect.SLEEPS_MS:
            nic.channel.choose("silence", 0)
        return
    lines = []
    for kind in nic.dialect.EDRX_TYPES:
        line = b"AT+CEDRXS=%d,%d" % (0 if value is None else 1, kind)
        if value is not None:
            line += b',"' + "{:04b}".format(_cycle(value, kind)).encode() + b'"'
        lines.append(line)
    for line in lines:
        _ask(nic, line)


def _ask(nic, text, prefix=None):
    return load("services.cellular").ask(nic, text, prefix)


def _timer(seconds, units, least, name):
    within(seconds, (least, _MOST * units[-1][0]), name)
    for unit, code in units:
        count = -(-seconds // unit)
        if count <= _MOST:
            break
    return b'"' + "{:08b}".format(code << 5 | count).encode() + b'"'


def _seconds(bits, units):
    # None where the timer is deactivated, or its text is damaged.
    if not _is_bits([bits], 8):
        return None
    code, count = int(bits[:3], 2), int(bits[3:], 2)
    if code == _OFF:
        return None
    for unit, known in units:
        if known == code:
            return unit * count
    return 60 * count  # a code that the timer does not have counts minutes


def _is_bits(fields, length):
    return bool(fields) and len(fields[0]) == length and not fields[0].strip("01")


def _cycle(seconds, kind):
    # The shortest that is as long, of those that the technology has; else its longest. A float may
    # have 32 bits: 81.92 s is neither more nor less than it says.
    most = _CYCLES[-1] * _CYCLE
    if not 0 < seconds * 100 < most + 1:
        raise ValueError("edrx must be more than 0 s and up to %d s" % (most // 100))
    wanted = int(seconds * 100 + 0.5)
    for code in _ALLOWED[kind]:
        if _CYCLES[code] * _CYCLE >= wanted:
            return code
    return _ALLOWED[kind][-1]
