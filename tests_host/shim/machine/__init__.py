"""CPython's stand-in for MicroPython's module `machine`: Pin, UART, and what programs call."""

import time

from machine.pin import Pin
from machine.uart import UART, connect, pair

__all__ = ["PWRON_RESET", "UART", "Pin", "connect", "idle", "pair", "reset_cause", "unique_id"]

PWRON_RESET = 1


def idle():
    """Let others run, as a microcontroller waits for its next interrupt."""
    time.sleep(0)


def lightsleep(time_ms=0):
    """Sleep for a while."""
    time.sleep(time_ms / 1000)


def reset_cause():
    """Always power-on."""
    return PWRON_RESET


def unique_id():
    """The identity of the board: a fixed one."""
    return b"\x01\x02\x03\x04\x05\x06\x07\x08"


def disable_irq():
    """Interrupts do not exist here."""
    return 0


def enable_irq(state=0):
    """Interrupts do not exist here."""
