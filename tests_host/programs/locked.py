"""Steady-state traffic with the heap locked: whatever allocated would raise MemoryError.

Only MicroPython can lock its heap. Buffers and views are made before it is locked; a table of
views, one for each length, lets a digest take what a short read brought.
"""

import gc
import hashlib
import select

import facts
import micropython
from scenario import HOST, digest, main, noise, online, peer, same

_POLLIN, _POLLOUT = 1, 4
_PEEK, _DONTWAIT = 2, 0x40
_BLOCK = 2048  # bytes: a table of views is 16 times as large

_FAILED = OSError(1, "a call took or gave nothing")


def _feed():
    """A watchdog would be fed here."""


def _watched():
    # A program that is told of waits and of changes allocates no more than any other.
    nic = online()
    nic.idle = _feed
    nic.on_change(lambda what, value: None)
    return nic


def _under_lock(call, s, out, into, count, hasher):
    # Every way has these arguments: a call with *args allocates, and so does one of a closure
    # over more than a few variables.
    gc.collect()
    micropython.heap_lock()
    try:
        return call(s, out, into, count, hasher)
    finally:
        micropython.heap_unlock()


def _send(s, block, into, count, hasher):
    while count:
        n = s.send(block)
        if n != len(block):
            raise _FAILED
        hasher.update(block)
        count -= n


def _write(s, block, into, count, hasher):
    # In uneven parts of the block, by offset.
    while count:
        at = 0
        while at < len(block):
            size = min(700, len(block) - at)
            at += s.write(block, at, size)
        hasher.update(block)
        count -= at


def _write_whole(s, block, into, count, hasher):
    while count:
        if s.write(block) != len(block):
            raise _FAILED
        hasher.update(block)
        count -= len(block)


def _receive(s, out, into, count, hasher):
    buf, views = into
    while count:
        n = s.recv_into(buf)
        if not n:
            raise _FAILED
        hasher.update(views[n])
        count -= n


def _readinto(s, out, into, count, hasher):
    buf, views = into
    while count:
        n = s.readinto(buf)
        if not n:
            raise _FAILED
        hasher.update(views[n])
        count -= n


def _small(s, out, bufs, count, hasher):
    # As TLS reads: 1, 4, 5 bytes, then a record.
    while count:
        for buf in bufs:
            if s.readinto(buf) != len(buf):
                raise _FAILED
            hasher.update(buf)
            count -= len(buf)


def _small_counts(s, out, into, count, hasher):
    # The same by the count that recv_into takes.
    buf, views = into
    want = 0
    while count:
        want = want % 5 + 1
        n = s.recv_into(buf, min(want, count))
        if not n:
            raise _FAILED
        hasher.update(views[n])
        count -= n


def _gather(s, block, into, count, hasher):
    # Ten small writes a request, as programs make them, gathered by the socket.
    while count:
        for _ in range(10):
            if s.write(block) != len(block):
                raise _FAILED
            hasher.update(block)
            count -= len(block)
        s.flush()


def _send_dontwait(s, block, into, count, hasher):
    while count:
        at = 0
        while at < len(block):
            try:
                at += s.send(block, _DONTWAIT)
            except OSError:
                pass  # EAGAIN: the module has not answered yet
        hasher.update(block)
        count -= at


def _peek(s, out, into, count, hasher):
    # What is shown is what comes then; every other time it is waited for by calls that do not.
    buf, views = into
    while count:
        n = s.recv_into(buf, 0, _PEEK)
        hasher.update(views[n])
        if not n or s.recv_into(buf, n) != n:
            raise _FAILED
        count -= n
        n = 0
        while count and not n:
            try:
                n = s.recv_into(buf, 300, _PEEK | _DONTWAIT)
            except OSError:
                pass
        if n:
            hasher.update(views[n])
            if s.recv_into(buf, n, _DONTWAIT) != n:
                raise _FAILED
            count -= n


_SENDERS = {
    "send": _send,
    "text": _send,
    "write": _write,
    "write_whole": _write_whole,
    "gather": _gather,
    "checked": _send,
    "send_dontwait": _send_dontwait,
}


def there(port, way, count, size):
    """`count` bytes to the peer in blocks of `size`; it answers their digest. The way "text" is
    "send" with plain text, which BC20 sends otherwise than other bytes, and "checked" with the
    check that the peer acknowledges."""
    warm = 10 * size if way == "gather" else 2 * size
    s = peer(_watched(), port, "sink", count + warm)
    if way == "gather":
        s.setsockopt(s.connection.nic.SOL_QUECTEL, s.connection.nic.COALESCE, True)
    if way == "checked":
        s.setsockopt(s.connection.nic.SOL_QUECTEL, s.connection.nic.DELIVERY, 1)
    block = noise(size, 1)
    if way == "text":
        block[:] = bytes([97 + byte % 26 for byte in block])
    hasher = hashlib.sha256()
    _SENDERS[way](s, block, None, warm, hasher)  # warms up
    _under_lock(_SENDERS[way], s, block, None, count, hasher)
    if way == "checked":
        # Each quarter of a second the module was asked, and has told.
        same(s.connection.delivery.counts.total > warm, True, "checked")
    same(s.readline().decode().strip(), _hex(hasher), "digest")
    s.close()


def _hex(hasher):
    return "".join("%02x" % b for b in hasher.digest())


def _buffer(size):
    buf = bytearray(size)
    view = memoryview(buf)
    views = [None] * (size + 1)  # a list that grows needs twice that in one piece
    for n in range(size + 1):
        views[n] = view[:n]
    return buf, views


def back(port, way, count):
    """`count` bytes from the peer, of which the first 8192 warm up; prints the digest."""
    s = peer(_watched(), port, "source", count, 77)
    hasher = hashlib.sha256()
    warm = min(8192, count // 2)
    if way in ("recv_into", "readinto"):
        receive = _receive if way == "recv_into" else _readinto
        into = _buffer(_BLOCK)
        _first(s, warm, hasher)
    elif way == "peek":
        receive = _peek
        into = _buffer(_BLOCK)
        s.recv(1, _PEEK)  # loads what flags need
        _first(s, warm, hasher)
    elif way == "small":
        receive = _small
        into = [bytearray(n) for n in (1, 4, 5, 118)]  # 128 together: they come out even
        receive(s, None, into, warm, hasher)
    else:
        receive = _small_counts
        into = _buffer(5)
        receive(s, None, into, warm, hasher)
    _under_lock(receive, s, None, into, count - warm, hasher)
    same(s.recv(1), b"", "the end")
    print(_hex(hasher))
    s.close()


def _first(s, count, hasher):
    # The warm-up by other calls than those that are measured: exactly `count` bytes.
    hasher.update(s.read(count // 2))
    got = count // 2
    while got < count:
        data = s.recv(count - got)
        hasher.update(data)
        got += len(data)


def _both(s, out, into, count, hashers):
    # Non-blocking, as ipoll says; what is sent and what comes back are digested.
    poll, block = out
    buf, views = into
    sent, received = hashers
    put = at = got = 0
    while got < count:
        for _, flags in poll.ipoll(-1):
            if flags & _POLLIN:
                n = s.recv_into(buf)
                if not n:
                    raise _FAILED
                received.update(views[n])
                got += n
            if flags & _POLLOUT and put < count:
                n = s.write(block, at, len(block) - at)
                if not n:
                    raise _FAILED
                put += n
                at += n
                if at == len(block):
                    sent.update(block)
                    at = 0
                    if put == count:
                        poll.modify(s, _POLLIN)


def polled(port, count, size):
    """`count` bytes in blocks of `size` to an echo and back, on a non-blocking socket with ipoll.

    A block longer than an exchange is written on from where the last write stopped."""
    s = peer(_watched(), port, "echo")
    s.setblocking(False)
    poll = select.poll()
    out = (poll, noise(size, 3))
    into = _buffer(_BLOCK)
    hashers = (hashlib.sha256(), hashlib.sha256())
    poll.register(s, _POLLIN | _POLLOUT)
    _both(s, out, into, 8 * size, hashers)
    poll.modify(s, _POLLIN | _POLLOUT)
    _under_lock(_both, s, out, into, count, hashers)
    same(_hex(hashers[1]), _hex(hashers[0]), "what came back")
    s.close()


def _datagrams(s, block, buf, count, hasher):
    while count:
        if s.send(block) != len(block) or s.recv_into(buf) != len(block):
            raise _FAILED
        if buf != block:
            raise _FAILED
        count -= 1


def datagrams(port, count):
    """`count` datagrams there and back, of three lengths, the longest the dialect's."""
    nic = _watched()
    s = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
    s.connect((HOST, port))
    for size in (1, 200, facts.of(nic)["send"]):
        block, buf = noise(size, 5), bytearray(size)
        _datagrams(s, block, buf, 2, None)
        _under_lock(_datagrams, s, block, buf, count, None)
    s.close()


def _two(pairs, out, into, rounds, hasher):
    buf, views = into
    while rounds:
        for s, block, digest_ in pairs:
            if s.write(block) != len(block):
                raise _FAILED
        for s, block, digest_ in pairs:
            left = len(block)
            while left:
                n = s.recv_into(buf, left)
                if not n:
                    raise _FAILED
                digest_.update(views[n])
                left -= n
        rounds -= 1


def two(port, rounds):
    """Two sockets in turn."""
    nic = _watched()
    pairs = [(peer(nic, port, "echo"), noise(2000, i), hashlib.sha256()) for i in (1, 2)]
    into = _buffer(2000)
    _two(pairs, None, into, 2, None)
    _under_lock(_two, pairs, None, into, rounds, None)
    for s, block, digest_ in pairs:
        same(_hex(digest_), digest(bytes(block) * (rounds + 2)), "digest")
        s.close()


def allocates(port):
    """That the lock is real: a call that must allocate fails under it."""
    s = peer(_watched(), port, "source", 10000, 1)
    s.recv(100)

    def receive(s, out, into, count, hasher):
        return s.recv(count)

    try:
        _under_lock(receive, s, None, None, 1000, None)
    except MemoryError:
        return
    raise AssertionError("recv returned bytes though the heap was locked")


if __name__ == "__main__":
    main(globals())
