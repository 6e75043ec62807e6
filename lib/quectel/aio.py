# asyncio: what keeps a module going while an event loop runs, and its slow calls to be awaited.
#
# An event loop steps only what somebody waits for. What a call left under way when it returned
# (the bytes that a non-blocking write took over, a close, a connect of the interface) has nobody
# who waits, so a task of its own, the Pump, steps the interface until that is done. It also keeps
# the loop of ports without a tick from sleeping for ever on streams written in Python, which RP2
# has done since MicroPython 1.22 (micropython issue 18811): while a socket is open some task is
# always due soon, so the loop never waits without a time-out.

import asyncio
import errno
import sys
import time

from micropython import const

from quectel import load

_BUSY_MS = const(2)  # between two steps while something is under way
_IDLE_MS = const(20)  # … while sockets are only open

if sys.implementation.name == "micropython":
    _sleep_ms = asyncio.sleep_ms

    def _loop():
        # There is one loop, but new_event_loop() takes all its tasks away.
        core = asyncio.core
        return None if core.cur_task is None else core._task_queue

    async def _wait_closed(self):
        Pump.closing = None
        self.s.close()
        task = Pump.closing
        while task is not None and not task.done:
            await _sleep_ms(_BUSY_MS)

    def _make_streams_wait():
        module = sys.modules.get("asyncio.stream")
        if module is not None and module.Stream.wait_closed is not _wait_closed:
            module.Stream.wait_closed = module.Stream.aclose = _wait_closed

else:

    def _sleep_ms(ms):
        return asyncio.sleep(ms / 1000)

    _loop = asyncio._get_running_loop

    def _make_streams_wait():
        pass  # its streams do not take these sockets


class Pump:
    """The task that steps an interface in an event loop."""

    closing = None  # the Task of the last close, of any interface, that a loop goes on with

    def __init__(self, module):
        self._module = module
        self._loop = None  # the one that has the task

    @property
    def running(self):
        """Whether a loop has the task."""
        return self._loop is not None

    @property
    def steps(self):
        """Whether the loop that runs now has the task."""
        return self._loop is not None and _loop() is self._loop

    def start(self):
        """Run, if an event loop runs and this does not."""
        loop = _loop()
        if loop is not None and loop is not self._loop:
            self._loop = loop
            self._task = asyncio.create_task(self._run(loop))
        _make_streams_wait()

    def current_task(self):
        """The task that runs now, in the loop that has this; or None."""
        return asyncio.current_task() if self.steps else None

    def left(self, task):
        """A socket was closed by a call that does not wait; `task` goes on with that."""
        if self.steps:
            Pump.closing = task

    async def _run(self, loop):
        module = self._module
        try:
            while loop is self._loop:
                try:
                    module.poll()
                except OSError:
                    pass
                module.choose("polled_us", 0)
                if module.under_way:
                    await _sleep_ms(_BUSY_MS)
                elif module.connections:
                    await _sleep_ms(_IDLE_MS)
                else:
                    break
        finally:
            if loop is self._loop:
                self._loop = None


async def complete(nic, task):
    """Wait for a Task of the interface; returns its value or raises its error."""
    while not task.done:
        nic.module.poll()
        await _sleep_ms(_BUSY_MS)
    if task.error is not None:
        raise task.error
    return task.value


async def active(nic, on):
    """nic.active(on), awaited."""
    nic.dialect.details()
    return await complete(nic, nic.module.spawn(load("bringup.power").switching(nic, on), True))


async def connect(nic, apn=None, user=None, key=None, *, timeout=None, **options):
    """nic.connect, and wait until the interface is connected; raises why it could not be."""
    limit = load("bringup.wait").milliseconds(timeout)
    nic.connect(apn, user, key, **options)
    await _wait(nic, limit)


async def wait(nic, timeout=None):
    """nic.wait(timeout), awaited."""
    await _wait(nic, load("bringup.wait").milliseconds(timeout))


async def _wait(nic, limit):
    await complete(nic, nic.module.spawn(load("bringup.wait").waiting(nic, limit), True))
    nic.status()  # from now on the program knows that it is connected


async def disconnect(nic):
    """nic.disconnect(), awaited."""
    await complete(nic, nic.module.spawn(load("bringup.context").disconnecting(nic), True))


async def sleep(nic):
    """nic.sleep(), awaited."""
    nic.dialect.details()
    await complete(nic, nic.module.spawn(load("bringup.waking").sleeping(nic), True))


async def awake(nic):
    """nic.awake(), awaited."""
    nic.dialect.details()
    await complete(nic, nic.module.spawn(load("bringup.waking").waking(nic), True))


async def resolve(nic, host):
    """nic.resolve(host), awaited."""
    from quectel.services import dns

    return await complete(nic, nic.module.spawn(dns.resolving(nic, host)))


async def ping(nic, host, count=4, timeout=4, size=32):
    """nic.ping(host, count, timeout, size), awaited."""
    from quectel.services import ping

    return await complete(nic, nic.module.spawn(ping.pinging(nic, host, count, timeout, size)))


async def ntp(nic, host, port=123, set=True):
    """nic.ntp(host, port, set), awaited."""
    from quectel.services import ntp

    return await complete(nic, nic.module.spawn(ntp.asking(nic, host, port, set)))


async def operators(nic, timeout=180):
    """nic.operators(timeout), awaited."""
    from quectel.services import operators

    return await complete(nic, nic.module.spawn(operators.searching(nic, timeout)))


async def step(link):
    """The steps of a Link, for ever."""
    while True:
        link.step()
        await _sleep_ms(_IDLE_MS)


async def drain(sock, timeout=None):
    """s.drain(timeout), awaited. Of an asyncio stream, too: the time begins when its own drain is
    over, so when the socket has taken all that was written."""
    from quectel.modes import delivery
    from quectel.socket import Socket

    if not isinstance(sock, Socket):
        await sock.drain()
        sock = sock.s
        if not isinstance(sock, Socket):
            raise TypeError("drain needs the socket below TLS")
    module = sock.connection.module
    await complete(sock.connection.nic, module.spawn(delivery.draining(sock, timeout)))


async def settle(nic, timeout=None):
    """Wait until nothing is under way: what writes took over is the module's, what was closed is
    closed. ETIMEDOUT after `timeout` seconds. From here on sockets are stepped that were opened
    before the event loop ran."""
    nic.module.start_pump()
    start = time.ticks_ms()
    while nic.module.under_way:
        if timeout is not None and time.ticks_diff(time.ticks_ms(), start) >= timeout * 1000:
            raise OSError(errno.ETIMEDOUT)
        nic.module.poll()
        await _sleep_ms(_BUSY_MS)


async def command(nic, text, timeout=None, data=None):
    """nic.command(text, timeout, data), awaited."""
    from quectel.services import command

    return await complete(nic, nic.module.spawn(command.running(nic, text, timeout, data)))
