"""Names and DNS servers on every dialect."""

import errno

from scripted import ScriptedUART, connected, raises, variants

MODELS = ("BC95GR", "BC92", "BC20", "BG95S5", "BC25", "RM500U")


def resolving(model, text='+QIURC: "dnsgip",'):
    script = [
        (">", 'AT+QIDNSGIP=1,"two.example"'),
        ("<", "OK"),
        ("!", text + "0,2,600"),
        ("!", text + '"192.0.2.1"'),
        ("!", text + '"192.0.2.2"'),
        (">", 'AT+QIDNSGIP=1,"none.example"'),
        ("<", "OK"),
        ("!", text + "565"),
    ]

    def program(uart):
        nic = connected(model, uart)
        seen = [nic.resolve("two.example")]
        error = raises(OSError, nic.resolve, "none.example")
        return seen + [error.args[0], error.code]

    outcome = [["192.0.2.1", "192.0.2.2"], errno.EHOSTUNREACH, 565]
    assert variants(script, program) == outcome


def test_resolve():
    for model in ("BC95GR", "BC20", "BG95S5", "BC25"):
        resolving(model)


def test_resolve_on_rm500u_is_a_ping_of_one_packet():
    script = [
        (">", 'AT+QPING=1,"www.baidu.com",4,1,32'),
        ("<", "OK"),
        ("!", '+QPING: 0,"61.135.169.125",32,192,255'),
        ("!", "+QPING: 0,1,1,0,192,192,192"),
        (">", 'AT+QPING=1,"none.example",4,1,32'),
        ("<", "OK"),
        ("!", "+QPING: 565"),
        (">", 'AT+QPING=1,"silent.example",4,1,32'),
        ("<", "OK"),
        ("!", "+QPING: 569"),
        ("!", "+QPING: 0,1,0,1,0,0,0"),
    ]

    def program(uart):
        nic = connected("RM500U", uart)
        seen = [nic.resolve("www.baidu.com")]
        for host in ("none.example", "silent.example"):
            error = raises(OSError, nic.resolve, host)
            seen.append((error.args[0], error.code))
        return seen

    outcome = [["61.135.169.125"], (errno.EHOSTUNREACH, 565), (errno.ETIMEDOUT, 569)]
    assert variants(script, program) == outcome


def test_an_address_is_not_asked_for():
    for model in MODELS:
        uart = ScriptedUART([])
        nic = connected(model, uart)
        assert nic.resolve("192.0.2.1") == ["192.0.2.1"]
        assert nic.resolve("2001:db8::1") == ["2001:db8::1"]
        raises(ValueError, nic.resolve, "")
        raises(ValueError, nic.resolve, 'a"b')
        assert not uart.log


def test_servers_for_each_context():
    script = [
        (">", "AT+QIDNSCFG=3"),
        ("<", '+QIDNSCFG: 3,"192.0.2.53","192.0.2.54"'),
        ("<", "OK"),
        (">", 'AT+QIDNSCFG=3,"192.0.2.55"'),
        ("<", "OK"),
        (">", 'AT+QIDNSCFG=3,"192.0.2.56","2001:db8::53"'),
        ("<", "OK"),
        (">", "AT+QIDNSCFG=3"),
        ("<", '+QIDNSCFG: 3,"",""'),
        ("<", "OK"),
    ]

    def program(model):
        def play(uart):
            nic = connected(model, uart, cid=3)
            seen = [nic.ipconfig("dns")]
            nic.ipconfig(dns="192.0.2.55")
            nic.ipconfig(dns=("192.0.2.56", "2001:db8::53"))
            return seen + [nic.ipconfig("dns")]

        return play

    for model in ("BG95S5", "RM500U"):
        assert variants(script, program(model)) == ["192.0.2.53", "0.0.0.0"]


def test_one_set_of_servers():
    for model, answer in (
        ("BC95GR", '+QIDNSCFG: "192.0.2.53","192.0.2.54","2001:db8::53","2001:db8::54"'),
        ("BC95GR", "+QIDNSCFG: 192.0.2.53,192.0.2.54,,"),
        ("BC25", '+QIDNSCFG: "192.0.2.53","192.0.2.54"'),
    ):
        script = [
            (">", "AT+QIDNSCFG?"),
            ("<", answer),
            ("<", "OK"),
            (">", 'AT+QIDNSCFG="192.0.2.55"'),
            ("<", "OK"),
            (">", 'AT+QIDNSCFG="192.0.2.56","192.0.2.57"'),
            ("<", "OK"),
        ]

        def program(uart):
            nic = connected(model, uart)
            seen = nic.ifconfig()
            nic.ipconfig(dns="192.0.2.55")
            nic.ipconfig(dns=["192.0.2.56", "192.0.2.57"])
            return seen

        outcome = ("10.7.157.1", "255.255.255.255", "0.0.0.0", "192.0.2.53")
        assert variants(script, program) == outcome


def test_no_server_command_on_bc20():
    uart = ScriptedUART([])
    nic = connected("BC20", uart)
    for call in (lambda: nic.ipconfig("dns"), lambda: nic.ipconfig(dns="192.0.2.53")):
        error = raises(OSError, call)
        assert error.args[0] == errno.EOPNOTSUPP and "BC20" in str(error)
    assert nic.ifconfig() == ("10.7.157.1", "255.255.255.255", "0.0.0.0", "0.0.0.0")
    assert not uart.log


def test_refused_before_a_byte_is_sent():
    for model in ("BC95GR", "BG95S5", "BC25", "RM500U"):
        uart = ScriptedUART([])
        nic = connected(model, uart)
        for bad in ("", "dns.example", '1.1.1.1"', (), ("192.0.2.1",) * 3, ("192.0.2.1", "x")):
            raises(ValueError, nic.ipconfig, dns=bad)
        assert not uart.log


def test_a_refusal():
    script = [(">", "AT+QIDNSCFG=1"), ("<", "ERROR"), (">", "AT+QIGETERROR")]
    script += [("<", "+QIGETERROR: 561, activate pdp context failed"), ("<", "OK")]
    script += [(">", "AT+QIDNSCFG=1"), ("<", "OK")]
    nic = connected("BG95S5", ScriptedUART(script))
    assert raises(OSError, nic.ipconfig, "dns").code == 561
    assert raises(OSError, nic.ipconfig, "dns").args[0] == errno.EIO  # an answer without a line


def test_the_result_of_an_earlier_question_is_no_address():
    script = [(">", 'AT+QIDNSGIP=1,"h.example"'), ("<", "OK"), ("!", '+QIURC: "dnsgip",0,1,600')]
    script += [("!", '+QIURC: "dnsgip",565'), ("!", '+QIURC: "dnsgip","192.0.2.1"')]
    nic = connected("BG95S5", ScriptedUART(script))
    assert nic.resolve("h.example") == ["192.0.2.1"]
