"""What the examples share: the board's module, online, and the arguments."""

import sys

import board

REGISTRATION = 300  # seconds: a module may scan all bands before it finds its network


def online():
    """The network interface, once it has an address; raises why it gets none."""
    nic = board.modem()
    nic.active(True)
    nic.connect(board.APN, timeout=REGISTRATION)
    print("online as", nic.ipconfig("addr4")[0])
    return nic


def argument(number: int, default: str) -> str:
    """The program's argument of that number; or `default`."""
    return sys.argv[number] if len(sys.argv) > number else default
