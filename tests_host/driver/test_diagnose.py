"""quectel.diagnose: its steps, the baud rates it tries, what it does with PWRKEY and with a UART
that cannot do all. What it says of each mistake is in test_first_day.py."""

import virtual_time
import quectel
from cellular_module import ERROR, OK, CellularModule
from scripted import raises

MODELS = "BG95S5 RM500U BC95GR BC92 BC20 BC25".split()
NAMES = "line,module,buffer,SIM,signal,registration,operator,access point,context,DNS,packet"
NAMES = NAMES.split(",")


class Module(CellularModule):
    """One with names and connections as well: `opens` is the result of each."""

    opens = 0
    echoes = False
    name_found = True
    held = 1 << 16  # bytes that the UART has room for
    dies_at = None  # the command from which on it says nothing

    def any(self):
        there = super().any()
        if there > self.held:
            self._there = self._there[: self.held]
        return min(there, self.held)

    def write(self, buf, offset, size):
        if self.echoes and self._audible():
            self._there += bytes(memoryview(buf)[offset : offset + size])
            self._there = self._there[: self.held]
        return super().write(buf, offset, size)

    def reply(self, line):
        if self.dies_at is not None and line.startswith(self.dies_at):
            self.silent = True
            return ""
        name, _, value = line.partition("=")
        if name in ("ATE0", "ATE1"):
            self.echoes = name == "ATE1"
        elif name == "AT+CGMR":
            return "\r\nR01\r\n" + OK
        elif name == "AT+COPS?":
            return '\r\n+COPS: 0,0,"Net",9\r\n' + OK
        elif line == "AT+QICSGP=1":
            return '\r\n+QICSGP: 1,"internet","","",0\r\n' + OK
        elif name == "AT+CGDCONT?":
            return '\r\n+CGDCONT: 1,"IP","internet"\r\n' + OK
        elif name == "AT+QIDNSGIP":
            if not self.name_found:
                return ERROR
            told = '\r\n+QIURC: "dnsgip",0,1,600\r\n\r\n+QIURC: "dnsgip","192.0.2.2"\r\n'
            return OK + told
        elif name == "AT+QIOPEN":
            return OK + "\r\n+QIOPEN: %s,%d\r\n" % (value.split(",")[1], self.opens)
        elif name == "AT+QICLOSE":
            return OK if self.packet else OK + "\r\nCLOSE OK\r\n"
        return super().reply(line)


class Key:
    """PWRKEY of a module."""

    def __init__(self, uart):
        self.uart = uart
        self.levels = []

    def value(self, level):
        self.levels.append(level)
        if not level:
            self.uart.silent = not self.uart.silent


def diagnosed(uart, *args, **options):
    """(the Diagnosis, the names of its steps, its lines)."""
    lines = []
    found = quectel.diagnose(uart, *(args or ("internet",)), show=lines.append, **options)
    assert bool(found) == (found.cause is None) == all([ok for _, ok, _ in found.steps])
    assert lines == [
        "%s  %s: %s" % ("ok" if ok else "NO", name, words) for name, ok, words in found.steps
    ]
    return found, [step[0] for step in found.steps], lines


def test_all_is_well_on_every_dialect():
    for model in MODELS:
        uart = Module(model)
        found, names, lines = diagnosed(uart)
        assert found and names == NAMES, (model, lines)
        assert lines[:2] == [
            "ok  line: the module answers at 115200 baud",
            "ok  module: %s, firmware R01" % model,
        ]
        assert lines[3:9] == [
            "ok  SIM: ready",
            "ok  signal: -73 dBm",
            "ok  registration: at home",
            "ok  operator: Net",
            "ok  access point: internet",
            "ok  context: its address is 10.0.0.7",
        ]
        assert lines[-1] == "ok  packet: example.com:80 answers"
        assert not uart.echoes and uart.inits == []


def test_it_prints_where_no_show_is_given():
    lines = []
    quectel.print = lines.append  # goes before the built-in one
    try:
        assert quectel.diagnose(Module("BC20"), "internet")
    finally:
        del quectel.print
    assert len(lines) == len(NAMES) and lines[0].startswith("ok  line: ")


def test_a_module_at_another_baud_rate_is_found_there():
    for model in MODELS:
        uart = Module(model)
        uart.rate = 57600
        found, names, lines = diagnosed(uart)
        assert not found and names == NAMES, (model, lines)
        assert found.cause == (
            "the module answers at 57600 baud, and the UART was at 115200: make it UART(…, 57600)"
        )
        assert len([ok for _, ok, _ in found.steps if not ok]) == 1
        assert uart.baudrate == 57600 and uart.inits == [9600, 921600, 460800, 230400, 57600]


def test_a_line_that_is_dead_at_every_rate_is_left_as_it_was():
    uart = Module("BG95S5")
    uart.silent = True
    start = virtual_time.clock.elapsed_ms()
    found, names, _ = diagnosed(uart)
    assert names == ["line"] and "nothing came in 20 s" in found.cause
    assert "other baud rates were tried: 9600, 921600, 460800" in found.cause
    assert uart.baudrate == 115200
    assert virtual_time.clock.elapsed_ms() - start < 31000


class Limited(Module):
    """A UART that cannot do every baud rate."""

    def init(self, baudrate, rxbuf=None):
        if baudrate in (921600, 230400):
            raise ValueError(baudrate)
        super().init(baudrate, rxbuf)


def test_a_baud_rate_that_the_uart_cannot_do_is_left_out():
    uart = Limited("BC25")
    uart.rate = 57600
    assert len(diagnosed(uart)[1]) == len(NAMES) and uart.inits == [9600, 460800, 57600]
    uart = Limited("BC25")
    uart.silent = True
    found, _, _ = diagnosed(uart)
    assert found.cause.endswith("were tried: 9600, 460800, 57600, 38400, 19200)")


class Fixed:
    """The line of a module, with no more than a UART must have."""

    def __init__(self, module):
        self.any, self.readinto, self.write = module.any, module.readinto, module.write


def test_a_uart_that_has_no_other_baud_rate():
    uart = Module("BG95S5")
    found, _, lines = diagnosed(Fixed(uart))
    assert found and lines[0] == "ok  line: the module answers"
    uart = Module("BG95S5")
    uart.silent = True
    found, _, _ = diagnosed(Fixed(uart))
    assert found.cause.endswith("(other baud rates were not tried: this UART has no init())")


class Untold(Module):
    def __repr__(self):
        return "Line()"


def test_a_uart_that_does_not_tell_its_baud_rate():
    uart = Untold("BG95S5")
    uart.rate = 9600
    found, _, _ = diagnosed(uart)
    assert "were not tried: repr() of this UART does not tell its own" in found.cause
    assert uart.inits == []


def test_pwrkey_is_pressed_where_nothing_answers_at_any_rate():
    uart = Module("BC92")
    key = Key(uart)
    uart.silent = True
    found, _, _ = diagnosed(uart, pwrkey=key)
    assert found and key.levels == [1, 0]
    assert uart.inits[-1] == 115200
    # It is not pressed where only the rate is wrong: that would switch the module off.
    uart = Module("BC92")
    uart.rate = 9600
    key = Key(uart)
    found, names, _ = diagnosed(uart, pwrkey=key)
    assert names == NAMES and key.levels == []


def test_a_module_that_pwrkey_switches_on_at_another_rate():
    uart = Module("RM500U")
    uart.silent = True
    uart.rate = 9600
    key = Key(uart)
    found, names, _ = diagnosed(uart, pwrkey=key)
    assert names == NAMES and key.levels == [1, 0] * 3
    assert found.cause.startswith("the module answers at 9600 baud")


def test_a_module_is_left_as_it_was_found():
    class Unheard(Module):
        def _audible(self):
            return False

    for silent in (True, False):
        uart = Unheard("BG95S5")
        uart.silent = silent
        key = Key(uart)
        found, _, _ = diagnosed(uart, pwrkey=key)
        assert not found and uart.silent == silent and key.levels == [1, 0] * 4


def test_an_interface_in_place_of_a_uart():
    for model in MODELS:
        uart = Module(model)
        nic = getattr(quectel, model)(uart, trace=[].append)
        found, names, _ = diagnosed(nic)
        assert found and names == NAMES and nic.isconnected()
        found, names, _ = diagnosed(nic)  # once more, as it is
        assert found and names == NAMES


def test_a_search_that_is_over_does_not_go_on():
    for model in MODELS:
        uart = Module(model)
        uart.stat = 2
        nic = getattr(quectel, model)(uart)
        start = virtual_time.clock.elapsed_ms()
        found, names, _ = diagnosed(nic, timeout=30)
        assert names[-1] == "registration" and "searching" in found.cause, (model, names)
        assert 30000 <= virtual_time.clock.elapsed_ms() - start < 80000
        assert nic.status() == nic.STAT_IDLE
        asked = len(uart.asked)
        for _ in range(1000):
            nic.isconnected()
            virtual_time.clock.sleep_ms(10)
        assert len(uart.asked) == asked
        uart.stat = 1
        nic.connect("internet", timeout=30)
        assert nic.isconnected()


def test_keywords_of_the_classes():
    uart = Module("BG95S5")
    uart.pin_state = "SIM PIN"
    trace = []
    found, _, _ = diagnosed(uart, pin="1234", trace=trace.append)
    assert found and "> AT" in trace
    assert not [line for line in trace if "1234" in line]
    assert not [words for _, _, words in found.steps if "1234" in words]


def test_a_buffer_that_is_smaller_than_it_says():
    for model in MODELS:
        uart = Module(model)
        uart.held = 300
        found, names, _ = diagnosed(uart)
        assert names == NAMES and found.cause.startswith("it holds 300 bytes, and the driver"), (
            model
        )


class Short(Module):
    """It echoes no more than the beginning of a line."""

    def write(self, buf, offset, size):
        if len(self._line) > 100:
            self.echoes = False
        return super().write(buf, offset, size)


def test_a_module_that_does_not_echo_so_much():
    found, _, lines = diagnosed(Short("BC20"))
    assert found and lines[2].startswith("ok  buffer: not looked at, the module echoes ")


def test_user_and_key_where_there_are_none():
    found, names, _ = diagnosed(Module("BC20"), "internet", "me", "secret")
    assert (
        names[-1] == "access point"
        and found.cause == "BC20 has no user and key of an access point"
    )


def test_dns_and_packet():
    for model in MODELS:
        uart = Module(model)
        uart.opens = 565
        found, names, _ = diagnosed(uart)
        wanted = "DNS" if model == "RM500U" else "packet"
        assert names[-1] == wanted and "no address for the name example.com" in found.cause, model
        uart = Module(model)
        uart.name_found = False
        found, names, _ = diagnosed(uart)
        # RM500U has no command for names: the packet alone tells.
        assert names[-1] == ("packet" if model == "RM500U" else "DNS"), (model, names)
        assert bool(found) == (model == "RM500U"), model
        uart = Module(model)
        uart.opens = 566
        found, names, _ = diagnosed(uart, host="192.0.2.7", port=8080)
        assert names[-2:] == ["context", "packet"]
        assert found.cause.startswith("refused by 192.0.2.7:8080"), found.cause


def test_a_module_that_dies_in_any_step():
    for model in ("BG95S5", "BC20"):
        asked = Module(model)
        diagnosed(asked)
        for line in sorted(set(asked.asked)):
            uart = Module(model)
            uart.dies_at = line
            found, names, _ = diagnosed(uart)
            # A socket that cannot be closed is no step of it.
            assert bool(found) == line.startswith("AT+QICLOSE"), (model, line, names)
            assert names[:-1] == NAMES[: len(names) - 1], (model, line, names)


def test_wrong_arguments_before_anything_is_sent():
    for args, options, kind in (
        (('a"b',), {}, ValueError),
        (("a", "b\r"), {}, ValueError),
        (("a", "b", "c\x1a"), {}, ValueError),
        ((), {"host": 'x"'}, ValueError),
        ((), {"port": 0}, ValueError),
        ((), {"port": 65536}, ValueError),
        ((), {"timeout": -1}, ValueError),
        ((), {"pwrkey": 14}, TypeError),
        ((), {"trace": True}, TypeError),
    ):
        uart = Module("BG95S5")

        def call(uart=uart, args=args, options=options):
            return quectel.diagnose(uart, *args, show=print, **options)

        raises(kind, call)
        assert uart.asked == [] and uart.inits == [], (args, options)
