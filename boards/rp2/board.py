"""A Raspberry Pi Pico, Pico W or Pico 2 with a module at UART1: README.md tells the wiring."""

from machine import UART, Pin

MODULE = None  # the driver's class, such as "BG95S5"; None: the module is asked who it is
BAUDRATE = 115200
TX = 4  # GP4, to the module's RXD
RX = 5  # GP5, from the module's TXD
RXBUF = 2048  # bytes: a read of 1500 and what is around it


def uart(baudrate=BAUDRATE, tx=TX, rx=RX, rxbuf=RXBUF):
    """Open the modem's line; `tx` and `rx` are numbers of pins that UART1 can have."""
    return UART(1, baudrate, tx=Pin(tx), rx=Pin(rx), rxbuf=rxbuf)


def modem(name=MODULE, **line):
    """The network interface over that line; `line` are keywords of uart."""
    import quectel

    opened = uart(**line)
    return getattr(quectel, name)(opened) if name else quectel.detect(opened)
