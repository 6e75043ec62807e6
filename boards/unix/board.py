"""A PC as a board: the modem's line is what the environment names.

MODEM    tcp:HOST:PORT, or a device such as /dev/ttyUSB0, or a pty; `,BAUD` may follow a device
MODULE   the driver's class, such as BG95S5; without it the module is asked who it is
APN      your operator's access point name; without it "internet"

For MicroPython's unix port and for CPython.
"""

import os

import modem_line
import quectel

APN = os.getenv("APN") or "internet"


def uart():
    """Open the modem's line: an object with a UART's any, readinto and write."""
    where = os.getenv("MODEM")
    if not where:
        raise RuntimeError("set MODEM to tcp:HOST:PORT or to a device such as /dev/ttyUSB0")
    return modem_line.uart(where)


def modem(trace: "quectel.nic._Trace | None" = None) -> "quectel.nic.Nic":
    """The network interface over that line."""
    name = os.getenv("MODULE")
    make = getattr(quectel, name) if name else quectel.detect
    return make(uart(), trace=trace)
