"""Any dialect's module: bytes each way over TCP, and datagrams of many lengths."""

import hashlib

from scenario import HOST, main, online, peer


def stream(port, count):
    """Bytes to an echo server and back, equal."""
    nic = online()
    s = peer(nic, port, "echo")
    s.settimeout(30)
    there, back = hashlib.sha256(), hashlib.sha256()
    block = hashlib.sha256(b"seed").digest() * 50
    buf = bytearray(2048)
    sent = 0
    while sent < count:
        size = s.send(block)
        there.update(block[:size])
        sent += size
        got = 0
        while got < size:
            part = s.recv_into(buf)
            back.update(bytes(memoryview(buf)[:part]))
            got += part
    s.close()
    assert there.digest() == back.digest(), "not the same bytes"


def datagrams(port, step):
    """Datagrams up to the longest of any bytes that the dialect sends."""
    nic = online()
    s = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
    s.connect((HOST, port))
    s.settimeout(30)
    longest = 512 if nic.dialect.MODEL == "BC20" else nic.dialect.SEND_MAX
    for size in list(range(1, longest, step)) + [longest]:
        data = bytes([(i * 7 + size) & 255 for i in range(size)])
        assert s.send(data) == size
        assert s.recv(2000) == data, size
    s.close()


if __name__ == "__main__":
    main(globals())
