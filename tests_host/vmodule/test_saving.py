"""The RRC connection, release assistance, and the sleep in PSM."""

import pytest
from tools.vmodule.radio import INACTIVITY
from tools.vmodule.saving import ACTIVE_UNITS, UPDATE_UNITS, seconds_of

from .host import Host
from .nb import NbHost

every_dialect = pytest.mark.parametrize(
    "dialect", ["bg95", "rm500u", "bc95", "bc92", "bc20", "bc25"]
)
# T3412 of 2 hours, T3324 of 30 seconds
PSM = 'AT+CPSMS=1,,,"00100010","00001111"'


def made(dialect, *specs, **options):
    kind = Host if dialect in ("bg95", "rm500u") else NbHost
    return kind(faults=specs, dialect=dialect, **options)


def send(host, number=0, rai=0):
    bg95 = isinstance(host, NbHost) is False
    line = 'AT+QISENDEX={},"78",{}' if bg95 else 'AT+QISENDEX={},1,"78",{}'
    assert host.ask(line.format(number, rai))[-1] == "SEND OK"


def radio_seconds(host, call):
    """How long the radio is on for `call`, and how often."""
    host.clock.advance(100)
    before, often = host.module.radio_time(), host.module.counts["rrc"]
    call()
    host.clock.advance(100)
    return round(host.module.radio_time() - before, 2), host.module.counts["rrc"] - often


# --- the radio -----------------------------------------------------------------------------


@every_dialect
def test_what_uses_the_radio(dialect):
    host = made(dialect)
    host.module.take()
    for call in (
        host.open,
        lambda: host.network.peers[0].send(b"x"),
        lambda: host.ask('AT+QPING=1,"192.0.2.2",1,1'),
        lambda: host.ask("AT+QICLOSE=0"),
    ):
        seconds, often = radio_seconds(host, call)
        assert seconds >= INACTIVITY and often == 1
    assert radio_seconds(host, lambda: host.ask("AT+CSQ")) == (0, 0)
    host.open(1, "UDP")
    seconds, often = radio_seconds(host, lambda: host.send(b"x", 1))
    assert (seconds, often) == (INACTIVITY, 1)


@pytest.mark.parametrize("dialect", ["bg95", "bc95", "bc92"])
def test_release_assistance(dialect):
    host = made(dialect)
    host.open(0, "UDP", local=5000)
    host.module.take()

    def with_answer(rai):
        send(host, 0, rai)
        host.clock.advance(5)
        host.network.datagram(5000, b"y", "192.0.2.2", 8009)

    assert radio_seconds(host, lambda: send(host, 0, 0)) == (20, 1)
    assert radio_seconds(host, lambda: send(host, 0, 1)) == (1, 1)
    assert radio_seconds(host, lambda: send(host, 0, 2)) == (20, 1)
    assert radio_seconds(host, lambda: with_answer(0)) == (25, 1)
    assert radio_seconds(host, lambda: with_answer(1)) == (21, 2)  # released too early
    assert radio_seconds(host, lambda: with_answer(2)) == (6, 1)
    assert [host.module.counts["rai {}".format(rai)] for rai in range(3)] == [2, 2, 2]


@pytest.mark.parametrize("dialect", ["bg95", "bc95"])
def test_acknowledgement_of_tcp_comes_down(dialect):
    host = made(dialect, rtt=3)
    host.type('AT+QIOPEN=1,0,"TCP","192.0.2.2",80,0,0')
    host.clock.advance(10)

    def sent(rai):
        line = 'AT+QISENDEX=0,"78",{}' if dialect == "bg95" else 'AT+QISENDEX=0,1,"78",{}'
        host.type(line.format(rai))

    assert radio_seconds(host, lambda: sent(0)) == (23, 1)
    assert radio_seconds(host, lambda: sent(1)) == (21, 2)  # it makes the radio come back
    assert radio_seconds(host, lambda: sent(2)) == (4, 1)
    host.network.peers[0].silent = True
    assert radio_seconds(host, lambda: sent(2)) == (20, 1)


@every_dialect
def test_no_radio_without_a_network(dialect):
    host = made(dialect)
    host.open()
    host.clock.advance(5)
    before = host.module.radio_time()
    host.module.set_coverage(False)
    host.clock.advance(100)
    assert host.module.radio_time() == before
    host.module.set_coverage(True)
    host.clock.advance(5)
    host.ask("AT+CFUN=4")
    host.clock.advance(100)
    assert host.module.radio_time() == before
    host.module.reboot()
    assert host.module.radio_time() == before


# --- PSM -----------------------------------------------------------------------------------


def test_timers():
    assert seconds_of("00000000", ACTIVE_UNITS) == 0
    assert seconds_of("00001111", ACTIVE_UNITS) == 30
    assert seconds_of("00100010", ACTIVE_UNITS) == 120
    assert seconds_of("01000001", ACTIVE_UNITS) == 360
    assert seconds_of("01100001", ACTIVE_UNITS) == 60
    assert seconds_of("11100001", ACTIVE_UNITS) is None
    assert seconds_of("00000001", UPDATE_UNITS) == 600
    assert seconds_of("00100010", UPDATE_UNITS) == 7200
    assert seconds_of("11000001", UPDATE_UNITS) == 1152000
    assert seconds_of("11100000", UPDATE_UNITS) is None


@pytest.mark.parametrize("dialect", ["bc95", "bc92", "bc25"])
def test_deep_sleep_in_psm(dialect):
    host = made(dialect)
    asleep = ["+QATSLEEP"] if dialect == "bc25" else []
    awake = ["+QATWAKEUP"] if dialect == "bc25" else []
    peer = host.open(0)
    host.open(1, "UDP", local=5000)
    assert host.ask(PSM) == ["OK"]
    host.send(b"x", 1)
    host.clock.advance(49)
    assert host.lines() == [] and not host.module.asleep
    host.clock.advance(2)  # 20 s until the release, 30 s of T3324
    assert host.lines() == asleep and host.module.asleep
    assert peer.closed
    host.module.set_psm_eint(True)
    host.clock.advance(1)
    assert host.lines() == awake
    host.clock.advance(8)
    assert host.ask("AT") == ["OK"]
    host.clock.advance(9)
    assert not host.module.asleep
    host.clock.advance(2)  # ten seconds in which nobody has typed
    assert host.lines() == asleep and host.module.asleep
    host.module.set_psm_eint(True)
    host.clock.advance(1)
    host.lines()
    host.send(b"y", 1)
    host.clock.advance(49)
    assert not host.module.asleep
    host.clock.advance(2)
    assert host.module.asleep
    assert [data for data, _, _ in host.network.sent] == [b"x", b"y"]


def test_periodic_update_wakes_the_module():
    host = made("bc25")
    host.ask(PSM)
    host.clock.advance(31)
    assert host.lines() == ["+QATSLEEP"]
    host.clock.advance(7200 - 32)
    assert host.lines() == []
    before = host.module.radio_time()
    host.clock.advance(2)
    assert host.lines() == ["+QATWAKEUP"]
    host.clock.advance(31)
    assert host.lines() == ["+QATSLEEP"]
    assert host.module.radio_time() - before == 1
    host.clock.advance(80000)
    assert host.lines().count("+QATWAKEUP") == 11
    assert host.ask("AT") == []


def test_nothing_sleeps_that_may_not():
    host = made("bc25")
    host.ask("AT+QSCLK=0")
    host.ask(PSM)
    host.clock.advance(600)
    assert host.lines() == []
    host.ask("AT+QSCLK=1")
    host.clock.advance(20)
    assert host.lines() == ["+QATSLEEP"]
    host = made("bc25")
    host.ask(PSM)
    host.ask("AT+CPSMS=0")
    host.clock.advance(600)
    assert host.lines() == []
    host.ask('AT+CPSMS=1,,,"00100010","11100000"')  # T3324 is off
    host.clock.advance(600)
    assert host.lines() == []


def test_bc20_has_no_sleep():
    host = made("bc20")
    host.ask(PSM)
    host.clock.advance(86400)
    assert host.ask("AT") == ["OK"]


def test_bg95_is_off_in_psm():
    host = made("bg95")
    peer = host.open()
    assert host.ask(PSM) == ["OK"]
    host.clock.advance(49)
    assert host.ask("AT") == ["OK"]
    host.clock.advance(11)
    assert peer.closed and not host.module.powered
    assert host.lines() == [] and host.ask("AT") == []
    host.module.press_key()
    host.clock.advance(1)
    assert host.lines() == ["RDY", "APP RDY"]
    host.clock.advance(28)
    assert host.module.powered
    host.clock.advance(2)
    assert not host.module.powered  # nobody has used the radio
    host.module.press_key()
    host.clock.advance(1)
    assert host.lines() == ["RDY", "APP RDY"]
    host.ask("ATE0")
    assert host.ask("AT+CPSMS?") == ['+CPSMS: 1,,,"00100010","00001111"', "OK"]
    host.ask(PSM)
    host.clock.advance(31)
    assert not host.module.powered
    host.clock.advance(7202)
    assert host.lines() == ["RDY", "APP RDY"] and host.module.counts["psm"] == 4


def test_update_does_not_switch_on_what_was_switched_off():
    host = made("bg95")
    host.ask(PSM)
    host.clock.advance(5)
    host.ask("AT+QPOWD")
    host.clock.advance(100000)
    assert not host.module.powered
    host.module.power_on()
    host.clock.advance(1)
    host.module.take()
    host.ask("ATE0")
    assert host.ask("AT") == ["OK"]
