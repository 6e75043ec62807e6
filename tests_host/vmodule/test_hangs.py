"""A module that hangs, and what gets it going again; restarts that do not come."""

import pytest
from tools.vmodule import faults

from .host import Host
from .nb import NbHost

DIALECTS = ("bg95", "rm500u", "bc95", "bc92", "bc20", "bc25")
every_dialect = pytest.mark.parametrize("dialect", DIALECTS)


def made(*specs, dialect="bg95"):
    kind = Host if dialect in DIALECTS[:2] else NbHost
    return kind(faults=specs, dialect=dialect)


def press(host, seconds=0.5):
    host.module.set_pwrkey(True)
    host.clock.advance(seconds)
    host.module.set_pwrkey(False)
    host.clock.advance(1)


def pull_reset(host):
    host.module.set_reset(True)
    host.clock.advance(1)
    host.module.set_reset(False)
    host.clock.advance(1)


def cut_supply(host):
    host.module.set_supply(False)
    host.clock.advance(1)
    host.module.set_supply(True)
    host.clock.advance(1)


def works(host):
    host.type("ATE0")
    return host.lines()[-1:] == ["OK"]


@every_dialect
def test_hangs_in_the_middle_of_whatever_it_does(dialect):
    host = made("hang:10", dialect=dialect)
    peer = host.open()
    host.clock.advance(11)
    peer.send(b"unheard")
    assert host.lines() == [] and host.ask("AT") == [] and host.ask("AT+CFUN=1,1") == []
    assert not host.module.idle() and host.module.counts["hang"] == 1
    pull_reset(host)
    assert host.lines()[:1] == ["RDY"]
    assert peer.closed
    host.clock.advance(100)
    assert works(host)  # once alone


@pytest.mark.parametrize("cure", ["reset", "pwrkey", "supply"])
def test_one_thing_alone_helps(cure):
    host = made("hang:0," + cure)
    assert not works(host)
    pull_reset(host)
    assert works(host) == (cure == "reset")
    host = made("hang:0," + cure)
    press(host)
    assert not works(host)
    assert host.module.powered == (cure != "pwrkey")  # one press switches it off
    press(host)
    assert works(host) == (cure == "pwrkey")
    host = made("hang:0," + cure)
    cut_supply(host)
    assert works(host)


def test_a_press_too_short_for_a_hung_module():
    host = made("hang:0,pwrkey")
    press(host, 0.4)
    assert host.module.powered and not works(host)


def test_what_is_typed_comes_back_and_no_result():
    host = made("hang:0,reset,echo")
    host.type("AT+CSQ")
    assert host.module.take() == b"AT+CSQ\r"
    pull_reset(host)
    assert works(host)


def test_each_line_is_an_error():
    host = made("hang:0,supply,error")
    for line in ("AT", "ATE0", "AT+CFUN=1,1"):
        host.module.feed(line[:2].encode())
        assert host.lines() == []
        assert host.ask(line[2:]) == ["ERROR"]
    pull_reset(host)
    press(host)
    assert host.ask("AT") == ["ERROR"]


def test_the_command_helps():
    host = made("hang:0,cfun,error")
    assert host.ask("AT") == ["ERROR"]
    assert host.ask("AT+CFUN=1,1") == ["OK"]
    host.clock.advance(1)
    assert host.lines()[:1] == ["RDY"]
    assert works(host)


def test_again_and_again():
    host = made("hang:10,reset+pwrkey,silent,3")
    for _ in range(3):
        host.clock.advance(5)
        assert works(host)
        host.clock.advance(6)
        assert not works(host)
        pull_reset(host)
        host.module.take()
    host.clock.advance(100)
    assert works(host)
    host = made("hang:~10,reset,silent,0")
    for _ in range(20):
        host.clock.advance(20)
        assert not works(host)
        pull_reset(host)
    assert host.module.counts["hang"] == 20


def test_does_not_hang_while_it_is_off():
    host = made("hang:10,reset")
    press(host)
    host.clock.advance(100)
    press(host)
    assert works(host)
    host.clock.advance(10)
    assert not works(host)


def test_a_hang_that_is_removed_before_it_comes():
    host = made()
    fault = host.module.add_fault(faults.make("hang:10"))
    host.module.remove_fault(fault)
    host.clock.advance(100)
    assert works(host)


@pytest.mark.parametrize("spec", ["hang:1,battery", "hang:1,reset,loud"])
def test_wrong_hangs(spec):
    with pytest.raises(ValueError, match="hang"):
        made(spec)


@every_dialect
def test_restarts_that_do_not_come(dialect):
    host = made("restart-refused", dialect=dialect)
    assert host.ask("AT+CFUN=1,1") == ["ERROR"]
    assert host.ask("AT+CFUN=1") == ["OK"]
    host = made("restart-ignored", dialect=dialect)
    assert host.ask("AT+CFUN=1,1") == ["OK"]
    host.clock.advance(1)
    assert host.lines() == [] and host.module.counts["reboot"] == 0


def test_one_command_gets_no_answer_until_a_restart():
    host = made("unanswered:qiact,2")
    for _ in range(2):
        assert host.ask("AT+QIACT=1") == [] and host.ask("AT") == ["OK"]
        pull_reset(host)
        host.module.take()
        host.ask("ATE0")
    assert host.ask("AT+QIACT=1") == ["OK"]
    host = made("unanswered:QISTATE")
    pull_reset(host)
    host.module.take()
    host.ask("ATE0")
    assert host.ask("AT+QISTATE?") == []


def test_one_command_is_refused_until_a_restart():
    host = made("refused:QIDEACT,562,1")
    for _ in range(3):
        host.refused("AT+QIDEACT=1", 562)
    pull_reset(host)
    host.setup()
    assert host.ask("AT+QIDEACT=1") == ["OK"]


def test_supply():
    host = made("off")
    host.module.set_supply(False)
    press(host)
    assert not host.module.powered  # nothing to start with
    host.module.set_supply(True)
    host.clock.advance(1)
    assert not host.module.powered  # its key has to be pressed
    press(host)
    assert works(host)
    host = made()
    host.module.set_supply(True)  # it was on
    assert host.module.counts["reboot"] == 0 and works(host)
    cut_supply(host)
    assert host.lines()[:1] == ["RDY"]
