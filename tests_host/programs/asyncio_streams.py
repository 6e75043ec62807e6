"""asyncio.open_connection over the driver: traffic, time-outs, cancellation, errors, the end."""

import asyncio
import time

import quectel
from quectel import aio
from scenario import HOST, LIMIT, attach, digest, main, noise, online, raises, same

_PIECE = 5000


def _installed():
    nic = online()
    quectel.install(nic)
    return nic


async def _opened(port, *words):
    reader, writer = await asyncio.open_connection(HOST, port)
    writer.write(" ".join(str(word) for word in words) + "\n")
    await writer.drain()
    return reader, writer


async def _close(writer):
    writer.close()
    await writer.wait_closed()


async def _failing(names, awaitable):
    # The awaited must raise OSError with one of these errnos; a hang is ended by wait_for.
    try:
        result = await asyncio.wait_for(awaitable, LIMIT)
    except OSError as e:
        assert e.args[0] in raises(*names.split()), repr(e)
        return e
    raise AssertionError("%r, not %s" % (result, names))


class _Ticker:
    """Counts its turns, and measures how long the loop left it waiting (only to be printed)."""

    def __init__(self):
        self.turns = 0
        self.longest_us = 0
        self._task = asyncio.create_task(self._run())

    async def _run(self):
        while True:
            start = time.ticks_us()
            await asyncio.sleep_ms(0)
            self.turns += 1
            self.longest_us = max(self.longest_us, time.ticks_diff(time.ticks_us(), start))

    def stop(self):
        self._task.cancel()
        print("# %d turns, the longest %.1f ms" % (self.turns, self.longest_us / 1000))


async def _both_ways(port, count, seed):
    reader, writer = await _opened(port, "echo")
    data = bytes(noise(count, seed))

    async def write():
        for at in range(0, count, _PIECE):
            writer.write(data[at : at + _PIECE])
            await writer.drain()

    task = asyncio.create_task(write())
    back = await reader.readexactly(count)
    await task
    same(back == data, True, "what came back")
    await _close(writer)


def echo(port, count):
    """Both ways at once; the ticker has at least a turn for each exchange there and back."""
    nic = _installed()
    dialect = nic.dialect
    exchanges = count // dialect.SEND_MAX + count // nic.module.chunk

    async def program():
        ticker = _Ticker()
        await _both_ways(port, count, 1)
        await aio.settle(nic, LIMIT)
        ticker.stop()
        assert ticker.turns > exchanges, (ticker.turns, exchanges)

    asyncio.run(program())
    same(nic.module.connections, [], "connections")


def several(port, count, connections):
    """Some connections at once."""
    nic = _installed()

    async def program():
        await asyncio.gather(*[_both_ways(port, count, seed) for seed in range(connections)])
        await aio.settle(nic, LIMIT)

    asyncio.run(program())
    same(nic.module.connections, [], "connections")


def lines(port):
    """readline, readexactly, read to the end."""
    _installed()

    async def program():
        reader, writer = await _opened(port, "echo")
        for i in range(20):
            text = b"x" * (i * 100) + b"\n"
            writer.write(text + text[:i])
            await writer.drain()
            same(await reader.readline(), text, "line")
            same(await reader.readexactly(i), text[:i], "exactly")
        await _close(writer)
        reader, writer = await _opened(port, "source", 5000, 1)
        same(await reader.readexactly(10) != b"", True, "some")
        same(len(await reader.read(-1)), 4990, "to the end")
        same(await reader.read(10), b"", "the end")
        await _close(writer)

    asyncio.run(program())


def timeouts(port, count):
    """Reads that are given up while nothing comes, and while bytes come, lose none; prints the
    digest. (wait_for is used for the former only: what a read returns in the very turn in which
    the time is over, MicroPython's wait_for drops, whatever the socket.)"""
    nic = _installed()

    async def program():
        reader, writer = await _opened(port, "echo")
        for _ in range(20):
            try:
                await asyncio.wait_for_ms(reader.read(100), 3)
                raise AssertionError("something came")
            except asyncio.TimeoutError:
                writer.write(b"question")
                await writer.drain()
                same(await asyncio.wait_for(reader.readexactly(8), LIMIT), b"question", "answer")
        await _close(writer)
        reader, writer = await _opened(port, "source", count, 7)
        data = bytearray()
        given_up = 0
        while len(data) < count:
            task = asyncio.create_task(reader.read(700))
            await asyncio.sleep_ms(given_up % 4)
            task.cancel()
            try:
                piece = await task
                assert piece, "the end came too early"
                data += piece
            except asyncio.CancelledError:
                given_up += 1
        same(await reader.read(10), b"", "the end")
        assert given_up
        print("# given up %d times" % given_up)
        print(digest(data))
        await _close(writer)
        await aio.settle(nic, LIMIT)

    asyncio.run(program())


def cancelled(port, count):
    """A read and a drain that are cancelled half way; the stream goes on."""
    nic = _installed()

    async def program():
        reader, writer = await _opened(port, "echo")
        task = asyncio.create_task(reader.read(100))
        await asyncio.sleep_ms(30)
        task.cancel()
        writer.write(b"question")
        same(await reader.readexactly(8), b"question", "after a cancelled read")
        await _close(writer)

        _, writer = await _opened(port, "gather")
        data = bytes(noise(count, 3))
        writer.write(data)
        task = asyncio.create_task(writer.drain())
        while not task.done() and writer.out_buf:
            await asyncio.sleep_ms(20)
            task.cancel()
        assert task.done()
        writer.out_buf = b""  # asyncio's own, which does not know how far drain has come
        writer.write(b"the end")
        await writer.drain()
        await _close(writer)
        await aio.settle(nic, LIMIT)

    asyncio.run(program())


def refused(port, name):
    """What cannot be opened: the first read or write says why, and nothing hangs."""
    nic = _installed()

    async def program():
        for names, host, number in (
            ("ECONNREFUSED", HOST, port),
            ("EHOSTUNREACH", name, 80),
        ):
            reader, writer = await asyncio.open_connection(host, number)
            await _failing(names, reader.read(10))
            await _failing("ENOTCONN", reader.read(10))
            await _close(writer)
            _, writer = await asyncio.open_connection(host, number)
            try:
                writer.write(b"x")
                raise AssertionError("written")
            except OSError as e:
                assert e.args[0] in raises(names), e
            await _close(writer)
        await aio.settle(nic, LIMIT)

    asyncio.run(program())
    same(nic.module.connections, [], "connections")


def context_lost(port):
    """The network takes the context away while one task reads and one drains."""
    nic = _installed()

    async def program():
        reader, _ = await _opened(port, "quiet")
        _, writer = await _opened(port, "stuck")

        async def drain():
            while True:
                writer.write(bytes(5000))
                await writer.drain()

        tasks = [asyncio.create_task(_failing("ECONNABORTED", drain()))]
        _, teller = await asyncio.open_connection(HOST, port)
        teller.write("away\n")  # whether the module answers this is left open
        await teller.drain()  # another's bytes may have been in the way
        await _failing("ECONNABORTED", reader.read(10))
        await tasks[0]
        await _failing("ENETUNREACH ECONNABORTED", asyncio.open_connection(HOST, port))
        await aio.settle(nic, LIMIT)
        await aio.connect(nic, "internet")
        await _both_ways(port, 1000, 5)

    asyncio.run(program())


def asleep(port, count):
    """What was written reaches the peer while the program only sleeps."""
    nic = _installed()

    async def program():
        _, writer = await _opened(port, "gather")
        await aio.settle(nic, LIMIT)
        writer.write(bytes(noise(count, 3)))
        same(writer.out_buf, b"", "left to asyncio")
        assert nic.module.under_way, "nothing was under way any more"
        while nic.module.under_way:
            await asyncio.sleep_ms(50)
        await _close(writer)
        while nic.module.under_way:
            await asyncio.sleep_ms(50)

    asyncio.run(program())


def closing(port, count):
    """wait_closed with bytes still under way, and nothing of the driver is called after that."""
    nic = _installed()

    async def program():
        _, writer = await _opened(port, "gather")
        writer.write(bytes(noise(count, 3)))
        await writer.drain()
        assert nic.module.under_way, "nothing was under way any more"
        await _close(writer)

    asyncio.run(program())
    same(nic.module.connections, [], "connections")


def runs(port):
    """Two loops, one after the other, with and without tasks of the first in the second."""
    nic = _installed()
    opened = []

    async def first():
        opened.append(await _opened(port, "gather"))
        await aio.settle(nic, LIMIT)
        opened[0][1].write(b"first,")
        await asyncio.sleep_ms(1)

    async def then(text):
        while nic.module.under_way:
            await asyncio.sleep_ms(20)
        opened[0][1].write(text)
        same(opened[0][1].out_buf, b"", "left to asyncio")
        while nic.module.under_way:
            await asyncio.sleep_ms(20)

    async def last():
        await _close(opened[0][1])
        await aio.settle(nic, LIMIT)

    asyncio.run(first())
    asyncio.run(then(b"second,"))
    asyncio.new_event_loop()
    asyncio.run(then(b"third."))
    asyncio.new_event_loop()
    asyncio.run(last())
    same(nic.module.connections, [], "connections")


def lost(port, count):
    """More connections than there are numbers, each of them cancelled before it was open."""
    nic = _installed()

    async def program():
        for _ in range(2 * nic.dialect.SOCKETS):
            try:
                await asyncio.wait_for_ms(asyncio.open_connection(HOST, port), 60)
                raise AssertionError("open")
            except asyncio.TimeoutError:
                pass
        await _both_ways(port, count, 5)

    asyncio.run(program())


def again(port):
    """The module restarts under a reader; the program comes back."""
    nic = _installed()

    async def program():
        reader, writer = await _opened(port, "quiet")
        await aio.command(nic, "AT+CFUN=1,1")
        await _failing("ECONNABORTED", reader.read(10))
        await _close(writer)
        await aio.settle(nic, LIMIT)
        attach(nic)
        await _both_ways(port, 1000, 5)

    asyncio.run(program())


if __name__ == "__main__":
    main(globals())
