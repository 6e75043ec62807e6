# A link that stays up where nobody will press reset: what is done, and when, after the network,
# the context or the module has failed. It decides as Figure 1 of the BG95-S5 TCP/IP Application
# Note draws it; how each thing is done is in bringup/. The other documents have no such figure:
# with their modules it decides the same, with the times of their dialects.
#
# Link makes the steps, never a task of the module's: a module that has nothing to do costs nothing
# then, and bringup/ leaves the memory while the link is up.

import struct
import time

from micropython import const

from quectel import at, load

_SHORT_MS = const(5000)  # commands of 3GPP TS 27.007 that ask no network
_REGISTERED = (1, 5)  # <stat> of AT+CEREG? (3GPP TS 27.007, 10.1.22): at home, roaming
_SEARCHING = const(2)
_LOOK_MS = const(10000)  # between two looks at the registration while it is awaited soon
_RETRY_MS = const(60000)  # before what was refused is tried again without a restart …
_RETRY_MOST_MS = const(3840000)  # … and then twice as long, up to this
_STEADY_MS = const(600000)  # the link is up for so long: the restarts before it are forgotten
_EVENTS = const(16)  # kept
_STATE = "<2sBHI"  # what it is, restarts, seconds since the last one, the clock; then a checksum
_MARK = b"QL"


class _Look(at.Command):
    # AT+CEREG? and the like. Made once, so that to look allocates nothing.

    def __init__(self, name):
        super().__init__(b"AT" + name + b"?", _SHORT_MS, name + b": ")
        self.stat = None
        self.begun(False)
        self.ended(at.DONE)

    def start(self, channel):
        self.stat = None
        channel.start(self)

    def line(self, channel):
        # +CEREG: <n>,<stat>[,…]; in a URC of that name the second is no number.
        channel.number()
        stat = channel.number()
        if stat is not None:
            self.stat = stat


class _Registration:
    """Looks at the registration, a step at a time, and never waits.

    stat      the best <stat> of the radios, after the last look; None where none was told
    answered  whether the module has said anything to it
    """

    def __init__(self, nic):
        self._module = nic.module
        names = nic.dialect.REGISTRATION or (b"+CEREG",)
        self._looks = [_Look(name) for name in names]
        self._at = -1  # the one that is under way
        self._since = time.ticks_ms()
        self.stat = None
        self.answered = False

    def left(self, ms):
        """How many ms are left until `ms` after the last look; 0 while one is under way."""
        return max(0, ms - time.ticks_diff(time.ticks_ms(), self._since)) if self._at < 0 else 0

    def step(self):
        """A step of a look; whether it is over."""
        module = self._module
        if self._at < 0:
            if module.channel.asleep:
                self._since = time.ticks_ms()  # to ask would wake it
            elif module.channel.idle:
                self._at = 0
                self.stat = None
                self.answered = False
                self._looks[0].start(module.channel)
            return False
        look = self._looks[self._at]
        if look.result == at.PENDING:
            return False
        if look.result == at.DONE or look.result == at.ERROR:
            self.answered = True
        stat = look.stat
        if self.stat is None or stat in _REGISTERED or stat == _SEARCHING:
            self.stat = stat
        if self._at + 1 < len(self._looks) and self.stat not in _REGISTERED:
            if module.channel.idle:
                self._at += 1
                self._looks[self._at].start(module.channel)
            return False
        self._at = -1
        self._since = time.ticks_ms()
        module.choose("registration", self.stat)
        return True


class _Endings:
    # Is told why a context has ended: one of Module.watches, for the words alone.

    nic = None  # no program's callback: nic.on_change leaves it alone

    def __init__(self, nic):
        self._nic = nic
        self.text = "the context is not active"
        nic.module.watches.append(self)

    def switching(self, on):
        return ()

    def look(self):
        pass

    def on_end(self, nic, text):
        if nic is self._nic:
            self.text = text


class Link:
    """Keeps `nic` connected for as long as step() is called or run() is awaited: brings it up,
    watches it, and does what Figure 1 of the BG95-S5 TCP/IP Application Note says after a failure.
    One Link for a module; see lib/docs/how-to/years.md for what it does when.

    apn, user, key  as for nic.connect; without `apn` what `nic` has
    state   what `state` gave before the microcontroller restarted: bytes. What is none (nothing,
            an empty or damaged memory) counts as none
    seed    text or bytes that no other board has, as the IMEI: what the random part of each wait
            comes from (machine.unique_id(), or os.urandom where there is none; ValueError where
            there is neither)
    spread  seconds: each wait is longer by up to so much, or by up to a quarter of itself if that
            is more (60); 0: by nothing
    look    seconds between two looks at the registration while the link is up, and while it waits
            long (60)
    clock   called for the time in seconds; best one that a restart of the microcontroller does not
            set back (time.time)
    tell    called with the words of each event. It may store `state`; it must not wait, nor call
            step. What it raises is printed

    up      whether the link is up: connected, and registered when that was last looked at
    events  the last 16 decisions, the oldest first: (clock, words)

    ValueError where an argument cannot be."""

    def __init__(
        self,
        nic,
        apn=None,
        user=None,
        key=None,
        *,
        state=None,
        seed=None,
        spread=60,
        look=60,
        clock=None,
        tell=None,
    ):
        if spread < 0 or look <= 0:
            raise ValueError("spread must not be negative, and look not 0")
        load("bringup.context").choose_access_point(nic, apn, user, key, nic.auth, nic.family)
        dialect = nic.dialect
        self.nic = nic
        self.up = False
        self.events = []
        self._spread_ms = int(spread * 1000)
        self._look_ms = int(look * 1000)
        self._clock = clock or time.time
        self._tell = tell
        self._ladder = dialect.RESTART_AFTER
        self._opens = dialect.FAILED_OPENS
        self._random = _seeded(seed)
        self._restarts = 0  # since the link was up for long
        self._restarted = time.ticks_ms()  # when the last of them was
        self._restore(state)
        self._rung_ms = self._rung()  # what must be between that one and the next
        self._retry_ms = _RETRY_MS
        self._registration = _Registration(nic)
        self._endings = _Endings(nic)
        self._steps = self._deciding()

    # ---- what programs call ----

    def step(self):
        """A step of the link and of its module, without waiting. Returns for how many ms it has
        nothing to do unless the module says something: a loop that sleeps longer is late."""
        self.nic.module.poll()
        return next(self._steps)

    async def run(self):
        """step() in a task of asyncio, until that is cancelled."""
        await load("aio").step(self)

    @property
    def state(self):
        """What the link knows of its last restarts: 10 bytes to be stored over a restart of the
        microcontroller, as in machine.RTC().memory, and given to the next Link."""
        passed = min(self._passed() // 1000, 0xFFFF) if self._restarts else 0
        now = self._now() & 0xFFFFFFFF
        told = struct.pack(_STATE, _MARK, min(self._restarts, 255), passed, now)
        return told + bytes([sum(told) & 255])

    # ---- what it keeps ----

    def _restore(self, state):
        state = bytes(state or b"")
        size = struct.calcsize(_STATE)
        if len(state) != size + 1 or state[:2] != _MARK or sum(state[:size]) & 255 != state[size]:
            return
        _, self._restarts, passed, then = struct.unpack(_STATE, state[:size])
        # A clock that began anew tells nothing of the time between.
        passed += max(0, self._now() - then)
        self._restarted = time.ticks_add(
            self._restarted, -min(passed, 2 * self._ladder[-1]) * 1000
        )

    def _now(self):
        return int(self._clock())  # time.time has fractions on some ports

    def _passed(self):
        # ms since the last restart
        return time.ticks_diff(time.ticks_ms(), self._restarted)

    def _rung(self):
        return self._lengthened(self._ladder[min(self._restarts, len(self._ladder) - 1)] * 1000)

    def _lengthened(self, ms):
        # Many boards lose a network at the same moment: they must not come back at the same one.
        self._random = (self._random * 1103515245 + 12345) & 0x3FFFFFFF
        most = max(self._spread_ms, ms // 4) if self._spread_ms else 0
        return ms + (self._random >> 8) % (most + 1)

    def _say(self, text):
        if len(self.events) >= _EVENTS:
            self.events.pop(0)
        self.events.append((self._now(), text))
        if self._tell is not None:
            try:
                self._tell(text)
            except Exception as e:
                load("services.command").report(e)

    # ---- what it decides: generators, which yield for how many ms they have nothing to do ----

    def _deciding(self):
        while True:
            why = yield from self._connecting()
            if why is None:
                why = yield from self._holding()
            if why is not None:
                yield from self._restarting(why)
            else:
                yield from self._pause(self._lengthened(0))

    def _connecting(self):
        # Returns None once it is connected, else why not.
        nic, module = self.nic, self.nic.module
        module.choose("hung", None)
        while nic.state != nic.STAT_GOT_IP:
            if not module.active:
                task = yield from self._task(load("bringup.power").switching(nic, True))
                if task.error is not None:
                    return _words(task.error)
            self._say("connects")
            nic.connect()
            while nic.state == nic.STAT_CONNECTING:
                if module.hung is not None:
                    return self._hung()
                yield 0
            if nic.state in (nic.STAT_NO_SIM, nic.STAT_CONNECT_FAIL):
                return _words(nic.failure)
        return None

    def _holding(self):
        # Returns why the module must restart; None where it is only to connect again.
        nic, module, registration = self.nic, self.nic.module, self._registration
        nic.status()  # if the context is lost from here on, it is this that connects again
        nic.choose("failed_opens", 0)
        epoch = nic.epoch
        begun = time.ticks_ms()
        lost = None  # since when it is not registered
        self._retry_ms = _RETRY_MS
        self._say("up, as %s" % nic.address[0])
        try:
            while module.hung is None:
                self.up = lost is None and not module.checking
                if nic.epoch != epoch or nic.state != nic.STAT_GOT_IP:
                    self._say("down: " + self._endings.text)
                    return None
                if nic.failed_opens >= self._opens:
                    return (yield from self._renewing("%d opens failed" % nic.failed_opens))
                if self._restarts and time.ticks_diff(time.ticks_ms(), begun) >= _STEADY_MS:
                    self._restarts = 0
                    self._rung_ms = self._rung()
                left = registration.left(self._look_ms if lost is None else _LOOK_MS)
                if left == 0 and registration.step():
                    if registration.stat is None or registration.stat in _REGISTERED:
                        if lost is not None:
                            lost = None
                            self._say("registered again")
                            module.check_alive()  # what is left of the context?
                    elif lost is None:
                        lost = time.ticks_ms()
                        self._say("down: not registered, stat %d" % registration.stat)
                    elif time.ticks_diff(time.ticks_ms(), lost) >= nic.dialect.REGISTRATION_MS:
                        return (yield from self._renewing("not registered"))
                yield left
            return self._hung()
        finally:
            self.up = False

    def _renewing(self, why):
        # The context is given up, so that it can be activated anew; returns as _holding does.
        nic, module = self.nic, self.nic.module
        self._say(why + ": the context anew")
        self.up = False
        for _ in range(nic.dialect.DEACTIVATE_TRIES):
            task = yield from self._task(load("bringup.pdp").deactivate(nic))
            refused = task.error is not None or task.value.result == at.ERROR
            if not refused or module.hung is not None:
                break
        nic.set_state(nic.STAT_IDLE)
        nic.end_epoch(why)
        if refused:
            return "the context cannot be deactivated"
        return self._hung()

    def _hung(self):
        hung = self.nic.module.hung
        return hung and "no answer to " + hung

    def _restarting(self, why):
        # Restarts the module, where the next rung of the ladder lets it; else returns once it
        # may be worth while to connect without that.
        nic = self.nic
        wait = self._rung_ms - (self._passed() if self._restarts else 0)
        self._say("restart %d in %d s: %s" % (self._restarts + 1, max(0, wait) // 1000, why))
        if (yield from self._waiting(wait)):
            return
        self._restarts += 1
        self._restarted = time.ticks_ms()
        self._rung_ms = self._rung()
        self._retry_ms = _RETRY_MS
        self._say("restarts, number %d" % self._restarts)
        task = yield from self._task(load("bringup.reset").resetting(nic))
        if task.error is not None:
            self._say("not restarted: " + _words(task.error))

    def _waiting(self, ms):
        # `ms` are to pass before a restart. Returns True before that if the module has found the
        # network, or, of a module that must not restart for long, if it may take what it refused.
        nic, registration = self.nic, self._registration
        was_registered = nic.module.registration in _REGISTERED
        patient = ms > max(self._spread_ms, _RETRY_MS)
        start = time.ticks_ms()
        while True:
            waited = time.ticks_diff(time.ticks_ms(), start)
            if waited >= ms:
                return False
            left = registration.left(self._look_ms if patient else _LOOK_MS)
            if left == 0 and registration.step():
                registered = registration.stat in _REGISTERED
                if registered and not was_registered:
                    self._say("registered")
                    yield from self._pause(self._lengthened(0))
                    return True
                if registration.answered:
                    was_registered = registered
                may = registered or (registration.answered and not nic.module.ready)
                if may and patient and waited >= self._retry_ms:
                    self._retry_ms = min(2 * self._retry_ms, _RETRY_MOST_MS)
                    return True
            yield min(left, ms - waited)

    def _pause(self, ms):
        start = time.ticks_ms()
        waited = 0
        while waited < ms:
            yield ms - waited
            waited = time.ticks_diff(time.ticks_ms(), start)

    def _task(self, steps):
        # Returns the Task, which is done.
        self.nic.dialect.details()
        task = self.nic.module.spawn(steps, True)
        while not task.done:
            yield 0
        return task


def _words(error):
    return error.args[1] if len(error.args) > 1 else repr(error)


def _seeded(seed):
    # A number for which the waits are random; the hash is that of Fowler, Noll and Vo.
    if seed is None:
        try:
            from machine import unique_id

            seed = unique_id()
        except ImportError:
            import os

            if not hasattr(os, "urandom"):
                raise ValueError("seed: this port tells boards apart by nothing. Give the IMEI")
            seed = os.urandom(8)
    if isinstance(seed, str):
        seed = seed.encode()
    number = 0x811C9DC5
    for byte in seed:
        number = ((number ^ byte) * 0x01000193) & 0xFFFFFFFF
    return number
