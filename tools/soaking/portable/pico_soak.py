"""The program of `tools/soak --board pico`, main.py of an emulated Pico: a link is kept up, with
connections over it whose bytes are checked, and the watchdog, fed by `nic.idle`. It prints what
happens in lines of words, as soak_program.py does; `done` is the last."""

import gc
import sys
import time

import machine
import quectel
import stream_table
from quectel.link import Link

WATCHDOG_MS = 8000
_LINKS = 2  # connections at once
_NAP_MS = 50  # the UART's buffer holds what comes in it
_RESTS = 25  # tenths of a second at the most between what it does: an idle board costs us little
_SOME = 100  # bytes each way that must go once all is whole
_PATIENCE = (0, 0, 0, 2)  # s that a read waits: a board that waits in a call costs us much
_STEPS = 50  # of the link before its word is taken
_HEALING_MS = 7200000  # only what never comes up again is ended by it
_LIMIT_MS = 30000  # of one call, with the time-outs used here


class Dog:
    """The watchdog, and the longest time between two feeds."""

    def __init__(self):
        self._dog = machine.WDT(timeout=WATCHDOG_MS)
        self._fed = time.ticks_ms()
        self.longest = 0
        self.doing = self.longest_in = "start"

    def feed(self):
        now = time.ticks_ms()
        gap = time.ticks_diff(now, self._fed)
        if gap > self.longest:
            self.longest = gap
            self.longest_in = self.doing
        self._fed = now
        self._dog.feed()


class Connection:
    def __init__(self, number, sock):
        self.number = number
        self.sock = sock
        self.up, self.down = stream_table.tables(number)
        self.sent = self.got = 0
        self.failed = False


class Program:
    def __init__(self, nic, link, dog, peer, seed):
        self.nic, self.link, self.dog, self.peer = nic, link, dog, peer
        self.open_ones = []
        self.numbers = seed % 100 * 1000
        self.calls = self.sent = self.got = 0
        self._x = seed * 2654435 + 1
        self._next = time.ticks_ms()  # when it does something

    def below(self, n):
        self._x = (self._x * 1103515245 + 12345) & 0x3FFFFFFF
        return (self._x >> 12) % n

    def call(self, name, func, *args):
        """(value, None), or (None, OSError)."""
        self.calls += 1
        self.dog.doing = name
        self.dog.feed()
        start = time.ticks_ms()
        try:
            result = func(*args), None
        except OSError as e:
            result = None, e
        took = time.ticks_diff(time.ticks_ms(), start)
        if took > _LIMIT_MS and name != "close":
            say("violation late", name, took, "ms")
        self.dog.feed()
        self.dog.doing = "loop"
        return result

    def step(self):
        """A step of the link, and now and then something over it while it is up."""
        self.hold()
        if self.link.up and time.ticks_diff(self._next, time.ticks_ms()) <= 0:
            self.act()
            self._next = time.ticks_add(time.ticks_ms(), 100 * self.below(_RESTS))

    def hold(self):
        """A step of the link, and a nap."""
        self.dog.feed()
        self.dog.doing = "link.step"
        ms = self.link.step()
        self.dog.feed()
        self.dog.doing = "loop"
        time.sleep_ms(min(max(ms, _NAP_MS // 4), _NAP_MS))

    def act(self):
        way = self.below(20)
        if not self.open_ones or (way < 2 and len(self.open_ones) < _LINKS):
            self.open()
        elif way < 10:
            self.send(self.open_ones[self.below(len(self.open_ones))], 1 + self.below(500))
        elif way < 19:
            self.receive(self.open_ones[self.below(len(self.open_ones))], 1 + self.below(500))
        elif self.below(3) == 0:
            self.close(self.open_ones[0])

    def open(self):
        self.numbers += 1
        gc.collect()
        conn = Connection(self.numbers, self.nic.socket())
        conn.sock.settimeout(10)
        self.open_ones.append(conn)
        _, error = self.call("connect", conn.sock.connect, self.peer)
        if error is None:
            _, error = self.call("send", conn.sock.sendall, stream_table.head(conn.number))
        if error is not None:
            self.fail(conn, "unopened", error)
        return error

    def fail(self, conn, word, error):
        say(word, conn.number, repr(error))
        conn.failed = True
        self.close(conn)

    def close(self, conn):
        self.open_ones.remove(conn)
        self.call("close", conn.sock.close)
        say("closed", conn.number, conn.sent, conn.got, int(conn.failed))

    def send(self, conn, size):
        conn.sock.settimeout(2)
        data = conn.up.piece(conn.sent, conn.sent + size)
        count, error = self.call("send", conn.sock.send, data)
        if error is None:
            conn.sent += count
            self.sent += count
        elif error.args[0] not in _PASSING:
            self.fail(conn, "failed", error)
        return error

    def receive(self, conn, size):
        conn.sock.settimeout(_PATIENCE[self.below(len(_PATIENCE))])
        data, error = self.call("recv", conn.sock.recv, size)
        if error is not None:
            if error.args[0] not in _PASSING:
                self.fail(conn, "failed", error)
            return error
        if data != conn.down.piece(conn.got, conn.got + len(data)):
            say("violation wrong data", conn.number, "at", conn.got, repr(data[:30]))
        conn.got += len(data)
        self.got += len(data)
        if not data:
            say("ended", conn.number, conn.got)
            self.close(conn)
        return None

    def heal(self):
        """All is whole again: the link comes up, and bytes go and come. True if they did."""
        start = time.ticks_ms()
        while time.ticks_diff(time.ticks_ms(), start) < _HEALING_MS:
            while self.open_ones:
                self.close(self.open_ones[0])
            # Only its steps tell a link what has become of it.
            for _ in range(_STEPS):
                self.hold()
            while not self.link.up and time.ticks_diff(time.ticks_ms(), start) < _HEALING_MS:
                self.hold()
            if self.open() is None:
                conn = self.open_ones[0]
                opened = time.ticks_ms()
                while conn in self.open_ones and conn.got < _SOME:
                    if time.ticks_diff(time.ticks_ms(), opened) > _LIMIT_MS:
                        break
                    self.hold()
                    self.receive(conn, _SOME)
                if conn in self.open_ones and conn.got >= _SOME and self.send(conn, _SOME) is None:
                    self.close(conn)
                    return True
        return False


_START = time.ticks_ms()
_PASSING = (11, 110, 115)  # EAGAIN, ETIMEDOUT, EINPROGRESS


def say(*words):
    print("%.1f" % (time.ticks_diff(time.ticks_ms(), _START) / 1000), *words)


def main(name, seed, seconds, peer, pwrkey, reset):
    if machine.reset_cause() == machine.WDT_RESET:
        say("violation the watchdog has bitten")
        print("done")
        return
    uart = machine.UART(1, 115200, tx=machine.Pin(4), rx=machine.Pin(5), rxbuf=2048)
    pins = [machine.Pin(number, machine.Pin.OUT, value=0) for number in (pwrkey, reset)]
    dog = Dog()
    nic = getattr(quectel, name)(uart, pwrkey=pins[0], reset=pins[1], idle=dog.feed)
    link = Link(
        nic, "internet", seed=str(seed), spread=5, look=20, tell=lambda text: say("link", text)
    )
    program = Program(nic, link, dog, peer, seed)
    try:
        while time.ticks_diff(time.ticks_ms(), _START) < seconds * 1000:
            program.step()
        say("whole")
        if not program.heal():
            say("violation wedged", link.events[-1])
    except Exception as e:
        sys.print_exception(e)
        say("violation exception", repr(e))
    say("longest", dog.longest, dog.longest_in)
    gc.collect()
    say("total", program.calls, program.sent, program.got, gc.mem_alloc())
    print("done")
