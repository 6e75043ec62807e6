# How well the module is heard, over which technology and by which cell: 3GPP TS 27.007, beyond the
# five documents, so that a module may lack any of these commands.

import errno
from collections import namedtuple

from quectel import answers, at, errors

# AT+CEREG? with <n> 2 (10.1.22; 10.1.20, AT+CGREG, alike)
Cell = namedtuple("Cell", ("area", "id", "technology"))

# <AcT> (7.3), in order. For 8 it has EC-GSM-IoT; BG95 and its kin tell eMTC by it.
_TECHNOLOGIES = "GSM GSM UMTS GSM UMTS UMTS UMTS LTE eMTC NB-IoT LTE NR NR EN-DC".split()
# AT+CESQ (8.69): for each technology the place of the field, the value below its first step, and
# how many steps a unit has. 255 is not known; the highest that is known is 127.
_QUALITY = {
    "rsrp": ((5, -141, 1), (7, -157, 1)),
    "rsrq": ((4, -20, 2), (6, -43.5, 2)),
}
_UNKNOWN = 128
# What no document and no standard has a command for, and one that many modules have.
_OWN = {"band": "AT+QNWINFO", "counters": "AT+QGDCNT?"}
# +CME ERROR (9.2) of a command that the module has, and what is in its way.
_STATES = {
    10: (errno.ENODEV, "no SIM"),
    11: (errno.ENODEV, "the SIM asks for PIN"),
    12: (errno.ENODEV, "the SIM asks for PUK"),
    13: (errno.ENODEV, "the SIM has failed"),
    14: (errors.EBUSY, "the SIM is busy: ask again"),
    30: (errors.ENETUNREACH, "no such network is heard: look at the antenna"),
    31: (errno.ETIMEDOUT, "the network does not answer"),
    32: (errno.EACCES, "the network does not take this SIM"),
}


def ask(nic, text, prefix=None, timeout=None):
    """See asking."""
    return nic.module.finish(asking(nic, text, prefix, timeout))


def asking(nic, text, prefix=None, timeout=None):
    """Generator: the lines of the answer to a command of 3GPP TS 27.007 that the module may lack;
    EOPNOTSUPP where it refuses."""
    query = yield from answers.ask(nic, text, prefix, timeout)
    if query.result == at.DONE:
        return query.lines
    name = text.decode().split("=")[0].rstrip("?")
    if query.result != at.ERROR:
        raise (yield from answers.why(nic, query, name))
    if query.code in _STATES:
        number, words = _STATES[query.code]
        raise errors.Error(number, name + ": " + words, query.code)
    words = "%s refuses %s: its firmware lacks it, or does not allow it now"
    raise errors.Error(errno.EOPNOTSUPP, words % (nic.dialect.MODEL, name), query.code)


def status(nic, param):
    """See config/status.py."""
    if param in _QUALITY:
        return _quality(nic, param)
    if param == "technology":
        rows = ask(nic, b"AT+COPS?", b"+COPS: ")
        return technology((answers.fields(rows[0]) if rows else [])[3:4])
    if param == "cell":
        return _cell(nic)
    words = "%s: no document has a command for the %s; where the firmware has it, nic.command(%r)"
    words = words % (nic.dialect.MODEL, param, _OWN[param])
    raise errors.Error(errno.EOPNOTSUPP, words)


def _quality(nic, param):
    rows = ask(nic, b"AT+CESQ", b"+CESQ: ")
    row = answers.fields(rows[0]) if rows else []
    for place, below, steps in _QUALITY[param]:
        value = answers.number(row[place]) if place < len(row) else None
        if value is not None and 0 <= value < _UNKNOWN:
            return below + (value if steps == 1 else value / steps)
    return None


def technology(field):
    """The name of <AcT>, a field in a list, or an empty one; None where it is not known."""
    kind = answers.number(field[0]) if field else None
    if kind is None or not 0 <= kind < len(_TECHNOLOGIES):
        return None
    return _TECHNOLOGIES[kind]


def _cell(nic):
    for name in nic.dialect.REGISTRATION or (b"+CEREG",):
        row = _registration(nic, name)
        if row[1:2] not in (["1"], ["5"]):
            continue
        if len(row) < 4:
            # <n> decides what is told, also by a URC: as the program has it afterwards.
            before = b"AT" + name + b"=" + row[0].encode()
            ask(nic, b"AT" + name + b"=2")
            try:
                row = _registration(nic, name)
            finally:
                ask(nic, before)
        area, cell = [_hexadecimal(field) for field in (row + ["", "", "", ""])[2:4]]
        if area is not None and cell is not None:
            return Cell(area, cell, technology(row[4:5]))
    return None


def _registration(nic, name):
    # The fields of the answer <n>,<stat>[,…]; in a URC of that name the second is a quoted text.
    row = []
    for line in ask(nic, b"AT" + name + b"?", name + b": "):
        told = line.split(",")
        if len(told) > 1 and told[0].strip().isdigit() and told[1].strip().isdigit():
            row = answers.fields(line)
    return row


def _hexadecimal(text):
    try:
        return int(text, 16)
    except ValueError:
        return None
