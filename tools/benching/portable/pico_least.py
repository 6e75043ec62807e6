# Whether a session works when so many bytes of an emulated Pico's heap are free before it.

import gc

import pico_board


def main(name, baud, free):
    uart = pico_board.uart(baud)
    buf = bytearray(1500)
    gc.collect()
    ballast = bytearray(gc.mem_free() - free)
    gc.collect()
    print("free", gc.mem_free())
    import quectel

    nic = getattr(quectel, name)(uart)
    pico_board.online(nic)
    s = pico_board.connected(nic, pico_board.SOURCE)
    s.send(b"3000\n")
    left = 3000
    while left:
        left -= s.recv_into(buf)
    s.close()
    nic.disconnect()
    nic.active(False)
    del ballast
    print("done")
