"""What goes wrong under TLS: time-outs, peers that go away, modules that restart."""

import errno

from scenario import HOST, LIMIT, attach, digest, failing, main, noise, online, same
from tls_session import opened, raw, session

_ABORTED = errno.ECONNABORTED


def _times_out(s, call, *args):
    s.settimeout(0.2)
    failing("ETIMEDOUT", call, *args)
    s.settimeout(LIMIT)


def timeout_reading(port, trusted, count, seed):
    """Time-outs before a record, in the middle of one, and after it; nothing is lost by them."""
    nic = online()
    s, w = opened(nic, port, trusted, "torn", count, seed)
    for _ in range(3):
        _times_out(s, w.read, 1)
    # Half a record is in the session now, and the other half is sent only when the peer has this.
    w.write(b"go on\n")
    print(digest(w.read(count)))
    for size in (1, 100, 3000):
        _times_out(s, w.read, 1)
        text = bytes(noise(size, size))
        w.write(text)
        same(w.read(size), text, "echo")
    w.close()


def timeout_shaking(port, trusted):
    """A peer that never answers the hello: ETIMEDOUT, not a hang; the interface goes on."""
    nic = online()
    s = raw(nic, port)
    s.settimeout(0.3)
    failing("ETIMEDOUT", session, s, trusted)
    s.close()
    same(nic.netstat(), [], "connections")


def timeout_writing(port, trusted):
    """A peer that reads nothing: ETIMEDOUT from write. The same write again goes on where the
    first one stopped; what the counts say arrives, once. Prints how many bytes, and the digest."""
    nic = online()
    s, w = opened(nic, port, trusted, "stuck")
    s.settimeout(0.3)
    block = bytes(noise(10007, 8))
    view = memoryview(block)
    sent = bytearray()
    at = 0
    try:
        while True:
            n = w.write(view[at:])
            sent += view[at : at + n]
            at = (at + n) % len(block)
    except OSError as e:
        same(e.args[0], errno.ETIMEDOUT, repr(e))
    _, other = opened(nic, port, trusted, "release")
    same(other.readline(), b"ok\n", "release")
    other.close()
    s.settimeout(LIMIT)
    # mbedtls wants the write that was interrupted to be made again with the same bytes.
    while at < len(block):
        n = w.write(view[at:])
        sent += view[at : at + n]
        at += n
    w.close()
    print(len(sent), digest(sent))


def ends(port, trusted, count, seed):
    """The peer closes as TLS wants it: all that it sent, then the end."""
    _, w = opened(online(), port, trusted, "source", count, seed)
    print(digest(w.read(count + 100)))
    same(w.read(10), b"", "the end")
    same(w.read(10), b"", "the end, again")
    w.close()


def gone(port, trusted, count, seed):
    """The peer closes without the alert that ends TLS: all that it sent, and then what mbedtls
    makes of it over native sockets too, the end."""
    _, w = opened(online(), port, trusted, "gone", count, seed)
    print(digest(w.read(count)))
    for _ in range(2):
        same(w.read(10), b"", "the end")
    w.close()


def cut(port, trusted, count, seed):
    """The peer breaks off in the middle of a record: not a byte of that record, and no hang. The
    module says `closed` whether the peer closed or broke off, so that it may look like the end."""
    nic = online()
    s, w = opened(nic, port, trusted, "cut", count, seed)
    _times_out(s, w.read, 1)
    w.write(b"break off\n")
    for _ in range(2):
        try:
            same(w.read(1), b"", "read")
        except OSError:
            pass
    w.close()
    same(nic.netstat(), [], "connections")


def _fails(call, *args):
    try:
        result = call(*args)
    except OSError as e:
        return e
    raise AssertionError("%r, not an error" % (result,))


def restart_reading(port, trusted, count, seed):
    """The module restarts in the middle of a transfer: a front of the data, then an error, again
    and again; after connect() a new session brings all. Prints length and digest of the front, and
    the digest of all."""
    nic = online()
    _, w = opened(nic, port, trusted, "source", count, seed)
    data = bytearray()
    try:
        while len(data) < count:
            piece = w.read(1000)
            assert piece, "an end that the peer did not send"
            data += piece
    except OSError as e:
        same(e.args[0], _ABORTED, repr(e))
    assert len(data) < count, "the module never restarted"
    for _ in range(2):
        same(_fails(w.read, 1).args[0], _ABORTED, "again")
    same(_fails(w.write, b"x").args[0], _ABORTED, "write")
    w.close()
    print(len(data), digest(data))
    attach(nic)
    _, w = opened(nic, port, trusted, "source", count, seed)
    print(digest(w.read(count)))
    w.close()


def restart_shaking(port, trusted):
    """The module restarts in the middle of the handshake: an error, and then a new session."""
    nic = online()
    s = raw(nic, port)
    same(_fails(session, s, trusted).args[0], _ABORTED, "handshake")
    s.close()
    failing("ENETUNREACH", nic.socket().connect, (HOST, port))
    attach(nic)
    _, w = opened(nic, port, trusted, "echo")
    w.write(b"hello")
    same(w.read(5), b"hello", "echo")
    w.close()


if __name__ == "__main__":
    main(globals())
