"""TLS clients that wait: the handshake, whom it believes, and much data each way."""

import hashlib

from scenario import digest, failing, main, noise, online, same
from tls_session import NAME, opened, raw, session, traced


def _echo(w, text):
    w.write(text)
    same(w.read(len(text)), text, "echo")


def hello(port, trusted):
    """A handshake, and bytes there and back; the socket ends with the session."""
    nic = online()
    for _ in range(2):
        s, w = opened(nic, port, trusted, "echo")
        for size in (1, 5, 100, 1400, 5000):
            _echo(w, bytes(noise(size, size)))
        w.write(b"a line\n")
        same(w.readline(), b"a line\n", "readline")
        w.close()
        w.close()
        failing("EBADF", s.read, 1)


def refused(port, trusted, name):
    """The handshake fails; the interface goes on, and the socket is only closed by the program."""
    nic = online()
    s = raw(nic, port)
    try:
        session(s, trusted, name)
    except (OSError, ValueError) as e:  # the latter is MicroPython's
        print(str(e).strip())
    else:
        raise AssertionError("believed")
    s.close()
    same(nic.netstat(), [], "connections")


def believed(port, trusted, name):
    """The counterpart of `refused`: with this name the same server is believed."""
    s = raw(online(), port)
    w = session(s, trusted, name)
    w.write(b"echo\n")
    _echo(w, b"hello")
    w.close()


def hangs_up(port, trusted):
    """A peer that knows no TLS and goes away: an error, and the interface goes on."""
    nic = online()
    s = raw(nic, port)
    try:
        session(s, trusted)
    except OSError as e:
        print(e.args[0])
    else:
        raise AssertionError("a handshake with nobody")
    s.close()
    same(nic.netstat(), [], "connections")


def there(port, trusted, count):
    """`count` bytes to the peer, which tells their digest."""
    nic = online()
    _, w = opened(nic, port, trusted, "sink", count)
    data = noise(count, 1)
    view = memoryview(data)
    sent = 0
    while sent < count:
        sent += w.write(view[sent : sent + 5000])
    same(w.readline().decode().strip(), digest(data), "what arrived")
    w.close()


def back(port, trusted, count, seed):
    """`count` bytes from the peer, in reads of many sizes; prints their digest."""
    nic = online()
    _, w = opened(nic, port, trusted, "source", count, seed)
    seen = hashlib.sha256()
    got = 0
    buf = bytearray(20000)
    view = memoryview(buf)
    sizes = (1, 20000, 4, 5, 28, 1500, 4096, 333)
    while got < count:
        want = min(sizes[got % len(sizes)], count - got)
        n = w.readinto(view[:want])
        assert n, "the end, %d bytes too early" % (count - got)
        seen.update(view[:n])
        got += n
    same(w.read(1), b"", "the end")
    w.close()
    print("".join("%02x" % byte for byte in seen.digest()))


def cost(port, trusted):
    """The AT commands of a handshake: prints its version, how many QISEND and QIRD, and how many
    bytes."""
    lines = []
    nic = traced(lines.append)
    s = raw(nic, port)
    before = len(lines)
    w = session(s, trusted, NAME)
    during = lines[before:]
    sent = [line for line in during if line.startswith("> AT+QISEND")]
    reads = [line for line in during if line.startswith("> AT+QIRD")]
    _echoing(w)
    commands = [line for line in during if line[:4] == "> AT"]
    same(len(commands), len(sent) + len(reads), "and nothing else")
    print(w.cipher()[1].replace(".", ""), len(sent), len(reads), _payload(during))
    w.close()


def _echoing(w):
    w.write(b"echo\n")
    _echo(w, b"hello")


def _payload(lines):
    # The trace shows payload as its length: [452 bytes].
    there = back = 0
    for line in lines:
        if line[2:3] == "[":
            count = int(line[3:].split()[0])
            if line[0] == ">":
                there += count
            else:
                back += count
    return "%d %d" % (there, back)


if __name__ == "__main__":
    main(globals())
