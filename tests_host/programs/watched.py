"""How long each call leaves a watchdog alone that nic.idle feeds, in the board's own time."""

import time

import board
import quectel
from scenario import HOST, main, noise


class Watch:
    """nic.idle: the longest time without a call of it, in us."""

    def begin(self):
        self.longest = 0
        self._since = time.ticks_us()

    def __call__(self):
        now = time.ticks_us()
        self.longest = max(self.longest, time.ticks_diff(now, self._since))
        self._since = now


def session(port):
    """From power-up to the end; each call's longest time, as a line."""
    watch = Watch()

    def call(name, method, *args, **options):
        watch.begin()
        result = method(*args, **options)
        watch()
        print(name, watch.longest)
        return result

    watch.begin()
    nic = quectel.BG95S5(board.uart(), idle=watch)
    call("active", nic.active, True)
    call("connect", nic.connect, "internet", timeout=60)
    s = nic.socket()
    call("s.connect", s.connect, (HOST, port))
    data = noise(4000, 1)
    call("s.write", s.write, b"echo\n")
    call("s.write", s.write, data)
    call("s.readinto", s.readinto, data)
    call("s.setsockopt", s.setsockopt, nic.SOL_QUECTEL, nic.DELIVERY, 120)
    call("s.drain", s.drain, 10)
    call("s.close", s.close)
    call("status", nic.status, "rssi")
    call("ping", nic.ping, HOST, 1)
    call("netstat", nic.netstat)
    call("command", nic.command, "AT")
    call("inactive", nic.active, False)


if __name__ == "__main__":
    main(globals())
