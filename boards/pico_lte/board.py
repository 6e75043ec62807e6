"""Sixfab's Pico LTE: an RP2040 and a BG95-M3 on one board, wired as README.md tells."""

import quectel
from machine import UART, Pin
from quectel.dialects.bg95 import BG95S5
from quectel.nic import Nic

PLATFORM = "rp2"  # sys.platform of the boards that this file is for
APN = "internet"  # your operator's access point name
BAUDRATE = 115200
TX = 0  # GP0
RX = 1  # GP1
PWRKEY = 17  # GP17, to a transistor: high is pressed
RXBUF = 2048  # bytes: a read of 1500 and what is around it


class BG95M3Dialect(BG95S5):
    """What a BG95-M3 is told: the commands of BG95-S5's document."""

    MODEL = "BG95M3"


class BG95M3(Nic):
    """The board's module as a network interface."""

    DIALECT = BG95M3Dialect


def uart(baudrate: int = BAUDRATE, rxbuf: int = RXBUF):
    """Open the modem's line."""
    return UART(0, baudrate, tx=Pin(TX), rx=Pin(RX), rxbuf=rxbuf)


def modem(trace: "quectel.nic._Trace | None" = None, **line: int) -> BG95M3:
    """The network interface over that line; `line` are keywords of uart."""
    return BG95M3(uart(**line), pwrkey=Pin(PWRKEY, Pin.OUT, value=0), trace=trace)
