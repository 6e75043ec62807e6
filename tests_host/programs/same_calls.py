"""ntptime, aiohttp and mqtt_as are in no registry: here are the calls that they make.

Each function calls sockets and streams as the program that it is named after does, in the same
order. What is sent and how the answer is judged is this test's own.
"""

import asyncio
import errno
import struct

import quectel
from scenario import HOST, LIMIT, digest, main, online, same


def ntptime(seconds):
    """A datagram to a server that may be a name, the answer within a time-out; three times."""
    quectel.install(online())
    import socket

    for _ in range(3):
        query = bytearray(48)
        query[0] = 0x23
        address = socket.getaddrinfo("time.example", 123)[0][-1]
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            s.settimeout(LIMIT)
            s.sendto(query, address)
            answer = s.recv(48)
        finally:
            s.close()
        same(struct.unpack("!I", answer[40:44])[0], seconds, "seconds")


async def _fetch(url, body, ssl):
    """One request as aiohttp makes it: everything in one write, the answer line by line."""
    _, _, host, path = url.split("/", 3)
    port = 443 if ssl else 80
    reader, writer = await asyncio.open_connection(host, port, ssl=ssl)
    method, more = "GET", ""
    if body:
        method, more = "POST", "Content-Type: text/plain\r\nContent-Length: %d\r\n" % len(body)
    head = "%s /%s HTTP/1.0\r\nHost: %s\r\n%s\r\n" % (method, path, host, more)
    await writer.awrite(head.encode() + body)
    status = int((await reader.readline()).split()[1])
    length = -1
    while True:
        line = await reader.readline()
        if line in (b"", b"\r\n"):
            break
        if line.startswith(b"Content-Length:"):
            length = int(line.split()[1])
    content = b""
    while len(content) < length:
        content += await reader.read(length - len(content))
    await reader.aclose()
    return status, content


def aiohttp(secure, size, wanted):
    """Three pages at once, more often than there are sockets; then something is posted."""
    quectel.install(online())
    ssl = None
    if secure:
        import tls

        ssl = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
        ssl.verify_mode = tls.CERT_NONE
    url = "https://secure.example/" if secure else "http://web.example/"

    async def work():
        for _ in range(5):
            pages = [_fetch(url + "page.txt", b"", ssl) for _ in range(3)]
            for status, content in await asyncio.gather(*pages):
                same((status, len(content), digest(content)), (200, size, wanted), "page")
        status, content = await _fetch(url + "post", b"two words", ssl)
        wanted_said = b"POST %s text/plain|two words" % (b"https" if secure else b"http")
        same((status, content), (200, wanted_said), "post")

    asyncio.run(work())


class _Mqtt:
    """A session over a socket that does not block, as mqtt_as has it: no stream, no poll."""

    def __init__(self, host, port):
        import socket

        self._address = socket.getaddrinfo(host, port)[0][-1]
        self._buffer = bytearray(50)
        self._socket = socket.socket()
        self.idle = 0

    async def write(self, data):
        """Write all of it, a piece as soon as one is taken."""
        data = memoryview(data)
        while data:
            n = self._socket.write(data)
            if n:
                data = data[n:]
            await asyncio.sleep_ms(0)

    async def read(self, n):
        """Exactly n bytes, into one buffer that grows."""
        if n > len(self._buffer):
            self._buffer.extend(bytearray(n - len(self._buffer)))
        view = memoryview(self._buffer)
        got = 0
        while got < n:
            part = self._socket.readinto(view[got:], n - got)
            assert part != 0, "the end"
            got += part or 0
            await asyncio.sleep_ms(0)
        return bytes(view[:n])

    async def text(self, data):
        """A length in two bytes, and then the data."""
        await self.write(struct.pack("!H", len(data)))
        await self.write(data)

    async def open(self, name):
        """Connect without waiting, and write at once."""
        self._socket.setblocking(False)
        try:
            self._socket.connect(self._address)
        except OSError as e:
            same(e.args[0], errno.EINPROGRESS, "connect")
        await asyncio.sleep_ms(0)
        await self.write(bytes((0x10, 12 + len(name))))
        await self.write(b"\x00\x04MQTT\x04\x02\x00\x3c")
        await self.text(name)
        same(await self.read(1), b"\x20", "CONNACK")
        same(await self.read(1), b"\x02", "its length")
        same(await self.read(2), b"\0\0", "accepted")

    async def packet(self):
        """The next packet: its first byte and the rest."""
        while True:
            first = self._socket.read(1)
            if first is not None:
                break
            self.idle += 1
            await asyncio.sleep_ms(0)
        size = shift = 0
        while True:
            byte = (await self.read(1))[0]
            size |= (byte & 0x7F) << shift
            if byte < 0x80:
                return first[0], await self.read(size)
            shift += 7

    async def subscribe(self, number, topic):
        """With quality of service 1."""
        await self.write(b"\x82" + bytes((5 + len(topic),)) + struct.pack("!H", number))
        await self.text(topic)
        await self.write(b"\x01")
        same(await self.packet(), (0x90, struct.pack("!HB", number, 1)), "SUBACK")

    async def publish(self, number, topic, message):
        """With quality of service 1; the acknowledgement comes among the packets."""
        size = 4 + len(topic) + len(message)
        await self.write(bytes((0x32, size & 0x7F | 0x80, size >> 7)))
        await self.text(topic)
        await self.write(struct.pack("!H", number))
        await self.write(message)

    async def close(self):
        """Say good-bye and go."""
        self._socket.write(b"\xe0\0")
        await asyncio.sleep_ms(100)
        self._socket.close()


def mqtt_as(rounds):
    """Messages to itself, the lengths from short to long, while another task has its turns."""
    quectel.install(online())
    turns = 0

    async def other():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep_ms(0)

    async def work():
        task = asyncio.create_task(other())
        mqtt = _Mqtt("broker.example", 1883)
        await mqtt.open(b"itself")
        await mqtt.subscribe(1, b"echo")
        for number in range(2, rounds + 2):
            message = bytes([number & 255]) * (number * 150)
            await mqtt.publish(number, b"echo", message)
            acked = came = False
            while not (acked and came):
                first, rest = await mqtt.packet()
                if first == 0x40:
                    same(rest, struct.pack("!H", number), "PUBACK")
                    acked = True
                else:
                    same((first & 0xF0, rest[:6], rest[8:]), (0x30, b"\0\x04echo", message), "own")
                    await mqtt.write(b"\x40\x02" + rest[6:8])
                    came = True
        await mqtt.close()
        task.cancel()
        assert mqtt.idle and turns, "nothing else had a turn"

    asyncio.run(work())


def wan_ok(port):
    """mqtt_as's question to a name server: a datagram socket that never waits, not even to
    connect, which therefore is not expected to raise."""
    quectel.install(online())
    import socket

    async def work():
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.setblocking(False)
        s.connect((HOST, port))
        await asyncio.sleep_ms(10)
        query = memoryview(b"whatever a name server is asked.")
        while query:
            query = query[s.write(query) or 0 :]
            await asyncio.sleep_ms(0)
        answer = bytearray(32)
        while s.readinto(answer, 32) is None:
            await asyncio.sleep_ms(0)
        same(answer, b"whatever a name server is asked.", "echo")
        s.close()

    asyncio.run(work())


def select(port):
    """One poller over several sockets: it names those that something has come for, no others."""
    quectel.install(online())
    import select
    import socket

    poller = select.poll()
    sockets = [socket.socket() for _ in range(3)]
    for s in sockets:
        s.connect((HOST, port))
        s.write(b"echo\n")
        s.setblocking(False)
        poller.register(s, select.POLLIN)
    same(poller.poll(0), [], "nothing has come")
    for i in range(12):
        same(sockets[i % 3].write(b"%d" % i), len(b"%d" % i), "write")
        [(found, flags)] = poller.poll()
        assert found is sockets[i % 3], "another one"
        same((flags, found.read(10)), (select.POLLIN, b"%d" % i), "echo")
    poller.modify(sockets[0], select.POLLIN | select.POLLOUT)
    same(poller.poll(), [(sockets[0], select.POLLOUT)], "can be written")
    poller.unregister(sockets[0])
    sockets[0].close()
    for s in sockets[1:]:
        # While another socket's bytes are handed over, this one takes none.
        poller.modify(s, select.POLLOUT)
        while not s.write(b"both"):
            poller.poll()
        poller.modify(s, select.POLLIN)
    met = set()
    while len(met) < 2:
        for found, _ in poller.ipoll():
            same(found.read(10), b"both", "echo")
            met.add(id(found))
    same(met, {id(s) for s in sockets[1:]}, "both")


if __name__ == "__main__":
    main(globals())
