# interpreters: cpython unix
"""boards/examples/watch.py with a watchdog and without."""

import errno
import sys

import virtual_time

sys.path.insert(0, __file__.rpartition("/")[0] + "/../../boards/examples")

from watch import Watch

clock = virtual_time.clock


class Machine:
    """A port's module `machine`."""

    def __init__(self):
        self.fed = 0
        self.WDT = self._start  # no method: MicroPython imports none

    def _start(self, timeout):
        assert timeout <= 8388  # ms; the most of an RP2040, by MicroPython's documentation
        return self

    def feed(self):
        self.fed += 1


def watch(machine):
    before = sys.modules.get("machine")
    sys.modules["machine"] = machine
    try:
        return Watch(10)
    finally:
        del sys.modules["machine"]
        if before:
            sys.modules["machine"] = before


def raised(call):
    try:
        call()
    except OSError as e:
        return e.args[0]


def test_it_is_fed_while_a_call_waits():
    machine = Machine()
    seen = watch(machine)
    for _ in range(9):
        clock.sleep(1)
        seen()
    assert machine.fed == 9
    seen.feed()
    assert machine.fed == 10


def test_a_call_that_waits_too_long_ends():
    for machine in (Machine(), object()):
        seen = watch(machine)
        clock.sleep(9)
        seen()
        clock.sleep(2)
        assert raised(seen) == errno.ETIMEDOUT
        seen()  # what the program does about it may wait, too
        clock.sleep(9)
        seen()
        clock.sleep(2)
        assert raised(seen) == errno.ETIMEDOUT
        clock.sleep(9)
        seen.feed()
        clock.sleep(9)
        seen()
