"""Run a program as the interpreter does that is started with it."""

import sys


def execute(program, args):
    """What stands beside the program can be imported."""
    sys.path.insert(0, program.rpartition("/")[0])
    sys.argv[:] = (program,) + args
    with open(program) as file:
        text = file.read()
    exec(text, {"__name__": "__main__"})
