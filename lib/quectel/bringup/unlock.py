# The SIM's PIN (3GPP TS 27.007, 8.3). Three wrong ones lock the SIM: a PIN is sent only while the
# SIM asks for it, and one that the SIM has not taken is never sent again. Loaded when needed, and
# unloaded after: see module.py.

import errno
import time

from micropython import const
from quectel import answers, at, load
from quectel.errors import Error

_SHORT_MS = const(5000)
_PIN_MS = const(20000)  # the SIM has to look at it
_PAUSE_MS = const(500)


def unlock(nic, pin):
    """Give the SIM its PIN, 4 to 8 digits as text, if it asks for one; else nothing is sent. The
    PIN is kept: a module that restarts asks again.

    Raises EACCES if the SIM does not take it, or did not take the same one before; ENODEV if there
    is no SIM, or it asks for something else."""
    check(pin)
    nic.module.nics[0].choose("pin", pin)
    nic.module.finish(load("bringup.registration").sim(nic, True), True)
    if nic.state == nic.STAT_NO_SIM:
        nic.set_state(nic.STAT_IDLE)


def check(pin):
    """TypeError or ValueError if `pin` can be no PIN; neither shows it."""
    if not isinstance(pin, str):
        raise TypeError("pin must be text")
    if not 4 <= len(pin) <= 8 or not pin.isdigit():
        raise ValueError("pin must be 4 to 8 digits")


def enter(nic, sure):
    """Generator: give the SIM, which asks for it, the interface's PIN. `sure`: the program has
    just said so; else the last try of a SIM is left to it. EACCES if the SIM does not take it."""
    pin = nic.module.nics[0].pin
    if pin == nic.dialect.TRIED_PIN:
        raise _refusal(nic, "the SIM did not take this PIN before: it is not sent twice")
    if not sure and (yield from _tries(nic)) == 1:
        raise _refusal(nic, "the SIM allows one more PIN: call unlock(pin) if it is right")
    nic.dialect.choose("TRIED_PIN", pin)
    command = at.Command(b'AT+CPIN="' + pin.encode() + b'"', _PIN_MS)
    yield from nic.run(command)
    # An answer may be lost, and OK may come before the SIM is ready: the SIM itself tells.
    start = time.ticks_ms()
    while time.ticks_diff(time.ticks_ms(), start) < nic.dialect.SIM_MS:
        query = yield from answers.ask(nic, b"AT+CPIN?", b"+CPIN: ", _SHORT_MS)
        state = query.lines[-1] if query.lines else ""
        if state == "READY":
            nic.dialect.choose("TRIED_PIN", None)
            return
        if state.startswith("SIM PUK"):
            return  # sim() says so
        if command.result == at.ERROR and state:
            break
        yield from answers.pause(nic, _PAUSE_MS)
    text = "the SIM does not take this PIN: three wrong ones lock it"
    raise _refusal(nic, text, command.code)


def _refusal(nic, text, code=None):
    nic.set_state(nic.STAT_NO_SIM)
    return Error(errno.EACCES, text, code)


def _tries(nic):
    # AT+CPINR (3GPP TS 27.007, 8.65): how often a wrong PIN may still be given; None where the
    # module does not tell.
    query = yield from answers.ask(nic, b'AT+CPINR="SIM PIN"', b"+CPINR: ", _SHORT_MS)
    return answers.number((query.fields(-1) + ["", ""])[1])
