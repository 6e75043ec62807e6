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
_ASKS = const(3)  # for the model, where its answer is not clear
_SEARCHES = const(10)  # times that for a registration: all bands of two radios take BG95 minutes
_SEARCHING = const(2)  # <stat> of AT+CEREG?
_PAUSE_MS = const(1000)  # between two looks at the SIM or the registration


def power_on(nic):
    """Get an answer, check the model, make settings, close sockets of an earlier program."""
    for _ in range(_RESTARTS):
        if not (yield from wake(nic)):
            raise Error(errno.ETIMEDOUT, "%s does not answer AT" % nic.dialect.MODEL)
        epoch = nic.epoch
        error = Error(errno.ECONNABORTED, "the module restarted")
        try:
            yield from _make_ready(nic)
            if epoch == nic.epoch:
                nic.ready = True
                return
        except Error as e:
            if epoch == nic.epoch:
                raise
            error = e
        # It was still starting: it is asked anew.
    raise error


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


def wake(nic):
    """Generator: whether the module answers, after all that can keep it from doing so; at most
    BOOT_MS, and what pwrkey takes."""
    most = nic.BOOT_MS
    if nic.pwrkey is not None:
        most += nic.PWRKEY_MS + _BEFORE_POWER_MS
    return bool((yield from _limited(_attempts(nic), most)))


def _attempts(nic):
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
    yield from model(nic, (dialect.MODEL,))
    query = yield from nic.ask(b"AT+CFUN?", b"+CFUN: ", _CFUN_MS)
    if query.result == at.DONE and query.lines and at.number(query.fields(-1)[0]) != 1:
        yield from _must(nic, b"AT+CFUN=1", _CFUN_MS)
    for line in dialect.SETTINGS:
        yield from _set(nic, line)
    if dialect.SLEEPS_MS:
        query = yield from nic.ask(b"AT+QSCLK?", b"+QSCLK: ", _SHORT_MS)
        awake = query.result == at.DONE and query.fields(-1)[:1] == ["0"]
        nic.channel.silence = 0 if awake else dialect.SLEEPS_MS
    nic.make_plain()
    yield from _close_leftovers(nic)


def model(nic, names):
    """Generator: which of `names` the module is, which AT+CGMM tells; ENODEV if none of them."""
    for _ in range(_ASKS):
        # Text of its start may come between, with an OK of its own; with the echo just switched
        # off its last line, too.
        query = at.Query(b"AT+CGMM", _SHORT_MS)
        query.strict = True
        yield from nic.run(query)
        if query.result != at.DONE:
            raise (yield from nic.why(query, "AT+CGMM"))
        told = "".join([c for c in "".join(query.lines).upper() if c.isalpha() or c.isdigit()])
        for name in names:
            if name in told:
                return name
        if len(query.lines) == 1 and query.lines[0][:1] != "+":
            break
    raise Error(errno.ENODEV, "the module is %s, not %s" % (told[:24], ", ".join(names)))


def _must(nic, line, timeout=_SHORT_MS):
    command = at.Command(line, timeout)
    yield from nic.run(command)
    if command.result != at.DONE:
        # What a line sets may be a password: that is not for an error's text.
        raise (yield from nic.why(command, line.split(b"=")[0].decode()))


def _set(nic, line):
    # A setting that the driver relies on. A firmware that refuses it may have it so already, or
    # may be older than the setting, and then does as the default has it.
    command = at.Command(line, _SHORT_MS)
    yield from nic.run(command)
    if command.result == at.DONE:
        return
    error = yield from nic.why(command, line.decode())
    if command.result == at.ERROR:
        name, sign, wanted = line.rpartition(b'",')
        question = name + b'"'
        if not sign:
            name, _, wanted = line.partition(b"=")
            question = name + b"?"
        prefix = b"+" + question[3:].replace(b"=", b": ").replace(b"?", b": ")
        query = yield from nic.ask(question, prefix, _SHORT_MS)
        values = b",".join([field.encode() for field in query.fields(-1) if field])
        if values == wanted or not (query.lines or line in nic.dialect.NEEDED):
            return
    raise error


def _close_leftovers(nic):
    # A module outlives a reset of the microcontroller, and so do its sockets.
    dialect = nic.dialect
    query = yield from nic.ask(b"AT+QISTATE?", b"+QISTATE: ", _SHORT_MS)
    for line in query.lines:
        connect_id = at.number(at.fields(line)[0])
        if connect_id in range(dialect.SOCKETS) and not nic.owned(connect_id):
            yield from nic.run(close_command(dialect, connect_id))


def route_urcs(nic):
    """Generator: whether URCs come over the UART from now on and did not before: some firmware
    sends them to its USB port. Tried once, where a result by URC did not come."""
    root = nic.contexts[0]
    if root.urcs_routed or not root.on_uart or not nic.dialect.URC_PORT:
        return False
    root.urcs_routed = True
    query = yield from nic.ask(nic.dialect.URC_PORT, b"+QURCCFG: ", _SHORT_MS)
    if query.result == at.TIMEOUT or query.fields()[1:] in (["uart1"], ["all"]):
        return False
    command = at.Command(nic.dialect.URC_PORT + b',"uart1"', _SHORT_MS)
    yield from nic.run(command)
    return command.result == at.DONE


def close_command(dialect, connect_id):
    """AT+QICLOSE; a second more than the module's own limit, which is also the time it takes."""
    line = b"AT+QICLOSE=%d" % connect_id + dialect.CLOSE_TAIL
    return at.Command(line, dialect.CLOSE_MS + 1000, needs=dialect.CLOSE_NEEDS)


def check(nic):
    """After an answer that did not come: does the module still have our sockets?

    One that has restarted unheard ends the epoch; so does one that is silent for as long as the
    document gives any command. Connections that nobody has any more are closed."""
    dialect = nic.dialect
    # Those from before the question: a client may come with the answer. Their numbers as well: one
    # that is closed meanwhile has none any more.
    ours = [(conn.id, conn) for conn in nic.connections if conn.is_open and conn.id is not None]
    listed = yield from _listed(nic)
    if listed is None:
        return
    gone = [entry for entry in ours if entry[0] not in listed]
    if gone:
        # A line of the list may have been damaged: it must say the same once more.
        again = yield from _listed(nic)
        if again is None:
            return
        gone = [entry for entry in gone if entry[0] not in again]
    gone = [(number, conn) for number, conn in gone if conn.is_open and conn.id == number]
    contexts = [context for context in nic.contexts if context.state == STAT_GOT_IP]
    if contexts:
        down = []
        if dialect.PDP or not ours:
            for context in contexts:
                if not (yield from _has_address(context)):
                    down.append(context)
        restarted = len(down) == len(contexts)
        if ours and not dialect.PDP:
            ours = [conn for number, conn in ours if conn.is_open and conn.id == number]
            restarted = bool(gone) and len(gone) == len(ours)
        if restarted:
            nic.lost("the module restarted")
            return
        for context in down:
            context.end_epoch("the context is not active")
    nic.look_now()  # URCs may have been lost
    for connect_id, conn in gone:
        if not nic.owns(conn, connect_id):
            continue  # of a context that has just ended
        nic.free_id(connect_id, True)
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


def find_ended(nic):
    """Generator: was the URC lost that told of an end? The list of connections must say so twice,
    as one may have been damaged."""
    before = None
    for _ in range(2):
        listed = yield from _listed(nic)
        ended = []
        for conn in nic.connections if listed else ():
            if conn.is_connected and listed.get(conn.id) in nic.dialect.STATES_CLOSED:
                if before is None or conn in before:
                    ended.append(conn)
        if not ended:
            return
        before = ended
    # A lost context ends them all as well, and what they held is gone.
    for context in nic.contexts:
        if context.state == STAT_GOT_IP and not (yield from _has_address(context)):
            nic.doubt()
            return
    for conn in ended:
        if conn.is_connected:
            conn.on_closed()


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
                fields = at.fields(line)
                connect_id = at.number(fields[0])
                if connect_id is not None:
                    listed[connect_id] = fields[5] if len(fields) > 5 else ""
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
            addresses = yield from _join(nic)
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
        state = query.lines[-1] if query.lines else ""
        if query.result == at.DONE and state == "READY":
            return
        if query.result == at.ABORTED:
            raise (yield from nic.why(query, "SIM"))
        locked = query.result == at.DONE and state.startswith("SIM P")
        if locked or time.ticks_diff(time.ticks_ms(), start) >= nic.dialect.SIM_MS:
            nic.state = STAT_NO_SIM
            raise Error(errno.ENODEV, "the SIM asks for " + state[4:] if locked else "no SIM")
        yield from nic.rest(_PAUSE_MS)


def _join(nic):
    # Not registered in time is no failure yet: the document goes on and tries the context. Nor is
    # it one that the module refuses that, as long as it says that it searches.
    epoch = nic.epoch
    for _ in range(_SEARCHES):
        searches = yield from _register(nic)
        try:
            return (yield from _activate(nic))
        except Error as e:
            if not searches or epoch != nic.epoch:
                raise
            error = e
    raise error


def _register(nic):
    # Returns whether the module still searches at the end of the document's time.
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
        yield from nic.rest(_PAUSE_MS)
    return searches


def registration(nic, name):
    """Generator: <stat> of AT+CEREG? or AT+CGREG?, None without an answer."""
    query = yield from nic.ask(b"AT" + name + b"?", name + b": ", _SHORT_MS)
    if query.result == at.ABORTED:
        raise (yield from nic.why(query, "registration"))
    stat = None
    for line in query.lines:
        # +CEREG: <n>,<stat>[,…]; a URC of that name has a quoted text in place of the second.
        fields = line.split(",")
        if len(fields) > 1 and fields[1].strip().isdigit():
            stat = int(fields[1])
    return stat


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
        if error.code == 572:
            yield from _give_back(nic)
        else:
            yield from deactivate(nic)
    raise error


def _give_back(nic):
    # The network lets fewer contexts live than there are: one that the module has made active by
    # itself may be in the way of ours.
    ours = [context.cid for context in nic.contexts if context.state == STAT_GOT_IP]
    ours.append(nic.cid)
    query = yield from nic.ask(b"AT+CGACT?", b"+CGACT: ", _SHORT_MS)
    for line in query.lines:
        cid, state = (at.fields(line) + [""])[:2]
        cid = at.number(cid)
        if state == "1" and cid is not None and cid not in ours:
            yield from nic.run(at.Command(b"AT+CGACT=0,%d" % cid, nic.dialect.DEACTIVATE_MS))


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
    if query.fields(-1)[:1] == ["1"]:
        query = yield from nic.ask(b"AT+CGPADDR?", b"+CGPADDR: ", _SHORT_MS)
        for line in query.lines:
            fields = at.fields(line)
            # Some firmware says 0 of the context that comes with the attachment.
            own = fields[0] == str(nic.cid) or (fields[0] == "0" and nic.cid == _ATTACHED)
            if own and len(fields) > 1 and fields[1]:
                return fields[1:]
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
        if at.fields(line) == [str(nic.cid), "1"]:
            return
    yield from _must(nic, b"AT+CGACT=1,%d" % nic.cid, nic.dialect.ATTACH_MS)


def _configured(nic):
    # Whether the active context is the one that is wanted.
    query = yield from nic.ask(b"AT+QICSGP=%d" % nic.cid, b"+QICSGP: ", _SHORT_MS)
    return query.fields()[:2] == [str(nic.family), nic.apn]


def _addresses(nic):
    query = yield from nic.ask(b"AT+QIACT?", b"+QIACT: ")
    for line in query.lines:
        fields = at.fields(line)
        if len(fields) > 3 and fields[0] == str(nic.cid) and fields[1] == "1":
            return fields[3:]
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
