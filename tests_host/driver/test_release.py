"""The last message before a silence: release assistance as a policy."""

import errno

from scripted import ScriptedUART, connected, raises, variants

UDP = [(">", 'AT+QIOPEN=1,0,"UDP","192.0.2.2",8009,0,0'), ("<", "OK"), ("!", "+QIOPEN: 0,0")]
TCP = [(">", 'AT+QIOPEN=1,0,"TCP","192.0.2.2",8009,0,0'), ("<", "OK"), ("!", "+QIOPEN: 0,0")]


def opened(model, uart, datagram=False):
    nic = connected(model, uart)
    s = nic.socket(nic.AF_INET, nic.SOCK_DGRAM if datagram else nic.SOCK_STREAM)
    s.settimeout(60)
    s.connect(("192.0.2.2", 8009))
    return nic, s


def prompted(data, *answers):
    steps = [(">", "AT+QISEND=0,%d" % len(data)), ("<prompt", "> "), (">>", data)]
    return steps + [("<", text) for text in answers]


def acked(total, unacked):
    return [
        (">", "AT+QISEND=0,0"),
        ("<", "+QISEND: %d,%d,%d" % (total, total - unacked, unacked)),
        ("<", "OK"),
    ]


def test_a_datagram_goes_with_what_is_to_follow():
    # BG95-S5 3.10.2. What follows goes as usual.
    def program(uart):
        _, s = opened("BG95S5", uart, True)
        return s.send_last(b"123"), s.send_last("123", answers=True), s.write(b"4")

    script = UDP + [(">", 'AT+QISENDEX=0,"313233",1'), ("<", "SEND OK")]
    script += [(">", 'AT+QISENDEX=0,"313233",2'), ("<", "SEND OK")] + prompted(b"4", "SEND OK")
    assert variants(script, program, apart=40) == (True, True, 1)


def test_a_bc_module_counts_the_bytes():
    script = UDP + [(">", 'AT+QISENDEX=0,3,"313233",2'), ("<", "OK"), ("<", "SEND OK")]
    for model in ("BC65", "BC92", "BC95GR"):
        uart = ScriptedUART(script)
        assert opened(model, uart, True)[1].send_last(b"123", True) and uart.done()


def test_tcp_is_released_by_the_acknowledgement_which_is_waited_for():
    def program(uart):
        _, s = opened("BG95S5", uart)
        return s.send_last(b"123"), s.write(b"4")

    script = TCP + [(">", 'AT+QISENDEX=0,"313233",2'), ("<", "SEND OK")]
    script += acked(3, 3) + acked(3, 3) + acked(3, 0) + prompted(b"4", "SEND OK")
    assert variants(script, program, apart=40) == (True, 1)


def test_only_the_end_of_it_goes_in_hex():
    head, tail = b"a" * 100, b"b" * 256
    script = TCP + prompted(head, "SEND OK")
    script += [(">", 'AT+QISENDEX=0,"%s",2' % ("62" * 256)), ("<", "SEND OK")] + acked(356, 0)
    uart = ScriptedUART(script)
    assert opened("BG95S5", uart)[1].send_last(head + tail) and uart.done()


def test_what_is_not_acknowledged_in_time():
    uart = ScriptedUART(
        TCP + [(">", 'AT+QISENDEX=0,"78",2'), ("<", "SEND OK")] + acked(1, 1) * 4 + acked(1, 0)
    )
    _, s = opened("BG95S5", uart)
    assert raises(OSError, s.send_last, b"x", timeout=1).args[0] == errno.ETIMEDOUT
    s.drain(1)  # it is not lost, and the socket lives
    assert uart.done()


def test_where_the_network_is_not_told():
    big = b"x" * 300
    for model, datagram, data, answers, script in (
        ("BG95S5", False, b"123", True, prompted(b"123", "SEND OK") + acked(3, 0)),
        ("BG95S5", True, big, False, prompted(big, "SEND OK")),
        ("RM500U", False, b"123", False, prompted(b"123", "SEND OK") + acked(3, 0)),
        ("BC25", True, b"123", True, prompted(b"123", "OK", "SEND OK")),
    ):
        uart = ScriptedUART((UDP if datagram else TCP) + script)
        assert opened(model, uart, datagram)[1].send_last(data, answers) is False
        assert uart.done(), model


def test_small_writes_that_were_gathered_go_before():
    script = TCP + prompted(b"one, ", "SEND OK")
    script += [(">", 'AT+QISENDEX=0,"74776F",2'), ("<", "SEND OK")] + acked(8, 0)
    uart = ScriptedUART(script)
    nic, s = opened("BG95S5", uart)
    s.setsockopt(nic.SOL_QUECTEL, nic.COALESCE, True)
    s.write(b"one, ")
    assert s.send_last(b"two") and uart.done()


def test_what_fails():
    uart = ScriptedUART(UDP)
    nic, s = opened("BG95S5", uart, True)
    s.setblocking(False)
    assert raises(OSError, s.send_last, b"x").args[0] == errno.EAGAIN
    assert raises(OSError, nic.socket().send_last, b"x").args[0] == errno.ENOTCONN
    assert len(uart.log) == 1


def test_the_command_that_sends_is_the_sockets_again_when_time_is_up():
    # The exchange under way ends in later polls; what comes then goes as usual.
    script = UDP + [(">", 'AT+QISENDEX=0,"78",1'), ("wait", 5), ("<", "SEND OK")]
    uart = ScriptedUART(script + prompted(b"y", "SEND OK"))
    nic, s = opened("BG95S5", uart, True)
    s.settimeout(1)
    try:
        s.send_last(b"x")
    except OSError as e:
        assert e.args[0] == errno.ETIMEDOUT
    s.settimeout(30)
    while nic.module.under_way:
        nic.module.wait()
    assert s.send(b"y") == 1 and uart.done()
