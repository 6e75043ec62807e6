"""What a command only tells: nic.config with the name of a command, and the test forms."""

import errno

from conversations import rm500u
from scripted import ScriptedUART, connected, raises, variants

MODELS = ("BC95GR", "BC92", "BC20", "BG95S5", "BC25", "RM500U")
QUERIES = ("qistate", "qicsgp", "qiact", "qiactex", "qntp")
HAVE = {"BG95S5": ("qistate", "qicsgp", "qiact", "qntp")}
HAVE["RM500U"] = ("qistate", "qicsgp", "qiact", "qiactex")

CONTEXTS = "QICSGP QIACT QIDEACT"
ALL = "QIOPEN QICLOSE QISTATE QISEND QIRD QISWTMD QPING QICFG QIGETERROR"
# The commands that each document has a test form of, by the titles of its sections.
TEST_FORMS = {
    "BC95GR": ALL + " QISENDEX QNTP QIDNSGIP QIDNSCFG",
    "BC20": ALL + " QISENDEX QNTP QIDNSGIP",
    "BG95S5": ALL + " QISENDEX QNTP QIDNSGIP QIDNSCFG QISDE " + CONTEXTS,
    "BC25": ALL + " QISENDEX QNTP QIDNSGIP QIDNSCFG QIKALIVE",
    "RM500U": ALL + " QIDNSCFG QISDE QIACTEX QIDEACTEX " + CONTEXTS,
}


def asked(model, name, question, answer):
    script = [(">", question)] + [("<", line) for line in answer] + [("<", "OK")]
    return variants(script, lambda uart: connected(model, uart).config(name))


def test_the_profile_of_a_context():
    # BG95-S5 2.3.1, and 3.1.1 read back; the syntax has the type first.
    got = asked("BG95S5", "qicsgp", "AT+QICSGP=1", ['+QICSGP: 1,"CMNBIOT","","",0'])
    assert got == (1, "CMNBIOT", "", "", 0)
    got = asked("BG95S5", "qicsgp", "AT+QICSGP=1", ['+QICSGP: 3,"a","us,er","k e,y",2'])
    assert (got.type, got.apn, got.user, got.key, got.auth) == (3, "a", "us,er", "k e,y", 2)
    # RGx00U&RM500U 2.3.2, example: one text more.
    got = asked("RM500U", "qicsgp", "AT+QICSGP=1", ['+QICSGP: 1,"","","","",0'])
    assert got == (1, "", "", "", 0)
    nic = connected("BG95S5", ScriptedUART([(">", "AT+QICSGP=1"), ("<", "OK")]))
    assert raises(OSError, nic.config, "qicsgp").args[0] == errno.EIO


def test_the_password_is_in_no_trace():
    script = [(">", "AT+QICSGP=1"), ("<", '+QICSGP: 1,"a","u","secret",1'), ("<", "OK")]
    seen = []
    nic = connected("BG95S5", ScriptedUART(script), trace=seen.append)
    assert nic.config("qicsgp").key == "secret"
    assert seen and not any("secret" in line for line in seen)


def test_active_contexts():
    one = ['+QIACT: 1,1,1,"10.7.157.1"']
    for model in ("BG95S5", "RM500U"):
        assert asked(model, "qiact", "AT+QIACT?", one) == [(1, 1, 1, ["10.7.157.1"])]
        assert asked(model, "qiact", "AT+QIACT?", []) == []
    both = ['+QIACTEX: 2,1,3,"10.7.157.2","2001:db8::2"', '+QIACTEX: 5,1,2,"2001:db8::5"']
    got = asked("RM500U", "qiactex", "AT+QIACTEX?", both)
    assert got == [(2, 1, 3, ["10.7.157.2", "2001:db8::2"]), (5, 1, 2, ["2001:db8::5"])]
    assert (got[0].context, got[0].state, got[0].type) == (2, 1, 3)
    assert got[1].addresses == ["2001:db8::5"]


def test_the_connections_of_a_context():
    narrow = '0,"TCP","220.18.39.22",8062,1234,2,1,0'
    wide = narrow[:-1] + '0,0,"uart1"'
    for model in MODELS:
        line = narrow if model.startswith("BC") else wide
        (row,) = asked(model, "qistate", "AT+QISTATE=0,1", ["+QISTATE: " + line])
        assert (row.id, row.state, row.context, row.access_mode) == (0, "connected", 1, 0)
    script = [(">", "AT+QISTATE=0,2"), ("<", "OK")]
    uart = ScriptedUART(script)
    assert connected("BG95S5", uart).context(2).config("qistate") == [] and uart.done()


def test_the_time_server_that_is_asked():
    # BG95-S5 2.3.12
    answer = ['+QNTP: "192.0.2.2",123']
    assert asked("BG95S5", "qntp", "AT+QNTP?", answer) == ("192.0.2.2", 123)
    assert asked("BG95S5", "qntp", "AT+QNTP?", []) is None


def test_a_query_of_another_document():
    for model in MODELS:
        nic = connected(model, ScriptedUART([]))
        for name in set(QUERIES) - set(HAVE.get(model, ("qistate",))):
            error = raises(OSError, nic.config, name)
            assert error.args[0] == errno.EOPNOTSUPP and model in str(error)
        for name in HAVE.get(model, ("qistate",)):
            raises((OSError, ValueError), nic.config, **{name: 1})


def test_a_refused_query():
    script = [(">", "AT+QIACT?"), ("<", "ERROR"), (">", "AT+QIGETERROR")]
    script += [("<", "+QIGETERROR: 572, operation not allowed"), ("<", "OK")]
    assert raises(OSError, connected("BG95S5", ScriptedUART(script)).config, "qiact").code == 572


def test_forms():
    """AT+<cmd>=? with nic.command: every line of the answer, and the OK ends it."""
    for model, names in TEST_FORMS.items():
        for name in names.split():
            answer = ["+%s: (0-11),(0-1500),<x>" % name, '+%s: "key",(0,1)' % name]
            if name in ("QISTATE", "QIGETERROR"):
                answer = []
            script = [(">", "AT+%s=?" % name)] + [("<", line) for line in answer] + [("<", "OK")]
            uart = ScriptedUART(script)
            nic = connected(model, uart)
            assert nic.command("AT+%s=?" % name) == answer, (model, name)
            assert uart.done()


def test_a_form_that_answers_a_bare_ok():
    # BC65&BC92&BC95-GR 2.2.7, BC20 2.1.7, BC25&BC32 2.1.7
    for model in ("BC95GR", "BC20", "BC25"):
        nic = connected(model, ScriptedUART([(">", "AT+QISWTMD?"), ("<", "OK")]))
        assert nic.command("AT+QISWTMD?") == []


def test_the_execution_form_of_qistate():
    # BG95-S5 2.3.6, RGx00U&RM500U 2.3.9
    line = '+QISTATE: 0,"TCP","192.0.2.2",8009,65514,2,1,0,0,"usbmodem"'
    for model in ("BG95S5", "RM500U"):
        nic = connected(model, ScriptedUART([(">", "AT+QISTATE"), ("<", line), ("<", "OK")]))
        assert nic.command("AT+QISTATE") == [line]


# ---- what the driver says in its own commands ----


def test_the_time_for_closing():
    for model in ("BG95S5", "RM500U"):
        opened = [
            (">", 'AT+QIOPEN=1,0,"TCP","192.0.2.2",7,0,0'),
            ("<", "OK"),
            ("!", "+QIOPEN: 0,0"),
        ]
        script = []
        for close in ("AT+QICLOSE=0", "AT+QICLOSE=0,30", "AT+QICLOSE=0,0", "AT+QICLOSE=0"):
            script += opened + [(">", close), ("wait", 29 if "30" in close else 0), ("<", "OK")]

        def program(uart):
            nic = connected(model, uart)
            kept = []
            for value in (None, 30, 0, None):
                if kept:
                    nic.config(close_timeout=value)
                s = nic.socket()
                s.connect(("192.0.2.2", 7))
                s.close()
                kept.append(nic.config("close_timeout"))
            return kept

        uart = ScriptedUART(script)
        assert program(uart) == [None, 30, 0, None] and uart.done()
        nic = connected(model, ScriptedUART([]))
        assert nic.config("close_timeout") is None  # the other interface's own affair
        for bad in (-1, 65536, "3"):
            raises(ValueError, nic.config, close_timeout=bad)


def test_connecting_again():
    open_ = 'AT+QIOPEN=1,0,"TCP","192.0.2.2",7,0,0'
    script = [(">", open_ + ",11,30"), ("<", "OK"), ("!", "+QIOPEN: 0,0"), (">", "AT+QICLOSE=0")]
    script += [("<", "OK"), (">", open_), ("<", "OK"), ("!", "+QIOPEN: 0,0")]

    def program(uart):
        nic = connected("RM500U", uart)
        nic.config(connect_timeout=30)
        s = nic.socket()
        s.connect(("192.0.2.2", 7))
        s.close()
        kept = nic.config("connect_timeout")
        nic.config(connect_timeout=None)
        nic.socket().connect(("192.0.2.2", 7))
        return kept, nic.config("connect_timeout")

    assert variants(script, program) == (30, None)
    nic = connected("RM500U", ScriptedUART([]))
    for bad in (0, 9, 151):
        raises(ValueError, nic.config, connect_timeout=bad)


READY = [(">", "AT+CPIN?"), ("<", "+CPIN: READY"), ("<", "OK"), (">", "AT+CEREG?")]
READY += [("<", "+CEREG: 0,1"), ("<", "OK"), (">", "AT+QIACT?"), ("<", "OK")]


def activated(script, choice, hears=None):
    """What `connect` and `disconnect` make of it; the choice as it is read back."""

    def program(uart):
        nic = connected("RM500U", uart)
        nic.state = nic.STAT_IDLE
        seen = []
        if hears:
            nic.on_urc(hears, seen.append)
        nic.config(asynchronous=choice)
        nic.connect()
        while not nic.isconnected():
            nic.module.wait()
        nic.disconnect()
        return nic.config("asynchronous"), seen

    return variants(READY + script, program)


def test_activating_without_the_asynchronous_commands():
    # RGx00U&RM500U 3.1.2, 3.1.3
    script = []
    for key in ("3.1.2 activate a context", "3.1.3 deactivate a context"):
        script += [step for step in rm500u.CONVERSATIONS[key] if step[0] != "given"]
    assert activated(script, 0) == (0, [])


def test_activating_with_the_addresses_shown():
    # RGx00U&RM500U 2.3.5 <view_mode> 1
    line = '+QIACTEX: 1,0,1,"10.7.157.1"'
    script = [(">", "AT+QIACTEX=1,1"), ("<", "OK"), ("!", line), (">", "AT+QIACT?")]
    script += [("<", '+QIACT: 1,1,1,"10.7.157.1"'), ("<", "OK"), (">", "AT+QIDEACTEX=1")]
    script += [("<", "OK"), ("!", "+QIDEACTEX: 1,0")]
    assert activated(script, 2, "+QIACTEX") == (2, [line])


def test_the_usual_way_of_activating():
    nic = connected("RM500U", ScriptedUART([]))
    assert nic.config("asynchronous") == 1
    for bad in (-1, 3, "0"):
        raises(ValueError, nic.config, asynchronous=bad)


def test_a_choice_of_another_document():
    have = {"BG95S5": ("close_timeout",)}
    have["RM500U"] = ("close_timeout", "connect_timeout", "asynchronous")
    for model in MODELS:
        nic = connected(model, ScriptedUART([]))
        for name in {"close_timeout", "connect_timeout", "asynchronous"} - set(
            have.get(model, ())
        ):
            for error in (
                raises(OSError, nic.config, name),
                raises(OSError, nic.config, **{name: 1}),
            ):
                assert error.args[0] == errno.EOPNOTSUPP and model in str(error)


def test_either_family():
    # BC65&BC92&BC95-GR 2.2.1 <protocol_type> 2
    for model in ("BC95GR", "BC65", "BC92"):
        for family, tail in ((0, ",2"), (2, ""), (10, ",1")):
            line = 'AT+QIOPEN=1,0,"TCP","echo.example",7,0,0' + tail
            uart = ScriptedUART([(">", line), ("<", "OK"), ("!", "+QIOPEN: 0,0")])
            connected(model, uart).socket(family).connect(("echo.example", 7))
            assert uart.done()
