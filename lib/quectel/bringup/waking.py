# How a module is put to sleep and woken. WAKES_BY of its dialect names the pin that wakes it:
#
#   dtr       BG95-S5, RG200U, RG500U, RM500U: they may sleep while DTR is high, and are awake
#             while it is low. They keep all sockets.
#   psm_eint  the BC modules: a press wakes them (BC25&BC32 TCP/IP application note, 4.4). sleep.py
#             says which sockets they keep.
#
# The first character wakes many BC modules as well, and is lost. So the channel always asks a
# question before it sends the command: see Channel.start.

import errno
import time

from micropython import const
from quectel import at, errors, load

_QSCLK_MS = const(5000)


class Waker:
    """Drives the pin that wakes the module of `channel` when something is to be sent to it, and
    holds that back until the module hears: in the place of the channel's output, once `begin` was
    called. Stepped as a sender of the module. Waking allocates nothing.

    holds  whether it is DTR, whose level counts
    wired  whether there is that pin
    epoch  of the module, in which AT+QSCLK=1 has been accepted last
    """

    def __init__(self, nic):
        module, dialect = nic.module, nic.dialect
        self._module = module
        self._channel = nic.channel
        self.holds = dialect.WAKES_BY == "dtr"
        self._pin = pin = nic.dtr if self.holds else nic.psm_eint
        self._level = 0 if self.holds else 1
        self._dialect = dialect
        self._output = None  # whose place this has
        self._since = 0
        self._waits = False
        self.wired = pin is not None
        self.epoch = None
        if not self.wired:
            return
        if hasattr(pin, "init"):
            pin.init(pin.OUT)  # Pin(14) alone is not an output everywhere
        if not self.holds:
            self.release()

    def release(self):
        """Let the module sleep; PSM_EINT is not pressed."""
        self._pin.value(1 - self._level)

    def begin(self):
        """Something is to be sent: wake the module."""
        if self._pin is None or self._waits:
            return
        self._pin.value(self._level)
        self._since = time.ticks_ms()
        self._waits = True
        if self._channel.output is not self:
            self._output = self._channel.output
            self._channel.choose("output", self)
        self._module.add_sender(self)

    def push_held(self):
        """The module's step: end the press in time, whatever has become of the command."""
        if time.ticks_diff(time.ticks_ms(), self._since) >= self._dialect.WAKE_MS:
            self._waits = False
            if not self.holds:
                self.release()
            self._module.remove_sender(self, self)

    def begun(self, epoch):
        """AT+QSCLK=1 has been accepted in `epoch`; None: AT+QSCLK=0 was."""
        self.epoch = epoch

    def write(self, data, at_, end, patient=False):
        """As the output's, but for the time that the module takes to wake up."""
        if self._waits:
            return 0
        if self._channel.output is self:
            self._channel.choose("output", self._output)
        return self._output.write(data, at_, end, patient)

    def pace(self, baudrate):
        """As the output's."""
        self._output.pace(baudrate)

    def nap_ms(self, count):
        """As the output's."""
        return self._output.nap_ms(count)


def arm(nic):
    """The Waker of the module of `nic`, made where there is none yet."""
    channel = nic.channel
    if channel.waker is None:
        first = nic.module.nics[:1] or [nic]  # who has the pins
        channel.choose("waker", Waker(first[0]))
    return channel.waker


def unwoken(asker):
    """The Error for what was to be sent to a module that sleeps and does not wake."""
    dialect = asker.dialect
    waker = asker.channel.waker
    pin = dialect.WAKES_BY.upper()
    if waker is not None and waker.wired:
        text = "%s does not wake. Look at the wire to its %s, and at nic.dialect.WAKE_MS"
        text %= (dialect.MODEL, pin)
    else:
        text = "%s sleeps, and does not hear the UART. Wire its %s and give %s="
        text %= (dialect.MODEL, pin, dialect.WAKES_BY)
    if dialect.PDP:
        text += ". After PSM it is off: nic.awake() presses PWRKEY"
    return errors.Error(errno.ETIMEDOUT, text)


# ---- methods of the interface ----


def sleep(nic):
    """Let the module sleep from now on. The next command wakes it: any call that sends one.
    BG95-S5, RG200U, RG500U and RM500U sleep while DTR is high, and keep their sockets; then only a
    URC tells of data. A BC module sleeps deeply when the network lets it: see config(psm=…).

    AT+QSCLK=1 (BC25&BC32 4.4), and DTR; before that this waits until what is being sent has gone,
    and is acknowledged where that is checked (DELIVERY). A BC module whose firmware refuses the
    command sleeps by itself: this changes nothing. EOPNOTSUPP where the others refuse it, and
    without `dtr`, as nothing else would wake them; EBUSY in transparent mode; ETIMEDOUT if there
    is no answer within 5 s."""
    nic.module.finish(sleeping(nic), True)


def sleeping(nic):
    """Generator: what sleep does."""
    module, channel = nic.module, nic.channel
    if nic.dialect.WAKES_BY == "dtr" and module.nics[0].dtr is None:
        text = "%s wakes by DTR alone. Wire it and give dtr=" % nic.dialect.MODEL
        raise errors.Error(errno.EOPNOTSUPP, text)
    if channel.asleep:
        return
    waker = arm(nic)
    while waker.holds and (module.senders or channel.command is not None):
        yield  # what is under way needs it awake
    if not waker.holds or waker.epoch != module.epoch or channel.raw:
        command = at.Command(b"AT+QSCLK=1", _QSCLK_MS)
        yield from nic.run(command)
        if command.result == at.ERROR and waker.holds:
            text = nic.dialect.MODEL + " refuses AT+QSCLK: its firmware lacks it"
            raise errors.Error(errno.EOPNOTSUPP, text, command.code)
        if command.result not in (at.DONE, at.ERROR):
            raise (yield from load("answers").why(nic, command, "AT+QSCLK"))
        waker.begun(module.epoch)
    channel.choose("silence", nic.dialect.SLEEPS_MS)
    if waker.holds:
        waker.release()
        channel.choose("asleep", True)


def awake(nic):
    """Wake the module, and keep it awake until sleep() is called: the pin that wakes it, then
    AT+QSCLK=0. If it does not answer, as after PSM, it is switched on as by active(True): then
    every socket and context has ended, and connect must be called again.

    Where it does not wake that is known after 5 s, and what else is under way has as long; then it
    takes as long as active(True). Raises ETIMEDOUT if it does not wake, with words that say which
    pin to look at, and what active(True) raises."""
    load("bringup.power").finish(nic, waking(nic))


def waking(nic):
    """Generator: what awake does."""
    pins = nic.module.nics[0]
    if nic.dialect.WAKES_BY == "dtr" and pins.dtr is not None:
        pins.dtr.value(0)
    command = at.Command(b"AT+QSCLK=0", _QSCLK_MS)
    yield from nic.run(command)
    if command.result == at.TIMEOUT:
        if pins.pwrkey is None and pins.reset_pin is None:
            raise (yield from load("answers").why(nic, command, "AT+QSCLK"))
        nic.module.restarted("the module does not wake up")  # what waits for it is given up
        yield from load("bringup.power").power_on(nic)
        yield from nic.run(command)
    if command.result not in (at.DONE, at.ERROR):
        raise (yield from load("answers").why(nic, command, "AT+QSCLK"))
    nic.channel.choose("silence", nic.dialect.SLEEPS_MS if command.result == at.ERROR else 0)
    if nic.channel.waker is not None:
        nic.channel.waker.begun(None)
