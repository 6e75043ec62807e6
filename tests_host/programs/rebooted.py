"""A session with a virtual module of this process, of the dialect KEY, that restarts at one byte
after the other of what it says; in virtual time, on CPython. Prints JSON: how many bytes there
are, and what went wrong, as [byte, restarts, whether the program got through]."""

import json
import os

# isort: off
from own_module import CLASSES, Line

# isort: on
import quectel
from quectel.link import Link
from sessions import LINK_MS, MOST_MS, TOLD_MS, through


def played(key, faults=(), texts=None, timeout=None, links=False):
    line = Line(key, faults, texts)
    nic = getattr(quectel, CLASSES[key])(line)
    most_ms = (TOLD_MS if texts is None else MOST_MS) + (LINK_MS if links else 0)
    return line, through(nic, timeout, most_ms, Link(nic, "internet") if links else None)


def wrong(key, count):
    """What went wrong with a restart at each of `count` bytes; at each fifth one with a Link."""
    found = []
    for left in range(1, count + 1):
        texts = () if left % 2 else None
        links = left % 5 == 0
        line, done = played(key, ["reboot:%d" % left], texts, (None, 30)[left // 2 % 2], links)
        restarts = line.module.counts["reboot"]
        if not done or not 1 <= restarts <= 1 + links:
            found.append((left, restarts, done))
    return found


whole, _ = played(os.environ["KEY"])
# To read files again in each session takes most of the time.
quectel.load("module").unload = lambda folder: False
print(json.dumps([whole.said, wrong(os.environ["KEY"], whole.said)]))
