"""Any dialect's module: a megabyte each way over TCP, and datagrams of every length."""

import hashlib

import facts
from scenario import HOST, digest, failing, main, noise, online, peer, same

_LONGEST = 1472  # bytes of a datagram on a network whose packets have 1500


def stream(port, count):
    """`count` bytes to the peer, which answers their digest; as many from it, then the end.
    Prints the digest of what came from the peer."""
    nic = online()
    s = peer(nic, port, "sink", count)
    data = noise(count, 1)
    s.sendall(data)
    same(s.readline().decode().strip(), digest(data), "the peer's digest")
    s.close()

    s = peer(nic, port, "source", count, 77)
    hasher = hashlib.sha256()
    buf = bytearray(4096)
    got = 0
    while True:
        n = s.recv_into(buf)
        if not n:
            break
        hasher.update(memoryview(buf)[:n])
        got += n
    same(got, count, "received")
    print("".join("%02x" % byte for byte in hasher.digest()))
    s.close()


def echo(port, count):
    """`count` bytes to an echo and back in pieces of many lengths, equal."""
    s = peer(online(), port, "echo")
    data = memoryview(noise(count + 5000, 2))
    back = bytearray(5000)
    at = size = 0
    while at < count:
        size = 1 + (size * 31 + 17) % 5000
        piece = data[at : at + size]
        s.sendall(piece)
        same(s.readinto(back, size), size, "back")
        if bytes(back[:size]) != bytes(piece):
            raise AssertionError("other bytes at %d" % at)
        at += size
    s.close()


def _udp(port):
    nic = online()
    s = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
    s.connect((HOST, port))
    s.settimeout(600)
    return facts.of(nic), s


def _all_echoed(s, data, longest):
    for size in range(1, longest + 1):
        datagram = bytes(data[size : 2 * size])
        same(s.send(datagram), size, "send")
        back = s.recv(2000)
        if back != datagram:
            raise AssertionError("of %d bytes %d came back" % (size, len(back)))


def datagrams(port):
    """Every length that can be sent, of any bytes and of text, and back; none longer."""
    fact, s = _udp(port)
    _all_echoed(s, noise(2 * fact["send"], 3), fact["send"])
    failing("EMSGSIZE", s.send, bytes(fact["send"] + 1))
    text = b"The quick, brown fox (0123456789) jumps over the lazy dog's back; " * 50
    if fact["text"] != fact["send"]:
        _all_echoed(s, text, fact["text"])
    failing("EMSGSIZE", s.send, text[: fact["text"] + 1])
    s.send(b"after")
    same(s.recv(2000), b"after", "the first that came back")
    s.close()


def answers(port):
    """Every length that can come, beyond what can be sent, and beyond one AT+QIRD."""
    fact, s = _udp(port)
    data = bytes(noise(3000, 3))
    for size in range(fact["send"] + 1, _LONGEST + 1):
        s.send(b"%d" % size)
        back = s.recv(2000)
        if back != data[size : 2 * size]:
            raise AssertionError("of %d bytes %d came" % (size, len(back)))
    s.close()


if __name__ == "__main__":
    main(globals())
