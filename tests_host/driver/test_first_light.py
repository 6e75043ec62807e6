# interpreters: cpython unix
"""tools/deploying/portable/first_light.py: what it prints of a module, and its verdict."""

import errno
import sys

import quectel
from cellular_module import CellularModule

PROGRAM = __file__.rpartition("/")[0] + "/../../tools/deploying/portable/first_light.py"


class Connectable(CellularModule):
    """One whose network knows a name, and lets it connect."""

    def reply(self, line):
        if line.startswith("AT+QIDNSGIP"):
            urcs = ('+QIURC: "dnsgip",0,1,600', '+QIURC: "dnsgip","192.0.2.7"')
            return "\r\nOK\r\n" + "".join(["\r\n%s\r\n" % urc for urc in urcs])
        if line.startswith("AT+QIOPEN"):
            return "\r\nOK\r\n\r\n+QIOPEN: 0,0\r\n"
        if line == "AT+COPS?":
            return '\r\n+COPS: 0,0,"Operator",8\r\n\r\nOK\r\n'
        return super().reply(line)


class Board:
    """What a program's `import board` gives it; `detects`: whether modem() asks the module."""

    APN = "internet"

    def __init__(self, uart, detects):
        self.uart = lambda: uart
        self.modem = lambda: quectel.detect(uart) if detects else quectel.BG95S5(uart)


def shine(detects=False, model="BG95S5", kind=Connectable, **what):
    """The lines that are printed of a module."""
    uart = kind(model)
    for name, value in what.items():
        setattr(uart, name, value)
    sys.modules["board"] = Board(uart, detects)
    lines = []
    with open(PROGRAM) as file:
        text = file.read()

    def say(*words):
        lines.append(" ".join([str(word) for word in words]))

    usual = quectel.diagnose

    def diagnose(*args, **options):
        return usual(*args, show=say, **options)

    quectel.diagnose = diagnose
    try:
        exec(text, {"__name__": "main", "print": say})
    finally:
        quectel.diagnose = usual
        del sys.modules["board"]
    return lines


def test_all_is_well():
    for detects in (False, True):
        lines = shine(detects)
        assert lines[-1] == "first light: ok", lines
        assert lines[0].startswith("ok  line: ") and "ok  operator: Operator" in lines
        assert not [line for line in lines if line.startswith("NO")]


def test_it_waits_while_the_module_searches():
    class Searching(Connectable):
        searched = 0

        def _stat(self):
            self.searched += 1
            return 2 if self.searched < 40 else 1

    assert shine(kind=Searching)[-1] == "first light: ok"


def test_the_verdict_says_what_is_wrong():
    for what, words in (
        ({"stat": 3}, "registration denied ("),
        ({"stat": 2}, "no registration (searching, rssi -73 dBm)"),
        ({"pin_state": None}, "no SIM"),
        ({"pin_state": "SIM PIN"}, "the SIM asks for its PIN"),
        ({"model": "EC21"}, "the module is EC21"),
        ({"silent": True}, "BG95S5 does not answer: nothing came"),
        ({"silent": True, "detects": True}, "the module does not answer: nothing came"),
    ):
        lines = shine(**what)
        assert lines[-1].startswith("first light: " + words), (what, lines)
        assert lines[-2].startswith("NO  ") and words in lines[-2], lines


def test_an_error_that_is_no_finding():
    # A board.py that cannot open its line says so itself.
    class Broken(Board):
        def __init__(self):
            self.modem = self.uart = self.fail

        def fail(self):
            raise OSError(errno.ENODEV, "no such port")

    sys.modules["board"] = Broken()
    with open(PROGRAM) as file:
        text = file.read()
    try:
        exec(text, {"__name__": "main"})
    except OSError as e:
        assert e.args[0] == errno.ENODEV
    else:
        raise AssertionError("nothing was raised")
    finally:
        del sys.modules["board"]
