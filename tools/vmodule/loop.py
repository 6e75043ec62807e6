"""One thread, one selector, one clock: what the bridge and the UART's front wait on."""

import selectors

from .clock import RealClock

READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE


class Loop:
    """Calls back when a file can be read or written, and runs the clock's timers."""

    def __init__(self):
        self.clock = RealClock()
        self.running = False
        self._selector = selectors.DefaultSelector()

    def watch(self, file, events, call):
        """Calls call(events) while `file` is ready for any of `events`; 0 ends it."""
        known = file in self._selector.get_map()
        if not events:
            if known:
                self._selector.unregister(file)
        elif known:
            self._selector.modify(file, events, call)
        else:
            self._selector.register(file, events, call)

    def step(self):
        """Waits for the next thing and does it."""
        self._do(self.clock.until_next())
        self.clock.run_due()

    def look(self, seconds):
        """Does what files are ready for, after `seconds` at most; whether any is watched."""
        if not self._selector.get_map():
            return False
        self._do(seconds)
        return True

    def _do(self, seconds):
        for key, events in self._selector.select(seconds):
            if self._selector.get_map().get(key.fd) is key:  # not closed by one before it
                key.data(events)

    def close(self):
        self._selector.close()
