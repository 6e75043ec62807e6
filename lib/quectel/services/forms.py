# Calls for an open socket that no method of it makes: AT+QISEND and AT+QISENDEX in the form that
# the program chooses, and the module's count of received bytes.
#
#   form      AT+QISEND, AT+QISENDEX
#   "line"    the data stand in the command line
#   "length"  behind the prompt, as many as the line has said
#   "ctrl-z"  behind the prompt, ended by Ctrl+Z
#
# BC65&BC92&BC95-GR 2.2.4, 2.2.5; BC20 2.1.4, 2.1.6; BG95-S5 2.3.7 to 2.3.9; BC25&BC32 2.1.4,
# 2.1.6; RG200U&RG500U&RM500U 2.3.10, 2.3.11. Which forms there are: the dialects' TEXT_FORMS and
# HEX_FORMS. Only "length" carries every byte as it is, and hex does at two characters a byte.

import errno

from quectel.modes.hex import put_hex
from quectel import answers, at, errors
from quectel.connection import OPEN
from quectel.dialects import within

_ENDS = (26, 27)  # Ctrl+Z sends, Esc cancels


def send(sock, data, form, hex=False, rai=None):
    """Send `data` in one exchange of that form; with `hex` by AT+QISENDEX. Returns its length.

    rai  release assistance: 0 none, 1 after this packet, 2 after one answer to it
    Raises ValueError where the form cannot carry the data, EOPNOTSUPP where the document does
    not have the form, ENOBUFS if the module did not take the data (SEND FAIL)."""
    conn = _connection(sock)
    dialect = conn.nic.dialect
    if conn.SERVES:
        raise errors.not_supported(dialect.MODEL, "this for a UDP service, but s.sendto")
    data = data.encode() if isinstance(data, str) else bytes(data)
    _check(dialect, data, form, hex, rai)
    sock.finish_sending()
    command = _command(dialect, conn.id, data, form, hex, rai)
    nic = conn.nic
    nic.module.finish(nic.run(command))
    if command.result == at.DONE:
        conn.probe_soon()
        if conn.delivery is not None:
            conn.delivery.sent()
        return len(data)
    if command.result == at.SEND_FAIL:
        raise errors.Error(errno.ENOBUFS, "not taken: send again later")
    if command.result == at.TIMEOUT or command.result == at.DAMAGED:
        conn.fail(errors.Error(errno.ECONNABORTED, "no answer: unknown whether sent"))
        raise conn.failure
    raise nic.module.finish(answers.why(nic, command, "send"))


class _Counts(answers.Query):
    # AT+QIRD=<connectID>,0: no data follow, whatever QICFG="viewmode" says.
    header_fields = 4


def received(sock):
    """(received, read, unread) bytes, from AT+QIRD=<connectID>,0; None where the dialect cannot
    say."""
    conn = _connection(sock)
    nic = conn.nic
    if not nic.dialect.ACKED:
        return None
    command = _Counts(b"AT+QIRD=%d,0" % conn.id, nic.dialect.READ_MS, b"+QIRD: ")
    nic.module.finish(nic.run(command))
    if command.result != at.DONE or not command.lines:
        raise nic.module.finish(answers.why(nic, command, "AT+QIRD"))
    return command.numbers(3)


def _connection(sock):
    sock.check_usable()
    conn = sock.connection
    conn.raise_error()
    if conn.state != OPEN:
        raise OSError(errno.ENOTCONN)
    return conn


def _check(dialect, data, form, hex, rai):
    name = "AT+QISENDEX" if hex else "AT+QISEND"
    if form not in (dialect.HEX_FORMS if hex else dialect.TEXT_FORMS):
        raise errors.not_supported(dialect.MODEL, "%s of form %s" % (name, form))
    most = dialect.HEX_MAX if hex else dialect.SEND_MAX
    if not 1 <= len(data) <= most:
        raise ValueError("%s carries 1 to %d bytes" % (name, most))
    if rai is not None:
        if form != "line" or not (dialect.RAI if hex else dialect.TEXT_RAI):
            raise errors.not_supported(dialect.MODEL, "release assistance in this form")
        within(rai, (0, 2), "rai")
    if not hex and form == "line" and any(b < 32 or b == 34 or b > 126 for b in data):
        raise ValueError("a line carries text without quotes")
    if not hex and form == "ctrl-z" and any(b in _ENDS for b in data):
        raise ValueError("Ctrl+Z and Esc end the data of this form")


def _command(dialect, connect_id, data, form, hex, rai):
    line = b"AT+QISENDEX=%d" % connect_id if hex else b"AT+QISEND=%d" % connect_id
    if form != "ctrl-z" and (dialect.HEX_COUNTED or not hex):
        line += b",%d" % len(data)
    if hex:
        digits = bytearray(2 * len(data))
        put_hex(digits, 0, data, 0, len(data))
        data = bytes(digits)
    if form == "line":
        line += b',"' + data + b'"' if dialect.HEX_QUOTED or not hex else b"," + data
        if rai is not None:
            line += b",%d" % rai
    command = at.Command(line, dialect.SEND_MS, needs=dialect.SEND_NEEDS)
    if form == "ctrl-z":
        data += b"\x1a"
    if form != "line":
        command.give(data, 0, len(data))
    return command
