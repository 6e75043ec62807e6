"""The watchdog of the board, for programs that run for years; `nic.idle` is one of these."""

import errno
import time


class Watch:
    """Feeds the watchdog while a call of the driver waits, and ends a call that waits too long."""

    def __init__(self, patience: int):
        """`patience`: how many seconds may pass between two calls of `feed` by the program."""
        self._patience_ms = patience * 1000
        self._since = time.ticks_ms()
        self._watchdog = None
        try:
            from machine import WDT

            self._watchdog = WDT(timeout=8000)  # ms; about the longest that an RP2040 has
        except ImportError:
            print("no watchdog on this port")

    def feed(self):
        """The program goes on."""
        self._since = time.ticks_ms()
        if self._watchdog:
            self._watchdog.feed()

    def __call__(self):
        if time.ticks_diff(time.ticks_ms(), self._since) > self._patience_ms:
            self.feed()  # for what the program does about it
            raise OSError(errno.ETIMEDOUT, "nothing for %d s" % (self._patience_ms // 1000))
        if self._watchdog:
            self._watchdog.feed()
