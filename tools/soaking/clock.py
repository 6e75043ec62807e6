"""Virtual time that is jumped over where nothing is due, and that notices who never comes back."""

from tools.benching.line import Clock

_LOOKS = 3000000  # at the clock, without any time passing: a loop that waits for nothing
_SLEEP = 0.0005  # s; what waits so long, sleeps
_GROWTH = 0.05  # of the silence so far, by which a sleep is made longer …
_LONGEST = 0.25  # … up to this, s: as on a board that has much else to do


class Hang(BaseException):
    """A call did not come back. No Exception: the driver must not catch it."""


class SoakClock(Clock):
    """`limit`: when whoever waits is interrupted, or None. `busy()`: something is on the line."""

    def __init__(self):
        super().__init__()
        self.limit = None
        self.busy = None
        self.quiet_since = 0.0
        self._looks = 0

    @property
    def time(self):
        """now(), for those who do not wait."""
        return self._now

    def now(self):
        self._looks += 1
        if self._looks > _LOOKS:
            self._looks = 0
            raise Hang("no time passes")
        return self._now

    def advance(self, seconds):
        self._looks = 0
        if self.limit is not None and self._now > self.limit:
            self.limit = None
            raise Hang("the time is over")
        if seconds >= _SLEEP:
            seconds = max(seconds, self._longer())
        super().advance(seconds)

    def _longer(self):
        if self.busy is not None and self.busy():
            self.quiet_since = self._now
            return 0.0
        longer = min((self._now - self.quiet_since) * _GROWTH, _LONGEST)
        due = self.until_next()
        return longer if due is None else min(longer, due)
