"""Runs a program on a board of boards/ whose UART is wired to MODEM, a TCP address.

on_board.py FOLDER MACHINE PROGRAM [ARGUMENT]…
"""

import os
import sys

import as_main
import modem_line
import ports


class Board:
    """`board`, for `import board`."""

    def __init__(self, scope):
        self.modem = scope["modem"]
        self.APN = scope["APN"]


def main(folder, machine, program, *args):
    host, _, port = os.getenv("MODEM").partition(":")[2].rpartition(":")
    made = ports.Machine(folder, machine, modem_line.tcp(host, int(port)))
    here = __file__.rpartition("/")[0]
    sys.modules["board"] = Board(made.execute(here + "/../../boards/%s/board.py" % folder))
    as_main.execute(program, args)


main(*sys.argv[1:])
