"""AT+QIOPEN with access mode 2: a connection that is in transparent mode from its first byte."""

import errno

import virtual_time  # before the driver
from conversations import bc95, bg95, rm500u
from scripted import ScriptedUART, connected, raises

from quectel.connection import LISTENING, OPEN
from quectel.modes import direct

clock = virtual_time.clock
PLACE = ("192.0.2.2", 8009)


def modem(model, script, **how):
    uart = ScriptedUART(script, **how)
    nic = connected(model, uart)
    return uart, nic, nic.socket()


def played(script, model, place=PLACE):
    """Read and write what the documents' examples do, then close; a byte at a time as well. The
    silence before +++ is the driver's to keep: what test_transparent.py is about."""
    script = [
        step for i, step in enumerate(script) if step[0] != "wait" or script[i - 1][1] == b"+++"
    ]
    for how in ({}, {"single": True}):
        uart, nic, s = modem(model, script, **how)
        with direct.open(s, place) as raw:
            assert nic.module.transparent is raw
            assert raise_busy(s) and raw.write(b"Test 1") == 6
            got = raw.read(6)
        s.close()
        assert uart.done(), (uart.script, bytes(uart.sent))
        assert got in (b"Test 1", b"Test 2")


def raise_busy(s):
    return raises(OSError, s.send, b"x").args[0] == getattr(errno, "EBUSY", 16)


def test_the_example_of_rm500u():
    # RGx00U&RM500U 3.3
    chosen = rm500u.CONVERSATIONS
    script = []
    for key in ("3.3.1 transparent open", "3.3.2 transparent send", "3.3.3 transparent receive"):
        script += chosen[key]
    escape = list(chosen["3.3.4 transparent close"])
    # The driver chooses buffer mode again before it closes.
    assert escape[3] == ("<", "OK")
    escape[4:4] = [(">", "AT+QISWTMD=0,0"), ("<", "OK")]
    played(script + escape, "RM500U", ("220.180.239.212", 8009))


def test_the_example_of_bg95():
    # BG95-S5 3.4
    chosen = bg95.CONVERSATIONS
    script = [step for key in sorted(chosen) if key.startswith("3.4.") for step in chosen[key]]
    played(script, "BG95S5")


def test_bc92():
    # BC65&BC92&BC95-GR 2.2.1: OK comes before CONNECT.
    script = list(bc95.CONVERSATIONS["1.2.1 bc92 transparent"])
    stop = script.index((">>", b"+++")) + 3
    script = script[:stop] + [(">", "AT+QISWTMD=0,0"), ("<", "OK"), (">", "AT+QICLOSE=0")]
    played(script + [("<", "OK"), ("<", "CLOSE OK")], "BC92", ("220.18.39.22", 8062))


def test_the_socket_goes_on_and_may_be_transparent_again():
    leave = [(">>", b"+++"), ("wait", 1.0), ("<", "OK")]
    script = [(">", 'AT+QIOPEN=1,0,"TCP","192.0.2.2",8009,0,2'), ("<", "CONNECT")] + leave
    script += [(">", "AT+QISEND=0,5"), ("<prompt", "> "), (">>", b"hello"), ("<", "SEND OK")]
    script += [(">", "AT+QIRD=0,1500"), ("<", "+QIRD: 0"), ("<", "OK"), (">", "ATO")]
    script += [("<", "CONNECT"), ("<=", b"again")] + leave
    uart, _, s = modem("BG95S5", script)
    with direct.open(s, PLACE):
        pass
    assert s.connection.peer == PLACE
    assert s.send(b"hello") == 5
    with s.transparent() as raw:
        assert raw.read(5) == b"again"
    assert uart.done()


def test_refused_by_error():
    for model, tail in (("BG95S5", ()), ("RM500U", ()), ("BC92", (("<", "CLOSE OK"),))):
        script = [(">", 'AT+QIOPEN=1,0,"TCP","192.0.2.2",8009,0,2'), ("<", "ERROR")]
        script += [(">", "AT+QIGETERROR"), ("<", "+QIGETERROR: 566, socket connect failed")]
        script += [("<", "OK"), (">", "AT+QICLOSE=0"), ("<", "OK")] + list(tail)
        uart, nic, s = modem(model, script * 2)
        for _ in range(2):  # a second try is allowed
            error = raises(OSError, direct.open(s, PLACE).__enter__)
            assert (error.args[0], error.code) == (errno.ECONNREFUSED, 566)
        assert uart.done() and nic.module.transparent is None and nic.channel.idle


def test_refused_behind_the_ok():
    # BC92 has taken the command; +QIOPEN tells the outcome.
    script = [(">", 'AT+QIOPEN=1,0,"TCP","192.0.2.2",8009,0,2'), ("<", "OK"), ("wait", 30)]
    script += [("!", "+QIOPEN: 0,565"), (">", "AT+QIGETERROR"), ("<", "+QIGETERROR: 565,x")]
    script += [("<", "OK"), (">", "AT+QICLOSE=0"), ("<", "OK"), ("<", "CLOSE OK")]
    _, nic, s = modem("BC92", script)
    error = raises(OSError, direct.open(s, PLACE).__enter__)
    assert (error.args[0], error.code) == (errno.EHOSTUNREACH, 565)
    assert s.connection.state not in (OPEN, LISTENING) and nic.module.lookup(0) is None


def test_a_number_that_is_not_ours():
    script = [(">", 'AT+QIOPEN=1,0,"TCP","192.0.2.2",8009,0,2'), ("<", "ERROR")]
    script += [(">", "AT+QIGETERROR"), ("<", "+QIGETERROR: 563, used"), ("<", "OK")]
    script += [(">", 'AT+QIOPEN=1,1,"TCP","192.0.2.2",8009,0,2'), ("<", "CONNECT"), ("<=", b"x")]
    _, _, s = modem("BG95S5", script)
    raw = direct.open(s, PLACE).__enter__()
    assert raw.read(1) == b"x" and s.connection.id == 1


def test_where_it_cannot_be():
    for model in ("BC95GR", "BC65", "BC20", "BC25"):
        uart, nic, s = modem(model, [])
        error = raises(OSError, direct.open, s, PLACE)
        assert error.args[0] == errno.EOPNOTSUPP and model in str(error)
    uart, nic, s = modem("BG95S5", [])
    raises(ValueError, direct.open, s, ('a"', 80))
    raises(ValueError, direct.open, s, ("a", 0))
    udp = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
    assert raises(OSError, direct.open, udp, PLACE).args[0] == errno.EOPNOTSUPP
    s.close()
    assert raises(OSError, direct.open, s, PLACE).args[0] == errno.EBADF
    assert not uart.log
