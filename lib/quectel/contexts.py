# Several contexts at once: a second network interface over the same module.

from quectel import bringup
from quectel.dialects import within
from quectel.modem import Modem


class Context:
    """One more context of a module: it connects, resolves and opens sockets for itself, and all
    else it has is the module's. What ends one context ends the sockets of that one only."""

    def __init__(self, nic, cid):
        self._nic = nic
        self.cid = cid
        self.apn = self.user = self.key = None
        self.auth = None
        self.family = 1
        self.address = None
        self.epoch = 0
        self.state = bringup.STAT_IDLE
        self.failure = None
        self._connecting = None
        self._told = False

    def __getattr__(self, name):
        return getattr(self._nic, name)

    # These act on what is this context's own.
    connect = Modem.connect
    disconnect = Modem.disconnect
    stop_connecting = Modem.stop_connecting
    isconnected = Modem.isconnected
    status = Modem.status
    ipconfig = Modem.ipconfig
    ifconfig = Modem.ifconfig
    socket = Modem.socket
    resolve = Modem.resolve
    ping = Modem.ping
    ntp = Modem.ntp
    must_be_connected = Modem.must_be_connected
    run = Modem.run
    ask = Modem.ask
    until = Modem.until
    why = Modem.why
    _last_error = Modem._last_error
    free_id = Modem.free_id
    end_epoch = Modem.end_epoch
    _end_state = Modem._end_state

    def config(self, *args, **kwargs):
        """As Modem.config; the access point is this context's."""
        return self.service("settings").config(self, args, kwargs)

    @property
    def ready(self):
        """See Modem."""
        return self._nic.ready

    @ready.setter
    def ready(self, value):
        self._nic.ready = value

    @property
    def header_fields(self):
        """See Modem."""
        return self._nic.header_fields

    @header_fields.setter
    def header_fields(self, value):
        self._nic.header_fields = value

    @property
    def transparent(self):
        """See Modem."""
        return self._nic.transparent

    @transparent.setter
    def transparent(self, value):
        self._nic.transparent = value


def context(nic, cid):
    """See Modem.context."""
    within(cid, nic.dialect.CONTEXTS, "cid")
    for other in nic.contexts:
        if other.cid == cid:
            return other
    made = Context(nic, cid)
    nic.contexts.append(made)
    return made
