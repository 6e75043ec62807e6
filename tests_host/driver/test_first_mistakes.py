"""What a program is told of the mistakes of the first day: wrong arguments, a line on which
nothing or the wrong thing comes, a SIM, an access point, a host."""

import errno

import virtual_time
import quectel
from quectel import errors
from scripted import ScriptedUART, connected, raises

MODELS = "BG95S5 RM500U BC95GR BC92 BC20 BC25".split()


class Pin:
    def __init__(self):
        self.levels = []

    def value(self, level):
        self.levels.append(level)


def test_what_is_no_uart():
    for uart, kind in ((1, "int"), (None, "None"), ("/dev/ttyUSB0", "str"), (Pin(), "Pin")):
        text = "uart must be a UART, as machine.UART(1, 115200), not " + kind
        for make in (quectel.BG95S5, quectel.BC95GR, quectel.BC20, quectel.detect):
            assert str(raises(TypeError, make, uart)) == text


def test_what_is_no_pin_object():
    for name in ("pwrkey", "reset", "dtr", "psm_eint"):
        text = name + " must be a Pin, as machine.Pin(14), not int"
        for make in (quectel.BG95S5, quectel.detect):
            assert str(raises(TypeError, make, ScriptedUART([]), **{name: 14})) == text
            assert str(raises(TypeError, make, ScriptedUART([]), **{name: 0})) == text
        quectel.BG95S5(ScriptedUART([]), **{name: Pin()})


def test_a_trace_that_cannot_be_called():
    error = raises(TypeError, quectel.BG95S5, ScriptedUART([]), trace=True)
    assert str(error) == "trace must be a function, as print, not bool"
    quectel.BG95S5(ScriptedUART([]), trace=[].append)


def test_a_class_that_there_is_not():
    every = "BC65 BC92 BC95GR BC20 BG95S5 BC25 BC32 RG200U RG500U RM500U"
    for name in ("BG95", "BC95", "RM500", "BC660K", "EC25"):
        error = raises(AttributeError, getattr, quectel, name)
        assert str(error) == name + " is none of " + every
    assert str(raises(AttributeError, getattr, quectel, "bc95_gr")) == "bc95_gr"


class Line(ScriptedUART):
    """There is no module: `reply(data)` gives what comes on the line when `data` is sent."""

    def __init__(self, reply):
        super().__init__([])
        self.reply = reply

    def write(self, buf, offset, size):
        virtual_time.clock.idle = False
        self._line.extend(self.reply(bytes(buf[offset : offset + size])))
        return size


def unheard(reply, model="BG95S5", **pins):
    """(the words, seconds until they came) of a module on such a line."""
    uart = Line(reply)
    start = virtual_time.clock.elapsed_ms()
    if model is None:
        error = raises(OSError, quectel.detect, uart, **pins)
        model = "the module"
    else:
        nic = getattr(quectel, model)(uart, **pins)
        error = raises(OSError, nic.active, True)
        assert nic.channel.uart is uart and not nic.active()
    assert error.args[0] == errno.ETIMEDOUT and error.code is None
    before = model + " does not answer: "
    assert error.args[1].startswith(before), error
    return error.args[1][len(before) :], (virtual_time.clock.elapsed_ms() - start) // 1000


SILENT = (
    "nothing came in %d s. Look at power, PWRKEY and GND, whether TX and RX are crossed, and at "
    "the baud rate"
)


def test_a_line_on_which_nothing_comes():
    def silence(data):
        return b""

    for model in MODELS + [None]:
        assert unheard(silence, model) == (SILENT % 20, 20), model
    # What the first press may have switched off the second one switches on again.
    for pins, most, levels in (
        ({"pwrkey": Pin()}, 48, [1, 0, 1, 0]),
        ({"reset": Pin()}, 40, [1, 0]),
    ):
        text, took = unheard(silence, **pins)
        assert text == SILENT % took and took == most, (text, took)
        assert [pin.levels for pin in pins.values()] == [levels]


def test_noise_behind_pwrkey_is_no_verdict():
    def starting(data):
        if not pin.levels:
            return b""
        asked.append(data)
        return b"\xff\x00\x80" if len(asked) < 10 else b"\r\nOK\r\n"

    asked = []
    pin = Pin()
    error = raises(OSError, quectel.BG95S5(Line(starting), pwrkey=pin).active, True)
    assert len(asked) >= 10 and pin.levels == [1, 0] and "does not answer" not in error.args[1]


def test_how_long_a_module_may_take_is_the_programs():
    nic = quectel.BG95S5(Line(lambda data: b""))
    nic.BOOT_MS = 3000
    assert (SILENT % 3) in raises(OSError, nic.active, True).args[1]


def test_what_is_sent_comes_back():
    # Known before PWRKEY is pressed, which would switch off a module that is on.
    for model in MODELS + [None]:
        pin = Pin()
        text, took = unheard(lambda data: data, model, pwrkey=pin)
        head, _, tail = text.partition(",")
        assert head == "all that was sent came back"
        count, _, tail = tail.strip().partition(" ")
        assert int(count) > 500 and tail == "bytes. Is TX wired to RX?"
        assert 5 <= took <= 7 and pin.levels == [], (took, pin.levels)
    assert unheard(lambda data: data, reset=Pin())[1] == 40  # all is tried that there is


def test_bytes_that_are_no_text():
    # As a line at another baud rate looks: after each question, or when the module starts.
    garbage = b"\x98\xe6\x00f\xf8~\x80"

    def answered(data):
        return garbage if data[-1:] == b"\r" else b""

    for model in MODELS + [None]:
        pin = Pin()
        text, took = unheard(answered, model, pwrkey=pin)
        count, _, tail = text.partition(" ")
        assert tail == "bytes came, none readable. Look at the baud rate"
        assert int(count) % len(garbage) == 0 and int(count) > 0
        assert 5 <= took <= 7 and pin.levels == [], (took, pin.levels)

    def once(data):
        noise.extend(garbage)
        return garbage if len(noise) == len(garbage) else b""

    noise = bytearray()
    text, took = unheard(once)
    assert text == "7 bytes came, none readable. Look at the baud rate" and took == 20


def test_text_that_is_no_answer():
    def told(data):
        lines.append(0)
        return b"\r\nRDY\r\n\r\nAPP RDY\r\n" if len(lines) == 1 else b""

    lines = []
    text, took = unheard(told)
    assert text == "2 lines came, none says OK. Look at the wire from TX, and at RTS/CTS"
    assert took == 20
    # A module that starts may say much, and answer then.
    text, took = unheard(lambda data: b"\r\n+QIND: SMS DONE\r\n")
    assert int(text.split(" ")[0]) > 20 and took == 20, (text, took)


def test_noise_before_an_answer_is_no_verdict():
    # What starts makes noise; the baud rate is right.
    def starting(data):
        asked.append(data)
        noise = b"\xff\x00\x80" if len(asked) < 3 or len(asked) in (12, 13) else b""
        return noise if len(asked) < 20 else b"\r\nOK\r\n"

    asked = []
    uart = Line(starting)
    error = raises(OSError, quectel.BG95S5(uart).active, True)
    assert len(asked) >= 20 and "does not answer" not in error.args[1]


class Answering(ScriptedUART):
    """Answers each command by how it begins: the last of `answers`, (beginning, lines), that
    fits, else OK."""

    def __init__(self, *answers):
        super().__init__([])
        self.answers = answers
        self.asked = []
        self._got = bytearray()

    def write(self, buf, offset, size):
        virtual_time.clock.idle = False
        for byte in bytes(buf[offset : offset + size]):
            if byte != 13:
                self._got.append(byte)
                continue
            line = self._got.decode()
            self._got = bytearray()
            self.asked.append(line)
            lines = ["OK"]
            for beginning, told in self.answers:
                if line.startswith(beginning):
                    lines = told
            for told in lines:
                self._line.extend(b"\r\n" + told.encode() + b"\r\n")
        return size


CLOSED = ("AT+QICLOSE", ["OK", "CLOSE OK"])
HOST, PORT = "host.example", 8080


def told(error, number, text, code, *place):
    assert error.args == (number, text) + place, error.args
    assert isinstance(error, errors.Error) and error.code == code, error.code
    assert error.args[0] == number and text in str(error)


def unopened(model, code):
    s = connected(model, Answering(CLOSED, ("AT+QIOPEN", ["OK", "+QIOPEN: 0,%d" % code]))).socket()
    return raises(OSError, s.connect, (HOST, PORT))


NO_NAME = 'no address for the name host.example. Look at it, and at nic.ipconfig("dns")'


def test_a_connection_that_is_not_opened():
    place = HOST, PORT
    for model in MODELS:
        text = "refused by host.example:8080, or it cannot be reached. Does a server listen there?"
        told(unopened(model, 566), errno.ECONNREFUSED, text, 566, *place)
        text = "no answer from host.example:8080. Look at host and port, and at firewalls"
        told(unopened(model, 569), errno.ETIMEDOUT, text, 569, *place)
        told(unopened(model, 565), errno.EHOSTUNREACH, NO_NAME, 565, *place)
        text = "connect to host.example:8080: error 553 of the module"
        told(unopened(model, 553), errno.ENOMEM, text, 553, *place)


def test_a_connection_that_is_refused_at_once():
    text = "refused by host.example:8080, or it cannot be reached. Does a server listen there?"
    for model in MODELS:
        last = ("AT+QIGETERROR", ["+QIGETERROR: 566,connect failed", "OK"])
        uart = Answering(CLOSED, ("AT+QIOPEN", ["ERROR"]), last)
        error = raises(OSError, connected(model, uart).socket().connect, (HOST, PORT))
        told(error, errno.ECONNREFUSED, text, 566, HOST, PORT)
        uart.answers = CLOSED, ("AT+QIOPEN", ["+CME ERROR: 3"])
        error = raises(OSError, connected(model, uart).socket().connect, (HOST, PORT))
        told(error, errno.EIO, "connect to host.example:8080: refused", 3, HOST, PORT)


def test_a_connection_of_which_nothing_is_heard():
    text = "no answer from host.example:8080. Look at host and port, and at firewalls"
    for model in MODELS:
        s = connected(model, Answering(CLOSED)).socket()
        told(raises(OSError, s.connect, (HOST, PORT)), errno.ETIMEDOUT, text, 569, HOST, PORT)


def test_a_socket_that_does_not_wait_is_told_as_well():
    uart = Answering(CLOSED, ("AT+QIOPEN", ["OK", "+QIOPEN: 0,566"]))
    s = connected("BG95S5", uart).socket()
    s.setblocking(False)
    assert raises(OSError, s.connect, (HOST, PORT)).args[0] == errno.EINPROGRESS
    while not s.ioctl(3, 4):
        virtual_time.clock.nap_ms(5)
    assert raises(OSError, s.send, b"x").args[2:] == (HOST, PORT)


def test_a_name_that_is_not_found():
    for model in MODELS:
        if model == "RM500U":
            uart = Answering(("AT+QPING", ["OK", "+QPING: 565"]))
        else:
            uart = Answering(("AT+QIDNSGIP", ["OK", '+QIURC: "dnsgip",565']))
        error = raises(OSError, connected(model, uart).resolve, HOST)
        told(error, errno.EHOSTUNREACH, NO_NAME, 565, HOST)


def test_a_name_that_is_not_found_by_ping_and_ntp():
    for model, lines in (
        ("BG95S5", ["+QPING: 565", "+QNTP: 565"]),
        ("RM500U", ["+QPING: 565"]),
        ("BC95GR", ["+QPING: 4", "+QNTP: 4"]),
        ("BC20", ["+QPING: 565", "+QNTP: 565"]),
        ("BC25", ["+QPING: 4", "+QNTP: 565"]),
    ):
        code = int(lines[0].split(" ")[1])
        nic = connected(model, Answering(("AT+QPING", ["OK", lines[0]])))
        told(raises(OSError, nic.ping, HOST), errno.EHOSTUNREACH, NO_NAME, code, HOST)
        error = raises(OSError, nic.ping, "192.0.2.1")
        assert error.args[2:] == ("192.0.2.1",) and "no address" not in error.args[1]
        for line in lines[1:]:
            code = int(line.split(" ")[1])
            nic = connected(model, Answering(("AT+QNTP", ["OK", line])))
            told(raises(OSError, nic.ntp, HOST), errno.EHOSTUNREACH, NO_NAME, code, HOST, 123)


def failed(model, *answers):
    """Why the interface could not be connected, on such a module."""
    nic = getattr(quectel, model)(Answering(*answers))
    nic.module.active = nic.module.ready = True
    nic.connect("apn", *(("me", "s3cr3t") if nic.dialect.PDP else ()))
    while nic.status() == nic.STAT_CONNECTING:
        virtual_time.clock.nap_ms(50)
    return nic.status(), nic.status("error")


def test_a_sim_that_is_not_ready():
    for model in MODELS:
        status, error = failed(model, ("AT+CPIN?", ["+CME ERROR: 10"]))
        assert status == quectel.BG95S5.STAT_NO_SIM
        told(error, errno.ENODEV, "no SIM in 20 s. Look at the card and its holder", 10)
        text = "the SIM asks for its PIN. Give pin=, or call nic.unlock(pin)"
        status, error = failed(model, ("AT+CPIN?", ["+CPIN: SIM PIN", "OK"]))
        assert status == quectel.BG95S5.STAT_NO_SIM
        told(error, errno.ENODEV, text, None)
        text = "the SIM asks for its PUK: three wrong PINs were given. Its operator has the PUK"
        told(failed(model, ("AT+CPIN?", ["+CPIN: SIM PUK", "OK"]))[1], errno.ENODEV, text, None)
        text = "the SIM asks for its PIN2"
        told(failed(model, ("AT+CPIN?", ["+CPIN: SIM PIN2", "OK"]))[1], errno.ENODEV, text, None)


REGISTERED = (
    ("AT+CPIN?", ["+CPIN: READY", "OK"]),
    ("AT+CEREG?", ["+CEREG: 0,1", "OK"]),
    ("AT+CGREG?", ["+CGREG: 0,1", "OK"]),
    ("AT+CGATT?", ["+CGATT: 1", "OK"]),
)
REFUSED = "registered, but the operator refused the access point. Look at apn, user and key"


def test_an_access_point_that_is_refused():
    last = ("AT+QIGETERROR", ["+QIGETERROR: 561,activate pdp context failed", "OK"])
    for model, answer, code in (
        ("BG95S5", [("AT+QIACT=", ["ERROR"]), last], 561),
        ("BG95S5", [("AT+QIACT=", ["+CME ERROR: 133"])], 133),
        ("RM500U", [("AT+QIACTEX=", ["OK", "+QIACTEX: 1,561"])], 561),
        ("RM500U", [("AT+QIACTEX=", ["+CME ERROR: 149"])], 149),
        ("BC95GR", [], None),
        ("BC92", [], None),
        ("BC20", [], None),
        ("BC25", [], None),
        ("BC25", [("AT+CGATT?", ["+CGATT: 0", "OK"])], None),
    ):
        status, error = failed(model, *(list(REGISTERED) + answer))
        assert status == quectel.BG95S5.STAT_CONNECT_FAIL
        told(error, errors.ENETUNREACH, REFUSED, code)
        assert "s3cr3t" not in str(error)


def test_a_second_access_point_that_is_refused():
    # NB-IoT modules: one besides that of the attachment is activated by AT+CGACT.
    nic = quectel.BC95GR(Answering(*REGISTERED, ("AT+CGACT=", ["+CME ERROR: 134"])))
    nic.module.active = nic.module.ready = True
    other = nic.context(2)
    other.connect("apn")
    while other.status() == nic.STAT_CONNECTING:
        virtual_time.clock.nap_ms(50)
    told(other.status("error"), errors.ENETUNREACH, REFUSED, 134)


def test_a_module_that_says_why_is_not_spoken_over():
    last = ("AT+QIGETERROR", ["+QIGETERROR: 568,operation busy", "OK"])
    error = failed("BG95S5", *(list(REGISTERED) + [("AT+QIACT=", ["ERROR"]), last]))[1]
    told(error, errors.EBUSY, "AT+QIACT: operation busy", 568)


def test_a_payload_that_stops():
    # The UART's buffer was full, and the rest of the answer is gone.
    for model in MODELS:
        most = getattr(quectel, model).DIALECT.READ_MAX
        s = connected(model, Stopping(most, 233), rxbuf=4096).socket()
        s.connect((HOST, PORT))
        start = virtual_time.clock.elapsed_ms()
        error = raises(OSError, s.recv, 4096)
        text = "a payload stopped at 233 of %d bytes. Look at the UART's rxbuf, and at RTS/CTS"
        told(error, errno.ECONNABORTED, text % most, None)
        assert 5000 <= virtual_time.clock.elapsed_ms() - start < 6000
        assert raises(OSError, s.recv, 1) is error


def test_two_threads():
    # One of them calls while the other one is inside.
    class Shared(Answering):
        nic = None

        def any(self):
            if self.nic is not None and self.asked:
                nic, self.nic = self.nic, None
                errors_seen.append(raises(OSError, nic.status))
                errors_seen.append(raises(OSError, nic.status, "rssi"))
            return super().any()

    errors_seen = []
    uart = Shared(("AT+CSQ", ["+CSQ: 20,99", "OK"]))
    uart.nic = nic = connected("BG95S5", uart)
    assert nic.status("rssi") == -73
    text = "two threads use one interface at once. Have one lock around its calls"
    for error in errors_seen:
        told(error, errors.EBUSY, text, None)
    assert len(errors_seen) == 2 and nic.status("rssi") == -73


def test_a_poll_that_was_interrupted_does_not_lock_the_next_one():
    class Interrupted(Answering):
        kinds = [KeyboardInterrupt, OSError]

        def any(self):
            if self.kinds and self.asked:
                raise self.kinds.pop()
            return super().any()

    nic = connected("BG95S5", Interrupted(("AT+CSQ", ["+CSQ: 20,99", "OK"])))
    raises(OSError, nic.status, "rssi")
    raises(KeyboardInterrupt, nic.status, "rssi")
    assert nic.status("rssi") == -73


def test_a_function_of_the_program_may_poll():
    nic = connected("BG95S5", Answering(("AT+CSQ", ["+CSQ: 20,99", "+QIND: SMS DONE", "OK"])))
    seen = []

    def heard(line):
        seen.append((line, nic.isconnected(), nic.command("AT")))

    nic.on_urc("+QIND", heard)
    nic.command("AT+CSQ")
    assert [line for line, _, _ in seen] == ["+QIND: SMS DONE"], seen


def test_what_stopped_before_is_not_told_again():
    uart = Stopping(1500, 233)
    nic = connected("BG95S5", uart, rxbuf=4096)
    for text in ("a payload stopped at 233 of 1500 bytes", "no answer: data may be lost"):
        s = nic.socket()
        s.connect((HOST, PORT))
        assert raises(OSError, s.recv, 4096).args[1].startswith(text)
        s.close()
        uart.count = 1500  # all of them, and no OK behind


class Stopping(Answering):
    """Tells of `most` bytes that were read, and sends `count` of them."""

    def __init__(self, most, count):
        super().__init__(
            CLOSED,
            ("AT+QIOPEN=", ["OK", "+QIOPEN: 0,0", '+QIURC: "recv",0']),
            ("AT+QIRD=0,%d" % most, ["+QIRD: %d" % most]),
            ("AT+QIGETERROR", ["+QIGETERROR: 0,operate successfully", "OK"]),
            ("AT+QIACT?", ['+QIACT: 1,1,1,"10.0.0.7"', "OK"]),
        )
        self.count = count

    def write(self, buf, offset, size):
        size = super().write(buf, offset, size)
        if self.asked and self.asked[-1].startswith("AT+QIRD") and self.count:
            self._line.extend(bytes(self.count))
            self.count = 0
        return size


def test_a_read_that_is_not_answered_at_all():
    uart = Answering(("AT+QIOPEN", ["OK", "+QIOPEN: 0,0", '+QIURC: "recv",0']), ("AT+QIRD", []))
    s = connected("BG95S5", uart).socket()
    s.connect((HOST, PORT))
    told(raises(OSError, s.recv, 9), errno.ECONNABORTED, "no answer: data may be lost", None)
