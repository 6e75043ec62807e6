# The commands that switch a PDP context on and off, in the form that the dialect has. Generators;
# see context.py.

from micropython import const
from quectel import at
from quectel.connection import close_command

_SHORT_MS = const(5000)  # commands of 3GPP TS 27.007 that ask no network
_ATTACHED = const(1)  # the context that comes with the attachment


def switch(nic, name, timeout):
    """Generator: run AT+QIACT or AT+QIDEACT (`name`), or its asynchronous form, which leaves the
    channel free until a URC reports the result (RM500U 2.3.5, 2.3.6). Returns the command."""
    if not nic.dialect.ASYNCHRONOUS:
        command = at.Command(b"AT+" + name + b"=%d" % nic.cid, timeout)
        yield from nic.run(command)
        return _timed(nic, name, command)
    shows = nic.dialect.ASYNCHRONOUS == 2 and name == b"QIACT"
    command = at.Command(b"AT+" + name + b"EX=%d" % nic.cid + (b",1" if shows else b""))
    codes = []

    def on_result(channel):
        codes.append(channel.number())

    # The contextID is part of the prefix: two contexts may be activated at the same time.
    prefix = b"+" + name + b"EX: %d," % nic.cid
    nic.channel.on(prefix, on_result)
    epoch = nic.epoch
    try:
        yield from nic.run(command)
        if command.result == at.DONE:
            yield from nic.until(lambda: codes or epoch != nic.epoch, timeout)
            if not codes:
                command.ended(at.TIMEOUT if epoch == nic.epoch else at.ABORTED)
            elif codes[0] is None:
                command.ended(at.DAMAGED)
            elif codes[0]:
                command.ended(at.ERROR, codes[0])
    finally:
        nic.channel.off(prefix, on_result)
    return _timed(nic, name, command)


def _timed(nic, name, command):
    if command.result == at.TIMEOUT:
        nic.module.choose("hung", "AT+" + name.decode())
    return command


def deactivate(nic):
    """Generator: AT+QIDEACT, which closes every connection of the context. Without it each socket
    is closed for itself. Returns the last command."""
    dialect = nic.dialect
    if dialect.PDP:
        return (yield from switch(nic, b"QIDEACT", dialect.DEACTIVATE_MS))
    for connect_id in range(dialect.SOCKETS):
        owner = nic.module.lookup(connect_id)
        if owner is not None and owner.nic is nic:
            yield from nic.run(close_command(dialect, connect_id))
    command = at.Command(b"AT", _SHORT_MS)
    if nic.cid != _ATTACHED:
        command = at.Command(b"AT+CGACT=0,%d" % nic.cid, dialect.ATTACH_MS)
    yield from nic.run(command)
    return command
