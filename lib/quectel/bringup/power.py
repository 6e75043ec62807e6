# Switching a module on and off: whatever may have to be done until AT is answered. What it is told
# then is in ready.py. Generators, run as tasks. Loaded when needed, and unloaded after: see
# module.py.

import errno
import time

from micropython import const
from quectel import answers, at, load
from quectel.errors import Error

_ANSWER_MS = const(500)  # an AT that is not answered by then goes unheard
CFUN_MS = const(15000)
_BEFORE_POWER_MS = const(7000)  # the attempts to wake a module that is on
_GUARD_MS = const(1500)  # silence around +++: a second (1.2), and what a line may be late
_RESTARTS = const(5)  # of the module during one attempt


class _Escape(at.Command):
    # +++, without a CR behind it.

    def say(self, text):
        super().say(text)
        self.line_end = len(text)


def switch(nic, on):
    """See Nic.active."""
    # To load it inside the task, as the first who reads it does, takes more stack than a Pico has.
    load("dialects.details." + nic.dialect.DETAILS)
    finish(nic, switching(nic, on))


def finish(nic, steps):
    """Run the generator `steps`, and wait for it."""
    task = nic.module.spawn(steps, True)
    try:
        nic.module.complete(task)
    finally:
        task.cancel()  # after Ctrl-C: no pin is left pressed


def leave(nic, kind):
    """The end of `with nic`: the interface is disconnected, and inactive if it is the module's
    first. `kind`: of the exception that ended it, which goes before one of this."""
    try:
        if nic is nic.module.nics[0]:
            switch(nic, False)
        else:
            nic.disconnect()
    except OSError:
        if kind is None:
            raise


def switching(nic, on):
    """Generator: what nic.active(on) does; returns whether the interface is active."""
    module = nic.module
    if on:
        yield from power_on(nic)
        module.choose("active", True)
    elif module.active:
        module.choose("active", False)
        for each in module.nics:
            yield from load("bringup.context").disconnecting(each)
        yield from answers.must(nic, b"AT+CFUN=0", CFUN_MS)  # 3GPP TS 27.007: the radio is off
    return module.active


def power_on(nic):
    """Get an answer, check the model, make settings, close sockets of an earlier program."""
    for _ in range(_RESTARTS):
        yield from wake(nic)
        epoch = nic.epoch
        error = Error(errno.ECONNABORTED, "the module restarted")
        try:
            yield from load("bringup.ready").make_ready(nic)
            if epoch == nic.epoch:
                nic.module.choose("ready", True)
                return
        except Error as e:
            if epoch == nic.epoch:
                raise
            error = e
        # It was still starting: it is asked anew.
    raise error


def _limited(steps, ms):
    # Generator: run the generator `steps`, whose value is this one's, for at most `ms`.
    start = time.ticks_ms()
    try:
        while time.ticks_diff(time.ticks_ms(), start) < ms:
            try:
                next(steps)
            except StopIteration as e:
                return e.value
            yield
    finally:
        steps.close()
    return None


def wake(nic):
    """Generator: have the module answer, whatever keeps it from doing so. It may take BOOT_MS;
    with pwrkey PWRKEY_MS and 7 s more; with reset RESET_MS and BOOT_MS more. ETIMEDOUT, with what
    the line has shown, where it does not answer."""
    pins = nic.module.nics[0]
    most = pins.BOOT_MS
    if pins.pwrkey is not None:
        most += pins.PWRKEY_MS + _BEFORE_POWER_MS
    line = load("bringup.counted").Counted()
    attempts = _attempts(nic, pins, most, line)
    if pins.reset_pin is not None:
        most += pins.RESET_MS + pins.BOOT_MS
    if not (yield from _limited(attempts, most)):
        raise load("bringup.words").unheard(nic.dialect.MODEL, line)


def _attempts(nic, pins, before_reset_ms, line):
    start = time.ticks_ms()
    channel = nic.channel
    while channel.probe is None:
        yield  # another context is at it
    # An answer to AT cannot be told from a late one: no probe until there is one.
    probe = channel.probe
    channel.choose("probe", None)
    # A module that sleeps does not hear.
    dtr = nic.module.nics[0].dtr
    if dtr is not None:
        dtr.value(0)
    if channel.waker is not None:
        channel.waker.begin()
    line.enter(channel)
    try:
        left = before_reset_ms - time.ticks_diff(time.ticks_ms(), start)
        if (yield from _limited(_without_reset(nic, pins, line), left)):
            return True
        if pins.reset_pin is None:
            return False
        yield from press(nic, pins.reset_pin, pins.RESET_PRESSED, pins.RESET_MS)
        nic.module.restarted("the module was reset")  # its RDY may be lost
        channel.abort()
        while not (yield from _answers(nic)):
            pass
        return True
    finally:
        line.leave(channel)
        channel.choose("probe", probe)


def _without_reset(nic, pins, line):
    # A RESET may help where no other attempt will: a module can have been left at a baud rate that
    # it does not keep.
    gives_up = False
    for attempt in range(4):
        if attempt == 1:
            # An earlier program may have left the module in transparent mode, which +++ ends with
            # a second of silence before and after it, …
            yield from answers.pause(nic, _GUARD_MS)
            escape = _Escape(b"+++", _GUARD_MS)
            yield from nic.run(escape)
        elif attempt == 2:
            # … or waiting for the data of a QISEND. A CR means nothing where it is no data.
            yield from nic.run(at.Command(b"\x1b" + b"\r" * nic.dialect.SEND_MAX, _ANSWER_MS))
        elif gives_up:
            return False
        elif attempt == 3 and pins.pwrkey is not None:
            yield from press(nic, pins.pwrkey, pins.PWRKEY_PRESSED, pins.PWRKEY_MS)
        for _ in range(2):
            if (yield from _answers(nic)):
                return True
            gives_up = line.unanswered() and pins.reset_pin is None
    while not (yield from _answers(nic)):
        # What PWRKEY has switched on may take its time, and make noise.
        if line.unanswered() and pins.reset_pin is None and pins.pwrkey is None:
            return False
    return True


def _answers(nic):
    command = at.Command(b"AT", _ANSWER_MS)
    yield from nic.run(command)
    if command.result in (at.DONE, at.ERROR):
        return True
    if nic.dialect.BAUDRATE is not None:
        load("bringup.baudrate").turn(nic)
    return False


def press(nic, pin, pressed, ms):
    """Generator: drive PWRKEY or RESET for `ms`."""
    if hasattr(pin, "init"):
        pin.init(pin.OUT)  # Pin(14) alone is not an output everywhere
    try:
        pin.value(pressed)
        yield from answers.pause(nic, ms)
    finally:  # whatever ends this
        pin.value(1 - pressed)
