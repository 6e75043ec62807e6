"""TLS without waiting: non-blocking sessions under select.poll, as an event loop drives them."""

import select

from scenario import digest, main, noise, online, same
from tls_session import raw, session


def _poller(w):
    poller = select.poll()
    poller.register(w, select.POLLIN)
    return poller


def _wait(poller, w, events):
    poller.modify(w, events)
    return poller.poll()[0][1]


def _write(poller, w, data):
    view = memoryview(data)
    sent = 0
    while sent < len(data):
        _wait(poller, w, select.POLLOUT)
        n = w.write(view[sent : sent + 2000])
        sent += n or 0


def _read(poller, w, count):
    data = b""
    while len(data) < count:
        _wait(poller, w, select.POLLIN)
        piece = w.read(count - len(data))
        if piece == b"":
            break
        data += piece or b""
    return data


def _opened(nic, port, trusted):
    s = raw(nic, port)
    s.setblocking(False)
    w = session(s, trusted, handshake=False)
    w.setblocking(False)
    # The handshake is made by the first calls, as they find the line ready.
    return w


def rounds(port, trusted, count):
    """Questions and answers, each waited for with poll."""
    nic = online()
    w = _opened(nic, port, trusted)
    poller = _poller(w)
    _write(poller, w, b"echo\n")
    for i in range(count):
        text = b"question %d" % i
        _write(poller, w, text)
        same(_read(poller, w, len(text)), text, "answer")
        same(w.read(10), None, "nothing more")
        same(poller.poll(0), [], "and poll says so")
    w.close()


def several(port, trusted, count):
    """Three sessions under one poller, each at its own place."""
    nic = online()
    sessions = [_opened(nic, port, trusted) for _ in range(3)]
    poller = select.poll()
    data = [bytes(noise(count, i)) for i in range(3)]
    for w, bytes_ in zip(sessions, data):
        _write(_poller(w), w, b"echo\n")
        _write(_poller(w), w, bytes_)
        poller.register(w, select.POLLIN)
    got = {id(w): b"" for w in sessions}
    while any(len(piece) < count for piece in got.values()):
        for w, _ in poller.poll():
            got[id(w)] += w.read(1000) or b""
    for w, bytes_ in zip(sessions, data):
        same(got[id(w)] == bytes_, True, "what came back")
        w.close()


def back(port, trusted, count, seed):
    """`count` bytes from the peer as poll finds them; prints their digest."""
    nic = online()
    w = _opened(nic, port, trusted)
    poller = _poller(w)
    _write(poller, w, b"source %d %d\n" % (count, seed))
    data = _read(poller, w, count)
    same(len(data), count, "received")
    flags = _wait(poller, w, select.POLLIN)
    assert flags & select.POLLIN, flags
    same(w.read(1), b"", "the end")
    w.close()
    print(digest(data))


if __name__ == "__main__":
    main(globals())
