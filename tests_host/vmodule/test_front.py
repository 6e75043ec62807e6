"""The parts around the module, each alone: names, loop, pseudo-terminal."""

import collections
import os
import random
import select
import socket

import pytest
from tools.vmodule.clock import Clock, RealClock, VirtualClock
from tools.vmodule.front import PtyUart, TcpUart
from tools.vmodule.hosts import Hosts, parse_endpoint
from tools.vmodule.loop import Loop


class Module:
    """Says what it is told to."""

    baud = None

    def __init__(self):
        self.out = b""
        self.heard = b""
        self.resets = 0
        self.counts = collections.Counter()

    def feed(self, data):
        self.heard += data

    def take(self, limit=None):
        limit = len(self.out) if limit is None else limit
        data, self.out = self.out[:limit], self.out[limit:]
        return data

    def wants_input(self):
        return True

    def host_reset(self):
        self.resets += 1


def patient_loop():
    """A loop that fails, and does not hang, when what is waited for never comes."""

    def give_up():
        raise AssertionError("nothing has happened for a minute")

    loop = Loop()
    loop.clock.call_later(60, give_up)
    return loop


@pytest.fixture
def uart():
    loop = patient_loop()
    uart = PtyUart(loop)
    uart.module = Module()
    yield loop, uart
    uart.close()
    loop.close()


def until(loop, uart, done):
    while not done():
        uart.service()
        loop.step()
    uart.service()


def test_what_one_host_does_not_read_is_not_left_to_the_next(uart):
    loop, uart = uart
    module = uart.module
    first = os.open(uart.address, os.O_RDWR | os.O_NOCTTY)
    until(loop, uart, lambda: uart.connected)
    module.out = b"unread"
    uart.service()
    assert select.select([first], [], [], 60)[0]
    os.close(first)
    until(loop, uart, lambda: not uart.connected)
    module.out = b"to nobody"
    uart.service()
    second = os.open(uart.address, os.O_RDWR | os.O_NOCTTY)
    until(loop, uart, lambda: uart.connected)
    module.out = b"news"
    uart.service()
    assert os.read(second, 100) == b"news"
    os.write(second, b"\x00\x03\x04\r\n\xff")
    until(loop, uart, lambda: module.heard)
    assert module.heard == b"\x00\x03\x04\r\n\xff"  # raw: nothing is translated
    assert module.resets == 2
    os.close(second)


def test_what_the_hosts_receive_buffer_cannot_hold_is_lost():
    loop = patient_loop()
    uart = TcpUart(loop, "127.0.0.1", 0, rxbuf=100)
    module = uart.module = Module()
    host = socket.create_connection(("127.0.0.1", int(uart.address.rpartition(":")[2])))
    until(loop, uart, lambda: uart.connected)
    for lost in (40, 80):  # the host reads, and has room again
        for begin, count in ((0, 60), (60, 60), (120, 20)):
            module.out = bytes(range(begin, begin + count))
            uart.service()
        got = b""
        while len(got) < 100:
            assert select.select([host], [], [], 60)[0]
            got += host.recv(1000)
        assert got == bytes(range(100))
        assert module.counts["overrun"] == lost
    host.close()
    uart.close()
    loop.close()


def test_a_host_that_does_not_read_for_a_while():
    loop = patient_loop()
    uart = TcpUart(loop, "127.0.0.1", 0)
    module = uart.module = Module()
    host = socket.create_connection(("127.0.0.1", int(uart.address.rpartition(":")[2])))
    until(loop, uart, lambda: uart.connected)
    module.out = sent = random.Random(1).getrandbits(8 * 8_000_000).to_bytes(8_000_000, "big")
    got = []
    uart.service()
    while sum(map(len, got)) < len(sent):
        waiting = [uart._file] if uart._blocked else []  # else only the host can go on
        if select.select([host], waiting, [], 60)[0]:
            got.append(host.recv(1_000_000))
        else:
            loop.step()
            uart.service()
    assert b"".join(got) == sent
    host.close()
    uart.close()
    loop.close()


def test_endpoints():
    assert parse_endpoint("127.0.0.1") == ("127.0.0.1", None)
    assert parse_endpoint("localhost:80") == ("127.0.0.1", 80)
    assert parse_endpoint("::1") == ("::1", None)
    assert parse_endpoint("[::1]:8009") == ("::1", 8009)
    for wrong in ("name.test", "127.0.0.1:x", "127.0.0.1:0", "127.0.0.1:65536", "[::1]80"):
        with pytest.raises(ValueError, match=r"."):
            parse_endpoint(wrong)


def test_hosts():
    hosts = Hosts(["A.test=127.0.0.1:81", "b.test=127.0.0.2", "2001:DB8::1=[::1]:82"])
    assert hosts.addresses("a.TEST") == ["198.51.100.1"]
    assert hosts.place("198.51.100.1", 5) == ("127.0.0.1", 81)
    assert hosts.place("b.test", 5) == ("127.0.0.2", 5)
    assert hosts.place("2001:db8:0:0:0:0:0:1", 5) == ("::1", 82)
    assert hosts.place("127.0.0.9", 5) == ("127.0.0.9", 5)
    assert hosts.place("203.0.113.1", 5) is None
    assert hosts.addresses("c.test") == []
    everywhere = Hosts(everywhere=True)
    assert everywhere.place("203.0.113.1", 5) == ("203.0.113.1", 5)
    assert everywhere.addresses("c.test") is None


def test_timers_run_in_order_at_their_own_times():
    clock = VirtualClock(0.0)
    seen = []

    def first():
        seen.append(("first", clock.now()))
        clock.call_later(0.5, lambda: seen.append(("inner", clock.now())))

    clock.call_later(2, lambda: seen.append(("second", clock.now())))
    clock.call_later(1, first)
    clock.call_later(1.2, lambda: seen.append("never")).cancel()
    clock.advance(1.9)
    assert seen == [("first", 1.0), ("inner", 1.5)]
    assert abs(clock.until_next() - 0.1) < 1e-9
    clock.advance(1)
    assert seen[2:] == [("second", 2.0)]
    assert clock.now() == pytest.approx(2.9)
    assert RealClock().until_next() is None
    with pytest.raises(TypeError):
        Clock()  # it does not know what the time is
