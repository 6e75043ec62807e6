"""nic.config: every key of every document, the commands of one setting, keepalive."""

import errno

from conversations import bg95, rm500u
import virtual_time
from scripted import ScriptedUART, connected, raises, variants

MODELS = ("BC95GR", "BC65", "BC92", "BC20", "BG95S5", "BC25", "BC32", "RM500U", "RG200U", "RG500U")
NARROW = ("dataformat", "viewmode", "showlength")
BC95 = NARROW + ("open_time",)
BG95 = (
    "transpktsize",
    "transwaittm",
    "dataformat",
    "viewmode",
    "recvind",
    "sack",
    "tcp/inactivetm",
    "tcp/keepalive",
    "tcp/retranscfg",
    "ipv6prior",
    "asyncmode",
    "ip_filter",
    "timestamp",
    "dcdmode",
)
RM500U = (
    "transpktsize",
    "transwaittm",
    "dataformat",
    "viewmode",
    "tcp/retranscfg",
    "dns/cache",
    "qisend/timeout",
    "passiveclosed",
    "tcp/accept",
    "tcp/keepalive",
    "recvind",
    "close mode",
    "sendinfo",
    "formatcfg",
)
# The least and the most of each value, from the documents' tables of parameters.
RANGES = {
    "transpktsize": ((1,), (1460,)),
    "transwaittm": ((0,), (20,)),
    "dataformat": ((0, 0), (1, 1)),
    "tcp/inactivetm": ((0,), (65535,)),
    "tcp/retranscfg": ((3, 5), (20, 1000)),
    "qisend/timeout": ((0,), (3600,)),
    "open_time": ((1,), (36,)),
}
KEYS = {
    "BC95GR": BC95,
    "BC65": BC95,
    "BC92": BC95,
    "BC20": NARROW,
    "BG95S5": BG95,
    "BC25": NARROW,
    "BC32": NARROW,
    "RM500U": RM500U,
    "RG200U": RM500U,
    "RG500U": RM500U,
}
OPTIONS = {
    "BG95S5": ("qisde", "qcscon"),
    "BC95GR": ("qsclk",),
    "BC65": ("qsclk",),
    "BC92": ("qsclk",),
    "BC20": ("qsclk",),
    "BC25": ("qsclk",),
    "BC32": ("qsclk",),
    "RM500U": ("qisde", "nat"),
    "RG200U": ("qisde", "nat"),
    "RG500U": ("qisde", "nat"),
}


def bounds(model, key):
    """The least and the most that `key` takes, both as tuples."""
    if key == "tcp/keepalive":
        return (0, 1, 25, 3), (1, 120 if model == "BG95S5" else 1800, 100, 10)
    return RANGES.get(key, ((0,), (1,)))


def test_the_keys_of_each_document():
    for model in MODELS:
        dialect = connected(model, ScriptedUART([])).dialect
        assert sorted(dialect.QICFG) == sorted(KEYS[model]), model
        assert sorted(dialect.OPTIONS) == sorted(OPTIONS.get(model, ())), model


def test_every_key_is_read_and_set():
    for model in MODELS:
        for key in KEYS[model]:
            if key == "ip_filter":
                continue
            for values in bounds(model, key):
                if key == "dataformat" and model.startswith("BC"):
                    values = (0, values[1])  # sending is for later firmware
                text = ",".join(str(value) for value in values)
                script = [
                    (">", 'AT+QICFG="%s",%s' % (key, text)),
                    ("<", "OK"),
                    (">", 'AT+QICFG="%s"' % key),
                    ("<", '+QICFG: "%s",%s' % (key, text)),
                    ("<", "OK"),
                ]
                uart = ScriptedUART(script)
                nic = connected(model, uart)
                nic.config(**{key: values if len(values) > 1 else values[0]})
                got = nic.config(key)
                assert got == (values if len(values) > 1 else values[0]), (model, key, got)
                assert uart.done()


def test_the_other_form_of_the_prompt():
    # RGx00U&RM500U 2.3.1 <format> 1: CR LF before the prompt and behind it.
    script = [(">", 'AT+QICFG="formatcfg",1'), ("<", "OK")]
    script += [(">", 'AT+QIOPEN=1,0,"TCP","192.0.2.2",7,0,0'), ("<", "OK"), ("!", "+QIOPEN: 0,0")]
    for _ in range(2):
        script += [(">", "AT+QISEND=0,3"), ("<", ">"), (">>", b"\r\n>"), ("<", "SEND OK")]

    def program(uart):
        nic = connected("RM500U", uart)
        nic.config(formatcfg=1)
        s = nic.socket()
        s.connect(("192.0.2.2", 7))
        return s.send(b"\r\n>") + s.send(b"\r\n>")

    assert variants(script, program) == 6


def test_outside_its_range_a_value_is_not_sent():
    for model in MODELS:
        uart = ScriptedUART([])
        nic = connected(model, uart)
        for key in KEYS[model]:
            if key == "ip_filter":
                continue
            least, most = bounds(model, key)
            for i in range(len(least)):
                for value in (least[i] - 1, most[i] + 1):
                    bad = tuple(most[:i]) + (value,) + tuple(most[i + 1 :])
                    error = raises(ValueError, nic.config, **{key: bad})
                    assert "%d to %d" % (least[i], most[i]) in str(error), (key, error)
            raises(ValueError, nic.config, **{key: most + (1,)})
            if len(most) > 1:
                raises(ValueError, nic.config, **{key: most[:-1]})  # none may be left out
            raises(ValueError, nic.config, **{key: "x"})
        assert not uart.log


def test_the_value_may_stand_before_the_ok():
    # As the examples of BC65&BC92&BC95-GR 4.1.3 and BC25&BC32 4.1.3 print it, the latter with
    # a letter too many.
    for model, answer in (("BC95GR", "viewmode"), ("BC25", "viewemode")):
        script = [
            (">", 'AT+QICFG="viewmode",1'),
            ("<", '+QICFG: "%s",1' % answer),
            ("<", "OK"),
            (">", 'AT+QICFG="showlength"'),
            ("<", '+QICFG: "showlength", 1'),
            ("<", "OK"),
        ]

        def program(uart):
            nic = connected(model, uart)
            nic.config(viewmode=1)
            return nic.config("showlength")

        assert variants(script, program) == 1


def test_ip_filter():
    script = [
        (">", 'AT+QICFG="ip_filter"'),
        ("<", '+QICFG: "ip_filter",0'),
        ("<", "OK"),
        (">", 'AT+QICFG="ip_filter","192.0.2.0","255.255.255.0"'),
        ("<", "OK"),
        (">", 'AT+QICFG="ip_filter"'),
        ("<", '+QICFG: "ip_filter","192.0.2.0","255.255.255.0"'),
        ("<", "OK"),
    ]

    def program(uart):
        nic = connected("BG95S5", uart)
        seen = [nic.config("ip_filter")]
        nic.config(ip_filter=("192.0.2.0", "255.255.255.0"))
        return seen + [nic.config("ip_filter")]

    assert variants(script, program) == [0, ("192.0.2.0", "255.255.255.0")]
    nic = connected("BG95S5", ScriptedUART([]))
    raises(ValueError, nic.config, ip_filter=('1"', "255.255.255.0"))


def test_a_key_of_another_document():
    every = set(BC95 + BG95 + RM500U + ("qisde", "qsclk", "qcscon", "nat"))
    for model in MODELS:
        uart = ScriptedUART([])
        nic = connected(model, uart)
        for key in every - set(KEYS[model]) - set(OPTIONS.get(model, ())):
            for error in (
                raises(OSError, nic.config, key),
                raises(OSError, nic.config, **{key: 1}),
            ):
                assert error.args[0] == errno.EOPNOTSUPP
                assert model in str(error) and key in str(error)
        for name in ("ssid", "pm", "txpower"):  # of Wi-Fi: no module's
            raises(ValueError, nic.config, name)
            raises(ValueError, nic.config, **{name: 1})
        assert not uart.log


def option(model, key, command, read, answer, values):
    for value in values:
        joint = "," if "=" in command else "="
        script = [
            (">", "%s%s%d" % (command, joint, value)),
            ("<", "OK"),
            (">", read),
            ("<", answer + str(value)),
            ("<", "OK"),
        ]
        uart = ScriptedUART(script)
        nic = connected(model, uart)
        nic.config(**{key: value})
        assert nic.config(key) == value and uart.done()
    nic = connected(model, ScriptedUART([]))
    for bad in (min(values) - 1, max(values) + 2, (1, 1), None, "x"):
        raises((ValueError, TypeError), nic.config, **{key: bad})


def test_commands_of_one_setting():
    option("BG95S5", "qisde", "AT+QISDE", "AT+QISDE?", "+QISDE: ", (0,))
    option("RM500U", "qisde", "AT+QISDE", "AT+QISDE?", "+QISDE: ", (0,))
    option("BG95S5", "qcscon", "AT+QCSCON", "AT+QCSCON?", "+QCSCON: ", (0, 1))
    for model in ("BC25", "BC32", "BC95GR", "BC65", "BC92", "BC20"):
        option(model, "qsclk", "AT+QSCLK", "AT+QSCLK?", "+QSCLK: ", (0, 1))
    option("RM500U", "nat", 'AT+QCFG="nat"', 'AT+QCFG="nat"', '+QCFG: "nat",', (1, 2))


def test_sleep_of_a_module_that_lacks_the_command():
    # BC25&BC32 4.4 alone has it.
    for model in ("BC95GR", "BC20"):
        script = [(">", "AT+QSCLK=1"), ("<", "ERROR"), (">", "AT+QSCLK?"), ("<", "ERROR")]
        nic = connected(model, ScriptedUART(script))
        for error in (
            raises(OSError, nic.config, qsclk=1),
            raises(OSError, nic.config, "qsclk"),
        ):
            assert error.args[0] == errno.EOPNOTSUPP and model in str(error)


def test_a_module_that_may_sleep_is_woken_first():
    """As soon as the program has allowed it to sleep: see at.Command.silence."""
    script = [(">", "AT+QSCLK=0"), ("<", "OK"), (">", "AT+CSQ"), ("<", "+CSQ: 20,99"), ("<", "OK")]
    script += [(">", "AT+QSCLK=1"), ("<", "OK"), (">", "AT+QIGETERROR")]
    script += [("<", "+QIGETERROR: 0,operate successfully"), ("<", "OK"), (">", "AT+CSQ")]
    script += [("<", "+CSQ: 20,99"), ("<", "OK")]
    uart = ScriptedUART(script)
    nic = connected("BC95GR", uart)
    for value in (0, 1):
        nic.config(qsclk=value)
        virtual_time.clock.sleep_ms(20000)
        assert nic.status("rssi") == -73
    assert uart.done()


# ---- names of AT+QCFG: the documents have "nat" alone ----


def test_what_only_the_module_knows():
    for model in MODELS:
        for key, value, sent, answer, told in (
            ("nwscanmode", 3, "3", "3", 3),
            ("nwscanmode", (3, 1), "3,1", "3", 3),
            ("nwscanseq", "020301", "020301", "020301", "020301"),
            ("iotopmode", 2, "2", "2", 2),
            ("servicedomain", 1, "1", " 1", 1),
            ("band", (0xF, 0x80084, 0x80084), "f,80084,80084", "0xf,0x80084,0x80084", None),
            ("band", ("0x0", "80084", 0), "0x0,80084,0", "0x0,0x80084,0x0", (0, 0x80084, 0)),
            ("urc/ri/ring", ("off", 120), '"off",120', '"off",120', ("off", 120)),
            ("slplocktimes", 10, "10", "10", 10),
        ):
            script = [
                (">", 'AT+QCFG="%s",%s' % (key, sent)),
                ("<", "OK"),
                (">", 'AT+QCFG="%s"' % key),
                ("<", '+QCFG: "%s",%s' % (key, answer)),
                ("<", "OK"),
            ]
            uart = ScriptedUART(script)
            nic = connected(model, uart)
            nic.config(**{key: value})
            assert nic.config(key) == (value if told is None else told), (model, key)
            assert uart.done()


def test_bands_of_more_than_64_bits():
    mask = 0x100002000000000F0E189F
    script = [(">", 'AT+QCFG="band",f,100002000000000f0e189f,0'), ("<", "OK")]
    script += [(">", 'AT+QCFG="band"')]
    script += [("<", '+QCFG: "band",0xf,0x100002000000000f0e189f,0x0'), ("<", "OK")]

    def program(uart):
        nic = connected("BG95S5", uart)
        nic.config(band=(15, mask, 0))
        return nic.config("band")

    assert variants(script, program) == (15, mask, 0)


def test_a_name_and_a_value_that_the_module_does_not_take():
    for line in ("ERROR", "+CME ERROR: 50"):
        for model in MODELS:
            # The module does not know the name: it is neither set nor read.
            script = [(">", 'AT+QCFG="nothing"'), ("<", line), (">", 'AT+QCFG="nothing",1')]
            script += [("<", line), (">", 'AT+QCFG="nothing"'), ("<", line)]
            nic = connected(model, ScriptedUART(script))
            for error in (
                raises(OSError, nic.config, "nothing"),
                raises(OSError, nic.config, nothing=1),
            ):
                assert error.args[0] == errno.EOPNOTSUPP
                assert model in str(error) and "nothing" in str(error)
            # It knows the name, so it is the value that it refuses.
            script = [(">", 'AT+QCFG="nwscanmode",9'), ("<", line), (">", 'AT+QCFG="nwscanmode"')]
            script += [("<", '+QCFG: "nwscanmode",0'), ("<", "OK")]
            nic = connected(model, ScriptedUART(script))
            error = raises(OSError, nic.config, nwscanmode=9)
            assert error.args[0] == errno.EINVAL
            assert model in str(error) and "nwscanmode" in str(error)
    nic = connected("BG95S5", ScriptedUART([(">", 'AT+QCFG="nwscanmode"'), ("<", "OK")]))
    assert raises(OSError, nic.config, "nwscanmode").args[0] == errno.EIO


def test_text_that_would_break_out_of_its_quotes():
    for model in MODELS:
        uart = ScriptedUART([])
        nic = connected(model, uart)
        for bad in ('a"', "a\rb", "a\nb", "a\x1a", "x" * 129):
            raises(ValueError, nic.config, bad)
            raises(ValueError, nic.config, **{bad: 1})
            error = raises(ValueError, nic.config, nwscanseq=bad)
            assert bad not in str(error)
            raises(ValueError, nic.config, nwscanseq=(1, bad))
        for bad in (None, 1.5, [None]):
            raises(TypeError, nic.config, nwscanmode=bad)
        assert not uart.log


def test_keepalive_means_the_same_everywhere():
    for model, value, sent in (
        ("BG95S5", (90, 30, 3), 'AT+QICFG="tcp/keepalive",1,2,30,3'),  # whole minutes
        ("RM500U", (90, 30, 3), 'AT+QICFG="tcp/keepalive",1,90,30,3'),
        ("BC25", (90, 15, 9), "AT+QIKALIVE=1,90,15,9"),
    ):
        name = sent.split(",")[0].split("=1")[0]
        key = "=" in name
        read = name if key else name + "?"
        answer = name[2:].replace("=", ": ") + "," if key else name[2:] + ": "
        told = sent.split("1,", 1)[1]
        script = [
            (">", sent),
            ("<", "OK"),
            (">", read),
            ("<", answer + "1," + told),
            ("<", "OK"),
            (">", name + (",0" if key else "=0")),
            ("<", "OK"),
            (">", read),
            ("<", answer + "0," + told),
            ("<", "OK"),
        ]

        def program(uart):
            nic = connected(model, uart)
            nic.config(keepalive=value)
            seen = [nic.config("keepalive")]
            nic.config(keepalive=None)
            return seen + [nic.config("keepalive")]

        idle = 120 if model == "BG95S5" else 90
        assert variants(script, program) == [(idle,) + value[1:], None]


def test_keepalive_out_of_range():
    for model, most, interval, count in (
        ("BG95S5", 7200, (25, 100), (3, 10)),
        ("RM500U", 1800, (25, 100), (3, 10)),
        ("BC25", 36000, (10, 20), (1, 255)),
    ):
        uart = ScriptedUART([])
        nic = connected(model, uart)
        good = [most, interval[0], count[0]]
        for i, low, high in ((0, 0, most + 1), (1, interval[0] - 1, interval[1] + 1)):
            for value in (low, high):
                bad = good[:]
                bad[i] = value
                raises(ValueError, nic.config, keepalive=tuple(bad))
        raises(ValueError, nic.config, keepalive=(most, interval[0], count[1] + 1))
        raises(ValueError, nic.config, keepalive=(most, interval[0]))
        assert not uart.log
    for model in ("BC95GR", "BC92", "BC20"):
        uart = ScriptedUART([])
        nic = connected(model, uart)
        for call in (lambda: nic.config("keepalive"), lambda: nic.config(keepalive=None)):
            error = raises(OSError, call)
            assert error.args[0] == errno.EOPNOTSUPP and model in str(error)
        assert not uart.log


def test_all_dns_servers():
    script = [(">", "AT+QIDNSCFG?"), ("<", '+QIDNSCFG: "192.0.2.1","192.0.2.2","2001:db8::1",""')]
    script += [("<", "OK"), (">", 'AT+QIDNSCFG="192.0.2.3","192.0.2.4"'), ("<", "OK")]
    nic = connected("BC95GR", ScriptedUART(script))
    assert nic.config("qidnscfg") == ("192.0.2.1", "192.0.2.2", "2001:db8::1")
    nic.config(qidnscfg=("192.0.2.3", "192.0.2.4"))


def test_a_refusal_and_an_empty_answer():
    script = [(">", 'AT+QICFG="sack"'), ("<", "ERROR"), (">", "AT+QIGETERROR")]
    script += [("<", "+QIGETERROR: 552, invalid parameters"), ("<", "OK")]
    script += [(">", 'AT+QICFG="sack"'), ("<", "OK")]
    nic = connected("BG95S5", ScriptedUART(script))
    assert raises(OSError, nic.config, "sack").code == 552
    assert raises(OSError, nic.config, "sack").args[0] == errno.EIO


# ---- the last error, in the words of each document ----


def test_the_last_error():
    for model, line, text in (
        ("BC95GR", "552,invalid parameters", "invalid parameters"),
        ("BC20", "552,invalid parameters", "invalid parameters"),
        ("BG95S5", "552, invalid parameters", "invalid parameters"),
        ("BC25", "552, invalid parameters", "invalid parameters"),
        ("RM500U", "552, invalid parameters", "invalid parameters"),
    ):
        script = [(">", "AT+QIGETERROR"), ("<", "+QIGETERROR: " + line), ("<", "OK")]

        def program(uart):
            return connected(model, uart).error()

        assert variants(script, program) == (552, text)


def test_the_example_of_the_last_error():
    for model, module, key in (
        ("BG95S5", bg95, "3.13.1 error code"),
        ("RM500U", rm500u, "3.8.1 error code"),
    ):
        conversation = module.CONVERSATIONS[key]
        line = next(what for kind, what in conversation if kind == ">")

        def program(uart):
            return raises(OSError, connected(model, uart).command, line).code

        assert variants(conversation, program) == 552


def test_codes_that_the_documents_mean_differently():
    from quectel import errors

    for model in MODELS:
        changes = connected(model, ScriptedUART([])).dialect.ERRNO
        busy, other = errors.EBUSY, errors.ENETUNREACH  # 574 port busy, 573 APN not configured
        if model == "BG95S5":
            busy, other = errno.EALREADY, errors.EBUSY  # 574 PDP activated, 573 port busy
        assert errors.of_code(573, "", changes).args[0] == other
        assert errors.of_code(574, "", changes).args[0] == busy
        assert errors.of_code(571, "", changes).args[0] == errno.ECONNABORTED
        assert errors.of_code(572, "", changes).args[0] == errno.EACCES
        assert errors.of_code(575, "", changes).args[0] == errno.EIO
