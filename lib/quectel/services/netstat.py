# The module's own list of its connections: AT+QISTATE (BG95-S5 TCP/IP Application Note, 2.3.6;
# the other documents alike, some without <serverID> and <AT_port>).

import errno
from collections import namedtuple

from quectel import answers, at, errors
from quectel.dialects import within

# Services that do not listen: BG96 was seen to report state 3 of a client that carries data.
_CARRIES = ("TCP", "UDP", "TCP INCOMING")

Connection = namedtuple(
    "Connection",
    (
        "id",
        "service",
        "address",
        "remote_port",
        "local_port",
        "state",
        "context",
        "server",
        "access_mode",
        "port",
    ),
)


class _Query(at.Command):
    # +QISTATE: <connectID>,<service_type>,<IP_address>,<remote_port>,<local_port>,
    # <socket_state>,<contextID>[,<serverID>],<access_mode>[,<AT_port>]

    def __init__(self, line, dialect):
        super().__init__(line, dialect.SILENCE_MS, b"+QISTATE: ")
        self.dialect = dialect
        self.rows = []

    def line(self, channel):
        dialect = self.dialect
        connect_id, service, address = channel.number(), channel.text(), channel.text()
        remote, local, state = channel.number(), channel.number(), channel.number()
        context = channel.number()
        server = channel.number() if dialect.STATE_SERVER else None
        if service != "TCP INCOMING":
            server = None  # a client has none, whatever number stands there
        mode = channel.number()
        port = channel.text() if dialect.STATE_SERVER else None
        if state is not None and 0 <= state < len(dialect.STATES):
            state = dialect.STATES[state]
            if state == "listening" and service in _CARRIES:
                state = "connected"
        self.rows.append(
            Connection(
                connect_id, service, address, remote, local, state, context, server, mode, port
            )
        )


def netstat(nic, connect_id=None):
    """The module's connections, from AT+QISTATE: a list of named tuples (id, service,
    address, remote_port, local_port, state, context, server, access_mode, port); `server`
    is the listener's id of an accepted one, `port` the AT port where the module names it."""
    line = b"AT+QISTATE?"
    if connect_id is not None:
        last = nic.dialect.SOCKETS - 1
        line = b"AT+QISTATE=1,%d" % within(connect_id, (0, last), "connection id")
    return _ask(nic, line)


def of_context(nic):
    """The connections of this interface's context, AT+QISTATE=0,<contextID>."""
    return _ask(nic, b"AT+QISTATE=0,%d" % nic.cid)


def _ask(nic, line):
    query = _Query(line, nic.dialect)
    nic.module.finish(nic.run(query))
    if query.result != at.DONE:
        raise nic.module.finish(answers.why(nic, query, "AT+QISTATE"))
    if any(row.id is None for row in query.rows):
        raise errors.Error(errno.EIO, "AT+QISTATE: an answer that cannot be read")
    return query.rows
