# Switching a module off. Generators, run as tasks. Loaded when needed, and unloaded after: see
# module.py.

import errno
import time

from micropython import const
from quectel import answers, at, load
from quectel.errors import Error

_DOWN_MS = const(10000)  # to leave the network, and to say POWERED DOWN


def power_off(nic):
    """Switch the module off in order: close every socket and context, then AT+QPOWD. Where the
    module refuses that, the radio is switched off and PWRKEY is pressed. active(True) presses
    PWRKEY to switch the module on again.

    Raises EOPNOTSUPP if the module refuses and there is no pwrkey, ETIMEDOUT if it does not
    answer. Takes 10 s and the time that disconnect may take."""
    load("bringup.power").finish(nic, _switching_off(nic))


def _switching_off(nic):
    module = nic.module
    power = load("bringup.power")
    restart = load("bringup.reset")
    known = module.ready
    for each in module.nics:
        try:
            yield from load("bringup.context").disconnecting(each)
        except OSError:
            pass  # what cannot be closed is off as well
    module.choose("active", False)
    heard = restart.Heard(nic, (b"POWERED DOWN", b"NORMAL POWER DOWN"))
    try:
        command = at.Command(b"AT+QPOWD=1", power.CFUN_MS)
        yield from nic.run(command)
        if command.result == at.ERROR:
            yield from _press(nic, power)
        elif command.result == at.TIMEOUT and known and not heard.lines:
            raise (yield from answers.why(nic, command, "AT+QPOWD"))
        start = time.ticks_ms()
        while not heard.lines and time.ticks_diff(time.ticks_ms(), start) < _DOWN_MS:
            if command.result == at.TIMEOUT:
                break
            yield
    finally:
        heard.end()
    module.restarted("the module was switched off")


def _press(nic, power):
    pins = nic.module.nics[0]
    yield from nic.run(at.Command(b"AT+CFUN=0", power.CFUN_MS))
    if pins.pwrkey is None:
        text = nic.dialect.MODEL + " refuses AT+QPOWD: only PWRKEY or its supply switches it off"
        raise Error(errno.EOPNOTSUPP, text)
    yield from power.press(nic, pins.pwrkey, pins.PWRKEY_PRESSED, pins.PWRKEY_MS)
