"""TLS streams of asyncio over the driver: a client with much each way at once, and a server."""

import asyncio

import quectel
import tls
from quectel import aio
from scenario import HOST, main, noise, online, same
from tls_session import NAME, trusting

_PIECE = 3000


def _installed():
    nic = online()
    quectel.install(nic)
    return nic


async def _close(writer):
    writer.close()
    await writer.wait_closed()


def client(port, trusted, count):
    """`count` bytes there while they come back; then the end."""
    nic = _installed()

    async def program():
        reader, writer = await asyncio.open_connection(
            HOST, port, ssl=trusting(trusted), server_hostname=NAME
        )
        writer.write(b"echo\n")
        await writer.drain()
        data = bytes(noise(count, 1))

        async def write():
            for at in range(0, count, _PIECE):
                writer.write(data[at : at + _PIECE])
                await writer.drain()

        task = asyncio.create_task(write())
        back = await asyncio.wait_for(reader.readexactly(count), 60)
        await task
        same(back == data, True, "what came back")
        await _close(writer)
        await aio.settle(nic, 60)

    asyncio.run(program())
    same(nic.module.connections, [], "connections")


def closing(port, trusted, count):
    """The last bytes, wait_closed, and nothing of the driver is called after that."""
    nic = _installed()

    async def program():
        _, writer = await asyncio.open_connection(
            HOST, port, ssl=trusting(trusted), server_hostname=NAME
        )
        writer.write(b"stuck\n")
        await writer.drain()
        writer.write(noise(count, 3))
        await writer.drain()
        await _close(writer)

    asyncio.run(program())
    same(nic.module.connections, [], "connections")


def _context(folder):
    context = tls.SSLContext(tls.PROTOCOL_TLS_SERVER)
    with open(folder + "/chain.pem", "rb") as chain, open(folder + "/key.pem", "rb") as key:
        # mbedtls knows text from DER by the zero at its end.
        context.load_cert_chain(chain.read() + b"\0", key.read() + b"\0")
    return context


def server(port, own, folder, clients):
    """Echo lines to `clients` at once until each has gone. The TCP peer at `port` is told when the
    server listens."""
    nic = _installed()
    gone = []
    over = asyncio.Event()

    async def serve(reader, writer):
        while True:
            line = await reader.readline()
            if not line:
                break
            writer.write(line)
            await writer.drain()
        await _close(writer)
        gone.append(writer)
        if len(gone) == clients:
            over.set()

    async def program():
        listening = await asyncio.start_server(serve, "0.0.0.0", own, ssl=_context(folder))
        await aio.settle(nic, 60)
        reader, writer = await asyncio.open_connection(HOST, port)
        writer.write(b"release\n")
        await writer.drain()
        same(await reader.readline(), b"ok\n", "release")
        await _close(writer)
        await asyncio.wait_for(over.wait(), 60)
        listening.close()
        await listening.wait_closed()
        await aio.settle(nic, 60)

    asyncio.run(program())
    same(nic.module.connections, [], "connections")


if __name__ == "__main__":
    main(globals())
