# Checks of the module and of its connections, after an answer or a URC that did not come.
# Generators, run as tasks. Loaded when needed, and unloaded after: see module.py.

import errno
import time

from micropython import const
from quectel import answers, at, load
from quectel.connection import LISTENING, OPEN, close_command
from quectel.errors import Error

_SHORT_MS = const(5000)
_HAD = (OPEN, LISTENING)
_PAUSE_MS = const(1000)  # between two attempts to have an answer


def check(module):
    """Generator: after an answer that did not come, find out whether the module still has the
    sockets of this program.

    A module that has restarted unnoticed ends the epoch. So does one that is silent for as long as
    the document allows for any command. Connections that no socket owns are closed."""
    dialect = module.dialect
    # Those from before the question: a client may come with the answer. Their numbers as well: one
    # that is closed meanwhile has none any more.
    ours = [
        (conn.id, conn)
        for conn in module.connections
        if conn.state in _HAD and conn.id is not None
    ]
    listed = yield from _listed(module)
    if listed is None:
        return
    gone = [entry for entry in ours if entry[0] not in listed]
    if gone:
        # A line of the list may have been damaged: it must say the same once more.
        again = yield from _listed(module)
        if again is None:
            return
        gone = [entry for entry in gone if entry[0] not in again]
    gone = [(number, conn) for number, conn in gone if conn.state in _HAD and conn.id == number]
    online = [nic for nic in module.nics if nic.state == nic.STAT_GOT_IP]
    if online:
        down = []
        if dialect.PDP or not ours:
            for nic in online:
                if not (yield from _has_address(nic)):
                    down.append(nic)
        restarted = len(down) == len(online)
        if ours and not dialect.PDP:
            ours = [conn for number, conn in ours if conn.state in _HAD and conn.id == number]
            restarted = bool(gone) and len(gone) == len(ours)
        if restarted:
            module.restarted("the module restarted")
            return
        for nic in down:
            nic.end_epoch("the context is not active")
    module.hint_all()  # URCs may have been lost
    for connect_id, conn in gone:
        if module.lookup(connect_id) is not conn:
            continue  # of a context that has just ended
        module.release_id(connect_id)
        conn.fail(Error(errno.ECONNABORTED, "the module has lost the connection"))
    for connect_id in range(dialect.SOCKETS):
        if connect_id in listed:
            while not module.channel.idle:
                yield
            if module.lookup(connect_id) is None:
                yield from module.run(close_command(dialect, connect_id))
        # A client may have been given the number meanwhile.
        if module.lookup(connect_id) is None:
            module.release_id(connect_id)


def find_ended(module):
    """Generator: end the connections whose closed URC was lost. The list of connections must say
    so twice, since a line may be damaged."""
    before = None
    for _ in range(2):
        listed = yield from _listed(module)
        ended = []
        for conn in module.connections if listed else ():
            if conn.state == OPEN and listed.get(conn.id) in module.dialect.STATES_CLOSED:
                if before is None or conn in before:
                    ended.append(conn)
        if not ended:
            return
        before = ended
    # If the context is lost, its connections and their unread data are lost too. Then each of them
    # fails: it must not look like an end of file.
    for nic in module.nics:
        if nic.state == nic.STAT_GOT_IP and not (yield from _has_address(nic)):
            module.check_alive()
            return
    for conn in ended:
        if conn.state == OPEN:
            conn.on_closed()


def _listed(module):
    # The state of each connectID that the module has; None where the epoch has ended meanwhile.
    start = time.ticks_ms()
    epoch = module.epoch
    while epoch == module.epoch:
        query = yield from answers.ask(module, b"AT+QISTATE?", b"+QISTATE: ", _SHORT_MS)
        if query.result == at.ABORTED:
            return None
        if query.result == at.DONE:
            listed = {}
            for line in query.lines:
                fields = answers.fields(line)
                connect_id = answers.number(fields[0])
                if connect_id is not None:
                    listed[connect_id] = fields[5] if len(fields) > 5 else ""
            return listed
        if time.ticks_diff(time.ticks_ms(), start) >= module.dialect.SILENCE_MS:
            module.choose("hung", "AT+QISTATE?")
            module.restarted("the module does not answer")
            return None
        yield from answers.pause(module, _PAUSE_MS)
    return None


def _has_address(nic):
    # Whether the context has an address. The module must say twice that it has none, since a line
    # may be damaged.
    # Most checks end before this: they load one small file.
    if nic.dialect.PDP:
        ask = load("bringup.activation").addresses
    else:
        ask = load("bringup.attachment").attached
    for _ in range(2):
        if (yield from ask(nic)):
            return True
    return False
