"""quectel.link as a task of asyncio, in virtual time."""
# interpreters: cpython unix

# isort: off
import virtual_select  # the first: it knows the real clock
import virtual_time  # noqa: F401

# isort: on
import asyncio

import quectel
from failing_module import FailingModule
from ticker import LONGEST_MS, Ticker

DIALECTS = ("BC95GR", "BC20", "BG95S5", "BC25", "RM500U")


async def waited(condition, seconds):
    for _ in range(seconds * 20):
        if condition():
            return True
        await asyncio.sleep(0.05)
    return False


async def kept_up(uart, link):
    keeper = asyncio.create_task(link.run())
    assert await waited(lambda: link.up, 60), link.events
    uart.say("RDY")
    assert await waited(lambda: not link.up, 10), link.events
    assert await waited(lambda: link.up, 60), link.events
    uart.silent = True
    assert await waited(lambda: "restarts" in str(link.events), 150), link.events
    uart.silent = False
    assert await waited(lambda: link.up, 150), link.events
    keeper.cancel()
    try:
        await keeper
    except asyncio.CancelledError:
        return
    raise AssertionError("not cancelled")


def test_a_task_keeps_the_link_up():
    for model in DIALECTS:
        uart = FailingModule(model)
        nic = getattr(quectel, model)(uart)
        link = quectel.link.Link(nic, "internet", seed="1", spread=0)
        ticker = Ticker()
        virtual_select.run(ticker.beside(kept_up(uart, link)))
        assert ticker.longest_ms <= LONGEST_MS, (model, ticker.longest_ms)
