# Which module is on a UART: AT+CGMM (3GPP TS 27.007), asked before there is a class for it.

import errno

from quectel import bringup, errors
from quectel.dialects import PacketData
from quectel.modem import Modem


class _Any(PacketData):
    MODEL = "the module"
    CONTEXTS = (1, 16)  # the widest range: its own class looks again


class _Module(Modem):
    dialect = _Any()

    def keep_going(self):
        """Nothing of it goes on in an event loop: the line is that of the class from then on."""


def detect(uart, names, options):
    """See quectel.detect."""
    import quectel

    nic = _Module(uart, **options)
    name = nic.complete(nic.spawn(_asking(nic, names)))
    nic = getattr(quectel, name)(uart, **options)
    nic.active(True)
    return nic


def _asking(nic, names):
    if not (yield from bringup.wake(nic)):
        raise errors.Error(errno.ETIMEDOUT, "nothing answers AT")
    return (yield from bringup.model(nic, names))
