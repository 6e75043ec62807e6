"""A Pyboard 1.1 or a Nucleo with a module at UART 6: README.md tells the wiring."""

import quectel
from machine import UART, Pin

PLATFORM = "pyboard"  # sys.platform of the boards that this file is for
MODULE = None  # the driver's class, such as "BG95S5"; None: the module is asked who it is
APN = "internet"  # your operator's access point name
BAUDRATE = 115200
NUMBER = 6  # of the UART, whose pins are fixed: PC6 to the module's RXD, PC7 from its TXD
PWRKEY = "B8"  # PB8, to the transistor at PWRKEY; None: not wired
RXBUF = 2048  # bytes: a read of 1500 and what is around it


def uart(baudrate: int = BAUDRATE, number: int = NUMBER, rxbuf: int = RXBUF):
    """Open the modem's line, on the UART of that number."""
    return UART(number, baudrate, rxbuf=rxbuf)


def modem(
    name: "str | None" = MODULE, trace: "quectel.nic._Trace | None" = None, **line: int
) -> "quectel.nic.Nic":
    """The network interface over that line; `line` are keywords of uart."""
    make = getattr(quectel, name) if name else quectel.detect
    pwrkey = None if PWRKEY is None else Pin(PWRKEY, Pin.OUT, value=0)
    return make(uart(**line), pwrkey=pwrkey, trace=trace)
