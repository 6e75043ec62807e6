# Restarting a module. Generators, run as tasks. Loaded when needed, and unloaded after: see
# module.py.

import errno
import time

from micropython import const
from quectel import answers, at, load
from quectel.errors import Error

_TRIES = const(2)  # of the command: the first may only end what keeps the module from hearing
_LOOK_MS = const(1000)  # between two questions whether it has gone down
_DOWN = const(2)  # questions running without an answer: it has


def reset(nic):
    """Restart the module and make it ready again. Every socket and context ends; call connect
    again. In this order, until it has come back: AT+CFUN=1,1 (3GPP TS 27.007), or the module's own
    command where it refuses that; RESET; PWRKEY, off and then on; the program's switch `power`.

    Takes as long as the module needs to start and to be made ready. A means that is in vain takes
    BOOT_MS (20 s) to 70 s, PWRKEY twice as long. Raises what active(True) raises, or, where there
    is no other means, what the module refuses the command with."""
    load("bringup.power").finish(nic, resetting(nic))


class Heard:
    """The lines that begin with one of `prefixes`, from now on."""

    def __init__(self, nic, prefixes):
        self._watchers = nic.channel.watchers
        self._entries = [(prefix, self._hear) for prefix in prefixes]
        self._watchers.extend(self._entries)
        self.lines = 0

    def _hear(self, channel):
        self.lines += 1

    def end(self):
        """Hear no more."""
        for entry in self._entries:
            self._watchers.remove(entry)


def forget_connects(nic):
    """No connect of the module is under way or wanted any more."""
    for each in nic.module.nics:
        load("bringup.context").stop(each)
        each.set_state(each.STAT_IDLE)


def resetting(nic):
    """Generator: what reset does."""
    module = nic.module
    power = load("bringup.power")
    pins = module.nics[0]
    forget_connects(nic)
    module.restarted("the module was reset")
    heard = Heard(nic, (b"RDY",) + nic.dialect.BOOT_TEXT)
    steps = [_by_command(nic, power, heard)]
    if pins.reset_pin is not None:
        steps.append(_by_pin(nic, power, heard, pins.reset_pin, pins.RESET_PRESSED, pins.RESET_MS))
    if pins.pwrkey is not None:
        # The first one switches a module on that was off, and off one that hangs.
        press = (nic, power, heard, pins.pwrkey, pins.PWRKEY_PRESSED, pins.PWRKEY_MS)
        steps += [_by_pin(*press), _by_pin(*press)]
    if pins.power is not None:
        steps.append(_by_supply(nic, pins))
    try:
        yield from _take_line(nic)
        while steps:
            step = steps.pop(0)
            try:
                # Where nothing else is left, it may have restarted without showing that.
                if (yield from step) or not steps:
                    yield from power.power_on(nic, not steps and pins.power is not None)
                    module.choose("active", True)
                    return
            except Error as e:
                if not steps or e.args[0] == errno.ENODEV:
                    raise
    finally:
        heard.end()


def _take_line(nic):
    # The line is free for this, whatever an exchange or a socket in transparent mode does.
    holder = nic.module.transparent
    if nic.channel.raw and holder is not None:
        leaving = holder.start_leaving()
        while not leaving.done:
            yield
    if nic.channel.command is not None:
        nic.channel.abort(True)


def _by_command(nic, power, heard):
    for _ in range(_TRIES):
        try:
            yield from power.wake(nic, False)
        except Error:
            # It may hear, and only not answer.
            if not (yield from _comes_back(nic, power, heard, heard.lines, nic.dialect.RESTART)):
                raise
            return True
        before = heard.lines
        for line in nic.dialect.RESTART:
            command = at.Command(line, power.CFUN_MS)
            yield from nic.run(command)
            if command.result != at.ERROR:
                break
        if command.result == at.ERROR:
            raise (yield from answers.why(nic, command, "restart"))
        if command.result in (at.DONE, at.ABORTED):
            return (yield from _comes_back(nic, power, heard, before))
    return False


def _by_pin(nic, power, heard, pin, pressed, ms):
    before = heard.lines
    yield from power.press(nic, pin, pressed, ms)
    return (yield from _comes_back(nic, power, heard, before))


def _by_supply(nic, pins):
    try:
        pins.power(False)
        yield from answers.pause(nic, pins.POWER_MS)
    finally:  # whatever ends this
        pins.power(True)
    nic.module.restarted("the module's supply was switched")
    nic.channel.abort()
    return True


def _comes_back(nic, power, heard, before, lines=()):
    # Whether the module has said that it starts, which it had `before` times, or has been silent
    # and answers again; `lines` are sent first. Until it has gone down it may still answer, and
    # take settings that it then forgets.
    channel = nic.channel
    while channel.probe is None:
        yield  # another context wakes it
    probe = channel.probe
    channel.choose("probe", None)  # see power.py
    unanswered = 0
    try:
        for line in lines:
            yield from nic.run(at.Command(line, _LOOK_MS))
        start = time.ticks_ms()
        while time.ticks_diff(time.ticks_ms(), start) < nic.module.nics[0].BOOT_MS:
            since = time.ticks_ms()
            while time.ticks_diff(time.ticks_ms(), since) < _LOOK_MS:
                if heard.lines != before:
                    return True
                yield
            if not (yield from power.answers_at(nic)):
                unanswered += 1
            elif unanswered >= _DOWN:
                return True
            else:
                unanswered = 0
        return heard.lines != before
    finally:
        channel.choose("probe", probe)
