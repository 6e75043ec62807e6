"""An ESP32, ESP32-S3 or ESP32-C3 with a module at a UART: README.md tells the wiring."""

import sys

import quectel
from machine import UART, Pin

PLATFORM = "esp32"  # sys.platform of the boards that this file is for
MODULE = None  # the driver's class, such as "BG95S5"; None: the module is asked who it is
APN = "internet"  # your operator's access point name
BAUDRATE = 115200
RXBUF = 2048  # bytes: a read of 1500 and what is around it

# Of each chip: the number of the UART, and the GPIOs of TX (to the module's RXD), RX (from its
# TXD) and PWRKEY (to the transistor there; None: not wired).
PINS = {
    "ESP32": (2, 27, 26, 25),
    "ESP32S3": (1, 17, 18, 14),
    "ESP32C3": (1, 4, 5, 6),
}
# The firmware's name for the board ends in " with ESP32S3", or " with ESP32-S3" where it is newer.
CHIP = sys.implementation._machine.rpartition(" with ")[2].replace("-", "")
if CHIP not in PINS:
    raise RuntimeError("board.py has no pins for the chip %s: add them to PINS" % CHIP)
NUMBER, TX, RX, PWRKEY = PINS[CHIP]


def uart(baudrate: int = BAUDRATE, tx: int = TX, rx: int = RX, rxbuf: int = RXBUF):
    """Open the modem's line; `tx` and `rx` are numbers of GPIOs."""
    return UART(NUMBER, baudrate, tx=Pin(tx), rx=Pin(rx), rxbuf=rxbuf)


def modem(
    name: "str | None" = MODULE, trace: "quectel.nic._Trace | None" = None, **line: int
) -> "quectel.nic.Nic":
    """The network interface over that line; `line` are keywords of uart."""
    make = getattr(quectel, name) if name else quectel.detect
    pwrkey = None if PWRKEY is None else Pin(PWRKEY, Pin.OUT, value=0)
    return make(uart(**line), pwrkey=pwrkey, trace=trace)
