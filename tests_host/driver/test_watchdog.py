"""The longest time between two calls of nic.idle, in each call of the driver and whatever the line
does: a module that is mute or never stops talking, a UART that takes nothing or takes it slowly.

A watchdog of any board lives longer than LONGEST_MS. In virtual time, in which a Pico computes
too: for each byte and each line that come, and for each look at the UART, rather too long."""

import virtual_time
import quectel
from quectel import nic as nic_file
from quectel import socket as socket_file
from quectel.services import forms
from scripted import ScriptedUART, connected

clock = virtual_time.clock
LONGEST_MS = 100  # lib/docs/reference/interface.md promises less
NAP_US = 20000  # a sleep of the driver is so long here: less than LONGEST_MS, and fewer turns
BYTE_US = 80
LINE_US = 10000  # of the trace: 80 characters of it take 7 ms at 115200 baud
LOOK_US = 1000
SHORT_MS = 1500  # every time-out that the dialect has
TIMES = ("SILENCE_MS", "CLOSE_MS", "SEND_MS", "READ_MS", "ACTIVATE_MS", "DEACTIVATE_MS")
MOST_S = 200  # that a call may take then
PLACE = ("192.0.2.2", 80)
OK = ("<", "OK")
OPEN = [(">", 'AT+QIOPEN=1,0,"TCP","192.0.2.2",80,0,0'), OK, ("!", "+QIOPEN: 0,0")]
UDP = [(">", 'AT+QIOPEN=1,0,"UDP","192.0.2.2",80,0,0'), OK, ("!", "+QIOPEN: 0,0")]
LISTEN = [(">", 'AT+QIOPEN=1,0,"TCP LISTENER","127.0.0.1",0,2020,0'), OK, ("!", "+QIOPEN: 0,0")]
NOTHING = [(">", "AT+QIRD=0,1500"), ("<", "+QIRD: 0"), OK]
RAW = NOTHING + [(">", "AT+QISWTMD=0,2"), ("<", "CONNECT")]

virtual_time.Time.sleep_ms = lambda ms: clock.sleep_us(max(ms * 1000, NAP_US))
virtual_time.Time.sleep_us = clock.sleep_us

# What comes for ever: nothing, noise of every kind, or answers that nobody asked for.
MUTE = b""
NOISE = b"".join((b"x\n" * 200, b"noise " * 100, bytes(range(128, 256)), b"\0" * 200))
NOISE += b'\r\n+QIND: "noise of some module"\r\n' * 20 + b'\r\n+QIURC: "recv",0\r\n' * 20
ANSWERS = b"\r\n+QIRD: 400\r\n" + 400 * b"d" + b"\r\nOK\r\n" + b"\r\nERROR\r\n" + b"\r\n> "
ANSWERS += b"\r\n+QIOPEN: 0,0\r\n"


class WildUART(ScriptedUART):
    """A ScriptedUART that follows its script until `turn`: then `talk` comes, for ever, as fast as
    `baud` allows."""

    talk = None
    baud = 921600
    rxbuf = 2048
    hold_us = 0  # how long a write holds its caller for each byte
    takes = True  # whether a write takes anything
    shows = True  # whether its repr tells its baud rate

    def __repr__(self):
        return "UART(1, baudrate=%d, rxbuf=2048)" % self.baud if self.shows else "UART(rxbuf=2048)"

    def init(self, baudrate, rxbuf=None):
        pass

    def turn(self, talk):
        self.talk = talk
        self._ring = memoryview(talk * (2 + self.rxbuf // len(talk)) if talk else b"")
        self._from = clock.us
        self._at = 0

    def _due(self):
        # How many bytes wait; what found no room is lost.
        if not self.talk:
            return 0
        there = (clock.us - self._from) * self.baud // 10000000
        if there - self._at > self.rxbuf:
            self._at += (there - self._at - self.rxbuf) // len(self.talk) * len(self.talk)
        return min(there - self._at, self.rxbuf)

    def any(self):
        clock.us += LOOK_US
        return super().any() if self.talk is None else self._due()

    def readinto(self, buf, nbytes=None):
        if self.talk is None:
            return super().readinto(buf, nbytes)
        count = min(len(buf) if nbytes is None else nbytes, self._due())
        if not count:
            return None
        start = self._at % len(self.talk)
        buf[:count] = self._ring[start : start + count]
        self._at += count
        clock.us += count * BYTE_US
        return count

    def write(self, buf, offset=None, size=None):
        if not self.takes:
            clock.us += LOOK_US
            return None
        if self.talk is None:
            return super().write(buf, offset, size)
        if size is None:
            size = len(buf) if offset is None else offset
        clock.us += LOOK_US + size * self.hold_us
        return size


class Watch:
    """nic.idle: the longest time without a call of it."""

    def __init__(self):
        self.begin()

    def begin(self):
        self.longest = 0
        self.since = self.begun = clock.us

    def __call__(self):
        assert clock.us - self.begun < MOST_S * 1000000, "the call does not end"
        self.longest = max(self.longest, clock.us - self.since)
        self.since = clock.us


def line(text):
    """The trace: it costs what a line costs a Pico."""
    clock.us += LINE_US


class Pin:
    def value(self, level):
        pass


def short(nic):
    """Every time that a dialect gives is short: there are many calls."""
    for name in TIMES:
        nic.dialect.choose(name, SHORT_MS)
    nic.dialect.choose("OPEN_MS", (SHORT_MS, SHORT_MS))
    nic.BOOT_MS = SHORT_MS
    return nic


def watched(name, idle, call):
    """Call `call()`; whether it waited. idle must have been called all the time."""
    idle.begin()
    try:
        call()
    except OSError:
        pass
    except AssertionError as e:
        raise AssertionError("%s: %s" % (name, e))
    idle()
    assert idle.longest < LONGEST_MS * 1000, (name, "%d ms" % (idle.longest // 1000))
    return clock.us - idle.begun > LONGEST_MS * 1000


# ---- the calls ----


def nics(call, **options):
    """A call of an interface that is connected."""

    def run(name, uart, mood):
        idle = Watch()
        nic = short(connected("BG95S5", uart, idle=idle, trace=line, **options))
        mood(uart)
        return watched(name, idle, lambda: call(nic))

    return run, []


def sockets(call, script=OPEN, before=None):
    """A call of a socket that is open."""

    def run(name, uart, mood):
        idle = Watch()
        nic = short(connected("BG95S5", uart, idle=idle, trace=line))
        s = nic.socket(nic.AF_INET, nic.SOCK_DGRAM if script is UDP else nic.SOCK_STREAM)
        if script is LISTEN:
            s.bind(("", 2020))
            s.listen()
        else:
            s.connect(PLACE)
        s.settimeout(2)
        if before is not None:
            before(s)
        mood(uart)
        return watched(name, idle, lambda: call(s))

    return run, script


def raws(call):
    """A call of the stream of a socket in transparent mode."""

    def run(name, uart, mood):
        idle = Watch()
        nic = short(connected("BG95S5", uart, idle=idle, trace=line))
        s = nic.socket()
        s.connect(PLACE)
        raw = s.transparent().__enter__()
        raw.settimeout(2)
        mood(uart)
        return watched(name, idle, lambda: call(raw))

    return run, OPEN + RAW


def found(call):
    """A call that has no interface yet."""

    def run(name, uart, mood):
        idle = Watch()
        mood(uart)
        return watched(name, idle, lambda: call(uart, idle))

    return run, []


def option(level, number, value):
    return lambda s: s.setsockopt(level, number, value)


def written(s):
    s.write(b"data")


def left(nic):
    with nic:
        pass


def delivered(s):
    s.setsockopt(0x5143, 4, 1)
    s.connection.delivery.sent()
    s.recv(1)


BULK = bytes(4000)
CALLS = {
    "active": nics(lambda nic: nic.active(True)),
    "active with every pin": nics(lambda nic: nic.active(True), pwrkey=Pin(), reset=Pin()),
    "inactive": nics(lambda nic: nic.active(False)),
    "with": nics(left),
    "connect": nics(lambda nic: nic.connect("internet", timeout=3)),
    "wait": nics(lambda nic: (nic.disconnect(), nic.connect("internet"), nic.wait(3))),
    "disconnect": nics(lambda nic: nic.disconnect()),
    "reset": nics(lambda nic: nic.reset(), pwrkey=Pin(), reset=Pin()),
    "sleep": nics(lambda nic: (nic.sleep(), nic.status("rssi")), dtr=Pin()),
    "awake": nics(lambda nic: nic.awake(), dtr=Pin(), pwrkey=Pin()),
    "power_off": nics(lambda nic: nic.power_off(), pwrkey=Pin()),
    "baudrate": nics(lambda nic: nic.baudrate(115200)),
    "unlock": nics(lambda nic: nic.unlock("1234")),
    "status": nics(lambda nic: nic.status("rssi")),
    "ipconfig": nics(lambda nic: nic.ipconfig("dns")),
    "ifconfig": nics(lambda nic: nic.ifconfig()),
    "config": nics(lambda nic: nic.config("imsi")),
    "config of a setting": nics(lambda nic: nic.config(viewmode=1)),
    "resolve": nics(lambda nic: nic.resolve("h.example")),
    "ping": nics(lambda nic: nic.ping("h.example", 1, 1)),
    "ntp": nics(lambda nic: nic.ntp("ntp.example", set=False)),
    "clock": nics(lambda nic: nic.clock()),
    "operators": nics(lambda nic: nic.operators(3)),
    "netstat": nics(lambda nic: nic.netstat()),
    "error": nics(lambda nic: nic.error()),
    "command": nics(lambda nic: nic.command("AT+X", 3000)),
    "on_change": nics(lambda nic: nic.on_change(len)),
    "s.connect": nics(lambda nic: nic.socket().connect(PLACE)),
    "s.bind": nics(lambda nic: nic.socket(nic.AF_INET, nic.SOCK_DGRAM).bind(("", 2021))),
    "s.close": sockets(lambda s: s.close()),
    "s.recv": sockets(lambda s: s.recv(100)),
    "s.recv_into": sockets(lambda s: s.recv_into(bytearray(100))),
    "s.read": sockets(lambda s: s.read(100)),
    "s.readall": sockets(lambda s: s.read()),
    "s.readline": sockets(lambda s: s.readline()),
    "s.send": sockets(lambda s: s.send(b"data")),
    "s.write": sockets(lambda s: s.write(BULK)),
    "s.sendall": sockets(lambda s: s.sendall(BULK)),
    "s.sendto": sockets(lambda s: s.sendto(b"data", PLACE), UDP),
    "s.sendto another": sockets(lambda s: s.sendto(b"data", ("192.0.2.3", 80)), UDP),
    "s.recvfrom": sockets(lambda s: s.recvfrom(100), UDP),
    "s.send_last": sockets(lambda s: s.send_last(b"data", timeout=3)),
    "s.acked": sockets(lambda s: s.acked()),
    "s.drain": sockets(lambda s: s.drain(3)),
    "s.setsockopt of push": sockets(
        option(0x5143, 1, 1), before=lambda s: s.setsockopt(1, 8, 4096)
    ),
    "s.setsockopt of keepalive": sockets(option(1, 9, True)),
    "s.setsockopt of RAI": sockets(lambda s: (s.setsockopt(0x5143, 2, 1), s.send(b"data"))),
    "s.setsockopt of delivery": sockets(delivered),
    "s.listen": nics(lambda nic: listen(nic.socket())),
    "s.accept": sockets(lambda s: s.accept(), LISTEN),
    "s.flush": sockets(lambda s: s.flush(), before=lambda s: gathered(s)),
    "s.transparent": sockets(lambda s: s.transparent().__enter__()),
    "raw.read": raws(lambda raw: raw.read(20000)),
    "raw.readline": raws(lambda raw: raw.readline(2000)),
    "raw.write": raws(lambda raw: raw.write(BULK)),
    "raw.write of pluses": raws(lambda raw: raw.write(b"+++" + BULK)),
    "raw.leave": raws(lambda raw: raw.leave()),
    "forms.send": sockets(lambda s: forms.send(s, b"data", "line", True)),
    "forms.received": sockets(forms.received),
    "detect": found(lambda uart, idle: quectel.detect(uart, idle=idle, trace=line)),
    "diagnose": found(
        lambda uart, idle: quectel.diagnose(
            uart, "internet", timeout=3, show=len, idle=idle, trace=line
        )
    ),
}
# They ask nobody.
AT_ONCE = ("context", "inet_ntop", "inet_pton", "on_urc", "s.getsockopt")


def listen(s):
    s.bind(("", 2020))
    s.listen()


def gathered(s):
    s.setsockopt(0x5143, 3, True)
    s.write(b"data")


def test_every_method_is_here():
    names = list(nic_file.METHODS) + list(nic_file.BRIEF)
    names += ["s." + name for name in socket_file.METHODS]
    for name in names:
        assert [key for key in CALLS if key.startswith(name)] or name in AT_ONCE, name


def every(mood, what):
    """Each call, in that mood of the UART; how many of them waited."""
    waited = 0
    for name in sorted(CALLS):
        run, script = CALLS[name]
        uart = WildUART(script)
        waited += run("%s, %s" % (name, what), uart, mood)
    return waited


def talking(talk):
    def mood(uart):
        uart.turn(talk)

    return mood


def test_a_module_that_is_mute():
    assert every(talking(MUTE), "mute") > 40


def test_a_module_that_makes_noise_for_ever():
    every(talking(NOISE), "noise")


def test_a_module_that_answers_for_ever():
    every(talking(ANSWERS), "answers")


def test_a_uart_that_takes_nothing():
    """RTS/CTS, and a module that never clears to send."""

    def mood(uart):
        uart.turn(MUTE)
        uart.takes = False

    every(mood, "nothing is taken")


def test_a_uart_that_holds_whoever_writes():
    """9600 baud without a transmit buffer; its repr tells the rate, or does not."""

    def mood(uart):
        uart.turn(MUTE)
        uart.hold_us = 1042

    for shows in (True, False):
        WildUART.shows = shows
        WildUART.baud = 9600
        try:
            every(mood, "9600 baud")
        finally:
            WildUART.shows, WildUART.baud = True, 921600
