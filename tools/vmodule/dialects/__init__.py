"""The dialects by key; one file each, of data first and of methods where data cannot say it."""

import importlib

KEYS = {
    "bc95": ("bc95", "BC95"),
    "bc92": ("bc92", "BC92"),
    "bc20": ("bc20", "BC20"),
    "bg95": ("bg95", "BG95S5"),
    "bc25": ("bc25", "BC25"),
    "rm500u": ("rm500u", "RM500U"),
}


def find(key):
    """The Module class of a dialect's key."""
    file, name = KEYS[key]
    return getattr(importlib.import_module("." + file, __name__), name)
