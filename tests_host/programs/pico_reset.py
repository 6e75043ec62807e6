# On an emulated Pico, as its main.py: begins a transfer and resets the board in its middle; when
# the board is up again, makes the whole transfer each way. Run by test_pico_reset.py.

import machine
from bulk import back, there
from scenario import noise, online, peer

_PORT = 80


class _Reset:
    # A trace that resets the board at the third line that begins so.
    def __init__(self, begin):
        self._begin = begin
        self._left = 3

    def __call__(self, line):
        if line.startswith(self._begin):
            self._left -= 1
            if not self._left:
                print("in the middle")
                machine.reset()


def _receiving(count):
    # The data behind the answer to a read are on the line, and more are in the module.
    s = peer(online(trace=_Reset("< +QIRD: ")), _PORT, "source", count, 77)
    s.read(count)


def _sending(count):
    # The module waits for the data of a send.
    s = peer(online(trace=_Reset("> [")), _PORT, "sink", count)
    s.sendall(noise(count, 1))


_WAYS = {"receiving": _receiving, "sending": _sending}


def main(way, count):
    if machine.reset_cause() == machine.PWRON_RESET:
        _WAYS[way](count)
    print("up again")
    there(_PORT, "send", count)
    back(_PORT, "sendall", count)
    print("done")
