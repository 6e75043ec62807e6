"""The objects that each poll goes through have room in their tables of names.

MicroPython looks for every method in the object's own table first. The fuller that is, the longer
it takes to learn that the name is not there; in a full one an idle poll takes four times as long.
"""

import quectel
from quectel import at
from scripted import ScriptedUART

# How many names MicroPython's tables hold (py/map.c, hash_allocation_sizes).
SIZES = (0, 1, 2, 4, 6, 8, 10, 12, 17, 23, 29, 37, 47, 59, 73, 97, 127)
SMALL = 12  # names: to go through so few costs little


def room_for(count):
    return next(size for size in SIZES if size >= count)


def test_a_quarter_of_each_large_table_is_free():
    make_room = at.Options.make_room
    rooms = {}

    def watched(self, count):
        make_room(self, count)
        rooms[id(self)] = room_for(len(self.__dict__) + count)

    at.Options.make_room = watched
    try:
        for name in ("BG95S5", "BC20", "BC25", "BC95GR", "RM500U"):
            nic = getattr(quectel, name)(ScriptedUART([]))
            s = nic.socket()
            for each in (nic, nic.module, nic.channel, s, s.connection):
                count = len(each.__dict__)
                room = max(rooms.get(id(each), 0), room_for(count))
                assert count <= SMALL or count <= room * 3 // 4, (name, each, count, room)
    finally:
        at.Options.make_room = make_room
