# What tells a program that the connection, the registration or the module itself has changed.
# Loaded when asked for.

from micropython import const
from quectel import at

_SHORT_MS = const(5000)


class Watch:
    """Tells `callback` of what changes for `nic`. It looks after each step of the module in which
    something was done."""

    def __init__(self, nic, callback):
        self.nic = nic
        self._callback = callback
        self._state = nic.state
        self._handler = self._on_stat
        self._stats = {}  # of each radio, as its URC has told it
        self._stat = self._seen = nic.module.registration
        self._down = not nic.module.ready
        for name in self.names():
            nic.channel.watchers.append((name, self._handler))

    def names(self):
        """What the URCs of the registration begin with."""
        return [name + b": " for name in self.nic.dialect.REGISTRATION or (b"+CEREG",)]

    def switching(self, on):
        """Generator: have the module report its registration, or no more. One that refuses does
        not report it."""
        for name in self.names():
            yield from self.nic.run(at.Command(b"AT%s=%d" % (name[:-2], on), _SHORT_MS))

    def stop(self):
        """Tell nothing any more."""
        watchers = self.nic.channel.watchers
        watchers[:] = [entry for entry in watchers if entry[1] is not self._handler]

    def look(self):
        """Called by the module when something may have changed."""
        state, stat = self.nic.state, self.nic.module.registration
        if self.nic.module.ready:
            self._down = False
        if stat != self._seen:  # asked for by somebody
            self._seen = stat
            self._registered(stat)
        if state != self._state:
            self._state = state
            self._tell("status", state)

    def on_end(self, nic, text):
        """Called by the module when it has restarted, or the context of `nic` has ended."""
        if nic is not self.nic or self._down:
            return
        self._down = not nic.module.ready
        self._tell("restart" if self._down else "context", text)

    def _on_stat(self, channel):
        # +CEREG: <stat>[,…]
        name = channel.rest(0)
        name, _, stat = name.partition(":")
        stat = stat.split(",")[0].strip()
        if stat.isdigit():
            self._stats[name] = int(stat)
            stats = self._stats.values()
            self._registered(max(stats, key=_rank))

    def _registered(self, stat):
        if stat is not None and stat != self._stat:
            self._stat = stat
            self._tell("registration", stat)

    def _tell(self, what, value):
        self.nic.module.calls.append((self._call, (what, value)))

    def _call(self, change):
        self._callback(*change)


def _rank(stat):
    # Registered goes before searching, and that before all else.
    return (stat in (1, 5), stat == 2, stat)


def on_change(nic, callback):
    """Call `callback(what, value)` when something changes; None stops it.

    "status"        the interface has another status: value is a STAT_ constant
    "registration"  the module has another registration: value is <stat> of 3GPP TS 27.007 (1 home,
                    2 searching, 3 denied, 5 roaming)
    "context"       the context has ended, and its sockets have failed: value says why
    "restart"       the module has restarted, or was reset: value says how it was noticed

    It is called from poll, so during any call of the driver, and in an event loop by the driver's
    task; never while the program does something else. It may ask what sends nothing, set
    variables, call connect without a time-out; it must not wait. What it raises is printed. The
    module reports its registration by AT+CEREG=1 and AT+CGREG=1 (3GPP TS 27.007), which are sent
    now and after each restart."""
    module = nic.module
    for watch in module.watches[:]:
        if watch.nic is nic:
            watch.stop()
            module.watches.remove(watch)
            if callback is None and module.ready:
                module.finish(watch.switching(False), True)
    if callback is not None:
        watch = Watch(nic, callback)
        module.watches.append(watch)
        if module.ready:
            module.finish(watch.switching(True), True)
