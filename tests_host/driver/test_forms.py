"""AT+QISEND and AT+QISENDEX in every form that a document has, and AT+QIRD=<connectID>,0.

What each document has: "BC65&BC92&BC95-GR TCP/IP Application Note" 2.2.4, 2.2.5; "BC20 TCP/IP AT
Commands Manual" 2.1.4, 2.1.6; "BG95-S5 TCP/IP Application Note" 2.3.7 to 2.3.9; "BC25&BC32
TCP/IP" 2.1.4, 2.1.6; "RGx00U&RM500U Series TCP/IP Application Note" 2.3.10, 2.3.11."""

import errno

from scripted import ScriptedUART, connected, raises, variants

from quectel.services import forms

OK_FIRST = [("<", "OK"), ("<", "SEND OK")]
ALONE = [("<", "SEND OK")]
# The tail of AT+QIOPEN=1,0,"TCP","192.0.2.2",7,0,0 is empty everywhere for IPv4.
OPENED = [(">", 'AT+QIOPEN=1,0,"TCP","192.0.2.2",7,0,0'), ("<", "OK"), ("!", "+QIOPEN: 0,0")]
MODELS = ("BC95GR", "BC65", "BC92", "BC20", "BG95S5", "BC25", "BC32", "RM500U", "RG200U", "RG500U")


def narrow(rai):
    """(form, hex, rai) -> the line and what follows the prompt, for b"12345"."""
    cases = {
        ("line", False, None): ('AT+QISEND=0,5,"12345"', None),
        ("length", False, None): ("AT+QISEND=0,5", b"12345"),
        ("ctrl-z", False, None): ("AT+QISEND=0", b"12345\x1a"),
        ("line", True, None): ('AT+QISENDEX=0,5,"3132333435"', None),
        ("length", True, None): ("AT+QISENDEX=0,5", b"3132333435"),
        ("ctrl-z", True, None): ("AT+QISENDEX=0", b"3132333435\x1a"),
    }
    if rai:
        for value in (0, 1, 2):
            tail = ",%d" % value
            cases["line", False, value] = ('AT+QISEND=0,5,"12345"' + tail, None)
            cases["line", True, value] = ('AT+QISENDEX=0,5,"3132333435"' + tail, None)
    return cases


PROMPTS = {
    ("length", False, None): ("AT+QISEND=0,5", b"12345"),
    ("ctrl-z", False, None): ("AT+QISEND=0", b"12345\x1a"),
}
BG95 = dict(PROMPTS)
for _rai in (None, 0, 1, 2):
    _tail = "" if _rai is None else ",%d" % _rai
    BG95["line", True, _rai] = ('AT+QISENDEX=0,"3132333435"' + _tail, None)
BC20 = {
    ("line", False, None): ('AT+QISEND=0,5,"12345"', None),
    ("line", True, None): ("AT+QISENDEX=0,5,3132333435", None),
}
BC95 = narrow(True)
BC25 = narrow(False)
DOCUMENTS = {
    "BC95GR": BC95,
    "BC65": BC95,
    "BC92": BC95,
    "BC20": BC20,
    "BG95S5": BG95,
    "BC25": BC25,
    "BC32": BC25,
    "RM500U": PROMPTS,
    "RG200U": PROMPTS,
    "RG500U": PROMPTS,
}
EVERY = sorted(narrow(True), key=str)


def exchange(model, line, typed, answer=None):
    script = [(">", line)]
    if typed is not None:
        script += [("<prompt", "> "), (">>", typed)]
    if answer is None:
        answer = OK_FIRST if model.startswith("BC") else ALONE
    return script + answer


def opened(uart, model):
    nic = connected(model, uart)
    s = nic.socket()
    s.connect(("192.0.2.2", 7))
    return s


def test_every_form_of_every_document():
    for model in MODELS:
        for (form, hex, rai), (line, typed) in DOCUMENTS[model].items():
            script = OPENED + exchange(model, line, typed)

            def program(uart):
                return forms.send(opened(uart, model), b"12345", form, hex, rai)

            if model in ("BC95GR", "BC20", "BG95S5"):
                assert variants(script, program) == 5, (model, line)
            else:
                uart = ScriptedUART(script)
                assert program(uart) == 5 and uart.done(), (model, line)


def test_a_form_that_the_document_does_not_have():
    for model in MODELS:
        uart = ScriptedUART(OPENED)
        s = opened(uart, model)
        for form, hex, rai in EVERY:
            if (form, hex, rai) not in DOCUMENTS[model]:
                error = raises(OSError, forms.send, s, b"12345", form, hex, rai)
                assert error.args[0] == errno.EOPNOTSUPP and model in str(error), (form, hex)
        assert len(uart.log) == 1


def test_what_a_form_cannot_carry():
    uart = ScriptedUART(OPENED)
    s = opened(uart, "BC95GR")
    for data in (b'"', b"\r", b"\x1a", b"\xff", "é"):
        raises(ValueError, forms.send, s, data, "line")
    for data in (b"a\x1a", b"\x1b", b""):
        raises(ValueError, forms.send, s, data, "ctrl-z")
    raises(ValueError, forms.send, s, b"x" * 1441, "length")
    raises(ValueError, forms.send, s, b"x" * 1441, "line", True)
    raises(ValueError, forms.send, s, b"x", "line", rai=3)
    s = opened(ScriptedUART(OPENED), "BC25")
    raises(ValueError, forms.send, s, b"x" * 513, "length", True)
    s = opened(ScriptedUART(OPENED), "BG95S5")
    raises(ValueError, forms.send, s, b"x" * 257, "line", True)
    assert len(uart.log) == 1


def test_hex_carries_what_ends_the_data():
    script = OPENED + exchange("BC25", "AT+QISENDEX=0", b"1A1B22\x1a")
    s = opened(ScriptedUART(script), "BC25")
    assert forms.send(s, b'\x1a\x1b"', "ctrl-z", True) == 3


def test_not_taken_and_refused():
    full = [("<", "OK"), ("<", "SEND FAIL")]
    refused = [
        ("<", "ERROR"),
        (">", "AT+QIGETERROR"),
        ("<", "+QIGETERROR: 566,socket connect failed"),
    ]
    script = OPENED + exchange("BC92", "AT+QISEND=0", b"x\x1a", full)
    script += exchange("BC92", 'AT+QISEND=0,1,"x"', None, refused) + [("<", "OK")]
    s = opened(ScriptedUART(script), "BC92")
    assert raises(OSError, forms.send, s, b"x", "ctrl-z").args[0] == errno.ENOBUFS
    assert raises(OSError, forms.send, s, b"x", "line").code == 566


def test_no_answer_fails_the_socket():
    script = OPENED + [(">", "AT+QISEND=0"), ("<prompt", "> "), (">>", b"x\x1a")]
    s = opened(ScriptedUART(script), "RM500U")
    assert raises(OSError, forms.send, s, b"x", "ctrl-z").args[0] == errno.ECONNABORTED
    assert raises(OSError, s.send, b"y").args[0] == errno.ECONNABORTED


def test_only_where_there_is_a_connection():
    nic = connected("BG95S5", ScriptedUART([]))
    s = nic.socket()
    for call in (forms.received, lambda s: forms.send(s, b"x", "ctrl-z")):
        assert raises(OSError, call, s).args[0] == errno.ENOTCONN
    script = [(">", 'AT+QIOPEN=1,0,"UDP SERVICE","127.0.0.1",0,3030,0'), ("<", "OK")]
    nic = connected("BG95S5", ScriptedUART(script + [("!", "+QIOPEN: 0,0")]))
    s = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
    s.bind(("", 3030))
    assert raises(OSError, forms.send, s, b"x", "ctrl-z").args[0] == errno.EOPNOTSUPP


def test_received():
    # BG95-S5 3.2.3 and RGx00U&RM500U 3.2.3: 10 bytes, all of them read.
    for model in ("BG95S5", "RM500U"):
        for view in (0, 1):
            script = [(">", 'AT+QICFG="viewmode",%d' % view), ("<", "OK")] + OPENED
            script += [(">", "AT+QIRD=0,0"), ("<", "+QIRD: 10,8,2"), ("<", "OK")]

            def program(uart):
                nic = connected(model, uart)
                nic.config(viewmode=view)
                s = nic.socket()
                s.connect(("192.0.2.2", 7))
                return forms.received(s)

            assert variants(script, program) == (10, 8, 2)
    for model in ("BC95GR", "BC20", "BC25"):
        assert forms.received(opened(ScriptedUART(OPENED), model)) is None
