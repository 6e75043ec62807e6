# Bringing a module up and down, as Figure 1 of the BG95-S5 TCP/IP Application Note draws it: an
# answer, the settings the driver relies on, the SIM within 20 s, registration within 60 s (and on
# without it), the context within 150 s, the address. Generators, run as tasks by the modem.

import errno
import time

from micropython import const

from quectel import at
from quectel.dialects import quoted
from quectel.errors import ENETUNREACH, Error, not_supported

STAT_IDLE = const(0)  # no connection, none asked for
STAT_CONNECTING = const(1)
STAT_GOT_IP = const(3)
STAT_NO_SIM = const(-4)
STAT_CONNECT_FAIL = const(-1)

_ANSWER_MS = const(500)  # an AT that is not answered by then goes unheard
_SHORT_MS = const(5000)  # commands of 3GPP TS 27.007 that ask no network
_CFUN_MS = const(15000)
_BEFORE_POWER_MS = const(7000)  # the attempts to wake a module that is on
_GUARD_MS = const(1100)  # silence around +++ (1.2), and a little
_RESTARTS = const(5)  # of the module during one connect
_ATTACHED = const(1)  # the context that comes with the attachment
_PAUSE_MS = const(1000)  # between two looks at the SIM or the registration


def power_on(nic):
    """Get an answer, check the model, make settings, close sockets of an earlier program."""
    most = nic.BOOT_MS
    if nic.pwrkey is not None:
        most += nic.PWRKEY_MS + _BEFORE_POWER_MS
    if not (yield from _limited(_wake(nic), most)):
        raise Error(errno.ETIMEDOUT, "%s does not answer AT" % nic.dialect.MODEL)
    yield from _make_ready(nic)


def _limited(steps, ms):
    # Generator: run the generator `steps`, whose value is this one's, for at most `ms`.
    start = time.ticks_ms()
    try:
        while time.ticks_diff(time.ticks_ms(), start) < ms:
            try:
                next(steps)
            except StopIteration as e:
                return e.value
            yield
    finally:
        steps.close()
    return None


def _wake(nic):
    # An answer to AT cannot be told from a late one: no probe until there is one.
    channel = nic.channel
    while channel.probe is None:
        yield  # another context is at it
    probe, channel.probe = channel.probe, None
    try:
        for attempt in (_listen, _leave_data_mode, _leave_prompt, _press_power):
            yield from attempt(nic)
            for _ in range(2):
                if (yield from _answers(nic)):
                    return True
        while not (yield from _answers(nic)):
            pass
        return True
    finally:
        channel.probe = probe


def _answers(nic):
    command = at.Command(b"AT", _ANSWER_MS)
    yield from nic.run(command)
    return command.result in (at.DONE, at.ERROR)


def _listen(nic):
    yield


def _leave_data_mode(nic):
    # An earlier program may have left the module in transparent mode: +++ with a second of
    # silence on either side.
    yield from nic.rest(_GUARD_MS)
    escape = at.Command(b"+++", _GUARD_MS)
    escape.line_end = 3
    yield from nic.run(escape)


def _leave_prompt(nic):
    # … or in the middle of the data of a QISEND. CRs mean nothing where there is no prompt.
    filler = at.Command(b"\x1b" + b"\r" * nic.dialect.SEND_MAX, _ANSWER_MS)
    yield from nic.run(filler)


def _press_power(nic):
    if nic.pwrkey is None:
        return
    if hasattr(nic.pwrkey, "init"):
        nic.pwrkey.init(nic.pwrkey.OUT)  # Pin(14) alone is not an output everywhere
    try:
        nic.pwrkey.value(nic.PWRKEY_PRESSED)
        yield from nic.rest(nic.PWRKEY_MS)
    finally:  # whatever ends this
        nic.pwrkey.value(1 - nic.PWRKEY_PRESSED)


def _make_ready(nic):
    dialect = nic.dialect
    yield from _must(nic, b"ATE0")
    query = yield from nic.ask(b"AT+CGMM", timeout=_SHORT_MS)
    if query.result != at.DONE:
        raise (yield from nic.why(query, "AT+CGMM"))
    # With the echo just switched off its last line may still come.
    model = "".join(c for c in "".join(query.lines).upper() if c.isalpha() or c.isdigit())
    if dialect.MODEL not in model:
        raise Error(errno.ENODEV, "the module is %s, not %s" % (model[:24], dialect.MODEL))
    query = yield from nic.ask(b"AT+CFUN?", b"+CFUN: ", _CFUN_MS)
    if query.result == at.DONE and query.lines and query.lines[0][:1] != "1":
        yield from _must(nic, b"AT+CFUN=1", _CFUN_MS)
    for line in dialect.SETTINGS:
        yield from _must(nic, line)
    if dialect.SLEEPS_MS:
        query = yield from nic.ask(b"AT+QSCLK?", b"+QSCLK: ", _SHORT_MS)
        awake = query.result == at.DONE and query.lines and query.lines[0].strip() == "0"
        nic.channel.silence = 0 if awake else dialect.SLEEPS_MS
    nic.make_plain()
    yield from _close_leftovers(nic)
    nic.ready = True


def _must(nic, line, timeout=_SHORT_MS):
    command = at.Command(line, timeout)
    yield from nic.run(command)
    if command.result != at.DONE:
        # A line with a password in it is not for an error's text.
        name = line.split(b"=")[0] if command.secret else line
        raise (yield from nic.why(command, name.decode()))


def _close_leftovers(nic):
    # A module outlives a reset of the microcontroller, and so do its sockets.
    dialect = nic.dialect
    query = yield from nic.ask(b"AT+QISTATE?", b"+QISTATE: ", _SHORT_MS)
    for line in query.lines:
        connect_id = line.partition(",")[0].strip()
        if connect_id.isdigit() and not nic.owned(int(connect_id)):
            yield from nic.run(close_command(dialect, int(connect_id)))


def close_command(dialect, connect_id):
    """AT+QICLOSE; a second more than the module's own limit, which is also the time it takes."""
    line = b"AT+QICLOSE=%d" % connect_id + dialect.CLOSE_TAIL
    return at.Command(line, dialect.CLOSE_MS + 1000, needs=dialect.CLOSE_NEEDS)


def check(nic):
    """After an answer that did not come: does the module still have our sockets?

    One that has restarted unheard ends the epoch; so does one that is silent for as long as the
    document gives any command. Connections that nobody has any more are closed."""
    dialect = nic.dialect
    # Those from before the question: a client may come with the answer.
    ours = [conn for conn in nic.connections if conn.is_open]
    listed = yield from _listed(nic)
    if listed is None:
        return
    gone = [conn for conn in ours if conn.is_open and conn.id not in listed]
    ended = [conn for conn in ours if conn.is_connected and conn.id in listed]
    ended = [conn for conn in ended if listed[conn.id] in dialect.STATES_CLOSED]
    if gone or ended:
        # A line of the list may have been damaged: it must say the same once more.
        again = yield from _listed(nic)
        if again is None:
            return
        gone = [conn for conn in gone if conn.is_open and conn.id not in again]
        for conn in ended:
            if conn.is_connected and again.get(conn.id) == listed[conn.id]:
                conn.on_closed()
    contexts = [context for context in nic.contexts if context.state == STAT_GOT_IP]
    if contexts:
        down = []
        if dialect.PDP or not ours:
            for context in contexts:
                if not (yield from _has_address(context)):
                    down.append(context)
        restarted = len(down) == len(contexts)
        if ours and not dialect.PDP:
            restarted = len(gone) == len(ours)
        if restarted:
            nic.lost("the module restarted")
            return
        for context in down:
            context.end_epoch("the context is not active")
    nic.look_now()  # URCs may have been lost
    for conn in gone:
        if not nic.owns(conn, conn.id):
            continue  # of a context that has just ended
        nic.free_id(conn.id, True)
        conn.fail(Error(errno.ECONNABORTED, "the module has lost the connection"))
    for connect_id in range(dialect.SOCKETS):
        if connect_id in listed:
            while not nic.channel.idle:
                yield
            if not nic.owned(connect_id):
                yield from nic.run(close_command(dialect, connect_id))
        # A client may have been given the number meanwhile.
        if not nic.owned(connect_id):
            nic.free_id(connect_id, True)


def _listed(nic):
    # The state of each connectID that the module has; None where that is no question any more.
    start = time.ticks_ms()
    while True:
        query = yield from nic.ask(b"AT+QISTATE?", b"+QISTATE: ", _SHORT_MS)
        if query.result == at.ABORTED:
            return None
        if query.result == at.DONE:
            listed = {}
            for line in query.lines:
                fields = [field.strip() for field in line.split(",")]
                if fields[0].isdigit():
                    listed[int(fields[0])] = fields[5] if len(fields) > 5 else ""
            return listed
        if time.ticks_diff(time.ticks_ms(), start) >= nic.dialect.SILENCE_MS:
            nic.lost("the module does not answer")
            return None
        yield from nic.rest(_PAUSE_MS)


def _has_address(nic):
    # Whether the context is up; that it is not must be said twice, as a line may be damaged.
    for _ in range(2):
        ask = _addresses if nic.dialect.PDP else _attached
        if (yield from ask(nic)):
            return True
    return False


def connect(nic):
    """SIM, registration, context, address; sets nic.state and nic.failure. A module that restarts
    meanwhile is brought up again: a program that waits for isconnected() must see an end."""
    for _ in range(_RESTARTS):
        while nic.checking:
            yield
        epoch = nic.epoch
        try:
            if not nic.ready:
                yield from power_on(nic)
                epoch = nic.epoch
            yield from _sim(nic)
            yield from _register(nic)
            addresses = yield from _activate(nic)
            if epoch == nic.epoch:
                nic.address = addresses
                nic.state = STAT_GOT_IP
                return
            error = Error(errno.ECONNABORTED, "the module restarted")
        except OSError as e:
            error = e
        nic.failure = error
        if epoch == nic.epoch:
            break
        nic.state = STAT_CONNECTING
        yield from nic.rest(_PAUSE_MS)
    if nic.state != STAT_NO_SIM:
        nic.state = STAT_CONNECT_FAIL


def _sim(nic):
    start = time.ticks_ms()
    while True:
        query = yield from nic.ask(b"AT+CPIN?", b"+CPIN: ", _SHORT_MS)
        state = query.lines[0] if query.lines else ""
        if query.result == at.DONE and state == "READY":
            return
        if query.result == at.ABORTED:
            raise (yield from nic.why(query, "SIM"))
        locked = query.result == at.DONE and state.startswith("SIM P")
        if locked or time.ticks_diff(time.ticks_ms(), start) >= nic.dialect.SIM_MS:
            nic.state = STAT_NO_SIM
            raise Error(errno.ENODEV, "the SIM asks for " + state[4:] if locked else "no SIM")
        yield from nic.rest(_PAUSE_MS)


def _register(nic):
    if not nic.dialect.REGISTRATION:
        return
    # Not registered in time is no failure yet: the document goes on and tries the context.
    start = time.ticks_ms()
    while time.ticks_diff(time.ticks_ms(), start) < nic.dialect.REGISTRATION_MS:
        for name in nic.dialect.REGISTRATION:
            if (yield from registration(nic, name)) in (1, 5):
                return
        yield from nic.rest(_PAUSE_MS)


def registration(nic, name):
    """Generator: <stat> of AT+CEREG? or AT+CGREG?, None without an answer."""
    query = yield from nic.ask(b"AT" + name + b"?", name + b": ", _SHORT_MS)
    if query.result == at.ABORTED:
        raise (yield from nic.why(query, "registration"))
    fields = query.lines[0].split(",") if query.lines else ()
    return int(fields[1]) if len(fields) > 1 and fields[1].strip().isdigit() else None


def _activate(nic):
    dialect = nic.dialect
    if not dialect.PDP:
        return (yield from _attach(nic))
    addresses = yield from _addresses(nic)
    if addresses:
        if nic.apn is None or (yield from _configured(nic)):
            return addresses
        yield from deactivate(nic)
    if nic.apn is not None:
        yield from _configure(nic)
    for attempt in range(dialect.ACTIVATE_TRIES):
        command = yield from _switch(nic, b"QIACT", dialect.ACTIVATE_MS)
        if command.result == at.DONE:
            addresses = yield from _up(nic, command)
            if addresses:
                return addresses
        error = yield from nic.why(command, "AT+QIACT")
        if command.result in (at.TIMEOUT, at.ABORTED):
            break
        yield from deactivate(nic)
    raise error


def _switch(nic, name, timeout):
    # AT+QIACT, AT+QIDEACT, or their asynchronous forms, which leave the channel free meanwhile and
    # report the result in a line of its own (RM500U 2.3.5, 2.3.6). Returns the command.
    if not nic.dialect.ASYNCHRONOUS:
        command = at.Command(b"AT+" + name + b"=%d" % nic.cid, timeout)
        yield from nic.run(command)
        return command
    shows = nic.dialect.ASYNCHRONOUS == 2 and name == b"QIACT"
    command = at.Command(b"AT+" + name + b"EX=%d" % nic.cid + (b",1" if shows else b""))
    codes = []

    def heard(channel):
        codes.append(channel.number())

    # The contextID is part of the prefix: two contexts may be on their way at once.
    prefix = b"+" + name + b"EX: %d," % nic.cid
    nic.channel.on(prefix, heard)
    try:
        yield from nic.run(command)
        if command.result == at.DONE:
            epoch = nic.epoch
            yield from nic.until(lambda: codes, timeout)
            if not codes:
                command.result = at.TIMEOUT if epoch == nic.epoch else at.ABORTED
            elif codes[0]:
                command.result, command.code = at.ERROR, codes[0]
    finally:
        nic.channel.off(prefix, heard)
    return command


def _up(nic, command):
    # The addresses of a context that was activated. With QICFG "asyncmode" (BG95-S5, 2.3.15) the
    # answer to AT+QIACT comes before they are there, and no line says when.
    start = time.ticks_ms()
    epoch = nic.epoch
    while True:
        addresses = yield from _addresses(nic)
        if addresses or epoch != nic.epoch:
            return addresses
        if time.ticks_diff(time.ticks_ms(), start) >= nic.dialect.ACTIVATE_MS:
            command.result = at.TIMEOUT
            return addresses
        yield from nic.rest(_PAUSE_MS)


def context_line(dialect, cid, family, apn, user, key, auth):
    """The line that sets the access point; ValueError or EOPNOTSUPP where it cannot be said."""
    if dialect.PDP:
        return dialect.context_line(cid, family, apn, user or "", key or "", auth)
    if user or key:
        raise not_supported(dialect.MODEL, "user and key of an access point")
    # 3GPP TS 27.007: the documents of the BC modules leave the access point to it.
    kind = ("", "IP", "IPV6", "IPV4V6")[family].encode()
    return b'AT+CGDCONT=%d,"%s",' % (cid, kind) + quoted(apn, dialect.APN_MAX, "apn")


def _configure(nic):
    line = context_line(
        nic.dialect, nic.cid, nic.family, nic.apn, nic.user, nic.key, nic.auth or 0
    )
    yield from _must(nic, line)


def _attach(nic):
    # BC65&BC92&BC95-GR 4.1.1, BC25&BC32 4.1.1: attached, and an address.
    if nic.apn is not None:
        yield from _configure(nic)
    start = time.ticks_ms()
    while time.ticks_diff(time.ticks_ms(), start) < nic.dialect.ATTACH_MS:
        addresses = yield from _attached(nic)
        if addresses:
            return addresses
        if addresses is not None and nic.cid != _ATTACHED:
            yield from activate(nic)
        yield from nic.rest(_PAUSE_MS)
    raise Error(ENETUNREACH, "not attached, or no address")


def _attached(nic):
    # The addresses of a context of a module without AT+QIACT; None where it is not attached.
    query = yield from nic.ask(b"AT+CGATT?", b"+CGATT: ", _SHORT_MS)
    if query.lines and query.lines[0].strip() == "1":
        query = yield from nic.ask(b"AT+CGPADDR?", b"+CGPADDR: ", _SHORT_MS)
        for line in query.lines:
            fields = line.split(",")
            if fields[0].strip() == str(nic.cid) and len(fields) > 1:
                return [field.strip('" ') for field in fields[1:]]
        if query.result == at.DONE:
            return []
    if query.result == at.ABORTED:
        raise (yield from nic.why(query, "attach"))
    return None


def activate(nic):
    """Generator: AT+CGACT (3GPP TS 27.007), for modules without AT+QIACT: a context besides the
    one that comes with the attachment, and before a listener (BC65&BC92&BC95-GR 4.3.1)."""
    query = yield from nic.ask(b"AT+CGACT?", b"+CGACT: ", _SHORT_MS)
    for line in query.lines:
        if [field.strip() for field in line.split(",")] == [str(nic.cid), "1"]:
            return
    yield from _must(nic, b"AT+CGACT=1,%d" % nic.cid, nic.dialect.ATTACH_MS)


def _configured(nic):
    # Whether the active context is the one that is wanted.
    query = yield from nic.ask(b"AT+QICSGP=%d" % nic.cid, b"+QICSGP: ", _SHORT_MS)
    fields = query.lines[0].split(",") if query.lines else ()
    if len(fields) < 2:
        return False
    return fields[0].strip() == str(nic.family) and fields[1].strip('" ') == nic.apn


def _addresses(nic):
    query = yield from nic.ask(b"AT+QIACT?", b"+QIACT: ")
    for line in query.lines:
        fields = line.split(",")
        if len(fields) > 3 and fields[0] == str(nic.cid) and fields[1] == "1":
            return [field.strip('" ') for field in fields[3:]]
    return []


def deactivate(nic):
    """Generator: AT+QIDEACT, which closes every connection of the context."""
    if not nic.dialect.PDP:
        return (yield from _close_all(nic))
    return (yield from _switch(nic, b"QIDEACT", nic.dialect.DEACTIVATE_MS))


def _close_all(nic):
    # Without a context to deactivate, each socket is closed for itself.
    for connect_id in range(nic.dialect.SOCKETS):
        owner = nic.owner(connect_id)
        if owner is not None and owner.nic is nic:
            yield from nic.run(close_command(nic.dialect, connect_id))
    command = at.Command(b"AT", _SHORT_MS)
    if nic.cid != _ATTACHED:
        command = at.Command(b"AT+CGACT=0,%d" % nic.cid, nic.dialect.ATTACH_MS)
    yield from nic.run(command)
    return command


def disconnect(nic):
    """Close the sockets and deactivate the context, or what a connect has made of it so far."""
    if nic.state != STAT_GOT_IP:
        under_way = nic.stop_connecting() and nic.ready
        nic.state = STAT_IDLE
        if under_way:
            yield from deactivate(nic)  # refused where there is nothing to deactivate yet
        return
    command = yield from deactivate(nic)
    nic.state = STAT_IDLE  # as the program wants it: not one to bring up again
    nic.end_epoch("the interface was disconnected")
    if command.result != at.DONE:
        raise (yield from nic.why(command, "AT+QIDEACT"))


def shut_down(nic):
    """Disconnect and switch the radio off (minimum functionality, 3GPP TS 27.007 AT+CFUN)."""
    for context in nic.contexts:
        yield from disconnect(context)
    yield from _must(nic, b"AT+CFUN=0", _CFUN_MS)
