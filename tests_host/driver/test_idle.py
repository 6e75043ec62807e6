"""nic.idle: called again and again during each call that waits, as a watchdog is fed there."""

import errno

import virtual_time
import quectel
from cellular_module import CellularModule
from scripted import ScriptedUART, connected, raises

from quectel import nic as nic_file
from quectel import socket as socket_file

GAP_MS = 20  # the document of the interface promises 100
NAP_US = 8000  # a sleep of the driver is so long here: three without a call are too long
OK = ("<", "OK")
PLACE = ("192.0.2.2", 80)
OPEN = [(">", 'AT+QIOPEN=1,0,"TCP","192.0.2.2",80,0,0'), OK, ("!", "+QIOPEN: 0,0")]
UDP = [(">", 'AT+QIOPEN=1,0,"UDP","192.0.2.2",80,0,0'), OK, ("!", "+QIOPEN: 0,0")]
NOTHING = [(">", "AT+QIRD=0,1500"), ("<", "+QIRD: 0"), OK]
DATA = [(">", "AT+QIRD=0,1500"), ("<", "+QIRD: 4"), ("<<", b"abc\n"), OK]
SEND = [(">", "AT+QISEND=0,4"), ("<prompt", "> "), (">>", b"abcd"), ("<", "SEND OK")]
CLOSE = [(">", "AT+QICLOSE=0"), OK]
LISTEN = [
    (">", 'AT+QIOPEN=1,0,"TCP LISTENER","127.0.0.1",0,2020,0'),
    OK,
    ("!", "+QIOPEN: 0,0"),
]

clock = virtual_time.clock
virtual_time.Time.sleep_ms = lambda ms: clock.sleep_us(max(ms * 1000, NAP_US))
virtual_time.Time.sleep_us = lambda us: clock.sleep_us(max(us, NAP_US))


class Fed:
    """What nic.idle is: counts, and knows the longest time without a call."""

    def __init__(self):
        self.count = 0
        self.gap = 0
        self.since = virtual_time.clock.elapsed_ms()

    def __call__(self):
        self.count += 1
        now = virtual_time.clock.elapsed_ms()
        self.gap = max(self.gap, now - self.since)
        self.since = now


def watched(name, nic, call):
    """Call `call(nic)`, during which idle must be called all the time."""
    fed = Fed()
    nic.idle = fed
    with virtual_time.fine:
        start = fed.since
        result = call(nic)
        fed()
    took = fed.since - start
    assert took >= 500, (name, "did not wait", took)
    assert fed.count > took / GAP_MS, (name, fed.count, took)
    assert fed.gap <= GAP_MS, (name, fed.gap)
    return result


def slow(script):
    """The module takes a second for whatever it is sent."""
    played = []
    for step in script:
        played.append(step)
        if step[0] in (">", ">>"):
            played.append(("wait", 1))
    return played


def asks(line, *answer):
    return [(">", line)] + [("<", text) for text in answer] + [OK]


def opened(before, after, call, kind=1):
    """A call of a socket that is connected."""

    def test(name):
        uart = ScriptedUART(before + slow(after))
        nic = connected("BG95S5", uart)
        s = nic.socket(nic.AF_INET, kind)
        s.connect(PLACE)
        watched(name, nic, lambda nic: call(s))

    return test


def asked(script, call, model="BG95S5"):
    """A call of the interface."""

    def test(name):
        uart = ScriptedUART(slow(script))
        watched(name, connected(model, uart), call)
        assert uart.done(), (name, uart.script)

    return test


def cellular(call, model="BG95S5", **what):
    """A call that brings the module up, or down."""

    def test(name):
        uart = CellularModule(model)
        nic = getattr(quectel, model)(uart)
        nic.active(True)
        for key, value in what.items():
            setattr(uart, key, value)
        watched(name, nic, call)

    return test


def silent(name):
    nic = quectel.BG95S5(CellularModule("BG95S5"))
    nic.channel.uart.silent = True
    watched(name, nic, lambda nic: raises(OSError, nic.active, True))


def detected(name):
    uart = CellularModule("BG95S5")
    uart.silent = True
    fed = Fed()
    with virtual_time.fine:
        start = fed.since
        raises(OSError, quectel.detect, uart, idle=fed)
        fed()
    assert fed.since - start > 10000 and fed.gap <= GAP_MS, (name, fed.gap)


def waiting(nic):
    nic.connect("internet")
    raises(OSError, nic.wait, 5)


def diagnosed(name):
    # A module that is silent at every baud rate, and one that answers.
    for silent in (True, False):
        uart = CellularModule("BG95S5")
        uart.silent = silent
        fed = Fed()
        with virtual_time.fine:
            quectel.diagnose(uart, "internet", timeout=20, show=len, idle=fed)
            fed()
        assert fed.count > 100 and fed.gap <= GAP_MS, (name, silent, fed.gap)


def reaches(call, *args):
    return lambda nic: raises(OSError, getattr(nic, call), *args)


def listening(name):
    nic = connected("BG95S5", ScriptedUART(slow(LISTEN)))
    s = nic.socket()
    s.bind(("", 2020))
    s.settimeout(3)
    watched("listen", nic, lambda nic: s.listen())
    watched("accept", nic, lambda nic: raises(OSError, s.accept))


def coalescing(name):
    nic = connected("BG95S5", ScriptedUART(OPEN + slow(SEND)))
    nic.config(coalesce=True)
    s = nic.socket()
    s.connect(PLACE)
    s.write(b"abcd")
    watched(name, nic, lambda nic: s.flush())


def transparent(name):
    leave = [(">>", b"+++"), ("wait", 1.0), OK, (">", "AT+QISWTMD=0,0"), OK]
    script = OPEN + slow(NOTHING) + slow([(">", "AT+QISWTMD=0,2"), ("<", "CONNECT")]) + leave
    nic = connected("BG95S5", ScriptedUART(script))
    s = nic.socket()
    s.connect(PLACE)
    raw = s.transparent()
    watched("transparent, entering", nic, lambda nic: raw.__enter__())
    raw.settimeout(2)
    watched("transparent, read", nic, lambda nic: raises(OSError, raw.read, 1))
    watched("transparent, leaving", nic, lambda nic: raw.__exit__(None, None, None))


def resolving(name):
    answer = ['+QIURC: "dnsgip",0,1,600', '+QIURC: "dnsgip","192.0.2.7"']
    script = [(">", 'AT+QIDNSGIP=1,"h.example"'), OK, ("wait", 1)]
    script += [("!", line) for line in answer]
    nic = connected("BG95S5", ScriptedUART(script))
    watched(name, nic, lambda nic: nic.resolve("h.example"))


NTP = [(">", 'AT+QNTP=1,"ntp.example",123,0'), OK, ("wait", 1)]
NTP += [("!", '+QNTP: 0,"2024/05/21,03:08:20+00"')]
PING = [(">", 'AT+QPING=1,"h.example",4,1'), OK, ("wait", 1)]
PING += [("!", '+QPING: 0,"192.0.2.7",32,120,255'), ("!", "+QPING: 0,1,1,0,120,120,120")]
ACKED = asks("AT+QISEND=0,0", "+QISEND: 4,4,0")
LAST = [(">", 'AT+QISENDEX=0,"61626364",2'), ("<", "SEND OK")]

WAITS = {
    "active": silent,
    "detect": detected,
    "diagnose": diagnosed,
    "connect": cellular(lambda nic: raises(OSError, nic.connect, timeout=5), stat=2),
    "wait": cellular(waiting, stat=2),
    "disconnect": asked(asks("AT+QIDEACT=1"), lambda nic: nic.disconnect()),
    "reset": cellular(lambda nic: nic.reset()),
    "sleep": asked(asks("AT+QSCLK=1"), lambda nic: nic.sleep(), "BC25"),
    "awake": asked(asks("AT+QSCLK=0"), lambda nic: nic.awake(), "BC25"),
    "power_off": cellular(lambda nic: nic.power_off()),
    "baudrate": cellular(reaches("baudrate", 921600), heard_at=115200),
    "unlock": cellular(reaches("unlock", "1234"), pin_state=None),
    "status": asked(asks("AT+CSQ", "+CSQ: 20,99"), lambda nic: nic.status("rssi")),
    "ipconfig": asked(
        asks("AT+QIDNSCFG=1", '+QIDNSCFG: 1,"192.0.2.53"'), lambda nic: nic.ipconfig("dns")
    ),
    "ifconfig": asked(
        asks("AT+QIDNSCFG=1", '+QIDNSCFG: 1,"192.0.2.53"'), lambda nic: nic.ifconfig()
    ),
    "config": asked(asks("AT+CIMI", "460001234567890"), lambda nic: nic.config("imsi")),
    "resolve": resolving,
    "ping": asked(PING, lambda nic: nic.ping("h.example", 1)),
    "ntp": asked(NTP, lambda nic: nic.ntp("ntp.example", set=False)),
    "clock": asked(asks("AT+CCLK?", '+CCLK: "24/05/21,03:08:20+00"'), lambda nic: nic.clock()),
    "operators": asked(asks("AT+COPS=?", "+COPS: ,,(0-4),(0-2)"), lambda nic: nic.operators()),
    "netstat": asked(asks("AT+QISTATE?"), lambda nic: nic.netstat()),
    "error": asked(
        asks("AT+QIGETERROR", "+QIGETERROR: 0, operate successfully"), lambda nic: nic.error()
    ),
    "command": asked(asks("AT+X"), lambda nic: nic.command("AT+X")),
    "on_change": asked(asks("AT+CEREG=1") + asks("AT+CGREG=1"), lambda nic: nic.on_change(print)),
    "s.connect": asked(OPEN, lambda nic: nic.socket().connect(PLACE)),
    "s.close": opened(OPEN, CLOSE, lambda s: s.close()),
    "s.recv": opened(OPEN, NOTHING + DATA, lambda s: s.recv(4)),
    "s.readline": opened(OPEN, NOTHING + DATA, lambda s: s.readline()),
    "s.send": opened(OPEN, SEND, lambda s: s.send(b"abcd")),
    "s.write": opened(OPEN, SEND, lambda s: s.write(b"abcd")),
    "s.sendto": opened(UDP, SEND, lambda s: s.sendto(b"abcd", PLACE), 2),
    "s.recvfrom": opened(UDP, NOTHING + DATA, lambda s: s.recvfrom(100), 2),
    "s.acked": opened(OPEN, ACKED, lambda s: s.acked()),
    "s.drain": opened(OPEN, ACKED, lambda s: s.drain(10)),
    "s.send_last": opened(OPEN, LAST + ACKED, lambda s: s.send_last(b"abcd")),
    "s.setsockopt": asked(
        [(">", 'AT+QICFG="tcp/keepalive",1,2,30,3'), OK],
        lambda nic: nic.socket().setsockopt(nic.SOL_SOCKET, nic.SO_KEEPALIVE, (120, 30, 3)),
    ),
    "s.listen": listening,
    "s.accept": listening,
    "s.flush": coalescing,
    "s.transparent": transparent,
}
# They ask nobody, or not by themselves.
AT_ONCE = ("context", "inet_ntop", "inet_pton", "on_urc", "s.bind", "s.getsockopt")


def test_every_method_is_in_the_table():
    names = list(nic_file.METHODS) + list(nic_file.BRIEF)
    names += ["s." + name for name in socket_file.METHODS]
    for name in names:
        assert (name in WAITS) != (name in AT_ONCE), name


def test_idle_is_called_during_each():
    for name in sorted(WAITS):
        WAITS[name](name)


def test_what_idle_raises_ends_the_wait():
    nic = connected("BG95S5", ScriptedUART([(">", "AT+X"), ("wait", 100)]))
    calls = []

    def idle():
        calls.append(1)
        if len(calls) == 3:
            raise ValueError("enough")

    nic.idle = idle
    raises(ValueError, nic.command, "AT+X")
    assert len(calls) == 3


def test_a_second_context_waits_with_the_first_ones_idle():
    uart = ScriptedUART(slow(asks("AT+CSQ", "+CSQ: 20,99")))
    nic = connected("BG95S5", uart)
    other = nic.context(2)
    fed = Fed()
    nic.idle = fed
    other.status("rssi")
    assert fed.count > 5


def test_what_does_not_wait_calls_nothing():
    nic = connected("BG95S5", ScriptedUART(OPEN))
    fed = Fed()
    nic.idle = fed
    s = nic.socket()
    s.setblocking(False)
    assert raises(OSError, s.connect, PLACE).args[0] == errno.EINPROGRESS
    for _ in range(100):
        nic.poll()
    nic.isconnected(), nic.status()
    assert fed.count == 0
