# Servers: TCP LISTENER and UDP SERVICE (BG95-S5 TCP/IP Application Note, 2.3.4, 2.4.3, 2.4.4, 3.6
# to 3.9; the other documents alike). Loaded by the first socket that binds or listens.

import errno
import time

from quectel import at, bringup, socket
from quectel.connection import NEW, Connection
from quectel.dialects import is_address, quoted, within
from quectel.errors import not_supported
from quectel.receiving import Read

_ANY = ("", "0.0.0.0", "::")


def listen(sock, backlog):
    """See Socket.listen."""
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
    if dialect.BACKLOG:
        low, high = dialect.BACKLOG
        backlog = high if backlog is None else max(low, min(backlog, high))
    before = bringup.activate(nic) if dialect.LISTEN_ACTIVATES else None
    conn.peer = None  # of a connect that failed
    sock.open_service("TCP LISTENER", _own_address(conn), backlog or 0, before)


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
    conn.nic.must_be_connected()
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
            return conn.clients.pop(0)
        if not sock.patience(start):
            raise OSError(errno.EAGAIN)


def incoming(nic, channel):
    """+QIURC: "incoming",<connectID>,<serverID>,<remoteIP>,<remote_port>, or "incoming full",
    which some modules follow with a server id."""
    if channel.says(b' full"'):
        channel.skip()
        _refused(nic, channel.number())
        return
    channel.says(b'",')  # skip() would take the quote for one that opens
    connect_id = channel.number()
    listener = nic.owner(channel.number())
    peer = (channel.text(), channel.number())
    if connect_id is None or not 0 <= connect_id < nic.dialect.SOCKETS:
        return
    if listener is not None:
        nic = listener.nic  # its context
    seizes = listener is not None and listener.access_mode == 2
    client = listener.client() if seizes else Connection(nic, socket.AF_INET, False)
    nic.give_id(connect_id, client)
    client.adopt(connect_id, peer)
    if seizes:
        listener.give_line(client)
    elif listener is None or not listener.takes_clients:
        client.close()  # of a listener that was closed meanwhile
    else:
        listener.clients.append(client)


def _refused(nic, server_id):
    for conn in nic.connections:
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
