"""`machine` of the ports that boards/ is for: what a port refuses, this refuses.

Typed from MicroPython's sources: machine_uart.c of each port, the boards' mpconfigboard.h and
pins.csv, and docs/samd/pinout.rst.
"""

import sys

# The folder of boards/, what sys.implementation._machine says, and how the row of the board begins
# in the table of the folder's README.
BOARDS = [
    ("rp2", "Raspberry Pi Pico with RP2040", "Pico, Pico H"),
    ("rp2", "Raspberry Pi Pico W with RP2040", "Pico W,"),
    ("rp2", "Raspberry Pi Pico2 with RP2350", "Pico 2,"),
    ("esp32", "Generic ESP32 module with ESP32", "ESP32 ("),
    ("esp32", "Generic ESP32 module with SPIRAM with ESP32", "ESP32 ("),
    ("esp32", "Generic ESP32S3 module with Octal-SPIRAM with ESP32S3", "ESP32S3 "),
    ("esp32", "Generic ESP32S3 module with ESP32-S3", "ESP32S3 "),
    ("esp32", "ESP32C3 module with ESP32C3", "ESP32C3 "),
    ("stm32", "PYBv1.1 with STM32F405RG", "Pyboard 1.1 "),
    ("stm32", "NUCLEO-F446RE with STM32F446xx", "NUCLEO-F446RE "),
    ("stm32", "NUCLEO-F767ZI with STM32F767", "NUCLEO-F767ZI "),
    ("samd", "Feather M4 Express with SAMD51J19A", "Feather M4 Express "),
    ("samd", "ItsyBitsy M4 Express with SAMD51G19A", "ItsyBitsy M4 Express "),
    ("pico_lte", "Raspberry Pi Pico W with RP2040", "Pico LTE "),
]

# ESP32: which GPIOs there are, less those that choose how the chip starts, hold flash memory or
# PSRAM, or are the USB port or the REPL; how many UARTs; the GPIOs that are inputs only.
_ESP32 = {
    "ESP32": ((4, 13, 14, 18, 19, 21, 22, 23, 25, 26, 27, 32, 33, 34, 35, 36, 39), 3, 34),
    "ESP32S3": ((1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 21), 3, 99),
    "ESP32C3": ((0, 1, 3, 4, 5, 6, 7, 10), 2, 99),
}
# UART 6 of all three boards, and the pins that a pins.csv of each has besides.
_STM32 = {6: ("PC6", "PC7")}
_STM32_PINS = ("B8", "C6", "C7")
# The SERCOMs of a pin with the pads that it is there.
_SAMD = {
    "Feather M4 Express": {"D0": {5: 1}, "D1": {5: 0}, "D4": {2: 2, 4: 2}},
    "ItsyBitsy M4 Express": {"D0": {1: 0, 3: 1}, "D1": {1: 1, 3: 0}, "D4": {2: 2, 4: 2}},
}


class Rp2:
    """GPIO 0 to 29; every fourth is TX of UART 0 or of UART 1, and the next one RX."""

    def __init__(self, machine):
        pass

    def label(self, pin):
        assert pin in range(30), pin
        return "GP%d" % pin

    def wired(self, number, tx, rx):
        for pin, role in ((tx, 0), (rx, 1)):
            if pin & 3 != role or (pin + 4) >> 3 & 1 != number:
                raise ValueError("bad TX or RX pin")
        return self.label(tx), self.label(rx)

    def shown(self, number, baudrate, rxbuf):
        return "UART(%d, baudrate=%d, txbuf=256, rxbuf=%d)" % (number, baudrate, rxbuf)


class Esp32(Rp2):
    """Almost every GPIO for everything."""

    def __init__(self, machine):
        chip = machine.split(" ")[-1].replace("-", "")
        self.pins, self.uarts, self.inputs = _ESP32[chip]

    def label(self, pin):
        assert pin in self.pins, pin
        return "GPIO%d" % pin

    def wired(self, number, tx, rx):
        if not 0 < number < self.uarts or tx >= self.inputs:
            raise ValueError("no such UART")
        return self.label(tx), self.label(rx)


class Stm32(Rp2):
    """A UART's pins are its own."""

    def label(self, pin):
        assert pin in _STM32_PINS, pin
        return "P" + pin

    def wired(self, number, tx, rx):
        if tx is not None or rx is not None:
            raise TypeError("extra keyword arguments given")
        if number not in _STM32:
            raise ValueError("UART(%d) doesn't exist" % number)
        return _STM32[number]

    def shown(self, number, baudrate, rxbuf):
        return "UART(%d, baudrate=%d, flow=0, rxbuf=%d)" % (number, baudrate + 79, rxbuf)


class Samd(Rp2):
    """TX is pad 0 of a SERCOM, RX another pad of the same one."""

    def __init__(self, machine):
        self.pins = _SAMD[machine.split(" with ")[0]]

    def label(self, pin):
        assert pin in self.pins, pin
        return pin

    def wired(self, number, tx, rx):
        if self.pins[tx].get(number) != 0 or not self.pins[rx].get(number):
            raise ValueError("invalid UART pin")
        return tx, rx


_PORTS = {"rp2": Rp2, "esp32": Esp32, "stm32": Stm32, "samd": Samd, "pico_lte": Rp2}
_PLATFORMS = {"stm32": "pyboard", "pico_lte": "rp2"}


class Machine:
    """`machine` of a board, and of `sys` what board.py reads.

    line   what the UART is wired to: an object with its methods
    uarts  a dict of the number, the baud rate, rxbuf, TX and RX of each UART made
    pins   every Pin made
    """

    def __init__(self, folder, machine, line=None):
        self.line = line
        self.uarts = []
        self.pins = []
        self.platform = _PLATFORMS.get(folder, folder)
        self.implementation = Implementation(machine)
        self.port = port = _PORTS[folder](machine)
        made = self

        class Pin:
            IN = 0
            OUT = 1

            def __init__(self, id, mode=-1, pull=-1, *, value=None):
                self.id = id
                self.label = port.label(id)
                self.mode = mode
                self.level = value
                made.pins.append(self)

            def init(self, mode=-1):
                self.mode = mode

            def value(self, level=None):
                if level is not None:
                    self.level = level
                return self.level

        class UART:
            def __init__(self, number, baudrate, *, rxbuf, tx=None, rx=None):
                ids = [pin and pin.id for pin in (tx, rx)]
                labels = port.wired(number, ids[0], ids[1])
                self._shown = port.shown(number, baudrate, rxbuf)
                self.any = made.line and made.line.any
                self.readinto = made.line and made.line.readinto
                self.write = made.line and made.line.write
                made.uarts.append((number, baudrate, rxbuf, labels[0], labels[1]))

            def __repr__(self):
                return self._shown

        self.Pin = Pin
        self.UART = UART

    def execute(self, path):
        """The globals of the board.py at `path`, run on this board."""
        import quectel  # noqa: F401 (else board.py does, and it gets this `sys`)

        scope = {"__name__": "board"}
        with open(path) as file:
            text = file.read()
        real = sys.modules.get("machine")
        names = {"machine": self, "sys": self}
        sys.modules.update(names)
        try:
            exec(text, scope)
        finally:
            sys.modules["sys"] = sys
            if real:
                sys.modules["machine"] = real
            else:
                del sys.modules["machine"]
        return scope


class Implementation:
    """`sys.implementation`."""

    def __init__(self, machine):
        self._machine = machine
