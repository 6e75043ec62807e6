"""The port's module time, but for its sleep, which would spin: here others get the processor."""

import js
from utime import *  # noqa: F403

_sleep = js.boardSleep


def sleep_us(us):
    """Sleep some microseconds; allocates nothing, as the module's own."""
    _sleep(us)


def sleep_ms(ms):
    """Sleep some milliseconds."""
    _sleep(ms * 1000)


def sleep(seconds):
    """Sleep some seconds, which may be a float."""
    _sleep(int(seconds * 1000000))
