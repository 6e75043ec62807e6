# Switching a module on and off, and all attempts to make it answer AT. The settings that follow
# are in ready.py. Generators, run as tasks. Loaded when needed, and unloaded after: see
# module.py.

import errno
import time

from micropython import const
from quectel import answers, at, load
from quectel.errors import Error

_ANSWER_MS = const(500)  # an AT that is not answered by then goes unheard
CFUN_MS = const(15000)
_BEFORE_POWER_MS = const(7400)  # the attempts to wake a module that is on, and half a second
_QUIET_MS = const(3000)  # without a byte, though AT is asked: nothing is on
_GUARD_MS = const(1500)  # silence around +++: a second (1.2), and what a line may be late
_RESTARTS = const(5)  # of the module during one attempt


class _Escape(at.Command):
    # +++, without a CR behind it.

    def say(self, text):
        super().say(text)
        self.line_end = len(text)


def switch(nic, on):
    """See Nic.active."""
    finish(nic, switching(nic, on))


def finish(nic, steps):
    """Run the generator `steps`, and wait for it."""
    nic.dialect.details()
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


def power_on(nic, presses=True):
    """Get an answer, check the model, make settings, close sockets of an earlier program."""
    for _ in range(_RESTARTS):
        yield from wake(nic, presses)
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


def wake(nic, presses=True):
    """Generator: have the module answer, whatever keeps it from doing so. It may take BOOT_MS;
    with pwrkey PWRKEY_MS, 7 s, PWRKEY_MS and BOOT_MS more; with reset RESET_MS and BOOT_MS more.
    Without `presses` neither is pressed. ETIMEDOUT, with what the line has shown, where it does
    not answer."""
    pins = nic.module.nics[0]
    pwrkey = pins.pwrkey if presses else None
    reset = pins.reset_pin if presses else None
    most = pins.BOOT_MS
    if pwrkey is not None:
        most += _BEFORE_POWER_MS + pins.PWRKEY_MS + pins.PWRKEY_MS + pins.BOOT_MS
    line = load("bringup.counted").Counted()
    attempts = _attempts(nic, pwrkey, reset, most, line)
    if reset is not None:
        most += pins.RESET_MS + pins.BOOT_MS
    if not (yield from _limited(attempts, most)):
        raise load("bringup.words").unheard(nic.dialect.MODEL, line)


def _attempts(nic, pwrkey, reset, before_reset_ms, line):
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
        if (yield from _limited(_without_reset(nic, pwrkey, reset is None, line), left)):
            return True
        if reset is None:
            return False
        pins = nic.module.nics[0]
        yield from press(nic, reset, pins.RESET_PRESSED, pins.RESET_MS)
        while not (yield from answers_at(nic)):
            pass
        return True
    finally:
        line.leave(channel)
        channel.choose("probe", probe)


def _without_reset(nic, pwrkey, last, line):
    # `last`: no RESET follows. Only then do these attempts end as soon as the bytes received show
    # that no attempt can succeed. A RESET may still help a module at an unknown baud rate.
    pins = nic.module.nics[0]
    for attempt in range(3):
        if attempt == 1:
            # An earlier program may have left the module in transparent mode, which +++ ends with
            # a second of silence before and after it, …
            yield from answers.pause(nic, _GUARD_MS)
            escape = _Escape(b"+++", _GUARD_MS)
            yield from nic.run(escape)
        elif attempt == 2:
            # … or waiting for the data of a QISEND. A CR means nothing where it is no data.
            yield from nic.run(at.Command(b"\x1b" + b"\r" * nic.dialect.SEND_MAX, _ANSWER_MS))
        for _ in range(2):
            if (yield from answers_at(nic)):
                return True
            gives_up = line.unanswered() and last
    # A press switches a module off that is on, and hangs or has another baud rate: then it has to
    # be pressed again. One from which anything comes, be it noise, is on.
    for _ in range(0 if gives_up or pwrkey is None else 2):
        yield from press(nic, pwrkey, pins.PWRKEY_PRESSED, pins.PWRKEY_MS)
        start = time.ticks_ms()
        while (
            time.ticks_diff(time.ticks_ms(), start) < pins.BOOT_MS
            or time.ticks_diff(time.ticks_ms(), line.heard_at) < _QUIET_MS
        ):
            if (yield from answers_at(nic)):
                return True
    while not gives_up:
        if (yield from answers_at(nic)):
            return True
        gives_up = line.unanswered() and last and pwrkey is None
    return False


def answers_at(nic):
    """Generator: whether the module answers AT."""
    command = at.Command(b"AT", _ANSWER_MS)
    yield from nic.run(command)
    if command.result in (at.DONE, at.ERROR):
        return True
    if nic.dialect.BAUDRATE is not None:
        load("bringup.baudrate").turn(nic)
    return False


def press(nic, pin, pressed, ms):
    """Generator: drive PWRKEY or RESET for `ms`. Sockets and contexts are lost, and the module may
    not be heard to say so."""
    if hasattr(pin, "init"):
        pin.init(pin.OUT)  # Pin(14) alone is not an output everywhere
    try:
        pin.value(pressed)
        yield from answers.pause(nic, ms)
    finally:  # whatever ends this
        pin.value(1 - pressed)
    nic.module.restarted("the module was reset")
    nic.channel.abort()
