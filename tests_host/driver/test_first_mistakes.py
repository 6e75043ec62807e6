"""What a program is told of the mistakes of the first day: wrong arguments, a line on which
nothing or the wrong thing comes, a SIM, an access point, a host."""

import quectel
from scripted import ScriptedUART, raises


class Pin:
    def value(self, level):
        pass


def test_a_uart_that_is_none():
    for uart, kind in ((1, "int"), (None, "None"), ("/dev/ttyUSB0", "str"), (Pin(), "Pin")):
        text = "uart must be a UART, as machine.UART(1, 115200), not " + kind
        for make in (quectel.BG95S5, quectel.BC95GR, quectel.BC20, quectel.detect):
            assert str(raises(TypeError, make, uart)) == text


def test_a_pin_that_is_none():
    for name in ("pwrkey", "reset", "dtr"):
        text = name + " must be a Pin, as machine.Pin(14), not int"
        for make in (quectel.BG95S5, quectel.detect):
            assert str(raises(TypeError, make, ScriptedUART([]), **{name: 14})) == text
            assert str(raises(TypeError, make, ScriptedUART([]), **{name: 0})) == text
        quectel.BG95S5(ScriptedUART([]), **{name: Pin()})


def test_a_trace_that_is_none():
    error = raises(TypeError, quectel.BG95S5, ScriptedUART([]), trace=True)
    assert str(error) == "trace must be a function, as print, not bool"
    quectel.BG95S5(ScriptedUART([]), trace=[].append)


def test_a_class_that_there_is_not():
    every = "BC65 BC92 BC95GR BC20 BG95S5 BC25 BC32 RG200U RG500U RM500U"
    for name in ("BG95", "BC95", "RM500", "BC660K", "EC25"):
        error = raises(AttributeError, getattr, quectel, name)
        assert str(error) == name + " is none of " + every
    assert str(raises(AttributeError, getattr, quectel, "bc95_gr")) == "bc95_gr"
