"""The RRC connection: what makes it, when the network releases it, and AT+QCSCON, which shows it,
as in the examples of QISENDEX with release assistance ("BG95-S5 TCP/IP Application Note", 3.10).
"""

from .args import Refused
from .engine import READ, TEST, WRITE
from .general import HOME

INACTIVITY = 20.0  # s until the network releases an idle connection, as in the example
RELEASE = 1.0  # s until it does after RAI 1, or after the downlink packet that RAI 2 foretold
ACKNOWLEDGED = 0.05  # s at the least until TCP's acknowledgement comes


class Radio:
    """Mixin. `radio_time()` is how long the radio has been on, counts["rrc"] how often."""

    rrc_connected = False
    _rrc_timer = None
    _rrc_since = _radio_before = 0.0

    def _start(self):
        self._rrc_over()
        super()._start()
        self._rrc_rai = 0

    def radio_time(self):
        """Seconds of RRC connections since the module was built."""
        now = self.clock.now()
        return self._radio_before + (now - self._rrc_since if self.rrc_connected else 0.0)

    def radio_used(self):
        self._connected(INACTIVITY)

    def radio_sent(self, service, rai=0):
        self.counts["rai {}".format(rai)] += 1
        self._rrc_rai = rai
        self._connected(RELEASE if rai == 1 else INACTIVITY)
        if service.is_stream:
            awaited, delay = service.acknowledged, max(self.rtt, ACKNOWLEDGED)
            service.acknowledged = self.clock.now() + delay
            if awaited is None:
                self.after(delay, lambda: self._acknowledged(service))

    def _acknowledged(self, service):
        """One timer alone: what was sent since moves it."""
        left = service.acknowledged - self.clock.now()
        if left > 1e-9:
            self.after(left, lambda: self._acknowledged(service))
            return
        service.acknowledged = None
        if service.endpoint and not service.endpoint.unacked():
            self.radio_received()

    def radio_received(self):
        self._connected(RELEASE if self._rrc_rai == 2 else INACTIVITY)

    def set_coverage(self, present):
        super().set_coverage(present)
        if not present:
            self._released()

    def _set_functionality(self, level):
        super()._set_functionality(level)
        if level != 1:
            self._released()

    def _connected(self, seconds):
        if self.registration() != HOME:
            return
        if not self.rrc_connected:
            self.rrc_connected = True
            self._rrc_since = self.clock.now()
            self.counts["rrc"] += 1
            self.radio_state(True)
        self._rrc_until = self.clock.now() + seconds
        if self._rrc_timer is None or self._rrc_timer.when > self._rrc_until:
            self._aim()

    def _aim(self):
        """One timer alone: a later moment moves it when it is due."""
        if self._rrc_timer:
            self._rrc_timer.cancel()
        self._rrc_timer = self.after(self._rrc_until - self.clock.now(), self._due)

    def _due(self):
        self._rrc_timer = None
        if self.clock.now() < self._rrc_until - 1e-9:
            self._aim()
        else:
            self._released()

    def _released(self):
        if self.rrc_connected:
            self._rrc_over()
            self.radio_state(False)

    def _rrc_over(self):
        self._radio_before = self.radio_time()
        self.rrc_connected = False
        if self._rrc_timer:
            self._rrc_timer.cancel()
            self._rrc_timer = None

    def radio_state(self, connected):
        """The RRC connection is there, or has been released."""


class RadioReports:
    """Mixin: AT+QCSCON."""

    def _start(self):
        super()._start()
        self.rrc_urc = 0

    def at_qcscon(self, form, args):
        if form == TEST:
            return self.info("+QCSCON: (0,1)")
        if form == READ:
            return self.info("+QCSCON: {},{}".format(self.rrc_urc, int(self.rrc_connected)))
        if form != WRITE:
            raise Refused
        self.rrc_urc = args.integer(0, 0, 1)

    def radio_state(self, connected):
        super().radio_state(connected)
        if self.rrc_urc:
            self.urc("+QCSCON: 1,{}".format(int(connected)))
