"""A clock that moves only when it is asked or slept on, instead of the module `time`.

Import this before the driver: `import virtual_time`. Looking at the clock costs `LOOK_US`, so that
a loop that waits without sleeping comes to an end as well.

Most of a test is silence. So a look at a line with nothing on it costs more, and the driver, where
it sleeps after such a look, sleeps longer: to what is due next on the line, but by no more than a
small part of the shortest wait that it has measured since it slept last. A time-out is so seen at
nearly its time, however long it is. What measures exactly does it `with fine:`. The tests' own
sleeps, on `clock`, are as long as they say; `clock.nap_ms` sleeps as the driver does."""

import sys

LOOK_US = 5
IDLE_US = 500
SHORT_MS = 100
SHORT_PART = 4  # of a wait that is short: a longer sleep is at most that
PART = 32  # of a longer one
MOST_MS = 250
LOOP_MOST_US = 50000  # that an event loop sleeps longer
_PERIOD = 1 << 29  # ticks wrap, as they do on a board
_HALF = _PERIOD // 2


class Clock:
    """The time of a test, in us since it began."""

    def __init__(self):
        self.part = PART  # less where a file's waits need not be that exact
        self.overslept = 0  # by how much event loops slept longer, in us
        self.begin()

    def begin(self):
        """A test begins: nothing is left of the time that others took before it, so that it is the
        same where it runs alone."""
        self.us = 0
        self.fine = False
        self.idle = False  # whether there was nothing on the line when it was looked at last …
        self._due = 0  # … and until when, in us
        self._quiet_from = 0  # when the last byte was on the line
        self._shortest = 0  # wait that was measured since the driver slept, in ms

    def ticks_us(self):
        self.us += LOOK_US
        return self.us % _PERIOD

    def ticks_ms(self):
        self.us += LOOK_US
        return self.us // 1000 % _PERIOD

    def ticks_diff(self, end, start):
        waited = (end - start + _HALF) % _PERIOD - _HALF
        if waited < self._shortest:  # noqa: PLR1730 - min() would be a call for each look
            self._shortest = waited
        return waited

    def ticks_add(self, ticks, delta):
        return (ticks + delta) % _PERIOD

    def nothing(self, due=0, cost=IDLE_US, quiet_from=0):
        """A look at the line finds nothing, and will not until `due`, in us; 0 is for ever."""
        if not self.fine:
            self.idle = True
            self._due = due
            self._quiet_from = quiet_from
            self.us += cost
            if due and self.us > due:
                self.us = due

    def _up_to_due(self, us):
        self.idle = False
        return min(us, self._due - self.us) if self._due else us

    def oversleep(self):
        """An event loop has slept: where there is nothing on the line for longer it sleeps longer,
        by a small part of the silence."""
        if self.idle:
            silence = self.us - self._quiet_from - SHORT_MS * 1000
            us = max(0, self._up_to_due(min(silence // PART, LOOP_MOST_US)))
            self.us += us
            self.overslept += us

    def sleep_ms(self, ms):
        self.us += ms * 1000

    def sleep_us(self, us):
        self.us += us

    def sleep(self, seconds):
        self.us += int(seconds * 1000000)

    def nap_ms(self, ms):
        """The driver's sleep_ms: `ms`, or longer."""
        self.nap_us(ms * 1000)

    def nap_us(self, us):
        """The driver's sleep_us: `us`, or longer."""
        if self.idle:
            part = SHORT_PART if self._shortest < SHORT_MS else self.part
            us = max(us, self._up_to_due(self._shortest * 1000 // part))
            self._shortest = MOST_MS * self.part
        self.us += us

    def time(self):
        return self.us // 1000000

    def elapsed_ms(self):
        """Milliseconds since the test began."""
        return self.us // 1000


class Fine:
    """Within it, no look and no sleep is longer than it says."""

    def __enter__(self):
        clock.fine = True

    def __exit__(self, kind, value, traceback):
        clock.fine = False


class Time:
    """The module `time`: what the driver uses of it."""


clock = Clock()
fine = Fine()
sys.modules["time"] = Time
for name in ("ticks_us", "ticks_ms", "ticks_diff", "ticks_add", "sleep", "time"):
    setattr(Time, name, getattr(clock, name))
Time.sleep_ms = clock.nap_ms
Time.sleep_us = clock.nap_us
