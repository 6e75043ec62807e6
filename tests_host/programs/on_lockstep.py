"""Run an example in virtual time, beside a virtual module with real sockets behind it:

on_lockstep.py PROGRAM MODEL DIALECT FAULTS [ARGUMENT]…

FAULTS are parted by spaces. LOCKSTEP in the environment is as lockstep_module.py has it.
"""

import sys

import as_main
import lockstep
import quectel


class Board:
    """`board`, for `import board`."""

    APN = "internet"

    def __init__(self, model, dialect, faults):
        self._make = getattr(quectel, model)
        self._uart = lambda: lockstep.LockstepUART(dialect, faults)

    def modem(self, trace=None):
        return self._make(self._uart(), trace=trace)


def main(program, model, dialect, faults, *args):
    sys.modules["board"] = Board(model, dialect, faults.split())
    as_main.execute(program, args)


main(*sys.argv[1:])
