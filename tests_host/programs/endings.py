"""How connections end: the peer's end with data unread, a reset, and close()."""

from scenario import HOST, LIMIT, failing, main, online, peer, same

_SIZE = 5000


class _Watch:
    """A trace that knows whether the module has told of a peer's end."""

    def __init__(self):
        self.closed = False

    def __call__(self, line):
        if line.startswith("<") and '+QIURC: "closed"' in line:
            self.closed = True


def _closed_unread(nic, watch, port):
    """A socket whose peer has gone, with _SIZE bytes still in the module."""
    watch.closed = False
    s = peer(nic, port, "source", _SIZE, 9)
    while not watch.closed:
        nic.isconnected()
    return s


def _drain_read(s):
    return len(s.read())


def _drain_read_more(s):
    return len(s.read(2 * _SIZE))


def _drain_recv(s):
    total = 0
    while True:
        data = s.recv(700)
        if not data:
            return total
        total += len(data)


def _drain_recv_into(s):
    buf = bytearray(4096)
    total = 0
    while True:
        n = s.recv_into(buf)
        if not n:
            return total
        total += n


def _drain_readinto(s):
    return s.readinto(bytearray(2 * _SIZE))


def _drain_bytes(s):
    total = 0
    while s.read(1):
        total += 1
    return total


def _drain_lines(s):
    total = 0
    while True:
        line = s.readline()
        if not line:
            return total
        total += len(line)


_DRAINS = (
    _drain_read,
    _drain_read_more,
    _drain_recv,
    _drain_recv_into,
    _drain_readinto,
    _drain_bytes,
    _drain_lines,
)


def _at_the_end(s):
    for _ in range(2):
        same(s.read(), b"", "read()")
        same(s.read(10), b"", "read(10)")
        same(s.readline(), b"", "readline")
        same(s.readinto(bytearray(10)), 0, "readinto")
        same(s.recv(10), b"", "recv")
        same(s.recv_into(bytearray(10)), 0, "recv_into")
        same(s.recvfrom(10)[0], b"", "recvfrom")


def _all_fail(s, names):
    buf = bytearray(10)
    failing(names, s.write, b"x")
    failing(names, s.send, b"x")
    failing(names, s.sendall, b"x")
    failing(names, s.write, buf, 5)
    failing(names, s.write, buf, 5, 5)


def unread(port):
    """All of what came before the end is read first, by every method, blocking or not."""
    watch = _Watch()
    nic = online(trace=watch)
    for drain in _DRAINS:
        for timeout in (None, LIMIT):
            s = _closed_unread(nic, watch, port)
            s.settimeout(timeout)
            same(drain(s), _SIZE, "drained")
            _at_the_end(s)
            _all_fail(s, "EPIPE ECONNRESET ENOTCONN")
            _at_the_end(s)
            s.close()
            s.close()


def unread_nonblocking(port):
    """The same on a non-blocking socket: None until there is something, then all, then b""."""
    watch = _Watch()
    nic = online(trace=watch)
    s = _closed_unread(nic, watch, port)
    s.setblocking(False)
    got = b""
    while True:
        assert s.ioctl(3, 1 | 4) >= 0
        data = s.read(1000)
        if data == b"":
            break
        got += data or b""
    same(len(got), _SIZE, "drained")
    flags = s.ioctl(3, 1 | 4)
    same(flags & 1, 1, "readable at the end")
    _at_the_end(s)
    _all_fail(s, "EPIPE ECONNRESET ENOTCONN")
    s.close()


def unread_write(port):
    """A write fails once the peer has gone, and what is unread can still be read."""
    watch = _Watch()
    nic = online(trace=watch)
    s = _closed_unread(nic, watch, port)
    s.read(100)
    for _ in range(3):
        _all_fail(s, "EPIPE ECONNRESET ENOTCONN")
    same(len(s.read()), _SIZE - 100, "the rest")
    s.close()


def unread_close(port):
    """close() with data unread is quiet, and the number is free again."""
    watch = _Watch()
    nic = online(trace=watch)
    for _ in range(14):
        s = _closed_unread(nic, watch, port)
        s.read(10)
        s.close()
    for _ in range(14):
        s = peer(nic, port, "source", 100000, 1)  # the peer is still sending
        s.read(10)
        s.close()
    same(len(peer(nic, port, "source", _SIZE, 1).read()), _SIZE, "a new one")


def reset(port):
    """A peer that breaks off: the end or an error, at every method, and no hang."""
    nic = online()
    for i in range(4):
        s = peer(nic, port, "reset")
        try:
            same(s.recv(10), b"", "recv")
        except OSError as e:
            same(e.args[0] in (104, 103), True, repr(e))
        failing("EPIPE ECONNRESET ECONNABORTED ENOTCONN", s.write, b"x")
        s.close()


def closed(port):
    """After close() every method says EBADF, and close() itself nothing."""
    nic = online()
    udp = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
    for s in (peer(nic, port, "echo"), peer(nic, port, "source", _SIZE, 3), nic.socket(), udp):
        s.close()
        for _ in range(2):
            buf = bytearray(10)
            failing("EBADF", s.read)
            failing("EBADF", s.read, 10)
            failing("EBADF", s.readinto, buf)
            failing("EBADF", s.readline)
            failing("EBADF", s.recv, 10)
            failing("EBADF", s.recv_into, buf)
            failing("EBADF", s.recvfrom, 10)
            _all_fail(s, "EBADF")
            failing("EBADF", s.sendto, b"x", (HOST, port))
            failing("EBADF", s.connect, (HOST, port))
            for name, args in (("listen", (1,)), ("accept", ()), ("bind", ((HOST, 9),))):
                if hasattr(s, name):
                    failing("EBADF", getattr(s, name), *args)
            same(s.close(), None, "close")
    with peer(nic, port, "echo") as s:
        s.send(b"x")
        same(s.read(1), b"x", "in a with")
    failing("EBADF", s.read, 1)
    s = peer(nic, port, "echo")
    same(s.ioctl(4, 0), 0, "ioctl CLOSE")
    failing("EBADF", s.read, 1)
    s = peer(nic, port, "echo")
    s.setblocking(False)
    s.close()
    failing("EBADF", s.read, 1)


def at_the_end_waiting(port):
    """The end comes while a read waits for more: what came is given, then the end."""
    nic = online()
    data = peer(nic, port, "source", 100, 4).read()
    s = peer(nic, port, "source", 100, 4)
    same(s.read(60), data[:60], "read")
    same(s.read(60), data[60:], "the rest")
    same(s.read(60), b"", "the end")
    s.close()
    s = peer(nic, port, "source", 100, 4)
    buf = bytearray(150)
    same(s.readinto(buf), 100, "readinto")
    same(bytes(buf[:100]), data, "bytes")
    same(s.readinto(buf), 0, "the end")
    s.close()


if __name__ == "__main__":
    main(globals())
