"""`machine.UART` for CPython, with the behaviour that drivers trip over.

Nothing to read gives None, never 0 or b"". A receive buffer that runs over drops what does not
fit, silently. `write` may take less than all. Asking for more than is there waits `timeout`
for the first byte and `timeout_char` for each one after it.
"""

import time

from machine.line import DescriptorLine, NoLine, PeerLine
from machine.pin import Pin

# In the order in which rp2 prints them.
_DEFAULTS = {
    "baudrate": 115200,
    "bits": 8,
    "parity": None,
    "stop": 1,
    "tx": 0,
    "rx": 1,
    "txbuf": 256,
    "rxbuf": 256,
    "timeout": 0,
    "timeout_char": 0,
}


class UART:
    """One UART. `connect` wires it to a descriptor, `pair` wires two together.

    Like a real one it exists once for each number: making it again reconfigures it, and keeps
    the wire. `dropped` counts the bytes lost to a full receive buffer.
    """

    INV_TX = 1
    INV_RX = 2
    RTS = 2
    CTS = 1
    IRQ_RXIDLE = 64

    _made = {}

    def __new__(cls, id, *args, **keywords):
        if id not in cls._made:
            made = super().__new__(cls)
            made.line = NoLine()
            made.dropped = 0
            made._settings = dict(_DEFAULTS)
            cls._made[id] = made
        return cls._made[id]

    def __init__(self, id, baudrate=None, bits=None, parity=-1, stop=None, **keywords):
        self.id = id
        self.init(baudrate, bits, parity, stop, **keywords)

    def init(self, baudrate=None, bits=None, parity=-1, stop=None, **keywords):
        """Configure; what is left out stays. Input that has not been read is lost."""
        given = dict(baudrate=baudrate, bits=bits, stop=stop, **keywords)
        for key, value in given.items():
            if value is not None:
                self._settings[key] = value.id if isinstance(value, Pin) else value
        if parity != -1:
            self._settings["parity"] = parity
        # As on rp2: two characters and a bit is the least there is.
        least = 13000 // self._settings["baudrate"] + 1
        self._settings["timeout_char"] = max(self._settings["timeout_char"], least)
        self._received = bytearray()

    def deinit(self):
        """Cut the wire."""
        self.line = NoLine()
        self._received.clear()

    @property
    def rxbuf(self):
        """The size of the receive buffer."""
        return self._settings["rxbuf"]

    @property
    def txbuf(self):
        """The size of the send buffer: the most that one write takes."""
        return self._settings["txbuf"]

    def receive(self, data):
        """What the wire brings: bytes that do not fit are dropped."""
        room = self.rxbuf - len(self._received)
        self._received += data[:room]
        self.dropped += max(0, len(data) - room)

    def any(self):
        """How many bytes can be read without waiting."""
        self.line.poll(self)
        return len(self._received)

    def _wait(self, n):
        """Wait as the time-outs say until n bytes are there; how many there are, n at most."""
        limit = self._settings["timeout_char" if self.any() else "timeout"]
        while self.any() < n:
            before = len(self._received)
            deadline = time.monotonic() + limit / 1000
            while self.any() == before:
                left = deadline - time.monotonic()
                if left <= 0:
                    return before
                self.line.ready(left)
            limit = self._settings["timeout_char"]
        return n

    def readinto(self, buf, n=None):
        """Read into a buffer; how many bytes, or None if none came."""
        n = self._wait(len(buf) if n is None else min(n, len(buf)))
        memoryview(buf)[:n] = self._received[:n]
        del self._received[:n]
        return n or None

    def read(self, n=None):
        """Read up to n bytes, or all there are; None if none came."""
        size = max(1, self.any()) if n is None else n
        buf = bytearray(size)
        n = self.readinto(buf)
        return None if n is None else bytes(buf[:n])

    def readline(self):
        """Read to the end of a line, or what there is; None if none came."""
        line = bytearray()
        while not line.endswith(b"\n"):
            byte = self.read(1)
            if byte is None:
                break
            line += byte
        return bytes(line) or None

    def write(self, buf, off=None, n=None):
        """Write up to a send buffer full; how many bytes, or None if none could be."""
        view = memoryview(buf.encode() if isinstance(buf, str) else buf)
        if off is not None and n is not None:
            view = view[off : off + n]
        elif off is not None:
            view = view[:off]
        return self.line.send(view[: self.txbuf]) or None

    def flush(self):
        """Everything is on the wire at once here."""

    def txdone(self):
        """Everything is on the wire at once here."""
        return True

    def sendbreak(self):
        """No wire here carries a break."""

    def irq(self, handler=None, trigger=0, hard=False):
        """Interrupts do not exist here."""

    def __repr__(self):
        shown = ", ".join("%s=%s" % (key, self._settings[key]) for key in _DEFAULTS)
        return "UART(%s, %s, invert=None, irq=0)" % (self.id, shown)


def connect(uart, line):
    """Wire a UART to a socket, a terminal or a pipe: an object with fileno(), or a number."""
    uart.line = DescriptorLine(line if isinstance(line, int) else line.fileno())
    return uart


def pair(first, second):
    """Wire two UARTs of this process together."""
    first.line = PeerLine(second)
    second.line = PeerLine(first)
    return first, second
