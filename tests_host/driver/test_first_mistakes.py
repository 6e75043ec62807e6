"""What a program is told of the mistakes of the first day: wrong arguments, a line on which
nothing or the wrong thing comes, a SIM, an access point, a host."""

import errno

import virtual_time
import quectel
from scripted import ScriptedUART, raises

MODELS = "BG95S5 RM500U BC95GR BC92 BC20 BC25".split()


class Pin:
    def __init__(self):
        self.levels = []

    def value(self, level):
        self.levels.append(level)


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


class Line(ScriptedUART):
    """What is sent goes nowhere; `reply(data)` is what comes then."""

    def __init__(self, reply):
        super().__init__([])
        self.reply = reply

    def write(self, buf, offset, size):
        virtual_time.clock.idle = False
        self._line.extend(self.reply(bytes(buf[offset : offset + size])))
        return size


def unheard(reply, model="BG95S5", **pins):
    """(the words, seconds until they came) of a module on such a line."""
    uart = Line(reply)
    start = virtual_time.clock.elapsed_ms()
    if model is None:
        error = raises(OSError, quectel.detect, uart, **pins)
        model = "the module"
    else:
        nic = getattr(quectel, model)(uart, **pins)
        error = raises(OSError, nic.active, True)
        assert nic.channel.uart is uart and not nic.active()
    assert error.args[0] == errno.ETIMEDOUT and error.code is None
    before = model + " does not answer: "
    assert error.args[1].startswith(before), error
    return error.args[1][len(before) :], (virtual_time.clock.elapsed_ms() - start) // 1000


SILENT = (
    "nothing came in %d s. Look at power, PWRKEY and GND, whether TX and RX are crossed, and at "
    "the baud rate"
)


def test_a_line_on_which_nothing_comes():
    def silence(data):
        return b""

    for model in MODELS + [None]:
        assert unheard(silence, model) == (SILENT % 20, 20), model
    for pins, most in (({"pwrkey": Pin()}, 27), ({"reset": Pin()}, 40)):
        text, took = unheard(silence, **pins)
        assert text == SILENT % took and took == most, (text, took)
        assert [pin.levels for pin in pins.values()] == [[1, 0]]


def test_how_long_a_module_may_take_is_the_programs():
    nic = quectel.BG95S5(Line(lambda data: b""))
    nic.BOOT_MS = 3000
    assert (SILENT % 3) in raises(OSError, nic.active, True).args[1]


def test_what_is_sent_comes_back():
    # Known before PWRKEY is pressed, which would switch off a module that is on.
    for model in MODELS + [None]:
        pin = Pin()
        text, took = unheard(lambda data: data, model, pwrkey=pin)
        head, _, tail = text.partition(",")
        assert head == "all that was sent came back"
        count, _, tail = tail.strip().partition(" ")
        assert int(count) > 500 and tail == "bytes. Is TX wired to RX?"
        assert 5 <= took <= 7 and pin.levels == [], (took, pin.levels)
    assert unheard(lambda data: data, reset=Pin())[1] == 40  # all is tried that there is


def test_bytes_that_are_no_text():
    # As a line at another baud rate looks: after each question, or when the module starts.
    garbage = b"\x98\xe6\x00f\xf8~\x80"

    def answered(data):
        return garbage if data[-1:] == b"\r" else b""

    for model in MODELS + [None]:
        pin = Pin()
        text, took = unheard(answered, model, pwrkey=pin)
        count, _, tail = text.partition(" ")
        assert tail == "bytes came, none readable. Look at the baud rate"
        assert int(count) % len(garbage) == 0 and int(count) > 0
        assert 5 <= took <= 7 and pin.levels == [], (took, pin.levels)

    def once(data):
        noise.extend(garbage)
        return garbage if len(noise) == len(garbage) else b""

    noise = bytearray()
    text, took = unheard(once)
    assert text == "7 bytes came, none readable. Look at the baud rate" and took == 20


def test_text_that_is_no_answer():
    def told(data):
        lines.append(0)
        return b"\r\nRDY\r\n\r\nAPP RDY\r\n" if len(lines) == 1 else b""

    lines = []
    text, took = unheard(told)
    assert text == "2 lines came, none says OK. Look at the wire from TX, and at RTS/CTS"
    assert took == 20
    # A module that starts may say much, and answer then.
    text, took = unheard(lambda data: b"\r\n+QIND: SMS DONE\r\n")
    assert int(text.split(" ")[0]) > 20 and took == 20, (text, took)


def test_noise_before_an_answer_is_no_verdict():
    # What starts makes noise; the baud rate is right.
    def starting(data):
        asked.append(data)
        noise = b"\xff\x00\x80" if len(asked) < 3 or len(asked) in (12, 13) else b""
        return noise if len(asked) < 20 else b"\r\nOK\r\n"

    asked = []
    uart = Line(starting)
    error = raises(OSError, quectel.BG95S5(uart).active, True)
    assert len(asked) >= 20 and "does not answer" not in error.args[1]
