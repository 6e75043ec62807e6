# The context of modules without AT+QIACT: it comes with the attachment to the network
# (BC65&BC92&BC95-GR 4.1.1, BC25&BC32 4.1.1). Generators, run as tasks. Loaded when needed, and
# unloaded after: see module.py.

import time

from micropython import const
from quectel import answers, at, load
from quectel.errors import ENETUNREACH, Error

_SHORT_MS = const(5000)  # commands of 3GPP TS 27.007 that ask no network
_ATTACHED = const(1)  # the context that comes with the attachment
_PAUSE_MS = const(1000)  # between two looks at the attachment


def attach(nic):
    """Generator: wait until the module is attached and has an address; returns the addresses."""
    register = load("bringup.registration")
    stat = None
    for _ in range(nic.dialect.SEARCHES):
        start = time.ticks_ms()
        while time.ticks_diff(time.ticks_ms(), start) < nic.dialect.ATTACH_MS:
            found = yield from attached(nic)
            if found:
                return found
            if found is not None and nic.cid != _ATTACHED:
                yield from activate(nic)
            yield from answers.pause(nic, _PAUSE_MS)
        searched = stat == register.SEARCHING
        stat = yield from register.look(nic)
        # One that has just been registered needs the time of another attachment.
        if stat != register.SEARCHING and not (searched and stat in register.REGISTERED):
            break
    if stat not in register.REGISTERED:
        raise (yield from register.unregistered(nic, stat))
    raise load("bringup.words").no_context(Error(ENETUNREACH))


def attached(nic):
    """Generator: the addresses of a context of a module without AT+QIACT; None where it is not
    attached."""
    query = yield from answers.ask(nic, b"AT+CGATT?", b"+CGATT: ", _SHORT_MS)
    if query.fields(-1)[:1] == ["1"]:
        query = yield from answers.ask(nic, b"AT+CGPADDR?", b"+CGPADDR: ", _SHORT_MS)
        for line in query.lines:
            fields = answers.fields(line)
            # Some firmware says 0 of the context that comes with the attachment.
            own = fields[0] == str(nic.cid) or (fields[0] == "0" and nic.cid == _ATTACHED)
            if own and len(fields) > 1 and fields[1]:
                return fields[1:]
        if query.result == at.DONE:
            return []
    if query.result == at.ABORTED:
        raise (yield from answers.why(nic, query, "attach"))
    return None


def activate(nic):
    """Generator: AT+CGACT (3GPP TS 27.007), for modules without AT+QIACT: a context besides the
    one that comes with the attachment, and before a listener (BC65&BC92&BC95-GR 4.3.1)."""
    query = yield from answers.ask(nic, b"AT+CGACT?", b"+CGACT: ", _SHORT_MS)
    for line in query.lines:
        if answers.fields(line) == [str(nic.cid), "1"]:
            return
    command = at.Command(b"AT+CGACT=1,%d" % nic.cid, nic.dialect.ATTACH_MS)
    yield from nic.run(command)
    if command.result != at.DONE:
        raise load("bringup.words").no_context((yield from answers.why(nic, command, "AT+CGACT")))
