"""The table of socket behaviours: non-blocking, time-out, and what each method accepts."""

import errno
import io
import time

from scenario import HOST, LIMIT, Refusals, digest, failing, main, noise, online, peer, same

_POLLIN, _POLLOUT, _POLLERR, _POLLHUP, _POLLNVAL = 1, 4, 8, 16, 32


def _no_data(s):
    buf = bytearray(10)
    same(s.read(10), None, "read(10)")
    same(s.read(), None, "read()")
    same(s.readinto(buf), None, "readinto")
    same(s.readinto(buf, 5), None, "readinto(buf, n)")
    same(s.readline(), None, "readline")
    failing("EAGAIN", s.recv, 10)
    failing("EAGAIN", s.recv_into, buf)
    failing("EAGAIN", s.recvfrom, 10)


def nothing_to_read(port, udp_port):
    """Non-blocking with nothing there: None from a stream's methods, EAGAIN from a socket's."""
    nic = online()
    s = peer(nic, port, "echo")
    s.setblocking(False)
    _no_data(s)
    same(s.ioctl(3, _POLLIN | _POLLOUT), _POLLOUT, "only writable")
    s.settimeout(0)
    _no_data(s)
    same(s.write(b"abc\ndef"), 7, "write")
    got = b""
    while len(got) < 7:
        got += s.read(10) or b""
    same(got, b"abc\ndef", "echo")
    _no_data(s)
    s.close()
    u = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
    u.connect((HOST, udp_port))
    u.setblocking(False)
    failing("EAGAIN", u.recv, 10)
    failing("EAGAIN", u.recvfrom, 10)
    failing("EAGAIN", u.recv_into, bytearray(5))
    same(u.readinto(bytearray(5)), None, "readinto")
    u.close()


def _poll_until(s, wanted):
    while True:
        flags = s.ioctl(3, wanted)
        if flags:
            return flags


def flags(port):
    """POLL answers the truth: readable only if a read gives something, writable likewise."""
    nic = online()
    s = peer(nic, port, "echo")
    s.setblocking(False)
    for i in range(20):
        same(_poll_until(s, _POLLOUT), _POLLOUT, "writable")
        same(s.send(b"%d" % i), len("%d" % i), "send")
        same(_poll_until(s, _POLLIN), _POLLIN, "readable")
        same(s.recv(10), b"%d" % i, "recv")
        same(s.ioctl(3, _POLLIN), 0, "no more")
    # Some bytes taken of what came: the rest is still there, whatever the module says.
    s.send(b"abcdef")
    _poll_until(s, _POLLIN)
    for i in range(6):
        same(_poll_until(s, _POLLIN), _POLLIN, "readable")
        same(s.recv(1), b"abcdef"[i : i + 1], "recv(1)")
    same(s.ioctl(3, _POLLIN), 0, "no more")
    s.close()
    same(s.ioctl(3, _POLLIN | _POLLOUT) & _POLLNVAL, _POLLNVAL, "closed")


def requests(port):
    """ioctl: a negative number for what it does not know; IOBase comes first."""
    nic = online()
    s = peer(nic, port, "echo")
    assert isinstance(s, io.IOBase)
    if hasattr(type(s), "__bases__"):
        kind = type(s)
        while len(kind.__bases__) and kind is not io.IOBase:  # the first of each
            kind = kind.__bases__[0]
        assert kind is io.IOBase
    for request in (0, 1, 2, 6, 7, 8, 9, 10, 11, 99):
        assert s.ioctl(request, 0) < 0, request
    s.send(b"x")
    same(s.recv(1), b"x", "still alive")
    s.close()


def _timed(ms, call, *args):
    start = time.ticks_ms()
    failing("ETIMEDOUT", call, *args)
    took = time.ticks_diff(time.ticks_ms(), start)
    assert took >= ms - 1, "%d ms instead of %d" % (took, ms)


def timeouts(port, udp_port):
    """ETIMEDOUT from every method that reads, never before its time; and data still flows."""
    nic = online()
    s = peer(nic, port, "echo")
    buf = bytearray(10)
    for seconds, ms in ((0.1, 100), (0.25, 250)):
        s.settimeout(seconds)
        _timed(ms, s.read, 10)
        _timed(ms, s.read)
        _timed(ms, s.readinto, buf)
        _timed(ms, s.readline)
        _timed(ms, s.recv, 10)
        _timed(ms, s.recv_into, buf)
        _timed(ms, s.recvfrom, 10)
    s.settimeout(LIMIT)
    s.sendall(b"after all")
    same(s.read(9), b"after all", "echo")
    s.close()
    u = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
    u.connect((HOST, udp_port))
    u.settimeout(0.1)
    _timed(100, u.recv, 10)
    _timed(100, u.recvfrom, 10)
    u.close()


def partial(port):
    """A time-out in the middle of a read(n) loses nothing."""
    s = peer(online(), port, "echo")
    s.settimeout(0.2)
    out = bytes(noise(3000, 6))
    s.sendall(out)
    got = b""
    while len(got) < len(out):  # the last time there is less than is asked for
        try:
            got += s.read(2000)
        except OSError as e:
            same(e.args[0], errno.ETIMEDOUT, "time-out")
    same(got == out, True, "what was read: %d bytes" % len(got))
    s.sendall(b"no newline")
    got = b""
    while len(got) < 10:
        try:
            got += s.readline()
        except OSError as e:
            same(e.args[0], errno.ETIMEDOUT, "time-out")
    same(got, b"no newline", "readline")
    s.close()


def _fill(s, block, full):
    """Write blocks until no more can be taken; how many bytes were."""
    total = 0
    while not full():
        n = s.write(block)
        if n:
            total += n
        else:
            time.sleep_ms(1)
    return total


def _stream(block, total):
    whole = bytearray()
    while len(whole) < total:
        whole += block
    return whole[:total]


def full_nonblocking(port):
    """A peer that reads nothing: None from write, EAGAIN from send; all taken bytes arrive."""
    refusals = Refusals()
    nic = online(trace=refusals)
    s = peer(nic, port, "stuck")
    s.setblocking(False)
    block = bytes(noise(1009, 7))
    # Whole blocks only, so that what was sent is known by its length.
    total = _fill(s, block, refusals.full)
    same(total % 1009, 0, "writes are taken whole up to an exchange")
    same(s.write(b"x"), None, "write")
    failing("EAGAIN", s.send, b"x")
    failing("EAGAIN", s.sendall, b"x")
    same(s.ioctl(3, _POLLOUT), 0, "not writable")
    _release(nic, port)
    while not s.ioctl(3, _POLLOUT):
        time.sleep_ms(1)
    same(s.write(b"end"), 3, "write")
    s.setblocking(True)
    s.close()
    print(total + 3, digest(_stream(block, total) + b"end"))


def _release(nic, port):
    r = peer(nic, port, "release")
    same(r.readline(), b"ok\n", "release")
    r.close()


def full_timeout(port):
    """A peer that reads nothing: ETIMEDOUT; what the counts said was taken arrives, once."""
    refusals = Refusals()
    nic = online(trace=refusals)
    s = peer(nic, port, "stuck")
    s.settimeout(0.3)
    block = bytes(noise(10007, 8))
    sent = bytearray()
    while not refusals.full():
        start = time.ticks_ms()
        try:
            n = s.send(block)
        except OSError as e:
            same(e.args[0], errno.ETIMEDOUT, "time-out")
            took = time.ticks_diff(time.ticks_ms(), start)
            assert took >= 299, took
        else:
            sent += block[:n]
    # A single byte might still find room.
    _timed(300, s.write, block)
    _release(nic, port)
    s.settimeout(None)
    s.sendall(b"end")
    s.close()
    print(len(sent) + 3, digest(sent + b"end"))


def full_blocking_switch(port):
    """What a non-blocking write took over goes out even if the program only closes then."""
    nic = online()
    s = peer(nic, port, "stuck")
    s.setblocking(False)
    block = bytes(noise(997, 9))
    sent = bytearray()
    for _ in range(40):
        n = s.write(block)
        sent += block[: n or 0]
    s.close()
    _release(nic, port)
    print(len(sent), digest(sent))


def forms(port):
    """write takes str, (buf, n), (buf, off, n); read and recv as a socket's own."""
    s = peer(online(), port, "echo")
    data = bytes(noise(6000, 10))
    same(s.write("str"), 3, "str")
    same(s.write("\u00e4"), 2, "a str is UTF-8")
    same(s.write(data, 10), 10, "(buf, n)")
    same(s.write(data, 100, 50), 50, "(buf, off, n)")
    same(s.write(bytearray(b"array")), 5, "bytearray")
    same(s.write(memoryview(data)[5:9]), 4, "memoryview")
    same(s.send(b""), 0, "send nothing")
    same(s.write(b""), 0, "write nothing")
    want = b"str\xc3\xa4" + data[:10] + data[100:150] + b"array" + data[5:9]
    same(s.read(len(want)), want, "echo")
    same(s.sendall(data), None, "sendall")
    same(s.read(6000) == data, True, "a blocking read(n) waits for all")
    s.sendall(data)
    buf = bytearray(6000)
    same(s.readinto(buf), 6000, "readinto waits for all")
    same(buf == data, True, "bytes")
    s.sendall(data)
    same(s.readinto(buf, 4500), 4500, "readinto(buf, n)")
    same(buf[:4500] == data[:4500], True, "bytes")
    same(s.read(1500) == data[4500:], True, "the rest")
    s.sendall(b"one\ntwo\nthree")
    same(s.readline(), b"one\n", "readline")
    same(s.recv(3), b"two", "recv")
    same(s.readline(), b"\n", "readline")
    same(s.recv_into(buf, 2), 2, "recv_into(buf, n)")
    same(bytes(buf[:2]), b"th", "bytes")
    same(s.read(0), b"", "read(0)")
    same(s.read(3), b"ree", "read")
    s.sendall(b"long" * 500 + b"\n")
    same(s.readline(), b"long" * 500 + b"\n", "a long line")
    s.close()


if __name__ == "__main__":
    main(globals())
