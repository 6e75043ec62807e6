"""A session with a virtual module of this process, of the dialect KEY, that restarts at one byte
after the other of what it says; in virtual time, on CPython. Prints JSON: how many bytes there
are, and what went wrong, as [byte, restarts, ms]."""

import json
import os

# isort: off
from own_module import CLASSES, Line

# isort: on
import quectel
from sessions import MOST_MS, TOLD_MS, through


def played(key, faults=(), texts=None, timeout=None):
    line = Line(key, faults, texts)
    return line, through(getattr(quectel, CLASSES[key])(line), timeout)


def wrong(key, count):
    """What went wrong with a restart at each of `count` bytes."""
    found = []
    for left in range(1, count + 1):
        texts = () if left % 2 else None
        line, ms = played(key, ["reboot:%d" % left], texts, (None, 30)[left // 2 % 2])
        restarts = line.module.counts["reboot"]
        if restarts != 1 or ms >= (MOST_MS if texts is not None else TOLD_MS):
            found.append((left, restarts, ms))
    return found


whole, _ = played(os.environ["KEY"])
# To read files again in each session takes most of the time.
quectel.load("module").unload = lambda folder: False
print(json.dumps([whole.said, wrong(os.environ["KEY"], whole.said)]))
