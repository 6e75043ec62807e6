"""Has the driver ask once what names the firmware knows, not for each Nic that a test makes.

MicroPython's dir() tries every name that the interpreter knows, so three of them, for a Nic, its
Module and its Channel, took most of the time in which a play makes these. The answer is always
the same."""

import errno
import sys

_NAMES = dir(errno)


def _names_of(thing):
    return _NAMES if thing is errno else dir(thing)


def use():
    """From now on, if the driver is loaded."""
    at = sys.modules.get("quectel.at")
    if at:
        at.dir = _names_of
