"""nic.reset and nic.power_off, and `with nic`."""

import errno

import virtual_time
import quectel
from cellular_module import CellularModule
from scripted import raises
from test_modem import Pin

DIALECTS = ("BC95GR", "BC20", "BG95S5", "BC25", "RM500U")


def online(model="BG95S5", **options):
    uart = CellularModule(model)
    nic = getattr(quectel, model)(uart, **options)
    nic.active(True)
    nic.connect("internet", timeout=60)
    uart.asked.clear()
    return uart, nic


def opened(uart, nic):
    """A socket that is connected."""
    replied = uart.reply

    def reply(line):
        if line.startswith("AT+QIOPEN"):
            return "\r\nOK\r\n\r\n+QIOPEN: 0,0\r\n"
        if line.startswith("AT+QICLOSE"):
            return "\r\nOK\r\n\r\nCLOSE OK\r\n"
        return replied(line)

    uart.reply = reply
    s = nic.socket()
    s.connect(("h", 80))
    return s


# ---- reset ----


def test_reset_restarts_and_makes_ready():
    for model in DIALECTS:
        for down in ((), ("POWERED DOWN",)):
            uart, nic = online(model)
            uart.down = down
            s = opened(uart, nic)
            start = virtual_time.clock.elapsed_ms()
            nic.reset()
            assert 5000 <= virtual_time.clock.elapsed_ms() - start < 8000, model
            assert raises(OSError, s.recv, 1).args[0] == errno.ECONNABORTED
            # Nothing is asked of a module that is about to go down.
            at = uart.asked.index("AT+CFUN=1,1")
            assert uart.asked[at - 1] == "AT", uart.asked
            assert uart.asked[at + 1 : at + 3] == ["AT", "ATE0"], (model, uart.asked)
            assert nic.active() and nic.status() == nic.STAT_IDLE and nic.module.ready
            nic.connect("internet", timeout=60)
            assert nic.isconnected(), model


def test_a_module_with_another_command():
    uart, nic = online("BC95GR")
    uart.unknown = ("AT+CFUN=1,1",)
    nic.reset()
    assert uart.asked[:3] == ["AT", "AT+CFUN=1,1", "AT+NRB"] and nic.active()


def test_a_module_that_refuses():
    uart, nic = online("BG95S5")
    uart.unknown = ("AT+CFUN=1,1",)
    assert raises(OSError, nic.reset).args[0] == errno.EIO and uart.asked == ["AT", "AT+CFUN=1,1"]
    pin = Pin()
    uart, nic = online("BG95S5", reset=pin)
    uart.unknown = ("AT+CFUN=1,1",)
    uart.say("RDY", 3000)
    nic.reset()
    (pressed, down), (released, up) = pin.history
    assert (down, up) == (1, 0) and released - pressed >= nic.RESET_MS and nic.active()


def test_a_module_that_does_not_answer():
    pin = Pin()
    uart, nic = online("BG95S5", reset=pin)
    uart.silent = True
    uart.on_time = lambda: setattr(uart, "silent", not pin.history)
    nic.reset()
    assert len(pin.history) == 2 and nic.active()
    uart, nic = online("BG95S5")
    uart.silent = True
    assert raises(OSError, nic.reset).args[0] == errno.ETIMEDOUT
    assert nic.status() == nic.STAT_IDLE


def test_reset_while_it_connects():
    uart, nic = online("BG95S5")
    nic.disconnect()
    uart.stat = 2
    nic.connect("internet")
    nic.poll()
    nic.reset()
    assert nic.status() == nic.STAT_IDLE and uart.asked.count("AT+CFUN=1,1") == 1
    for _ in range(100):
        nic.poll()
    assert nic.status() == nic.STAT_IDLE


def test_a_module_without_rdy():
    uart, nic = online("BG95S5")
    said = uart.say
    uart.say = lambda text, ms=0: None if text == "RDY" else said(text, ms)
    start = virtual_time.clock.elapsed_ms()
    nic.reset()
    assert nic.active() and virtual_time.clock.elapsed_ms() - start < nic.BOOT_MS + 3000


# ---- power_off ----


def test_power_off_in_order():
    for model in ("BG95S5", "RM500U", "BC25"):
        uart, nic = online(model)
        s = opened(uart, nic)
        start = virtual_time.clock.elapsed_ms()
        nic.power_off()
        assert 2000 <= virtual_time.clock.elapsed_ms() - start < 2500, model
        asked = [
            line for line in uart.asked if line[:9] in ("AT+QIDEAC", "AT+QICLOS", "AT+QPOWD=")
        ]
        assert asked[-1] == "AT+QPOWD=1" and len(asked) == 2, (model, asked)
        assert raises(OSError, s.recv, 1).args[0] == errno.ECONNABORTED
        assert not nic.active() and nic.status() == nic.STAT_IDLE


def test_power_off_and_on_again():
    pin = Pin()
    uart, nic = online("BG95S5", pwrkey=pin)
    nic.power_off()
    assert pin.history == []  # it would switch it on
    uart.on_time = lambda: setattr(uart, "silent", not pin.history)
    nic.active(True)
    assert len(pin.history) == 2 and nic.active()


def test_a_module_that_has_no_power_off():
    uart, nic = online("BC95GR")
    uart.unknown = ("AT+QPOWD",)
    error = raises(OSError, nic.power_off)
    assert error.args[0] == errno.EOPNOTSUPP and "BC95GR" in error.args[1]
    assert uart.radio == 0 and not nic.active()
    pin = Pin()
    uart, nic = online("BC95GR", pwrkey=pin)
    uart.unknown = ("AT+QPOWD",)
    nic.power_off()
    assert uart.radio == 0 and [level for _, level in pin.history] == [1, 0]


def test_power_off_of_a_module_that_is_silent():
    uart, nic = online("BG95S5")
    uart.silent = True
    assert raises(OSError, nic.power_off).args[0] == errno.ETIMEDOUT
    assert not nic.active()
    # A module that has never answered is taken to be off.
    uart = CellularModule("BG95S5")
    uart.silent = True
    quectel.BG95S5(uart).power_off()


# ---- with ----


def test_with_leaves_it_inactive():
    uart, nic = online("BG95S5")
    with nic as same:
        assert same is nic and nic.isconnected()
    assert not nic.active() and not nic.isconnected()
    assert uart.asked[-2:] == ["AT+QIDEACT=1", "AT+CFUN=0"]


def test_with_of_a_second_context_leaves_the_first():
    uart, nic = online("BG95S5")
    with nic.context(2) as other:
        assert other is not nic
    assert nic.active() and nic.isconnected() and uart.radio == 1


def test_an_exception_goes_before_one_of_leaving():
    uart, nic = online("BG95S5")

    def body():
        with nic:
            uart.silent = True
            raise KeyError("the program's")

    assert raises(KeyError, body).args == ("the program's",)
    uart, nic = online("BG95S5")

    def empty():
        with nic:
            uart.silent = True

    assert raises(OSError, empty).args[0] == errno.ETIMEDOUT


def test_with_of_an_interface_that_was_never_active():
    uart = CellularModule("BG95S5")
    with quectel.BG95S5(uart):
        pass
    assert uart.asked == []
