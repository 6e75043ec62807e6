# Which module is on a UART: AT+CGMM (3GPP TS 27.007), asked before there is a class for it. Loaded
# when needed, and unloaded after: see module.py.

from micropython import const
from quectel import at
from quectel.bringup import power, ready
from quectel.bringup.uart import check
from quectel.dialects import Dialect
from quectel.module import Module
from quectel.nic import Nic

_ANSWER_MS = const(500)  # an AT that is not answered by then goes unheard


class _Any(Dialect):
    MODEL = "the module"
    CONTEXTS = (1, 16)  # the widest range: its own class looks again


class _Asked(Module):
    def start_pump(self):
        """Nothing of it goes on in an event loop: the line is that of the class from then on."""


def detect(uart, names, options):
    """See quectel.detect."""
    import quectel

    check(uart, options)
    asked = unknown(uart, options)
    name = asked.module.finish(_asking(asked, names), True)
    nic = getattr(quectel, name)(uart, **options)
    nic.active(True)
    return nic


def unknown(uart, options):
    """An interface to a module whose model is not known yet; `options` as of Nic."""
    module = _Asked(_Any(), uart, options.get("trace"), options.get("rxbuf"))
    return Nic(uart, module=module, **options)


def hears(uart, trace, idle):
    """Whether what is on `uart` answers AT within a second; `trace` and `idle` as of Nic."""
    module = unknown(uart, {"trace": trace, "idle": idle}).module
    module.channel.choose("probe", None)  # as in power.py
    for _ in range(2):
        command = at.Command(b"AT", _ANSWER_MS)
        module.finish(module.run(command))
        if command.result in (at.DONE, at.ERROR):
            return True
    return False


def _asking(nic, names):
    yield from power.wake(nic)
    return (yield from ready.model(nic, names))
