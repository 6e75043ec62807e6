# How long a task that ticks every millisecond is held beside an asyncio client of an echo server
# on an emulated Pico, and how much of the processor the driver takes.

import asyncio
import gc
import time

import pico_board

_SIZE = 1500
_TURNS = 3
_REST = 1000  # ms


class _Ticker:
    def __init__(self):
        self.late = [0] * 64  # how many times a tick was so many ms late
        self.longest = 0  # us
        self.task = None

    async def _run(self):
        before = time.ticks_us()
        while True:
            await asyncio.sleep_ms(1)
            now = time.ticks_us()
            late = time.ticks_diff(now, before) - 1000
            self.longest = max(self.longest, late)
            self.late[min(max(late, 0) // 1000, 63)] += 1
            before = now

    def begin(self):
        self.late[:] = [0] * 64
        self.longest = 0
        self.task = asyncio.create_task(self._run())

    async def end(self, name):
        self.task.cancel()
        over = sum(self.late[5:])
        print("ticker", self.longest, over, name)
        await asyncio.sleep_ms(1)


async def _exchange(reader, writer, data):
    writer.write(data)
    await writer.drain()
    got = await reader.readexactly(len(data))
    if got != data:
        raise ValueError("what came back is not what was sent")


async def _measured():
    data = bytes(32 + i % 90 for i in range(_SIZE))
    ticker = _Ticker()
    ticker.begin()
    reader, writer = await asyncio.open_connection(pico_board.ADDRESS, pico_board.ECHO)
    await _exchange(reader, writer, data)
    await ticker.end("first echo exchange, with imports")
    for collecting in (True, False):
        gc.collect()
        if not collecting:
            gc.disable()
        name = "echo exchanges" if collecting else "echo exchanges, without the collector"
        ticker.begin()
        pico_board.mark(1)
        for _ in range(_TURNS):
            await _exchange(reader, writer, data)
        pico_board.mark(2)
        print("measured", _TURNS, name)
        gc.enable()
        await ticker.end(name)
    began = time.ticks_us()
    gc.collect()
    print("ticker", time.ticks_diff(time.ticks_us(), began), 0, "a collection")
    for connected in (True, False):
        if not connected:
            writer.close()
            await writer.wait_closed()
        gc.collect()
        pico_board.mark(1)
        await asyncio.sleep_ms(_REST)
        pico_board.mark(2)
        print("measured", _REST, "idle, connected" if connected else "idle, no socket")
    gc.collect()


async def _bare():
    gc.collect()
    pico_board.mark(1)
    await asyncio.sleep_ms(_REST)
    pico_board.mark(2)
    print("measured", _REST, "asyncio without the driver")


def main(name, baud):
    import quectel

    asyncio.run(_bare())
    nic = getattr(quectel, name)(pico_board.uart(baud))
    pico_board.online(nic)
    quectel.install(nic)
    asyncio.run(_measured())
    print("done")
