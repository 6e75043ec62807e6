# interpreters: cpython unix
"""tools/deploying/portable/first_light.py: what it prints of a module, and its verdict."""

import sys

import quectel
from scripted import ScriptedUART
from test_modem import AT, READY, SIM

PROGRAM = __file__.rpartition("/")[0] + "/../../tools/deploying/portable/first_light.py"
NAMES = [
    (">", "AT+CGMM"),
    ("<", "BG95-S5"),
    ("<", "OK"),
    (">", "AT+CGMR"),
    ("<", "BG95S5LAR01A01"),
    ("<", "OK"),
]
SIGNAL = [(">", "AT+CSQ"), ("<", "+CSQ: 20,99"), ("<", "OK")]
OPERATOR = [(">", "AT+COPS?"), ("<", '+COPS: 0,0,"Operator",8'), ("<", "OK")]


def registration(stat):
    steps = [(">", "AT+CEREG?"), ("<", "+CEREG: 0,%d" % stat), ("<", "OK")]
    if stat not in (1, 5):
        steps += [(">", "AT+CGREG?"), ("<", "+CGREG: 0,0"), ("<", "OK")]
    return steps


class Board:
    """What a program's `import board` gives it."""

    def __init__(self, uart):
        self.modem = lambda: quectel.BG95S5(uart)


class NoModule:
    """A UART with nothing behind it."""

    def any(self):
        return 0

    def readinto(self, buf, n=None):
        return None

    def write(self, buf, off=None, n=None):
        return len(buf) if n is None else n

    def done(self):
        return True


def shine(script):
    """The lines that are printed of the module that follows `script`."""
    return lines_of(ScriptedUART(script))


def lines_of(uart):
    sys.modules["board"] = Board(uart)
    lines = []
    with open(PROGRAM) as file:
        text = file.read()

    def say(*words):
        lines.append(" ".join([str(word) for word in words]))

    try:
        exec(text, {"__name__": "main", "print": say})
    finally:
        del sys.modules["board"]
    assert uart.done(), (uart.script, bytes(uart.sent))
    return lines


def test_all_is_well():
    lines = shine(AT + READY + NAMES + SIM + SIGNAL + registration(5) + OPERATOR)
    assert lines == [
        "module: BG95-S5",
        "firmware: BG95S5LAR01A01",
        "SIM: +CPIN: READY",
        "signal: -73 dBm",
        "registration: roaming",
        "operator: Operator",
        "first light: ok",
    ]


def test_it_waits_while_the_module_searches():
    search = registration(2) + registration(2) + registration(1)
    lines = shine(AT + READY + NAMES + SIM + SIGNAL + search + OPERATOR)
    assert lines[-3:] == ["registration: at home", "operator: Operator", "first light: ok"]


def test_a_registration_that_is_denied():
    lines = shine(AT + READY + NAMES + SIM + SIGNAL + registration(3))
    assert lines[-2] == "registration: denied"
    assert lines[-1].startswith("first light: not registered") and "antenna" in lines[-1]


def test_no_sim():
    refused = [(">", "AT+CPIN?"), ("<", "+CME ERROR: 10")]
    lines = shine(AT + READY + NAMES + refused)
    assert lines[-1].startswith("first light: no SIM") and "PIN" in lines[-1]


def test_a_sim_that_asks_for_its_pin():
    locked = [(">", "AT+CPIN?"), ("<", "+CPIN: SIM PIN"), ("<", "OK")]
    lines = shine(AT + READY + NAMES + locked)
    assert lines[-2] == "SIM: +CPIN: SIM PIN"
    assert lines[-1].startswith("first light: no SIM")


def test_a_silent_module():
    lines = lines_of(NoModule())
    assert len(lines) == 1 and lines[0].startswith("first light: nothing answers AT")
    for word in ("supply", "TX", "shifter", "PWRKEY", "BAUDRATE"):
        assert word in lines[0], word


def test_another_module():
    script = AT + [(">", "ATE0"), ("<", "OK"), (">", "AT+CGMM"), ("<", "EC21"), ("<", "OK")]
    lines = shine(script)
    assert len(lines) == 1 and lines[0].startswith("first light: the module is EC21")
