"""Modules that hang, one way or the other: what nic.reset and nic.active(True) do to them, in
which order, and that no press lasts or leaves a module switched off."""

import errno
import sys

import virtual_time
import quectel
from cellular_module import OK, CellularModule
from scripted import raises

DIALECTS = ("BC95GR", "BC20", "BG95S5", "BC25", "RM500U")
ALL_MODELS = sys.implementation.name == "cpython"  # with each case; else one after the other
PRESS_MS = 250  # a shorter one is none
KEY_MS = 500
now_ms = virtual_time.clock.elapsed_ms


class Pin:
    """One of the module's; `pressed` is called when it is let go, with how long it was pressed."""

    def __init__(self, pressed=lambda ms: None):
        self.levels = []
        self.pressed = pressed
        self.since = 0

    def value(self, level):
        self.levels.append(level)
        if level:
            self.since = now_ms()
        else:
            self.pressed(now_ms() - self.since)


class Module(CellularModule):
    """hang      "mute" answers nothing, "echo" only echoes, "transparent" until +++, "busy" is in
                 a long command: hears nothing more; "deaf to it" does not do what it says OK to;
                 "half" answers AT and restarts, and no more
    cure         what ends the hang, of "command", "reset", "pwrkey" and "supply"
    on           whether it is switched on
    says         what it says when it has started
    supplied_on  it starts with its supply, without PWRKEY"""

    def __init__(self, model, hang=None, cure="", on=True, says="RDY", supplied_on=False):
        super().__init__(model)
        self.hang = hang
        self.cure = cure
        self.on = on
        self.says = says
        self.supplied_on = supplied_on
        self.starts = 0
        self.reset = Pin(self._reset)
        self.pwrkey = Pin(self._pwrkey)
        self.supply = []
        self._typed = b""

    def power(self, on):
        self.supply.append(on)
        if not on:
            self._off()
        elif self.supplied_on:
            self._start("supply")

    def _off(self):
        self.on = False
        self._plan.clear()
        self._coming.clear()

    def _start(self, cause):
        self._off()
        self.on = True
        self.starts += 1
        if self.cure in (cause, "supply" if cause == "pwrkey" and self.supply else cause):
            self.hang = None
        self.silent = True
        self.at(self.boot_ms / 1000, "silent", False)
        if self.hang is None and self.says:
            self.say(self.says, self.boot_ms + 1)

    def _reset(self, ms):
        if self.on and ms >= PRESS_MS:
            self._start("reset")

    def _pwrkey(self, ms):
        if ms < KEY_MS:
            return
        if not self.on:
            self._start("pwrkey")
        elif self.hang is None or self.cure == "pwrkey":
            if self.hang is None:
                self.say("POWERED DOWN", 1000)
            self.at(1.5, "on", False)

    def _restart(self):
        if self.hang != "deaf to it":
            self._send(b"\r\nOK\r\n")
            self._start("command")

    def _audible(self):
        return self.on and super()._audible()

    def write(self, buf, offset, size):
        if self.hang in ("mute", "echo") and self.on:
            data = bytes(memoryview(buf)[offset : offset + size])
            if self.hang == "echo":
                self._send(data)
            if self.cure == "command" and data in (b"AT+CFUN=1,1\r", b"AT+NRB\r"):
                self._start("command")
        elif self.on and self.hang == "transparent":
            self._typed += bytes(memoryview(buf)[offset : offset + size])
            if self._typed.endswith(b"+++"):
                self.hang = None
                self._send(b"\r\nOK\r\n")
        elif self.hang in (None, "deaf to it", "half"):
            return super().write(buf, offset, size)
        return size

    def reply(self, line):
        if line == "AT+QIACT?" and self.hang == "deaf to it":
            self.hang = "busy"
            return ""
        if self.hang == "half" and line not in ("AT", "AT+CFUN=1,1"):
            return ""
        name = line.partition("=")[0]
        if name == "AT+QIOPEN":
            return OK + "\r\n+QIOPEN: 0,0\r\n"
        if name == "AT+QIRD":
            return "\r\n+QIRD: 0\r\n" + OK
        if name == "AT+QISWTMD":
            self._send(b"\r\nCONNECT\r\n")
            self.hang = "transparent"
            return ""
        return super().reply(line)


def made(model, pins, *args, **options):
    """A module with these of its pins wired, and the interface."""
    uart = Module(model, *args, **options)
    nic = getattr(quectel, model)(uart, **{name: getattr(uart, name) for name in pins})
    return uart, nic


def took(call):
    start = now_ms()
    call()
    return now_ms() - start


ALL = ("reset", "pwrkey", "power")
PRESSED = [1, 0]
NOT = []
# hang, what ends it, what is wired; how the pins are used: RESET, PWRKEY, supply.
CASES = (
    (None, "", ALL, NOT, NOT, NOT),
    ("transparent", "", ALL, NOT, NOT, NOT),
    ("mute", "command", ALL, NOT, NOT, NOT),
    ("echo", "command", (), NOT, NOT, NOT),
    ("mute", "reset", ALL, PRESSED, NOT, NOT),
    ("echo", "reset", ALL, PRESSED, NOT, NOT),
    ("deaf to it", "reset", ALL, PRESSED, NOT, NOT),
    ("half", "reset", ALL, PRESSED, NOT, NOT),
    ("half", "pwrkey", ("pwrkey", "power"), NOT, PRESSED * 2, NOT),
    ("mute", "pwrkey", ALL, PRESSED, PRESSED * 2, NOT),
    ("mute", "pwrkey", ("pwrkey",), NOT, PRESSED * 2, NOT),
    ("echo", "pwrkey", ("pwrkey", "power"), NOT, PRESSED * 2, NOT),
    ("deaf to it", "pwrkey", ("pwrkey", "power"), NOT, PRESSED * 2, NOT),
    ("mute", "supply", ALL, PRESSED, PRESSED * 3, [False, True]),
    ("echo", "supply", ("power", "pwrkey"), NOT, PRESSED * 3, [False, True]),
)


def used(uart):
    return uart.reset.levels, uart.pwrkey.levels, uart.supply


def test_the_gentlest_means_that_helps():
    for number, (hang, cure, wired, *pressed) in enumerate(CASES):
        models = DIALECTS if ALL_MODELS else (DIALECTS[number % len(DIALECTS)],)
        for model in models:
            says = ("RDY", None)[(number + DIALECTS.index(model)) % 2]
            uart, nic = made(model, wired, hang, cure, says=says)
            nic.reset()
            assert nic.active() and nic.module.ready and uart.hang is None
            assert list(used(uart)) == pressed, (model, hang, cure, used(uart))


def test_a_supply_alone():
    for model in DIALECTS:
        for hang in ("mute", "echo", "deaf to it"):
            uart, nic = made(model, ("power",), hang, "supply", supplied_on=True)
            start = now_ms()
            nic.reset()
            assert nic.active() and uart.supply == [False, True] and uart.starts == 1
            assert now_ms() - start < 60000


def test_a_module_that_is_off_is_pressed_once():
    for call in ("reset", "active"):
        for wired in (("pwrkey",), ("pwrkey", "power")):
            uart, nic = made("BG95S5", wired, on=False)
            getattr(nic, call)(*[True][: call == "active"])
            assert nic.active() and uart.pwrkey.levels == PRESSED and uart.on
            assert uart.supply == []


def test_a_module_that_refuses_the_command():
    for model in DIALECTS:
        for wired in (("reset",), ("pwrkey",), ("power",), ALL):
            uart, nic = made(model, wired, supplied_on=True)
            uart.unknown = ("AT+CFUN=1,1", "AT+NRB")
            nic.reset()
            assert nic.active() and uart.starts == 1 and uart.on
            assert used(uart) == (
                PRESSED if "reset" in wired else NOT,
                PRESSED * 2 if wired == ("pwrkey",) else NOT,
                [False, True] if wired == ("power",) else NOT,
            )
        uart, nic = made(model, ())
        uart.unknown = ("AT+CFUN=1,1", "AT+NRB")
        assert raises(OSError, nic.reset).args[0] == errno.EIO and uart.starts == 0


def test_a_module_that_restarts_by_itself_meanwhile():
    for ms in range(0, 12000, 700):
        model = DIALECTS[ms // 700 % len(DIALECTS)]
        uart, nic = made(model, ALL)
        nic.active(True)
        uart.hang = "mute"
        uart.cure = "itself"
        uart.at(ms / 1000, "on_time", lambda uart=uart: again(uart))
        nic.reset()
        assert nic.active() and used(uart) == (NOT, NOT, NOT), (model, ms)


def again(uart):
    uart.on_time = lambda: None
    uart._start("itself")


def test_a_long_command_does_not_hold_it_up():
    for model in ("BG95S5", "RM500U"):
        for wired, most in (((), None), (("reset",), 60000)):
            uart, nic = made(model, wired, "deaf to it", "reset")
            nic.active(True)
            task = nic.module.spawn(quectel.load("answers").ask(nic, b"AT+QIACT?", None, 150000))
            while uart.hang != "busy":
                nic.poll()
            assert not task.done
            if most is None:
                assert raises(OSError, nic.reset).args[0] == errno.ETIMEDOUT
            else:
                assert took(nic.reset) < most and nic.active()
            assert task.done


def test_a_socket_in_transparent_mode_does_not_hold_it_up():
    for model in ("BG95S5", "RM500U"):
        for hang in ("transparent", "mute"):
            uart, nic = made(model, ("reset",))
            nic.active(True)
            nic.connect("internet", timeout=60)
            s = nic.socket()
            s.connect(("192.0.2.2", 7))
            with raising(OSError):
                with s.transparent() as raw:
                    assert uart.hang == "transparent"
                    uart.hang, uart.cure = hang, "reset"
                    assert took(nic.reset) < 60000 and nic.active()
                    raw.write(b"lost")
            assert uart.reset.levels == (NOT if hang == "transparent" else PRESSED), (model, hang)
            assert raises(OSError, s.recv, 1).args[0] == errno.ECONNABORTED
            assert "lost" not in uart.asked
            nic.connect("internet", timeout=60)


class raising:
    """Within it an exception of `kind` comes out."""

    def __init__(self, kind):
        self.kind = kind

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        assert isinstance(value, self.kind), value
        return True


def test_nothing_helps():
    for wired, most in (((), 43000), (("reset",), 85000), (("pwrkey",), 106000), (ALL, 215000)):
        uart, nic = made("BG95S5", wired, "mute")
        uart.on_time = lambda: None
        start = now_ms()
        error = raises(OSError, nic.reset)
        assert error.args[0] == errno.ETIMEDOUT and "does not answer" in error.args[1]
        assert now_ms() - start < most, (wired, now_ms() - start)
        assert uart.on and not nic.active()
        for pin in (uart.reset, uart.pwrkey):
            assert pin.levels[-1:] in ([], [0])
        assert uart.supply[-1:] in ([], [True])


def test_active_switches_a_hung_module_off_and_on():
    # One that echoes looks as TX wired to RX does, and that is told without a press.
    for model in DIALECTS:
        uart, nic = made(model, ("pwrkey",), "mute", "pwrkey")
        assert took(lambda nic=nic: nic.active(True)) < 49000
        assert uart.on and uart.pwrkey.levels == PRESSED * 2, model


# ---- whatever ends it ----


def let_go(uart):
    released = [pin.levels[-1:] in ([], [0]) for pin in (uart.reset, uart.pwrkey)]
    return all(released) and uart.supply[-1:] in ([], [True])


def test_a_press_ends_with_a_cancel():
    for name, times in (("reset", 1), ("pwrkey", 2), ("power", 1)):
        for _ in range(times):
            uart, nic = made("BG95S5", ALL, "mute")
            task = nic.module.spawn(quectel.load("bringup.reset").resetting(nic), True)
            while let_go(uart) or (name == "pwrkey" and len(uart.pwrkey.levels) < 2 * times - 1):
                nic.module.wait()
            task.cancel()
            assert let_go(uart) and nic.channel.probe is not None
            assert nic.channel.watchers == []


def test_a_press_ends_with_ctrl_c():
    for name in ALL:

        def interrupt(uart):
            pressed = uart.supply[-1:] == [False]
            if name != "power":
                pressed = getattr(uart, name).levels[-1:] == [1]
            if pressed:
                uart.on_time = lambda: None
                raise KeyboardInterrupt

        uart, nic = made("BG95S5", ALL, "mute")
        uart.on_time = lambda: interrupt(uart)
        raises(KeyboardInterrupt, nic.reset)
        assert let_go(uart) and nic.channel.probe is not None, name


def test_a_switch_that_fails_is_switched_on_again():
    def power(on):
        switched.append(on)
        if not on:
            raise ValueError("the program's")

    switched = []
    uart = Module("BG95S5", "mute")
    nic = quectel.BG95S5(uart, power=power)
    assert raises(ValueError, nic.reset).args == ("the program's",)
    assert switched == [False, True]


def test_how_long_the_supply_is_off():
    class Switch(Module):
        def power(self, on):
            self.times = getattr(self, "times", []) + [now_ms()]
            super().power(on)

    for ms in (None, 1500):
        uart = Switch("BG95S5", "mute", "supply", supplied_on=True)
        nic = quectel.BG95S5(uart, power=uart.power)
        nic.POWER_MS = ms or nic.POWER_MS
        nic.BOOT_MS = 8000
        uart.boot_ms = 1000
        with virtual_time.fine:
            nic.reset()
        off, on = uart.times
        assert 0 <= on - off - (ms or 5000) < 100


def test_what_is_no_switch():
    error = raises(TypeError, quectel.BG95S5, Module("BG95S5"), power=Pin())
    assert "power must be a function" in error.args[0]
