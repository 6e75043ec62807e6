"""A board with a SAMD51 and a module at the pins D1 and D0: README.md tells the wiring."""

import sys

import quectel
from machine import UART, Pin

PLATFORM = "samd"  # sys.platform of the boards that this file is for
MODULE = None  # the driver's class, such as "BG95S5"; None: the module is asked who it is
APN = "internet"  # your operator's access point name
BAUDRATE = 115200
TX = "D1"  # to the module's RXD
RX = "D0"  # from the module's TXD
PWRKEY = "D4"  # to the transistor at PWRKEY; None: not wired
RXBUF = 2048  # bytes: a read of 1500 and what is around it

# Of each board: the number of the UART that these TX and RX belong to.
NUMBERS = {
    "Feather M4 Express": 5,
    "ItsyBitsy M4 Express": 3,
}
NAME = sys.implementation._machine.partition(" with ")[0]
if NAME not in NUMBERS:
    raise RuntimeError("board.py has no UART for the board %s: add it to NUMBERS" % NAME)


def uart(baudrate: int = BAUDRATE, tx: str = TX, rx: str = RX, rxbuf: int = RXBUF):
    """Open the modem's line; `tx` and `rx` are names of pins that this UART can have."""
    return UART(NUMBERS[NAME], baudrate, tx=Pin(tx), rx=Pin(rx), rxbuf=rxbuf)


def modem(
    name: "str | None" = MODULE,
    trace: "quectel.nic._Trace | None" = None,
    baudrate: int = BAUDRATE,
    tx: str = TX,
    rx: str = RX,
    rxbuf: int = RXBUF,
) -> "quectel.nic.Nic":
    """The network interface over that line; the last four are uart's."""
    make = getattr(quectel, name) if name else quectel.detect
    pwrkey = None if PWRKEY is None else Pin(PWRKEY, Pin.OUT, value=0)
    return make(uart(baudrate, tx, rx, rxbuf), pwrkey=pwrkey, trace=trace)
