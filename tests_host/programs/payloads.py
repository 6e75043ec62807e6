"""Bytes that look like what the module itself says, from the peer and to the peer."""

import binascii

from scenario import HOST, main, online, peer, same

_ALL = bytes(range(256))
PAYLOADS = (
    b"\r\nOK\r\n",
    b'+QIURC: "closed",0',
    b'\r\n+QIURC: "closed",0\r\n',
    b'\r\n+QIURC: "recv",0\r\n',
    b'\r\n+QIURC: "pdpdeact",1\r\n',
    b"\r\nRDY\r\n",
    b"\r\nPOWERED DOWN\r\n",
    b"\r\nERROR\r\n",
    b"\r\n+CME ERROR: 3\r\n",
    b"\r\nSEND OK\r\n\r\nSEND FAIL\r\n",
    b"\r\n+QIRD: 1500\r\nabc\r\n\r\nOK\r\n",
    b"\r\n+QIOPEN: 0,0\r\n",
    b"> ",
    b"\r\n> ",
    b"\x1a",
    b"\x1b",
    b"+++",
    b"AT\rATE1\r",
    b"\0",
    b"\r",
    b"\n\n",
    b'"',
    b"\xff\xfe",
    _ALL,
)


def _from_peer(nic, port, payload, piece, how):
    s = peer(nic, port, "say", binascii.hexlify(payload).decode(), piece)
    same(how(s, len(payload)), payload, "from the peer in pieces of %d" % piece)
    same(s.recv(1), b"", "the end")
    s.close()


def _to_peer(nic, port, payload, piece):
    s = peer(nic, port, "tell", len(payload))
    for at in range(0, len(payload), piece):
        s.send(payload[at : at + piece])
    told = s.readline().strip()
    same(binascii.unhexlify(told), payload, "to the peer in pieces of %d" % piece)
    s.close()


def _bytewise(s, count):
    return b"".join([s.read(1) for _ in range(count)])


def _receive(s, count):
    data = b""
    while len(data) < count:
        data += s.recv(4096)
    return data


def _into(s, count):
    buf = bytearray(count)
    same(s.readinto(buf), count, "readinto")
    return bytes(buf)


def from_peer(port):
    """Each payload whole and byte by byte, read in each way."""
    nic = online()
    for payload in PAYLOADS:
        for piece in (1, 1000):
            for how in (_receive, _bytewise):
                _from_peer(nic, port, payload, piece, how)
    _from_peer(nic, port, b"".join(PAYLOADS), 1000, _into)
    _from_peer(nic, port, b"".join(PAYLOADS), 7, _bytewise)


def to_peer(port):
    """Each payload whole, and byte by byte."""
    nic = online()
    for payload in PAYLOADS:
        _to_peer(nic, port, payload, 1000)
        _to_peer(nic, port, payload, 1)
    _to_peer(nic, port, b"".join(PAYLOADS), 1460)


def echoed(port):
    """Both ways on one connection, blocking and not."""
    s = peer(online(), port, "echo")
    for payload in PAYLOADS:
        s.sendall(payload)
        same(s.read(len(payload)), payload, "echo")
    s.setblocking(False)
    for payload in PAYLOADS:
        for i in range(len(payload)):
            while not s.write(payload[i : i + 1]):
                pass
        back = b""
        while len(back) < len(payload):
            back += s.read(len(payload) - len(back)) or b""
        same(back, payload, "non-blocking echo")
    s.close()


def datagrams(port):
    """The same in datagrams."""
    nic = online()
    s = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
    s.connect((HOST, port))
    for payload in PAYLOADS:
        s.send(payload)
        same(s.recv(1500), payload, "datagram")
    s.close()


def traced(port):
    """A trace shows lines, and may not disturb what is not one."""
    lines = []
    s = peer(online(trace=lines.append), port, "echo")
    for payload in PAYLOADS:
        s.sendall(payload)
        same(s.read(len(payload)), payload, "echo")
    s.close()
    assert all([isinstance(line, str) for line in lines])


if __name__ == "__main__":
    main(globals())
