# Servers: TCP LISTENER and UDP SERVICE (BG95-S5 TCP/IP Application Note, 2.3.4, 2.4.3, 2.4.4, 3.6
# to 3.9; the other documents alike). Loaded by the first socket that binds or listens.

import errno
import time

from micropython import const

from quectel import answers, at, errors, load
from quectel.connection import CLOSED, LISTENING, NEW, OPEN, OPENING, Connection, Read
from quectel.dialects import is_address, quoted, within
from quectel.errors import not_supported
from quectel.socket import AF_INET, AF_INET6, located

_BURST_MS = const(500)  # for how long there may be too many clients

_asked = []  # listeners that open: the module's table has them once they have a connectID


# ---- methods of Socket ----


def bind(sock, address):
    """Choose the local port: of a listener, of a UDP service (which starts here, where the
    dialect has UDP SERVICE), or of a client. The host part is the module's affair."""
    sock.check_usable()
    connection = sock.connection
    if connection.state != NEW:
        raise OSError(errno.EINVAL)
    dialect = connection.nic.dialect
    port = within(located(address)[1], dialect.LOCAL_PORTS, "port")
    connection.choose("local_port", port)
    if connection.datagram and "UDP SERVICE" in dialect.SERVICES:
        within(port, dialect.PORTS, "port of a UDP service")
        service = UdpService(connection)
        open_server(sock, service, "UDP SERVICE")


def listen(sock, backlog=None):
    """Accept TCP connections on the bound port; at most `backlog` clients wait to be accepted
    (and the module has no more at once, where its document lets one say so); the driver closes
    more, and the one that would take the last connectID. EOPNOTSUPP without TCP LISTENER,
    EADDRINUSE if another socket listens there. If a non-blocking socket cannot listen, accept
    says why."""
    sock.check_usable()
    connection = sock.connection
    dialect = connection.nic.dialect
    if backlog is None:
        backlog = dialect.SOCKETS
    elif not isinstance(backlog, int):
        raise TypeError("backlog must be a number")
    if connection.state == LISTENING:
        return  # as any stack takes it
    if connection.datagram:
        raise OSError(errno.EOPNOTSUPP)
    if connection.state != NEW:
        raise OSError(errno.EINVAL)
    if "TCP LISTENER" not in dialect.SERVICES:
        raise not_supported(dialect.MODEL, "TCP LISTENER")
    open_server(sock, Listener(connection, backlog), "TCP LISTENER")


def accept(sock):
    """Wait for a client; returns (socket, (host, port)). EAGAIN if there is none and the
    socket does not block, EINVAL if it does not listen. A client that has closed before and
    left nothing to read is passed over."""
    begun = time.ticks_ms()
    connection = sock.connection
    if connection.datagram:
        sock.check_usable()
        raise OSError(errno.EOPNOTSUPP)
    while True:
        try:
            _must_listen(connection)
            sock.check_usable()
        except OSError:
            another = connection.peer is not None or connection.takes_clients
            connection.choose("silent", not another)
            raise
        if connection.clients:
            client = connection.next_client()
            return client.nic.socket(connection=client), client.peer
        if not sock.wait(begun):
            raise OSError(errno.EAGAIN)


def _must_listen(connection):
    # Raises, once, why this could not listen; EINVAL if it was never told to.
    if connection.peer is not None and connection.state != CLOSED:
        raise OSError(errno.EINVAL)  # a client's, connected or not
    if connection.state != LISTENING and connection.state != OPENING:
        connection.raise_opening()
        if connection.state == NEW or connection.state == OPEN:
            raise OSError(errno.EINVAL)


def open_server(sock, server, service):
    """Have `server` in place of the connection of `sock`, and wait until it serves, as bind and
    listen of any stack have done their work when they return; a non-blocking socket leaves that
    to later polls."""
    server.check_port()
    nic = server.nic
    server.begin(service, _own_address(server), nic.dialect.LISTEN_REMOTE, _prepare(server))
    sock.become(server)
    if sock.timeout_ms != 0:
        try:
            sock.finish_opening(None)
        except OSError:
            if server.state == NEW:
                sock.become(server.before)
            raise


def _own_address(server):
    # What the documents want for <IP_address> of a server.
    nic = server.nic
    fixed = nic.dialect.LISTEN_ADDRESS
    if server.family == AF_INET6:
        fixed = nic.dialect.LISTEN_ADDRESS6
    if fixed:
        return fixed
    nic.check_connected()
    return nic.address[0]


def _prepare(server):
    # Generator: what some modules want before they have a listener.
    nic = server.nic
    dialect = nic.dialect
    if server.datagram:
        return
    if dialect.LISTEN_ACTIVATES:
        yield from load("bringup.attachment").activate(nic)
    if "nat" in dialect.OPTIONS and not dialect.NAT:
        # RG200U&RG500U&RM500U 2.3.7, note 3: in no other mode a client reaches it.
        query = yield from answers.ask(nic, b'AT+QCFG="nat"', b'+QCFG: "nat",')
        if query.result == at.DONE and query.lines:
            dialect.choose("NAT", query.lines[0].strip() != "0")
            if not dialect.NAT:
                raise errors.Error(errors.ENETUNREACH, "no client would come: nic.config(nat=1)")


# ---- URCs ----


def incoming(module, channel):
    """+QIURC: "incoming",<connectID>,<serverID>,<remoteIP>,<remote_port>, or "incoming full",
    which some modules follow with a server id."""
    if channel.says(b' full"'):
        channel.skip()
        server_id = channel.number()
        for connection in module.connections:
            if connection.takes_clients and server_id in (None, connection.id):
                connection.count_refused()
        return
    channel.says(b'",')  # skip() would take the quote for one that opens
    connect_id = channel.number()
    listener = module.lookup(channel.number())
    peer = (channel.text(), channel.number())
    if connect_id is None or not 0 <= connect_id < module.dialect.SOCKETS:
        return
    if listener is not None and not listener.LISTENS:
        listener = None
    nic = module.nics[0] if listener is None else listener.nic
    client = Client(nic) if listener is None else listener.new_client()
    before = module.lookup(connect_id)
    module.assign_id(connect_id, client)
    if before is not None and before.state in (OPEN, LISTENING):
        # Its closed URC was lost: the module uses its connectID for the new client already.
        before.fail(errors.Error(errno.ECONNABORTED, "the module has lost the connection"))
    client.accepted(connect_id, peer)
    if listener is None:
        client.close()
    else:
        listener.on_client(client)


class Client(Connection):
    """A connection that the module has accepted for `listener`; None: nobody waits for it."""

    def __init__(self, nic, listener=None):
        super().__init__(nic, AF_INET, False)
        self._listener = listener

    def accepted(self, connect_id, peer):
        """The module has it as `connect_id`."""
        self.id = connect_id
        self.peer = peer
        self.opened()
        self.hint = self.seen = True

    def given(self):
        """The program has it now."""
        self._listener = None

    def on_closed(self):
        super().on_closed()
        if self._listener is not None:
            self.module.spawn(self._leave(self._listener))

    def _leave(self, listener):
        # Generator: nobody has accepted it, so it is not kept, unless it has left something to
        # read.
        while self in listener.clients and self.state == OPEN and not self.eof:
            self.advance()
            if self.staged():
                return
            yield
        if listener.forget(self):
            self.close()


class Listener(Connection):
    """A TCP LISTENER, in place of `before`, a connection that is not open.

    clients  connections that were not accepted yet; at most `backlog` of them may wait
    refused  connections that found it or the module full
    """

    LISTENS = True

    def __init__(self, before, backlog):
        super().__init__(before.nic, before.family, False)
        self.before = before
        self.local_port = before.local_port
        self.access_mode = before.access_mode
        self.delivery = before.delivery
        self.backlog = max(backlog, 1)
        self.clients = []
        bounds = self.nic.dialect.BACKLOG
        if bounds:
            self.backlog_asked = max(bounds[0], min(backlog, bounds[1]))

    def check_port(self):
        """EADDRINUSE if another socket listens there, ValueError without a port."""
        within(self.local_port, self.nic.dialect.PORTS, "port of a listener")
        _asked[:] = [each for each in _asked if each.state == OPENING]
        for other in list(self.module.connections) + _asked:
            taken = other.LISTENS and (other.state == OPENING or other.takes_clients)
            if taken and other.nic is self.nic and other.local_port == self.local_port:
                raise errors.Error(errno.EADDRINUSE, "another socket listens on this port")
        _asked.append(self)

    def opened(self):
        self.state = LISTENING

    @property
    def takes_clients(self):
        """Whether clients may come: a first one can follow +QIOPEN at once, before this has
        noticed that it listens."""
        return self.state == LISTENING or (self.state == OPENING and self.result == 0)

    def readiness(self, wanted):
        return wanted & 1 if self.clients else 0

    def new_client(self):
        """The Connection of a client that comes."""
        client = Client(self.nic, self)
        if self.delivery is not None:
            self.delivery.pass_on(client)
        return client

    def on_client(self, client):
        """A client has come."""
        if not self.takes_clients:
            client.close()  # it was closed meanwhile
        elif self.module.unused_id() is None:
            self.module.spawn(self._hold(client))
        else:
            self._queue(client)

    def _hold(self, client):
        # Generator: it has the last connectID, which the program's own connects need. A connection
        # that is closing may free another one.
        yield from self.nic.until(lambda: self.module.unused_id() is not None, _BURST_MS)
        if not self.takes_clients:
            client.close()
        elif self.module.unused_id() is None:
            self._refuse(client)
        else:
            self._queue(client)

    def _queue(self, client):
        self.clients.append(client)
        if len(self.clients) > self.backlog:
            self.module.spawn(self._shorten())

    def _shorten(self):
        # Generator: the queue is longer than the program wants. One that accepts is given time.
        yield from self.nic.until(lambda: len(self.clients) <= self.backlog, _BURST_MS)
        while len(self.clients) > self.backlog:
            self._refuse(self.clients.pop())

    def _refuse(self, client):
        self.refused += 1
        client.close()

    def count_refused(self):
        """A client found the module full."""
        self.refused += 1

    def next_client(self):
        """The first one that waits: it is accepted."""
        client = self.clients.pop(0)
        client.given()
        return client

    def forget(self, client):
        """`client` waits no more; whether it did."""
        if client not in self.clients:
            return False
        self.clients.remove(client)
        return True

    def close(self):
        task = super().close()
        for client in self.clients:
            task = client.close()
        return task


class UdpService(Connection):
    """A UDP SERVICE, in place of `before`, a connection that is not open: it takes datagrams from
    anybody, and sends them to `peer`."""

    SERVES = True

    def __init__(self, before):
        super().__init__(before.nic, before.family, True)
        self.before = before
        self.local_port = before.local_port
        self.access_mode = before.access_mode
        self.push_size = before.push_size
        if before.push:
            load("modes.push").switch(self, self.nic.PUSH)

    def check_port(self):
        """Any number of services may be asked for."""

    def make_commands(self):
        self.reader = ServiceRead(self.module, self.id)
        writer = ServiceSend(self.nic.dialect, self.id)
        if self.peer is not None:
            writer.direct(self.peer)
        formats = self.module.formats
        self.writer = writer if formats is None else formats.sender(writer, True)

    def send_to(self, sock, address):
        """Make `address` the peer of the next datagram, once the last one has gone."""
        nic = self.nic
        host, port = address[0], address[1]
        if self.peer == (host, port):
            return
        within(port, nic.dialect.PORTS, "port")
        if not is_address(host):
            quoted(host, nic.dialect.HOST_MAX, "host")
            if sock.timeout_ms == 0:
                text = "a UDP service that does not block sends to addresses, not names"
                raise ValueError(text)
            host = nic.resolve(host)[0]
        sock.finish_sending()
        self.writer.direct((host, port))
        self.peer = (host, port)


class ServiceRead(Read):
    """AT+QIRD=<connectID> of a UDP SERVICE: one whole datagram and who sent it, in `peer`."""

    header_fields = 3

    def ask(self, count, staging, silence):
        """As Read's, but the command has no length: it ends before the comma."""
        super().ask(count, staging, silence)
        self.line_out[self._number_at - 1] = 13
        self.line_end = self._number_at

    def line(self, channel):
        count = channel.number()
        if count is None or not 0 <= count <= self.asked:
            channel.damaged()
        elif count:
            self.count = count
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

    def direct(self, peer):
        """Send to `peer`, (address, port), from now on."""
        self._tail = b"," + quoted(peer[0], 50, "address") + b",%d\r" % peer[1]
        self.line_out = bytearray(self._head + b"00000" + self._tail)

    def largest(self, data, start, end):
        """How many bytes one exchange, and so one datagram, can carry; ENOTCONN without a peer."""
        if not self._tail:
            raise OSError(errno.ENOTCONN)
        return self._most

    def load(self, data, start, end):
        """Take the next bytes of `data[start:end]`; returns how many this exchange carries."""
        count = min(end - start, self._most)
        stop = at.put_number(self.line_out, len(self._head), count)
        for i in range(len(self._tail)):
            self.line_out[stop + i] = self._tail[i]
        self.line_end = stop + len(self._tail)
        self.give(data, start, start + count)
        return count
