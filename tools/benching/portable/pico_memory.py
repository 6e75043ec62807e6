# What the heap of an emulated Pico holds, from before the driver is imported to sockets in use.

import gc
import sys

import pico_board


def _note(moment):
    for _ in range(3):
        gc.collect()
    print("live", gc.mem_alloc(), moment)


def main(name, baud):
    uart = pico_board.uart(baud)
    _note("ready")
    import quectel

    _note("driver imported")
    nic = getattr(quectel, name)(uart)
    pico_board.online(nic)
    _note("connected to the network")
    sockets = [None] * 3
    ten = bytearray(10)
    for i in range(len(sockets)):
        sockets[i] = pico_board.connected(nic, pico_board.SOURCE)
        if not i:
            _note("1 socket, connected")
        sockets[i].send(b"10\n")
        sockets[i].readinto(ten)
        _note("%d in use" % (i + 1))
    for file in sorted(sys.modules):
        if file.startswith("quectel"):
            print("loaded", file)
    for s in sockets:
        s.close()
    print("done")
