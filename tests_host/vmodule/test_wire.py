"""The UART in virtual time, and the pace of a line."""

from tools.vmodule.pace import Pace
from tools.vmodule.wire import Wire

from .host import Host


def test_pace():
    pace = Pace(115200)
    assert pace.piece(1000) == 23
    assert abs(pace.send(11520, 5.0) - 6.0) < 1e-9
    assert abs(pace.send(1152, 5.5) - 6.1) < 1e-9  # behind the first
    assert abs(pace.send(1152, 8.0) - 8.1) < 1e-9
    assert Pace().send(1000000, 5.0) == 5.0


def test_time_on_the_line():
    host = Host()
    wire = Wire(host.module, host.clock, baud=9600)
    wire.write(b"AT\r")  # 3 bytes, then 6 back: 9.4 ms
    host.clock.advance(0.0093)
    assert wire.any() < 6
    host.clock.advance(0.0002)
    assert wire.read() == b"\r\nOK\r\n"
    assert wire.read() is None
    assert (wire.to_module, wire.to_host) == (3, 6)


def test_overrun():
    host = Host()
    peer = host.open()
    peer.send(b"x" * 1000)
    host.module.take()
    wire = Wire(host.module, host.clock, baud=115200, rxbuf=256)
    wire.write(b"AT+QIRD=0\r")
    host.clock.advance(1)
    buffer = bytearray(2000)
    assert wire.readinto(buffer) == 256
    assert wire.overruns == wire.to_host - 256


def test_without_a_baud_rate_no_time_passes():
    host = Host()
    wire = Wire(host.module, host.clock)
    wire.write(b"AT\r")
    buffer = bytearray(4)
    assert wire.readinto(buffer) == 4
    assert wire.readinto(buffer, 1) == 1
    assert wire.any() == 1


def test_a_urc_arrives_unasked():
    host = Host()
    peer = host.open()
    wire = Wire(host.module, host.clock, baud=115200)
    peer.send(b"x")
    wire.any()
    host.clock.advance(0.1)
    assert wire.read() == b'\r\n+QIURC: "recv",0\r\n'
