# Activating a context: the access point, AT+QIACT within 150 s, the address. Generators; see
# context.py.

import time

from micropython import const
from quectel import answers, at, load
from quectel.dialects import quoted
from quectel.errors import not_supported

_SHORT_MS = const(5000)  # commands of 3GPP TS 27.007 that ask no network
_PAUSE_MS = const(1000)  # between two looks at the address


def prepare(nic):
    """Generator: the addresses of the context where it is active already and the one that is
    wanted; else None, and its access point is set."""
    dialect = nic.dialect
    configure = None
    if nic.apn is not None:
        auth = nic.auth or 0
        configure = context_line(dialect, nic.cid, nic.family, nic.apn, nic.user, nic.key, auth)
    if not dialect.PDP:
        if configure is not None:
            yield from load("bringup.access_point").define(nic, configure)
        return None
    found = yield from addresses(nic)
    if found:
        if configure is None:
            return found
        query = yield from answers.ask(nic, b"AT+QICSGP=%d" % nic.cid, b"+QICSGP: ", _SHORT_MS)
        if query.fields()[:2] == [str(nic.family), nic.apn]:
            return found  # it is the context that is wanted
        yield from load("bringup.pdp").deactivate(nic)
    if configure is not None:
        yield from answers.must(nic, configure)
    return None


def activate(nic):
    """Generator: activate the context; its addresses."""
    dialect = nic.dialect
    if not dialect.PDP:
        return (yield from load("bringup.attachment").attach(nic))
    pdp = load("bringup.pdp")
    for attempt in range(dialect.ACTIVATE_TRIES):
        epoch = nic.epoch
        command = yield from pdp.switch(nic, b"QIACT", dialect.ACTIVATE_MS)
        if command.result == at.DONE:
            found = yield from _up(nic, command, epoch)
            if found:
                return found
        error = yield from answers.why(nic, command, "AT+QIACT")
        if command.result in (at.TIMEOUT, at.ABORTED):
            break
        if error.code == 572:
            yield from _deactivate_others(nic)
        else:
            yield from pdp.deactivate(nic)
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


def _up(nic, command, epoch):
    # Returns the addresses of a context that was activated in `epoch`. With QICFG "asyncmode"
    # (BG95-S5, 2.3.15) AT+QIACT is answered before the context has one, and no URC reports it.
    start = time.ticks_ms()
    while True:
        found = yield from addresses(nic)
        if epoch != nic.epoch:  # it was lost again, perhaps before its OK was seen
            command.ended(at.ABORTED)
            return None
        if found:
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
