"""asyncio.start_server over the driver: all the clients there can be, restarts, datagrams.

The clients are the test's own sockets: end_to_end_clients.py, asked for in the first line to the
TCP peer, before the program listens."""

import asyncio
import errno

import facts
import quectel
from quectel import aio
from scenario import HOST, LIMIT, attach, digest, main, noise, online, same

ANY = "0.0.0.0"


def _installed():
    nic = online()
    quectel.install(nic)
    return nic


async def _ask(nic, port, *words):
    _, writer = await asyncio.open_connection(HOST, port)
    writer.write(" ".join(str(word) for word in words) + "\n")
    await writer.drain()
    await _close(writer)
    await aio.settle(nic, LIMIT)


async def _close(writer):
    writer.close()
    await writer.wait_closed()


class _Echo:
    """What a server does: echo to each client until it has gone; how many there were at once."""

    def __init__(self, clients):
        self._left = clients
        self._now = 0
        self.most = 0
        self.over = asyncio.Event()

    async def serve(self, reader, writer):
        same(writer.get_extra_info("peername")[0], HOST, "the client's address")
        self._now += 1
        self.most = max(self.most, self._now)
        while True:
            data = await reader.read(1000)
            if not data:
                break
            writer.write(data)
            await writer.drain()
        await _close(writer)
        self._now -= 1
        self._left -= 1
        if not self._left:
            self.over.set()


async def _stop(nic, server):
    server.close()
    await server.wait_closed()
    await aio.settle(nic, LIMIT)


def clients(port, own, count, size):
    """As many clients at once as there can be and one more; the same again with a new server."""
    nic = _installed()
    same(count, facts.of(nic)["clients"], "clients")

    async def program():
        for _ in range(2):
            echo = _Echo(count)
            await _ask(nic, port, "visit", own, count, size)
            server = await asyncio.start_server(echo.serve, ANY, own)
            await asyncio.wait_for(echo.over.wait(), LIMIT)
            same(echo.most, count, "at once")
            await _stop(nic, server)
            same(nic.module.connections, [], "connections")

    asyncio.run(program())


def beside(port, own, count, size):
    """A server with `count` clients at once, beside as many clients of an echo server."""
    nic = _installed()

    async def ask(seed):
        reader, writer = await asyncio.open_connection(HOST, port)
        writer.write(b"echo\n")
        await writer.drain()
        data = bytes(noise(size, seed))
        writer.write(data)
        await writer.drain()
        same(digest(await reader.readexactly(size)), digest(data), "what came back")
        await _close(writer)

    async def program():
        echo = _Echo(count)
        await _ask(nic, port, "guests", own, count, size)
        server = await asyncio.start_server(echo.serve, ANY, own)
        await asyncio.gather(*[ask(seed) for seed in range(count)])
        await asyncio.wait_for(echo.over.wait(), LIMIT)
        same(echo.most, count, "at once")
        await _stop(nic, server)
        same(nic.module.connections, [], "connections")

    asyncio.run(program())


def restarted(port, own, size):
    """The module of a listener restarts: accept says so once, and nobody asks it for ever."""
    nic = _installed()
    heard = []
    server = quectel.load("modes.server")
    accept = server.accept

    def counted(sock):
        try:
            return accept(sock)
        except OSError as e:
            heard.append(e.args[0])
            raise

    server.accept = counted

    async def program():
        server = await asyncio.start_server(_Echo(1).serve, ANY, own)
        await aio.settle(nic, LIMIT)
        await aio.command(nic, "AT+CFUN=1,1")
        while not heard:
            await asyncio.sleep_ms(1)
        for _ in range(100):
            await asyncio.sleep_ms(1)
        same(heard, [errno.ECONNABORTED], "what accept has raised")
        await _stop(nic, server)
        attach(nic)
        count = facts.of(nic)["clients"]
        echo = _Echo(count)
        await _ask(nic, port, "visit", own, count, size)
        server = await asyncio.start_server(echo.serve, ANY, own)
        await asyncio.wait_for(echo.over.wait(), LIMIT)
        await _stop(nic, server)

    asyncio.run(program())


async def _sendto(u, data, address):
    # Returns how often it could not be done yet.
    again = 0
    while True:
        try:
            same(u.sendto(data, address), len(data), "sendto")
            return again
        except OSError as e:
            if e.args[0] != errno.EAGAIN:
                raise
        again += 1
        await asyncio.sleep_ms(2)


def datagrams(port, other):
    """A datagram socket that does not wait: EAGAIN while it opens, then it goes; two peers."""
    nic = _installed()

    async def program():
        u = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
        u.setblocking(False)
        stream = asyncio.StreamReader(u)
        for number in (port, port, other):
            data = bytes(noise(300, number))
            again = await _sendto(u, data, (HOST, number))
            assert again or number == port, "another peer at once"
            back = await asyncio.wait_for(stream.read(1500), LIMIT)
            same(digest(back), digest(data), "what came back")
        u.close()
        await aio.settle(nic, LIMIT)

    asyncio.run(program())
    same(nic.module.connections, [], "connections")


if __name__ == "__main__":
    main(globals())
