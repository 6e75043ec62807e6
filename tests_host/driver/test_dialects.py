"""What differs between dialects in opening, sending, reading and closing; and a made-up sixth."""

import sys

import quectel
from quectel.dialects.bg95 import BG95S5
from quectel.dialects.narrow_band import NarrowBand
from scripted import ScriptedUART, connected, raises, variants
from test_modem import ACTIVATE, ADDRESS, AT, CONFIGURE, INACTIVE, READY, REGISTERED, SIM
from test_modem import step_until


def opening(tail="", connect_id=0):
    line = 'AT+QIOPEN=1,%d,"TCP","192.0.2.2",80,0,0' % connect_id
    return [(">", line + tail), ("<", "OK"), ("!", "+QIOPEN: %d,0" % connect_id)]


SENT = [("<", "OK"), ("<", "SEND OK")]
CLOSE = [(">", "AT+QICLOSE=0"), ("<", "OK"), ("<", "CLOSE OK")]


def session(name, sends, reads, data=b"data"):
    """Connect, send, receive, close; `sends` and `reads` are the script in between."""

    def program(uart):
        nic = connected(name, uart)
        s = nic.socket()
        s.settimeout(0.5)
        s.connect(("192.0.2.2", 80))
        sent = s.send(data)
        got = s.recv(2000)
        s.close()
        return sent, got

    close = CLOSE if name[:2] == "BC" else CLOSE[:2]
    return variants(opening() + sends + [("!", '+QIURC: "recv",0')] + reads + close, program)


def test_narrow_band_by_prompt():
    for name, most in (("BC95GR", 1024), ("BC92", 1024), ("BC65", 1024), ("BC25", 512)):
        for order in (0, 1):
            sends = [(">", "AT+QISEND=0,4"), ("<prompt", "> "), (">>", b"data")] + SENT
            if order:  # OK before the data
                sends = [sends[0], ("<", "OK"), sends[1], sends[2], ("<", "SEND OK")]
            reads = [
                (">", "AT+QIRD=0,%d" % most),
                ("<", "+QIRD: 5,0"),
                ("<<", b"hello"),
                ("<", "OK"),
            ]
            assert session(name, sends, reads) == (4, b"hello")


def test_bc20_sends_text_in_the_line_and_the_rest_in_hex():
    reads = [(">", "AT+QIRD=0,512"), ("<", "+QIRD: 5,0"), ("<<", b"hello"), ("<", "OK")]
    sends = [(">", 'AT+QISEND=0,4,"data"')] + SENT
    assert session("BC20", sends, reads) == (4, b"hello")
    sends = [(">", "AT+QISENDEX=0,6,00220D0A1AFF")] + SENT
    assert session("BC20", sends, reads, b'\x00"\r\n\x1a\xff') == (6, b"hello")


def test_bc20_cuts_long_writes_and_refuses_long_datagrams():
    text = b"x" * 1500
    script = [(">", 'AT+QIOPEN=1,0,"TCP","192.0.2.2",80,0,0'), ("<", "OK"), ("!", "+QIOPEN: 0,0")]
    script += [(">", 'AT+QISEND=0,1024,"%s"' % ("x" * 1024))] + SENT
    script += [(">", 'AT+QISEND=0,476,"%s"' % ("x" * 476))] + SENT
    script += [(">", "AT+QISENDEX=0,512," + "00" * 512)] + SENT
    script += [(">", "AT+QISENDEX=0,88," + "00" * 88)] + SENT
    uart = ScriptedUART(script)
    s = connected("BC20", uart).socket()
    s.connect(("192.0.2.2", 80))
    assert s.send(text) == 1500 and s.send(bytes(600)) == 600 and uart.done()
    uart = ScriptedUART([(k, w.replace('"TCP"', '"UDP"')) for k, w in script[:3]])
    nic = connected("BC20", uart)
    s = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
    s.connect(("192.0.2.2", 80))
    assert "at most 512" in raises(OSError, s.send, bytes(513)).args[1]
    assert "at most 1024" in raises(OSError, s.send, b"x" * 1025).args[1]


def test_a_datagram_is_joined_as_the_module_counts_it():
    first = [(">", "AT+QIRD=0,512"), ("<", "+QIRD: 512,88"), ("<<", b"a" * 512), ("<", "OK")]
    second = [(">", "AT+QIRD=0,512"), ("<", "+QIRD: 88,0"), ("<<", b"b" * 88), ("<", "OK")]
    third = [(">", "AT+QIRD=0,512"), ("<", "+QIRD: 512,0"), ("<<", b"c" * 512), ("<", "OK")]
    script = [(">", 'AT+QIOPEN=1,0,"UDP","192.0.2.2",80,0,0'), ("<", "OK"), ("!", "+QIOPEN: 0,0")]
    script += [("!", '+QIURC: "recv",0,600')] + first + second + third
    uart = ScriptedUART(script)
    nic = connected("BC25", uart)
    s = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
    s.connect(("192.0.2.2", 80))
    assert s.recv(1500) == b"a" * 512 + b"b" * 88
    assert s.recv(1500) == b"c" * 512


def test_refusals_with_a_number():
    script = [(">", 'AT+QIOPEN=1,0,"TCP","192.0.2.2",80,0,0'), ("<", "+CME ERROR: 570")]
    script += [(">", "AT+QICLOSE=0"), ("<", "OK")]
    uart = ScriptedUART(script)
    s = connected("RM500U", uart).socket()
    assert raises(OSError, s.connect, ("192.0.2.2", 80)).code == 570 and uart.done()


def test_limits():
    for name, sockets, contexts in (("BC95GR", 6, 3), ("BC20", 5, 1), ("BC25", 6, 3)):
        made = getattr(quectel, name)
        assert len(made(ScriptedUART([])).module._connections) == sockets
        raises(ValueError, made, ScriptedUART([]), cid=contexts + 1)
    nic = connected("BC95GR", ScriptedUART([]))
    raises(ValueError, nic.socket().connect, ("x" * 51, 80))


def with_sixth(made, program):
    """program() with a dialect more: `made`, a class."""

    class File:
        """Stands for the file dialects/sixth.py."""

    setattr(File, made.MODEL, made)
    sys.modules["quectel.dialects.sixth"] = File
    quectel.dialects.sixth = File
    quectel._DIALECTS.append("sixth " + made.MODEL)  # the line
    try:
        return program()
    finally:
        quectel._DIALECTS.pop()
        del sys.modules["quectel.dialects.sixth"]


def test_a_sixth_dialect_is_one_file_and_one_line():
    class BC99(NarrowBand):
        MODEL = "BC99"
        SOCKETS = 2
        HOST_MAX = 20
        OPEN_MS = (1000, 1000)
        SEND_MAX = 100
        READ_MAX = 64

    sends = [(">", "AT+QISEND=0,4"), ("<prompt", "> "), (">>", b"data")] + SENT
    reads = [(">", "AT+QIRD=0,64"), ("<", "+QIRD: 5,0"), ("<<", b"hello"), ("<", "OK")]
    assert with_sixth(BC99, lambda: session("BC99", sends, reads)) == (4, b"hello")


def test_a_sixth_dialect_has_every_service_of_the_one_it_copies():
    class BG99(BG95S5):
        MODEL = "BG99"
        CONTEXTS = (1, 2)
        SEND_MAX = 100
        PING_SIZES = (32, 64)  # what only a service reads, said in the same file
        SETTINGS = (b"AT+QISDE=0",)
        QICFG = {"sack": ((0, 1),)}

    script = AT + READY[:2] + [(">", "AT+CGMM"), ("<", "BG99"), ("<", "OK")] + READY[5:12]
    script += READY[-2:] + SIM + REGISTERED + INACTIVE + CONFIGURE + ACTIVATE + ADDRESS
    script += opening() + [(">", "AT+QISEND=0,100"), ("<prompt", "> "), (">>", b"x" * 100)]
    script += SENT[1:] + [(">", 'AT+QPING=1,"192.0.2.1",1,1,48'), ("<", "OK")]
    script += [("!", '+QPING: 0,"192.0.2.1",48,20,50'), ("!", "+QPING: 0,1,1,0,20,20,20")]
    script += [(">", 'AT+QIDNSGIP=1,"a.example"'), ("<", "OK")]
    script += [("!", '+QIURC: "dnsgip",0,1,600'), ("!", '+QIURC: "dnsgip","192.0.2.1"')]
    script += [(">", 'AT+QICFG="tcp/keepalive",1,2,30,3'), ("<", "OK")]
    script += [(">", 'AT+QICFG="sack",1'), ("<", "OK"), (">", "AT+QISTATE?"), ("<", "OK")]
    script += [(">", "AT+QIDEACT=1"), ("<", "OK")]

    def program(uart):
        nic = quectel.BG99(uart)
        nic.active(True)
        nic.connect("apn", "me", "pw")
        step_until(nic, nic.STAT_GOT_IP)
        s = nic.socket()
        s.connect(("192.0.2.2", 80))
        s.send(b"x" * 100)
        found = [nic.ping("192.0.2.1", 1, 1, 48)[:2], nic.resolve("a.example")]
        nic.config(keepalive=(90, 30, 3))
        nic.config(sack=1)
        found.append(nic.netstat())
        raises(OSError, nic.config, transpktsize=100)
        raises(ValueError, nic.context, 3)
        nic.disconnect()
        return found

    def played():
        uart = ScriptedUART(script)
        found = program(uart)
        assert uart.done(), uart.script
        return found

    assert with_sixth(BG99, played) == [(1, 1), ["192.0.2.1"], []]


def details():
    return [name for name in sys.modules if name.startswith("quectel.dialects.details")]


def test_a_dialect_loads_what_it_needs():
    # In a process of its own test_lookup shows that BG95-S5 loads no file of the BC modules.
    quectel.unload("dialects.details")
    dialect = connected("BG95S5", ScriptedUART([])).dialect
    assert details() == []
    assert dialect.DNS == "context" and dialect.SIM_MS == 20000
    assert len(details()) == 3, details()
    raises(AttributeError, lambda: dialect.SIM_S)
    raises(AttributeError, lambda: dialect.sim_ms)
    quectel.unload("dialects.details")
    assert details() == [] and not hasattr(quectel.dialects, "details")
    # One that was changed for this module loads nothing.
    dialect.SIM_MS = 300
    assert dialect.SIM_MS == 300 and details() == []
    dialect.choose("SIM_MS", None)
    dialect.choose("SIM_MS", None)
    assert dialect.SIM_MS == 20000
    assert connected("BC92", ScriptedUART([])).dialect.GUARD_MS == 500
    assert connected("BC65", ScriptedUART([])).dialect.GUARD_MS == 1000
