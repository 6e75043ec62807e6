"""What ends a call from outside: the time that it promises, with nothing answered, and Ctrl-C."""

import errno
import sys

import virtual_time  # before the driver
from scripted import connected, raises

clock = virtual_time.clock
MODULES = ("BG95S5", "RM500U", "BC95GR", "BC92", "BC20", "BC25")
LINE_MS = 1000  # what the line may take beside the module
LATE_MS = virtual_time.MOST_MS  # a look at the clock comes that much too late at most


class Module:
    """A UART whose module answers a command by `answers`, while there is one, and then never
    again; `interrupt` counts down the looks at it until Ctrl-C."""

    def __init__(self, *answers, interrupt=None):
        self.answers = list(answers)
        self.interrupt = interrupt
        self.lines = []
        self._sent = b""
        self._line = b""

    def any(self):
        if self.interrupt is not None:
            self.interrupt -= 1
            if not self.interrupt:
                self.interrupt = None
                raise KeyboardInterrupt
        if self._line or self.interrupt is not None:
            clock.idle = False
        else:
            clock.nothing()
        return len(self._line)

    def readinto(self, buf, nbytes):
        count = min(nbytes, len(self._line))
        buf[:count] = self._line[:count]
        self._line = self._line[count:]
        return count

    def write(self, buf, offset, size):
        self._sent += bytes(buf[offset : offset + size])
        while b"\r" in self._sent:
            line, _, self._sent = self._sent.partition(b"\r")
            self.lines.append(line.decode())
            if line == b"AT+QIGETERROR" and self.answers:
                self._line += b"\r\n+QIGETERROR: 0,operation success\r\n\r\nOK\r\n"
            elif self.answers:
                self._line += self.answers.pop(0)
        return size


OPENED = b"\r\nOK\r\n\r\n+QIOPEN: 0,0\r\n"


def opened(name, *answers, **how):
    uart = Module(OPENED, *answers, **how)
    nic = connected(name, uart)
    s = nic.socket()
    s.connect(("192.0.2.1", 80))
    return nic, s


def took(function, *args):
    start = clock.elapsed_ms()
    function(*args)
    return clock.elapsed_ms() - start


# ---- close ----


def test_close_with_nothing_answered():
    for name in MODULES:
        nic, s = opened(name)
        ms = took(s.close)
        assert ms <= nic.dialect.CLOSE_MS + LINE_MS + LATE_MS, (name, ms)
        assert raises(OSError, s.recv, 1).args[0] == errno.EBADF


def test_close_behind_commands_that_nobody_answers():
    for name in MODULES:
        nic, s = opened(name)
        s.settimeout(0.1)
        assert raises(OSError, s.recv, 1).args[0] == errno.ETIMEDOUT
        s.setblocking(False)
        assert s.write(b"taken over") == 10
        s.settimeout(5)
        assert took(s.close) <= nic.dialect.CLOSE_MS + LINE_MS + LATE_MS, name


def test_close_behind_a_send_that_has_its_prompt():
    nic, s = opened("BG95S5", b"\r\n> ")
    s.settimeout(0.5)
    assert s.send(b"no answer to this") == 17  # taken over when the time was over
    assert took(s.close) <= nic.dialect.CLOSE_MS + LINE_MS + LATE_MS


# ---- active ----


class Pin:
    """On PWRKEY; what it was set to."""

    OUT = 1

    def __init__(self):
        self.levels = []

    def init(self, mode):
        pass

    def value(self, level):
        self.levels.append(level)


def silent(name, uart, **options):
    import quectel

    return getattr(quectel, name)(uart, **options)


def test_active_of_a_module_that_answers_nothing():
    for name in MODULES:
        nic = silent(name, Module())
        start = clock.elapsed_ms()
        assert raises(OSError, nic.active, True).args[0] == errno.ETIMEDOUT
        assert clock.elapsed_ms() - start <= nic.BOOT_MS + LATE_MS, name


def test_active_of_a_module_that_cannot_be_switched_on():
    pin = Pin()
    nic = silent("BG95S5", Module(), pwrkey=pin)
    start = clock.elapsed_ms()
    assert raises(OSError, nic.active, True).args[0] == errno.ETIMEDOUT
    assert 2 * nic.BOOT_MS < clock.elapsed_ms() - start <= 49000
    assert pin.levels == [1, 0, 1, 0]


def test_active_behind_a_command_that_nobody_answers():
    nic, s = opened("BG95S5")
    s.setblocking(False)
    assert s.write(b"taken over") == 10
    nic.poll()
    start = clock.elapsed_ms()
    with virtual_time.fine:
        assert raises(OSError, nic.active, True).args[0] == errno.ETIMEDOUT
    assert clock.elapsed_ms() - start <= nic.BOOT_MS + LATE_MS


# ---- Ctrl-C ----


def interrupted_with(nic, pin):
    try:
        nic.active(True)
    except KeyboardInterrupt:
        assert nic.channel.probe is not None and nic.active() is False
        return pin.levels
    raise AssertionError("it was not interrupted")


def test_no_interrupt_leaves_pwrkey_pressed():
    for looks in (1, 100, 1000):
        pin = Pin()
        nic = silent("BG95S5", Module(interrupt=looks), pwrkey=pin)
        assert interrupted_with(nic, pin) == []
    for looks in (1, 2, 100):
        pin = Pin()
        uart = Module()
        nic = silent("BG95S5", uart, pwrkey=pin)

        def value(level, pin=pin, uart=uart, looks=looks):
            pin.levels.append(level)
            if level:
                uart.interrupt = looks

        pin.value = value
        assert interrupted_with(nic, pin) == [1, 0], looks


def in_steps(call, count):
    """Run `call` with Ctrl-C when the clock is looked at for the `count`th time; whether it came
    that far."""
    timer = sys.modules["time"]
    real = timer.ticks_ms
    left = [count]

    def ticks_ms():
        left[0] -= 1
        if not left[0]:
            raise KeyboardInterrupt
        return real()

    timer.ticks_ms = ticks_ms
    try:
        call()
        return False
    except KeyboardInterrupt:
        return True
    finally:
        timer.ticks_ms = real


def test_an_interrupted_connect_leaves_a_socket_that_says_what_is_wrong():
    """Wherever it is interrupted, every call ends with what it gives or with OSError."""
    for name in ("BG95S5", "BC95GR"):
        for kind in (1, 2):
            count = 1
            while True:
                uart = Module(OPENED)
                nic = connected(name, uart)
                s = nic.socket(nic.AF_INET, kind)
                interrupted = in_steps(lambda: s.connect(("192.0.2.1", 80)), count)
                s.settimeout(0.1)
                for call in (lambda: s.recv(1), lambda: s.send(b"x"), lambda: s.ioctl(3, 5)):
                    try:
                        call()
                    except OSError:
                        pass
                uart.answers += [b"\r\nOK\r\n\r\nCLOSE OK\r\n"] * 20
                s.close()
                for _ in range(200):
                    clock.sleep(1)
                    nic.poll()
                assert nic.module.connections == [], (name, kind, count)
                if not interrupted:
                    break
                count += 1
            assert count > 3


def test_a_task_that_is_interrupted_does_not_look_done():
    nic = connected("BG95S5", Module())

    def steps():
        yield
        raise KeyboardInterrupt

    task = nic.module.spawn(steps())
    nic.poll()
    try:
        nic.poll()
    except KeyboardInterrupt:
        pass
    nic.poll()
    assert task.done and task.error is not None and not nic.module.under_way
