"""Transparent mode: payloads both ways, much data, leaving and entering again, the end."""

import hashlib
import time

from scenario import digest, failing, main, noise, online, peer, same

_ALL = bytes(range(256))
PAYLOADS = (
    _ALL,
    b"+++",
    b"abc+++",
    b"+++abc",
    b"++++",
    b"\r\nOK\r\n",
    b"\r\nNO CARRIER\r\n.",
    b"\r\nNO CARRIER\r",
    b"\r\nCONNECT\r\n",
    b'\r\n+QIURC: "closed",0\r\n',
    b"AT\rATO\r",
    b"\x1a\x1b> ",
)


def patient():
    """The module online, and more silence around +++ than its document asks for: a pause of this
    machine may come between two of the driver's bytes, and take some of it away."""
    nic = online()
    nic.dialect.GUARD_MS = 3000
    return nic


def payloads(port):
    """Each payload to an echo and back: whole, and in pieces of one and two bytes."""
    s = peer(online(), port, "echo")
    with s.transparent() as raw:
        for size in (1000, 1, 2):
            for payload in PAYLOADS:
                for at in range(0, len(payload), size):
                    piece = payload[at : at + size]
                    same(raw.write(piece), len(piece), "written")
                same(raw.read(len(payload)), payload, "back")
    s.close()


def alone(port):
    """Pluses with silence around them do not leave the mode."""
    s = peer(online(), port, "echo")
    with s.transparent() as raw:
        for pieces in ((b"+++",), (b"+", b"+", b"+"), (b"++", b"+"), (b"++++",), (b"+++", b"+++")):
            time.sleep_ms(1300)
            for piece in pieces:
                raw.write(piece)
            time.sleep_ms(1300)
            text = b"".join(pieces)
            same(raw.read(len(text)), text, "back")
    s.close()


def bulk(port, count):
    """`count` bytes to an echo and back, reading and writing in turn; then buffer mode, twice."""
    s = peer(patient(), port, "echo")
    data = noise(count, 4)
    for _ in range(2):
        with s.transparent() as raw:
            same(_there_and_back(raw, data), digest(data), "back")
            failing("EBUSY", s.send, b"x")
        s.sendall(b"in buffer mode\n")
        same(s.readline(), b"in buffer mode\n", "buffer mode")
    s.close()


def _there_and_back(raw, data):
    hasher = hashlib.sha256()
    view = memoryview(data)
    buf = bytearray(2048)
    sent = got = 0
    while got < len(data):
        raw.setblocking(sent == len(data))
        if sent < len(data) and sent - got < 16384:
            sent += raw.write(view[sent : sent + 1000]) or 0
        n = raw.readinto(buf, min(len(buf), sent - got))
        if n:
            hasher.update(memoryview(buf)[:n])
            got += n
    return "".join("%02x" % b for b in hasher.digest())


def there(port, count):
    """`count` bytes to the peer, which answers their digest."""
    s = peer(patient(), port, "sink", count)
    data = noise(count, 1)
    with s.transparent() as raw:
        same(raw.write(data), count, "written")
        same(raw.readline().decode().strip(), digest(data), "the peer's digest")
    s.close()


def back(port, count):
    """`count` bytes from the peer, then the end; prints the digest."""
    s = peer(patient(), port, "asked", count, 77)
    with s.transparent() as raw:
        raw.write(b"\n")
        data = raw.read()
        same(raw.read(1), b"", "the end")
        failing("EPIPE", raw.write, b"x")
    same(s.recv(1), b"", "the end of the socket")
    print(digest(data))
    s.close()


def late(port, count):
    """What comes while the mode is being left is the socket's to read; prints the digest."""
    s = peer(patient(), port, "asked", count, 77)
    with s.transparent() as raw:
        raw.write(b"\n")
        data = raw.read(10)
    data += s.read(count - 10)
    same(s.recv(1), b"", "the end")
    print(digest(data))
    s.close()


def before(port, count):
    """What came before the mode comes first, though the peer has closed long ago."""
    nic = patient()
    s = peer(nic, port, "source", count, 77)
    data = s.recv(5)
    with s.transparent() as raw:
        data += raw.read(count - len(data))
        same(raw.read(), b"", "the end")
    s.close()
    print(digest(data))


def notice(port):
    """The text of a notice, from a peer that goes on, is data, whatever pause follows."""
    s = peer(online(), port, "echo")
    with s.transparent() as raw:
        for text in (b"\r\nNO CARRIER\r\n", b"abc\r\nNO CARRIER\r\n"):
            raw.write(text)
            same(raw.read(len(text)), text, "back")
            raw.write(b"more")
            same(raw.read(4), b"more", "back")
    s.close()


def closing(port):
    """Closing the socket leaves the mode; another can be transparent after it."""
    nic = online()
    for _ in range(2):
        s = peer(nic, port, "echo")
        other = peer(nic, port, "echo")
        with s.transparent() as raw:
            raw.write(b"1")
            same(raw.read(1), b"1", "back")
            failing("EBUSY", other.send, b"x")
            failing("EBUSY", other.close)
            s.close()
        failing("EBADF", raw.write, b"x")
        with other.transparent() as raw:
            raw.write(b"2")
            same(raw.read(1), b"2", "back")
        other.close()


def asynchronous(port):
    """Entering and leaving while other tasks run."""
    import asyncio

    s = peer(patient(), port, "echo")
    ticks = []

    async def tick():
        while True:
            ticks.append(time.ticks_ms())
            await asyncio.sleep(0.001)

    async def run():
        ticker = asyncio.create_task(tick())
        async with s.transparent() as raw:
            raw.write(b"abc")
            same(raw.read(3), b"abc", "back")
        ticker.cancel()

    asyncio.run(run())
    if len(ticks) < 10:  # in more than two guard times
        raise AssertionError("the loop was held")
    s.close()


def locked(port, count):
    """`count` bytes both ways in blocks of a packet, which is sent at once; the heap locked."""
    import gc

    import micropython

    nic = patient()
    s = peer(nic, port, "echo")
    size = 1440 if nic.dialect.MODEL == "BC92" else 1024
    block, buf = noise(size, 3), bytearray(size)
    with s.transparent() as raw:
        _echoed(raw, block, buf, 3 * size)
        gc.collect()
        micropython.heap_lock()
        try:
            _echoed(raw, block, buf, count)
        finally:
            micropython.heap_unlock()
    s.close()


def _echoed(raw, block, buf, count):
    size = len(block)
    while count > 0:
        if raw.write(block, 0, 400) != 400 or raw.write(block, 400, size - 400) != size - 400:
            raise OSError(1, "not all was taken")
        if raw.readinto(buf) != size or buf != block:
            raise OSError(1, "not what was sent")
        count -= size


if __name__ == "__main__":
    main(globals())
