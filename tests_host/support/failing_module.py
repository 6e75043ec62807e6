"""A module whose network fails, and which fails itself: what a link over it meets. In virtual
time, which jumps where the link has nothing to do."""

from cellular_module import OK, CellularModule
from virtual_time import clock

STEP_MS = 200
KEPT = 1000  # lines of `asked`: those of a month would be more than a heap in use holds in a piece


class FailingModule(CellularModule):
    """A module that can be deaf to some commands, refuse others, and restart for good or not."""

    deaf = ()  # commands without an answer
    opens = 0  # +QIOPEN's result; None: none comes

    def __init__(self, model):
        self.restarts = []  # when it was told to, in s
        super().__init__(model)

    def reply(self, line):
        if len(self.asked) > KEPT:
            self.asked.clear()
        if [True for name in self.deaf if line.startswith(name)]:
            return ""
        if line.startswith("AT+QIOPEN="):
            if self.opens is None:
                return OK
            number = line.partition("=")[2].split(",")[1]
            return OK + "\r\n+QIOPEN: %s,%d\r\n" % (number, self.opens)
        if line.startswith("AT+QICLOSE="):
            return OK + "\r\nCLOSE OK\r\n"
        if line in ("AT+CFUN=1,1", "AT+NRB"):
            self.restarts.append(clock.us / 1000000)
        return super().reply(line)


def now():
    return clock.us / 1000000


def pass_time(link, seconds, until=None, step_ms=STEP_MS):
    """Steps for so long, or until `until()`. The clock jumps where the link has nothing to do;
    while it waits for the module, its steps are `step_ms` apart."""
    end = now() + seconds
    while now() < end:
        ms = link.step()
        if until is not None and until():
            return True
        if not link.nic.module.under_way and not link.nic.module.channel.uart.any():
            clock.sleep_ms(max(20, min(ms, int((end - now()) * 1000))))
        elif not link.nic.module.channel.uart.any():
            clock.sleep_ms(step_ms)
    return until is None
