"""A UART in this process and in virtual time: between a module and a driver under test.

It has the methods of MicroPython's UART that a driver uses (any, read, readinto, write), paces
both directions at its baud rate, and loses what does not fit into its receive buffer, as the
hardware does. Time passes only when somebody advances the clock.
"""

from .pace import Pace


class Wire:
    """module: engine.Engine. clock: clock.VirtualClock. baud None: no time passes on the line.

    rxbuf: bytes that the host's UART keeps; None: without limit. `overruns` counts the bytes
    lost for want of room; `to_host` and `to_module` count what went over the line.
    """

    def __init__(self, module, clock, baud=None, rxbuf=None):
        self.module = module
        self.clock = clock
        self.rxbuf = rxbuf
        self.overruns = self.to_host = self.to_module = 0
        self._received = bytearray()
        self._down = Pace(baud)
        self._up = Pace(baud)
        self._moving = False

    # --- what MicroPython's UART has -------------------------------------------------------

    def any(self):
        self._poll()
        return len(self._received)

    def read(self, count=None):
        self._poll()
        count = len(self._received) if count is None else count
        data = bytes(self._received[:count])
        del self._received[:count]
        return data or None

    def readinto(self, buffer, count=None):
        view = memoryview(buffer)
        data = self.read(len(view) if count is None else min(count, len(view)))
        if not data:
            return None
        view[: len(data)] = data
        return len(data)

    def write(self, data):
        data = bytes(data)
        self.to_module += len(data)
        now = self.clock.now()
        for start in range(0, len(data), self._up.piece(len(data)) or 1):
            piece = data[start : start + self._up.piece(len(data))]
            done = self._up.send(len(piece), now)
            if done <= now:
                self._feed(piece)
            else:
                self.clock.call_later(done - now, lambda piece=piece: self._feed(piece))
        return len(data)

    # --- the line --------------------------------------------------------------------------

    def _feed(self, data):
        self.module.feed(data)
        self._poll()

    def _poll(self):
        """Puts the module's next bytes on the line, one piece at a time."""
        while not self._moving:
            data = self.module.take(self._down.piece(65536))
            if not data:
                return
            now = self.clock.now()
            done = self._down.send(len(data), now)
            if done <= now:
                self._arrive(data)
            else:
                self._moving = True
                self.clock.call_later(done - now, lambda data=data: self._arrived(data))

    def _arrived(self, data):
        self._moving = False
        self._arrive(data)
        self._poll()

    def _arrive(self, data):
        self.to_host += len(data)
        room = len(data) if self.rxbuf is None else self.rxbuf - len(self._received)
        self.overruns += max(0, len(data) - room)
        self._received += data[: max(0, room)]
