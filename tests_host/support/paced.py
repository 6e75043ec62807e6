"""A scripted module on a line of so many baud, in virtual time: ten bits a byte, both ways.

A write holds its caller as those of the ports do: until the last byte has found room in `txbuf`,
as on rp2, or without one is on the line, as on stm32."""

import virtual_time
from scripted import ScriptedUART

clock = virtual_time.clock


class PacedUART(ScriptedUART):
    """A ScriptedUART whose bytes take time. `overrun` tells whether more waited than `rxbuf`."""

    def __init__(self, script, baud=115200, txbuf=0, rxbuf=2048):
        self._byte_us = 10000000 // baud
        self._txbuf = txbuf
        self._sent_at = 0  # when the last byte of the driver is there
        self._came_at = 0  # when the last byte of the module is there
        self.overrun = False
        super().__init__(script, rxbuf=rxbuf)
        self._baud = baud

    def __repr__(self):
        # As MicroPython's ports show themselves.
        return "PacedUART(baudrate=%d, rxbuf=%d)" % (self._baud, self.rxbuf)

    def step(self):
        before = len(self._line)
        super().step()
        count = len(self._line) - before
        if count:
            start = max(clock.us, self._sent_at, self._came_at)
            self._came_at = start + count * self._byte_us

    def any(self):
        self.step()
        left = max(0, self._came_at - clock.us + self._byte_us - 1) // self._byte_us
        there = max(0, len(self._line) - self._read - left)
        self.overrun = self.overrun or there > self.rxbuf
        last = max(self._came_at, self._sent_at)
        clock.idle = False
        if not there and clock.us >= last:
            clock.nothing(self._wait_until, 0, last)
        return there

    def write(self, buf, offset=None, size=None):
        if size is None:
            offset, size = 0, len(buf) if offset is None else offset
        self._sent_at = max(clock.us, self._sent_at) + size * self._byte_us
        clock.us = max(clock.us, self._sent_at - self._txbuf * self._byte_us)
        return super().write(buf, offset, size)
