# Bytes to the UART, in pieces that do not hold the caller for long. A UART whose transmit buffer
# is full, or that has none, holds whoever writes for as long as the bytes take on the line.

import time

from micropython import const

_HOLD_US = const(1000)  # how long one write to the UART may hold its caller …
_PATIENT = const(4)  # … and, as a power of two, how much longer one who waits anyway
_PIECE_MOST = const(1024)
_PIECE_FIRST = const(32)  # where it must be found out how fast the line is
_FAST = const(48)  # bytes in a millisecond: a Pico reads twice as many
_NAP_MOST_MS = const(20)
_QUICK = const(16)  # so many quick writes running, and more is tried again


class Output:
    """What goes to `uart`; `baudrate` is how fast the line is, 0 where that must be found out."""

    def __init__(self, uart, baudrate):
        self._uart = uart
        self.pace(baudrate)
        self._piece_most = _PIECE_MOST  # … and how far that may grow, where it is found out
        self._quick = 0  # quick writes of that many since the last time it became smaller
        self._slow = 0  # slow ones running

    def pace(self, baudrate):
        """How fast the line is; 0 where that must be found out."""
        self._paced = baudrate > 0
        # Bytes given to the UART at once …
        self._piece = min(max(baudrate // 10 * _HOLD_US // 1000000, 1), _PIECE_MOST)
        if not baudrate:
            self._piece = _PIECE_FIRST

    def nap_ms(self, count):
        """How many ms a caller that waits for `count` bytes can sleep: the time that they take on
        the line, with a limit. 0 on a line as fast as the program, or of unknown rate."""
        if not self._paced or self._piece > _FAST:
            return 0
        return min(count // self._piece, _NAP_MOST_MS)

    def write(self, data, at, end, patient=False):
        """Give the UART what it takes now of `data[at:end]`, in a piece that does not hold the
        caller for long; returns how many bytes it took. `patient`: the caller waits in any case,
        and may be held for longer."""
        if self._paced:
            end = min(end, at + (self._piece << _PATIENT if patient else self._piece))
            return self._uart.write(data, at, end - at) or 0
        return self._find_out(data, at, min(end, at + self._piece), patient)

    def _find_out(self, data, at, end, patient):
        # Write, and conclude from the time that it takes how much to write next. How full the
        # UART's transmit buffer is cannot be asked.
        hold = _HOLD_US << _PATIENT if patient else _HOLD_US
        start = time.ticks_us()
        sent = self._uart.write(data, at, end - at)
        if not sent:
            return 0
        took = time.ticks_diff(time.ticks_us(), start)
        if took > hold:
            # Once, another program may have had the processor; twice running, it is the line.
            self._piece = max(self._piece >> 1, 1)
            self._slow += 1
            if self._slow > 1:
                self._piece_most = self._piece
                self._quick = 0
            return sent
        self._slow = 0
        if sent == self._piece and took * 2 < hold:
            if self._piece < self._piece_most:
                self._piece <<= 1
                return sent
            # It was slow before; that may have been something else than the line.
            self._quick += 1
            if self._quick == _QUICK and self._piece_most < _PIECE_MOST:
                self._quick = 0
                self._piece_most <<= 1
        return sent
