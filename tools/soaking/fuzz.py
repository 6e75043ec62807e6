"""Answers and lines that were never meant: those of the documents' examples, mutated, given to
every call of the API while a virtual module answers it."""

import re
import runpy
from pathlib import Path

from tools.soaking import patterns
from tools.soaking.line import PAYLOAD, DamagedLine, units
from tools.soaking.program import Program
from tools.soaking.world import ONLINE, Link, Violation, World

_TOP = Path(__file__).resolve().parent.parent.parent
_ANSWER = 10000  # ms for an AT
_CALLS = 150  # of one world, then a new one begins
_WORKS = 200.0  # s in which AT must be answered
# Of general commands, which no example of TCP/IP has, and of modules that start, sleep, report.
_MORE = (
    "RDY", "APP RDY", "POWERED DOWN", "NORMAL POWER DOWN", "+CPIN: READY", "+CPIN: NOT INSERTED",
    "+CSQ: 22,99", "+CSQ: 99,99", "+CEREG: 0,1", '+CEREG: 2,1,"1A2B","01C3D4E5",9', "+CGREG: 0,5",
    '+COPS: 0,0,"Operator, one",7', "+CGATT: 1", '+CGPADDR: 1,"10.0.0.1"', "+CGACT: 1,1",
    "+CFUN: 1", '+CCLK: "26/11/21,10:11:12+04"', "+CME ERROR: 3", "+CMS ERROR: 500", "OK", "ERROR",
    "SEND OK", "SEND FAIL", "CLOSE OK", "CONNECT", "NO CARRIER", "> ", "+QATSLEEP", "+QATWAKEUP",
    "+QIGETERROR: 563,identity has been used", "+QIRD: 10,0", "+QIRD: -1", "+QIRD: 4000000000",
    '+QIURC: "recv",0', '+QIURC: "recv",1,20', '+QIURC: "closed",0', '+QIURC: "pdpdeact",1',
    '+QIURC: "incoming",3,0,"198.51.100.7",1000', '+QIURC: "incoming full",0', "+QIOPEN: 0,0",
    '+QIURC: "dnsgip",0,1,60', '+QIURC: "dnsgip","192.0.2.2"', "+QISEND: 10,5,5",
    '+QIACT: 1,1,1,"10.0.0.1"', '+QISTATE: 0,"TCP","192.0.2.2",80,4000,2,1,0,0,"uart1"',
    '+QPING: 0,"192.0.2.2",32,20,255', "+QPING: 0,4,4,0,20,30,25", "+QIACTEX: 1,0",
    "+QIDEACTEX: 1,0",
    '+QNTP: 0,"2026/11/21,10:11:12+32"', "866425030000000", "+QCCID: 8986001234567890123F",
    '+QIDNSCFG: 1,"192.0.2.53","192.0.2.54"', "Neul", "REBOOT_CAUSE_SECURITY_PMU_POWER_ON_RESET",
)  # fmt: skip
_PARSED = re.compile("literal|unpack|not in list|substring")  # not about an argument
_NUMBERS = (
    "", "-1", "5v2", "99999999999", "0", " 7", "+3", "0x1f", "1.5", "--", "65536", "255", '"', ",",
)  # fmt: skip


def examples(key):
    """The lines that modules say in the examples of this dialect's document."""
    name = "bc95" if key == "bc92" else key
    found = runpy.run_path(str(_TOP / "tests_host" / "conversations" / (name + ".py")))
    lines = set(_MORE)
    for conversation in found["CONVERSATIONS"].values():
        for step in conversation:
            if step[0] in ("<", "!") and isinstance(step[1], str):
                lines.add(step[1])
    return sorted(lines)


def mutated(line, random, others):
    """`line` (bytes) with something wrong in it."""
    for _ in range(random.choice((0, 1, 1, 1, 2, 4))):
        line = random.choice(_WAYS)(line, random, others)
    return line


def _place(line, random):
    return random.randrange(len(line) + 1)


def _without(line, random, _others):
    at = _place(line, random)
    return line[:at] + line[at + random.choice((1, 1, 2, 10)) :]


def _twice(line, random, _others):
    at = _place(line, random)
    return line[:at] + line[at : at + 3] + line[at:]


def _flipped(line, random, _others):
    if not line:
        return line
    at = random.randrange(len(line))
    return line[:at] + bytes((line[at] ^ 1 << random.randrange(8),)) + line[at + 1 :]


def _noisy(line, random, _others):
    at = _place(line, random)
    return line[:at] + random.randbytes(random.choice((1, 2, 8))) + line[at:]


def _cut(line, random, _others):
    at = _place(line, random)
    return random.choice((line[:at], line[at:]))


def _field(line, random, _others):
    fields = line.split(b",")
    head, colon, _ = fields[0].partition(b":")
    at = random.randrange(len(fields))
    new = random.choice(_NUMBERS).encode()
    if at == 0 and colon:
        fields[0] = head + colon + new
    else:
        fields[at] = new
    return b",".join(fields)


def _fields(line, random, _others):
    fields = line.split(b",")
    way = random.randrange(4)
    if way == 0:
        random.shuffle(fields)
    elif way == 1:
        fields.append(random.choice(fields))
    elif way == 2:
        del fields[random.randrange(len(fields))]
    else:
        fields = fields[: random.randrange(len(fields)) + 1]
    return b",".join(fields)


def _spaced(line, _random, _others):
    return line.replace(b": ", b":") if b": " in line else line.replace(b",", b" , ")


def _joined(line, random, others):
    return line + random.choice((b"", b"\r\n", b"\r", b"\n")) + random.choice(others)


def _long(line, random, _others):
    return line + random.choice((b"9", b",", b'"', b"\xff", b"A")) * random.choice((50, 400, 2000))


_WAYS = (
    _without, _twice, _flipped, _noisy, _cut, _field, _field, _field, _fields, _spaced, _joined,
    _long,
)  # fmt: skip


class FuzzLine(DamagedLine):
    """While `wild` is true, what the module says is mutated, and other lines stand around it."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.wild = False
        self.lines = 0
        self.corpus = ()

    def _collect(self):
        if not self.wild:
            return super()._collect()
        data = self._module.take()
        if not data:
            return None
        random = self._random
        done = bytearray()
        for kind, unit in units(data):
            if random.random() < 0.15:
                done += self.strange()
            way = random.random()
            if kind == PAYLOAD or way < 0.5:
                done += unit
            elif way < 0.9:
                self.lines += 1
                done += b"\r\n" + mutated(unit.strip(b"\r\n"), random, self.corpus) + b"\r\n"
            elif way < 0.97:
                done += self.strange()
        return self.coming_in(bytes(done))

    def strange(self):
        """A line that nobody asked for."""
        self.lines += 1
        line = mutated(self._random.choice(self.corpus), self._random, self.corpus)
        return b"\r\n" + line + b"\r\n"

    def say(self):
        """Something, all at once."""
        if self.wild:
            self.coming_in(self.strange())


class FuzzWorld(World):
    def __init__(self, key, seed):
        super().__init__(key, seed, [], [], FuzzLine)
        self.harmless = False
        self.line.corpus = [line.encode("latin-1") for line in examples(key)]

    def refusal(self, error):
        return isinstance(error, ValueError) and not _PARSED.search(str(error))

    def bound(self, own):
        # A module that tells nonsense has the driver look again and again.
        return 20 * own + 20 * self.slow

    def _spoil(self, link, at, data, again=""):
        """What peers get is not looked at here."""


class Fuzzer(Program):
    """Calls every part of the API."""

    def start(self):
        """Online, with a set of sockets."""
        world = self.world
        world.bring_up()
        if not world.online(ONLINE):
            world.violate("wedged", "not online at the beginning")
        world.check()
        self._sockets()

    def _sockets(self):
        world, nic = self.world, self.nic
        while len(world.links) < 3:
            link = Link("fuzz %d" % next(world.names), patterns.RANDOM)
            link.datagram = len(world.links) == 2
            kind = nic.SOCK_DGRAM if link.datagram else nic.SOCK_STREAM
            link.port = next(world.ports)
            world.network.expected[link.port] = link
            link.sock = nic.socket(type=kind)
            link.sock.settimeout(10)
            world.links.append(link)
            try:
                link.sock.connect(("192.0.2.2", link.port))
            except OSError:
                pass

    def step(self):
        """One call with a wild line, and an AT on a whole one."""
        world, line = self.world, self.world.line
        name, func = self.random.choice(self._calls())
        line.wild = True
        for _ in range(self.random.choice((1, 2, 6))):
            world.clock.call_later(self.random.choice((0.0, 0.01, 0.3, 2.0)), line.say)
        world.call(world.bound(60.0), name, func)
        for _ in range(20):
            world.call(world.bound(60.0), "poll", self.nic.poll)
            world.clock.advance(0.02)
        line.wild = False
        self._works()
        world.network.peers[:-20] = []

    def _works(self):
        world = self.world
        start = world.now()
        while True:
            _, error = world.call(world.bound(60.0), "command", self.nic.command, "AT", _ANSWER)
            if error is None:
                break
            if world.now() - start > _WORKS + world.slow:
                world.violate("wedged", "AT is not answered: %r" % error)
                world.check()
            world.idle(1.0)
        for link in world.links[:]:
            if self.random.random() < 0.3:
                link.sock.settimeout(None)
                self._unlink(link)
        if self.random.random() < 0.3 or not self.nic.isconnected():
            self.nic.active(True) if self.random.random() < 0.1 else None
            world.call(5.0, "connect", self.nic.connect, "internet")
            for _ in range(300):
                if world.isconnected() or self.nic.status() < 0:
                    break
                world.idle(0.5)
        if world.isconnected():
            self._sockets()

    def _calls(self):
        nic, rnd = self.nic, self.random
        sock = rnd.choice(self.world.links).sock if self.world.links else nic.socket()
        sock.settimeout(rnd.choice((0, 0.5, 5, 20)))
        buf = bytearray(rnd.choice((1, 300, 2000)))
        keys = ("imei", "iccid", "imsi", "model", "firmware", "apn", "keepalive", "qidnscfg",
                *self.dialect.QICFG, *self.dialect.OPTIONS)  # fmt: skip
        key = rnd.choice(keys)

        def listen():
            other = nic.socket()
            other.settimeout(rnd.choice((0, 2)))
            try:
                other.bind(("", rnd.randint(6000, 9000)))
                other.listen(1)
                return other.accept()
            finally:
                other.close()

        def late():
            other = nic.socket(type=rnd.choice((nic.SOCK_DGRAM, nic.SOCK_STREAM)))
            other.settimeout(rnd.choice((0, 3, 30)))
            try:
                other.connect((rnd.choice(("192.0.2.2", "example.com")), 9))
                other.send(b"x")
            finally:
                other.close()

        return (
            ("poll", nic.poll), ("isconnected", nic.isconnected), ("status", nic.status),
            ("rssi", lambda: nic.status("rssi")), ("operator", lambda: nic.status("operator")),
            ("registration", lambda: nic.status("registration")), ("error", nic.error),
            ("netstat", nic.netstat), ("netstat(0)", lambda: nic.netstat(0)),
            ("resolve", lambda: nic.resolve("example.com")), ("clock", nic.clock),
            ("ping", lambda: nic.ping("192.0.2.2", 2, 1)), ("ifconfig", nic.ifconfig),
            ("ntp", lambda: nic.ntp("192.0.2.2", set=False)),
            ("ipconfig", lambda: nic.ipconfig(rnd.choice(("addr4", "addr6", "dns")))),
            ("config " + key, lambda: nic.config(key)), ("listen", listen), ("late", late),
            ("active", lambda: nic.active(True)), ("connect", lambda: nic.connect("internet")),
            ("command", lambda: nic.command("AT+CSQ")), ("disconnect", nic.disconnect),
            ("command data", lambda: nic.command("AT+QISEND=0,5", 5000, b"hello")),
            ("send", lambda: sock.send(b"0123456789" * 30)), ("recv", lambda: sock.recv(1500)),
            ("write", lambda: sock.write(bytes(range(256)) * 8)), ("read", lambda: sock.read(100)),
            ("recv_into", lambda: sock.recv_into(buf)), ("readinto", lambda: sock.readinto(buf)),
            ("readline", sock.readline), ("acked", sock.acked), ("drain", lambda: sock.drain(2)),
            ("sendto", lambda: sock.sendto(b"12345", ("192.0.2.2", 9))),
            ("recvfrom", lambda: sock.recvfrom(1500)), ("accept", sock.accept),
            ("ioctl", lambda: sock.ioctl(3, 5)),
            ("keepalive", lambda: sock.setsockopt(1, 9, True)),
        )  # fmt: skip


def fuzz(key, seed, count):
    """Until `count` lines have been given; (lines, calls, the World of a violation, Violation)."""
    lines = calls = 0
    while lines < count:
        world = FuzzWorld(key, seed)
        fuzzer = Fuzzer(world)
        try:
            fuzzer.start()
            for _ in range(_CALLS):
                fuzzer.step()
                calls += 1
                if lines + world.line.lines >= count:
                    break
        except Violation as violation:
            return lines + world.line.lines, calls, world, violation
        lines += world.line.lines
        seed += 1
    return lines, calls, None, None
