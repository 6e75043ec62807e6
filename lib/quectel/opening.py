# Opening a connection: a connectID, AT+QIOPEN, and +QIOPEN or why it did not come. Generators, run
# as tasks by connection.py. Loaded by the first connect.

import errno

from micropython import const

from quectel import at, errors, load
from quectel.connection import NEW, OPENING

_TIMED_OUT = const(569)
_IN_USE = const(563)


def line(connection, connect_id, service, host, remote):
    """The AT+QIOPEN line; ValueError where it cannot be said."""
    nic = connection.nic
    tail = nic.dialect.open_tail(connection.family, service, connection.backlog_asked)
    local, mode = connection.local_port, connection.access_mode
    return nic.dialect.open_line(nic.cid, connect_id, service, host, remote, local, mode, tail)


def opening(connection, service, host, remote, before):
    """Generator: open `connection`, after the generator `before`, if there is one."""
    nic, module = connection.nic, connection.module
    try:
        if before is not None:
            yield from before
        while True:
            connection.choose("id", (yield from _allocated(connection)))
            connection.choose("result", None)
            if connection.id is None:
                return  # given up meanwhile
            error = yield from _ask(connection, service, host, remote)
            # One that was given up without a result has failed as well.
            nic.choose("failed_opens", nic.failed_opens + 1 if connection.result != 0 else 0)
            if error is None:
                break
            if module.lookup(connection.id) is not connection:
                if connection.failure is not None:  # the epoch ended, and the connectID with it
                    raise connection.failure
                continue  # an incoming connection was given that number: take another
            # The connectID stays taken after a failure until it is closed.
            foreign = error.code == _IN_USE
            if foreign or error.code in errors.LOST_CODES:
                module.check_alive()  # also closes what the module has and nobody here knows
            yield from connection.release(not foreign)
            again = foreign or (error.code == _TIMED_OUT and (yield from _rerouted(connection)))
            if not again:
                raise load("bringup.words").unopened(error, service, host, remote)
        if connection.state == OPENING:
            connection.opened()
        elif module.lookup(connection.id) is connection:  # closed, given up or failed meanwhile
            yield from connection.release(True, nic.dialect.open_ms(host))
        if connection.result is None and connection.failure is not None:
            raise connection.failure
    except OSError:
        if connection.state == OPENING:
            connection.choose("state", NEW)  # a second connect is allowed
        raise
    finally:
        if connection.state == OPENING:
            connection.fail(errors.Error(errno.ECONNABORTED, "connect was interrupted"))


def _allocated(connection):
    # Generator: a connectID, or None if nobody waits for this any more; ENOBUFS if all are taken.
    module = connection.module
    while connection.state == OPENING:
        connect_id = module.unused_id()
        if connect_id is not None:
            module.assign_id(connect_id, connection)
            return connect_id
        if not (yield from load("bringup.reclaim").reclaim(connection.nic)):
            raise load("bringup.words").all_open(module.dialect)
    return None


def _ask(connection, service, host, remote):
    # Generator: None if the module has opened it, else the Error.
    nic = connection.nic
    timeout = nic.dialect.open_ms(host)
    command = at.Command(
        line(connection, connection.id, service, host, remote), nic.dialect.SILENCE_MS
    )
    yield from nic.run(command)
    if command.result != at.DONE:
        return (yield from load("answers").why(nic, command, "connect"))
    yield from nic.until(
        lambda: connection.result is not None or connection.state != OPENING, timeout
    )
    if connection.state != OPENING and connection.result is None:
        return None
    code = _TIMED_OUT if connection.result is None else connection.result
    return errors.of_code(code, "connect", nic.dialect.ERRNO) if code else None


def _rerouted(connection):
    # Generator: whether results went elsewhere than to this UART, up to now.
    if connection.result is not None:
        return False
    return (yield from load("bringup.ready").route_urcs(connection.nic))
