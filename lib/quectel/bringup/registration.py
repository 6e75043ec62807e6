# The SIM and the registration with the network, as Figure 1 of the BG95-S5 TCP/IP Application Note
# draws them: the SIM within 20 s, the registration within 60 s. Generators, run as tasks. Loaded
# when needed, and unloaded after: see module.py.

import time

from micropython import const
from quectel import answers, at, load

_SHORT_MS = const(5000)  # commands of 3GPP TS 27.007 that ask no network
_SEARCHING = const(2)  # <stat> of AT+CEREG?
_PAUSE_MS = const(1000)  # between two looks at the SIM or the registration


def sim(nic):
    """Generator: wait until the SIM is ready; ENODEV where it is not."""
    start = time.ticks_ms()
    while True:
        query = yield from answers.ask(nic, b"AT+CPIN?", b"+CPIN: ", _SHORT_MS)
        state = query.lines[-1] if query.lines else ""
        if query.result == at.DONE and state == "READY":
            return
        if query.result == at.ABORTED:
            raise (yield from answers.why(nic, query, "SIM"))
        locked = query.result == at.DONE and state.startswith("SIM P")
        if locked or time.ticks_diff(time.ticks_ms(), start) >= nic.dialect.SIM_MS:
            nic.set_state(nic.STAT_NO_SIM)
            raise load("bringup.words").no_sim(nic, state[4:] if locked else "", query.code)
        yield from answers.pause(nic, _PAUSE_MS)


def register(nic):
    """Generator: wait until the module is registered. Returns whether it still searches when the
    time-out is over."""
    start = time.ticks_ms()
    searches = False
    while nic.dialect.REGISTRATION and (
        time.ticks_diff(time.ticks_ms(), start) < nic.dialect.REGISTRATION_MS
    ):
        searches = False
        for name in nic.dialect.REGISTRATION:
            stat = yield from registration(nic, name)
            if stat in (1, 5):
                return False
            searches = searches or stat == _SEARCHING
        yield from answers.pause(nic, _PAUSE_MS)
    return searches


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
