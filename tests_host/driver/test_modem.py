"""The network interface: power-up, bring-up after the seed's Figure 1, settings, status."""

import errno

import virtual_time
import quectel
from scripted import ScriptedUART, connected, raises, variants

READY = [
    (">", "ATE0"),
    ("<", "OK"),
    (">", "AT+CGMM"),
    ("<", "BG95-S5"),
    ("<", "OK"),
    (">", "AT+CFUN?"),
    ("<", "+CFUN: 1"),
    ("<", "OK"),
    (">", 'AT+QURCCFG="urcport"'),
    ("<", "ERROR"),
    (">", "AT+QISDE=0"),
    ("<", "OK"),
    (">", 'AT+QICFG="dataformat",0,0'),
    ("<", "OK"),
    (">", 'AT+QICFG="viewmode",0'),
    ("<", "OK"),
    (">", 'AT+QICFG="recvind",0'),
    ("<", "OK"),
    (">", "AT+QISTATE?"),
    ("<", "OK"),
]
AT = [(">", "AT"), ("<", "OK")]
# What the channel asks when an answer may still be under way
PROBE = [(">", "AT+QIGETERROR"), ("<", "+QIGETERROR: 0, operate successfully"), ("<", "OK")]
SIM = [(">", "AT+CPIN?"), ("<", "+CPIN: READY"), ("<", "OK")]
REGISTERED = [(">", "AT+CEREG?"), ("<", "+CEREG: 0,1"), ("<", "OK")]
INACTIVE = [(">", "AT+QIACT?"), ("<", "OK")]
CONFIGURE = [(">", 'AT+QICSGP=1,1,"apn","me","pw",3'), ("<", "OK")]
ACTIVATE = [(">", "AT+QIACT=1"), ("<", "OK")]
DEACTIVATE = [(">", "AT+QIDEACT=1"), ("<", "OK")]
ADDRESS = [(">", "AT+QIACT?"), ("<", '+QIACT: 1,1,1,"10.0.0.7"'), ("<", "OK")]
LAST_ERROR = [(">", "AT+QIGETERROR"), ("<", "+QIGETERROR: 561, activate pdp context failed")]
LAST_ERROR += [("<", "OK")]


class Pin:
    """Remembers when it was driven."""

    def __init__(self):
        self.history = []

    def value(self, level):
        self.history.append((virtual_time.clock.elapsed_ms(), level))


def fresh(script, **options):
    uart = ScriptedUART(script, echo=options.pop("echo", False))
    return uart, quectel.BG95S5(uart, **options)


def step_until(nic, state):
    for _ in range(1000000):
        if nic.status() == state:
            return
        virtual_time.clock.nap_ms(5)
    raise AssertionError("still %d" % nic.status())


def test_power_up_and_connect():
    def program(uart):
        nic = quectel.BG95S5(uart)
        assert nic.active() is False
        nic.active(True)
        nic.connect("apn", "me", "pw")
        assert nic.status() == nic.STAT_CONNECTING
        step_until(nic, nic.STAT_GOT_IP)
        return nic.active(), nic.isconnected(), nic.ipconfig("addr4")

    script = AT + READY + SIM + REGISTERED + INACTIVE + CONFIGURE + ACTIVATE + ADDRESS
    expected = (True, True, ("10.0.0.7", "255.255.255.255"))
    assert variants(script, program) == expected


def test_connect_returns_at_once_and_sends_nothing_yet():
    uart, nic = fresh(AT + READY + SIM)
    nic.active(True)
    before = len(uart.log)
    nic.connect("apn")
    assert len(uart.log) == before


def test_no_answer_is_told_in_time():
    class Dead(ScriptedUART):
        def write(self, buf, offset, size):
            return size

    nic = quectel.BG95S5(Dead([]))
    start = virtual_time.clock.elapsed_ms()
    error = raises(OSError, nic.active, True)
    assert error.args[0] == errno.ETIMEDOUT and "BG95S5" in str(error)
    assert virtual_time.clock.elapsed_ms() - start < 40000
    assert not nic.active()


def test_garbage_is_no_answer():
    class Babble(ScriptedUART):
        def any(self):
            return 7

        def readinto(self, buf, nbytes=None):
            virtual_time.clock.sleep_ms(1)  # that is what three bytes take
            buf[0:3] = b"\xff\x00\r"
            return 3

        def write(self, buf, offset, size):
            virtual_time.clock.sleep_ms(1)
            return size

    nic = quectel.BG95S5(Babble([]))
    assert raises(OSError, nic.active, True).args[0] == errno.ETIMEDOUT


def test_another_model():
    _, nic = fresh(AT + READY[:2] + [(">", "AT+CGMM"), ("<", "BC20"), ("<", "OK")])
    error = raises(OSError, nic.active, True)
    assert error.args[0] == errno.ENODEV and "BC20" in str(error) and "BG95S5" in str(error)


class Booting(ScriptedUART):
    """Deaf until PWRKEY was pressed for long enough and the boot is over."""

    def __init__(self, script, pin):
        super().__init__(script)
        self.pin = pin
        self.deaf = True

    def step(self):
        if getattr(self, "deaf", True):
            history = getattr(self, "pin", Pin()).history
            if len(history) < 2 or virtual_time.clock.elapsed_ms() < history[1][0] + 4000:
                return
            self.deaf = False
        super().step()

    def write(self, buf, offset, size):
        self.step()
        return size if self.deaf else super().write(buf, offset, size)


def test_pwrkey_is_pressed_if_there_is_no_answer():
    pin = Pin()
    uart = Booting([("!", "RDY"), ("!", "APP RDY")] + AT + READY, pin)
    nic = quectel.BG95S5(uart, pwrkey=pin)
    assert nic.active(True)
    (pressed, down), (released, up) = pin.history
    assert (down, up) == (1, 0) and released - pressed >= nic.PWRKEY_MS
    assert uart.done()


def test_sockets_of_an_earlier_program_are_closed():
    script = AT + READY[:-1]
    for i in (3, 11):
        script.append(("<", '+QISTATE: %d,"TCP","192.0.2.2",80,1,2,1,0,0,"uart1"' % i))
    script.append(("<", "OK"))
    for i in (3, 11):
        script += [(">", "AT+QICLOSE=%d" % i), ("<", "OK")]
    uart, nic = fresh(script, echo=True)
    nic.active(True)
    assert uart.done()


class Prompting(ScriptedUART):
    """Waits for 1000 bytes of data that an earlier program owes."""

    owed = 1000

    def write(self, buf, offset, size):
        taken = min(self.owed, size)
        self.owed -= taken
        if taken and not self.owed:
            self._line.extend(b"\r\nSEND OK\r\n")
        if size > taken and buf[offset + taken] == 13:
            return size  # CRs alone mean nothing
        return size if taken == size else super().write(buf, offset + taken, size - taken)


def test_a_module_in_the_middle_of_a_prompt_is_woken():
    nic = quectel.BG95S5(Prompting(AT + PROBE + READY))
    assert nic.active(True)


def no_sim(*lines):
    class NoSIM(ScriptedUART):
        asked = 0

        def write(self, buf, offset, size):
            text = bytes(buf[offset : offset + size])
            if text == b"AT+CPIN?\r":
                self.asked += 1
                for line in lines:
                    self._line.extend(b"\r\n" + line + b"\r\n")
                return size
            return super().write(buf, offset, size)

    uart = NoSIM(AT + READY)
    nic = quectel.BG95S5(uart)
    nic.active(True)
    nic.connect("apn")
    start = virtual_time.clock.elapsed_ms()
    step_until(nic, nic.STAT_NO_SIM)
    return virtual_time.clock.elapsed_ms() - start, nic, uart


def test_no_sim_for_20_seconds():
    took, nic, uart = no_sim(b"+CME ERROR: 10")
    assert 20000 <= took < 22000 and uart.asked > 10
    assert nic.status("error").args[0] == errno.ENODEV and not nic.isconnected()


def test_a_locked_sim_is_told_at_once():
    took, nic, _ = no_sim(b"+CPIN: SIM PIN", b"OK")
    assert took < 1000 and "PIN" in str(nic.status("error"))


def test_no_registration_goes_on_after_60_seconds():
    class Searching(ScriptedUART):
        def write(self, buf, offset, size):
            text = bytes(buf[offset : offset + size])
            if text in (b"AT+CEREG?\r", b"AT+CGREG?\r"):
                self._line.extend(b"\r\n" + text[2:8] + b": 0,2\r\n\r\nOK\r\n")
                return size
            return super().write(buf, offset, size)

    uart = Searching(AT + READY + SIM + INACTIVE + CONFIGURE + ACTIVATE + ADDRESS)
    nic = quectel.BG95S5(uart)
    nic.active(True)
    start = virtual_time.clock.elapsed_ms()
    nic.connect("apn", "me", "pw")
    step_until(nic, nic.STAT_GOT_IP)
    assert 60000 <= virtual_time.clock.elapsed_ms() - start < 63000 and uart.done()


def test_roaming_on_the_other_registration():
    script = [(">", "AT+CEREG?"), ("<", "+CEREG: 0,2"), ("<", "OK")]
    script += [(">", "AT+CGREG?"), ("<", "+CGREG: 0,5"), ("<", "OK")]
    uart, nic = fresh(AT + READY + SIM + script + ADDRESS)
    nic.active(True)
    nic.connect()  # the context of the module's own making is used as it is
    step_until(nic, nic.STAT_GOT_IP)
    assert uart.done()


def test_a_failed_activation_is_tried_three_times():
    failed = [(">", "AT+QIACT=1"), ("<", "ERROR")] + LAST_ERROR + DEACTIVATE
    script = AT + READY + SIM + REGISTERED + INACTIVE + CONFIGURE
    uart, nic = fresh(script + failed * 3)
    nic.active(True)
    nic.connect("apn", "me", "pw")
    step_until(nic, nic.STAT_CONNECT_FAIL)
    assert uart.done() and nic.status("error").code == 561
    uart, nic = fresh(script + failed * 2 + ACTIVATE + ADDRESS)
    nic.active(True)
    nic.connect("apn", "me", "pw")
    step_until(nic, nic.STAT_GOT_IP)
    assert uart.done()


def test_silence_at_activation_is_told_after_150_seconds():
    script = AT + READY + SIM + REGISTERED + INACTIVE + CONFIGURE
    _, nic = fresh(script + [(">", "AT+QIACT=1"), ("wait", 1000)])
    nic.active(True)
    nic.connect("apn", "me", "pw")
    start = virtual_time.clock.elapsed_ms()
    step_until(nic, nic.STAT_CONNECT_FAIL)
    assert 150000 <= virtual_time.clock.elapsed_ms() - start < 152000


def test_an_active_context_is_kept_if_it_is_the_same():
    same = [(">", "AT+QICSGP=1"), ("<", '+QICSGP: 1,"apn","me","pw",3'), ("<", "OK")]
    other = [(">", "AT+QICSGP=1"), ("<", '+QICSGP: 1,"old","","",0'), ("<", "OK")]
    before = AT + READY + SIM + REGISTERED + ADDRESS
    for script in (before + same, before + other + DEACTIVATE + CONFIGURE + ACTIVATE + ADDRESS):
        uart, nic = fresh(script)
        nic.active(True)
        nic.connect("apn", "me", "pw")
        step_until(nic, nic.STAT_GOT_IP)
        assert uart.done()


def test_a_reboot_while_connecting_is_begun_again():
    up = AT + READY + SIM + REGISTERED + INACTIVE + CONFIGURE + ACTIVATE + ADDRESS
    early = AT + READY + SIM + [(">", "AT+CEREG?"), ("!", "RDY")]
    # Together with the last answer: the program has not seen that it was connected.
    late = up[:-1] + [("<raw", b"\r\nOK\r\n\r\nRDY\r\n")]
    for script in (early, late):
        uart, nic = fresh(script + up)
        nic.active(True)
        nic.connect("apn", "me", "pw")
        while not nic.isconnected():
            virtual_time.clock.nap_ms(5)
        assert uart.done()


def test_a_reboot_after_the_program_was_told_is_left_to_it():
    up = AT + READY + SIM + REGISTERED + INACTIVE + CONFIGURE + ACTIVATE + ADDRESS
    uart, nic = fresh(up + [("wait", 1), ("!", "RDY")] + up)
    nic.active(True)
    nic.connect("apn", "me", "pw")
    step_until(nic, nic.STAT_GOT_IP)
    virtual_time.clock.sleep_ms(1000)
    step_until(nic, nic.STAT_IDLE)
    nic.connect("apn", "me", "pw")
    step_until(nic, nic.STAT_GOT_IP)
    assert uart.done()


def test_refused_arguments_send_nothing():
    uart = ScriptedUART([])
    nic = connected("BG95S5", uart)
    for bad in ('a"b', "a\rb", "a\nb", "a\x1ab"):
        for args in ((bad,), ("apn", bad, "k"), ("apn", "u", bad)):
            error = raises(ValueError, nic.connect, *args)
            assert bad not in str(error)
        raises(ValueError, nic.resolve, bad)
        raises(ValueError, nic.config, apn=bad)
    raises(ValueError, nic.connect, "apn", "u" * 129, "k")
    assert "1 to 16" in str(raises(ValueError, quectel.BG95S5, uart, cid=17))
    assert "1 to 16" in str(raises(ValueError, quectel.BG95S5, uart, cid=0))
    raises(ValueError, nic.command, "AT\rAT")
    raises(ValueError, nic.config, **{"tcp/retranscfg": (2, 600)})
    raises(ValueError, nic.config, 'nothing"')
    raises(ValueError, nic.config, keepalive=(0, 30, 3))
    assert uart.done() and not uart.log


def test_connect_before_active():
    _, nic = fresh([])
    assert raises(OSError, nic.connect, "apn").args[0] == errno.ENODEV


def test_status_and_config():
    script = [
        (">", "AT+CSQ"),
        ("<", "+CSQ: 20,99"),
        ("<", "OK"),
        (">", "AT+CSQ"),
        ("<", "+CSQ: 99,99"),
        ("<", "OK"),
        (">", "AT+COPS?"),
        ("<", '+COPS: 0,0,"Some Net",8'),
        ("<", "OK"),
        (">", "AT+CEREG?"),
        ("<", "+CEREG: 0,5"),
        ("<", "OK"),
        (">", "AT+CGSN=1"),
        ("<", "+CGSN: 861234050000015"),
        ("<", "OK"),
        (">", "AT+QCCID"),
        ("<", "+QCCID: 89860000000000000001"),
        ("<", "OK"),
        (">", 'AT+QICFG="tcp/retranscfg"'),
        ("<", '+QICFG: "tcp/retranscfg",12,600'),
        ("<", "OK"),
        (">", 'AT+QICFG="transpktsize",1400'),
        ("<", "OK"),
        (">", 'AT+QICFG="tcp/keepalive",1,2,30,3'),
        ("<", "OK"),
        (">", 'AT+QICFG="tcp/keepalive"'),
        ("<", '+QICFG: "tcp/keepalive",1,2,30,3'),
        ("<", "OK"),
        (">", 'AT+QICFG="tcp/keepalive",0'),
        ("<", "OK"),
        (">", "AT+QIDNSCFG=1"),
        ("<", '+QIDNSCFG: 1,"192.0.2.53","192.0.2.54"'),
        ("<", "OK"),
        (">", 'AT+QIDNSCFG=1,"192.0.2.55"'),
        ("<", "OK"),
    ]

    def program(uart):
        nic = connected("BG95S5", uart)
        seen = [nic.status("rssi"), nic.status("rssi"), nic.status("operator")]
        seen += [nic.status("registration"), nic.config("imei"), nic.config("iccid")]
        seen.append(nic.config("tcp/retranscfg"))
        nic.config(transpktsize=1400)
        nic.config(keepalive=(90, 30, 3))  # 90 s: the module counts minutes
        seen.append(nic.config("keepalive"))
        nic.config(keepalive=None)
        seen.append(nic.ipconfig("dns"))
        nic.ipconfig(dns="192.0.2.55")
        return seen

    assert variants(script, program) == [
        -73,
        None,
        "Some Net",
        5,
        "861234050000015",
        "89860000000000000001",
        (12, 600),
        (120, 30, 3),
        "192.0.2.53",
    ]


def test_resolve():
    script = [
        (">", 'AT+QIDNSGIP=1,"two.example"'),
        ("<", "OK"),
        ("!", '+QIURC: "dnsgip",0,2,600'),
        ("!", '+QIURC: "dnsgip","192.0.2.1"'),
        ("!", '+QIURC: "dnsgip","192.0.2.2"'),
        (">", 'AT+QIDNSGIP=1,"none.example"'),
        ("<", "OK"),
        ("!", '+QIURC: "dnsgip",565'),
    ]

    def program(uart):
        nic = connected("BG95S5", uart)
        seen = [nic.resolve("two.example")]
        seen.append(raises(OSError, nic.resolve, "none.example").code)
        return seen

    assert variants(script, program) == [["192.0.2.1", "192.0.2.2"], 565]


def test_getaddrinfo_asks_nothing():
    uart = ScriptedUART([])
    nic = connected("BG95S5", uart)
    (entry,) = nic.getaddrinfo("example.com", 80)
    assert entry[-1] == ("example.com", 80) and not uart.log


def test_urc_callbacks_may_use_the_interface():
    script = [("!", "+CEREG: 5"), (">", "AT+CSQ"), ("<", "+CSQ: 20,99"), ("<", "OK")]
    uart = ScriptedUART(script)
    nic = connected("BG95S5", uart)
    seen = []

    def callback(line):
        seen.append(line)
        seen.append(nic.command("AT+CSQ"))
        raise RuntimeError("a callback's error stays its own")

    nic.on_urc("+CEREG", callback)
    for _ in range(20):
        nic.poll()
    assert seen == ["+CEREG: 5", ["+CSQ: 20,99"]] and uart.done()


def test_secrets_in_no_trace_and_no_error():
    lines = []
    script = AT + READY + SIM + REGISTERED + INACTIVE
    script += [(">", 'AT+QICSGP=1,1,"apn","someuser","somekey",3'), ("<", "ERROR")]
    script += [(">", "AT+QIGETERROR"), ("<", "+QIGETERROR: 552, invalid parameters"), ("<", "OK")]
    uart = ScriptedUART(script, echo=True)
    nic = quectel.BG95S5(uart, trace=lines.append)
    nic.active(True)
    nic.connect("apn", "someuser", "somekey")
    step_until(nic, nic.STAT_CONNECT_FAIL)
    text = "\n".join(lines) + str(nic.status("error"))
    assert "someuser" not in text and "somekey" not in text, text
    assert nic.status("error").code == 552


def test_detect():
    uart = ScriptedUART(AT + [(">", "AT+CGMM"), ("<", "BG95-S5"), ("<", "OK")] + AT + READY)
    nic = quectel.detect(uart)
    assert type(nic) is quectel.BG95S5 and nic.active() and uart.done()
    uart = ScriptedUART(AT + [(">", "AT+CGMM"), ("<", "EC200"), ("<", "OK")])
    assert raises(OSError, quectel.detect, uart).args[0] == errno.ENODEV


def test_switching_off():
    script = (
        AT + READY + SIM + REGISTERED + ADDRESS + DEACTIVATE + [(">", "AT+CFUN=0"), ("<", "OK")]
    )
    uart, nic = fresh(script)
    nic.active(True)
    nic.connect()
    step_until(nic, nic.STAT_GOT_IP)
    nic.active(False)
    assert not nic.active() and not nic.isconnected() and uart.done()


def test_unknown_names():
    raises(AttributeError, lambda: quectel.BG96)
    assert quectel.__version__


def test_disconnect_stops_a_connect_that_is_under_way():
    searching = [(">", "AT+CEREG?"), ("<", "+CEREG: 0,2"), ("<", "OK")]
    searching += [(">", "AT+CGREG?"), ("<", "+CGREG: 0,2"), ("<", "OK")]
    uart, nic = fresh(AT + READY + SIM + searching + DEACTIVATE)
    nic.active(True)
    nic.connect("apn")
    while len(uart.script) > 2:
        nic.poll()
    nic.disconnect()
    assert uart.done() and nic.status() == nic.STAT_IDLE
    virtual_time.clock.sleep_ms(10000)
    assert not nic.isconnected() and uart.done()  # nothing more was asked


def test_disconnect_in_the_middle_of_the_activation():
    refused = [(">", "AT+QIDEACT=1"), ("<", "ERROR")]
    script = AT + READY + SIM + REGISTERED + INACTIVE + CONFIGURE
    uart, nic = fresh(script + [(">", "AT+QIACT=1"), ("wait", 20), ("<", "OK")] + refused)
    nic.active(True)
    nic.connect("apn", "me", "pw")
    while uart.script[0][0] != "wait":
        nic.poll()
    nic.disconnect()
    assert uart.done() and not nic.isconnected()


def test_a_connect_after_a_disconnect_that_stopped_one():
    slow = SIM[:1] + [("wait", 1)] + SIM[1:]
    again = DEACTIVATE + SIM + REGISTERED + INACTIVE + CONFIGURE + ACTIVATE + ADDRESS
    uart, nic = fresh(AT + READY + slow + again)
    nic.active(True)
    nic.connect("apn", "me", "pw")
    while uart.script[0][0] != "wait":
        nic.poll()
    nic.disconnect()
    nic.connect("apn", "me", "pw")
    step_until(nic, nic.STAT_GOT_IP)
    assert uart.done()
