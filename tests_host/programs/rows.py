"""Every method of a socket in every state, as a transcript, of our sockets or the port's own.

Prints `state: call: result` for each one tried; an error by its name, an address only as whether
it is the right one. Each call has a fresh socket in that state, unless that is dear to make.
"""

import errno
import select

from scenario import HOST, LIMIT, Refusals, main, online

_NAMES = {
    getattr(errno, name): name
    for name in dir(errno)
    if name[:1] == "E" and isinstance(getattr(errno, name), int)
}
_NAMES.update({32: "EPIPE", 106: "EISCONN", 101: "ENETUNREACH", 89: "EDESTADDRREQ"})
_NAMES.update({90: "EMSGSIZE"})

_IN, _OUT = 1, 4
_FLAGS = ((1, "IN"), (4, "OUT"), (8, "ERR"), (16, "HUP"), (32, "NVAL"))
_SHORT = 0.02  # seconds of the states in which a time-out ends every call
_MSG_PEEK = 2


def _show(state, name, call, *args):
    try:
        result = call(*args)
        text = result if isinstance(result, str) else repr(result)
    except OSError as e:
        text = "OSError " + _NAMES.get(e.args[0], str(e.args[0]))
    except (AttributeError, TypeError, ValueError) as e:
        text = type(e).__name__
    print("%s: %s: %s" % (state, name, text))


class _Make:
    """Makes sockets of a module `socket`, and knows the peers."""

    def __init__(self, module, full, ports):
        self.module = module
        self.full = full  # whether a peer's buffers are, once nothing has been taken for a while
        self.echo, self.udp, self.refusing, self.unanswering, self.own = ports

    def address(self, port):
        """What connect takes."""
        return self.module.getaddrinfo(HOST, port)[0][-1]

    def any_address(self, port):
        """What bind takes."""
        return self.module.getaddrinfo("0.0.0.0", port)[0][-1]

    def tcp(self):
        """A TCP socket that is not connected."""
        return self.module.socket()

    def datagram(self):
        """A UDP socket without a peer."""
        return self.module.socket(self.module.AF_INET, self.module.SOCK_DGRAM)

    def peer(self, first):
        """A socket to the TCP peer, which has been told what to do."""
        s = self.tcp()
        s.connect(self.address(self.echo))
        s.write(first)
        return s


# ---- polling ----


def _wait(s, flags):
    poll = select.poll()
    poll.register(s, flags)
    while True:
        for event in poll.poll(1000):
            return event[1]


def _named(flags):
    return "+".join(name for flag, name in _FLAGS if flags & flag) or "nothing"


def _polled(s, flags):
    poll = select.poll()
    poll.register(s, flags)
    got = [event[1] for event in poll.poll(0)]
    again = [event[1] for event in poll.ipoll(0)]
    assert got == again, (got, again)
    return _named(got[0] if got else 0)


# ---- the calls ----


def _filled(method, s, *args):
    # What a reading method put into a buffer, with its result.
    buf = bytearray(6)
    result = getattr(s, method)(buf, *args)
    return "%r, %r" % (result, bytes(buf))


def _from(s, make, wanted):
    data, address = s.recvfrom(10)
    return "%r%s" % (data, "" if address == make.address(wanted) else ", another address")


def _accepted(s):
    client, _ = s.accept()
    client.close()
    return "a socket and its address"


def _entered(s):
    with s as same:
        return "itself" if same is s else "another"


def _file(s):
    made = s.makefile("rwb")
    return "itself" if made is s else "another"


_BUF = b"0123456789"
_POLLS = (
    ("poll", lambda s, make: _polled(s, 0)),
    ("poll IN", lambda s, make: _polled(s, _IN)),
    ("poll OUT", lambda s, make: _polled(s, _OUT)),
    ("poll IN|OUT", lambda s, make: _polled(s, _IN | _OUT)),
)
_READS = (
    ("read(0)", lambda s, make: s.read(0)),
    ("read(6)", lambda s, make: s.read(6)),
    ("read(90)", lambda s, make: s.read(90)),
    ("read()", lambda s, make: s.read()),
    ("readinto(buf)", lambda s, make: _filled("readinto", s)),
    ("readinto(buf, 4)", lambda s, make: _filled("readinto", s, 4)),
    ("readinto(buf, 90)", lambda s, make: _filled("readinto", s, 90)),
    ("readline()", lambda s, make: s.readline()),
    ("recv(3)", lambda s, make: s.recv(3)),
    ("recv(90)", lambda s, make: s.recv(90)),
    ("recv(90, MSG_PEEK)", lambda s, make: s.recv(90, _MSG_PEEK)),
    ("recv_into(buf)", lambda s, make: _filled("recv_into", s)),
    ("recv_into(buf, 4)", lambda s, make: _filled("recv_into", s, 4)),
    ("recvfrom(10)", lambda s, make: s.recvfrom(10)[0]),
)
_WRITES = (
    ("write(bytes)", lambda s, make: s.write(b"x")),
    ("write(str)", lambda s, make: s.write("text")),
    ("write(buf, 3)", lambda s, make: s.write(_BUF, 3)),
    ("write(buf, 90)", lambda s, make: s.write(_BUF, 90)),
    ("write(buf, 5, 2)", lambda s, make: s.write(_BUF, 5, 2)),
    ("write(buf, 5, 90)", lambda s, make: s.write(_BUF, 5, 90)),
    ("write(buf, 90, 2)", lambda s, make: s.write(_BUF, 90, 2)),
    ("write(b'')", lambda s, make: s.write(b"")),
    ("send(bytes)", lambda s, make: s.send(b"x")),
    ("send(str)", lambda s, make: s.send("text")),
    ("send(b'')", lambda s, make: s.send(b"")),
    ("sendall(bytes)", lambda s, make: s.sendall(b"x")),
)
_OPENS = (
    ("sendto", lambda s, make: s.sendto(b"x", make.address(make.udp))),
    ("connect", lambda s, make: s.connect(make.address(make.echo))),
    ("bind", lambda s, make: s.bind(make.any_address(make.own))),
    ("listen", lambda s, make: s.listen()),
    ("listen(1)", lambda s, make: s.listen(1)),
    ("accept", lambda s, make: _accepted(s)),
)
_SETS = (
    ("setblocking(True)", lambda s, make: s.setblocking(True)),
    ("setblocking(False)", lambda s, make: s.setblocking(False)),
    ("settimeout(None)", lambda s, make: s.settimeout(None)),
    ("settimeout(0)", lambda s, make: s.settimeout(0)),
    ("settimeout(0.5)", lambda s, make: s.settimeout(0.5)),
    ("settimeout(2)", lambda s, make: s.settimeout(2)),
    ("setsockopt", lambda s, make: s.setsockopt(make.module.SOL_SOCKET, 2, 1)),
    ("makefile", lambda s, make: _file(s)),
    ("with", lambda s, make: _entered(s)),
    ("fileno", lambda s, make: "a number" if s.fileno() > 2 else "none"),
    ("close", lambda s, make: s.close()),
)
_USES = _POLLS + _READS + _WRITES
_ALL = _USES + _OPENS + _SETS


def _each(state, make, fresh, calls):
    for name, call in calls:
        s = fresh(make)
        _show(state, name, call, s, make)
        _end(s)


def _end(s):
    try:
        s.setblocking(True)  # so that the next one finds the module at rest
    except OSError:
        pass
    s.close()


def _same(state, make, s, calls):
    for name, call in calls:
        _show(state, name, call, s, make)


# ---- states of a TCP client ----


def _with_timeout(s, seconds):
    s.settimeout(seconds)
    return s


def _never(make):
    return make.tcp()


def _never_nonblocking(make):
    return _with_timeout(make.tcp(), 0)


def _begun(make, port):
    s = _never_nonblocking(make)
    try:
        s.connect(make.address(port))
    except OSError as e:
        # A kernel may know at once on loopback; the module needs its answer.
        assert e.args[0] in (errno.EINPROGRESS, errno.ECONNREFUSED), e
    return s


def _refused(make):
    s = make.tcp()
    try:
        s.connect(make.address(make.refusing))
    except OSError:
        return _with_timeout(s, LIMIT)
    raise AssertionError("connected")


def _refused_later(make):
    s = _begun(make, make.refusing)
    _wait(s, _IN | _OUT)
    return s


def _open(make, seconds):
    s = make.peer(b"echo\n")
    _wait(s, _OUT)
    return _with_timeout(s, seconds)


def _with_data(make, seconds):
    s = make.peer(b"echo\none\ntwo")
    _wait(s, _IN)  # so few bytes come in one piece
    return _with_timeout(s, seconds)


def _ended_unread(make):
    # The peer has said all and closed: the rest is read without a wait.
    s = make.peer(b"say 7a6f6e650a74776f 9\n")
    s.read(1)
    _wait(s, _IN)
    return _with_timeout(s, LIMIT)


def _ended(make, seconds=0):
    s = make.peer(b"say 7a 1\n")
    s.read()
    return _with_timeout(s, seconds)


def _reset(make):
    s = make.peer(b"reset\n")
    _wait(s, _IN)
    return s


def _closed(make):
    s = make.peer(b"echo\n")
    s.close()
    return s


def _full(make):
    s = make.peer(b"stuck\n")
    s.setblocking(False)
    poll = select.poll()
    poll.register(s, _OUT)
    taken = True
    while taken or not make.full():
        taken = False
        while poll.poll(1000):
            s.write(bytes(16384))
        for size in (16384, 1):  # a kernel has a little more room than it tells
            while s.write(bytes(size)):
                taken = True
    return s


def _clients(make):
    _each("never connected", make, _never, _ALL)
    _each("never connected, non-blocking", make, _never_nonblocking, _ALL)
    s = _begun(make, make.unanswering)
    _same("connecting, non-blocking", make, s, _ALL)
    s.close()
    _each("refused", make, _refused, _ALL)
    _each("refused, non-blocking", make, _refused_later, _ALL)
    _each("nothing there, non-blocking", make, lambda make: _open(make, 0), _ALL)
    _each("nothing there, time-out", make, lambda make: _open(make, _SHORT), _POLLS + _READS)
    _each("open, time-out", make, lambda make: _open(make, LIMIT), _WRITES + _OPENS)
    _each("data there, non-blocking", make, lambda make: _with_data(make, 0), _POLLS + _READS)
    _each("data there, time-out", make, lambda make: _with_data(make, _SHORT), _READS)
    _each("peer closed, data unread", make, _ended_unread, _READS)
    _each("peer closed, all read", make, _ended, _ALL)
    _each("peer closed, all read, blocking", make, lambda make: _ended(make, None), _USES)
    _each("connection broken by the peer", make, _reset, _POLLS + _READS)
    _each("closed", make, _closed, _ALL)
    s = _full(make)
    _same("peer does not read, non-blocking", make, s, _POLLS + _WRITES)
    s.settimeout(0.4)
    _same("peer does not read, time-out", make, s, _WRITES[:1] + _WRITES[8:9])
    s.setblocking(False)
    s.close()


# ---- dialogues of a TCP client ----


def _dialogue(make):
    s = make.peer(b"echo\n")
    _show("dialogue", "write(buf, 5, 2)", s.write, _BUF, 5, 2)
    _show("dialogue", "write(buf, 3)", s.write, _BUF, 3)
    _show("dialogue", "send(str)", s.send, "text")
    _show("dialogue", "read(9)", s.read, 9)
    s.write(b"one\ntwo\nthree")
    _show("dialogue", "readline", s.readline)
    _show("dialogue", "readline", s.readline)
    _show("dialogue", "recv(2, MSG_PEEK)", s.recv, 2, _MSG_PEEK)
    _show("dialogue", "readinto(buf, 5)", _filled, "readinto", s, 5)
    _show("dialogue", "connect again", s.connect, make.address(make.echo))
    s.close()
    _show("dialogue", "close again", s.close)


def _losing(make):
    # What a time-out in the middle leaves for the next call.
    for name, call in (
        ("read(90)", lambda s: s.read(90)),
        ("read()", lambda s: s.read()),
        ("readinto", lambda s: s.readinto(bytearray(90))),
        ("readline", lambda s: s.readline()),
    ):
        s = make.peer(b"echo\nhalf")
        s.settimeout(_SHORT)
        _wait(s, _IN)
        _show("time-out in the middle", name, call, s)
        s.settimeout(None)
        s.write(b"rest\n")
        _show("time-out in the middle", "readline after " + name, s.readline)
        s.close()


def _connects(make):
    _show("connect", "to an unknown name", _connect_to, make, "nowhere.invalid")
    s = _begun(make, make.echo)
    print("connect: writable when it is open:", _named(_wait(s, _OUT)))
    _show("connect", "then write", s.write, b"echo\nhello")
    s.setblocking(True)
    _show("connect", "then read(5)", s.read, 5)
    s.close()
    s = _refused(make)
    _show("connect", "once more after a refusal", s.connect, make.address(make.echo))
    s.write(b"echo\nhello")
    s.settimeout(None)
    _show("connect", "then read(5)", s.read, 5)
    s.close()
    s = _refused_later(make)
    _show("connect", "first call after a late refusal", s.recv, 1)
    _show("connect", "second call", s.recv, 1)
    s.close()
    s = _with_timeout(make.tcp(), _SHORT)
    _show("connect", "time-out over", s.connect, make.address(make.unanswering))
    s.close()


def _connect_to(make, host):
    address = make.module.getaddrinfo(host, 7)[0][-1]
    s = make.tcp()
    try:
        s.connect(address)
    finally:
        s.close()


# ---- servers ----


def _listener(make, seconds=None):
    s = make.tcp()
    s.setsockopt(make.module.SOL_SOCKET, make.module.SO_REUSEADDR, 1)
    s.bind(make.any_address(make.own))
    s.listen(1)
    return _with_timeout(s, seconds)


def _serves(make):
    server = _listener(make)
    client = make.tcp()
    client.connect(make.address(make.own))
    _wait(server, _IN)
    print("server: poll:", _polled(server, _IN | _OUT))
    served, _ = server.accept()
    client.write(b"ping\n")
    _show("server", "readline of the accepted", served.readline)
    _show("server", "write of the accepted", served.write, b"pong\n")
    _show("server", "readline of the client", client.readline)
    client.close()
    _show("server", "read after the client's close", served.read, 5)
    served.setblocking(False)
    _show("server", "accept of the accepted", served.accept)
    served.close()
    _show("server", "read of the accepted, closed", served.read, 5)
    server.setblocking(False)
    _show("server", "accept, nobody there", server.accept)
    server.close()
    _show("server", "accept, closed", server.accept)


def _servers(make):
    bound = lambda make: _bound(make, make.tcp())  # noqa: E731
    _each("bound", make, bound, _USES + _SETS)
    _each("listening, non-blocking", make, lambda make: _listener(make, 0), _ALL)
    _each("listening, time-out", make, lambda make: _listener(make, _SHORT), _READS + _OPENS)
    _serves(make)


def _bound(make, s):
    s.setsockopt(make.module.SOL_SOCKET, make.module.SO_REUSEADDR, 1)
    s.bind(make.any_address(make.own))
    return _with_timeout(s, _SHORT)


# ---- UDP ----


def _datagram_to(make, seconds):
    s = make.datagram()
    s.connect(make.address(make.udp))
    _wait(s, _OUT)
    return _with_timeout(s, seconds)


def _datagram_there(make):
    s = _datagram_to(make, None)
    s.send(b"one\ntwo")
    _wait(s, _IN)
    return _with_timeout(s, 0)


def _datagram_closed(make):
    s = _datagram_to(make, None)
    s.close()
    return s


def _datagrams(make):
    fresh = lambda make: _with_timeout(make.datagram(), 0)  # noqa: E731
    _each("UDP, no peer, non-blocking", make, fresh, _USES)
    fresh = lambda make: _with_timeout(make.datagram(), _SHORT)  # noqa: E731
    _each("UDP, no peer, time-out", make, fresh, _READS)
    fresh = lambda make: make.datagram()  # noqa: E731
    _each("UDP, no peer, blocking", make, fresh, _WRITES + _OPENS + _SETS)
    _each("UDP, nothing there, non-blocking", make, lambda make: _datagram_to(make, 0), _ALL)
    _each("UDP, nothing there, time-out", make, lambda make: _datagram_to(make, _SHORT), _READS)
    _each("UDP, data there, non-blocking", make, _datagram_there, _POLLS + _READS)
    _each("UDP, closed", make, _datagram_closed, _ALL)
    fresh = lambda make: _bound(make, make.datagram())  # noqa: E731
    _each("UDP, bound", make, fresh, _USES + _SETS)
    _exchanges(make)


def _exchanges(make):
    s = make.datagram()
    _show("UDP", "sendto", s.sendto, b"first", make.address(make.udp))
    _show("UDP", "recvfrom", _from, s, make, make.udp)
    _show("UDP", "connect", s.connect, make.address(make.udp))
    _show("UDP", "send", s.send, b"second")
    _show("UDP", "recv(3), the rest is gone", s.recv, 3)
    s.send(b"third")
    _show("UDP", "recv(90)", s.recv, 90)
    s.send(b"fourth")
    _show("UDP", "recvfrom", _from, s, make, make.udp)
    _show("UDP", "more than a datagram", s.send, bytes(70000))
    s.close()
    server = make.datagram()
    server.bind(make.any_address(make.own))
    s = make.datagram()
    s.sendto(b"ping", make.address(make.own))
    data, address = server.recvfrom(90)
    print("UDP: recvfrom of a server:", data)
    _show("UDP", "sendto of a server", server.sendto, b"pong", address)
    _show("UDP", "recvfrom of the client", _from, s, make, make.own)
    s.close()
    server.close()


def _transcript(module, full, ports):
    make = _Make(module, full, ports)
    _clients(make)
    _dialogue(make)
    _losing(make)
    _connects(make)
    _servers(make)
    _datagrams(make)
    release = make.peer(b"release\n")
    release.readline()
    release.close()


def ours(*ports):
    """Over the virtual module."""
    refusals = Refusals()
    _transcript(online(trace=refusals), refusals.full, ports)


def native(*ports):
    """Over the port's own sockets."""
    import socket

    _transcript(socket, lambda: True, ports)


if __name__ == "__main__":
    main(globals())
