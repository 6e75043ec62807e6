"""A clock that moves only when it is asked or slept on, instead of the module `time`.

Import this before the driver: `import virtual_time`. Looking at the clock costs `LOOK_US`, so that
a loop that waits without sleeping comes to an end as well."""

import sys

LOOK_US = 5
_PERIOD = 1 << 29  # ticks wrap, as they do on a board


class Clock:
    """What the driver and the tests use of `time`."""

    def __init__(self):
        self.us = 0

    def ticks_us(self):
        self.us += LOOK_US
        return self.us % _PERIOD

    def ticks_ms(self):
        self.us += LOOK_US
        return self.us // 1000 % _PERIOD

    def ticks_diff(self, end, start):
        half = _PERIOD // 2
        return (end - start + half) % _PERIOD - half

    def ticks_add(self, ticks, delta):
        return (ticks + delta) % _PERIOD

    def sleep_ms(self, ms):
        self.us += ms * 1000

    def sleep_us(self, us):
        self.us += us

    def sleep(self, seconds):
        self.us += int(seconds * 1000000)

    def time(self):
        return self.us // 1000000

    def elapsed_ms(self):
        """Milliseconds since the test file began."""
        return self.us // 1000


clock = Clock()
sys.modules["time"] = clock
