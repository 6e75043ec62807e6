# How late a task comes that ticks every millisecond beside a connection of asyncio's, on
# MicroPython's own asyncio, in virtual time. Arguments: the scene, the line's baud rate, its
# transmit buffer.

# isort: off
import virtual_select  # the first: it puts the virtual `select` in place
import virtual_time

# isort: on
import asyncio
import json
import sys

import quectel
from paced import PacedUART
from scripted import connected

clock = virtual_time.clock
clock.fine = True
_TICK_US = 1000
_COUNT = 8  # largest exchanges
_OPEN = [(">", 'AT+QIOPEN=1,0,"TCP","h",80,0,0'), ("<", "OK")]
_OPENED = [("!", "+QIOPEN: 0,0")]
# A program has brought the module up before: many short commands.
_BEFORE = [(">", "ATE0"), ("<", "OK")] * 10


class _UART(PacedUART):
    # A write that finds no room in the transmit buffer waits, as on MicroPython's ports.

    def __init__(self, script, baud, txbuf):
        super().__init__(script, baud, 0)
        self._buffer_us = txbuf * self._byte_us

    def write(self, buf, offset=None, size=None):
        before = clock.us
        count = super().write(buf, offset, size)
        clock.us = max(before, clock.us - self._buffer_us)
        return count


def _up():
    script = list(_OPENED)
    for i in range(_COUNT):
        data = bytes([65 + i]) * 1460
        script += [(">", "AT+QISEND=0,1460"), ("<prompt", "> "), (">>", data), ("<", "SEND OK")]

    async def body():
        _, writer = await asyncio.open_connection("h", 80)
        for i in range(_COUNT):
            writer.write(bytes([65 + i]) * 1460)
            await writer.drain()
        await asyncio.sleep_ms(500)  # what the last write took over is on its way

    return script, body


def _down():
    script = _OPENED + [("!", '+QIURC: "recv",0')]
    for i in range(_COUNT):
        script += [(">", "AT+QIRD=0,1500"), ("<", "+QIRD: 1500"), ("<<", bytes([65 + i]) * 1500)]
        script += [("<", "OK")]

    async def body():
        reader, _ = await asyncio.open_connection("h", 80)
        await reader.readexactly(1500 * _COUNT)

    return script, body


def _connect():
    async def body():
        await asyncio.open_connection("h", 80)

    # In the rest of 120 s the loop is held no longer than in the first 15.
    return [("wait", 15)] + _OPENED, body


_SCENES = {"up": _up, "down": _down, "connect": _connect}


async def _tick(late):
    while True:
        before = clock.us
        await asyncio.sleep_ms(1)
        late.append(max(0, clock.us - before - _TICK_US))


async def _beside(late, body):
    task = asyncio.create_task(_tick(late))
    await body()
    task.cancel()


def main(scene, baud, txbuf):
    script, body = _SCENES[scene]()
    uart = _UART(_BEFORE + _OPEN + script, int(baud), int(txbuf))
    nic = connected("BG95S5", uart)
    quectel.install(nic)
    for _ in range(10):
        nic.command("ATE0")
    late = []
    virtual_select.run(_beside(late, body))
    assert uart.done(), (uart.script[:3], bytes(uart.sent))
    late.sort()
    print(json.dumps({"longest_us": late[-1], "p99_us": late[(len(late) * 99 - 1) // 100]}))


main(*sys.argv[1:])
