"""Direct push mode, the module's notice of a full buffer, and the way from one mode to another."""

import errno
import hashlib
import time

import facts
from scenario import HOST, LIMIT, digest, main, noise, online, peer, same

_DECLARED = 4096  # bytes of SO_RCVBUF


def _declare(nic, s, size=_DECLARED):
    s.setsockopt(nic.SOL_SOCKET, nic.SO_RCVBUF, size)
    s.setsockopt(nic.SOL_QUECTEL, nic.ACCESS_MODE, nic.PUSH)
    return s


def _pushing(nic, port, *words, size=_DECLARED):
    s = _declare(nic, nic.socket(), size)
    s.connect((HOST, port))
    s.sendall(" ".join(str(word) for word in words).encode() + b"\n")
    return s


def _udp(nic, port):
    s = _declare(nic, nic.socket(nic.AF_INET, nic.SOCK_DGRAM))
    s.connect((HOST, port))
    s.settimeout(LIMIT)
    return s


def _stream(nic, port, count):
    """`count` bytes to an echo and back, never more under way than was declared."""
    s = _pushing(nic, port, "echo")
    same([row.access_mode for row in nic.netstat()], [1], "access mode")
    data = memoryview(noise(count, 11))
    there = hashlib.sha256()
    buf = bytearray(2048)
    at = size = 0
    while at < count:
        size = min(1 + (size * 31 + 17) % 2000, count - at)
        same(s.send(data[at : at + size]), size, "send")
        got = 0
        while got < size:
            n = s.recv_into(buf)
            assert n, "the end came too early"
            there.update(memoryview(buf)[:n])
            got += n
        at += size
    same("".join("%02x" % byte for byte in there.digest()), digest(data), "the bytes")
    same(s.lost, 0, "lost")
    s.close()


def _ending(nic, port):
    """All that came before the peer's end can be read after it."""
    for count in (0, 1, 100, _DECLARED):
        heard = []
        nic.on_urc('+QIURC: "closed"', heard.append)
        s = _pushing(nic, port, "source", count, 5)
        while not heard:
            nic.isconnected()
            time.sleep_ms(1)
        same(len(s.read()), count, "read to the end")
        same((s.recv(1), s.lost), (b"", 0), "the end, lost")
        s.close()


def lost(port, count):
    """What finds no room is counted to the byte; the front is there. Prints its length, digest."""
    nic = online()
    s = _pushing(nic, port, "source", count, 77, size=_DECLARED)
    while not s.lost:
        nic.isconnected()
        time.sleep_ms(1)
    front = s.recv(_DECLARED)
    same(0 < len(front) <= _DECLARED, True, "the front")
    rest = s.read()
    same(len(front) + len(rest) + s.lost, count, "read and lost")
    same(s.recv(1), b"", "the end")
    print(len(front), digest(front))
    s.close()


def _datagrams(nic, port):
    """Many lengths, alone and in queues: each one whole."""
    longest = facts.of(nic)["send"]
    s = _udp(nic, port)
    data = bytes(noise(2 * longest, 12))
    sizes = list(range(1, longest, 29)) + [longest]
    for size in sizes:
        s.send(data[size : 2 * size])
        back = s.recv(2000)
        if back != data[size : 2 * size]:
            raise AssertionError("of %d bytes %d came back" % (size, len(back)))
    for queue in ((1, 2, 3), (400, 1, 500, 512), (100,) * 10):
        for size in queue:
            s.send(data[:size])
        for size in queue:
            same(s.recv(2000) == data[:size], True, "of %d bytes" % size)
    s.send(data[:300])
    s.send(b"next")
    same(s.recv(10), data[:10], "the front of a datagram")
    same(s.recv(10), b"next", "after it")
    same(s.lost, 0, "lost")
    s.close()


def _switched(nic, port, udp_port):
    """From buffer mode to push mode and back, again and again, on one connection."""
    data = bytes(noise(3000, 13))
    s = nic.socket()
    s.connect((HOST, port))
    s.sendall(b"echo\n")
    s.setsockopt(nic.SOL_SOCKET, nic.SO_RCVBUF, _DECLARED)
    longest = facts.of(nic)["send"]
    u = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
    u.setsockopt(nic.SOL_SOCKET, nic.SO_RCVBUF, _DECLARED)
    u.connect((HOST, udp_port))
    u.settimeout(LIMIT)
    for mode in (0, 1, 0, 1, 1, 0):
        for each in (s, u):
            each.setsockopt(nic.SOL_QUECTEL, nic.ACCESS_MODE, mode)
        same([row.access_mode for row in nic.netstat()], [mode, mode], "access modes")
        s.sendall(data)
        same(s.read(len(data)) == data, True, "the bytes")
        for size in (1, 100, longest):
            u.send(data[:size])
            same(u.recv(2000) == data[:size], True, "the datagram of %d bytes" % size)
    same((s.lost, u.lost), (0, 0), "lost")
    s.close()
    u.close()


def _undeclared(nic, port):
    """Push mode wants a declared buffer."""
    s = nic.socket()
    try:
        s.setsockopt(nic.SOL_QUECTEL, nic.ACCESS_MODE, nic.PUSH)
    except OSError:
        pass
    else:
        raise AssertionError("push mode without a buffer")
    s = _pushing(nic, port, "echo")
    s.sendall(b"hello")
    same(s.read(5), b"hello", "echo")
    s.close()


def traffic(port, udp_port, count):
    """All that gets through whole."""
    nic = online()
    _undeclared(nic, port)
    _stream(nic, port, count)
    _ending(nic, port)
    _datagrams(nic, udp_port)
    _switched(nic, port, udp_port)


def hole(port, count):
    """Buffer mode: the module has dropped bytes of a stream and says "buff full". Prints how many
    bytes came before the error that tells of it, and their digest."""
    nic = online()
    s = peer(nic, port, "source", count, 77)
    got = bytearray()
    try:
        while True:
            piece = s.recv(1000)
            same(piece != b"", True, "an end of file")
            got.extend(piece)
    except OSError as e:
        same(e.args[0], errno.ECONNABORTED, str(e))
    same(s.lost > 0, True, "holes counted")
    print(len(got), digest(got))
    s.close()


def full(udp_port):
    """Buffer mode: of datagrams what came before "buff full" is there, and what comes after they
    have been read."""
    nic = online()
    heard = []
    nic.on_urc('+QIURC: "recv",0,"buff full"', heard.append)
    u = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
    u.connect((HOST, udp_port))
    u.settimeout(0.5)
    data = bytes(noise(512, 14))
    sent = 0
    while not heard:
        u.send(data[sent % 256 : 256 + sent % 256])
        sent += 1
        assert sent < 1000, "the buffer is never full"
    got = at = 0
    while True:
        try:
            back = u.recv(600)
        except OSError:
            u.send(b"after")  # all has been read, it seems: there is room
            continue
        if back == b"after":
            break
        # One that found no room is gone; its followers may have come when there was some.
        while at < sent and back != data[at % 256 : 256 + at % 256]:
            at += 1
        assert at < sent, "a datagram that was not sent, or again"
        at += 1
        got += 1
    same(1 < got < sent, True, "%d of %d datagrams" % (got, sent))
    u.close()


if __name__ == "__main__":
    main(globals())
