"""Deep sleep of BC25 and BC32: what is told, what fails, what goes on."""

import errno
import gc

import virtual_time
import quectel
from cellular_module import CellularModule
from scripted import ScriptedUART, connected, raises, variants

try:
    from micropython import heap_lock as lock
    from micropython import heap_unlock as unlock
except ImportError:  # CPython has no such lock
    lock = unlock = None

OPEN_TCP = [
    (">", 'AT+QIOPEN=1,0,"TCP","220.18.39.22",8062,0,0'),
    ("<", "OK"),
    ("!", "+QIOPEN: 0,0"),
]
OPEN_UDP = [
    (">", 'AT+QIOPEN=1,1,"UDP","220.18.39.22",8084,0,0'),
    ("<", "OK"),
    ("!", "+QIOPEN: 1,0"),
]
AWAKE = [(">", "AT+QSCLK=0"), ("<", "OK")]
SLEEPY = [(">", "AT+QSCLK=1"), ("<", "OK")]
SLEEP = [("wait", 0.05), ("!", "+QATSLEEP"), ("wait", 0.05), ("!", "+QATWAKEUP")]
TCP_STATE = ("<", '+QISTATE: 0,"TCP","220.18.39.22",8062,0,5,1,0')
UDP_STATE = ("<", '+QISTATE: 1,"UDP","220.18.39.22",8084,0,2,1,0')
SEND = [
    (">", "AT+QISEND=1,10"),
    ("<prompt", "> "),
    (">>", b"1234567890"),
    ("<", "OK"),
    ("<", "SEND OK"),
]


def test_tcp_fails_and_udp_goes_on():
    # BC25&BC32 4.4, with a TCP socket beside the UDP one.
    look = [(">", "AT+QISTATE?"), TCP_STATE, UDP_STATE, ("<", "OK")]
    look += [(">", "AT+QICLOSE=0"), ("<", "OK"), ("<", "CLOSE OK")]
    script = AWAKE + OPEN_TCP + OPEN_UDP + SLEEPY + SLEEP + look + AWAKE + SEND

    def program(uart):
        nic = connected("BC25", uart)
        nic.config(qsclk=0)
        tcp, udp = nic.socket(), nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
        tcp.connect(("220.18.39.22", 8062))
        udp.connect(("220.18.39.22", 8084))
        nic.config(qsclk=1)
        while not nic.status("sleep"):
            nic.module.wait()
        while nic.status("sleep"):
            nic.module.wait()
        error = raises(OSError, tcp.send, b"x")
        while (">", "AT+QICLOSE=0") in uart.script or nic.module.checking:
            nic.module.wait()
        nic.config(qsclk=0)
        return error.args[0], udp.send(b"1234567890"), nic.isconnected()

    assert variants(script, program) == (errno.ECONNABORTED, 10, True)


def test_a_number_is_free_once_the_module_has_closed_it():
    look = [(">", "AT+QISTATE?"), ("<", "OK"), (">", "AT+CGATT?"), ("<", "+CGATT: 1"), ("<", "OK")]
    look += [(">", "AT+CGPADDR?"), ("<", "+CGPADDR: 1,10.7.157.1"), ("<", "OK")]
    again = OPEN_TCP
    uart = ScriptedUART(OPEN_TCP + SLEEP + look + again)
    nic = connected("BC32", uart)
    tcp = nic.socket()
    tcp.connect(("220.18.39.22", 8062))
    while uart.script != list(again):
        nic.module.wait()
    nic.module.wait()
    raises(OSError, tcp.send, b"x")
    nic.socket().connect(("220.18.39.22", 8062))
    assert uart.done()


PROBE = [(">", "AT+QIGETERROR"), ("<", "+QIGETERROR: 0,operate successfully"), ("<", "OK")]
UDP_LOOK = [(">", "AT+QISTATE?"), UDP_STATE, ("<", "OK")]
OPEN_BG95 = [
    (">", 'AT+QIOPEN=1,0,"TCP","220.18.39.22",8062,0,0'),
    ("<", "OK"),
    ("!", "+QIOPEN: 0,0"),
]
SEND_BG95 = [(">", "AT+QISEND=0,4"), ("<prompt", "> "), (">>", b"ping"), ("<", "SEND OK")]


class Pin:
    """One whose levels are kept; `pressed(level)` is called for each."""

    OUT = 1

    def __init__(self, pressed=None):
        self.levels = []
        self._pressed = pressed

    def init(self, mode):
        assert mode == self.OUT

    def value(self, level):
        self.levels.append(level)
        if self._pressed is not None:
            self._pressed(level)


def says(uart, text):
    """The module says something that is not in the script."""
    uart._line.extend(b"\r\n" + text + b"\r\n")


def opened(model, uart, connect_id=1, **pins):
    """The interface, and a UDP socket that is open."""
    nic = connected(model, uart, **pins)
    for taken in range(connect_id):
        nic.module.release_id(taken, nic)
    udp = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
    udp.settimeout(100)
    udp.connect(("220.18.39.22", 8084))
    return nic, udp


def asleep(nic):
    # Not nic.status("sleep"): that ends with the next line, which may come with this one.
    while not nic.channel.asleep:
        nic.module.wait()


def settled(nic):
    while nic.module.tasks or not nic.channel.idle:
        nic.module.wait()


def test_nothing_is_looked_for_in_a_module_that_sleeps():
    tries = [(">", "AT+QIGETERROR"), ("wait", 0.5)] * 5
    uart = ScriptedUART([("!", "+QATSLEEP")] + tries + [("wait", 70)])
    nic = connected("BC25", uart)
    asleep(nic)
    error = raises(OSError, nic.status, "rssi")
    assert error.args[0] == errno.ETIMEDOUT
    assert "BC25 sleeps" in str(error) and "give psm_eint=" in str(error)
    for _ in range(1000):
        nic.module.wait()
    assert nic.isconnected() and len(uart.log) == 5


def test_psm_eint_wakes_it_and_the_command_follows():
    def program(uart, model="BC25"):
        pin = Pin(lambda level: level and says(uart, b"+QATWAKEUP"))
        nic, udp = opened(model, uart, psm_eint=pin)
        asleep(nic)
        assert pin.levels == [0]
        sent = udp.send(b"1234567890")
        settled(nic)
        return sent, pin.levels, nic.status("sleep")

    script = OPEN_UDP + [("!", "+QATSLEEP")] + PROBE + SEND + UDP_LOOK
    assert variants(script, program, apart=40) == (10, [0, 1, 0], False)
    # No document says that these tell it. Some firmware does.
    for model in ("BC65", "BC95GR"):
        assert program(ScriptedUART(script), model) == (10, [0, 1, 0], False)


def test_its_time_is_the_programs():
    uart = ScriptedUART(OPEN_UDP + [("!", "+QATSLEEP")] + PROBE + SEND)
    pin = Pin()
    nic, udp = opened("BC32", uart, psm_eint=pin)
    nic.dialect.WAKE_MS = 700
    asleep(nic)
    begun = virtual_time.clock.us
    udp.send(b"1234567890")
    settled(nic)
    assert pin.levels == [0, 1, 0] and uart.done()
    assert 700000 <= virtual_time.clock.us - begun < 1500000


def test_the_first_character_wakes_it_and_is_lost():
    # Two questions have been asked, so what comes behind the answer to one waits.
    twice = [(">", "AT+QIGETERROR"), ("wait", 0.2), ("!", "+QATWAKEUP")] + PROBE

    def program(uart):
        nic, udp = opened("BC25", uart)
        asleep(nic)
        sent = udp.send(b"1234567890")
        settled(nic)
        return sent, nic.status("sleep")

    script = OPEN_UDP + [("!", "+QATSLEEP")] + twice + SEND + UDP_LOOK
    assert variants(script, program, apart=40) == (10, False)


def test_one_that_does_not_say_that_it_is_awake():
    uart = ScriptedUART(OPEN_UDP + [("!", "+QATSLEEP")] + PROBE + SEND)
    nic, udp = opened("BC25", uart)
    asleep(nic)
    assert udp.send(b"1234567890") == 10
    settled(nic)
    assert not nic.status("sleep") and uart.done()


def test_what_it_said_while_nobody_looked():
    # The line waits in the UART: the command must not be sent before it has been read.
    for said, look in ((SLEEP[1:2], []), (SLEEP[1:2] + SLEEP[3:], UDP_LOOK)):
        uart = ScriptedUART(OPEN_UDP + [("wait", 1)] + said + PROBE + SEND + look)
        nic, udp = opened("BC25", uart)
        virtual_time.clock.sleep_ms(2000)
        uart.step()
        assert udp.send(b"1234567890") == 10
        settled(nic)
        assert uart.done()


def test_what_crosses_its_sleep_on_the_line():
    crossing = SEND[:1] + [("!", "+QATSLEEP"), ("wait", 0.3), ("!", "+QATWAKEUP")]

    def program(uart):
        nic, udp = opened("BC25", uart)
        sent = udp.send(b"1234567890")
        settled(nic)
        return sent

    assert variants(OPEN_UDP + crossing + SEND + UDP_LOOK, program, apart=40) == 10


def test_tcp_fails_at_once_and_wakes_nobody():
    def program(uart):
        nic = connected("BC25", uart)
        tcp = nic.socket()
        tcp.connect(("220.18.39.22", 8062))
        asleep(nic)
        error = raises(OSError, tcp.send, b"x")
        again = raises(OSError, tcp.recv, 4)
        tcp.close()
        return error.args[0], "deep sleep" in str(error), again is error, uart.log[1:]

    script = OPEN_TCP + [("!", "+QATSLEEP")]
    assert variants(script, program) == (errno.ECONNABORTED, True, True, [])


def test_tcp_fails_whose_bytes_were_about_to_go():
    uart = ScriptedUART(OPEN_TCP + [("wait", 1), ("!", "+QATSLEEP"), ("wait", 20)])
    nic = connected("BC25", uart)
    tcp = nic.socket()
    tcp.connect(("220.18.39.22", 8062))
    virtual_time.clock.sleep_ms(2000)
    uart.step()
    assert raises(OSError, tcp.send, b"x").args[0] == errno.ECONNABORTED
    while not uart.done():
        nic.module.wait()
    assert len(uart.log) == 1


def test_the_words_when_it_does_not_wake():
    tries = [(">", "AT+QIGETERROR"), ("wait", 0.5)] * 5

    def program(uart):
        pin = Pin()
        nic, udp = opened("BC25", uart, psm_eint=pin)
        asleep(nic)
        error = raises(OSError, udp.send, b"1234567890")
        assert error.args[0] == errno.ETIMEDOUT
        assert "does not wake" in str(error) and "PSM_EINT" in str(error)
        assert pin.levels == [0, 1, 0]
        # The socket lives, and nothing of what was refused goes.
        sent = udp.send(b"1234567890")
        settled(nic)
        return sent, pin.levels

    uart = ScriptedUART(OPEN_UDP + [("!", "+QATSLEEP")] + tries + PROBE + SEND)
    assert program(uart) == (10, [0, 1, 0, 1, 0]) and uart.done()


def test_a_socket_that_does_not_wait_is_told_at_its_next_call():
    tries = [(">", "AT+QIGETERROR"), ("wait", 0.5)] * 5
    uart = ScriptedUART(OPEN_UDP + [("!", "+QATSLEEP")] + tries)
    nic, udp = opened("BC25", uart)
    asleep(nic)
    udp.setblocking(False)
    assert udp.send(b"1234567890") == 10
    while not uart.done() or not nic.channel.idle:
        nic.module.wait()
    error = raises(OSError, udp.send, b"next")
    assert error.args[0] == errno.ETIMEDOUT and "sleeps" in str(error)
    assert not nic.module.senders


def test_a_read_wakes_it_where_there_is_data_and_only_there():
    data = [(">", "AT+QIRD=1,512"), ("<", "+QIRD: 4,0"), ("<<", b"pong"), ("<", "OK")]
    urc = [("wait", 30), ("!", '+QIURC: "recv",1')]

    def program(uart):
        nic, udp = opened("BC25", uart)
        asleep(nic)
        got = udp.recv(100)
        settled(nic)
        return got, nic.status("sleep")

    script = OPEN_UDP + [("!", "+QATSLEEP")] + urc + PROBE + data
    uart = ScriptedUART(script)
    assert program(uart) == (b"pong", False) and uart.done()


def test_sleep_lets_a_bc_module_sleep_and_awake_forbids_it():
    def program(uart):
        nic, udp = opened("BC25", uart)
        nic.sleep()
        asleep(nic)
        nic.sleep()  # it does: nothing is sent
        nic.awake()
        settled(nic)
        return udp.send(b"1234567890"), nic.channel.silence

    script = OPEN_UDP + SLEEPY + [("!", "+QATSLEEP")] + PROBE + AWAKE + SEND
    assert variants(script, program, apart=40) == (10, 0)


def test_one_whose_firmware_has_no_qsclk_sleeps_by_itself():
    for model in ("BC95GR", "BC20"):
        script = [(">", "AT+QSCLK=1"), ("<", "ERROR"), (">", "AT+QSCLK=0"), ("<", "ERROR")]
        uart = ScriptedUART(script)
        nic = connected(model, uart)
        nic.channel.choose("silence", 0)
        nic.sleep()
        assert nic.channel.silence == nic.dialect.SLEEPS_MS > 0
        nic.awake()
        assert nic.channel.silence == nic.dialect.SLEEPS_MS and uart.done()


def dtr_program(uart):
    dtr = Pin()
    nic = connected("BG95S5", uart, dtr=dtr)
    tcp = nic.socket()
    tcp.settimeout(100)
    tcp.connect(("220.18.39.22", 8062))
    nic.sleep()
    assert nic.status("sleep") and dtr.levels == [1]
    sent = tcp.send(b"ping")
    assert dtr.levels == [1, 0] and not nic.status("sleep")
    nic.sleep()  # it is allowed already: only DTR
    got = tcp.recv(100)
    assert dtr.levels == [1, 0, 1, 0]
    nic.sleep()
    nic.awake()
    return sent, got, dtr.levels, nic.status("sleep"), nic.isconnected()


def test_dtr_lets_it_sleep_and_wakes_it():
    data = [(">", "AT+QIRD=0,1500"), ("<", "+QIRD: 4"), ("<<", b"pong"), ("<", "OK")]
    urc = [("wait", 30), ("!", '+QIURC: "recv",0')]
    script = OPEN_BG95 + SLEEPY + PROBE + SEND_BG95 + urc + PROBE + data + PROBE + AWAKE
    outcome = variants(script, dtr_program, apart=40)
    assert outcome == (4, b"pong", [1, 0, 1, 0, 1, 0, 0], False, True)


def test_without_dtr_it_would_not_wake():
    for model in ("BG95S5", "RM500U"):
        uart = ScriptedUART([])
        error = raises(OSError, connected(model, uart).sleep)
        assert error.args[0] == errno.EOPNOTSUPP and "give dtr=" in str(error) and not uart.log


def test_qsclk_refused_where_dtr_needs_it():
    dtr = Pin()
    uart = ScriptedUART([(">", "AT+QSCLK=1"), ("<", "+CME ERROR: 3")])
    nic = connected("RM500U", uart, dtr=dtr)
    error = raises(OSError, nic.sleep)
    assert error.args[0] == errno.EOPNOTSUPP and error.code == 3 and 1 not in dtr.levels
    assert not nic.status("sleep")


def test_the_press_ends_whatever_happens():
    uart = ScriptedUART(OPEN_UDP + [("!", "+QATSLEEP")])
    pin = Pin(lambda level: level and says(uart, b"RDY"))
    nic, udp = opened("BC25", uart, psm_eint=pin)
    asleep(nic)
    assert raises(OSError, udp.send, b"1234567890").args[0] == errno.ECONNABORTED
    for _ in range(1000):
        nic.poll()
        virtual_time.clock.sleep_ms(1)
    assert pin.levels == [0, 1, 0]


def test_a_pin_must_be_one():
    error = raises(TypeError, connected, "BC25", ScriptedUART([]), psm_eint=14)
    assert "psm_eint" in str(error)


def test_after_psm_it_is_asked_first():
    psm = [(">", 'AT+CPSMS=1,,,"00000110","00001111"'), ("<", "OK")]
    tries = [(">", "AT+QIGETERROR"), ("wait", 0.5)] * 6  # the last: what has become of it
    uart = ScriptedUART(OPEN_BG95 + psm + [("wait", 40)] + tries + [("wait", 60)])
    nic = connected("BG95S5", uart)
    tcp = nic.socket()
    tcp.connect(("220.18.39.22", 8062))
    nic.config(psm=(3600, 30))
    virtual_time.clock.sleep_ms(40500)
    uart.step()
    error = raises(OSError, tcp.send, b"ping")
    assert error.args[0] == errno.ETIMEDOUT and "PSM" in str(error) and "PWRKEY" in str(error)


def test_elsewhere_nothing_is_told_of_it():
    for model in ("BG95S5", "RM500U"):
        uart = ScriptedUART([])
        nic = connected(model, uart)
        error = raises(OSError, nic.status, "sleep")
        assert error.args[0] == errno.EOPNOTSUPP and model in str(error) and not uart.log


def test_a_refusal_that_is_none_of_tcp_ip():
    script = [(">", "AT+CCLK?"), ("<", "ERROR"), (">", "AT+QIGETERROR")]
    script += [("<", "+QIGETERROR: 0,operation success"), ("<", "OK")]
    error = raises(OSError, connected("RM500U", ScriptedUART(script)).clock)
    assert error.code is None and "refused" in str(error)


# ---- whole lives ----


def test_what_crosses_its_sleep_is_woken_by_its_pin():
    uart = ScriptedUART(OPEN_UDP + SEND[:1] + [("!", "+QATSLEEP")] + SEND + UDP_LOOK)
    pin = Pin(lambda level: level and says(uart, b"+QATWAKEUP"))
    nic, udp = opened("BC25", uart, psm_eint=pin)
    assert udp.send(b"1234567890") == 10
    settled(nic)
    assert uart.done() and pin.levels == [0, 1, 0]


def test_no_time_is_lost_where_a_pin_wakes_it():
    # One question was sent, so nothing that comes late need be waited for.
    uart = ScriptedUART(OPEN_UDP + [("!", "+QATSLEEP")] + PROBE + SEND + UDP_LOOK)
    pin = Pin(lambda level: level and says(uart, b"+QATWAKEUP"))
    nic, udp = opened("BC25", uart, psm_eint=pin)
    asleep(nic)
    begun = virtual_time.clock.elapsed_ms()
    udp.send(b"1234567890")
    assert virtual_time.clock.elapsed_ms() - begun < 200


def hears(uart, level):
    """A pin that has the module hear, 50 ms later, and one level that does not."""

    def driven(now):
        if now == level:
            uart.at(0.05, "silent", False)
        elif level == 0:
            uart.silent = True

    return driven


def test_a_module_hears_again_when_dtr_is_low():
    for model in ("BG95S5", "RM500U", "RG200U", "RG500U"):
        uart = CellularModule(model)
        nic = getattr(quectel, model)(uart, dtr=Pin(hears(uart, 0)))
        nic.active(True)
        nic.connect("internet", timeout=60)
        for _ in range(3):
            nic.sleep()
            assert uart.silent and nic.status("sleep")
            assert nic.status("rssi") == -73 and not nic.status("sleep")
        nic.sleep()
        nic.awake()
        assert nic.status("rssi") == -73 and nic.isconnected()
        assert uart.count("AT+QSCLK=1") == uart.count("AT+QSCLK=0") == 1


def test_one_that_an_earlier_program_left_asleep():
    for model, pins, level in (("BG95S5", "dtr", 0), ("BC25", "psm_eint", 1)):
        uart = CellularModule(model)
        uart.silent = True
        nic = getattr(quectel, model)(uart, **{pins: Pin(hears(uart, level))})
        begun = virtual_time.clock.elapsed_ms()
        assert nic.active(True)
        assert virtual_time.clock.elapsed_ms() - begun < 7000, model


def test_awake_switches_on_what_psm_has_switched_off():
    uart = CellularModule("BG95S5")

    def pressed(level):
        if not level:  # it is let go
            uart.at(2, "silent", False)
            uart.say("RDY", 2100)

    nic = quectel.BG95S5(uart, pwrkey=Pin(pressed))
    nic.active(True)
    nic.connect("internet", timeout=60)
    nic.config(psm=(3600, 2))
    uart.silent = True
    virtual_time.clock.sleep_ms(5000)
    error = raises(OSError, nic.status, "rssi")
    assert error.args[0] == errno.ETIMEDOUT and "nic.awake() presses PWRKEY" in str(error)
    nic.awake()
    assert nic.active() and nic.module.ready and not nic.isconnected()
    nic.connect("internet", timeout=60)
    assert nic.status("rssi") == -73


def test_awake_says_what_is_missing():
    uart = CellularModule("BC25")
    nic = quectel.BC25(uart)
    nic.active(True)
    uart.say("+QATSLEEP")
    asleep(nic)
    uart.silent = True
    error = raises(OSError, nic.awake)
    assert error.args[0] == errno.ETIMEDOUT and "psm_eint=" in str(error)


# ---- without heap ----


class Reserved:
    """A UART that needs no heap: each command, and each data, ends with a CR and has the next
    answer."""

    def __init__(self, answers):
        self._answers = answers
        self._next = 0
        self._answer = b""
        self._at = 0

    def __repr__(self):
        return "UART(baudrate=115200, rxbuf=2048)"

    def any(self):
        return len(self._answer) - self._at

    def readinto(self, buf, size):
        for i in range(size):
            buf[i] = self._answer[self._at + i]
        self._at += size
        return size

    def write(self, buf, at, size):
        if buf[at + size - 1] == 13:
            assert self._at == len(self._answer)
            self._answer = self._answers[self._next]
            self._next += 1
            self._at = 0
        return size


class Level:
    """A Pin that counts."""

    lows = highs = 0

    def value(self, level):
        if level:
            self.highs += 1
        else:
            self.lows += 1


def test_waking_needs_no_heap():
    exchange = [
        b"\r\n+QIGETERROR: 0,operate successfully\r\n\r\nOK\r\n",
        b"\r\n> ",
        b"\r\nSEND OK\r\n",
    ]
    ok = b"\r\nOK\r\n"
    uart = Reserved([b"\r\nOK\r\n\r\n+QIOPEN: 0,0\r\n", ok] + exchange * 3)
    dtr = Level()
    nic = connected("BG95S5", uart, dtr=dtr)
    udp = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
    udp.connect(("192.0.2.2", 8009))
    data = b"pin\r"
    for times in range(3):
        nic.sleep()
        gc.collect()
        locked = lock is not None and times  # the first send makes what all others use
        if locked:
            lock()
        try:
            sent = udp.send(data)
        finally:
            if locked:
                unlock()
        assert sent == 4 and not nic.status("sleep")
    assert dtr.highs == dtr.lows == 3 and uart._next == 11
