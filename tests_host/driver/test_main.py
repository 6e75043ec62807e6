# interpreters: cpython unix
"""boards/unix/main.py where it cannot go on."""

import errno
import sys

import quectel
from scripted import ScriptedUART, raises
from test_modem import AT, READY


class Board:
    """What a program's `import board` gives it."""

    APN = "internet"

    def __init__(self, nic):
        self.modem = lambda: nic


def test_the_first_program_ends_without_a_sim():
    uart = ScriptedUART(AT + READY + [(">", "AT+CPIN?"), ("<", "+CPIN: SIM PIN"), ("<", "OK")])
    sys.modules["board"] = Board(quectel.BG95S5(uart))
    with open(__file__.rpartition("/")[0] + "/../../boards/unix/main.py") as file:
        text = file.read()
    try:
        error = raises(OSError, lambda: exec(text, {"__name__": "main"}))
    finally:
        del sys.modules["board"]
    assert error.args[0] == errno.ENODEV and "PIN" in str(error)
