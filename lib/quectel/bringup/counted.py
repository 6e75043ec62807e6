# What goes over the line while a module is being woken: why none answers is told from that.
# Loaded when needed, and unloaded after: see module.py.

import time

from micropython import const

_GARBLED = const(5)  # answers running: what starts makes noise for a while, not for that long
_PIECE = const(64)  # bytes
_CR = const(13)
_LF = const(10)


class Counted:
    """In the place of a Channel's UART and output from `enter` to `leave`: counts.

    sent, came  bytes each way
    lines       of text that came, of two characters or more
    heard_at    when the last byte came, in ticks_ms
    """

    def __init__(self):
        self._uart = self._output = None
        self.sent = self.came = self.lines = 0
        self._since = self.heard_at = time.ticks_ms()
        self._difference = 0  # of the sums of the bytes each way
        self._text = 0  # characters of the line that comes; -1: it is no text
        self._garbled = 0  # questions running after which came what is no text
        self._came_before = 0

    def enter(self, channel):
        """Count from now on."""
        self._uart = channel.uart
        self._output = channel.output
        channel.choose("uart", self)
        channel.choose("output", self)

    def leave(self, channel):
        """Count no more."""
        channel.choose("uart", self._uart)
        channel.choose("output", self._output)

    def any(self):
        """As the UART's."""
        return self._uart.any()

    def pace(self, baudrate):
        """As the output's."""
        self._output.pace(baudrate)

    def nap_ms(self, count):
        """As the output's, but 0: a read takes a few bytes only, so more may wait in the UART."""
        return 0

    def write(self, data, at, end, patient=False):
        """As the output's."""
        sent = self._output.write(data, at, end, patient)
        self.sent += sent
        self._difference += sum(data[at : at + sent])
        return sent

    def readinto(self, buf, size):
        """As the UART's, a few bytes at a time: to count them must not hold an event loop."""
        count = self._uart.readinto(buf, min(size, _PIECE))
        text = self._text
        for i in range(count or 0):
            byte = buf[i]
            self._difference -= byte
            if byte == _CR or byte == _LF:
                self.lines += text > 1
                text = 0
            elif text >= 0:
                text = text + 1 if 32 <= byte < 127 else -1
        self._text = text
        if count:
            self.came += count
            self.heard_at = time.ticks_ms()
        return count

    @property
    def seconds(self):
        """How long this has counted."""
        return time.ticks_diff(time.ticks_ms(), self._since) // 1000

    @property
    def came_back(self):
        """Whether all that came is what was sent."""
        return 0 < self.came == self.sent and not self._difference

    def unanswered(self):
        """A question has had no answer; whether no other one will have any either."""
        garbled = self.came > self._came_before and not self.lines
        self._garbled = self._garbled + 1 if garbled else 0
        self._came_before = self.came
        return self.came_back or self._garbled >= _GARBLED
