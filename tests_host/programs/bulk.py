"""Much data each way over TCP, by every pair of methods; prints the digests of what went."""

import hashlib
import select
import sys
import time

from scenario import digest, main, noise, online, peer, same

_POLLIN, _POLLOUT = 1, 4
_MICROPYTHON = sys.implementation.name == "micropython"


def _send_by_send(s, data):
    view = memoryview(data)
    sent = 0
    while sent < len(data):
        sent += s.send(view[sent : sent + 4096])


def _send_by_write(s, data):
    view = memoryview(data)
    sent = 0
    while sent < len(data):
        sent += s.write(view[sent : sent + 3000])


def _send_by_sendall(s, data):
    s.sendall(data)


def _receive_into(s, count):
    """recv_into a buffer that grows no more, as long as something comes."""
    data = bytearray(count)
    view = memoryview(data)
    got = 0
    while got < count:
        n = s.recv_into(view[got : got + 4096])
        if not n:
            break
        got += n
    same(got, count, "received")
    return data


def _receive_readinto(s, count):
    data = bytearray(count)
    view = memoryview(data)
    for at in range(0, count, 5000):
        want = min(5000, count - at)
        same(s.readinto(view[at : at + want]), want, "readinto of a blocking socket")
    return data


def _receive_recv(s, count):
    digest_ = hashlib.sha256()
    got = 0
    while got < count:
        data = s.recv(2000)
        if not data:
            break
        digest_.update(data)
        got += len(data)
    same(got, count, "received")
    return digest_


_WAYS = {
    "send": (_send_by_send, _receive_into),
    "write": (_send_by_write, _receive_readinto),
    "sendall": (_send_by_sendall, _receive_recv),
}


def there(port, way, count):
    """All `count` bytes to the peer."""
    s = peer(online(), port, "sink", count)
    data = noise(count, 1)
    _WAYS[way][0](s, data)
    same(s.readline().decode().strip(), digest(data), "the peer's digest")
    s.close()


def back(port, way, count):
    """All `count` bytes from the peer, then the end; prints the digest."""
    s = peer(online(), port, "source", count, 77)
    data = _WAYS[way][1](s, count)
    if isinstance(data, bytearray):
        print(digest(data))
    else:
        print("".join("%02x" % b for b in data.digest()))
    same(s.recv(10), b"", "the end")
    s.close()


class _Poll:
    """select.poll; on CPython, whose poll wants file descriptors, the ioctl that it would call."""

    def __init__(self, s, flags):
        self._socket = s
        self._flags = flags
        if _MICROPYTHON:
            self._poll = select.poll()
            self._poll.register(s, flags)

    def wait(self):
        """The flags, as soon as there are any."""
        if _MICROPYTHON:
            return self._poll.poll()[0][1]
        while True:
            flags = self._socket.ioctl(3, self._flags)
            if flags:
                return flags
            time.sleep_ms(0)

    def want(self, flags):
        """Ask for these from now on."""
        self._flags = flags
        if _MICROPYTHON:
            self._poll.modify(self._socket, flags)


def polled(port, count):
    """Both ways at once on a non-blocking socket, as poll says that it can."""
    s = peer(online(), port, "duplex", count, 77)
    s.setblocking(False)
    out = noise(count, 2)
    back = bytearray(count + 65)  # the digest of what we sent, and a newline
    out_view = memoryview(out)
    back_view = memoryview(back)
    sent = got = 0
    poll = _Poll(s, _POLLIN | _POLLOUT)
    while got < len(back):
        flags = poll.wait()
        if flags & _POLLIN:
            n = s.recv_into(back_view[got : got + 4096])
            assert n, "the end came too early"
            got += n
        if flags & _POLLOUT and sent < count:
            # What is writable takes at least a byte.
            n = s.send(out_view[sent : sent + 4096])
            assert n, "writable, but took nothing"
            sent += n
            if sent == count:
                poll.want(_POLLIN)
        assert not flags & ~(_POLLIN | _POLLOUT), flags
    same(bytes(back[count:]).decode().strip(), digest(out), "the peer's digest")
    print(digest(back_view[:count]))
    s.close()


if __name__ == "__main__":
    main(globals())
