"""nic.baudrate: both ends are changed, or neither."""

import errno

import quectel
from cellular_module import CellularModule
from scripted import ScriptedUART, connected, raises

FAST = 921600


def ready(model="BG95S5", **what):
    uart = CellularModule(model)
    for name, value in what.items():
        setattr(uart, name, value)
    nic = getattr(quectel, model)(uart)
    nic.active(True)
    uart.asked.clear()
    return uart, nic


def test_both_ends_are_changed():
    for model in ("BC20", "BG95S5", "BC25", "RM500U"):
        uart, nic = ready(model)
        nic.baudrate(FAST)
        assert (uart.rate, uart.baudrate) == (FAST, FAST) and uart.inits == [FAST]
        assert uart.asked == ["AT+IPR=921600", "AT"]
        nic.connect("internet", timeout=60)
        assert nic.isconnected(), model
        nic.baudrate(115200)
        assert (uart.rate, uart.baudrate) == (115200, 115200)


def test_the_same_rate_sends_nothing():
    uart, nic = ready()
    nic.baudrate(115200)
    assert uart.asked == [] and uart.inits == []


def test_writes_are_as_long_as_the_new_rate_allows():
    _, nic = ready()
    before = nic.channel.output._piece
    nic.baudrate(FAST)
    assert before * 7 < nic.channel.output._piece < before * 9


def test_a_module_that_refuses():
    uart, nic = ready(unknown=("AT+IPR",))
    error = raises(OSError, nic.baudrate, FAST)
    assert error.args[0] == errno.EIO and uart.inits == [] and nic.status("rssi") == -73


def test_a_rate_at_which_nothing_is_heard_is_left_again():
    # The module has changed, and no byte gets through.
    uart, nic = ready(heard_at=115200)
    error = raises(OSError, nic.baudrate, FAST)
    assert error.args == (errno.ETIMEDOUT, "no answer at 921600 baud")
    assert uart.inits == [FAST, 115200]
    uart.heard_at = None
    uart.rate = 115200
    assert nic.status("rssi") == -73


def test_a_module_that_does_not_change():
    uart, nic = ready()
    replied = uart.reply

    def reply(line):
        answer = replied(line)
        uart.rate = 115200
        return answer

    uart.reply = reply
    error = raises(OSError, nic.baudrate, FAST)
    assert error.args == (errno.ETIMEDOUT, "no answer at 921600 baud, back at 115200")
    assert uart.inits == [FAST, 115200] and uart.baudrate == 115200
    # The silence in between is no reason to look whether it has restarted.
    assert uart.asked == ["AT+IPR=921600", "AT"]
    # Nothing is left of it: a restart is looked for at the old rate only.
    assert nic.dialect.BAUDRATE is None and nic.status("rssi") == -73
    assert uart.count("AT+QISTATE?") == 0


def test_a_module_that_hears_and_is_not_heard_is_changed_back():
    for shown in (115200, 115207):
        uart, nic = ready(mute_at=FAST)
        uart.baudrate = shown
        error = raises(OSError, nic.baudrate, FAST)
        assert error.args == (errno.ETIMEDOUT, "no answer at 921600 baud, back at 115200")
        assert uart.rate == 115200 and "AT+IPR=115200" in uart.asked


def test_an_answer_at_the_new_rate_already():
    uart, nic = ready()
    replied = uart.reply

    def silent_change(line):
        if line.startswith("AT+IPR"):
            uart.rate = int(line[7:])
            return ""
        return replied(line)

    uart.reply = silent_change
    nic.baudrate(FAST)
    assert nic.status("rssi") == -73 and uart.baudrate == FAST


def test_a_module_that_restarts_is_found_at_its_own_rate():
    uart, nic = ready()
    nic.baudrate(FAST)
    nic.connect("internet", timeout=60)
    nic.reset()  # RDY comes at a rate at which it is not heard
    assert (uart.rate, uart.baudrate) == (FAST, FAST)
    nic.connect("internet", timeout=60)
    assert nic.isconnected()


def test_a_board_that_restarts_finds_a_module_that_is_fast():
    uart = CellularModule("BG95S5")
    uart.rate = FAST
    nic = quectel.BG95S5(uart)
    nic.baudrate(FAST)
    assert uart.asked == [] and uart.inits == []
    nic.active(True)
    assert uart.baudrate == FAST and not [line for line in uart.asked if "IPR" in line]
    # A module that has restarted too is at the old rate, and is changed.
    uart = CellularModule("BG95S5")
    nic = quectel.BG95S5(uart)
    nic.baudrate(FAST)
    nic.active(True)
    assert (uart.rate, uart.baudrate) == (FAST, FAST) and "AT+IPR=921600" in uart.asked


def test_what_a_port_shows_is_near_what_it_was_given():
    uart, nic = ready()
    uart.baudrate = 115207
    nic.baudrate(FAST)
    assert uart.rate == FAST
    nic.baudrate(115200)
    assert uart.asked[-2] == "AT+IPR=115200"


def test_a_uart_that_cannot():
    nic = connected("BG95S5", ScriptedUART([]))
    error = raises(OSError, nic.baudrate, FAST)
    assert error.args[0] == errno.EOPNOTSUPP and "init" in error.args[1]

    class Untold(CellularModule):
        def __repr__(self):
            return "UART(1)"

    uart = Untold("BG95S5")
    nic = quectel.BG95S5(uart, rxbuf=2048)
    nic.active(True)
    assert raises(OSError, nic.baudrate, FAST).args[0] == errno.EOPNOTSUPP
    assert "AT+IPR=921600" not in uart.asked


def test_wrong_rates():
    uart, nic = ready()
    for wrong in (0, -1, "921600", None, 1e6):
        raises(ValueError, nic.baudrate, wrong)
    assert uart.asked == []
