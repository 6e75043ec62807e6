"""AT+QISTATE as a list: both shapes, every state, one connection."""

import errno

from scripted import ScriptedUART, connected, raises, variants

NARROW = ("BC95GR", "BC92", "BC20", "BC25")


def listed(model, lines, question="AT+QISTATE?", connect_id=None):
    script = [(">", question)] + [("<", "+QISTATE: " + line) for line in lines] + [("<", "OK")]

    def program(uart):
        return [tuple(row) for row in connected(model, uart).netstat(connect_id)]

    return variants(script, program)


def test_the_examples_of_the_nb_iot_modules():
    row = (0, "TCP", "220.18.39.22", 8062, 1234, "connected", 1, None, 0, None)
    for model in NARROW:
        line = '0,"TCP","220.18.39.22",8062,1234,2,1,0'
        assert listed(model, [line]) == [row]
        assert listed(model, [line], "AT+QISTATE=1,0", 0) == [row]
        assert listed(model, []) == []
    line = '0,"TCP LISTENER","192.168.2.6",1,2020,2,1,0'
    row = (0, "TCP LISTENER", "192.168.2.6", 1, 2020, "connected", 1, None, 0, None)
    assert listed("BC95GR", [line]) == [row]


def test_the_examples_of_the_others():
    lines = [
        '1,"TCP LISTENER","127.0.0.1",0,2020,3,1,1,0,"usbmodem"',
        '11,"TCP INCOMING","172.31.242.222",54091,2020,2,1,1,0,"uart1"',
        '3,"TCP","2001:db8::1",80,65514,4,2,3,1,"uart1"',
    ]
    rows = [
        (1, "TCP LISTENER", "127.0.0.1", 0, 2020, "listening", 1, None, 0, "usbmodem"),
        (11, "TCP INCOMING", "172.31.242.222", 54091, 2020, "connected", 1, 1, 0, "uart1"),
        (3, "TCP", "2001:db8::1", 80, 65514, "closing", 2, None, 1, "uart1"),
    ]
    for model in ("BG95S5", "RM500U"):
        assert listed(model, lines) == rows
        assert listed(model, lines[1:2], "AT+QISTATE=1,11", 11) == rows[1:2]


def test_the_fields_have_names():
    script = [(">", "AT+QISTATE?"), ("<", '+QISTATE: 2,"UDP","192.0.2.1",7,0,2,1,2,1,"uart1"')]
    (row,) = connected("BG95S5", ScriptedUART(script + [("<", "OK")])).netstat()
    assert (row.id, row.service, row.address, row.remote_port) == (2, "UDP", "192.0.2.1", 7)
    assert (row.local_port, row.state, row.context) == (0, "connected", 1)
    assert (row.server, row.access_mode, row.port) == (None, 1, "uart1")


def test_states_are_those_of_the_document():
    usual = ("initial", "opening", "connected")
    for model, states in (
        ("BC95GR", usual + ("closing", "remote closing")),
        ("BC20", usual + ("closing",)),
        ("BG95S5", usual + ("listening", "closing")),
        ("BC25", usual + ("closing", "remote closing", "closed")),
        ("RM500U", usual + ("listening", "closing")),
    ):
        tail = ',1,0,0,"uart1"' if model in ("BG95S5", "RM500U") else ",1,0"
        for number in range(7):
            line = '+QISTATE: 0,"TCP","192.0.2.1",80,0,%d%s' % (number, tail)
            script = [(">", "AT+QISTATE?"), ("<", line), ("<", "OK")]
            (row,) = connected(model, ScriptedUART(script)).netstat()
            # A number that the document does not name stays a number.
            state = states[number] if number < len(states) else number
            # A client that carries data listens to nobody, though BG96 was seen to say so.
            assert row.state == ("connected" if state == "listening" else state)


def test_refused_before_a_byte_is_sent():
    for model, last in (("BC95GR", 5), ("BC20", 4), ("BG95S5", 11), ("BC25", 5), ("RM500U", 11)):
        uart = ScriptedUART([])
        nic = connected(model, uart)
        for bad in (-1, last + 1, "0"):
            assert "0 to %d" % last in str(raises(ValueError, nic.netstat, bad))
        assert not uart.log


def test_a_refusal_and_noise():
    script = [(">", "AT+QISTATE?"), ("<", "ERROR"), (">", "AT+QIGETERROR")]
    script += [("<", "+QIGETERROR: 550, unknown error"), ("<", "OK")]
    script += [(">", "AT+QISTATE?"), ("<", "+QISTATE: ?"), ("<", "OK")]
    nic = connected("BG95S5", ScriptedUART(script))
    assert raises(OSError, nic.netstat).code == 550
    assert raises(OSError, nic.netstat).args[0] == errno.EIO
