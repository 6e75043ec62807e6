"""How a context gets up and down: at once, asynchronously (RM500U), in asyncmode (BG95-S5), over
IPv6, and what the NB-IoT modules do instead."""

import errno

import quectel
import virtual_time
from scripted import ScriptedUART, connected, raises, variants

SIM = [(">", "AT+CPIN?"), ("<", "+CPIN: READY"), ("<", "OK")]
REGISTERED = [(">", "AT+CEREG?"), ("<", "+CEREG: 0,1"), ("<", "OK")]
BEFORE = SIM + REGISTERED + [(">", "AT+QIACT?"), ("<", "OK")]
LAST_ERROR = [(">", "AT+QIGETERROR"), ("<", "+QIGETERROR: 561, open failed"), ("<", "OK")]


def ready(model, uart, **options):
    """A modem after active(True), without the traffic of that."""
    nic = getattr(quectel, model)(uart, **options)
    nic.module.active = nic.module.ready = True
    return nic


def wait(nic):
    """Until the bring-up has come to its end."""
    for _ in range(2000000):
        if nic.status() != nic.STAT_CONNECTING:
            return nic.status()
        virtual_time.clock.nap_ms(5)
    raise AssertionError("still connecting")


def up(address, cid=1):
    return [(">", "AT+QIACT?"), ("<", "+QIACT: %d,1,%s" % (cid, address)), ("<", "OK")]


def configure(kind=1, cid=1, tail=""):
    return [(">", 'AT+QICSGP=%d,%d,"apn","",""%s,0' % (cid, kind, tail)), ("<", "OK")]


def test_asynchronous_activation():
    script = BEFORE + configure()
    script += [(">", "AT+QIACTEX=1"), ("<", "OK"), ("wait", 0.02), ("!", "+QIACTEX: 1,0")]
    script += up('1,"10.7.157.1"')
    script += [(">", "AT+QIDEACTEX=1"), ("<", "OK"), ("wait", 0.02), ("!", "+QIDEACTEX: 1,0")]

    def program(uart):
        nic = ready("RM500U", uart)
        nic.connect("apn")
        assert wait(nic) == nic.STAT_GOT_IP
        seen = nic.ipconfig("addr4")
        nic.disconnect()
        return seen, nic.status()

    outcome = ("10.7.157.1", "255.255.255.255"), 0
    assert variants(script, program) == outcome


def test_the_channel_is_free_meanwhile():
    script = BEFORE + configure() + [(">", "AT+QIACTEX=1"), ("<", "OK"), ("wait", 100)]
    script += [("!", '+QIACTEX: 1,0,1,"10.7.157.1"')] + up('1,"10.7.157.1"')
    asked = [(">", "AT+CSQ"), ("<", "+CSQ: 20,99"), ("<", "OK")]
    at = script.index(("wait", 100))
    script[at:at] = asked
    nic = ready("RM500U", ScriptedUART(script))
    nic.connect("apn")
    start = virtual_time.clock.elapsed_ms()
    while (">", "AT+CSQ") not in nic.channel.uart.script[:1]:
        nic.poll()
    for _ in range(50):
        nic.poll()
    assert nic.status() == nic.STAT_CONNECTING and nic.status("rssi") == -73
    assert virtual_time.clock.elapsed_ms() - start < 1000
    assert wait(nic) == nic.STAT_GOT_IP


def test_a_failed_activation_is_tried_three_times():
    once = [(">", "AT+QIACTEX=1"), ("<", "OK"), ("!", "+QIACTEX: 1,561")]
    once += [(">", "AT+QIDEACTEX=1"), ("<", "OK"), ("!", "+QIDEACTEX: 1,0")]
    uart = ScriptedUART(BEFORE + configure() + once * 3)
    nic = ready("RM500U", uart)
    nic.connect("apn")
    assert wait(nic) == nic.STAT_CONNECT_FAIL
    assert nic.status("error").code == 561 and uart.done()


def test_another_context_is_no_answer():
    script = BEFORE + configure() + [(">", "AT+QIACTEX=1"), ("<", "OK"), ("!", "+QIACTEX: 12,0")]
    script += [("!", "+QIACTEX: 2,0"), ("wait", 5), ("!", "+QIACTEX: 1,0")] + up('1,"10.0.0.7"')
    nic = ready("RM500U", ScriptedUART(script))
    start = virtual_time.clock.elapsed_ms()
    nic.connect("apn")
    assert wait(nic) == nic.STAT_GOT_IP
    assert virtual_time.clock.elapsed_ms() - start >= 5000


def test_silence_is_told():
    script = BEFORE + configure() + [(">", "AT+QIACTEX=1"), ("<", "OK"), ("wait", 1000)]
    nic = ready("RM500U", ScriptedUART(script))
    start = virtual_time.clock.elapsed_ms()
    nic.connect("apn")
    assert wait(nic) == nic.STAT_CONNECT_FAIL
    assert 150000 <= virtual_time.clock.elapsed_ms() - start < 153000
    assert nic.status("error").args[0] == errno.ETIMEDOUT
    script = [(">", "AT+QIDEACTEX=1"), ("<", "OK"), ("wait", 1000)]
    nic = connected("RM500U", ScriptedUART(script))
    start = virtual_time.clock.elapsed_ms()
    assert raises(OSError, nic.disconnect).args[0] == errno.ETIMEDOUT
    assert 40000 <= virtual_time.clock.elapsed_ms() - start < 42000


def test_asyncmode():
    # AT+QIACT answers at once, and nothing tells when the context is up.
    none = [(">", "AT+QIACT?"), ("<", "OK")]
    script = BEFORE + configure() + [(">", "AT+QIACT=1"), ("<", "OK")] + none
    script += [(">", "AT+QIACT?"), ("<", "+QIACT: 1,0,1"), ("<", "OK")] + up('1,"10.7.157.1"')
    nic = ready("BG95S5", ScriptedUART(script))
    nic.connect("apn")
    assert wait(nic) == nic.STAT_GOT_IP


def test_a_context_that_never_gets_up():
    class Never(ScriptedUART):
        def write(self, buf, offset, size):
            if bytes(buf[offset : offset + size]) == b"AT+QIACT?\r" and not self.script:
                self._line.extend(b"\r\nOK\r\n")
                return size
            return super().write(buf, offset, size)

    uart = Never(BEFORE + configure() + [(">", "AT+QIACT=1"), ("<", "OK")])
    nic = ready("BG95S5", uart)
    start = virtual_time.clock.elapsed_ms()
    nic.connect("apn")
    assert wait(nic) == nic.STAT_CONNECT_FAIL
    assert 150000 <= virtual_time.clock.elapsed_ms() - start < 153000


def test_families():
    for model, kind, line, addr4, addr6 in (
        ("BG95S5", 2, '2,"2001:db8::7"', "0.0.0.0", ["2001:db8::7"]),
        ("BG95S5", 3, '3,"10.0.0.7"', "10.0.0.7", []),
        ("RM500U", 2, '2,"2001:db8::7"', "0.0.0.0", ["2001:db8::7"]),
        ("RM500U", 3, '3,"10.0.0.7","2001:db8::7"', "10.0.0.7", ["2001:db8::7"]),
    ):
        activate = [(">", "AT+QIACT=1"), ("<", "OK")]
        if model == "RM500U":
            activate = [(">", "AT+QIACTEX=1"), ("<", "OK"), ("!", "+QIACTEX: 1,0")]
        nic = ready(model, ScriptedUART(BEFORE + configure(kind) + activate + up(line)))
        nic.connect("apn", family=kind)
        assert wait(nic) == nic.STAT_GOT_IP
        assert nic.ipconfig("addr4")[0] == addr4 and nic.ipconfig("addr6") == addr6


def test_families_of_the_nb_iot_modules():
    attached = [(">", "AT+CGATT?"), ("<", "+CGATT: 1"), ("<", "OK"), (">", "AT+CGPADDR?")]
    script = SIM + defined('1,"IPV4V6","apn"') + attached
    script += [("<", '+CGPADDR: 1,"100.127.243.105","2001:db8::7"'), ("<", "OK")]
    nic = ready("BC25", ScriptedUART(script))
    nic.connect("apn", family=3)
    assert wait(nic) == nic.STAT_GOT_IP
    assert nic.ipconfig("addr4")[0] == "100.127.243.105"
    assert nic.ipconfig("addr6") == ["2001:db8::7"]


# ---- the access point of the NB-IoT modules ----


NARROW = ("BC95GR", "BC65", "BC92", "BC20", "BC25", "BC32")
ATTACHED = [(">", "AT+CGATT?"), ("<", "+CGATT: 1"), ("<", "OK"), (">", "AT+CGPADDR?")]
ATTACHED += [("<", '+CGPADDR: 1,"100.127.243.105"'), ("<", "OK")]


def defined(*told):
    """AT+CGDCONT? where it tells `told`."""
    return [(">", "AT+CGDCONT?")] + [("<", "+CGDCONT: " + line) for line in told] + [("<", "OK")]


def radio(on):
    return [(">", "AT+CFUN=%d" % on), ("<", "OK")]


DEFINE = [(">", 'AT+CGDCONT=1,"IP","apn"'), ("<", "OK")]


def connects(model, script):
    def program(uart):
        nic = ready(model, uart)
        nic.connect("apn")
        assert wait(nic) == nic.STAT_GOT_IP, nic.status("error")
        return nic.ipconfig("addr4")[0]

    uart = ScriptedUART(SIM + script + ATTACHED)
    assert program(uart) == "100.127.243.105" and uart.done()
    return program


def test_an_access_point_is_set_while_the_radio_is_off():
    for model in NARROW:
        for told in ((), ('1,"IP","other"',), ('1,"IPV6","apn"',), ('2,"IP","apn"',)):
            program = connects(model, defined(*told) + radio(0) + DEFINE + radio(1))
    script = SIM + defined() + radio(0) + DEFINE + radio(1) + ATTACHED
    assert variants(script, program, apart=20) == "100.127.243.105"


def test_an_access_point_that_is_so_already_leaves_the_radio_on():
    for told in (
        '1,"IP","apn"',
        '1,"IP","APN"',
        '1,"IP","apn.mnc001.mcc460.gprs","100.127.243.105",0,0',
    ):
        connects("BC95GR", defined('0,"IP","x"', told))


def test_a_module_that_does_not_tell_its_access_point():
    connects("BC20", [(">", "AT+CGDCONT?"), ("<", "ERROR")] + radio(0) + DEFINE + radio(1))


def test_an_access_point_that_is_refused():
    refused = [DEFINE[0], ("<", "ERROR")]
    uart = ScriptedUART(SIM + defined() + radio(0) + refused + radio(1))
    nic = ready("BC25", uart)
    nic.connect("apn")
    assert wait(nic) == nic.STAT_CONNECT_FAIL and uart.done()
    assert "AT+CGDCONT" in str(nic.status("error")) and nic.module.ready


def test_every_socket_fails_when_the_access_point_changes():
    opened = []
    for i in (0, 1):
        opened += [(">", 'AT+QIOPEN=%d,%d,"TCP","192.0.2.2",7,0,0' % (i + 1, i)), ("<", "OK")]
        opened += [("!", "+QIOPEN: %d,0" % i)]
    close = [(">", "AT+QICLOSE=0"), ("<", "OK"), ("<", "CLOSE OK"), (">", "AT"), ("<", "OK")]
    script = opened + SIM + defined('1,"IP","old"') + close + radio(0) + DEFINE + radio(1)
    uart = ScriptedUART(script + ATTACHED)
    nic = connected("BC95GR", uart)
    other = nic.context(2)
    other.state = other.STAT_GOT_IP
    other._seen = True
    sockets = [each.socket() for each in (nic, other)]
    for s in sockets:
        s.connect(("192.0.2.2", 7))
    nic.connect("apn")
    assert wait(nic) == nic.STAT_GOT_IP and uart.done()
    for s in sockets:
        error = raises(OSError, s.send, b"x")
        assert error.args[0] == errno.ECONNABORTED and "access point" in str(error)
    assert not other.isconnected()


def test_a_connect_that_is_given_up_while_the_radio_is_off():
    """The next connect switches it on."""
    script = SIM + defined() + [(">", "AT+CFUN=0")]
    uart = ScriptedUART(script + [("wait", 1), ("<", "OK")])
    nic = ready("BC25", uart)
    nic.connect("apn")
    while uart.script[0][0] == ">":
        nic.poll()
    nic.disconnect()
    assert nic.status() == nic.STAT_IDLE
    start = [(">", "AT"), ("<", "OK"), (">", "ATE0"), ("<", "OK"), (">", "AT+CGMM")]
    start += [("<", "BC25"), ("<", "OK"), (">", "AT+CFUN?"), ("<", "+CFUN: 0"), ("<", "OK")]
    uart.script += start + radio(1)
    nic.connect("apn")
    while uart.script:
        nic.poll()
        virtual_time.clock.nap_ms(5)
