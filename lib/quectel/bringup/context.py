# Connecting an interface and disconnecting it, as Figure 1 of the BG95-S5 TCP/IP Application Note
# draws it: SIM and registration (and on without it), the context within 150 s, the address.
# Generators, run as tasks. Loaded when needed, and unloaded after: see module.py. Its parts are
# small files: to compile a large one takes much memory.

import errno
import time

from micropython import const
from quectel import answers, at, load
from quectel.connection import close_command
from quectel.dialects import quoted, within
from quectel.errors import Error, not_supported

_SHORT_MS = const(5000)  # commands of 3GPP TS 27.007 that ask no network
_RESTARTS = const(5)  # of the module during one connect
_ATTACHED = const(1)  # the context that comes with the attachment
_PAUSE_MS = const(1000)  # between two looks at the address, or two attempts


def connect(nic, apn=None, user=None, key=None, *, auth=None, family=1, timeout=None):
    """Begin to register with the network and to activate the context; returns at once, or, with
    `timeout` in seconds, when the interface is connected: see wait.

    apn     access point name; without it the module's own setting is used
    user, key  credentials; auth 0 none, 1 PAP, 2 CHAP, 3 either (default: 0, or 3 with user)
    family  1 IPv4, 2 IPv6, 3 both
    Progress is made by isconnected(), status() and every call that polls."""
    if not nic.module.active:
        raise Error(errno.ENODEV, "call active(True) first")
    if auth is None:
        auth = 3 if user else 0
    within(auth, (0, 3), "auth")
    within(family, (1, 3), "family")
    if apn is not None:
        context_line(nic.dialect, nic.cid, family, apn, user, key, auth)
        nic.set_access_point(apn, user, key, auth, family)
    if nic.pin is not None:
        load("bringup.unlock").check(nic.pin)
    if timeout is not None:
        load("bringup.wait").milliseconds(timeout)  # raises before anything is sent
    nic.begin_connecting(True)
    if timeout is not None:
        nic.wait(timeout)


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
    for _ in range(nic.dialect.SEARCHES):
        stat = yield from register.register(nic)
        found = yield from _prepare(nic)
        if found:
            return found
        try:
            return (yield from _activate(nic))
        except Error as e:
            if stat is None or stat in register.REGISTERED or epoch != nic.epoch:
                raise
            error = e
        if stat != register.SEARCHING:
            break
    if error.args[0] == errno.ETIMEDOUT:
        raise error  # a module that does not answer
    raise (yield from register.unregistered(nic, stat, error.code))


def _prepare(nic):
    # The addresses of the context where it is active already and the one that is wanted; else
    # nothing, and its access point is set.
    dialect = nic.dialect
    configure = None
    if nic.apn is not None:
        auth = nic.auth or 0
        configure = context_line(dialect, nic.cid, nic.family, nic.apn, nic.user, nic.key, auth)
    if not dialect.PDP:
        if configure is not None:
            yield from answers.must(nic, configure)
        return None
    found = yield from addresses(nic)
    if found:
        if configure is None:
            return found
        query = yield from answers.ask(nic, b"AT+QICSGP=%d" % nic.cid, b"+QICSGP: ", _SHORT_MS)
        if query.fields()[:2] == [str(nic.family), nic.apn]:
            return found  # it is the context that is wanted
        yield from deactivate(nic)
    if configure is not None:
        yield from answers.must(nic, configure)
    return None


def _activate(nic):
    dialect = nic.dialect
    if not dialect.PDP:
        return (yield from load("bringup.attachment").attach(nic))
    for attempt in range(dialect.ACTIVATE_TRIES):
        command = yield from _switch(nic, b"QIACT", dialect.ACTIVATE_MS)
        if command.result == at.DONE:
            found = yield from _up(nic, command)
            if found:
                return found
        error = yield from answers.why(nic, command, "AT+QIACT")
        if command.result in (at.TIMEOUT, at.ABORTED):
            break
        if error.code == 572:
            yield from _deactivate_others(nic)
        else:
            yield from deactivate(nic)
    raise load("bringup.words").no_context(error)


def _deactivate_others(nic):
    # The network allows fewer active contexts than the module has. One that the module has
    # activated by itself may take the place of ours.
    ours = [context.cid for context in nic.module.nics if context.state == nic.STAT_GOT_IP]
    ours.append(nic.cid)
    query = yield from answers.ask(nic, b"AT+CGACT?", b"+CGACT: ", _SHORT_MS)
    for line in query.lines:
        cid, state = (answers.fields(line) + [""])[:2]
        cid = answers.number(cid)
        if state == "1" and cid is not None and cid not in ours:
            yield from nic.run(at.Command(b"AT+CGACT=0,%d" % cid, nic.dialect.DEACTIVATE_MS))


def _switch(nic, name, timeout):
    # Runs AT+QIACT or AT+QIDEACT, or its asynchronous form, which leaves the channel free until a
    # URC reports the result (RM500U 2.3.5, 2.3.6). Returns the command.
    if not nic.dialect.ASYNCHRONOUS:
        command = at.Command(b"AT+" + name + b"=%d" % nic.cid, timeout)
        yield from nic.run(command)
        return command
    shows = nic.dialect.ASYNCHRONOUS == 2 and name == b"QIACT"
    command = at.Command(b"AT+" + name + b"EX=%d" % nic.cid + (b",1" if shows else b""))
    codes = []

    def on_result(channel):
        codes.append(channel.number())

    # The contextID is part of the prefix: two contexts may be activated at the same time.
    prefix = b"+" + name + b"EX: %d," % nic.cid
    nic.channel.on(prefix, on_result)
    try:
        yield from nic.run(command)
        if command.result == at.DONE:
            epoch = nic.epoch
            yield from nic.until(lambda: codes, timeout)
            if not codes:
                command.ended(at.TIMEOUT if epoch == nic.epoch else at.ABORTED)
            elif codes[0]:
                command.ended(at.ERROR, codes[0])
    finally:
        nic.channel.off(prefix, on_result)
    return command


def _up(nic, command):
    # Returns the addresses of a context that was activated. With QICFG "asyncmode" (BG95-S5,
    # 2.3.15) AT+QIACT is answered before the context has one, and no URC reports it.
    start = time.ticks_ms()
    epoch = nic.epoch
    while True:
        found = yield from addresses(nic)
        if found or epoch != nic.epoch:
            return found
        if time.ticks_diff(time.ticks_ms(), start) >= nic.dialect.ACTIVATE_MS:
            command.ended(at.TIMEOUT)
            return found
        yield from answers.pause(nic, _PAUSE_MS)


def context_line(dialect, cid, family, apn, user, key, auth):
    """The line that sets the access point; ValueError or EOPNOTSUPP where it cannot be said."""
    if dialect.PDP:
        # AT+QICSGP; <auth>: 0 none, 1 PAP, 2 CHAP, 3 either
        line = b"AT+QICSGP=%d,%d," % (cid, family) + quoted(apn, dialect.APN_MAX, "apn")
        line += b"," + quoted(user or "", dialect.USER_MAX, "user")
        return line + b"," + quoted(key or "", dialect.USER_MAX, "key") + b",%d" % auth
    if user or key:
        raise not_supported(dialect.MODEL, "user and key of an access point")
    # 3GPP TS 27.007: the documents of the BC modules leave the access point to it.
    kind = ("", "IP", "IPV6", "IPV4V6")[family].encode()
    return b'AT+CGDCONT=%d,"%s",' % (cid, kind) + quoted(apn, dialect.APN_MAX, "apn")


def addresses(nic):
    """Generator: the addresses of an active context, none where it is not active."""
    query = yield from answers.ask(nic, b"AT+QIACT?", b"+QIACT: ")
    for line in query.lines:
        fields = answers.fields(line)
        if len(fields) > 3 and fields[0] == str(nic.cid) and fields[1] == "1":
            return fields[3:]
    return []


def deactivate(nic):
    """Generator: AT+QIDEACT, which closes every connection of the context. Without it each socket
    is closed for itself. Returns the last command."""
    dialect = nic.dialect
    if dialect.PDP:
        return (yield from _switch(nic, b"QIDEACT", dialect.DEACTIVATE_MS))
    for connect_id in range(dialect.SOCKETS):
        owner = nic.module.lookup(connect_id)
        if owner is not None and owner.nic is nic:
            yield from nic.run(close_command(dialect, connect_id))
    command = at.Command(b"AT", _SHORT_MS)
    if nic.cid != _ATTACHED:
        command = at.Command(b"AT+CGACT=0,%d" % nic.cid, dialect.ATTACH_MS)
    yield from nic.run(command)
    return command


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
            yield from deactivate(nic)  # refused where there is nothing to deactivate yet
        return
    command = yield from deactivate(nic)
    nic.set_state(nic.STAT_IDLE)  # as the program wants it: not one to bring up again
    nic.end_epoch("the interface was disconnected")
    if command.result != at.DONE:
        raise (yield from answers.why(nic, command, "AT+QIDEACT"))
