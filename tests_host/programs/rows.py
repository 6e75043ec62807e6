"""Every row of the table of socket behaviours as a transcript, of our sockets or the port's own.

Prints one line for each method tried: its result, or its error by name. recv_into is not among
them: the unix port's sockets have none.
"""

import errno
import select

from scenario import HOST, main, online

_NAMES = {
    getattr(errno, name): name
    for name in dir(errno)
    if name[:1] == "E" and isinstance(getattr(errno, name), int)
}
_NAMES.update({32: "EPIPE", 106: "EISCONN"})

_POLLIN, _POLLOUT = 1, 4


def _try(row, name, call, *args):
    try:
        result = repr(call(*args))
    except OSError as e:
        result = "OSError " + _NAMES.get(e.args[0], str(e.args[0]))
    print("%s: %s: %s" % (row, name, result))


def _reads(row, s):
    buf = bytearray(10)
    _try(row, "read(10)", s.read, 10)
    _try(row, "read()", s.read)
    _try(row, "readinto", s.readinto, buf)
    _try(row, "readinto(buf, n)", s.readinto, buf, 4)
    _try(row, "readline", s.readline)
    _try(row, "recv", s.recv, 10)


def _writes(row, s):
    buf = bytearray(10)
    _try(row, "write", s.write, b"x")
    _try(row, "write(buf, n)", s.write, buf, 5)
    _try(row, "send", s.send, b"x")


def _wait(s, flags):
    poll = select.poll()
    poll.register(s, flags)
    while True:
        for _, got in poll.poll(1000):
            return got & flags


def _nothing_to_read(make, port):
    s = make(port, b"echo\n")
    s.setblocking(False)
    _reads("nothing", s)
    s.settimeout(0)
    _try("nothing", "recv after settimeout(0)", s.recv, 1)
    s.write(b"line\nrest")
    _wait(s, _POLLIN)  # so few bytes come in one piece
    _try("something", "readline", s.readline)
    _try("something", "read(10)", s.read, 10)
    _try("something", "read(10) again", s.read, 10)
    s.close()


def _time_over(make, port):
    s = make(port, b"echo\n")
    s.settimeout(0.1)
    _reads("time over", s)
    s.close()


def _peer_closed(make, port):
    s = make(port, b"say 616263 3\n")
    _try("peer closed", "read(2)", s.read, 2)
    _try("peer closed", "read(10)", s.read, 10)
    _reads("peer closed", s)
    _reads("peer closed again", s)
    s.setblocking(False)
    _reads("peer closed, non-blocking", s)
    s.close()


def _closed_here(make, port):
    s = make(port, b"echo\n")
    s.close()
    _reads("closed", s)
    _writes("closed", s)
    _try("closed", "close", s.close)
    _try("closed", "connect", s.connect, make.address(port))


def _forms(make, port):
    s = make(port, b"echo\n")
    _try("forms", "write str", s.write, "text")
    _try("forms", "write(buf, n)", s.write, b"0123456789", 3)
    _try("forms", "write(buf, off, n)", s.write, b"0123456789", 5, 2)
    _try("forms", "send", s.send, b"sent")
    _try("forms", "write nothing", s.write, b"")
    _try("forms", "read(13)", s.read, 13)
    _try("forms", "read(0)", s.read, 0)
    s.write(b"one\ntwo\nthree")
    _try("forms", "readline", s.readline)
    _try("forms", "readline", s.readline)
    buf = bytearray(9)
    _try("forms", "readinto(buf, 5)", s.readinto, buf, 5)
    print("forms: buf:", bytes(buf))
    _try("forms", "setsockopt", s.setsockopt, 1, 2, 1)
    s.close()


def _connects(make, port, refusing):
    _try("connect", "refused", make, refusing, b"")
    s = make.fresh()
    s.setblocking(False)
    _try("connect", "non-blocking", s.connect, make.address(port))
    print("connect: writable:", _wait(s, _POLLOUT) == _POLLOUT)
    _try("connect", "write", s.write, b"echo\nhello")
    s.setblocking(True)
    _try("connect", "read(5)", s.read, 5)
    s.close()
    s = make.fresh()
    s.setblocking(False)
    try:
        s.connect(make.address(refusing))
    except OSError as e:
        # A kernel may know at once on loopback; the module needs its answer.
        if e.args[0] != errno.EINPROGRESS:
            print("connect: at once:", _NAMES.get(e.args[0]))
    _wait(s, _POLLIN | _POLLOUT)
    _try("connect", "recv after a failed one", s.recv, 1)
    s.close()


class _Make:
    """Makes connected sockets of a module `socket`."""

    def __init__(self, module):
        self._module = module

    def address(self, port):
        """What connect takes."""
        return self._module.getaddrinfo(HOST, port)[0][-1]

    def fresh(self):
        """A socket that is not connected."""
        return self._module.socket()

    def __call__(self, port, first):
        s = self.fresh()
        s.connect(self.address(port))
        if first:
            s.write(first)
        return s


def _transcript(module, port, refusing):
    make = _Make(module)
    _nothing_to_read(make, port)
    _time_over(make, port)
    _peer_closed(make, port)
    _closed_here(make, port)
    _forms(make, port)
    _connects(make, port, refusing)


def ours(port, refusing):
    """Over the virtual module."""
    _transcript(online(), port, refusing)


def native(port, refusing):
    """Over the port's own sockets."""
    import socket

    _transcript(socket, port, refusing)


if __name__ == "__main__":
    main(globals())
