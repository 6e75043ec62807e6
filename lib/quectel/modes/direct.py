# A connection that is in transparent mode from its first byte: AT+QIOPEN with access mode 2, which
# CONNECT answers (after an OK, on BC92). BG95-S5 2.3.4, RG200U&RG500U&RM500U 2.3.7,
# BC65&BC92&BC95-GR 2.2.1. All else is as in transparent.py. A listener whose clients are that:
# direct_server.py.

import errno

from quectel import answers, at, errors, load
from quectel.connection import NEW, OPENING, Connection
from quectel.dialects import within
from quectel.modes import mode, transparent


def open(sock, address):
    """`with direct.open(s, (host, port)) as raw:` connects `s`, a new TCP socket, and gives its
    raw stream; behind the block `s` goes on as a connected socket."""
    conn = sock.connection
    transparent.check_mode(conn)
    sock.check_usable()
    if conn.state != NEW:
        raise OSError(errors.EISCONN)
    within(address[1], conn.nic.dialect.PORTS, "port")
    _line(conn, 0, address)  # bad arguments are refused before a byte is sent
    conn.nic.check_connected()
    return Opening(sock, address)


def listen(sock):
    """Accept TCP connections on the bound port of `sock`, one at a time, each of which is in
    transparent mode when it comes (BC92): `client, peer = sock.accept()`, then
    `with client.transparent() as raw:`.

    From here on every other call of the interface raises EBUSY, until the raw stream of a client
    is left, and again from when that client is closed. EOPNOTSUPP where the dialect has no such
    listener."""
    before = sock.connection
    dialect = before.nic.dialect
    if not dialect.LISTEN_DIRECT:
        raise errors.not_supported(dialect.MODEL, "a listener in transparent mode")
    sock.check_usable()
    if before.datagram or before.state != NEW:
        raise OSError(errno.EINVAL)
    if before.push:
        raise errors.Error(errno.EINVAL, "choose buffer mode before transparent mode")
    load("modes.server").open_server(
        sock, load("modes.direct_server").Listener(before), "TCP LISTENER"
    )


def _line(conn, connect_id, address):
    dialect = conn.nic.dialect
    tail = dialect.open_tail(conn.family, "TCP", 0)
    place = (address[0], address[1], conn.local_port)
    return dialect.open_line(conn.nic.cid, connect_id, "TCP", *place, 2, tail)


class Direct(Connection):
    """A connection that is opened in transparent mode, in place of `before`, which is not open."""

    def __init__(self, before):
        super().__init__(before.nic, before.family, False)
        self.local_port = before.local_port
        if before.delivery is not None:
            before.delivery.pass_on(self)

    def start(self):
        """It is being opened: it has a connectID."""
        self.id = self.module.unused_id()
        if self.id is None:
            raise errors.Error(errno.ENOBUFS, "all sockets of the module are open")
        self.module.assign_id(self.id, self)
        self.state = OPENING
        self.eof = self.peer_closed = False

    def connected(self, address):
        """The module has it."""
        self.peer = (address[0], address[1])
        self.opened()

    def not_opened(self, foreign=False):
        """The module has refused; a connectID that is not ours is left alone, and not used."""
        self.state = NEW
        if foreign:
            self.module.release_id(self.id, self.nic)
            self.id = None


class Opening(transparent.Raw):
    """Raw, of a socket that is opened by entering."""

    def __init__(self, sock, address):
        sock.become(Direct(sock.connection))
        super().__init__(sock.connection, None)
        self._address = address

    def _switch(self):
        conn = self._connection
        if conn.state != NEW:  # back again, after a notice that was none
            yield from super()._switch()
            return
        while True:
            error = yield from self._ask()
            if error is None:
                return
            foreign = error.code == 563
            conn.not_opened(foreign)
            if not foreign:
                yield from conn.shut()
                raise load("bringup.words").unopened(error, "TCP", *self._address[:2])

    def _ask(self):
        # Generator: None if the module has opened it, else the Error.
        nic, conn = self._nic, self._connection
        conn.start()
        timeout = nic.dialect.open_ms(self._address[0])
        command = mode.Switch(_line(conn, conn.id, self._address), self._pipe, timeout)
        code = yield from self._run(command)
        if command.result == at.DONE:
            conn.connected(self._address)
            self._entered()
            return None
        if code:
            return errors.of_code(code, "connect", nic.dialect.ERRNO)
        if command.result == at.TIMEOUT:
            yield from self._stuck()
        if command.result == at.NO_CARRIER:
            return errors.Error(errno.ECONNREFUSED, "connect: no carrier")
        return (yield from answers.why(nic, command, "connect"))

    def _run(self, command):
        # Generator: until CONNECT, a refusal, or +QIOPEN with a code, which is returned: BC92 has
        # said OK by then.
        channel = self._channel
        codes = []

        def heard(channel):
            codes.append(channel.number())

        prefix = b"+QIOPEN: %d," % self._connection.id
        channel.on(prefix, heard)
        try:
            for _ in self._nic.run(command):
                yield
                if codes and codes[-1] and channel.command is command:
                    command.hurry()
        finally:
            channel.off(prefix, heard)
        return codes[-1] if codes else None
