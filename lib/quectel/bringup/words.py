# Error texts for wiring, SIM and access point. Each begins with the observation and ends with the
# things to check. Loaded when such an error occurs, and unloaded with the rest of bringup/.

import errno

from micropython import const
from quectel import at
from quectel.dialects import is_address
from quectel.errors import EBUSY, ENETUNREACH, Error

_NO_CONTEXT = const(561)
_NO_NAME = const(565)
_REFUSED = const(566)
_TIMED_OUT = const(569)


def unheard(model, line):
    """The Error for a module that does not answer; `line` has counted, see counted.py."""
    if not line.came:
        text = "nothing came in %d s. Look at power, PWRKEY and GND, whether TX and RX are crossed"
        text = (text + ", and at the baud rate") % line.seconds
    elif line.came_back:
        text = "all that was sent came back, %d bytes. Is TX wired to RX?" % line.came
    elif not line.lines:
        text = "%d bytes came, none readable. Look at the baud rate" % line.came
    else:
        text = "%d lines came, none says OK. Look at the wire from TX, and at RTS/CTS" % line.lines
    return Error(errno.ETIMEDOUT, "%s does not answer: %s" % (model, text))


def no_sim(nic, asked, code):
    """The Error for a SIM that is not ready: it asks for `asked`, or there is none."""
    if asked == "PIN":
        text = "the SIM asks for its PIN. Give pin=, or call nic.unlock(pin)"
    elif asked == "PUK":
        text = "the SIM asks for its PUK: three wrong PINs were given. Its operator has the PUK"
    elif asked:
        text = "the SIM asks for its " + asked
    else:
        text = "no SIM in %d s. Look at the card and its holder" % (nic.dialect.SIM_MS // 1000)
    return Error(errno.ENODEV, text, code)


def no_context(error):
    """The Error for a context that was refused with `error` though the module is registered."""
    if error.args[0] not in (errno.EIO, ENETUNREACH) or (error.code or 0) > _NO_CONTEXT:
        return error  # the module says why
    text = "registered, but the operator refused the access point. Look at apn, user and key"
    return Error(ENETUNREACH, text, error.code)


def unopened(error, service, host, port):
    """The Error for a connection to host:port that was not opened, which `error` tells."""
    if service not in ("TCP", "UDP"):
        return error
    code = error.code
    place = "%s:%d" % (host, port)
    if code == _NO_NAME:
        return unresolved(error, host, port)
    if code == _REFUSED:
        text = "refused by %s, or it cannot be reached. Does a server listen there?" % place
    elif code == _TIMED_OUT:
        text = "no answer from %s. Look at host and port, and at firewalls" % place
    else:
        words = error.args[1][len("connect") :]
        text = "connect to " + place + (words or ": error %d of the module" % code)
    return Error(error.args[0], text, code, host, port)


def unresolved(error, host, *port):
    """`error`, of something that was asked about `host`: where its address was not found, with
    words that say so."""
    text = error.args[1]
    if error.args[0] == errno.EHOSTUNREACH and error.code and not is_address(host):
        text = 'no address for the name %s. Look at it, and at nic.ipconfig("dns")' % host
    return Error(error.args[0], text, error.code, host, *port)


def all_open(dialect):
    """The Error for a socket more than the module has."""
    text = "all %d sockets of %s are open" % (dialect.SOCKETS, dialect.MODEL)
    return Error(errno.ENOBUFS, text)


def unread(reader, missing):
    """The Error for the AT+QIRD `reader`, which failed; `missing` bytes of its payload did not
    come."""
    if reader.result == at.ERROR:
        return Error(errno.ECONNRESET, "connection is gone", reader.code)
    if reader.result == at.DAMAGED or reader.result == at.DONE:
        text = "an answer with data came damaged. Look at the baud rate, GND and the wires"
    elif 0 < missing <= reader.count:
        text = "a payload stopped at %d of %d bytes. Look at the UART's rxbuf, and at RTS/CTS"
        text %= (reader.count - missing, reader.count)
    else:
        text = "no answer: data may be lost"
    return Error(errno.ECONNABORTED, text)


def two_threads():
    """The Error for a call inside another one of the same interface."""
    return Error(EBUSY, "two threads use one interface at once. Have one lock around its calls")
