"""What a page over HTTP costs, and what a small program loads."""

import binascii
import hashlib
import sys

import board
import quectel
from scenario import HOST, attach, digest, main, online, same

_PAGE = 100000
_FACE = "at errors socket stream connection staging fields output module nic".split()
_FACE += ["opening", "dialects", "dialects.bg95"]


def _get(nic, port):
    s = nic.socket()
    s.connect((HOST, port))
    s.write(b"GET / HTTP/1.0\r\n")
    s.write(b"Host: here\r\n\r\n")
    return s


def _by_recv_into(s):
    buf = bytearray(4096)
    data = bytearray()
    while True:
        n = s.recv_into(buf)
        if not n:
            return bytes(data)
        data += buf[:n]


def _by_read(s):
    return s.read()


def _by_recv(s):
    data = bytearray()
    while True:
        piece = s.recv(4096)
        if not piece:
            return bytes(data)
        data += piece


def _by_readline(s):
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += s.readline()
    return head + s.read(_PAGE)


_WAYS = {
    "recv_into": _by_recv_into,
    "read": _by_read,
    "recv": _by_recv,
    "readline": _by_readline,
}


def cost(port, way):
    """Fetch a page; print the digest of its body, then how many AT+QIRD it took."""
    lines = []
    nic = online(trace=lines.append)
    s = _get(nic, port)
    head, _, body = _WAYS[way](s).partition(b"\r\n\r\n")
    same(head.startswith(b"HTTP/1.0 200 OK"), True, "head")
    same(len(body), _PAGE, "body")
    s.close()
    print(digest(body))
    print(len([line for line in lines if "AT+QIRD=" in line and line[0] == ">"]))


def by_line(host, port):
    """Fetch a page line by line, as the README's first program does; print its status, and the
    digest of its body."""
    s = online().socket()
    s.connect((host, port))
    s.write("GET / HTTP/1.0\r\nHost: %s\r\n\r\n" % host)
    print(s.readline().decode().strip())
    while s.readline() != b"\r\n":
        pass
    body = hashlib.sha256()
    while True:
        line = s.readline()
        if not line:
            break
        body.update(line)
    s.close()
    print(binascii.hexlify(body.digest()).decode())


def _loaded():
    return sorted(name[8:] for name in sys.modules if name.startswith("quectel."))


def _beyond_face():
    return [name for name in _loaded() if name not in _FACE]


def loads(port):
    """Nothing is loaded that a TCP client does not need, until it is asked for."""
    print("imported:", " ".join(_loaded()))
    nic = quectel.BG95S5(board.uart())
    same([], _beyond_face(), "made")
    nic.active(True)
    attach(nic)
    s = _get(nic, port)
    _by_read(s)
    s.close()
    same([], _beyond_face(), "used")
    nic.command("AT+CSQ")
    assert _beyond_face(), "a service is a file of its own"


if __name__ == "__main__":
    main(globals())
