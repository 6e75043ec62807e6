"""Import this where a file makes hundreds of interfaces: what brings one up then stays loaded.

The driver forgets it after each. To load it anew takes a MicroPython much of a test's time.
CPython loads it again, so it is seen there that whatever is cut or damaged fits with that, and
test_unloading.py has it on every interpreter."""

import sys

import quectel

if sys.implementation.name != "cpython":
    quectel.module.unload = lambda folder: False
