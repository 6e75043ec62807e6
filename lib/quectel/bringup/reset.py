# Restarting a module. Generators, run as tasks. Loaded when needed, and unloaded after: see
# module.py.

import time

from quectel import answers, at, load


def reset(nic):
    """Restart the module and make it ready again: AT+CFUN=1,1 (3GPP TS 27.007), or the module's
    own command where it refuses that; if it does not do as told, RESET where it is wired. Every
    socket and context ends; call connect again.

    Takes as long as the module needs to start, at most BOOT_MS (20 s) and then as long as
    active(True). Raises what active(True) raises, or what the module refuses with."""
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
    forget_connects(nic)
    heard = Heard(nic, (b"RDY",) + nic.dialect.BOOT_TEXT)
    try:
        for line in nic.dialect.RESTART:
            command = at.Command(line, power.CFUN_MS)
            yield from nic.run(command)
            if command.result != at.ERROR:
                break
        pins = module.nics[0]
        told = command.result in (at.DONE, at.ABORTED)
        if not told and pins.reset_pin is not None:
            yield from power.press(nic, pins.reset_pin, pins.RESET_PRESSED, pins.RESET_MS)
            told = True
        elif command.result == at.ERROR:
            raise (yield from answers.why(nic, command, "restart"))
        module.restarted("the module was reset")
        # Until it has gone down it may still answer, and take settings that it then forgets.
        start = time.ticks_ms()
        while told and not heard.lines and time.ticks_diff(time.ticks_ms(), start) < pins.BOOT_MS:
            yield
    finally:
        heard.end()
    yield from power.power_on(nic)
    module.choose("active", True)
