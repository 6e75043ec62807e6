"""The CPython stand-ins behave as what they stand in for."""

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

SHIM = Path(__file__).resolve().parent / "shim"


@pytest.fixture(autouse=True)
def shim(monkeypatch):
    """The stand-ins are importable in a test, and gone after it."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(SHIM))
    importlib.import_module("micropython")  # completes time
    yield
    for name in set(sys.modules) - before:
        if str(SHIM) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


@pytest.fixture
def machine(shim):
    import machine

    return machine


def run(code):
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=dict(os.environ, PYTHONPATH=str(SHIM)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_time_is_complete_from_the_start():
    names = "sleep_ms, sleep_us, ticks_add, ticks_diff, ticks_ms, ticks_us"
    assert run("from time import %s; sleep_ms(0); print(ticks_ms() >= 0)" % names) == "True\n"


def test_ticks_wrap(machine):
    from micropython import ticks

    last = ticks.PERIOD - 1
    assert ticks.ticks_add(last, 2) == 1
    assert ticks.ticks_diff(1, last) == 2
    assert ticks.ticks_diff(last, 1) == -2


def test_an_existing_clock_is_kept(machine):
    import types

    from micropython import ticks

    clock = types.SimpleNamespace(ticks_ms=lambda: 7)
    ticks.install(clock)
    assert clock.ticks_ms() == 7
    assert clock.ticks_add(1, 2) == 3


def test_uart_without_a_byte_gives_none(machine):
    one, _ = machine.pair(machine.UART(10), machine.UART(11))
    buf = bytearray(4)
    assert one.any() == 0
    assert one.readinto(buf) is None
    assert one.readinto(buf, 2) is None
    assert one.read() is None
    assert one.read(3) is None
    assert one.readline() is None


def test_uart_reads_short(machine):
    one, two = machine.pair(machine.UART(12), machine.UART(13))
    assert two.write(b"abcde") == 5
    assert one.any() == 5
    buf = bytearray(8)
    assert one.readinto(buf, 2) == 2
    assert one.readinto(buf) == 3
    assert buf == b"cde\0\0\0\0\0"


def test_uart_write_takes_offset_and_count(machine):
    one, two = machine.pair(machine.UART(14), machine.UART(15))
    assert two.write("ab") == 2
    assert two.write(b"cdef", 1) == 1
    assert two.write(memoryview(b"012345"), 2, 3) == 3
    assert one.read() == b"abc234"


def test_uart_write_takes_no_more_than_its_buffer(machine):
    _, two = machine.pair(machine.UART(16), machine.UART(17, txbuf=4))
    assert two.write(b"0123456789") == 4


def test_uart_drops_what_does_not_fit(machine):
    one, two = machine.pair(machine.UART(18, rxbuf=8), machine.UART(19))
    two.write(b"0123456")
    two.write(b"789abc")
    assert one.any() == 8
    assert one.dropped == 5
    assert one.read() == b"01234567"
    two.write(b"x")
    assert one.read() == b"x"


def test_uart_over_a_socket(machine):
    import socket

    near, far = socket.socketpair()
    with near, far:
        uart = machine.connect(machine.UART(20, rxbuf=100), near)
        assert uart.any() == 0
        far.sendall(b"hello\r\n")
        assert uart.readline() == b"hello\r\n"
        uart.write(b"AT\r")
        assert far.recv(10) == b"AT\r"
        far.close()
        with pytest.raises(OSError, match="gone"):
            uart.any()


def test_uart_is_one_for_each_number(machine):
    one, two = machine.pair(machine.UART(22), machine.UART(23))
    again = machine.UART(22, 9600, rxbuf=2048)
    assert again is one
    two.write(b"x")
    assert again.read() == b"x"


def test_uart_repr(machine):
    uart = machine.UART(24, 115200, tx=machine.Pin(4), rx=machine.Pin(5), rxbuf=2048)
    assert repr(uart) == (
        "UART(24, baudrate=115200, bits=8, parity=None, stop=1, tx=4, rx=5, txbuf=256, "
        "rxbuf=2048, timeout=0, timeout_char=1, invert=None, irq=0)"
    )


def test_uart_has_a_least_pause_between_characters(machine):
    assert "timeout_char=14," in repr(machine.UART(25, 1000))


def test_pin_remembers(machine):
    pin = machine.Pin(14, machine.Pin.OUT, value=0)
    pin.value(1)
    pin(0)
    assert [level for _, level in pin.history] == [0, 1, 0]
    assert pin.value() == 0
    assert machine.Pin.find(14) is pin


def test_pin_interrupt(machine):
    edges = []
    pin = machine.Pin(15, machine.Pin.IN)
    pin.irq(lambda pin: edges.append(pin.value()), machine.Pin.IRQ_RISING)
    pin.drive(1)
    pin.drive(1)
    pin.drive(0)
    assert edges == [1]


def test_ring(machine):
    import micropython

    ring = micropython.RingIO(4)
    assert ring.write(b"abcdefg") == 4
    assert ring.write(b"h") == 0
    assert ring.any() == 4
    assert ring.read(2) == b"ab"
    assert ring.write(b"wxyz", 1, 2) == 2
    buf = bytearray(6)
    assert ring.readinto(buf) == 4
    assert buf == b"cdxy\0\0"
    assert ring.readinto(buf) == 0
    assert ring.read() == b""


def test_micropython_names(machine):
    import micropython
    from micropython import const

    assert const(3) == 3
    assert micropython.heap_lock() == 1
    assert micropython.heap_unlock() == 0
    got = []
    micropython.schedule(got.append, 1)
    assert got == [1]
