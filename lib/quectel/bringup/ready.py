# Making a module ready that answers: the model, the settings that the driver relies on (engine
# rule 10), the sockets of an earlier program. Generators, run as tasks; see power.py.

import errno

from micropython import const
from quectel import answers, at, load
from quectel.connection import close_command
from quectel.errors import Error

_SHORT_MS = const(5000)  # commands of 3GPP TS 27.007 that ask no network
_CFUN_MS = const(15000)
_ASKS = const(3)  # for the model, where its answer is not clear


def make_ready(nic):
    """Generator: check the model, make settings, close sockets of an earlier program."""
    dialect = nic.dialect
    yield from answers.must(nic, b"ATE0")
    yield from model(nic, (dialect.MODEL,))
    query = yield from answers.ask(nic, b"AT+CFUN?", b"+CFUN: ", _CFUN_MS)
    if query.result == at.DONE and query.lines and answers.number(query.fields(-1)[0]) != 1:
        yield from answers.must(nic, b"AT+CFUN=1", _CFUN_MS)
    yield from route_urcs(nic, False)
    for line in dialect.SETTINGS:
        yield from _set(nic, line)
    if dialect.SLEEPS_MS:
        query = yield from answers.ask(nic, b"AT+QSCLK?", b"+QSCLK: ", _SHORT_MS)
        awake = query.result == at.DONE and query.fields(-1)[:1] == ["0"]
        nic.channel.choose("silence", 0 if awake else dialect.SLEEPS_MS)
    for watch in nic.module.watches:
        yield from watch.switching(True)
    nic.module.choose("formats", None)
    nic.channel.choose("inline", None)
    nic.channel.choose("echoes_data", False)
    # A module outlives a reset of the microcontroller, and so do its sockets.
    query = yield from answers.ask(nic, b"AT+QISTATE?", b"+QISTATE: ", _SHORT_MS)
    for line in query.lines:
        connect_id = answers.number(answers.fields(line)[0])
        if connect_id in range(dialect.SOCKETS) and nic.module.lookup(connect_id) is None:
            yield from nic.run(close_command(dialect, connect_id))
    if dialect.BAUDRATE is not None:
        yield from load("bringup.baudrate").changing(nic)


def model(nic, names):
    """Generator: which of `names` the module is, which AT+CGMM tells; ENODEV if none of them."""
    for _ in range(_ASKS):
        # Text of its start may come between, with an OK of its own; with the echo just switched
        # off its last line, too.
        query = answers.Query(b"AT+CGMM", _SHORT_MS, strict=True)
        yield from nic.run(query)
        if query.result != at.DONE:
            raise (yield from answers.why(nic, query, "AT+CGMM"))
        told = "".join([c for c in "".join(query.lines).upper() if c.isalpha() or c.isdigit()])
        for name in names:
            if name in told:
                return name
        if len(query.lines) == 1 and query.lines[0][:1] != "+":
            break
    raise Error(errno.ENODEV, "the module is %s, not %s" % (told[:24], ", ".join(names)))


def _set(nic, line):
    # A setting that the driver relies on. A firmware that refuses it may have it so already, or
    # may be older than the setting, and then does as the default has it.
    command = at.Command(line, _SHORT_MS)
    yield from nic.run(command)
    if command.result == at.DONE:
        return
    error = yield from answers.why(nic, command, line.decode())
    if command.result == at.ERROR:
        name, sign, wanted = line.rpartition(b'",')
        question = name + b'"'
        if not sign:
            name, _, wanted = line.partition(b"=")
            question = name + b"?"
        prefix = b"+" + question[3:].replace(b"=", b": ").replace(b"?", b": ")
        query = yield from answers.ask(nic, question, prefix, _SHORT_MS)
        values = b",".join([field.encode() for field in query.fields(-1) if field])
        if values == wanted or not (query.lines or line in nic.dialect.NEEDED):
            return
    raise error


def route_urcs(nic, missed=True):
    """Generator: whether URCs come over the UART from now on and did not before: some firmware
    sends them to its USB port. `missed`: a result by URC did not come; then, once, also where the
    module does not tell its port."""
    if not nic.dialect.URC_PORT or (missed and nic.dialect.URCS_ROUTED):
        return False
    if not load("bringup.uart").shown(nic.channel.uart, "rxbuf="):
        return False  # a USB port, a socket: that is where they go
    if missed:
        nic.dialect.choose("URCS_ROUTED", True)
    query = yield from answers.ask(nic, nic.dialect.URC_PORT, b"+QURCCFG: ", _SHORT_MS)
    port = (query.fields(-1)[1:2] + [""])[0].lower()
    if query.result == at.TIMEOUT or ((port or not missed) and port[:3] != "usb"):
        return False
    command = at.Command(nic.dialect.URC_PORT + b',"uart1"', _SHORT_MS)
    yield from nic.run(command)
    return command.result == at.DONE
