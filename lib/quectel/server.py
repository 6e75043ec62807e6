# Servers: TCP LISTENER and UDP SERVICE (BG95-S5 TCP/IP Application Note, 2.3.4, 2.4.3, 2.4.4, 3.6
# to 3.9; the other documents alike). Loaded by the first socket that binds or listens.

import errno
import time

from quectel import at, bringup, socket
from quectel.dialects import is_address, quoted, within
from quectel.errors import not_supported

_ANY = ("", "0.0.0.0", "::")


def listen(sock, backlog):
    """See Socket.listen."""
    nic = sock.nic
    dialect = nic.dialect
    if "TCP LISTENER" not in dialect.SERVICES:
        raise not_supported(dialect.MODEL, "TCP LISTENER")
    within(sock.local_port, dialect.PORTS, "port of a listener")
    if dialect.BACKLOG:
        low, high = dialect.BACKLOG
        backlog = high if backlog is None else max(low, min(backlog, high))
    if dialect.LISTEN_ACTIVATES:
        nic.must_be_connected()
        nic.complete(nic.spawn(bringup.activate(nic)))
    sock.open_service("TCP LISTENER", _own_address(sock), backlog or 0)
    sock.finish_service()


def serve(sock):
    """Start a UDP SERVICE on the bound port."""
    within(sock.local_port, sock.nic.dialect.PORTS, "port of a UDP service")
    sock.open_service("UDP SERVICE", _own_address(sock), 0)
    sock.finish_service()


def _own_address(sock):
    # What the documents want for <IP_address> of a server.
    dialect = sock.nic.dialect
    if sock.family == socket.AF_INET6:
        fixed = dialect.LISTEN_ADDRESS6
    else:
        fixed = dialect.LISTEN_ADDRESS
    if fixed:
        return fixed
    sock.nic.must_be_connected()
    return sock.nic.address[0]


def accept(sock):
    """See Socket.accept."""
    start = time.ticks_ms()
    while True:
        if not sock.listening():
            raise OSError(errno.EINVAL)
        if sock.waiting:
            client = sock.waiting.pop(0)
            return client, client.peer
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
    client = socket.Socket(nic, socket.AF_INET, socket.SOCK_STREAM, 0)
    nic.give_id(connect_id, client)
    client.adopt(connect_id, peer)
    if listener is None or not listener.takes_clients:
        client.setblocking(False)
        client.close()  # of a listener that was closed meanwhile
    else:
        listener.waiting.append(client)


def _refused(nic, server_id):
    for sock in nic.sockets:
        if sock.takes_clients and server_id in (None, sock.connect_id):
            sock.refused += 1


class ServiceRead(socket.Read):
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
        """How many bytes one exchange, and so one datagram, can carry."""
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


def opened(sock):
    """The module serves: its socket reads and sends in its own way."""
    dialect = sock.nic.dialect
    sock.set_commands(ServiceRead(dialect, sock.connect_id), ServiceSend(dialect, sock.connect_id))


def direct(sock, address):
    """Make `address` the peer of the next datagram, once the last one has gone."""
    host, port = address[0], address[1]
    within(port, sock.nic.dialect.PORTS, "port")
    if not is_address(host):
        quoted(host, sock.nic.dialect.HOST_MAX, "host")
        host = sock.nic.resolve(host)[0]
    sock.settle_sending()
    sock.send_command.direct((host, port))
