# Servers: TCP LISTENER and UDP SERVICE (BG95-S5 TCP/IP Application Note, 2.3.4, 2.4.3, 2.4.4, 3.6
# to 3.9; the other documents alike). Loaded by the first socket that binds or listens.

import errno
import time

from micropython import const
from quectel import at, errors, load, socket
from quectel.connection import NEW, Connection
from quectel.dialects import is_address, quoted, within
from quectel.errors import not_supported
from quectel.receiving import Read

_BURST_MS = const(500)  # how long more clients than the backlog may wait


def listen(sock, backlog):
    """See Socket.listen."""
    if backlog is None:
        backlog = sock.connection.nic.dialect.SOCKETS
    elif not isinstance(backlog, int):
        raise TypeError("backlog must be a number")
    if sock.listening():
        return  # as any stack takes it
    conn = sock.connection
    nic = conn.nic
    dialect = nic.dialect
    if conn.datagram:
        raise OSError(errno.EOPNOTSUPP)
    if conn.state != NEW:
        raise OSError(errno.EINVAL)
    if "TCP LISTENER" not in dialect.SERVICES:
        raise not_supported(dialect.MODEL, "TCP LISTENER")
    within(conn.local_port, dialect.PORTS, "port of a listener")
    for other in nic.module.connections:
        taken = other.takes_clients and other.nic is nic
        if taken and other.local_port == conn.local_port:
            raise errors.Error(errno.EADDRINUSE, "another socket listens on this port")
    conn.backlog = max(backlog, 1)
    if dialect.BACKLOG:
        low, high = dialect.BACKLOG
        backlog = max(low, min(backlog, high))
    conn.peer = None  # of a connect that failed
    sock.open_service("TCP LISTENER", _own_address(conn), backlog, _prepare(nic))


def _prepare(nic):
    # Generator: what some modules want before they have a listener.
    dialect = nic.dialect
    if dialect.LISTEN_ACTIVATES:
        yield from load("bringup.context").activate(nic)
    if "nat" in dialect.OPTIONS and not dialect.NAT:
        # RG200U&RG500U&RM500U 2.3.7, note 3: in no other mode a client reaches it.
        query = yield from nic.ask(b'AT+QCFG="nat"', b'+QCFG: "nat",')
        if query.result == at.DONE and query.lines:
            dialect.choose("NAT", query.lines[0].strip() != "0")
            if not dialect.NAT:
                raise errors.Error(errors.ENETUNREACH, "no client would come: nic.config(nat=1)")


def serve(sock):
    """Start a UDP SERVICE on the bound port."""
    conn = sock.connection
    within(conn.local_port, conn.nic.dialect.PORTS, "port of a UDP service")
    sock.open_service("UDP SERVICE", _own_address(conn))


def _own_address(conn):
    # What the documents want for <IP_address> of a server.
    dialect = conn.nic.dialect
    if conn.family == socket.AF_INET6:
        fixed = dialect.LISTEN_ADDRESS6
    else:
        fixed = dialect.LISTEN_ADDRESS
    if fixed:
        return fixed
    conn.nic.check_connected()
    return conn.nic.address[0]


def accept(sock):
    """See Socket.accept; returns the Connection."""
    start = time.ticks_ms()
    conn = sock.connection
    if conn.datagram:
        sock.check_usable()
        raise OSError(errno.EOPNOTSUPP)
    while True:
        try:
            conn.must_listen()
            sock.check_usable()
        except OSError:
            conn.told = conn.peer is None and not conn.takes_clients  # else another's turn
            raise
        if conn.clients:
            client = conn.clients.pop(0)
            client.wait_at(None)
            return client
        if not sock.patience(start):
            raise OSError(errno.EAGAIN)


def incoming(module, channel):
    """+QIURC: "incoming",<connectID>,<serverID>,<remoteIP>,<remote_port>, or "incoming full",
    which some modules follow with a server id."""
    if channel.says(b' full"'):
        channel.skip()
        _refused(module, channel.number())
        return
    channel.says(b'",')  # skip() would take the quote for one that opens
    connect_id = channel.number()
    listener = module.lookup(channel.number())
    peer = (channel.text(), channel.number())
    if connect_id is None or not 0 <= connect_id < module.dialect.SOCKETS:
        return
    nic = module.nics[0] if listener is None else listener.nic
    seizes = listener is not None and listener.access_mode == 2
    client = listener.client() if seizes else Connection(nic, socket.AF_INET, False)
    before = module.lookup(connect_id)
    module.assign_id(connect_id, client)
    if before is not None and before.is_open:
        # The module has closed it unheard: what comes under this number is the new one's.
        before.fail(errors.Error(errno.ECONNABORTED, "the module has lost the connection"))
    client.adopt(connect_id, peer)
    if seizes:
        listener.give_line(client)
    elif listener is None or not listener.takes_clients:
        client.close()  # of a listener that was closed meanwhile
    elif module.unused_id() is None:
        _refuse(listener, client)
    else:
        client.wait_at(listener)
        if len(listener.clients) > listener.backlog:
            module.spawn(_shorten(listener))


def _shorten(listener):
    # Generator: the backlog is longer than the program wants. One that accepts is given the time.
    clients = listener.clients
    yield from listener.nic.until(lambda: len(clients) <= listener.backlog, _BURST_MS)
    while len(clients) > listener.backlog:
        _refuse(listener, clients.pop())


def _refuse(listener, client):
    listener.refused += 1
    client.close()


def drop(listener, client):
    """Generator: a client that was not accepted yet has closed; it is not kept, unless it has left
    something to read."""
    receiver = client.receiver
    while client in listener.clients and client.is_connected and not receiver.eof:
        receiver.advance()
        if receiver.staged():
            return
        yield
    if client in listener.clients:
        listener.clients.remove(client)
        client.close()


def _refused(module, server_id):
    for conn in module.connections:
        if conn.takes_clients and server_id in (None, conn.id):
            conn.refused += 1


class ServiceRead(Read):
    """AT+QIRD=<connectID> of a UDP SERVICE: one whole datagram and who sent it, in `peer`."""

    peer = None
    header_fields = 3

    def __init__(self, dialect, connect_id):
        super().__init__(dialect, connect_id)
        self.say(b"AT+QIRD=%d" % connect_id)

    def ask(self, count):
        """The command has no length."""
        self.asked = count
        self.count = self.remaining = 0

    def line(self, channel):
        self.count = channel.number() or 0
        if self.count:
            self.peer = (channel.text(), channel.number())
            self.receive(channel)


class ServiceSend(at.Command):
    """AT+QISEND=<connectID>,<send_length>,<remoteIP>,<remote_port>; the peer is set by direct."""

    def __init__(self, dialect, connect_id):
        super().__init__(b"", dialect.SEND_MS)
        self.needs = dialect.SEND_NEEDS
        self._most = dialect.SEND_MAX
        self._head = b"AT+QISEND=%d," % connect_id
        self._tail = b""
        self.to = None

    def direct(self, peer):
        """Send to `peer`, (address, port), from now on."""
        if peer != self.to:
            self._tail = b"," + quoted(peer[0], 50, "address") + b",%d\r" % peer[1]
            self.line_out = bytearray(self._head + b"00000" + self._tail)
            self.to = peer

    def largest(self, data, at_, end):
        """How many bytes one exchange, and so one datagram, can carry; ENOTCONN without a peer."""
        if self.to is None:
            raise OSError(errno.ENOTCONN)
        return self._most

    def load(self, data, at_, end):
        """Take the next bytes of `data[at_:end]`; returns how many this exchange carries."""
        count = min(end - at_, self._most)
        stop = at.put_number(self.line_out, len(self._head), count)
        for i in range(len(self._tail)):
            self.line_out[stop + i] = self._tail[i]
        self.line_end = stop + len(self._tail)
        self.give(data, at_, at_ + count)
        return count


def opened(conn):
    """The module serves: `conn` reads and sends in its own way."""
    dialect = conn.nic.dialect
    conn.receiver.read = ServiceRead(dialect, conn.id)
    conn.sender.command = sender(conn)
    conn.make_sender()


def sender(conn):
    """The command that sends on `conn`, to the same peer as before."""
    made = ServiceSend(conn.nic.dialect, conn.id)
    before = conn.sender.command
    if before is not None and before.to is not None:
        made.direct(before.to)
    return made


def direct(sock, address):
    """Make `address` the peer of the next datagram, once the last one has gone."""
    nic = sock.connection.nic
    host, port = address[0], address[1]
    to = sock.connection.sender.command.to
    if to is not None and host == to[0] and port == to[1]:
        return
    within(port, nic.dialect.PORTS, "port")
    if not is_address(host):
        quoted(host, nic.dialect.HOST_MAX, "host")
        if not sock.blocks:
            raise ValueError("a UDP service that does not block sends to addresses, not names")
        host = nic.resolve(host)[0]
    sock.settle_sending()
    sock.connection.sender.command.direct((host, port))
