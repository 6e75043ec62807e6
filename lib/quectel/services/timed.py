# A trace with times. Loaded when one is asked for.

import time


def timed(say):
    """A function for `trace`: gives `say` each line with the time before it, in seconds with three
    places, from now on."""
    last = time.ticks_ms()
    total = 0

    def line(text):
        nonlocal last, total
        now = time.ticks_ms()
        total += time.ticks_diff(now, last)  # the ticks wrap
        last = now
        say("%4d.%03d %s" % (total // 1000, total % 1000, text))

    return line
