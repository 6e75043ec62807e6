"""asyncio in virtual time: `run` on MicroPython's own event loop, and on CPython's.

Import this before all else, then `virtual_time`. On MicroPython it replaces the module `select`,
with a poller that moves the virtual clock, and `_asyncio`, whose queue in C looks at the real one.
On CPython, where sockets of the driver cannot be polled, it makes a loop that never sleeps.

`sleeps_through` says what a poller does that waits. False: it looks every millisecond, as that of
MicroPython does on a PC. True: as RP2 it sleeps to the end of its time-out, with no interrupt that
wakes it; one that has no time-out would sleep for ever, and raises Asleep."""

import sys

if sys.implementation.name != "micropython":
    import asyncio
    import selectors

import virtual_time

clock = virtual_time.clock
LOOP_US = 50  # a turn of the event loop costs at least this


class Asleep(Exception):
    """Nothing would ever wake the event loop."""


class Settings:
    """What tests may change."""

    sleeps_through = False
    polls = 0  # how often a poller has asked a stream


class Poll:
    """select.poll."""

    def __init__(self):
        self._streams = {}

    def register(self, stream, events=5):
        self._streams[id(stream)] = [stream, events]

    def modify(self, stream, events):
        self._streams[id(stream)][1] = events

    def unregister(self, stream):
        del self._streams[id(stream)]

    def _look(self):
        ready = []
        for stream, events in self._streams.values():
            Settings.polls += 1
            flags = stream.ioctl(3, events)
            if flags:
                ready.append((stream, flags))
        return ready

    def poll(self, timeout=-1):
        start = clock.us
        clock.us += LOOP_US
        while True:
            ready = self._look()
            left = timeout * 1000 - (clock.us - start)
            if ready or (timeout >= 0 and left <= 0):
                return ready
            if not Settings.sleeps_through:
                clock.us += 1000 if timeout < 0 else min(1000, left)
            elif timeout < 0:
                raise Asleep
            else:
                clock.us += left
            clock.oversleep()

    ipoll = poll


class Select:
    """The module `select`."""

    POLLIN, POLLOUT, POLLERR, POLLHUP = 1, 4, 8, 16
    poll = Poll


class TaskQueue:
    """Tasks by the time they are due; those of the same time in the order they came."""

    def __init__(self):
        self._tasks = []

    def peek(self):
        return self._tasks[0] if self._tasks else None

    def push(self, task, key=None):
        task.data = None
        self.place(task, clock.ticks_ms() if key is None else key)

    def place(self, task, key):
        task.ph_key = key
        at = len(self._tasks)
        while at and clock.ticks_diff(key, self._tasks[at - 1].ph_key) < 0:
            at -= 1
        self._tasks.insert(at, task)

    def pop(self):
        return self._tasks.pop(0)

    def remove(self, task):
        self._tasks.remove(task)


class Task:
    """A coroutine in the loop, as MicroPython's core wants it.

    state  True while it runs, a TaskQueue once somebody waits for it, None or False at the end
    data   what it waits in, or the exception it is to get, or how it ended"""

    def __init__(self, coro, names=None):
        self.coro = coro
        self.data = None
        self.state = True
        self.ph_key = 0
        self._core = names

    def __iter__(self):
        if not self.state:
            self.state = False  # somebody has asked how it ended
        elif self.state is True:
            self.state = TaskQueue()
        elif type(self.state) is not TaskQueue:
            raise RuntimeError("two wait for a task")
        return self

    def __next__(self):
        if not self.state:
            raise self.data
        waiter = self._core["cur_task"]
        self.state.push(waiter)
        waiter.data = self

    def done(self):
        return not self.state

    def cancel(self):
        if not self.state:
            return False
        if self._core["cur_task"] is self:
            raise RuntimeError("can't cancel self")
        task = self
        while isinstance(task.data, Task):
            task = task.data  # what it waits for is cancelled, and it with that
        queue = self._core["_task_queue"]
        where = task.data if hasattr(task.data, "remove") else queue
        where.remove(task)
        queue.push(task)
        task.data = self._core["CancelledError"]()
        return True


class Native:
    """The module `_asyncio`."""

    TaskQueue = TaskQueue
    Task = Task


def _run_micropython(coroutine):
    import asyncio

    try:
        return asyncio.run(coroutine)
    finally:
        asyncio.new_event_loop()  # what a test left in the loop must not run later


def _run_cpython(coroutine):
    class Selector(selectors.SelectSelector):
        def select(self, timeout=None):
            ready = super().select(0)
            clock.us += LOOP_US
            if not ready:
                if timeout is None:
                    raise Asleep
                clock.us += int(max(0, timeout) * 1000000)
                clock.oversleep()
            return ready

    loop = asyncio.SelectorEventLoop(Selector())
    loop.time = lambda: clock.us / 1000000
    asyncio.set_event_loop(loop)
    try:
        return loop.run_until_complete(coroutine)
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        asyncio.set_event_loop(None)
        loop.close()


if sys.implementation.name == "micropython":
    sys.modules["select"] = Select
    sys.modules["_asyncio"] = Native
    run = _run_micropython
else:
    run = _run_cpython
