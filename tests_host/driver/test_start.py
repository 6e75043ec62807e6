"""A module that starts while it is asked, firmware that refuses what is new, and detect."""

import errno
import sys

import virtual_time
import quectel
from scripted import ScriptedUART, connected, raises
from test_garbled import Answering
from test_modem import AT, PROBE, READY, Booting, Pin, Prompting, step_until

OK = ("<", "OK")
CGMM = [(">", "AT+CGMM")]
BC95 = [(">", "ATE0"), OK] + CGMM + [("<", "BC95-GR"), OK]
BC95 += [(">", "AT+CFUN?"), ("<", "+CFUN: 1"), OK]
for line in ('"dataformat",0,0', '"viewmode",0', '"showlength",1'):
    BC95 += [(">", "AT+QICFG=" + line), OK]
BC95 += [(">", "AT+QSCLK?"), ("<", "ERROR"), (">", "AT+QISTATE?"), OK]
NEUL = [("<", "REBOOT_CAUSE_SECURITY_RESET_PIN"), ("<", "Neul"), OK]


def ready(name, script):
    uart = ScriptedUART(script)
    nic = getattr(quectel, name)(uart)
    nic.active(True)
    assert uart.done(), uart.script
    return nic


class Starting(Answering):
    """Starts by itself instead of the answer to the command of that number."""

    def __init__(self, script, number, text):
        super().__init__({})
        for i, (kind, what) in enumerate(script):
            if kind == ">":
                lines = []
                for kind, line in script[i + 1 :]:
                    if kind == ">":
                        break
                    lines.append("\r\n" + line + "\r\n")
                self.answers[what] = "".join(lines)
        self.number = number
        self.text = text

    def __repr__(self):
        return "Starting(rxbuf=2048)"

    def reply(self, line):
        if len(self.asked) == self.number:
            self.asked = ["start"]
            self.number = 0
            return self.text
        return super().reply(line)


def starts_at_any_time(name, script, text):
    # Whatever was set before must be set again.
    wanted = [what for kind, what in script if kind == ">"]
    for i in range(len(wanted)):
        uart = Starting(script, i + 2, text)
        nic = getattr(quectel, name)(uart)
        nic.active(True)
        assert nic.module.ready and uart.asked[0] == "start", i
        asked = [line for line in uart.asked if line in wanted]
        assert asked[-len(wanted) :] == wanted, (i, asked)


def test_text_of_a_start_at_any_time():
    lines = ["\r\n" + line + "\r\n" for _, line in NEUL]
    starts_at_any_time("BC95GR", BC95, "".join(lines))
    starts_at_any_time("BC95GR", BC95, "\r\nREBOOT_CAUSE_UNKNOWN\r\nNeul\r\nOK\r\n")


def test_rdy_at_any_time():
    starts_at_any_time("BG95S5", READY, "\r\nRDY\r\n")


def test_a_module_that_starts_again_and_again():
    uart = ScriptedUART((AT + READY[:3] + [("!", "RDY")]) * 9)
    error = raises(OSError, quectel.BG95S5(uart).active, True)
    assert error.args[0] == errno.ECONNABORTED


def test_what_else_comes_with_the_model():
    # An OK of another command, lines of the SIM: the model is asked for again.
    rest = READY[5:]
    for noise in (
        [OK],
        [("<", "+CPIN: READY")],
        [("<", "+QIND: SMS DONE"), OK] + CGMM,
        [("<", "SMS Ready"), ("<", "Call Ready"), OK] + CGMM,
    ):
        ready("BG95S5", AT + READY[:3] + noise + [("<", "BG95-S5"), OK] + rest)
    script = [("<", "+QIND: SMS DONE"), OK] + (CGMM + [("<", "+QIND: SMS DONE"), OK]) * 2
    uart = ScriptedUART(AT + READY[:3] + script)
    assert raises(OSError, quectel.BG95S5(uart).active, True).args[0] == errno.ENODEV
    assert uart.done()


def test_identities_among_other_lines():
    def read(model, script, key):
        uart = ScriptedUART(script)
        value = connected(model, uart).config(key)
        assert uart.done()
        return value

    iccid = "8986000000000000001F"
    for noise in (
        [],
        [OK],
        [("<", "+QIND: SMS DONE")],
        [("<", "+CPIN: READY"), ("<", "SMS Ready")],
    ):
        script = [(">", "AT+CGSN=1")] + noise + [("<", "+CGSN: 866425030000001"), OK]
        assert read("BG95S5", script, "imei") == "866425030000001"
        script = [(">", "AT+QCCID")] + noise + [("<", "+QCCID: " + iccid), OK]
        assert read("BG95S5", script, "iccid") == iccid
        script = [(">", "AT+CIMI")] + noise + [("<", "460001234567890"), OK]
        assert read("BG95S5", script, "imsi") == "460001234567890"
    refused = [(">", "AT+QCCID"), ("<", "ERROR"), (">", "AT+CCID"), ("<", "+CCID: " + iccid), OK]
    assert read("BG95S5", refused, "iccid") == iccid
    # AT+CGSN without the 1 gives some modules' serial number, which may be digits alone.
    for model in ("BC25", "BC95GR", "BC20", "BG95S5", "RM500U"):
        for answer in ('+CGSN: "866425030000001"', "+CGSN: 866425030000001", "866425030000001"):
            script = [(">", "AT+CGSN=1"), ("<", answer), OK]
            assert read(model, script, "imei") == "866425030000001"
        # Older firmware does not know the 1.
        for refusal in ("ERROR", "+CME ERROR: 50"):
            script = [(">", "AT+CGSN=1"), ("<", refusal), (">", "AT+CGSN")]
            script += [("<", "866425030000001"), OK]
            assert read(model, script, "imei") == "866425030000001"
    script = [(">", "AT+CGMR"), ("<", "+CPIN: READY"), ("<", "BG95M3LAR02A04"), OK]
    assert read("BG95S5", script, "firmware") == "BG95M3LAR02A04"
    script = [(">", "AT+CGSN=1"), ("<", "ERROR"), (">", "AT+CGSN"), ("<", "MPA19B"), OK]
    raises(OSError, read, "BC25", script, "imei")


def test_registration_in_its_long_forms():
    for lines, stat in (
        (["+CEREG: 3,5"], 5),
        (['+CEREG: 3,5,"1848","0014B501",9,0,15'], 5),
        (['+CEREG: 2,"1848","0014B501",9', "+CEREG: 2,1"], 1),
        (['+CEREG: 2,1,"1848","0014B501",9', '+CEREG: 2,"1848","0014B501",9'], 1),
        (["+CEREG: 5", "+CEREG: 1,1"], 1),
    ):
        script = [(">", "AT+CEREG?")] + [("<", line) for line in lines] + [OK]
        assert connected("BG95S5", ScriptedUART(script)).status("registration") == stat, lines


def settings(told, *others):
    """READY, where the last setting is refused and is told as `told` lines."""
    script = READY[:-3] + [("<", "ERROR"), (">", "AT+QIGETERROR")]
    script += [("<", "+QIGETERROR: 552, invalid parameters"), OK]
    return script + [(">", 'AT+QICFG="recvind"')] + told + list(others)


def test_a_setting_that_is_refused():
    # It has the value already, or the firmware does not know it and does as the default has it.
    rest = READY[-2:]
    for told in (
        [("<", '+QICFG: "recvind",0'), OK],
        [("<", '+QICFG:"recvind",0'), OK],
        [("<", "ERROR")],
        [OK],
    ):
        ready("BG95S5", AT + settings(told) + rest)
    uart = ScriptedUART(AT + settings([("<", '+QICFG: "recvind",1'), OK]))
    assert raises(OSError, quectel.BG95S5(uart).active, True).code == 552
    # The default is not what the driver needs.
    script = [(">", "AT+QISDE=0"), ("<", "ERROR"), (">", "AT+QIGETERROR")]
    script += [("<", "+QIGETERROR: 0, operate successfully"), OK, (">", "AT+QISDE?")]
    uart = ScriptedUART(AT + READY[:10] + script + [("<", "ERROR")])
    assert raises(OSError, quectel.BG95S5(uart).active, True).args[0] == errno.EIO
    told = [("<", "+QISDE: 0"), OK]
    ready("BG95S5", AT + READY[:10] + script + told + READY[12:])


def test_a_context_that_is_in_the_way():
    free = [(">", "AT+QIGETERROR"), ("<", "+QIGETERROR: 572, operation not allowed"), OK]
    free += [(">", "AT+CGACT?"), ("<", "+CGACT: 1,0"), ("<", "+CGACT: 3,1"), ("<", "+CGACT: 9,1")]
    free += [OK, (">", "AT+CGACT=0,9"), OK]
    script = [
        (">", "AT+CPIN?"),
        ("<", "+CPIN: READY"),
        OK,
        (">", "AT+CEREG?"),
        ("<", "+CEREG: 0,1"),
    ]
    script += [OK, (">", "AT+QIACT?"), OK, (">", "AT+QIACT=1"), ("<", "ERROR")] + free
    script += [(">", "AT+QIACT=1"), OK, (">", "AT+QIACT?"), ("<", '+QIACT: 1,1,1,"10.0.0.7"'), OK]
    uart = ScriptedUART(AT + READY + script)
    nic = quectel.BG95S5(uart)
    nic.active(True)
    other = nic.context(3)
    other.state = nic.STAT_GOT_IP  # that one is the program's own
    nic.connect()
    step_until(nic, nic.STAT_GOT_IP)
    assert uart.done()


def test_a_refusal_that_tcp_ip_knows_nothing_of():
    script = [(">", "AT+CPSMS=1"), ("<", "ERROR"), (">", "AT+QCFG=1"), ("<", "ERROR")]
    script += [(">", "at+qping=1"), ("<", "ERROR"), (">", "AT+QIGETERROR")]
    script += [("<", "+QIGETERROR: 565, dns failed"), OK]
    nic = connected("BG95S5", ScriptedUART(script))
    for line in ("AT+CPSMS=1", "AT+QCFG=1"):
        error = raises(OSError, nic.command, line)
        assert error.code is None and "dns" not in str(error)
    assert raises(OSError, nic.command, "at+qping=1").code == 565


class Stuck(ScriptedUART):
    """Deaf until it was left alone, +++ came, and it was left alone again."""

    deaf = True
    last = 0

    def write(self, buf, offset, size):
        data = bytes(buf[offset : offset + size])
        now = virtual_time.clock.elapsed_ms()
        if self.deaf and data == b"+++" and now - self.last >= 1000:
            self.deaf = False
            self._line.extend(b"\r\nOK\r\n")
            return size
        self.last = now
        return size if self.deaf else super().write(buf, offset, size)


def test_detect_wakes_as_a_class_does():
    script = AT + CGMM + [("<", "BG95-S5"), OK] + AT + READY
    pin = Pin()
    uart = Booting([("!", "RDY")] + script, pin)
    nic = quectel.detect(uart, pwrkey=pin)
    assert nic.active() and len(pin.history) == 2 and nic.pwrkey is pin and uart.done()
    uart = Stuck(script[:2] + PROBE + script[2:])
    assert type(quectel.detect(uart)) is quectel.BG95S5 and uart.done()
    script = AT + PROBE + CGMM + [("<", "BG95-S5"), OK] + AT + READY
    assert type(quectel.detect(Prompting(script))) is quectel.BG95S5


def test_detect_in_the_middle_of_a_start():
    script = AT + CGMM + [OK, ("<", "BC95-GR"), OK] + AT + BC95
    uart = ScriptedUART(script)
    assert type(quectel.detect(uart)) is quectel.BC95GR and uart.done()


def test_detect_leaves_nothing_that_reads_the_line():
    # In an event loop an interface has a task that steps it: not the one that only asked.
    from quectel.nic import Nic
    from quectel.bringup.identify import _Any, _Asked

    there = "asyncio" in sys.modules
    sys.modules.setdefault("asyncio", sys)
    try:
        uart = ScriptedUART(AT)
        nic = Nic(uart, module=_Asked(_Any(), uart, None, None))
        assert nic.command("AT") == [] and nic.module.pump is None
    finally:
        if not there:
            del sys.modules["asyncio"]


def test_detect_tells_what_it_found():
    uart = ScriptedUART(AT + CGMM + [("<", "EC200"), OK])
    error = raises(OSError, quectel.detect, uart)
    assert error.args[0] == errno.ENODEV and "EC200" in str(error)

    assert raises(OSError, quectel.detect, Dead([])).args[0] == errno.ETIMEDOUT


def brief(uart):
    """A module that opens within 3 s."""
    nic = connected("BG95S5", uart)
    nic.dialect = type(nic.dialect)()
    nic.dialect.OPEN_MS = (3000, 3000)
    return nic


def test_results_that_went_to_another_port():
    opening = [(">", 'AT+QIOPEN=1,0,"TCP","h",80,0,0'), OK]
    ask = [(">", 'AT+QURCCFG="urcport"'), ("<", '+QURCCFG: "urcport","usbat"'), OK]
    ask += [(">", 'AT+QURCCFG="urcport","uart1"'), OK]
    close = [(">", "AT+QICLOSE=0"), OK]
    script = opening + [("wait", 3)] + close + ask + opening + [("!", "+QIOPEN: 0,0")]
    uart = ScriptedUART(script)
    nic = brief(uart)
    nic.socket().connect(("h", 80))
    assert uart.done()
    # Tried once; never where it is no UART, as its results would go then.
    uart = ScriptedUART(opening + [("wait", 3)] + close + ask + (opening + [("wait", 3)] + close))
    error = raises(OSError, brief(uart).socket().connect, ("h", 80))
    assert error.args[0] == errno.ETIMEDOUT and uart.done()

    class Port(ScriptedUART):
        def __repr__(self):
            return "Port"

    uart = Port(opening + [("wait", 3)] + close)
    error = raises(OSError, brief(uart).socket().connect, ("h", 80))
    assert error.args[0] == errno.ETIMEDOUT and uart.done()


def test_urcs_that_would_go_to_usb():
    """Their port is asked for at each start, and set where they would go to USB alone."""
    for model, refused in (("BG95S5", "ERROR"), ("RM500U", "+CME ERROR: 58")):
        set_ = [(">", 'AT+QURCCFG="urcport","uart1"'), OK]
        for answer, more in (
            ([("<", '+QURCCFG: "urcport","usbat"'), OK], set_),
            ([("<", '+QURCCFG: "urcport","usbmodem"'), OK], set_),
            ([("<", '+QURCCFG:"urcport","USBAT"'), OK], set_),
            ([("<", '+QURCCFG: "urcport","usbat"'), OK], [set_[0], ("<", "ERROR")]),
            ([("<", '+QURCCFG: "urcport","uart1"'), OK], []),
            ([("<", '+QURCCFG: "urcport","all"'), OK], []),
            ([("<", '+QURCCFG: "urcport"'), OK], []),
            ([("<", refused)], []),
            ([OK], []),
        ):
            script = AT + READY[:8] + [(">", 'AT+QURCCFG="urcport"')] + answer + more + READY[10:]
            if model == "RM500U":
                script = [("<", model) if step == ("<", "BG95-S5") else step for step in script]
                for name in ("close mode", "sendinfo", "qisend/timeout"):
                    script[-2:-2] = [(">", 'AT+QICFG="%s",0' % name), OK]
            ready(model, script)

    class Port(ScriptedUART):
        def __repr__(self):
            return "Port"

    uart = Port(AT + READY[:8] + READY[10:])  # USB itself, or a socket
    assert quectel.BG95S5(uart).active(True) and uart.done()
    for model in ("BC95GR",):  # has no USB
        ready(model, AT + BC95)


class Hung(Booting):
    """Deaf until RESET was released: what starts with PWRKEY in Booting starts with RESET here."""


def test_reset_is_pressed_where_nothing_else_helps():
    for power in (None, Pin()):
        reset = Pin()
        uart = Hung([("!", "RDY")] + AT + READY, reset)
        nic = quectel.BG95S5(uart, pwrkey=power, reset=reset)
        start = virtual_time.clock.elapsed_ms()
        assert nic.active(True) and uart.done()
        (pressed, down), (released, up) = reset.history
        assert (down, up) == (1, 0) and nic.RESET_MS <= released - pressed < nic.RESET_MS + 50
        # The gentler attempts have had all their time.
        since = power.history[3][0] if power else start
        assert nic.BOOT_MS - 1 <= pressed - since < nic.BOOT_MS + 3000, (pressed, since)


def test_a_module_that_answers_is_not_reset():
    reset = Pin()
    nic = quectel.BG95S5(ScriptedUART(AT + READY), reset=reset)
    assert nic.active(True) and reset.history == []
    power, reset = Pin(), Pin()
    uart = Booting([("!", "RDY")] + AT + READY, power)
    assert quectel.BG95S5(uart, pwrkey=power, reset=reset).active(True)
    assert len(power.history) == 2 and reset.history == []


class Dead(ScriptedUART):
    def write(self, buf, offset, size):
        return size


def test_reset_that_does_not_help():
    for power, most in ((None, 41000), (Pin(), 70000)):
        reset = Pin()
        nic = quectel.BG95S5(Dead([]), pwrkey=power, reset=reset)
        start = virtual_time.clock.elapsed_ms()
        assert raises(OSError, nic.active, True).args[0] == errno.ETIMEDOUT
        took = virtual_time.clock.elapsed_ms() - start
        assert most - 1000 <= took <= most, took
        assert [level for _, level in reset.history] == [1, 0]


def test_the_level_and_the_time_of_reset():
    reset = Pin()
    uart = Hung([("!", "RDY")] + AT + READY, reset)
    nic = quectel.BG95S5(uart, reset=reset)
    nic.RESET_PRESSED = 0
    nic.RESET_MS = 1500
    nic.BOOT_MS = 9000
    start = virtual_time.clock.elapsed_ms()
    nic.active(True)
    (pressed, down), (released, up) = reset.history
    assert (down, up) == (0, 1) and released - pressed >= 1500
    assert pressed - start < 12000


def test_reset_is_released_whatever_ends_the_press():
    class Interrupted(Dead):
        def any(self):
            if reset.history:
                raise KeyboardInterrupt
            return super().any()

    reset = Pin()
    raises(KeyboardInterrupt, quectel.BG95S5(Interrupted([]), reset=reset).active, True)
    assert [level for _, level in reset.history] == [1, 0]


def test_sockets_do_not_outlive_a_reset():
    # No RDY comes.
    reset = Pin()
    uart = ScriptedUART([(">", 'AT+QIOPEN=1,0,"TCP","h",80,0,0'), OK, ("!", "+QIOPEN: 0,0")])
    nic = connected("BG95S5", uart, reset=reset)
    s = nic.socket()
    s.connect(("h", 80))
    again = Hung(AT + PROBE + READY, reset)
    uart.any, uart.readinto, uart.write = again.any, again.readinto, again.write
    nic.active(True)
    assert raises(OSError, s.recv, 10).args[0] == errno.ECONNABORTED
    assert nic.status() == nic.STAT_IDLE and again.done()


def test_a_module_that_hangs_in_a_command_is_reset():
    # The channel is that command's for longer than active(True) waits.
    reset = Pin()
    uart = Hung([("!", "RDY")] + AT + READY, reset)
    nic = quectel.BG95S5(uart, reset=reset)
    task = nic.module.spawn(quectel.load("answers").ask(nic, b"AT+QIACT?", None, 150000))
    nic.poll()
    assert nic.active(True) and uart.done() and task.done


def test_detect_resets_as_a_class_does():
    reset = Pin()
    script = AT + CGMM + [("<", "BG95-S5"), ("<", "OK")] + AT + READY
    nic = quectel.detect(Hung([("!", "RDY")] + script, reset), reset=reset)
    assert nic.active() and len(reset.history) == 2 and nic.reset_pin is reset
