"""Answers of two lines: OK at once, and SEND OK, SEND FAIL or CLOSE OK when it is done."""


class Answers:
    """Mixin."""

    settling = 0.0  # s from the OK to the second line, beside the latency

    def answer_twice(self, second, after=0.0):
        """OK; then second(), before the next command is looked at, or `after` seconds later."""
        running, self._running = self._running, True
        self.final()
        for fault in self.faults:
            fault.between()
        self._running = running
        if self.settling + after:
            self.after(self.settling + after, lambda: self._pause(second))
        else:
            self._pause(second)
        self.run()
