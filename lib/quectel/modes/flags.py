# recv, recv_into and send with flags, and what else they do seldom. Loaded by the first such call.

import errno
import time

from micropython import const

from quectel.stream import IOCTL_TIMEOUT

_PEEK = const(2)
_DONTWAIT = const(0x40)
_SHOWN = const(1500)  # bytes that recv shows at most


def recv_into(sock, buf, size, flags):
    """recv_into of `size` bytes with MSG_PEEK, MSG_DONTWAIT or both; EOPNOTSUPP for others."""
    timeout = _begin(sock, flags, _PEEK | _DONTWAIT)
    try:
        return _peek(sock, buf, size) if flags & _PEEK else sock.recv_into(buf, size)
    finally:
        sock.ioctl(IOCTL_TIMEOUT, timeout)


def recv(sock, bufsize, flags):
    """recv with MSG_PEEK, MSG_DONTWAIT or both."""
    timeout = _begin(sock, flags, _PEEK | _DONTWAIT)
    try:
        if not flags & _PEEK:
            return sock.recv(bufsize)
        buf = bytearray(min(bufsize, _SHOWN))
        return bytes(memoryview(buf)[: _peek(sock, buf, len(buf))])
    finally:
        sock.ioctl(IOCTL_TIMEOUT, timeout)


def refused(bufsize):
    """What recv raises for a `bufsize` that is no count: TypeError, or ValueError if it is less
    than 0."""
    if isinstance(bufsize, int):
        return ValueError("bufsize must not be negative")
    return TypeError("bufsize must be a number")


def send(sock, data, flags):
    """send with MSG_DONTWAIT."""
    timeout = _begin(sock, flags, _DONTWAIT)
    try:
        return sock.send(data)
    finally:
        sock.ioctl(IOCTL_TIMEOUT, timeout)


def _begin(sock, flags, known):
    # The time-out to have again after the call, which has none with MSG_DONTWAIT.
    if flags & ~known:
        raise OSError(errno.EOPNOTSUPP)
    timeout = sock.timeout_ms
    if flags & _DONTWAIT:
        sock.ioctl(IOCTL_TIMEOUT, 0)
    return timeout


def _peek(sock, buf, size):
    # What recv_into(buf, size) would give.
    got = sock._stage(size)
    if got is None:
        raise OSError(errno.EAGAIN)
    if not got:
        return 0
    connection = sock.connection
    staging = connection.staging
    if len(staging) < size and staging.REUSABLE and not connection.datagram:
        _stage_more(sock, connection, staging)
    count = staging.take(buf, 0, size)
    staging.put_back(count)
    return count


def _stage_more(sock, connection, staging):
    # A program may peek until enough has come, so what the module has is read behind what is here:
    # unless the module has lost something, as that would bring the hole nearer.
    most = connection.module.chunk
    if len(staging) >= most or connection.lost:
        return
    if not connection.reading:
        staging.shift()
        connection.advance(len(staging))
    begun = time.ticks_ms()
    try:
        while connection.reading:
            if not sock.wait(begun):
                return
            connection.advance()
    except OSError as e:
        if e.args[0] != errno.ETIMEDOUT:
            raise
