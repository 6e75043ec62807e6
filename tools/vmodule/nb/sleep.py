"""Deep sleep ("BC65&BC92&BC95-GR TCP/IP Application Note", 2.2.1, note 2), and BC25's QSCLK with
+QATSLEEP and +QATWAKEUP ("BC25&BC32 TCP/IP", 4.4).

PSM_EINT wakes the module (4.4), and so does PWRKEY, which then switches nothing off; a test may
call `deep_sleep()` and `wake()`. A byte on the UART wakes it too: it is lost, as is what follows
until the module is awake.
"""

from ..args import Refused
from ..engine import READ, TEST, WRITE
from ..services import UDP


class Sleep:
    """Mixin."""

    WAKE_TIME = 0.05  # s

    def _start(self):
        super()._start()
        self.asleep = False
        self._waking = False

    def may_sleep(self):
        """Never in the middle of something."""
        return self.idle() and not (self.sending or self.asleep)

    def deep_sleep(self):
        """Falls asleep, if it may: True. TCP is gone when it wakes, UDP is as it was."""
        if not self.may_sleep():
            return False
        self.sleep_told()
        self.asleep = True
        for service in list(self.services.values()):
            if service.kind != UDP:
                self.drop(service)
        if "open_time" in self.config:
            self.config["open_time"] = (self.OPEN_TIME,)  # 2.2.11: not kept
        self.counts["deep sleep"] += 1
        return True

    def sleep_in_psm(self):
        return self.asleep or self.deep_sleep()

    def wake_for_update(self):
        self.wake()

    def wake(self):
        if not self.asleep:
            return
        self.asleep = self._waking = False
        self.wake_told()
        self.settle()
        self.woken()

    def sleep_told(self):
        """Only BC25 tells."""

    wake_told = sleep_told

    def urc_possible(self):
        return not self.asleep and super().urc_possible()

    def feed(self, data):
        if not self.asleep:
            return super().feed(data)
        self.counts["typed asleep"] += len(data)
        self._begin_waking()

    def _begin_waking(self):
        if not self._waking:
            self._waking = True
            self.after(self.WAKE_TIME, self.wake)

    def set_psm_eint(self, pulled):
        if pulled and self.asleep:
            self._begin_waking()

    def set_pwrkey(self, pressed):
        if self.asleep:
            return self.set_psm_eint(pressed)
        super().set_pwrkey(pressed)


class SleepControl(Sleep):
    """Mixin for BC25."""

    def _start(self):
        super()._start()
        self.sleep_enabled = 1

    def at_qsclk(self, form, args):
        if form == TEST:
            return self.info("+QSCLK: (0,1)")
        if form == READ:
            return self.info("+QSCLK: {}".format(self.sleep_enabled))
        if form != WRITE:
            raise Refused
        self.sleep_enabled = args.integer(0, 0, 1)

    def may_sleep(self):
        kept_awake = self.keepalive[0] and any(
            service.is_stream for service in self.services.values())  # fmt: skip
        return super().may_sleep() and self.sleep_enabled and not kept_awake

    def sleep_told(self):
        self.urc("+QATSLEEP")

    def wake_told(self):
        self.urc("+QATWAKEUP")
