"""Quectel modules as network interfaces: TCP/IP over AT commands.

import quectel
nic = quectel.BG95S5(uart)
nic.active(True)
nic.connect("internet")
"""

from collections.abc import Callable

from quectel import aio as aio
from quectel import errors as errors
from quectel import link as link
from quectel import nic as nic
from quectel import socket as socket
from quectel.services.diagnose import Diagnosis
from quectel import stream as stream

__version__: str

class BC65(nic.Nic):
    """BC65: 6 sockets, TCP LISTENER, deep sleep, release assistance; names, ping, time."""

class BC92(nic.Nic):
    """BC92: 6 sockets, TCP LISTENER, transparent mode, deep sleep, release assistance; names,
    ping, time."""

class BC95GR(nic.Nic):
    """BC95-GR: 6 sockets, TCP LISTENER, deep sleep, release assistance; names, ping, time."""

class BC20(nic.Nic):
    """BC20: 5 sockets, TCP and UDP clients, deep sleep; names, ping, time."""

class BG95S5(nic.Nic):
    """BG95-S5: 12 sockets, TCP LISTENER, UDP SERVICE, several contexts, transparent mode, release
    assistance; names, ping, time."""

class BC25(nic.Nic):
    """BC25: 6 sockets, TCP LISTENER, deep sleep; names, ping, time."""

class BC32(nic.Nic):
    """BC32: 6 sockets, TCP LISTENER, deep sleep; names, ping, time."""

class RG200U(nic.Nic):
    """RG200U: 12 sockets, TCP LISTENER, UDP SERVICE, several contexts, transparent mode; names,
    ping. `nic.ntp` raises EOPNOTSUPP."""

class RG500U(nic.Nic):
    """RG500U: 12 sockets, TCP LISTENER, UDP SERVICE, several contexts, transparent mode; names,
    ping. `nic.ntp` raises EOPNOTSUPP."""

class RM500U(nic.Nic):
    """RM500U: 12 sockets, TCP LISTENER, UDP SERVICE, several contexts, transparent mode; names,
    ping. `nic.ntp` raises EOPNOTSUPP."""

def detect(
    uart: nic._UART,
    *,
    pwrkey: nic._Pin | None = None,
    reset: nic._Pin | None = None,
    dtr: nic._Pin | None = None,
    psm_eint: nic._Pin | None = None,
    cid: int = 1,
    trace: Callable[[str], object] | None = None,
    rxbuf: int | None = None,
    pin: str | None = None,
    idle: Callable[[], object] | None = None,
    power: Callable[[bool], object] | None = None,
) -> nic.Nic:
    """Ask the module on `uart` who it is; an interface of the right class, which is active.

    The keywords are those of the classes. Raises ETIMEDOUT if nothing answers, ENODEV if what
    answers is none of the modules that the driver knows."""

def diagnose(
    uart: nic._UART | nic.Nic,
    apn: str | None = None,
    user: str | None = None,
    key: str | None = None,
    *,
    host: str = "example.com",
    port: int = 80,
    timeout: float = 180,
    show: Callable[[str], object] | None = None,
    pwrkey: nic._Pin | None = None,
    reset: nic._Pin | None = None,
    dtr: nic._Pin | None = None,
    psm_eint: nic._Pin | None = None,
    cid: int = 1,
    trace: Callable[[str], object] | None = None,
    rxbuf: int | None = None,
    pin: str | None = None,
    idle: Callable[[], object] | None = None,
    power: Callable[[bool], object] | None = None,
) -> Diagnosis:
    """Find out what keeps the module on `uart` from working, and print a line for each step: line
    and baud rate, module, SIM, signal, registration, operator, access point, context, DNS, one
    packet. It goes on after another baud rate and a small buffer, and stops at any other step that
    is not well. The result is true where all is well.

    uart     or an interface over it, as a board's modem() gives; it has the other keywords then
    apn, user, key  as for connect
    host, port  of a TCP server, which is to be found and reached
    timeout  s for SIM, registration and context
    show     called with each line, in place of print
    The other keywords are those of the classes. The UART is left at the baud rate at which the
    module answers, the interface connected if it could be. Whatever the module does raises nothing
    here."""

def timed(say: Callable[[str], object]) -> Callable[[str], None]:
    """`trace=quectel.timed(print)`: each line with the time before it, in seconds with three
    places, from this call on."""

def install(nic: nic.Nic, network: bool = False) -> None:
    """Make `nic` the module `socket` of every program that is imported from now on. With `network`
    also what they get as network.WLAN(), with the numbers of the port; WLAN().connect uses the
    access point name that `nic` has (nic.config(apn=...))."""
