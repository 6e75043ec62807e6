# What goes out in transparent mode. The module leaves the mode for +++ alone between silences: a
# program's own +++ must not do that, and the driver's must.

import time

from micropython import const

_MARGIN_MS = const(200)  # more silence than the document asks for
_DRAIN_MS = const(10000)  # for the UART to send what it holds
_PLUS = const(43)
_SAFE = const(4)  # as `pluses`: what was sent since a silence can be no escape


class Silence:
    """Gives the UART a program's bytes so that the module takes none of them for an escape;
    sends the escape itself. `guard_ms` is the silence around it as the document has it."""

    def __init__(self, module, guard_ms):
        self._module = module
        self._channel = module.channel
        self._doubt = guard_ms // 2
        self.guard = guard_ms + _MARGIN_MS
        self._written = 0  # when the last byte went to the UART
        self._pluses = 0  # sent since a silence, and nothing else; or _SAFE

    def begin(self):
        """The mode begins."""
        self._pluses = 0
        self._written = time.ticks_ms()

    @property
    def kept(self):
        """Whether it has been silent for as long as an escape needs."""
        return time.ticks_diff(time.ticks_ms(), self._written) >= self.guard

    def drained(self):
        """Generator: wait until the UART has sent all that it holds."""
        txdone = getattr(self._channel.uart, "txdone", None)
        if txdone is None:
            return
        start = time.ticks_ms()
        while not txdone() and time.ticks_diff(time.ticks_ms(), start) < _DRAIN_MS:
            yield
            self._written = time.ticks_ms()

    def escape(self):
        """Generator: send +++."""
        sent = self._channel.output.write(b"+++", 0, 3)
        self._written = time.ticks_ms()
        while sent < 3 and time.ticks_diff(time.ticks_ms(), self._written) < _DRAIN_MS:
            yield
            sent += self._channel.output.write(b"+++", sent, 3)
        self._written = time.ticks_ms()

    def send(self, data, at_, end):
        """Give the UART what it takes now; returns how many bytes."""
        allowed = self.allowed(data, at_, end)
        sent = 0
        start = time.ticks_ms()
        while sent < allowed:
            channel = self._channel
            count = channel.output.write(data, at_ + sent, at_ + allowed, channel.patient)
            if count:
                self._note(data, at_ + sent, count)
                sent += count
            # Never stop behind the third plus of more.
            if self._pluses != 3 or sent == allowed:
                break
            if time.ticks_diff(time.ticks_ms(), start) > self._doubt:
                break
            self._module.rest(count > 0)
        return sent

    def allowed(self, data, at_, end):
        """How many bytes can go now."""
        # The module must take none of them for an escape, which is three pluses and nothing else
        # between two silences. All that was sent so far since a silence is `pluses`, as long as
        # it is pluses alone. Three of them are never sent without a fourth byte: two go, and the
        # third after a silence of its own. A pause that may or may not be a silence to the module
        # is made one before more pluses follow.
        passed = time.ticks_diff(time.ticks_ms(), self._written)
        if passed >= self.guard + self._doubt:
            self._pluses = 0
        elif passed >= self._doubt:
            if self._pluses == _SAFE:
                self._pluses = 0
            elif self._pluses:
                return 0
        if self._pluses == _SAFE:
            return end - at_
        stop = at_
        while stop < end and stop - at_ < _SAFE and data[stop] == _PLUS:
            stop += 1
        if stop == end and self._pluses + stop - at_ == 3:
            return stop - at_ - 1
        return end - at_

    def _note(self, data, at_, count):
        self._written = time.ticks_ms()
        for i in range(count):
            if self._pluses == _SAFE:
                break
            self._pluses = self._pluses + 1 if data[at_ + i] == _PLUS else _SAFE
