"""The program of `tools/soak --real`: MODEM and MODULE name the line, as for boards/unix; the
arguments are the peer's port, a seed, and for how many seconds there are faults. It prints what
happens in lines of words; `done` is the last."""

import errno
import gc
import sys
import time

import board
import stream_table

_PORT, _SEED, _SECONDS = [int(word) for word in sys.argv[1:4]]
_HOST = "example.com"
_PASSING = (errno.EAGAIN, errno.ETIMEDOUT, errno.EINPROGRESS)
_SLOW_MS = 15000  # more than its time-out that a call may take: this machine has much to do
_START = time.ticks_ms()


class Random:
    def __init__(self, seed):
        self._x = seed * 2654435 + 1

    def below(self, n):
        self._x = (self._x * 1103515245 + 12345) & 0x3FFFFFFF
        return (self._x >> 12) % n

    def choice(self, values):
        return values[self.below(len(values))]


def seconds():
    return time.ticks_diff(time.ticks_ms(), _START) / 1000


def say(*words):
    print("%.1f" % seconds(), *words)


def violation(*words):
    say("violation", *words)
    raise SystemExit


def call(limit, name, func, *args):
    """(value, None) or (None, OSError) of a call that may take `limit` seconds."""
    start = time.ticks_ms()
    try:
        result = func(*args), None
    except OSError as e:
        result = None, e
    except Exception as e:
        if hasattr(sys, "print_exception"):
            sys.print_exception(e, sys.stdout)
        else:
            import traceback

            traceback.print_exc(file=sys.stdout)
        violation("exception", name, repr(e))
    took = time.ticks_diff(time.ticks_ms(), start)
    if took > limit * 1000 + _SLOW_MS:
        violation("late", name, took, "ms, not", limit, "s")
    return result


class Program:
    def __init__(self, nic):
        self.nic = nic
        self.random = Random(_SEED)
        self.links = []
        self.numbers = _SEED % 100 * 1000
        self.up = self.down = self.calls = 0
        self.slow = (nic.dialect.SEND_MS + nic.dialect.SILENCE_MS) / 1000

    def isconnected(self):
        return call(1, "isconnected", self.nic.isconnected)[0]

    def online(self, limit):
        start = seconds()
        while not self.isconnected():
            if seconds() - start > limit:
                return False
            if self.nic.status() in (self.nic.STAT_IDLE, self.nic.STAT_CONNECT_FAIL,
                                     self.nic.STAT_NO_SIM):  # fmt: skip
                call(1, "connect", self.nic.connect, "internet")
            time.sleep_ms(50)
        return True

    def close(self, link):
        if link in self.links:
            self.links.remove(link)
        link.sock.settimeout(None)
        call(self.slow + 4 * 12 + 60, "close", link.sock.close)
        say("closed", link.number, link.sent, link.got, int(link.failed))

    def failed(self, link, error):
        link.failed = True
        say("failed", link.number, repr(error))
        self.close(link)

    def open(self, timeout):
        self.numbers += 1
        link = stream_table.Connection(self.numbers, self.nic.socket())
        link.sock.settimeout(timeout)
        _, error = call(timeout, "connect", link.sock.connect, (_HOST, _PORT))
        if error is None:
            data = stream_table.head(link.number)
            _, error = call(timeout, "send", link.sock.sendall, data)
        if error is not None:
            say("unopened", link.number, repr(error))
            link.failed = True
            self.close(link)
            return error
        self.links.append(link)
        return link

    def send(self, link, size, timeout):
        link.sock.settimeout(timeout)
        data = link.up.piece(link.sent, link.sent + size)
        count, error = call(timeout, "send", link.sock.send, data)
        if error is not None:
            if error.args[0] not in _PASSING:
                self.failed(link, error)
            return error
        link.sent += count
        self.up += count
        return None

    def receive(self, link, size, timeout):
        link.sock.settimeout(timeout)
        data, error = call(timeout, "recv", link.sock.recv, size)
        if error is not None:
            if error.args[0] not in _PASSING:
                self.failed(link, error)
            return error
        if not link.is_next(data):
            violation("wrong data", link.number, "before", link.got, repr(data[:30]))
        self.down += len(data)
        if not data:
            say("ended", link.number, link.got)
            self.close(link)
        return None

    def step(self):
        rnd = self.random
        self.calls += 1
        way = rnd.below(20)
        if way < 3 and len(self.links) < self.nic.dialect.SOCKETS - 1:
            self.open(rnd.choice((2, 10)))
        elif way < 5:
            for _ in range(rnd.choice((1, 20, 300))):
                call(1, "poll", self.nic.poll)
                time.sleep_ms(1)
        elif self.links:
            link = rnd.choice(self.links)
            if way < 12:
                self.send(link, rnd.choice((1, 30, 600, 3000)), rnd.choice((0, 0.1, 3)))
            elif way < 19:
                self.receive(link, rnd.choice((1, 50, 1000)), rnd.choice((0, 0.1, 2)))
            elif rnd.below(3) == 0:
                self.close(link)

    def heal(self):
        while self.links:
            self.close(self.links[0])
        start = seconds()
        while call(self.slow + 60, "AT", self.nic.command, "AT", 10000)[1] is not None:
            if seconds() - start > 2 * self.slow + 120:
                violation("wedged", "no answer to AT")
        for _ in range(3):
            if not self.online(900):
                violation("wedged", "not online", self.nic.status("error"))
            if self.whole_set():
                return
            time.sleep_ms(1000)
        violation("wedged", "connects fail for ever")

    def whole_set(self):
        error = None
        for _ in range(self.nic.dialect.SOCKETS):
            link = self.open(60)
            if not isinstance(link, stream_table.Connection):
                error = link
                break
        for link in self.links[:]:
            if error is None:
                error = self.send(link, 30, 60)
            if error is None and not link.failed:
                error = self.receive(link, 10, 60)
        while self.links:
            self.close(self.links[0])
        if error is not None and error.args[0] == errno.ENOBUFS:
            violation("leak", repr(error))
        return error is None


def main():
    nic = board.modem()
    while True:
        try:
            nic.active(True)
            break
        except OSError as e:
            say("inactive", repr(e))
    program = Program(nic)
    nic.connect("internet")
    while seconds() < _SECONDS:
        if not program.isconnected():
            program.online(5)
        else:
            program.step()
    say("whole")
    program.heal()
    gc.collect()
    used = gc.mem_alloc() if hasattr(gc, "mem_alloc") else len(gc.get_objects())
    say("total", program.calls, program.up, program.down, used)
    print("done")


main()
