# connectIDs taken back when a connect finds none free. Loaded then.
#
# A program that loses a socket without closing it, as a cancelled open_connection of asyncio does,
# keeps its connectID: MicroPython has no finalizer for classes in Python, so nothing tells that an
# object is gone. What can be told is that no program can do anything more with a connection, or
# that none has ever seen it open. The rule stands in lib/docs/reference/sockets.md, "Differences
# from native sockets".

import errno
import time

from micropython import const
from quectel import answers
from quectel.connection import CLOSED, FAILED, OPEN, OPENING
from quectel.errors import Error

_CANCELLED_MS = const(100)  # without a poll: a loop polls what a task waits for in each turn
_ALONE_MS = const(60000)  # … where no loop does


def reclaim(nic):
    """Generator: have a connectID freed, or wait for one that is being freed (as long as a close
    may take); whether that was worth while."""
    conn = _useless(nic)
    if conn is None and any(_is_cancelled(other) for other in nic.module.connections):
        yield from answers.pause(nic, _CANCELLED_MS)
        conn = _useless(nic)
    if conn is not None:
        opening = conn.state == OPENING
        if not conn.eof:
            # What is not read yet would be the next one's.
            conn.fail(Error(errno.ECONNABORTED, "given up: open, but never asked about"))
        if not opening:  # else the task that opens does it
            nic.module.spawn(conn.release(True))
    elif not any(other.state in (CLOSED, FAILED) for other in nic.module.connections):
        if not any(nic.module.foreign):
            return False
        # Numbers that the module would not close, or that it was not heard to close.
        nic.module.check_alive()
        yield from nic.until(lambda: not nic.module.checking, nic.dialect.SILENCE_MS)
        return nic.module.unused_id() is not None
    yield from nic.until(lambda: nic.module.unused_id() is not None, nic.dialect.CLOSE_MS)
    return conn is not None or nic.module.unused_id() is not None


def _useless(nic):
    # One that has failed or ended, else the one that nobody has asked about for longest.
    found = None
    longest = -1
    for conn in nic.module.connections:
        if conn.id is None:
            continue  # being closed
        if _ended(conn):
            return conn
        waited = _forsaken_for(conn)
        if waited > longest:
            found, longest = conn, waited
    return found


def _ended(conn):
    if conn.state == FAILED:
        return conn.task is None or conn.task.done
    ended = conn.state == OPEN and conn.peer_closed and conn.eof
    return ended and conn.has_sent() and not conn.reading


def _forsaken_for(conn):
    # ms since anybody has asked about one that nobody has seen open; -1 if that is too short, or
    # if it is another.
    if conn.seen or conn.peer is None or conn.state not in (OPEN, OPENING):
        return -1
    waited = time.ticks_diff(time.ticks_ms(), conn.touched)
    return waited if waited >= (_CANCELLED_MS if _is_cancelled(conn) else _ALONE_MS) else -1


def _is_cancelled(conn):
    return not conn.seen and conn.opener is not None and conn.opener.done()
