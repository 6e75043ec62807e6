# interpreters: cpython unix
"""quectel.link for months: the ladder of restarts to the one, no leak, and many at once."""

import gc
import sys

import micropython
import virtual_time
import quectel
from failing_module import FailingModule, now, pass_time
from quectel.output import Output

clock = virtual_time.clock
DIALECTS = ("BC95GR", "BC20", "BG95S5", "BC25", "RM500U")
# A restart costs MicroPython 20 ms of this machine: there one dialect has its month, here each.
MONTHS = DIALECTS if sys.implementation.name == "cpython" else ("BG95S5",)
HOUR = 3600
DAY = 24 * HOUR
LOOK = HOUR
STEP_MS = 500  # most of the time that is not jumped over is a wait of 1 s


# To load the files of bringup/ anew for each of thousands of restarts would take most of the time.
quectel.module.unload = lambda folder: False


def linked(model, **options):
    uart = FailingModule(model)
    nic = getattr(quectel, model)(uart)
    link = quectel.link.Link(nic, "internet", seed="1", **options)
    return uart, nic, link


def test_thirty_days_without_a_network():
    for model in MONTHS:
        uart, _, link = linked(model, look=LOOK, spread=0)
        uart.stat = 4
        start = now()
        pass_time(link, 30 * DAY, step_ms=STEP_MS)
        times = [time - start for time in uart.restarts]
        # BG95-S5, Figure 1, note 3: four at once, then in 10 minutes, in 30, each hour.
        sixth = times[3] + 600 + 1800
        assert times[3] < 4 * 100, (model, times[:4])
        expected = 6 + int((30 * DAY - sixth) // HOUR)
        assert len(times) == expected, (model, len(times), expected)
        for before, after in zip(times[5:], times[6:]):
            assert HOUR - 1 < after - before < HOUR + 1, (model, before, after)
        uart.stat = 1
        # The next look, then the SIM within 20 s, the registration within 60 s, the context.
        assert pass_time(link, LOOK + 20 + 60 + 150, lambda: link.up), model
        assert len(uart.restarts) == expected


def test_a_year_of_nightly_outages():
    measured = hasattr(gc, "mem_alloc")
    uart, nic, link = linked("BG95S5", look=LOOK)
    used = []
    restarts = 0
    for night in range(365 if measured else 30):
        pass_time(link, DAY - 4 * 60, step_ms=STEP_MS)
        assert link.up, (night, link.events)
        s = nic.socket()
        s.connect(("h", 80))
        uart.stat = 4
        uart.activated = False
        uart.say('+QIURC: "pdpdeact",1')
        pass_time(link, 4 * 60, step_ms=STEP_MS)
        assert not link.up
        s.close()
        uart.stat = 1
        restarts += len(uart.restarts)
        uart.restarts.clear()
        uart.asked.clear()
        if measured and night % 30 == 4:
            gc.collect()
            used.append(gc.mem_alloc())
    assert restarts > night, restarts
    print("in use, each month, bytes:", used)
    # A few bytes more or less that nobody uses look as if they were used.
    assert not used or max(used[7:]) <= max(used[1:7]) + 256, used


class Quiet:
    """A UART whose module says that it is registered, and needs no heap for that."""

    def __init__(self, stat):
        self._answers = {
            ord(text[1]): b"\r\n+" + text.encode() + b"\r\n\r\nOK\r\n"
            for text in ("CEREG: 0,%d" % stat, "CGREG: 0,5", "QIGETERROR: 0, words")
        }
        self._answer = b""
        self._at = 0
        self.asked = 0

    def write(self, buf, offset, size):
        self._answer = self._answers[buf[4]]  # AT+CEREG?, AT+CGREG?, AT+QIGETERROR
        self._at = 0
        self.asked += 1
        return size

    def any(self):
        return len(self._answer) - self._at

    def readinto(self, buf, size):
        for i in range(size):
            buf[i] = self._answer[self._at]
            self._at += 1
        return size


def test_a_link_that_is_up_allocates_nothing():
    for model in DIALECTS:
        _, nic, link = linked(model)
        assert pass_time(link, 300, lambda: link.up)
        nic.choose("failed_opens", 1)  # what it compares that with is no file's to load
        pass_time(link, 100)
        uart = Quiet(2 if nic.dialect.REGISTRATION else 1)  # the second radio, where there is one
        nic.channel.choose("uart", uart)
        nic.channel.choose("output", Output(uart, 115200))
        micropython.heap_lock()
        try:
            for _ in range(1000):
                link.step()
                clock.us += 200000
        finally:
            micropython.heap_unlock()
        assert link.up and uart.asked >= 2, (model, uart.asked, link.events)
