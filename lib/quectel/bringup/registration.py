# The SIM and the registration with the network, as Figure 1 of the BG95-S5 TCP/IP Application Note
# draws them: the SIM within 20 s, the registration within 60 s. Generators, run as tasks. Loaded
# when needed, and unloaded after: see module.py.

import errno
import time

from micropython import const
from quectel import answers, at, load
from quectel.errors import ENETUNREACH, Error

_SHORT_MS = const(5000)  # commands of 3GPP TS 27.007 that ask no network
# <stat> of AT+CEREG? (3GPP TS 27.007, 10.1.22): at home, roaming
REGISTERED = (1, 5)
SEARCHING = const(2)
_DENIED = const(3)
_OTHERS = {0: "not searching", SEARCHING: "searching", 4: "no coverage", 8: "emergency calls only"}
_PAUSE_MS = const(1000)  # between two looks at the SIM or the registration


def sim(nic, sure=False):
    """Generator: wait until the SIM is ready, and give it the interface's PIN if it asks for that;
    ENODEV where it is not ready. `sure`: the program has just said that the PIN is right."""
    start = time.ticks_ms()
    while True:
        query = yield from answers.ask(nic, b"AT+CPIN?", b"+CPIN: ", _SHORT_MS)
        state = query.lines[-1] if query.lines else ""
        if query.result == at.DONE and state == "READY":
            return
        if query.result == at.ABORTED:
            raise (yield from answers.why(nic, query, "SIM"))
        if state == "SIM PIN" and nic.module.nics[0].pin is not None:
            yield from load("bringup.unlock").enter(nic, sure)
            continue
        locked = query.result == at.DONE and state.startswith("SIM P")
        if locked or time.ticks_diff(time.ticks_ms(), start) >= nic.dialect.SIM_MS:
            nic.set_state(nic.STAT_NO_SIM)
            raise load("bringup.words").no_sim(nic, state[4:] if locked else "", query.code)
        yield from answers.pause(nic, _PAUSE_MS)


def register(nic):
    """Generator: wait until the module is registered, or REGISTRATION_MS. Returns the last <stat>;
    None where the document has the attachment in its place."""
    start = time.ticks_ms()
    stat = None
    while nic.dialect.REGISTRATION and (
        time.ticks_diff(time.ticks_ms(), start) < nic.dialect.REGISTRATION_MS
    ):
        stat = yield from look(nic)
        if stat in REGISTERED:
            break
        yield from answers.pause(nic, _PAUSE_MS)
    return stat


def look(nic):
    """Generator: <stat>, the best of what the module says of its radios: registered goes before
    searching, and that before all else. None without an answer."""
    best = None
    for name in nic.dialect.REGISTRATION or (b"+CEREG",):
        stat = yield from registration(nic, name)
        if stat in REGISTERED or stat == SEARCHING or not best:
            best = stat
        if stat in REGISTERED:
            break
    nic.module.choose("registration", best)
    return best


def registration(nic, name):
    """Generator: <stat> of AT+CEREG? or AT+CGREG?, None without an answer."""
    query = yield from answers.ask(nic, b"AT" + name + b"?", name + b": ", _SHORT_MS)
    if query.result == at.ABORTED:
        raise (yield from answers.why(nic, query, "registration"))
    stat = None
    for line in query.lines:
        # The answer is +CEREG: <n>,<stat>[,…]; in a URC of that name the second is a quoted text.
        fields = line.split(",")
        if len(fields) > 1 and fields[1].strip().isdigit():
            stat = int(fields[1])
    return stat


def rssi(nic):
    """Generator: AT+CSQ (3GPP TS 27.007): the signal in dBm, None if it is not known."""
    query = yield from answers.ask(nic, b"AT+CSQ", b"+CSQ: ", _SHORT_MS)
    level = answers.number((query.fields(-1) or [""])[0])
    return None if level is None or not 0 <= level <= 31 else 2 * level - 113


def reason(nic):
    """Generator: the Error that says why the module is not connected; None if it is registered."""
    query = yield from answers.ask(nic, b"AT+CPIN?", b"+CPIN: ", _SHORT_MS)
    if query.lines[-1:] != ["READY"]:
        return Error(errno.ETIMEDOUT, "the SIM is not ready yet")
    stat = yield from look(nic)
    if stat in REGISTERED:
        return None
    return (yield from unregistered(nic, stat))


def unregistered(nic, stat, code=None):
    """Generator: the Error for a module whose <stat> is not that of a registered one; `code`: what
    it has refused to activate the context with. The words are the same for all modules."""
    return error_of(stat, (yield from rssi(nic)), code)


def error_of(stat, level, code=None):
    """The Error for a <stat>, with the signal in dBm or None."""
    seen = "rssi unknown" if level is None else "rssi %d dBm" % level
    if stat == _DENIED:
        text = "registration denied (%s): the network refuses this SIM, ask who has sold it" % seen
        return Error(errno.EACCES, text, code)
    seen = "%s, %s" % (_OTHERS.get(stat, "state unknown"), seen)
    text = "no registration (%s): look at antenna, coverage and bands" % seen
    return Error(ENETUNREACH, text, code)
