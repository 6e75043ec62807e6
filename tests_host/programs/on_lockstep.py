"""Run an example in virtual time, beside a virtual module with real sockets behind it:

on_lockstep.py PROGRAM MODEL DIALECT FAULTS [ARGUMENT]…

FAULTS are parted by spaces. LOCKSTEP in the environment is as lockstep_module.py has it.
"""

import sys

import lockstep
import quectel


class Board:
    """`board`, for `import board`."""

    APN = "internet"

    def __init__(self, model, dialect, faults):
        self._made = lambda: getattr(quectel, model)(lockstep.LockstepUART(dialect, faults))

    def modem(self):
        return self._made()


def main(program, model, dialect, faults, *args):
    sys.modules["board"] = Board(model, dialect, faults.split())
    sys.path.insert(0, program.rpartition("/")[0])
    sys.argv[:] = (program,) + args
    with open(program) as file:
        text = file.read()
    exec(text, {"__name__": "__main__"})


main(*sys.argv[1:])
