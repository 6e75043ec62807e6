"""What 3GPP TS 27.007 has beyond the documents: the signal, the cell, the technology, networks and
their choice, PSM and eDRX."""

import errno

import virtual_time
from scripted import ScriptedUART, connected, raises, variants

MODELS = ("BC95GR", "BC92", "BC20", "BG95S5", "BC25", "RM500U")
OK = ("<", "OK")


def told(model, param, *script):
    """What status(param) is while the module plays `script`."""
    steps = [step for part in script for step in part]
    return variants(steps, lambda uart: connected(model, uart).status(param))


def asks(command, *lines):
    return [(">", command)] + [("<", line) for line in lines] + [OK]


def refusal(call, *args, **kwargs):
    """The error of a module that refuses: EOPNOTSUPP, with the command's name."""
    error = raises(OSError, call, *args, **kwargs)
    assert error.args[0] == errno.EOPNOTSUPP, error
    return error


# ---- AT+CESQ ----


def test_signal_of_lte():
    # 27.007, 8.69: 1 is -140 to -139 dBm and -19.5 to -19 dB.
    for line, rsrp, rsrq in (
        ("+CESQ: 99,99,255,255,20,53", -88, -10),
        ("+CESQ: 99,99,255,255,1,1", -140, -19.5),
        ("+CESQ: 99,99,255,255,34,97", -44, -3),
        ("+CESQ: 99,99,255,255,0,0", -141, -20),
        ("+CESQ: 99,99,255,255,255,255", None, None),
        ("+CESQ: 30,0,255,255,255,255", None, None),
        ("+CESQ: 99,99", None, None),
        ("+CESQ: 99,99,255,255,x,", None, None),
    ):
        for model in ("BG95S5", "BC95GR"):
            assert told(model, "rsrp", asks("AT+CESQ", line)) == rsrp, line
            assert told(model, "rsrq", asks("AT+CESQ", line)) == rsrq, line


def test_signal_of_5g():
    # Behind the fields of LTE, which are not known then: 1 is -156 dBm and -43 dB.
    for values, rsrp, rsrq in (
        ("65,72,86", -85, -11),
        ("1,1,1", -156, -43),
        ("126,126,0", -31, 19.5),
    ):
        line = "+CESQ: 99,99,255,255,255,255," + values
        assert told("RM500U", "rsrp", asks("AT+CESQ", line)) == rsrp
        assert told("RM500U", "rsrq", asks("AT+CESQ", line)) == rsrq
    line = "+CESQ: 99,99,255,255,20,53,255,255,255"
    assert told("RM500U", "rsrp", asks("AT+CESQ", line)) == -88


def test_a_module_that_lacks_the_command():
    for model in MODELS:
        for line in ("ERROR", "+CME ERROR: 4", "+CME ERROR: operation not supported"):
            nic = connected(model, ScriptedUART([(">", "AT+CESQ"), ("<", line)]))
            error = refusal(nic.status, "rsrp")
            assert model in str(error) and "AT+CESQ" in str(error)
    # The module has the command where only SIM or network are missing.
    for code, number, words in (
        (10, errno.ENODEV, "no SIM"),
        (11, errno.ENODEV, "PIN"),
        (12, errno.ENODEV, "PUK"),
        (14, 16, "busy"),  # EBUSY
        (30, 101, "antenna"),  # ENETUNREACH
        (32, errno.EACCES, "SIM"),
    ):
        for model in MODELS:
            script = [(">", "AT+CESQ"), ("<", "+CME ERROR: %d" % code)]
            error = raises(OSError, connected(model, ScriptedUART(script)).status, "rsrp")
            assert (error.args[0], error.code) == (number, code)
            assert "AT+CESQ" in str(error) and words in str(error)


def test_what_no_document_and_no_standard_has():
    for model in MODELS:
        uart = ScriptedUART([])
        nic = connected(model, uart)
        for param in ("band", "counters"):
            error = refusal(nic.status, param)
            assert model in str(error) and param in str(error) and "nic.command" in str(error)
        assert not uart.log


# ---- technology, cell ----


def test_technology():
    for line, name in (
        ('+COPS: 0,0,"Some Net",9', "NB-IoT"),
        ('+COPS: 0,0,"Vodafone, IN",8', "eMTC"),
        ('+COPS: 1,2,"00101",7', "LTE"),
        ('+COPS: 0,0,"Virtual",11,"00101",1', "NR"),
        ('+COPS: 0,0,"Virtual",0', "GSM"),
        ('+COPS: 0,0,"Virtual",13', "EN-DC"),
        ('+COPS: 0,0,"Virtual",14', None),
        ('+COPS: 0,0,"Virtual"', None),
        ("+COPS: 0", None),
    ):
        for model in ("BG95S5", "BC95GR"):
            assert told(model, "technology", asks("AT+COPS?", line)) == name, line


def test_cell():
    registered = asks("AT+CEREG?", '+CEREG: 2,5,"1A2B","01C3D4E5",9')
    for model in MODELS:
        cell = told(model, "cell", registered)
        assert cell == (0x1A2B, 0x1C3D4E5, "NB-IoT")
        assert (cell.area, cell.id, cell.technology) == cell


def test_cell_where_urcs_tell_no_cell():
    """<n> is put back as it was: a program may have chosen it."""
    for before in "01":
        script = asks("AT+CEREG?", "+CEREG: %s,1" % before) + asks("AT+CEREG=2")
        script += asks("AT+CEREG?", '+CEREG: 2,1,"1A2B","01C3D4E5",8')
        script += asks("AT+CEREG=" + before)
        assert told("BG95S5", "cell", script) == (0x1A2B, 0x1C3D4E5, "eMTC")


def test_cell_among_lines_of_the_same_name():
    script = [(">", "AT+CEREG?"), ("<", '+CEREG: 1,"FFFF","0000000F",7')]
    script += [("<", '+CEREG: 3,1,"1848","0014B501",9,0,15'), OK]
    assert told("BG95S5", "cell", script) == (0x1848, 0x14B501, "NB-IoT")


def test_cell_of_the_other_registration():
    script = asks("AT+CEREG?", "+CEREG: 2,2") + asks("AT+CGREG?", '+CGREG: 2,1,"0010","00A1",0')
    assert told("BG95S5", "cell", script) == (0x10, 0xA1, "GSM")


def test_no_cell():
    none = asks("AT+CEREG?", "+CEREG: 0,2") + asks("AT+CGREG?", "+CGREG: 0,3")
    assert told("BG95S5", "cell", none) is None
    assert told("BC95GR", "cell", none[:3]) is None
    for line in ('+CEREG: 2,1,"",""', "+CEREG: 2,1,x,y,9", '+CEREG: 2,1,"1A2B"'):
        script = asks("AT+CEREG?", line)
        if line.count(",") < 3:
            script += asks("AT+CEREG=2") + asks("AT+CEREG?", line) + asks("AT+CEREG=2")
        assert told("BC95GR", "cell", script) is None, line


# ---- networks ----


LIST = (
    '+COPS: (2,"Virtual","Virt","00101",9),(1,"T-Mobile (old), x","TM","26201"),(3,"","","999999",'
    "7),,(0,1,2,3,4),(0-2)"
)


def test_networks():
    def program(uart):
        return [tuple(row) for row in connected("BG95S5", uart).operators()]

    wanted = [
        ("current", "Virtual", "Virt", "00101", "NB-IoT"),
        ("available", "T-Mobile (old), x", "TM", "26201", None),
        ("forbidden", "", "", "999999", "LTE"),
    ]
    assert variants(asks("AT+COPS=?", LIST), program) == wanted
    nic = connected("BC95GR", ScriptedUART(asks("AT+COPS=?", "+COPS: ,,(0-4),(0-2)")))
    assert nic.operators() == []


class Searching(ScriptedUART):
    """A module that never answers."""

    def write(self, buf, offset, size):
        return size


def test_the_time_for_networks():
    # Three minutes, or what the caller says; the answer may take that long.
    script = [(">", "AT+COPS=?"), ("wait", 170), ("<", LIST), OK]
    assert len(connected("BG95S5", ScriptedUART(script)).operators()) == 3
    late = [(">", "AT+COPS=?"), ("wait", 500), ("<", LIST), OK]
    for timeout in (1, 180):
        nic = connected("BG95S5", Searching([]))
        start = virtual_time.clock.elapsed_ms()
        arguments = () if timeout == 180 else (timeout,)
        assert raises(OSError, nic.operators, *arguments).args[0] == errno.ETIMEDOUT
        assert 0 <= virtual_time.clock.elapsed_ms() - start - 1000 * timeout < 1000
    nic = connected("BG95S5", ScriptedUART(late))
    assert len(nic.operators(timeout=600)) == 3
    nic = connected("BC20", ScriptedUART([(">", "AT+COPS=?"), ("<", "ERROR")]))
    assert "AT+COPS" in str(refusal(nic.operators))


def test_a_list_that_is_cut_off():
    """The line is longer than the driver keeps: the entries that are complete are returned."""
    line = "+COPS: " + ",".join(
        ['(1,"Operator %03d","Op","00%03d",7)' % (i, i) for i in range(30)]
    )
    uart = ScriptedUART(asks("AT+COPS=?", line))
    found = connected("BG95S5", uart).operators()
    assert 8 <= len(found) < 30 and found[-1].code == "00%03d" % (len(found) - 1)


def test_the_choice_of_a_network():
    script = asks('AT+COPS=1,2,"26201"') + asks("AT+COPS=3,0")
    script += asks("AT+COPS?", '+COPS: 1,0,"Some Net",7') + asks("AT+COPS=3,2")
    script += asks("AT+COPS?", '+COPS: 1,2,"26201",7') + asks("AT+COPS=3,0")
    script += asks("AT+COPS=0") + asks("AT+COPS?", '+COPS: 0,0,"Some Net",7')

    def program(uart):
        nic = connected("BG95S5", uart)
        nic.config(operator="26201")
        seen = nic.config("operator")
        nic.config(operator=None)
        return seen, nic.config("operator")

    assert variants(script, program) == ("26201", None)
    for model in MODELS:
        uart = ScriptedUART([])
        nic = connected(model, uart)
        for bad in ("", "2620", "2620111", "26201\r", 'a"', "T-Mob", "26201\x1a"):
            raises(ValueError, nic.config, operator=bad)
        raises(TypeError, nic.config, operator=26201)
        assert not uart.log
    refused = [(">", 'AT+COPS=1,2,"00102"'), ("<", "ERROR")]
    refusal(connected("BG95S5", ScriptedUART(refused)).config, operator="00102")


# ---- PSM ----


def test_psm():
    # 24.008: T3412 extended counts 2 s, 30 s, 1 min, 10 min, 1 h, 10 h or 320 h, T3324 2 s, 1 min
    # or 6 min; what cannot be said is rounded up.
    for period, active, first, second, told_ in (
        (3600, 0, "00000110", "00000000", (3600, 0)),
        (2, 2, "01100001", "00000001", (2, 2)),
        (61, 62, "01111111", "00011111", (62, 62)),
        (63, 63, "10000011", "00100010", (90, 120)),
        (86400, 60, "00111000", "00011110", (86400, 60)),
        (86401, 1801, "00111001", "00111111", (90000, 1860)),
        (35712000, 11160, "11011111", "01011111", (35712000, 11160)),
    ):
        line = '+CPSMS: 1,,,"%s","%s"' % (first, second)
        script = asks('AT+CPSMS=1,,,"%s","%s"' % (first, second)) + asks("AT+CPSMS?", line)
        for model in ("BG95S5", "BC25"):
            uart = ScriptedUART(script)
            nic = connected(model, uart)
            nic.config(psm=(period, active))
            assert nic.config("psm") == told_ and uart.done(), (period, active)


def test_psm_off_and_in_other_forms():
    def read(line):
        return connected("BC95GR", ScriptedUART(asks("AT+CPSMS?", line))).config("psm")

    uart = ScriptedUART(asks("AT+CPSMS=0"))
    connected("BC95GR", uart).config(psm=None)
    assert uart.done()
    assert read('+CPSMS: 0,,,"00100001","00000000"') is None
    assert read("+CPSMS: 0") is None
    assert read("+CPSMS: 1,,,01000011,01000011") == (108000, 1080)  # without quotes
    assert read('+CPSMS: 1,,,"11100000","11100001"') == (None, None)  # both deactivated
    assert read("+CPSMS: 1") == (None, None)
    assert read('+CPSMS: 1,,,"0010x001","0000"') == (None, None)
    assert read('+CPSMS: 1,,,"00000000","10000011"') == (0, 180)  # a unit that T3324 has not


def test_psm_refused():
    for model in MODELS:
        uart = ScriptedUART([])
        nic = connected(model, uart)
        for bad in ((1, 0), (35712001, 0), (3600, -1), (3600, 11161), (3600.5, 0), (3600, "2")):
            raises(ValueError, nic.config, psm=bad)
        for bad in ((1,), (1, 2, 3), 5, True):
            raises((TypeError, ValueError), nic.config, psm=bad)
        assert not uart.log
        script = [(">", "AT+CPSMS=0"), ("<", "ERROR"), (">", "AT+CPSMS?"), ("<", "+CME ERROR: 4")]
        nic = connected(model, ScriptedUART(script))
        assert "AT+CPSMS" in str(refusal(nic.config, psm=None))
        assert refusal(nic.config, "psm").code == 4


# ---- eDRX ----


def test_edrx():
    # 24.008, 10.5.5.32: NB-IoT has fewer cycles than LTE, and longer ones.
    for model, kinds in (("BC95GR", (5,)), ("BG95S5", (4, 5)), ("RM500U", (4,))):
        for seconds, wide, narrow in (
            (5, "0000", "0010"),
            (5.12, "0000", "0010"),
            (10, "0001", "0010"),
            (20.48, "0010", "0010"),
            (60, "0100", "0101"),
            (81.92, "0101", "0101"),
            (100, "0110", "1001"),
            (2621.44, "1101", "1101"),
            (2622, "1101", "1110"),
            (10485.76, "1101", "1111"),
        ):
            script = []
            for kind in kinds:
                script += asks('AT+CEDRXS=1,%d,"%s"' % (kind, narrow if kind == 5 else wide))
            uart = ScriptedUART(script)
            connected(model, uart).config(edrx=seconds)
            assert uart.done(), (model, seconds)
        script = []
        for kind in kinds:
            script += asks("AT+CEDRXS=0,%d" % kind)
        uart = ScriptedUART(script)
        connected(model, uart).config(edrx=None)
        assert uart.done()


def test_edrx_as_it_is_read():
    def read(model, *lines):
        return connected(model, ScriptedUART(asks("AT+CEDRXS?", *lines))).config("edrx")

    for bits, hundredths in (("0000", 512), ("0010", 2048), ("0101", 8192), ("1111", 1048576)):
        value = read("BC25", '+CEDRXS: 5,"%s"' % bits)
        assert abs(value * 100 - hundredths) < 0.01, value
    assert read("BG95S5", '+CEDRXS: 2,"0001"', '+CEDRXS: 5,"0010"') == read(
        "BC25", "+CEDRXS: 5,0010"
    )
    for lines in ((), ("+CEDRXS: 0",), ('+CEDRXS: 4,"0010"',), ('+CEDRXS: 5,"00102"',)):
        assert read("BC95GR", *lines) is None, lines


def test_edrx_refused():
    for model in MODELS:
        uart = ScriptedUART([])
        nic = connected(model, uart)
        for bad in (0, -1, 10485.78, 10486, 1e9):
            raises(ValueError, nic.config, edrx=bad)
        raises(TypeError, nic.config, edrx="20")
        assert not uart.log
    script = [(">", "AT+CEDRXS=0,4"), ("<", "ERROR"), (">", "AT+CEDRXS?"), ("<", "ERROR")]
    nic = connected("RM500U", ScriptedUART(script))
    assert "AT+CEDRXS" in str(refusal(nic.config, edrx=None))
    refusal(nic.config, "edrx")
