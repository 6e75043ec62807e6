"""Ping: both result conventions, both ways of writing an address, what may go wrong."""

import errno

import virtual_time
from conversations import bc20, bc25, bc95, bg95, rm500u
from scripted import ScriptedUART, connected, raises, variants

MODELS = ("BC95GR", "BC92", "BC20", "BG95S5", "BC25", "RM500U")


def asked(conversation, parameters):
    """A conversation whose command says what the driver always says."""
    script = [step for step in conversation if step[0] != "wait"]
    for i, (kind, what) in enumerate(script):
        if kind == ">":
            script[i] = (kind, what + parameters)
    return script


def example(model, conversation, host, parameters, address, times=(192, 240, 241, 479), avg=287):
    def program(uart):
        result = connected(model, uart).ping(host)
        return tuple(result)

    replies = [(address, 32, ms, 255) for ms in times]
    outcome = variants(asked(conversation, parameters), program)
    assert outcome == (4, 4, 0, min(times), max(times), avg, replies), outcome


def test_example_of_bc95():
    conversation = bc95.CONVERSATIONS["4.4.1 ping"]
    example("BC95GR", conversation, "sh.quectel.com", ",4,4,32", "220.18.23.21")


def test_example_of_bc20():
    conversation = bc20.CONVERSATIONS["4.3.1 ping"]
    example("BC20", conversation, "hf.quectel.com", ",4,4,32", "220.180.239.212")


def test_example_of_bc25():
    conversation = bc25.CONVERSATIONS["4.6.1 ping"]
    example("BC25", conversation, "sh.quectel.com", ",4,4,32", "220.18.23.21")


def test_examples_of_bg95():
    conversation = bg95.CONVERSATIONS["3.11.1 ping"]
    example("BG95S5", conversation, "www.example.com", ",4,4", "192.0.2.2")
    conversation = bg95.CONVERSATIONS["3.11.2 ping, ipv6"]
    example("BG95S5", conversation, bg95.IPV6, ",4,4", bg95.IPV6, (58, 49, 39, 40), 46)


def test_example_of_rm500u():
    conversation = rm500u.CONVERSATIONS["3.7.1 ping"]
    example("RM500U", conversation, "www.baidu.com", ",4,4,32", "61.135.169.125", avg=288)


def test_named_fields():
    script = [(">", 'AT+QPING=2,"192.0.2.1",7,2,100'), ("<", "OK")]
    script += [
        ("!", "+QPING: 0,192.0.2.1,100,20,50"),
        ("!", "+QPING: 1"),
        ("!", "+QPING: 2,2,1,1,20,20,20"),
    ]
    result = connected("BC95GR", ScriptedUART(script), cid=2).ping("192.0.2.1", 2, 7, 100)
    assert (result.sent, result.received, result.lost) == (2, 1, 1)
    assert (result.min, result.max, result.avg) == (20, 20, 20)
    reply, lost = result.replies
    assert (reply.address, reply.bytes, reply.ms, reply.ttl) == ("192.0.2.1", 100, 20, 50)
    assert lost == 1


def test_all_replies_lost_is_a_result():
    for model, code, last in (
        ("BC95GR", 1, "2,4,0,4,0,0,0"),
        ("BC25", 1, "2,4,0,4,0,0,0"),
        ("BC25", 1, "1"),
        ("BC20", 569, "0,4,0,4,0,0,0"),
        ("BG95S5", 569, "0,4,0,4,0,0,0"),
        ("BG95S5", 569, "569,4,0,4,0,0,0"),
        ("RM500U", 569, "569"),
    ):
        size = "" if model == "BG95S5" else ",32"
        script = [(">", 'AT+QPING=1,"192.0.2.1",4,4' + size), ("<", "OK")]
        script += [("!", "+QPING: %d" % code)] * 4 + [("!", "+QPING: " + last)]
        uart = ScriptedUART(script)
        result = connected(model, uart).ping("192.0.2.1")
        assert tuple(result) == (4, 0, 4, 0, 0, 0, [code] * 4), result
        assert uart.done()


def test_totals_in_bytes():
    # As the text of BC65&BC92&BC95-GR, BC20 and BC25&BC32 has it; their examples count packets.
    script = [(">", 'AT+QPING=1,"192.0.2.1",4,2,64'), ("<", "OK")]
    script += [("!", "+QPING: 0,192.0.2.1,64,20,50"), ("!", "+QPING: 1")]
    script += [("!", "+QPING: 2,128,64,64,20,20,20")]
    result = connected("BC25", ScriptedUART(script)).ping("192.0.2.1", 2, size=64)
    assert tuple(result)[:3] == (2, 1, 1)


def test_no_such_host():
    for model, code, number in (
        ("BC95GR", 4, errno.EHOSTUNREACH),
        ("BC25", 4, errno.EHOSTUNREACH),
        ("BC25", 3, errno.EIO),
        ("BC20", 565, errno.EHOSTUNREACH),
        ("BG95S5", 565, errno.EHOSTUNREACH),
        ("RM500U", 565, errno.EHOSTUNREACH),
    ):
        size = "" if model == "BG95S5" else ",32"
        script = [(">", 'AT+QPING=1,"none.example",4,4' + size), ("<", "OK"), ("wait", 2)]
        script += [("!", "+QPING: %d" % code)]
        start = virtual_time.clock.elapsed_ms()
        error = raises(OSError, connected(model, ScriptedUART(script)).ping, "none.example")
        assert (error.args[0], error.code) == (number, code), error
        assert virtual_time.clock.elapsed_ms() - start < 13000


def test_a_refused_command():
    script = [(">", 'AT+QPING=1,"192.0.2.1",4,4'), ("<", "ERROR"), (">", "AT+QIGETERROR")]
    script += [("<", "+QIGETERROR: 561, activate pdp context failed"), ("<", "OK")]
    error = raises(OSError, connected("BG95S5", ScriptedUART(script)).ping, "192.0.2.1")
    assert error.code == 561
    script = [(">", 'AT+QPING=1,"192.0.2.1",4,4,32'), ("<", "+CME ERROR: 552")]
    error = raises(OSError, connected("RM500U", ScriptedUART(script)).ping, "192.0.2.1")
    assert (error.args[0], error.code) == (errno.EINVAL, 552)


def test_the_last_line_is_missing():
    script = [(">", 'AT+QPING=1,"192.0.2.1",4,2'), ("<", "OK")]
    script += [("!", '+QPING: 0,"192.0.2.1",32,20,50'), ("!", '+QPING: 0,"192.0.2.1",32,41,50')]
    start = virtual_time.clock.elapsed_ms()
    result = connected("BG95S5", ScriptedUART(script)).ping("192.0.2.1", 2)
    assert tuple(result)[:6] == (2, 2, 0, 20, 41, 30)
    assert virtual_time.clock.elapsed_ms() - start < 7000


def test_every_wait_is_bounded():
    for model, count, timeout, most in (("BC25", 1, 4, 150000), ("BG95S5", 10, 255, 301000)):

        class Quiet(ScriptedUART):
            def write(self, buf, offset, size):
                text = bytes(buf[offset : offset + size])
                if text.startswith(b"AT+QPING"):
                    self._line.extend(b"\r\nOK\r\n")
                return size

        start = virtual_time.clock.elapsed_ms()
        nic = connected(model, Quiet([]))
        error = raises(OSError, nic.ping, "192.0.2.1", count, timeout)
        assert error.args[0] == errno.ETIMEDOUT
        assert virtual_time.clock.elapsed_ms() - start < most


def test_a_restart_ends_it():
    script = [(">", 'AT+QPING=1,"192.0.2.1",4,4'), ("<", "OK"), ("wait", 1), ("!", "RDY")]
    nic = connected("BG95S5", ScriptedUART(script))
    assert raises(OSError, nic.ping, "192.0.2.1").args[0] == errno.ECONNABORTED
    assert raises(OSError, nic.ping, "192.0.2.1").args[0] in (101, 118, 128)  # ENETUNREACH


def test_refused_before_a_byte_is_sent():
    for model in MODELS:
        uart = ScriptedUART([])
        nic = connected(model, uart)
        for bad in ('a"b', "a\rb", "a\x1ab", "", "x" * 300):
            raises(ValueError, nic.ping, bad)
        assert "1 to 10" in str(raises(ValueError, nic.ping, "192.0.2.1", 11))
        assert "1 to 10" in str(raises(ValueError, nic.ping, "192.0.2.1", 0))
        assert "1 to 255" in str(raises(ValueError, nic.ping, "192.0.2.1", 4, 256))
        assert "1 to 255" in str(raises(ValueError, nic.ping, "192.0.2.1", timeout=0.5))
        if model == "BG95S5":
            error = raises(OSError, nic.ping, "192.0.2.1", size=64)
            assert error.args[0] == errno.EOPNOTSUPP and "BG95S5" in str(error)
        else:
            most = 1500 if model == "RM500U" else 200
            error = raises(ValueError, nic.ping, "192.0.2.1", size=most + 1)
            assert "32 to %d" % most in str(error)
            raises(ValueError, nic.ping, "192.0.2.1", size=31)
        assert not uart.log and uart.done()


def test_noise_in_a_report_does_no_harm():
    script = [(">", 'AT+QPING=1,"192.0.2.1",4,1'), ("<", "OK")]
    script += [("!", '+QPING: 0,"192.0.2.1",x,,50'), ("!", "+QPING: 0,1,1,x,20,20,20")]
    result = connected("BG95S5", ScriptedUART(script)).ping("192.0.2.1", 1)
    assert result.received == 1 and result.lost == 0
