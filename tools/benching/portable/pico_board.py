# What the programs share that the bench runs on an emulated Pico.

import gc
import time

from machine import UART, Pin, mem32

_SCRATCH0 = 0x4005800C  # of the watchdog: the emulator notes when it is written to
ADDRESS = "192.0.2.2"
SOURCE = 7300  # gives as many bytes as a line asks for
SINK = 7301  # takes everything
ECHO = 7302  # gives back what it gets


def mark(number):
    """The emulator notes how many instructions and cycles were executed up to here, and when."""
    mem32[_SCRATCH0] = number


def uart(baud):
    """The UART at which the virtual module is."""
    return UART(1, baud, tx=Pin(4), rx=Pin(5), rxbuf=2048)


def online(nic):
    """Bring the interface up."""
    nic.active(True)
    nic.connect("internet")
    while not nic.isconnected():
        if nic.status() < 0:
            raise nic.status("error")
        time.sleep_ms(10)


def connected(nic, port):
    """A TCP socket to one of the peers."""
    s = nic.socket()
    s.connect((ADDRESS, port))
    return s


def measure(name, count, function, *args):
    """Call `function(*args)`; the bench is told what it cost, with `count` to divide it by."""
    gc.collect()
    gc.disable()
    mark(1)
    function(*args)
    mark(2)
    gc.enable()
    print("measured", count, name)
