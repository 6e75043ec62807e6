"""Deep sleep: TCP is gone after it, UDP is as it was."""

import pytest

from .nb import NbHost


@pytest.mark.parametrize("dialect", ["bc95", "bc92", "bc25"])
def test_what_deep_sleep_leaves(dialect):
    host = NbHost(dialect)
    peer = host.open(0)
    host.open(1, "UDP", local=5000)
    if dialect != "bc25":
        host.ask('AT+QICFG="open_time",5')
    assert host.module.deep_sleep()
    assert not host.module.deep_sleep()
    assert host.lines() == (["+QATSLEEP"] if dialect == "bc25" else [])
    assert peer.closed
    host.network.datagram(5000, b"while asleep", "192.0.2.2", 8009)
    assert host.lines() == []
    host.module.wake()
    told = ["+QATWAKEUP"] if dialect == "bc25" else []
    assert sorted(host.lines()) == sorted([*told, '+QIURC: "recv",1'])
    assert host.read(1, 512) == b"while asleep"
    assert host.ask("AT+QISTATE?") == ['+QISTATE: 1,"UDP","192.0.2.2",8009,5000,2,1,0', "OK"]
    host.refused('AT+QIOPEN=1,1,"UDP","192.0.2.2",8009,0,0', 563)
    host.send(b"x", 1)
    host.open(0)
    if dialect != "bc25":
        assert host.ask('AT+QICFG="open_time"')[0].endswith(",36")


def test_the_host_wakes_the_module_and_loses_what_it_types():
    host = NbHost("bc25")
    host.module.deep_sleep()
    host.lines()
    assert host.ask("AT") == []
    host.clock.advance(0.1)
    assert host.lines() == ["+QATWAKEUP"]
    assert host.ask("AT") == ["OK"]


@pytest.mark.parametrize("dialect", ["bc95", "bc92", "bc25"])
@pytest.mark.parametrize("pin", ["set_psm_eint", "set_pwrkey"])
def test_pins_wake_the_module(dialect, pin):
    host = NbHost(dialect)
    host.open(1, "UDP", local=5000)
    host.module.deep_sleep()
    host.lines()
    pull = getattr(host.module, pin)
    for pulled in (True, False):
        pull(pulled)
    assert host.ask("AT") == []  # it needs a moment
    host.clock.advance(1)
    assert host.lines() == (["+QATWAKEUP"] if dialect == "bc25" else [])
    assert host.module.counts["typed asleep"] == 3 and host.module.powered
    host.send(b"as it was", 1)
    host.module.set_psm_eint(True)  # awake: it means nothing
    host.module.set_psm_eint(False)
    assert host.ask("AT") == ["OK"]


def test_pwrkey_of_a_module_that_is_awake_switches_it_off():
    host = NbHost("bc25")
    host.module.press_key()
    host.clock.advance(1)
    assert not host.module.powered


def test_a_module_that_hangs_does_not_fall_asleep():
    host = NbHost("bc25", faults=["hang:10"])
    host.clock.advance(11)
    assert not host.module.deep_sleep()


def test_sleep_can_be_forbidden():
    host = NbHost("bc25")
    assert host.ask("AT+QSCLK?") == ["+QSCLK: 1", "OK"]
    host.ask("AT+QSCLK=0")
    assert not host.module.deep_sleep()
    host.ask("AT+QSCLK=1")
    host.ask("AT+QIKALIVE=1")
    host.open(0)
    assert not host.module.deep_sleep()
    host.ask("AT+QICLOSE=0")
    assert host.module.deep_sleep()


def test_never_in_the_middle_of_something():
    host = NbHost("bc95")
    host.open(0)
    host.module.feed(b"AT+QI")
    assert not host.module.deep_sleep()
    host.ask("STATE?")
    host.module.settling = 1
    host.ask('AT+QISEND=0,1,"a"')
    assert not host.module.deep_sleep()
    host.clock.advance(1)
    host.type("AT+QISEND=0,1")
    assert not host.module.deep_sleep()
    host.module.feed(b"a")
    host.clock.advance(1)
    assert host.module.deep_sleep()


def test_the_fault():
    host = NbHost("bc25", faults=["deep-sleep:30"])
    for _ in range(3):
        host.clock.advance(20)
        assert host.ask("AT") == ["OK"]
    host.clock.advance(31)
    assert host.lines() == ["+QATSLEEP"]
    host.type("AT")
    host.clock.advance(1)
    assert host.lines() == ["+QATWAKEUP"]
    host = NbHost("bc20", faults=["deep-sleep:30"])
    host.clock.advance(100)
    assert host.ask("AT") == ["OK"]  # it does not have that
