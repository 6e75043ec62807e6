"""The RRC connection as AT+QCSCON shows it, in the examples of QISENDEX with release assistance
("BG95-S5 TCP/IP Application Note", 3.10)."""

from .args import Refused
from .engine import READ, TEST, WRITE

INACTIVITY = 20.0  # s until the network releases an idle connection, as in the example
RELEASE = 1.0  # s until it does after RAI 1, or after the downlink packet that RAI 2 foretold


class Radio:
    """Mixin."""

    def _start(self):
        super()._start()
        self.rrc_urc = 0
        self.rrc_connected = False
        self._rrc_timer = None
        self._rrc_rai = 0

    def at_qcscon(self, form, args):
        if form == TEST:
            return self.info("+QCSCON: (0,1)")
        if form == READ:
            return self.info("+QCSCON: {},{}".format(self.rrc_urc, int(self.rrc_connected)))
        if form != WRITE:
            raise Refused
        self.rrc_urc = args.integer(0, 0, 1)

    def radio_sent(self, rai=0):
        if self.rrc_urc:
            self._rrc_rai = rai
            self._connected(RELEASE if rai == 1 else INACTIVITY)

    def radio_received(self):
        if self.rrc_urc:
            self._connected(RELEASE if self._rrc_rai == 2 else INACTIVITY)

    def _connected(self, until):
        if not self.rrc_connected:
            self.rrc_connected = True
            self.urc("+QCSCON: 1,1")
        if self._rrc_timer:
            self._rrc_timer.cancel()
        self._rrc_timer = self.after(until, self._released)

    def _released(self):
        self.rrc_connected = False
        self._rrc_timer = None
        if self.rrc_urc:
            self.urc("+QCSCON: 1,0")
