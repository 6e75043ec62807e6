"""Plays what real modules were seen to do, a file of tests_host/field each, in virtual time.

    # what was seen, and of which modules
    # play: CLASS scenario [argument]   what the program does: the functions below
    # want: text                        what it must see; * stands for anything
    # model: NAME                       a module that is a class of field_modules.py, not lines
    ! COMMAND => bytes                  the answer to a command, whenever it comes
    > COMMAND                           the driver sends this line (* stands for anything)
    >> bytes                            ... these bytes, after a prompt
    < bytes                             the module sends them; \\r, \\n and \\x02 as in Python
    ~ ms                                ... so much later

Commands that a file does not name have the answers of BACKGROUND."""

import errno

import virtual_time

clock = virtual_time.clock

import quectel  # noqa: E402  after the clock is in place
import field_modules  # noqa: E402
from quectel import errors  # noqa: E402
from scripted import connected  # noqa: E402

FOLDER = __file__.rpartition("/")[0] + "/../field/"
PEER = ("220.180.239.212", 8055)
SOON_S = 3  # what is late for a program that waits for data
_NAMES = "ECONNRESET ECONNABORTED ECONNREFUSED ETIMEDOUT ENODEV EIO EACCES EHOSTUNREACH EAGAIN"


class Behaviour:
    """A file of tests_host/field."""

    def __init__(self, name):
        self.steps = []
        self.answers = []
        self.head = {}
        with open(FOLDER + name + ".txt") as lines:
            for line in lines:
                self._take(line.rstrip("\n"))

    def _take(self, line):
        kind, _, what = line.partition(" ")
        if kind == "#":
            key, _, value = what.partition(": ")
            self.head[key] = value
        elif kind == "!":
            command, _, answer = what.partition(" => ")
            self.answers.append((command, unescaped(answer)))
        elif kind == "~":
            self.steps.append((kind, int(what)))
        else:
            self.steps.append((kind, what if kind == ">" else unescaped(what)))


def unescaped(text):
    """Bytes, of text with the escapes that the files use."""
    first, *others = text.replace("\\r", "\r").replace("\\n", "\n").split("\\x")
    data = first.encode()
    for part in others:
        data += bytes((int(part[:2], 16),)) + part[2:].encode()
    return data


def play(name):
    """Play a file: the program of its scenario must see what the file wants."""
    behaviour = Behaviour(name)
    model, scenario, argument = (behaviour.head["play"].split(" ", 2) + [""])[:3]
    uart = field_modules.named(behaviour.head.get("model"))(behaviour, model)
    try:
        outcome = globals()[scenario](model, uart, argument)
    except OSError as e:
        outcome = "raises " + told(e)
    wanted = behaviour.head["want"]
    assert field_modules.matches(wanted, outcome), (outcome, wanted, uart.log[-12:])


def told(error):
    """An OSError as text."""
    for name in _NAMES.split():
        if getattr(errno, name, None) == error.args[0]:
            break
    else:
        name = {errors.EBUSY: "EBUSY", errors.ENETUNREACH: "ENETUNREACH"}.get(error.args[0], "?")
    return "%s (%s)" % (name, error.args[1] if len(error.args) > 1 else "")


# ---- what programs do ----


def _since(start):
    return (clock.us - start) / 1000000


def _opened(model, uart):
    nic = connected(model, uart)
    s = nic.socket()
    s.connect(PEER)
    return nic, s


def _read(s, most=1 << 20):
    got = b""
    try:
        while len(got) < most:
            piece = s.recv(512)
            if not piece:
                return got, "end of file"
            got += piece
    except OSError as e:
        return got, told(e)
    return got, "all"


def _polled(nic, s, seconds):
    # What the socket has within so many seconds, and after how many.
    s.setblocking(False)
    start = clock.us
    while _since(start) < seconds:
        try:
            return s.recv(100), _since(start)
        except OSError as e:
            if e.args[0] != errno.EAGAIN:
                raise
        nic.module.wait()
    return None, _since(start)


def bringup(model, uart, argument):
    getattr(quectel, model)(uart).active(True)
    return "ready"


def network(model, uart, argument):
    nic = getattr(quectel, model)(uart)
    nic.active(True)
    nic.connect(*([argument] if argument else []))
    start = clock.us
    while not nic.isconnected():
        if nic.status() < 0:
            return "failed: " + told(nic.status("error"))
        if _since(start) > 900:
            return "still connecting"
        nic.module.wait()
        clock.sleep_ms(20)
    return "connected"


def identity(model, uart, argument):
    return connected(model, uart).config(argument)


def resolve(model, uart, argument):
    return repr(connected(model, uart).resolve("www.example.com"))


def ntp(model, uart, argument):
    return _date(connected(model, uart).ntp("pool.ntp.org", set=False))


def clock_of_module(model, uart, argument):
    return _date(connected(model, uart).clock())


def _date(now):
    return "%04d-%02d-%02d %02d:%02d:%02d UTC" % now[:6]


def ping(model, uart, argument):
    outcome = connected(model, uart).ping("8.8.8.8")
    return "sent %d received %d lost %d min %d max %d avg %d" % outcome[:6]


def status(model, uart, argument):
    return repr(connected(model, uart).status(argument))


def netstat(model, uart, argument):
    row = connected(model, uart).netstat()[0]
    return "%s %s" % (row.service, row.state)


def opens(model, uart, argument):
    try:
        _, s = _opened(model, uart)
    except OSError as e:
        return told(e)
    return "open as %d" % s.connection.id


def receive(model, uart, argument):
    got, end = _read(_opened(model, uart)[1], int(argument or 1 << 20))
    return "%s then %s" % (repr(got) if len(got) < 60 else "%d bytes" % len(got), end)


def request(model, uart, argument):
    """Send a request, then read to the end."""
    _, s = _opened(model, uart)
    s.send(b"GET")
    got, end = _read(s)
    return "%d bytes then %s" % (len(got), end)


def two_sockets(model, uart, argument):
    """The second has been silent for 200 s when data comes for it while the first sends."""
    nic, first = _opened(model, uart)
    second = nic.socket()
    second.connect(PEER)
    _polled(nic, second, 200)
    first.send(b"x")
    got, late = _polled(nic, second, 300)
    return "%r %s" % (got, "in time" if late < SOON_S else "late: %.1f s" % late)


def late_push(model, uart, argument):
    """Data comes after 100 s of silence."""
    nic, s = _opened(model, uart)
    got, late = _polled(nic, s, 300)
    return "%r %s" % (got, "in time" if late < 100 + SOON_S else "late: %.0f s" % late)


def idle_then_send(model, uart, argument):
    """A minute without traffic, then a question to the peer."""
    nic, s = _opened(model, uart)
    try:
        _polled(nic, s, 60)
        s.setblocking(True)
        s.send(b"ping")
        return repr(s.recv(10))
    except OSError as e:
        return told(e)


def send(model, uart, argument):
    try:
        return "sent %d" % _opened(model, uart)[1].send(argument.encode())
    except OSError as e:
        return told(e)


def watch(model, uart, argument):
    """Poll for some seconds: how do the socket and the interface look then?"""
    nic, s = _opened(model, uart)
    start = clock.us
    while _since(start) < int(argument):
        nic.module.wait()
    s.settimeout(1)
    try:
        fate = repr(s.recv(10))
    except OSError as e:
        fate = told(e).split(" ")[0]
    up, idle = nic.isconnected(), nic.channel.idle
    return "socket: %s; interface: %s; answers AT: %s" % (
        fate,
        "up" if up else "down",
        "yes" if idle else "no",
    )


def pushed(model, uart, argument):
    nic = connected(model, uart)
    s = nic.socket()
    s.setsockopt(nic.SOL_SOCKET, nic.SO_RCVBUF, 4096)
    s.setsockopt(nic.SOL_QUECTEL, nic.ACCESS_MODE, nic.PUSH)
    s.connect(PEER)
    got, end = _read(s, int(argument))
    return "%d bytes then %s" % (len(got), end)
