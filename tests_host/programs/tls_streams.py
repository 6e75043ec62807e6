"""TLS under asyncio: streams that the module's sockets and MicroPython's `tls` carry."""

import asyncio

import quectel
from scenario import HOST, digest, main, noise, online, same
from tls_session import NAME, trusting


async def _opened(port, trusted, *words):
    reader, writer = await asyncio.open_connection(
        HOST, port, ssl=trusting(trusted), server_hostname=NAME
    )
    writer.write(" ".join(str(word) for word in words).encode() + b"\n")
    await writer.drain()
    return reader, writer


async def _echo(port, trusted, count, number):
    reader, writer = await _opened(port, trusted, "echo")
    data = bytes(noise(count, number))
    for at in range(0, count, 1000):
        writer.write(data[at : at + 1000])
        await writer.drain()
        same(await reader.readexactly(len(data[at : at + 1000])), data[at : at + 1000], "echo")
    writer.close()
    await writer.wait_closed()


async def _at_once(port, trusted, count):
    await asyncio.gather(*[_echo(port, trusted, count, number) for number in range(3)])


def at_once(port, trusted, count):
    """Three sessions at once, each in a task of its own."""
    quectel.install(online())
    asyncio.run(_at_once(port, trusted, count))


async def _back(port, trusted, count, seed):
    reader, writer = await _opened(port, trusted, "source", count, seed)
    data = await reader.read(-1)
    writer.close()
    await writer.wait_closed()
    return data


def back(port, trusted, count, seed):
    """`count` bytes to the end; prints their digest."""
    quectel.install(online())
    print(digest(asyncio.run(_back(port, trusted, count, seed))))


if __name__ == "__main__":
    main(globals())
