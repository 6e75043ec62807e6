# Waiting until an interface is connected. A generator, run as a task. Loaded when needed, and
# unloaded after: see module.py.

import errno
import time

from micropython import const
from quectel import load
from quectel.errors import ENETUNREACH, Error

_REASON_MS = const(5000)  # to be told why it is not connected, once the time is over


def wait(nic, timeout=None):
    """Return when the interface is connected, at most `timeout` seconds after the call.

    Raises why it is not: ENODEV without a SIM that is ready, EACCES if the network denies
    registration or the SIM its PIN, ENETUNREACH without registration, ETIMEDOUT, or what the
    module has refused with. Without registration it goes on until the time is over, and with a
    denial for REGISTRATION_MS (60 s). Without a time-out it ends when connect itself gives up:
    after ten minutes of searching at most. A connect that is under way goes on afterwards."""
    nic.module.finish(waiting(nic, milliseconds(timeout)), True)
    nic.status()  # from now on the program knows that it is connected


def milliseconds(timeout):
    """A time-out in seconds as ms, or None; ValueError if it is negative."""
    if timeout is None:
        return None
    if timeout < 0:
        raise ValueError("the time-out must not be negative")
    return int(timeout * 1000)


def waiting(nic, limit):
    """Generator: what wait does; `limit` in ms, or None."""
    start = time.ticks_ms()
    while nic.state != nic.STAT_GOT_IP or nic.module.checking:
        if nic.state == nic.STAT_IDLE:
            raise Error(ENETUNREACH, "not connected, and connect was not called since")
        if nic.state not in (nic.STAT_CONNECTING, nic.STAT_GOT_IP):
            if limit is None or not _may_get_better(nic):
                raise nic.failure
            nic.begin_connecting(False)
        if limit is not None and time.ticks_diff(time.ticks_ms(), start) >= limit:
            raise (yield from _reason(nic, limit))
        yield


def _may_get_better(nic):
    # A module that is not registered may be one day, unless the network has denied it.
    registered = nic.module.registration in load("bringup.registration").REGISTERED
    return nic.failure.args[0] == ENETUNREACH and not registered


def _reason(nic, limit):
    register = load("bringup.registration")
    look = nic.module.spawn(register.reason(nic), True)
    start = time.ticks_ms()
    while not look.done and time.ticks_diff(time.ticks_ms(), start) < _REASON_MS:
        yield
    look.cancel()
    if look.value is not None:
        return look.value
    text = "not connected within %d s" % (limit // 1000)
    if look.error is None:
        text += ": registered, look at the access point name"
    elif nic.module.registration not in (None,) + register.REGISTERED:
        return register.error_of(nic.module.registration, None)  # a long command has the channel
    return Error(errno.ETIMEDOUT, text)
