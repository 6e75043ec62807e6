"""Runs one Python block of a document, in FOLDER if that is set:
readme_block.py FILE FIRST_LINE LAST_LINE [nic] [s]

`nic` and `s` are there for the block if they are asked for: an interface that is connected, and
a TCP socket that is connected to a server that sends everything back. A block that makes its
interface itself gets a `machine` whose UARTs are all the board's one line.
"""

import os
import sys

import board
import quectel


class Pin:
    IN, OUT = 0, 1

    def __init__(self, number, mode=IN, value=0):
        self._value = value

    def value(self, value=None):
        if value is None:
            return self._value
        self._value = value


class Signal:
    def __init__(self, pin, invert=False):
        self._pin = pin
        self._invert = invert

    def value(self, value):
        self._pin.value(value ^ self._invert)


class Machine:
    """What stands for the module `machine`."""

    Pin = Pin
    Signal = Signal

    @staticmethod
    def UART(number, baudrate=115200, **keywords):
        return board.uart()


def connected():
    nic = quectel.BG95S5(board.uart())
    nic.active(True)
    nic.connect("internet", timeout=300)
    return nic


def main(path, first, last, *context):
    with open(path) as file:
        lines = file.read().split("\n")
    # The lines before the block are blank, so that a traceback tells the README's own.
    text = "\n" * (first - 1) + "\n".join(lines[first - 1 : last]) + "\n"
    sys.modules["machine"] = Machine
    os.chdir(os.getenv("FOLDER") or ".")
    names = {"__name__": "__main__"}
    if context:
        nic = names["nic"] = connected()
        if "s" in context:
            s = names["s"] = nic.socket()
            s.settimeout(300)
            s.connect(("echo.example", 7))
    exec(compile(text, path, "exec"), names)
    print("the block ran to its end")


main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), *sys.argv[4:])
