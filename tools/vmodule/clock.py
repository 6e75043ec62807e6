"""Time as something that is handed in: the real clock, or one that a test moves by hand.

Everything in this package that waits asks a `Clock` for a timer, so a test of a 150 s
time-out takes no time at all. Times are seconds, as floats.
"""

import abc
import heapq
import itertools
import time


class Timer:
    """A call that is due later; `cancel()` may be called at any time, also twice."""

    __slots__ = ("call", "when")

    def __init__(self, when, call):
        self.when = when
        self.call = call

    def cancel(self):
        self.call = None


class Clock(abc.ABC):
    """A queue of timers; what the time is, is the subclass's business."""

    def __init__(self):
        self._queue = []
        self._order = itertools.count()  # equal times run in the order they were asked for

    @abc.abstractmethod
    def now(self):
        """Seconds since some moment."""

    def call_later(self, delay, call):
        """Runs `call()` after `delay` seconds, from `run_due` or `advance`, never at once."""
        timer = Timer(self.now() + delay, call)
        heapq.heappush(self._queue, (timer.when, next(self._order), timer))
        return timer

    def until_next(self):
        """Seconds to the next timer (0 if it is overdue), or None when there is none."""
        while self._queue and self._queue[0][2].call is None:
            heapq.heappop(self._queue)
        return max(0.0, self._queue[0][0] - self.now()) if self._queue else None

    def run_due(self):
        """Runs what is due now. A timer made by one of these calls waits for the next run."""
        if not self._queue:
            return
        now = self.now()
        due = []
        while self._queue and self._queue[0][0] <= now:
            due.append(heapq.heappop(self._queue)[2])
        for timer in due:
            call, timer.call = timer.call, None
            if call is not None:
                call()


class RealClock(Clock):
    now = staticmethod(time.monotonic)


class VirtualClock(Clock):
    """Stands still until `advance` moves it."""

    def __init__(self, start=1000.0):
        super().__init__()
        self._now = start

    def now(self):
        return self._now

    def advance(self, seconds):
        """Moves the time on, stopping at each timer on the way so that it sees its own time."""
        end = self._now + seconds
        # Mostly there is nothing, which is seen without a call.
        while self._queue and self._queue[0][0] <= end + 1e-9:
            wait = self.until_next()
            if wait is None or self._now + wait > end + 1e-9:
                break
            self._now += wait
            self.run_due()
        self._now = max(end, self._now)
