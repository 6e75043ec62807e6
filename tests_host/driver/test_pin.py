"""The SIM's PIN: given when the SIM asks, never when it does not, never twice where it was wrong.
Three wrong ones lock a SIM."""

import errno

import virtual_time
import quectel
from cellular_module import CellularModule
from scripted import raises

DIALECTS = ("BC95GR", "BC20", "BG95S5", "BC25", "RM500U")


def locked(model="BG95S5", pin=None, **what):
    uart = CellularModule(model)
    uart.pin_state = "SIM PIN"
    for name, value in what.items():
        setattr(uart, name, value)
    nic = getattr(quectel, model)(uart, pin=pin)
    nic.active(True)
    return uart, nic


def given(uart):
    """The PINs that the module was sent."""
    return [line for line in uart.asked if line.startswith("AT+CPIN=")]


def test_the_pin_is_given_when_the_sim_asks():
    for model in DIALECTS:
        uart, nic = locked(model, "1234")
        nic.connect("internet", timeout=60)
        assert nic.isconnected() and given(uart) == ['AT+CPIN="1234"'], model


def test_the_pin_is_never_sent_to_a_sim_that_does_not_ask():
    for state in ("READY", "SIM PUK", "SIM PIN2", "PH-SIM PIN", None):
        uart, nic = locked("BG95S5", "1234", pin_state=state)
        if state == "READY":
            nic.connect("internet", timeout=60)
            nic.unlock("1234")
        else:
            raises(OSError, nic.connect, "internet", timeout=60)
            raises(OSError, nic.unlock, "1234")
        assert given(uart) == [], state


def test_a_wrong_pin_is_sent_once():
    for model in DIALECTS:
        uart, nic = locked(model, "9999")
        start = virtual_time.clock.elapsed_ms()
        error = raises(OSError, nic.connect, "internet", timeout=60)
        assert (error.args[0], error.code) == (errno.EACCES, 16), model
        assert virtual_time.clock.elapsed_ms() - start < 1000
        assert nic.status() == nic.STAT_NO_SIM and "9999" not in str(error)
        for _ in range(3):
            error = raises(OSError, nic.connect, "internet", timeout=60)
            assert error.args[0] == errno.EACCES and "before" in error.args[1]
        raises(OSError, nic.unlock, "9999")
        assert given(uart) == ['AT+CPIN="9999"'] and uart.tries == 2, model
        nic.unlock("1234")
        assert nic.status() == nic.STAT_IDLE
        nic.connect("internet", timeout=60)
        assert nic.isconnected() and len(given(uart)) == 2, model


def test_unlock_without_pin_before():
    uart, nic = locked()
    error = raises(OSError, nic.connect, "internet", timeout=60)
    assert error.args[0] == errno.ENODEV and "PIN" in error.args[1]
    nic.unlock("1234")
    nic.connect("internet", timeout=60)
    assert given(uart) == ['AT+CPIN="1234"']


def test_the_last_try_is_left_to_the_program():
    # A board that restarts for ever with a wrong PIN must not lock its SIM.
    uart, nic = locked("BG95S5", "9999", tries=1)
    error = raises(OSError, nic.connect, "internet", timeout=60)
    assert error.args[0] == errno.EACCES and "unlock" in error.args[1] and given(uart) == []
    nic.unlock("1234")
    assert uart.pin_state == "READY"
    uart, nic = locked("BG95S5", "1234", tells_tries=False)
    nic.connect("internet", timeout=60)
    assert len(given(uart)) == 1
    uart, nic = locked("BG95S5", tries=1)
    error = raises(OSError, nic.unlock, "9999")
    assert error.args[0] == errno.ENODEV and "PUK" in error.args[1]


def test_a_right_pin_is_given_again_after_a_restart():
    uart, nic = locked("BG95S5", "1234")
    nic.connect("internet", timeout=60)
    uart.pin_state = "SIM PIN"
    uart.say("RDY")
    while nic.isconnected():
        pass
    nic.connect("internet", timeout=60)
    assert len(given(uart)) == 2 and nic.isconnected()


def test_a_pin_whose_answer_is_lost():
    # The SIM itself tells whether it was right; where it does not, the PIN is not sent again.
    for right in (True, False):
        uart, nic = locked("BG95S5", "1234" if right else "9999")

        def reply(line, answered=uart.reply):
            answer = answered(line)
            return "" if line.startswith("AT+CPIN=") else answer

        uart.reply = reply
        if right:
            nic.connect("internet", timeout=90)
            assert nic.isconnected()
        else:
            for _ in range(2):
                error = raises(OSError, nic.connect, "internet", timeout=90)
                assert error.args[0] == errno.EACCES
        assert len(given(uart)) == 1


def test_an_ok_that_does_not_make_the_sim_ready():
    uart, nic = locked("BG95S5", "1234")
    replied = uart.reply
    uart.reply = lambda line: "\r\nOK\r\n" if line.startswith("AT+CPIN=") else replied(line)
    asked = []
    for _ in range(2):
        raises(OSError, nic.connect, "internet", timeout=90)
        asked.append(len(given(uart)))
    assert asked == [1, 1]


def test_what_is_no_pin_is_refused_before_a_byte():
    for wrong in ("123", "123456789", "12a4", '12"4', ""):
        uart, nic = locked("BG95S5", wrong)
        before = len(uart.asked)
        assert raises(ValueError, nic.connect, "internet").args == ("pin must be 4 to 8 digits",)
        raises(ValueError, nic.unlock, wrong)
        assert len(uart.asked) == before
    uart, nic = locked()
    raises(TypeError, nic.unlock, 1234)


def test_the_pin_is_shown_nowhere():
    lines = []
    uart = CellularModule("BG95S5")
    uart.pin_state = "SIM PIN"
    nic = quectel.BG95S5(uart, pin="1234", trace=lines.append)
    nic.active(True)
    nic.connect("internet", timeout=60)
    assert "> AT+CPIN=***" in lines and not [line for line in lines if "1234" in line]
    assert "1234" not in repr(nic)


def test_a_second_context_has_the_same_sim():
    uart, nic = locked("BG95S5", "1234")
    other = nic.context(2)
    nic.connect("internet")
    raises(OSError, other.connect, "internet", timeout=1)  # the module gives it no address
    nic.wait(60)
    assert len(given(uart)) == 1
