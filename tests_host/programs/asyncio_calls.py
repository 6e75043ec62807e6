"""The interface from within an event loop: each awaited call, beside one another and traffic."""

import asyncio

import board
import quectel
from quectel import aio
from scenario import HOST, LIMIT, main, noise, raises, same


async def _failing(names, awaitable):
    try:
        result = await awaitable
    except OSError as e:
        assert e.args[0] in raises(*names.split()), repr(e)
        return e
    raise AssertionError("%r, not %s" % (result, names))


def calls(port, name, address, time_server):
    """From power-up to the end; `name` resolves to `address` and is this machine."""
    nic = board.modem()
    quectel.install(nic)

    async def program():
        await _failing("ENODEV", aio.connect(nic, "internet"))
        same(await aio.active(nic, True), True, "active")
        await asyncio.wait_for(aio.connect(nic, "internet"), LIMIT)
        same(nic.isconnected(), True, "isconnected")
        await _failing("EIO EINVAL", aio.command(nic, "AT+NOSUCHCOMMAND"))
        same(await aio.resolve(nic, name), [address], "resolve")
        e = await _failing("EHOSTUNREACH", aio.resolve(nic, "nowhere.example"))
        same(e.code, 565, "code")
        result = await aio.ping(nic, HOST, count=2, timeout=2)
        same((result.sent, result.received), (2, 2), "ping")
        same((await aio.ntp(nic, time_server, set=False))[:3], (2026, 5, 30), "ntp")
        same(len(await aio.command(nic, "AT+CSQ")), 1, "lines")
        await _beside_traffic(nic, port, name)
        await aio.disconnect(nic)
        same(nic.isconnected(), False, "isconnected")
        await _failing("ENETUNREACH", aio.resolve(nic, name))
        await aio.connect(nic, "internet")
        same(await aio.active(nic, False), False, "active")

    asyncio.run(program())


async def _beside_traffic(nic, port, name):
    reader, writer = await asyncio.open_connection(HOST, port)
    writer.write("echo\n")
    await writer.drain()
    data = bytes(noise(20000, 1))

    async def write():
        writer.write(data)
        await writer.drain()

    asked = [
        asyncio.create_task(call)
        for call in (
            write(),
            aio.resolve(nic, name),
            aio.ping(nic, HOST, count=1),
            aio.command(nic, "AT+CSQ"),
        )
    ]
    same(await reader.readexactly(len(data)) == data, True, "what came back")
    for task in asked:
        await task
    writer.close()
    await writer.wait_closed()
    await aio.settle(nic, LIMIT)
    same(nic.module.connections, [], "connections")


if __name__ == "__main__":
    main(globals())
