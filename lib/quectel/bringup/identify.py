# Which module is on a UART: AT+CGMM (3GPP TS 27.007), asked before there is a class for it. Loaded
# when needed, and unloaded after: see module.py.

import errno

from quectel import errors
from quectel.bringup import power, ready
from quectel.dialects import Dialect
from quectel.module import Module
from quectel.nic import Nic


class _Any(Dialect):
    MODEL = "the module"
    CONTEXTS = (1, 16)  # the widest range: its own class looks again


class _Asked(Module):
    def start_pump(self):
        """Nothing of it goes on in an event loop: the line is that of the class from then on."""


def detect(uart, names, options):
    """See quectel.detect."""
    import quectel

    module = _Asked(_Any(), uart, options.get("trace"), options.get("rxbuf"))
    steps = _asking(Nic(uart, module=module, **options), names)
    name = module.finish(steps, True)
    nic = getattr(quectel, name)(uart, **options)
    nic.active(True)
    return nic


def _asking(nic, names):
    if not (yield from power.wake(nic)):
        raise errors.Error(errno.ETIMEDOUT, "nothing answers AT")
    return (yield from ready.model(nic, names))
