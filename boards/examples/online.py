"""What the examples share: the board's module, online, and the arguments."""

import sys
import time

import board


def online():
    """The network interface, once it has an address."""
    nic = board.modem()
    nic.active(True)
    nic.connect(board.APN)
    while not nic.isconnected():
        if nic.status() < 0:
            raise nic.status("error")
        time.sleep_ms(100)
    print("online as", nic.ipconfig("addr4")[0])
    return nic


def argument(number, default):
    """The program's argument of that number, as the type of `default`; or `default`."""
    return type(default)(sys.argv[number]) if len(sys.argv) > number else default
