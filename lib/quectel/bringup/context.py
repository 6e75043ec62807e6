# Connecting an interface and disconnecting it, as Figure 1 of the BG95-S5 TCP/IP Application Note
# draws it: SIM and registration (and on without it), the context within 150 s, the address.
# Generators, run as tasks. Loaded when needed, and unloaded after: see module.py. Its parts are
# small files: to compile a large one takes much memory.

import errno

from micropython import const
from quectel import answers, at, load
from quectel.dialects import within
from quectel.errors import Error

_RESTARTS = const(5)  # of the module during one connect
_PAUSE_MS = const(1000)  # between two attempts


def connect(nic, apn=None, user=None, key=None, *, auth=None, family=1, timeout=None):
    """Begin to register with the network and to activate the context; returns at once, or, with
    `timeout` in seconds, when the interface is connected: see wait.

    apn     access point name; without it the module's own setting is used
    user, key  credentials; auth 0 none, 1 PAP, 2 CHAP, 3 either (default: 0, or 3 with user)
    family  1 IPv4, 2 IPv6, 3 both
    Progress is made by isconnected(), status() and every call that polls."""
    if not nic.module.active:
        raise Error(errno.ENODEV, "call active(True) first")
    choose_access_point(nic, apn, user, key, auth, family)
    if nic.pin is not None:
        load("bringup.unlock").check(nic.pin)
    if timeout is not None:
        load("bringup.wait").milliseconds(timeout)  # raises before anything is sent
    nic.dialect.details()
    nic.begin_connecting(True)
    if timeout is not None:
        nic.wait(timeout)


def choose_access_point(nic, apn, user, key, auth, family):
    """Have `nic` use this access point from its next connect on; see connect for the parameters.
    ValueError or EOPNOTSUPP where it cannot be said."""
    if auth is None:
        auth = 3 if user else 0
    within(auth, (0, 3), "auth")
    within(family, (1, 3), "family")
    if apn is not None:
        load("bringup.activation").context_line(nic.dialect, nic.cid, family, apn, user, key, auth)
        nic.set_access_point(apn, user, key, auth, family)


def disconnect(nic):
    """Close every socket and deactivate the context (BG95-S5: at most 40 s)."""
    nic.module.finish(disconnecting(nic), True)


def connecting(nic):
    """Generator: SIM, registration, context, address; sets the interface's state and failure. A
    module that restarts meanwhile is brought up again, since a program waits for isconnected()."""
    for _ in range(_RESTARTS):
        while nic.module.checking:
            yield
        epoch = nic.epoch
        try:
            if not nic.module.ready:
                yield from load("bringup.power").power_on(nic)
                epoch = nic.epoch
            yield from load("bringup.registration").sim(nic)
            found = yield from _join(nic)
            if epoch == nic.epoch:
                nic.set_state(nic.STAT_GOT_IP, found)
                return
            error = Error(errno.ECONNABORTED, "the module restarted")
        except OSError as e:
            error = e
        no_sim = nic.state == nic.STAT_NO_SIM
        nic.set_state(nic.STAT_CONNECTING, None, error)
        if epoch == nic.epoch:
            break
        yield from answers.pause(nic, _PAUSE_MS)
    nic.set_state(nic.STAT_NO_SIM if no_sim else nic.STAT_CONNECT_FAIL)


def _join(nic):
    # BG95-S5, Figure 1: a module that is not registered in time tries to activate the context all
    # the same. A refusal is no failure while the module says that it still searches.
    epoch = nic.epoch
    register = load("bringup.registration")
    activation = load("bringup.activation")
    for _ in range(nic.dialect.SEARCHES):
        stat = yield from register.register(nic)
        found = yield from activation.prepare(nic)
        if found:
            return found
        try:
            return (yield from activation.activate(nic))
        except Error as e:
            if stat is None or stat in register.REGISTERED or epoch != nic.epoch:
                raise
            error = e
        if stat != register.SEARCHING:
            break
    if error.args[0] == errno.ETIMEDOUT:
        raise error  # a module that does not answer
    raise (yield from register.unregistered(nic, stat, error.code))


def stop(nic):
    """Go no further with connect; whether it was under way."""
    task = nic.connecting
    if task is None or task.done:
        return False
    task.cancel()
    return True


def disconnecting(nic):
    """Generator: close the sockets and deactivate the context; ends a connect under way."""
    if nic.state != nic.STAT_GOT_IP:
        under_way = stop(nic) and nic.module.ready
        nic.set_state(nic.STAT_IDLE)
        if under_way:
            # Refused where there is nothing to deactivate yet.
            yield from load("bringup.pdp").deactivate(nic)
        return
    command = yield from load("bringup.pdp").deactivate(nic)
    nic.set_state(nic.STAT_IDLE)  # as the program wants it: not one to bring up again
    nic.end_epoch("the interface was disconnected")
    if command.result != at.DONE:
        raise (yield from answers.why(nic, command, "AT+QIDEACT"))
