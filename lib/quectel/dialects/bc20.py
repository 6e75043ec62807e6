# BC20, from the BC20 TCP/IP AT Commands Manual 1.0 (2018-09-03), whose sections stand at the
# values.

from micropython import const

from quectel import at
from quectel.dialects.narrow_band import NarrowBand
from quectel.modes.hex import put_hex

_LINE_MAX = const(1024)  # 2.1.4 <send_length>
_HEX_MAX = const(512)  # 2.1.6 <send_length>


class LineSend(at.Command):
    """BC20 has no prompt: AT+QISEND with the bytes in the line where all of them can stand there,
    AT+QISENDEX in hex, at two characters a byte, where not. Chosen anew for every exchange; the
    line is written in place, so that sending allocates nothing."""

    def __init__(self, dialect, connect_id):
        super().__init__(b"", dialect.SEND_MS)
        self.needs = dialect.SEND_NEEDS
        self._text = b"AT+QISEND=%d," % connect_id
        self._hex = b"AT+QISENDEX=%d," % connect_id
        self.line_out = bytearray(len(self._hex) + 6 + 2 * _HEX_MAX)

    def load(self, data, at_, end):
        """Put the next bytes of `data[at_:end]` into the line; returns how many."""
        count = self._plain(data, at_, end)
        # A line of text costs its quotes; a few bytes of it are not worth an exchange of their
        # own before the rest goes in hex.
        if count == end - at_ or count >= _HEX_MAX:
            self._write_text(data, at_, count)
        else:
            count = min(end - at_, _HEX_MAX)
            self._write_hex(data, at_, count)
        return count

    def largest(self, data, at_, end):
        """How many of `data[at_:end]` one exchange, and so one datagram, can carry."""
        return _LINE_MAX if self._plain(data, at_, end) == end - at_ else _HEX_MAX

    def _plain(self, data, at_, end):
        # How many bytes from `at_` on can stand between the quotes.
        end = min(end, at_ + _LINE_MAX)
        for i in range(at_, end):
            byte = data[i]
            if byte < 32 or byte == 34 or byte > 126:
                return i - at_
        return end - at_

    def _head(self, name, count):
        line = self.line_out
        for i in range(len(name)):
            line[i] = name[i]
        stop = at.put_number(line, len(name), count)
        line[stop] = 44
        return stop + 1

    def _write_text(self, data, at_, count):
        line = self.line_out
        stop = self._head(self._text, count)
        line[stop] = 34
        stop += 1
        for i in range(count):
            line[stop + i] = data[at_ + i]
        stop += count
        line[stop] = 34
        line[stop + 1] = 13
        self.line_end = stop + 2

    def _write_hex(self, data, at_, count):
        line = self.line_out
        stop = self._head(self._hex, count)
        stop = put_hex(line, stop, data, at_, at_ + count)
        line[stop] = 13
        self.line_end = stop + 1


class BC20(NarrowBand):
    """BC20: TCP and UDP clients; no prompt to send after, no listener."""

    MODEL = "BC20"
    DETAILS = "bc20"
    CONTEXTS = (1, 1)  # 2.1.1, note 1: only 1 is supported
    SOCKETS = 5  # 2.1.1 <connectID> 0 to 4
    SERVICES = ("TCP", "UDP")
    OPEN_MS = (60000, 60000)  # 2.1.1, note 2; no length is given for the host
    SEND_MAX = _LINE_MAX
    READ_MAX = 512  # 2.1.5 <read_length>

    def open_tail(self, family, service, backlog):
        """2.1.1 <protocol_type>: IPv6 is not supported."""
        return b""

    def sender(self, connect_id):
        """See LineSend."""
        return LineSend(self, connect_id)
