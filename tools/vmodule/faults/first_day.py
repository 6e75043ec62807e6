"""What can be wrong when a module is wired for the first time."""

from ..pace import misread
from .base import Fault


class Off(Fault):
    """off[:SECONDS]  it is off until PWRKEY has been pressed for SECONDS (0.5)

    No host that comes switches it on. A press of the same length switches it off again.
    """

    arguments = (("seconds", 0.5),)

    def begin(self):
        self.module.KEY_TIME = self.seconds
        self.module.needs_key = True
        self.module.powered = False


class Baud(Fault):
    """baud:RATE[,HOST]  its UART is at RATE, and the host's at HOST (115200): where they differ,
    each side reads bits that nobody sent"""

    arguments = (("rate", None), ("host", 115200))

    def begin(self):
        self.module.baud, self.module.host_baud = int(self.rate), int(self.host)

    def _rates(self):
        return self.module.baud or self.module.host_baud, self.module.host_baud

    def input(self, data):
        own, host = self._rates()
        return misread(data, host, own)

    def output(self, data):
        return misread(data, *self._rates())


class Loopback(Fault):
    """loopback  the host's TX is wired to its own RX: what it sends comes back, and no module
    hears it"""

    def input(self, data):
        self.module.return_input(data)
        return b""

    def output(self, data):
        return b""


class Deaf(Fault):
    """deaf  the host's TX is not connected: the module hears nothing, and is heard"""

    def input(self, data):
        return b""


class SimPuk(Fault):
    """sim-puk[:PUK]  the SIM is blocked, and asks for PUK (12345678) at each start"""

    arguments = (("puk", ""),)

    def begin(self):
        module = self.module
        module.PUK = self.puk or module.PUK
        module.sim_pin, module.pin_tries, module.sim_asks = "1234", 0, "SIM PUK"


class Denied(Fault):
    """denied[:SECONDS]  the network does not take the SIM, for SECONDS (for ever): state 3"""

    arguments = (("seconds", 0),)

    def begin(self):
        self.module.denied = True
        if self.seconds:
            self.module.clock.call_later(self.seconds, self._taken)

    def _taken(self):
        if not self.over:
            self.module.take_sim()


class Apn(Fault):
    """apn:NAME  the operator gives no context but with this access point name, or with none"""

    arguments = (("name", ""),)

    def begin(self):
        self.module.operator_apn = self.name


FAULTS = (Off, Baud, Loopback, Deaf, SimPuk, Denied, Apn)
