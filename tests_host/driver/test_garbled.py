"""Answers that were damaged on the line: a call gives what it read, or raises an OSError, and the
module can be asked again."""

import errno

import virtual_time
from quectel import answers, at
from scripted import ScriptedUART, connected, raises

OK = "\r\nOK\r\n"
_USUAL = {"AT": OK, "AT+QIGETERROR": "\r\n+QIGETERROR: 0, operate successfully\r\n" + OK}
ADDRESS = '+QIACT: 1,1,1,"10.7.157.1"'


class Answering:
    """A UART whose module gives every command its answer; silence passes quickly."""

    def __init__(self, answers):
        self.answers = answers
        self.asked = []
        self._line = b""
        self._there = b""

    def any(self):
        if not self._there:
            virtual_time.clock.sleep_ms(50)
        return len(self._there)

    def readinto(self, buf, nbytes=None):
        count = min(len(buf) if nbytes is None else nbytes, len(self._there))
        if not count:
            return None
        buf[:count] = self._there[:count]
        self._there = self._there[count:]
        return count

    def write(self, buf, offset, size):
        self._line += bytes(memoryview(buf)[offset : offset + size])
        while b"\r" in self._line:
            line, _, self._line = self._line.partition(b"\r")
            line = line.decode()
            self.asked.append(line)
            self._there += self.reply(line).encode()
        return size

    def reply(self, line):
        """What the module says to a command line."""
        return self.answers.get(line) or _USUAL.get(line, "\r\nERROR\r\n")


def damaged(text):
    """A line with a byte of it lost, doubled or changed."""
    for i in range(len(text)):
        yield text[:i] + text[i + 1 :]
        yield text[:i] + text[i] + text[i:]
        for other in 'x9,"-':
            yield text[:i] + other + text[i + 1 :]
    for i in range(len(text)):
        yield text[i:]
        yield text[:i]


def survive(model, command, line, call):
    """`call(nic)` with each damage of the answer `line` to `command`."""
    for text in damaged(line):
        nic = connected(model, Answering({command: "\r\n" + text + "\r\n" + OK}))
        try:
            call(nic)
        except OSError:
            pass
        assert nic.command("AT") == []


def test_status():
    for command, line, name in (
        ("AT+CSQ", "+CSQ: 20,99", "rssi"),
        ("AT+CEREG?", '+CEREG: 2,5,"1848","0014B501",9', "registration"),
        ("AT+COPS?", '+COPS: 0,0,"Vodafone, IN",7', "operator"),
    ):
        survive("BG95S5", command, line, lambda nic: nic.status(name))


def test_netstat():
    line = '+QISTATE: 0,"TCP","192.0.2.1",80,0,2,1,0,0,"uart1"'
    survive("BG95S5", "AT+QISTATE?", line, lambda nic: nic.netstat())


def test_settings():
    for model, command, line, name in (
        ("BG95S5", 'AT+QICFG="recvind"', '+QICFG: "recvind",0', "recvind"),
        ("BG95S5", 'AT+QICFG="tcp/keepalive"', '+QICFG: "tcp/keepalive",1,2,30,3', "keepalive"),
        ("BG95S5", "AT+QIDNSCFG=1", '+QIDNSCFG: 1,"192.0.2.53","192.0.2.54"', "qidnscfg"),
        ("BG95S5", "AT+QICSGP=1", '+QICSGP: 1,"a","u","k",1', "qicsgp"),
        ("BG95S5", "AT+QIACT?", ADDRESS, "qiact"),
        ("BG95S5", "AT+QNTP?", '+QNTP: "192.0.2.2",123', "qntp"),
        ("BG95S5", "AT+CGSN=1", "+CGSN: 866425030000001", "imei"),
    ):
        survive(model, command, line, lambda nic: nic.config(name))


def test_last_error():
    line = "+QIGETERROR: 567,connection reset"
    survive("BG95S5", "AT+QIGETERROR", line, lambda nic: nic.error())
    script = [(">", "AT+QIACT?"), ("<", "ERROR"), (">", "AT+QIGETERROR")]
    script += [("<", "+QIGETERROR: 5v2, invalid parameters"), ("<", "OK")]
    error = raises(OSError, connected("BG95S5", ScriptedUART(script)).config, "qiact")
    assert error.args[0] == errno.EIO and error.code is None


def test_acknowledged_and_received():
    def call(nic):
        s = nic.socket()
        s.connect(("192.0.2.1", 80))
        s.acked()

    for text in damaged("+QISEND: 12,5,7"):
        answers = {
            'AT+QIOPEN=1,0,"TCP","192.0.2.1",80,0,0': OK + "\r\n+QIOPEN: 0,0\r\n",
            "AT+QISEND=0,0": "\r\n" + text + "\r\n" + OK,
        }
        nic = connected("BG95S5", Answering(answers))
        try:
            call(nic)
        except OSError:
            pass
        assert nic.command("AT") == []


def test_bring_up():
    usual = {
        "AT": OK,
        "ATE0": OK,
        "AT+CGMM": "\r\nBG95-S5\r\n" + OK,
        "AT+CFUN?": "\r\n+CFUN: 1\r\n" + OK,
        "AT+CFUN=1": OK,
        "AT+QISDE=0": OK,
        'AT+QICFG="dataformat",0,0': OK,
        'AT+QICFG="viewmode",0': OK,
        'AT+QICFG="recvind",0': OK,
        "AT+QISTATE?": '\r\n+QISTATE: 0,"TCP","192.0.2.1",80,0,2,1,0,0,"uart1"\r\n' + OK,
        "AT+QICLOSE=0": OK,
        "AT+CPIN?": "\r\n+CPIN: READY\r\n" + OK,
        "AT+CEREG?": "\r\n+CEREG: 0,1\r\n" + OK,
        "AT+QIACT?": "\r\n" + ADDRESS + "\r\n" + OK,
        "AT+QICSGP=1": '\r\n+QICSGP: 1,"apn","","",0\r\n' + OK,
        'AT+QICSGP=1,1,"apn","","",0': OK,
        "AT+QIACT=1": OK,
        "AT+QIDEACT=1": OK,
        "AT+QIGETERROR": "\r\n+QIGETERROR: 0, operate successfully\r\n" + OK,
    }
    import quectel

    for command in ("AT+CGMM", "AT+CFUN?", "AT+QISTATE?", "AT+CPIN?", "AT+CEREG?", "AT+QICSGP=1"):
        line = usual[command].strip().split("\r")[0]
        for i, text in enumerate(damaged(line)):
            if i % 5:
                continue
            answers = dict(usual)
            answers[command] = "\r\n" + text + "\r\n" + OK
            nic = quectel.BG95S5(Answering(answers))
            try:
                nic.active(True)
                nic.connect("apn")
                while nic.status() == nic.STAT_CONNECTING:
                    nic.module.wait()
            except OSError:
                pass
            assert nic.command("AT") == [], text


def test_a_damaged_number_is_none():
    values = []
    channel = at.Channel(Answering({"AT+X": '\r\n+X: 5v2, 12 ,"7",-,9"\r\n' + OK}))

    class Reads(at.Command):
        def line(self, channel):
            while not channel.at_end():
                values.append(channel.number())

    command = Reads(b"AT+X", 1000, b"+X: ")
    channel.start(command)
    while command.result == at.PENDING:
        channel.poll()
    assert values == [None, 12, 7, None, 9], values
    assert [answers.number(text) for text in ("", "-", "5v2", "12", "-3", "1 2")] == [
        None,
        None,
        None,
        12,
        -3,
        None,
    ]
    assert answers.fields('0, "a, b" ,"",7,"c') == ["0", "a, b", "", "7", "c"]


def test_a_space_behind_the_colon_may_be_missing():
    for line, call, value in (
        ("+CSQ:20,99", lambda nic: nic.status("rssi"), -73),
        ('+QISTATE:0,"UDP","192.0.2.1",7,0,2,1,0,0,"uart1"', lambda nic: nic.netstat()[0].id, 0),
        ("+QIGETERROR:567,connection reset", lambda nic: nic.error()[0], 567),
    ):
        command = "AT" + line.split(":")[0] + ("?" if "STATE" in line else "")
        nic = connected("BG95S5", Answering({command: "\r\n" + line + "\r\n" + OK}))
        assert call(nic) == value, line
    # The line may be as long as any, or nothing but its name.
    for text in ("+X:" + "y" * 500, "+X:"):
        nic = connected("BG95S5", Answering({"AT+X": "\r\n" + text + "\r\n" + OK}))
        (line,) = nic.command("AT+X")
        assert line.replace(" ", "")[:380] == text[: len(line)][:380], line


def test_a_space_that_is_missing_in_urcs():
    script = [
        (">", 'AT+QIOPEN=1,0,"TCP","h",80,0,0'),
        ("<", "OK"),
        ("!", "+QIOPEN:0,0"),
        ("!", '+QIURC:"recv",0'),
        (">", "AT+QIRD=0,1500"),
        ("<", "+QIRD:4"),
        ("<<", b"data"),
        ("<", "OK"),
        ("wait", 1),
        ("!", '+QIURC:"pdpdeact",1'),
        (">", "AT+QIDEACT=1"),
        ("<", "OK"),
    ]
    uart = ScriptedUART(script)
    nic = connected("BG95S5", uart)
    heard = []
    nic.on_urc('+QIURC: "pdp', heard.append)
    s = nic.socket()
    s.connect(("h", 80))
    assert s.recv(4) == b"data"
    while nic.isconnected():
        pass
    for _ in range(100):
        nic.poll()
    assert len(heard) == 1 and uart.done()


def test_a_space_that_is_missing_before_data_in_the_same_line():
    for space in ("", " "):
        script = [(">", 'AT+QICFG="viewmode",1'), ("<", "OK")]
        script += [(">", 'AT+QIOPEN=1,0,"TCP","h",80,0,1'), ("<", "OK"), ("!", "+QIOPEN: 0,0")]
        script += [("<raw", b'\r\n+QIURC:%s"recv",0,4,1,\r\n\r\n' % space.encode())]
        script += [(">", "AT+QISWTMD=0,0"), ("<", "OK"), (">", "AT+QIRD=0,1500")]
        script += [("<raw", b"\r\n+QIRD:%s4,a,\r\n\r\n\r\nOK\r\n" % space.encode())]
        uart = ScriptedUART(script)
        nic = connected("BG95S5", uart)
        nic.config(viewmode=1)
        s = nic.socket()
        s.setsockopt(nic.SOL_SOCKET, nic.SO_RCVBUF, 4096)
        s.setsockopt(nic.SOL_QUECTEL, nic.ACCESS_MODE, nic.PUSH)
        s.connect(("h", 80))
        assert s.recv(4) == b"1,\r\n"
        s.setsockopt(nic.SOL_QUECTEL, nic.ACCESS_MODE, nic.BUFFER)
        assert s.recv(4) == b"a,\r\n"
