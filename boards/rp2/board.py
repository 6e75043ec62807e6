"""A Raspberry Pi Pico, Pico W or Pico 2 with a module at UART1: README.md tells the wiring."""

import quectel
from machine import UART, Pin

PLATFORM = "rp2"  # sys.platform of the boards that this file is for
MODULE = None  # the driver's class, such as "BG95S5"; None: the module is asked who it is
APN = "internet"  # your operator's access point name
BAUDRATE = 115200
TX = 4  # GP4, to the module's RXD
RX = 5  # GP5, from the module's TXD
PWRKEY = 14  # GP14, to the transistor at PWRKEY; None: not wired
RXBUF = 2048  # bytes: a read of 1500 and what is around it


def uart(baudrate: int = BAUDRATE, tx: int = TX, rx: int = RX, rxbuf: int = RXBUF):
    """Open the modem's line; `tx` and `rx` are numbers of pins that UART1 can have."""
    return UART(1, baudrate, tx=Pin(tx), rx=Pin(rx), rxbuf=rxbuf)


def modem(
    name: "str | None" = MODULE, trace: "quectel.nic._Trace | None" = None, **line: int
) -> "quectel.nic.Nic":
    """The network interface over that line; `line` are keywords of uart."""
    make = getattr(quectel, name) if name else quectel.detect
    pwrkey = None if PWRKEY is None else Pin(PWRKEY, Pin.OUT, value=0)
    return make(uart(**line), pwrkey=pwrkey, trace=trace)
