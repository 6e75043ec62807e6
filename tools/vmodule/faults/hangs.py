"""A module that hangs, and what gets it going again; restarts that do not come."""

from ..args import Refused
from .base import Fault

CURES = ("cfun", "reset", "pwrkey", "supply")
KINDS = ("silent", "echo", "error")


class Hang(Fault):
    """hang:AFTER[,CURES[,KIND[,TIMES]]]  AFTER seconds from its start it hangs, until a restart

    CURES are joined by a plus sign: cfun (AT+CFUN=1,1), reset, pwrkey (pressed off, then on);
    the supply always helps. Without them reset and pwrkey do. KIND: silent (it hears and says
    nothing), echo (what is typed comes back, and no result), error (each line is an ERROR).
    TIMES (1; 0: for ever): so often it hangs again, AFTER seconds from the restart.
    """

    arguments = (("after", None), ("cures", ""), ("kind", ""), ("times", 1))

    def begin(self):
        self.cures = self.cures.split("+") if self.cures else ["reset", "pwrkey"]
        self.kind = self.kind or KINDS[0]
        unknown = [cure for cure in self.cures if cure not in CURES]
        if unknown or self.kind not in KINDS:
            raise ValueError("--fault hang: {} or {}".format(", ".join(CURES), ", ".join(KINDS)))
        self.left = self.times or float("inf")
        self.hanging = False
        self.line_typed = b""
        self._aim()

    def _aim(self):
        delay = self.interval(self.after)
        if delay:
            self.module.after(delay, self.strike)
        else:
            self.strike()

    def strike(self):
        if self.over or not self.left:
            return
        self.left -= 1
        self.hanging = True
        self.module.hang([*self.cures, "supply"])

    def started(self):
        self.hanging = False
        self.line_typed = b""

    def boot(self, texts):
        self._aim()
        return texts

    def output(self, data):
        return b"" if self.hanging else data

    def input(self, data):
        if not self.hanging:
            return data
        if self.kind == "echo":
            self.module.return_input(data)
        *lines, self.line_typed = (self.line_typed + data).split(b"\r")
        for line in lines:
            if "cfun" in self.cures and line.strip().upper() == b"AT+CFUN=1,1":
                self.module.return_input(b"\r\nOK\r\n")
                self.module.reboot()
                break
            if self.kind == "error" and line.strip():
                self.module.return_input(b"\r\nERROR\r\n")
        return b""


class RestartRefused(Fault):
    """restart-refused  AT+CFUN=1,1 is answered with ERROR"""

    def restarts(self):
        raise Refused(550)


class RestartIgnored(Fault):
    """restart-ignored  AT+CFUN=1,1 is answered with OK, and nothing follows"""

    def restarts(self):
        return False


class _Named(Fault):
    """Concerns commands of one name, until the module has been restarted so often."""

    def begin(self):
        self.name = self.name.lower()
        self.left = self.restarts_wanted or float("inf")

    def started(self):
        self.left -= 1

    def concerns(self):
        return self.left > 0 and self.module.command == self.name


class Unanswered(_Named):
    """unanswered:NAME[,RESTARTS]  AT+NAME gets no answer until RESTARTS (never) restarts"""

    arguments = (("name", ""), ("restarts_wanted", 0))

    def swallows(self, line):
        return self.concerns()


class RefusedCommand(_Named):
    """refused:NAME[,CODE[,RESTARTS]]  AT+NAME is an ERROR (550) until RESTARTS (never) restarts"""

    arguments = (("name", ""), ("code", 550), ("restarts_wanted", 0))

    def refusal(self, name):
        if self.concerns():
            raise Refused(int(self.code))


FAULTS = (Hang, RestartRefused, RestartIgnored, Unanswered, RefusedCommand)
