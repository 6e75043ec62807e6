"""A task that notes how long the event loop leaves it waiting, in virtual time."""

import asyncio

import virtual_time

clock = virtual_time.clock
LONGEST_MS = 5  # what the driver promises
STEP_MS = 1


class Ticker:
    """`longest_ms` is by how much its worst turn came too late; `turns` counts them."""

    def __init__(self):
        self.longest_ms = 0
        self.turns = 0

    async def _tick(self):
        while True:
            start = clock.us - clock.overslept
            await asyncio.sleep(STEP_MS / 1000)
            self.turns += 1
            late = clock.us - clock.overslept - start
            self.longest_ms = max(self.longest_ms, late / 1000 - STEP_MS)

    async def beside(self, coroutine):
        """Await `coroutine` while this ticks; returns its value."""
        task = asyncio.create_task(self._tick())
        try:
            return await coroutine
        finally:
            task.cancel()
