"""What MicroPython's `time` has and CPython's lacks."""

import time

# MicroPython's ticks wrap. A small period here finds code that forgets it.
PERIOD = 1 << 30
_HALF = PERIOD >> 1


def ticks_ms():
    """Milliseconds since some moment, wrapping at PERIOD."""
    return time.monotonic_ns() // 1_000_000 % PERIOD


def ticks_us():
    """Microseconds since some moment, wrapping at PERIOD."""
    return time.monotonic_ns() // 1000 % PERIOD


def ticks_cpu():
    """The finest ticks there are, wrapping at PERIOD."""
    return time.perf_counter_ns() % PERIOD


def ticks_add(ticks, delta):
    """A tick value `delta` later."""
    return (ticks + delta) % PERIOD


def ticks_diff(later, earlier):
    """The signed distance between two tick values."""
    return (later - earlier + _HALF) % PERIOD - _HALF


def sleep_ms(ms):
    """Sleep for milliseconds; a negative time is none."""
    time.sleep(max(0, ms) / 1000)


def sleep_us(us):
    """Sleep for microseconds; a negative time is none."""
    time.sleep(max(0, us) / 1_000_000)


def install(module=time):
    """Add the functions to `time`, or to another module, where they are missing."""
    for function in (ticks_ms, ticks_us, ticks_cpu, ticks_add, ticks_diff, sleep_ms, sleep_us):
        if not hasattr(module, function.__name__):
            setattr(module, function.__name__, function)
