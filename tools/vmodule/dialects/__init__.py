"""The dialects by key; one file each, of data first and of methods where data cannot say it."""

import importlib

KEYS = {
    "bc95": None,
    "bc92": None,
    "bc20": None,
    "bg95": ("bg95", "BG95S5"),
    "bc25": None,
    "rm500u": ("rm500u", "RM500U"),
}


def find(key):
    """The Module class of a dialect's key, or None where it has not been written."""
    place = KEYS[key]
    if place is None:
        return None
    module = importlib.import_module("." + place[0], __name__)
    return getattr(module, place[1])
