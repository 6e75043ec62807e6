"""connect: blocking and not, what fails and how, and names that would break a command line."""

import time

from scenario import HOST, failing, main, online, peer, raises, same

_POLLIN, _POLLOUT, _POLLERR, _POLLHUP = 1, 4, 8, 16


def _wait(s, wanted=_POLLIN | _POLLOUT):
    while True:
        flags = s.ioctl(3, wanted)
        if flags:
            return flags
        time.sleep_ms(1)


def nonblocking(port):
    """EINPROGRESS, then writable and open."""
    nic = online()
    for _ in range(3):
        s = nic.socket()
        s.setblocking(False)
        failing("EINPROGRESS", s.connect, (HOST, port))
        failing("EALREADY EINPROGRESS EISCONN", s.connect, (HOST, port))
        same(_wait(s), _POLLOUT, "flags")
        failing("EISCONN", s.connect, (HOST, port))
        same(s.write(b"echo\nhello"), 10, "write")
        s.setblocking(True)
        same(s.read(5), b"hello", "echo")
        s.close()


def opening(port, unanswering):
    """While it opens nothing is possible, and nothing is an error."""
    nic = online()
    s = nic.socket()
    s.setblocking(False)
    failing("EINPROGRESS", s.connect, (HOST, unanswering))
    for _ in range(50):
        failing("EALREADY EINPROGRESS", s.connect, (HOST, unanswering))
        same(s.read(1), None, "read")
        same(s.readinto(bytearray(1)), None, "readinto")
        same(s.write(b"x"), None, "write")
        failing("EAGAIN", s.recv, 1)
        failing("EAGAIN", s.recv_into, bytearray(1))
        failing("EAGAIN", s.send, b"x")
        same(s.ioctl(3, _POLLIN | _POLLOUT), 0, "flags")
    # Others are not held up by it.
    other = peer(nic, port, "echo")
    other.sendall(b"hello")
    same(other.read(5), b"hello", "echo")
    s.settimeout(0.2)
    failing("ETIMEDOUT", s.write, b"x")


def nonblocking_refused(port):
    """A failed one is told at the next call, whichever that is."""
    nic = online()

    def calls(s):
        buf = bytearray(4)
        return (
            (s.read, 4),
            (s.readinto, buf),
            (s.readline,),
            (s.recv, 4),
            (s.recv_into, buf),
            (s.write, b"x"),
            (s.send, b"x"),
            (s.sendall, b"x"),
        )

    for i in range(8):
        s = nic.socket()
        s.setblocking(False)
        failing("EINPROGRESS", s.connect, (HOST, port))
        flags = _wait(s)
        assert flags & (_POLLERR | _POLLHUP), flags
        call = calls(s)[i]
        e = failing("ECONNREFUSED", *call)
        same(e.code, 566, "code")
        s.close()


def nonblocking_blocking(port):
    """A socket made blocking while it opens waits for the end of that."""
    nic = online()
    s = nic.socket()
    s.setblocking(False)
    failing("EINPROGRESS", s.connect, (HOST, port))
    s.setblocking(True)
    s.sendall(b"echo\nhello")
    same(s.read(5), b"hello", "echo")
    s.close()


def close_while_opening(port, refusing, unanswering):
    """close() while the module still opens frees the number in the end."""
    nic = online()
    for to in (port, refusing, unanswering):
        for _ in range(3):
            s = nic.socket()
            s.setblocking(False)
            failing("EINPROGRESS", s.connect, (HOST, to))
            s.close()
            failing("EBADF", s.read, 1)
    s = peer(nic, port, "echo")
    s.sendall(b"hello")
    same(s.read(5), b"hello", "echo")
    s.close()


def refused(port, refusing):
    """Refused: a standard errno and the module's own code; nothing is used up by it."""
    nic = online()
    for _ in range(14):
        s = nic.socket()
        e = failing("ECONNREFUSED", s.connect, (HOST, refusing))
        same(e.code, 566, "code")
        assert e.args[1], "words"
        s.close()
    s = nic.socket()
    failing("ECONNREFUSED", s.connect, (HOST, refusing))
    # As with a kernel's socket another attempt may follow.
    s.connect((HOST, port))
    s.close()
    s.close()


def unknown(port):
    """A name that does not resolve."""
    nic = online()
    s = nic.socket()
    e = failing("EHOSTUNREACH ENOENT EIO", s.connect, ("nowhere.invalid", 80))
    same(e.code, 565, "code")
    s.close()
    s = peer(nic, port, "echo")
    s.close()


def named(port):
    """A name, the address that getaddrinfo gives, and resolve."""
    nic = online()
    s = nic.socket()
    address = nic.getaddrinfo("peer.example", port)[0][-1]
    same(address, ("peer.example", port), "unresolved")
    s.connect(address)
    s.sendall(b"echo\nhello")
    same(s.read(5), b"hello", "echo")
    s.close()
    assert nic.resolve("peer.example"), "an address"


def timeout(port, unanswering):
    """No answer within the socket's time-out; others go on meanwhile and afterwards."""
    nic = online()
    other = peer(nic, port, "echo")
    s = nic.socket()
    s.settimeout(0.3)
    start = time.ticks_ms()
    failing("ETIMEDOUT", s.connect, (HOST, unanswering))
    assert time.ticks_diff(time.ticks_ms(), start) >= 299
    other.sendall(b"hello")
    same(other.read(5), b"hello", "echo")
    s.close()
    for _ in range(10):
        peer(nic, port, "echo")
    other.sendall(b"again")
    same(other.read(5), b"again", "echo")


def unconnected(port):
    """What needs a connection says ENOTCONN before there is one."""
    nic = online()
    s = nic.socket()
    buf = bytearray(4)
    for call in (
        (s.read, 4),
        (s.readinto, buf),
        (s.readline,),
        (s.recv, 4),
        (s.recv_into, buf),
        (s.write, b"x"),
        (s.send, b"x"),
        (s.sendall, b"x"),
    ):
        failing("ENOTCONN", *call)
    s.connect((HOST, port))
    failing("EISCONN", s.connect, (HOST, port))
    s.close()
    nic.disconnect()
    same(nic.isconnected(), False, "isconnected")
    failing("ENETUNREACH", nic.socket().connect, (HOST, port))


def refused_text(port):
    """Text that would break out of a quoted parameter never reaches the line."""
    lines = []
    nic = online(trace=lines.append)
    del lines[:]

    def refuses(call, *args):
        try:
            call(*args)
        except ValueError:
            return
        raise AssertionError("%r was taken" % (args,))

    for bad in ('a"b', "a\rb", "a\nb", "a\x1ab", "a\x1bb", 'x",80\rAT+QIDEACT=1\r', "a\0b"):
        refuses(nic.socket().connect, (bad, 80))
        refuses(nic.connect, bad)
        refuses(nic.connect, "apn", bad, "key")
        refuses(nic.connect, "apn", "user", bad)
        refuses(nic.socket(nic.AF_INET, nic.SOCK_DGRAM).sendto, b"x", (bad, 80))
    refuses(nic.socket().connect, ("a" * 257, 80))
    for wrong in (0, -1, 65536):
        refuses(nic.socket().connect, (HOST, wrong))
    same(lines, [], "sent")
    same(nic.isconnected(), True, "isconnected")
    peer(nic, port, "echo").close()
    assert raises("ENOTCONN")


if __name__ == "__main__":
    main(globals())
