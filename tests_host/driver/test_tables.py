"""The objects that each poll goes through have room in their tables of names.

MicroPython looks for every method in the object's own table first. Where that is full, it goes
through all of it to learn that the name is not there: an idle poll takes four times as long.
"""

import quectel
from scripted import ScriptedUART

# How many names MicroPython's tables hold (py/map.c, hash_allocation_sizes).
SIZES = (0, 1, 2, 4, 6, 8, 10, 12, 17, 23, 29, 37, 47, 59, 73, 97, 127)
SMALL = 12  # names: to go through so few costs little


def test_no_large_table_is_full():
    for name in ("BG95S5", "BC20", "BC25", "BC95GR", "RM500U"):
        nic = getattr(quectel, name)(ScriptedUART([]))
        s = nic.socket()
        for each in (nic, nic.module, nic.channel, s, s.connection):
            count = len(each.__dict__)
            room = next(size for size in SIZES if size >= count)
            assert count <= SMALL or room - count > room // 20, (name, type(each).__name__, count)
