"""Who waits for a payload sleeps while it comes: no longer than it takes on the line, and never
so long that the UART's buffer is full."""

import openings
import virtual_time
from paced import PacedUART
from scripted import connected

clock = virtual_time.clock
PLACE = ("h", 80)
LATE_US = 2000  # after the last byte of the answer


class Watched(PacedUART):
    """Counts how often it is looked at."""

    looks = 0

    def any(self):
        self.looks += 1
        return super().any()

    @property
    def late_us(self):
        """How long ago the last byte has come."""
        return clock.us - self._came_at


class Silent(Watched):
    """Does not tell how fast the line is."""

    def __repr__(self):
        return "UART(rxbuf=%d)" % self.rxbuf


def payload(size):
    return bytes([at * 7 & 255 for at in range(size)])


def received(baud, rxbuf, size, pieces=1, kind=Watched):
    """A read of `size` bytes, of `pieces` payloads; returns the UART."""
    part = size // pieces
    script = openings.TCP
    for at in range(0, size, part):
        data = payload(size)[at : at + part]
        script = script + [
            (">", "AT+QIRD=0,%d" % min(1500, rxbuf - 64)),
            ("<", "+QIRD: %d" % part),
            ("<<", data),
            ("<", "OK"),
        ]
    uart = kind(script, baud=baud, rxbuf=rxbuf)
    s = connected("BG95S5", uart).socket()
    s.connect(PLACE)
    clock.sleep_ms(100)
    uart.looks = 0
    buf = bytearray(size)
    assert s.readinto(buf) == size and buf == payload(size)
    assert uart.done() and not uart.overrun
    assert 0 <= uart.late_us <= LATE_US, uart.late_us
    return uart


def compared(*line):
    """How often it is looked at, and how often of a line of unknown rate."""
    return received(*line).looks, received(*line, kind=Silent).looks


def test_it_is_looked_at_seldom():
    for baud in (9600, 57600, 115200, 230400, 460800):
        looks, without = compared(baud, 2048, 1400)
        assert looks * 4 < without, (baud, looks, without)


def test_as_long_as_a_small_buffer_allows():
    for rxbuf in (96, 128, 256, 512):
        looks, without = compared(115200, rxbuf, 4 * (rxbuf - 64), 4)
        assert looks < without, (rxbuf, looks, without)


def test_a_fast_line_is_read_as_it_comes():
    looks, without = compared(921600, 2048, 1400)
    assert looks * 2 > without, (looks, without)


def test_pushed_data_beyond_the_buffer():
    # Nobody has asked for it, so it may be more than the UART holds.
    script = openings.TCP + [
        (">", "AT+QISWTMD=0,1"),
        ("<", "OK"),
        ("<raw", b'\r\n+QIURC: "recv",0,1400\r\n'),
        ("<<", payload(1400)),
    ]
    uart = Watched(script, baud=115200, rxbuf=128)
    nic = connected("BG95S5", uart)
    s = nic.socket()
    s.connect(PLACE)
    s.setsockopt(nic.SOL_SOCKET, nic.SO_RCVBUF, 4096)
    s.setsockopt(nic.SOL_QUECTEL, nic.ACCESS_MODE, nic.PUSH)
    buf = bytearray(1400)
    assert s.readinto(buf) == 1400 and buf == payload(1400)
    assert not uart.overrun
