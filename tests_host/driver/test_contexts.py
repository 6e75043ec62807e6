"""Several contexts of one module: each with sockets, services and an end of its own."""

import errno

import virtual_time
from scripted import ScriptedUART, connected, raises, variants
from test_activation import BEFORE, REGISTERED, SIM, configure, up, wait


def opened(cid, connect_id, model="BG95S5"):
    line = 'AT+QIOPEN=%d,%d,"TCP","192.0.2.%d",80,0,0' % (cid, connect_id, cid)
    return [(">", line), ("<", "OK"), ("!", "+QIOPEN: %d,0" % connect_id)]


def second(nic, cid=2):
    """Another context, up already."""
    other = nic.context(cid)
    other.address = ["10.7.157.%d" % cid]
    other.state = nic.STAT_GOT_IP
    return other


def client(nic):
    s = nic.socket()
    s.settimeout(5)
    s.connect(("192.0.2.%d" % nic.cid, 80))
    return s


def test_each_has_its_own_bring_up():
    first = BEFORE + configure() + [(">", "AT+QIACT=1"), ("<", "OK")] + up('1,"10.0.0.1"')
    both = [(">", "AT+QIACT?"), ("<", '+QIACT: 1,1,1,"10.0.0.1"')]
    script = first + SIM + REGISTERED + both + [("<", "OK")]
    script += [(">", 'AT+QICSGP=2,2,"private","me","pw",1'), ("<", "OK")]
    script += [(">", "AT+QIACT=2"), ("<", "OK")]
    script += both + [("<", '+QIACT: 2,1,2,"2001:db8::2"'), ("<", "OK")]
    script += opened(1, 0) + opened(2, 1)

    def program(uart):
        nic = connected("BG95S5", uart)
        nic.state = nic.STAT_IDLE
        nic.connect("apn")
        assert wait(nic) == nic.STAT_GOT_IP
        other = nic.context(2)
        assert other is nic.context(2) and nic.context(1) is nic and other.context(2) is other
        assert not other.isconnected() and other.status() == nic.STAT_IDLE
        other.connect("private", "me", "pw", auth=1, family=2)
        assert wait(other) == nic.STAT_GOT_IP and other.isconnected()
        client(nic)
        client(other)
        return (
            nic.ipconfig("addr4"),
            other.ipconfig("addr6"),
            nic.config("apn"),
            other.config("apn"),
        )

    outcome = variants(script, program)
    assert outcome == (("10.0.0.1", "255.255.255.255"), ["2001:db8::2"], "apn", "private")


def test_both_at_once_on_rm500u():
    script = SIM + SIM + REGISTERED + REGISTERED
    uart = Answering(script)
    nic = connected("RM500U", uart)
    nic.state = nic.STAT_IDLE
    nic.connect("one")
    other = nic.context(5)
    other.connect("five")
    start = virtual_time.clock.elapsed_ms()
    assert wait(nic) == nic.STAT_GOT_IP and wait(other) == nic.STAT_GOT_IP
    # 2 s each, but not one after the other
    assert virtual_time.clock.elapsed_ms() - start < 3500
    assert other.ipconfig("addr4")[0] == "10.0.0.5"


class Answering(ScriptedUART):
    """A module whose contexts take two seconds each to get up."""

    def __init__(self, script):
        self.due = {}
        self.active = set()
        super().__init__([])

    def any(self):
        for cid, at in list(getattr(self, "due", {}).items()):
            if virtual_time.clock.elapsed_ms() >= at:
                del self.due[cid]
                self.active.add(cid)
                self._line.extend(b"\r\n+QIACTEX: %d,0\r\n" % cid)
        return super().any()

    def write(self, buf, offset, size):
        self.sent.extend(bytes(buf[offset : offset + size]))
        if self.sent.endswith(b"\r"):
            line = bytes(self.sent[:-1]).decode()
            self.sent = bytearray()
            for answer in self.answer(line) + ["OK"]:
                self._line.extend(b"\r\n" + answer.encode() + b"\r\n")
        return size

    def answer(self, line):
        if line == "AT+CPIN?":
            return ["+CPIN: READY"]
        if line == "AT+CEREG?":
            return ["+CEREG: 0,1"]
        if line == "AT+QIACT?":
            return ['+QIACT: %d,1,1,"10.0.0.%d"' % (cid, cid) for cid in sorted(self.active)]
        if line.startswith("AT+QIACTEX="):
            self.due[int(line.split("=")[1])] = virtual_time.clock.elapsed_ms() + 2000
        return []


def test_services_say_their_context():
    script = [
        (">", 'AT+QIDNSGIP=2,"two.example"'),
        ("<", "OK"),
        ("!", '+QIURC: "dnsgip",0,1,600'),
        ("!", '+QIURC: "dnsgip","192.0.2.1"'),
        (">", 'AT+QPING=2,"192.0.2.1",4,1'),
        ("<", "OK"),
        ("!", '+QPING: 0,"192.0.2.1",32,20,50'),
        ("!", "+QPING: 0,1,1,0,20,20,20"),
        (">", 'AT+QNTP=2,"192.0.2.1",123,1'),
        ("<", "OK"),
        ("!", '+QNTP: 0,"2013/08/19,11:10:10+32"'),
        (">", "AT+QIDNSCFG=2"),
        ("<", '+QIDNSCFG: 2,"192.0.2.53"'),
        ("<", "OK"),
        (">", "AT+CSQ"),
        ("<", "+CSQ: 20,99"),
        ("<", "OK"),
        (">", 'AT+QICFG="sack"'),
        ("<", '+QICFG: "sack",1'),
        ("<", "OK"),
        (">", "AT+QIGETERROR"),
        ("<", "+QIGETERROR: 0, operate successfully"),
        ("<", "OK"),
    ]

    def program(uart):
        nic = connected("BG95S5", uart)
        nic.dialect.choose("TELLS_LOCAL", True)
        other = second(nic)
        seen = [other.resolve("two.example"), other.ping("192.0.2.1", 1).received]
        seen += [other.ntp("192.0.2.1")[:3], other.ipconfig("dns"), other.status("rssi")]
        return seen + [other.config("sack"), other.error()]

    assert variants(script, program) == [
        ["192.0.2.1"],
        1,
        (2013, 8, 19),
        "192.0.2.53",
        -73,
        1,
        (0, "operate successfully"),
    ]


def test_the_end_of_one_is_not_that_of_the_other():
    for lost in (1, 2):
        script = opened(1, 0) + opened(2, 1)
        script += [("!", '+QIURC: "pdpdeact",%d' % lost), (">", "AT+QIDEACT=%d" % lost)]
        script += [("<", "OK"), (">", "AT+QISEND=%d,5" % (2 - lost)), ("<prompt", "> ")]
        script += [(">>", b"hello"), ("<", "SEND OK")]
        uart = ScriptedUART(script)
        nic = connected("BG95S5", uart)
        nic._seen = True
        both = [nic, second(nic)]
        both[1]._seen = True
        sockets = [client(interface) for interface in both]
        while any(interface.isconnected() for interface in both if interface.cid == lost):
            pass
        assert raises(OSError, sockets[lost - 1].send, b"x").args[0] == errno.ECONNABORTED
        assert both[2 - lost].isconnected()
        sockets[2 - lost].send(b"hello")
        assert uart.done()


def test_disconnecting_one():
    script = opened(1, 0) + opened(2, 1) + [(">", "AT+QIDEACT=2"), ("<", "OK")]
    script += [(">", "AT+QISEND=0,5"), ("<prompt", "> "), (">>", b"hello"), ("<", "SEND OK")]
    script += [(">", "AT+QIDEACT=1"), ("<", "OK"), (">", "AT+CFUN=0"), ("<", "OK")]

    def program(uart):
        nic = connected("BG95S5", uart)
        other = second(nic)
        s, t = client(nic), client(other)
        other.disconnect()
        assert raises(OSError, t.send, b"x").args[0] == errno.ECONNABORTED
        assert not other.isconnected() and nic.isconnected()
        s.send(b"hello")
        nic.active(False)
        return nic.isconnected(), other.isconnected()

    assert variants(script, program) == (False, False)


def test_a_restart_ends_all():
    script = opened(1, 0) + opened(2, 1) + [("wait", 1), ("!", "RDY")]
    nic = connected("BG95S5", ScriptedUART(script))
    other = second(nic)
    nic._seen = other._seen = True
    sockets = client(nic), client(other)
    while nic.isconnected() or other.isconnected():
        virtual_time.clock.nap_ms(5)
    for s in sockets:
        assert raises(OSError, s.send, b"x").args[0] == errno.ECONNABORTED


def test_switching_off_takes_all_down():
    script = [(">", "AT+QIDEACT=1"), ("<", "OK"), (">", "AT+QIDEACT=3"), ("<", "OK")]
    script += [(">", "AT+CFUN=0"), ("<", "OK")]
    uart = ScriptedUART(script)
    nic = connected("BG95S5", uart)
    other = second(nic, 3)
    nic.active(False)
    assert uart.done() and not other.isconnected()


def test_a_second_context_of_bc95():
    # The first one comes with the attachment, any other is activated with AT+CGACT.
    attached = [(">", "AT+CGATT?"), ("<", "+CGATT: 1"), ("<", "OK"), (">", "AT+CGPADDR?")]
    one = ("<", '+CGPADDR: 1,"100.127.243.105"')
    script = SIM + [(">", "AT+CGDCONT?"), ("<", '+CGDCONT: 1,"IP","two"'), ("<", "OK")]
    script += [(">", 'AT+CGDCONT=2,"IP","two"'), ("<", "OK")] + attached + [one, ("<", "OK")]
    script += [(">", "AT+CGACT?"), ("<", "+CGACT: 1,1"), ("<", "+CGACT: 2,0"), ("<", "OK")]
    script += [(">", "AT+CGACT=1,2"), ("<", "OK"), ("wait", 0.5)] + attached
    script += [one, ("<", '+CGPADDR: 2,"100.127.243.106"'), ("<", "OK")]
    script += [(">", "AT+CGACT=0,2"), ("<", "OK")]
    uart = ScriptedUART(script)
    nic = connected("BC95GR", uart)
    other = nic.context(2)
    other.connect("two")
    assert wait(other) == nic.STAT_GOT_IP
    assert other.ipconfig("addr4")[0] == "100.127.243.106"
    other.disconnect()
    assert uart.done() and nic.isconnected()


def test_a_listener_on_bc95_wants_its_context_active():
    for told, more in ((1, []), (0, [(">", "AT+CGACT=1,1"), ("<", "OK")])):
        script = [(">", "AT+CGACT?"), ("<", "+CGACT: 1,%d" % told), ("<", "OK")] + more
        script += [(">", 'AT+QIOPEN=1,0,"TCP LISTENER","10.7.157.1",1,2020,0'), ("<", "OK")]
        script += [("!", "+QIOPEN: 0,0")]
        uart = ScriptedUART(script)
        s = connected("BC95GR", uart).socket()
        s.bind(("", 2020))
        s.listen(1)
        assert uart.done()


def test_ranges():
    for model, most in (("BC95GR", 3), ("BC20", 1), ("BG95S5", 16), ("BC25", 3), ("RM500U", 5)):
        uart = ScriptedUART([])
        nic = connected(model, uart)
        for bad in (0, most + 1, "2"):
            assert "1 to %d" % most in str(raises(ValueError, nic.context, bad))
        assert not uart.log


def test_not_connected():
    uart = ScriptedUART([])
    other = connected("BG95S5", uart).context(2)
    for call in (lambda: other.resolve("a.example"), lambda: other.ping("192.0.2.1")):
        raises(OSError, call)
    raises(OSError, other.socket().connect, ("192.0.2.1", 80))
    assert not uart.log
