# What a program may choose for a socket beyond the standard, and what it may ask: access mode,
# release assistance, keepalive. Loaded on first use.

import errno

from micropython import const
from quectel.modes.hex import put_hex
from quectel import at, errors, load
from quectel.connection import CLOSED, LISTENING
from quectel.dialects import within

_PUSH_LEAST = const(128)


def setsockopt(sock, level, option, value):
    """Options of `nic`: SOL_SOCKET with SO_KEEPALIVE (True, False or seconds of idle,
    interval, count; for all sockets of the module) and SO_RCVBUF (bytes kept in push mode);
    SOL_QUECTEL with ACCESS_MODE (BUFFER, PUSH), RAI (0, 1, 2), COALESCE (True: small writes are
    gathered and leave at the next call of anything else) and DELIVERY (seconds: the connection
    fails if the peer acknowledges nothing for so long; 0 is never). EOPNOTSUPP for SO_BROADCAST,
    SO_ERROR and IP_ADD_MEMBERSHIP, which programs rely on. Others are taken and not acted upon,
    since the numbers that programs use for them differ from port to port."""
    sock.check_usable()
    nic = sock.connection.nic
    if level == nic.SOL_QUECTEL:
        if option == nic.ACCESS_MODE:
            load("modes.push").switch(sock.connection, value)
        elif option == nic.RAI:
            _set_rai(sock, value)
        elif option == nic.COALESCE and not sock.connection.datagram:
            load("modes.coalescing").switch(sock, value)
        elif option == nic.DELIVERY:
            load("modes.delivery").switch(sock.connection, value)
        else:
            raise OSError(errno.EINVAL)
    elif level == nic.SOL_SOCKET and option == nic.SO_RCVBUF:
        sock.connection.choose("push_size", within(value, (_PUSH_LEAST, 1 << 20), "SO_RCVBUF"))
    elif level == nic.SOL_SOCKET and option == nic.SO_KEEPALIVE:
        _set_keepalive(nic, value)
    elif value:
        _refuse(nic, level, option)


def _refuse(nic, level, option):
    # What a program relies on that no module can.
    lacking = None
    if level == nic.SOL_SOCKET and option == nic.SO_BROADCAST:
        lacking = "broadcast: a cellular network carries none"
    elif level == nic.SOL_SOCKET and option == nic.SO_ERROR:
        lacking = "SO_ERROR to set: getsockopt asks for it"
    elif level == nic.IPPROTO_IP and option == nic.IP_ADD_MEMBERSHIP:
        lacking = "multicast: none of its commands joins a group"
    if lacking:
        raise errors.not_supported(nic.dialect.MODEL, lacking)


def getsockopt(sock, level, option):
    """SO_ERROR of SOL_SOCKET: the errno that the next call would raise, or 0; asking takes away
    what is raised once. EOPNOTSUPP for any other option."""
    connection = sock.connection
    nic = connection.nic
    if level != nic.SOL_SOCKET or option != nic.SO_ERROR:
        raise errors.not_supported(nic.dialect.MODEL, "socket option to ask for but SO_ERROR")
    if connection.state == CLOSED:
        raise OSError(errno.EBADF)
    nic.poll()
    try:
        connection.raise_error()
        connection.raise_opening()
    except OSError as e:
        return e.args[0]
    return 0


def _set_keepalive(nic, value):
    if not isinstance(value, (tuple, list)):
        if not value:
            nic.config(keepalive=None)
            return
        if nic.dialect.KEEPALIVE is None:
            raise errors.not_supported(nic.dialect.MODEL, "keepalive")
        # An hour of idleness, as near as the dialect comes, and its shortest probing.
        _, unit, idles, intervals, counts = nic.dialect.KEEPALIVE
        value = (min(3600, idles[1] * unit), intervals[0], counts[0])
    nic.config(keepalive=value)


# ---- release assistance ----


class HexSend(at.Command):
    """AT+QISENDEX with <RAI_info>: the form that carries release assistance, two characters a
    byte. BG95-S5 2.3.9, BC65&BC92&BC95-GR 2.2.5."""

    def __init__(self, dialect, connect_id, rai):
        super().__init__(b"", dialect.SEND_MS)
        self.needs = dialect.SEND_NEEDS
        self._most, self._counted = dialect.RAI
        self._head = b"AT+QISENDEX=%d," % connect_id
        self._rai = rai
        self.line_out = bytearray(len(self._head) + 12 + 2 * self._most)
        self.line_out[: len(self._head)] = self._head

    def largest(self, data, at_, end):
        """How many bytes one exchange, and so one datagram, can carry."""
        return self._most

    def load(self, data, at_, end):
        """Put the next bytes of `data[at_:end]` into the line; returns how many."""
        line = self.line_out
        count = min(end - at_, self._most)
        stop = len(self._head)
        if self._counted:
            stop = at.put_number(line, stop, count)
            line[stop] = 44
            stop += 1
        line[stop] = 34
        stop = put_hex(line, stop + 1, data, at_, at_ + count)
        line[stop] = 34
        line[stop + 1] = 44
        # The connection may be released after the last packet only.
        line[stop + 2] = 48 + (self._rai if at_ + count == end else 0)
        line[stop + 3] = 13
        self.line_end = stop + 4
        return count


def _set_rai(sock, rai):
    conn = sock.connection
    dialect = conn.nic.dialect
    if dialect.RAI is None:
        raise errors.not_supported(dialect.MODEL, "release assistance")
    within(rai, (0, 2), "RAI")
    if conn.id is None or conn.state == LISTENING:
        raise OSError(errno.ENOTCONN)
    sock.finish_sending()
    if rai:
        conn.choose("writer", HexSend(dialect, conn.id, rai))
    else:
        conn.make_commands()
