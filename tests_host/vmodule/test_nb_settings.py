"""What the NB-IoT modules keep in flash, and their other settings."""

import pytest

from .nb import KEYS, NbHost


def restart(host):
    host.module.reboot()
    host.clock.advance(1)
    host.setup()


def line_of(key):
    return 'AT+QICFG="{}"'.format(key)


@pytest.mark.parametrize("dialect", KEYS)
def test_what_is_kept_over_a_reboot(dialect):
    host = NbHost(dialect)
    for key, value in (("dataformat", "0,1"), ("viewmode", "1"), ("showlength", "1")):
        shown = '+QICFG: "{}",{}'.format(key, value)
        answer = ["OK"] if dialect == "bc20" else [shown, "OK"]
        assert host.ask("{},{}".format(line_of(key), value)) == answer
        restart(host)
        assert host.ask(line_of(key)) == [shown, "OK"]


@pytest.mark.parametrize("dialect", KEYS)
def test_the_access_mode_left_out(dialect):
    host = NbHost(dialect)
    host.open(0, access=1)
    restart(host)
    assert host.ask('AT+QIOPEN=1,0,"TCP","192.0.2.2",80,0') == ["OK", "+QIOPEN: 0,0"]
    kept = "0" if dialect == "bc25" else "1"
    assert host.ask("AT+QISTATE?")[0].endswith(",2,1," + kept)
    assert host.ask("AT+QISWTMD=0,0") == ["OK"]
    restart(host)
    host.ask('AT+QIOPEN=1,0,"TCP","192.0.2.2",80,0')
    assert host.ask("AT+QISTATE?")[0].endswith(",2,1,0")


def test_bc92_does_not_keep_transparent_mode():
    host = NbHost("bc92")
    host.open(0, access=2)
    restart(host)
    host.ask('AT+QIOPEN=1,0,"TCP","192.0.2.2",80,0')
    assert host.ask("AT+QISTATE?")[0].endswith(",2,1,0")


@pytest.mark.parametrize("dialect", ["bc95", "bc92"])
def test_open_time(dialect):
    host = NbHost(dialect)
    assert host.ask(line_of("open_time")) == ['+QICFG: "open_time",36', "OK"]
    assert host.ask(line_of("open_time") + ",5")[-1] == "OK"
    host.network.hanging.add(("192.0.2.9", 80))
    assert host.ask('AT+QIOPEN=1,0,"TCP","192.0.2.9",80,0') == ["OK"]
    host.clock.advance(4.9)
    assert host.lines() == []
    host.clock.advance(0.2)
    assert host.lines() == ["+QIOPEN: 0,569"]
    restart(host)
    assert host.ask(line_of("open_time")) == ['+QICFG: "open_time",36', "OK"]


@pytest.mark.parametrize(("dialect", "limit"), [("bc95", 140), ("bc20", 20), ("bc25", 140)])
def test_a_name_that_is_not_found_in_time(dialect, limit):
    host = NbHost(dialect)
    host.network.resolve_time = 1000
    assert host.ask('AT+QIOPEN=1,0,"TCP","example.com",80,0') == ["OK"]
    host.clock.advance(limit - 0.1)
    assert host.lines() == []
    host.clock.advance(0.2)
    assert host.lines() == ["+QIOPEN: 0,565"]
    assert host.error() == 565
    host.clock.advance(1000)
    assert host.lines() == []


def test_name_servers():
    host = NbHost("bc95")
    four = '"192.0.2.53","198.51.100.53"'
    six = '"2001:db8::53","2001:db8:1::53"'
    assert host.ask("AT+QIDNSCFG?") == ["+QIDNSCFG: {},{}".format(four, six), "OK"]
    assert host.ask('AT+QIDNSCFG="192.0.2.1","192.0.2.3"') == ["OK"]
    assert host.ask('AT+QIDNSCFG="2001:db8::1"') == ["OK"]
    shown = '+QIDNSCFG: "192.0.2.1","192.0.2.3","2001:db8::1","2001:db8:1::53"'
    assert host.ask("AT+QIDNSCFG?") == [shown, "OK"]
    host.module.set_coverage(False)
    host.refused('AT+QIDNSCFG="192.0.2.1"', 572)
    host.module.set_coverage(True)
    restart(host)
    assert host.ask("AT+QIDNSCFG?") == ["+QIDNSCFG: {},{}".format(four, six), "OK"]
    host = NbHost("bc25")
    assert host.ask("AT+QIDNSCFG?") == ["+QIDNSCFG: " + four, "OK"]


def test_keepalive_of_bc25():
    host = NbHost("bc25")
    assert host.ask("AT+QIKALIVE?") == ["+QIKALIVE: 0,60,10,9", "OK"]
    assert host.ask("AT+QIKALIVE=1,120,20,3") == ["OK"]
    assert host.ask("AT+QIKALIVE?") == ["+QIKALIVE: 1,120,20,3", "OK"]
    assert host.ask("AT+QIKALIVE=1") == ["OK"]
    assert host.ask("AT+QIKALIVE?") == ["+QIKALIVE: 1,60,10,9", "OK"]


@pytest.mark.parametrize("dialect", KEYS)
def test_attach(dialect):
    host = NbHost(dialect, faults=["no-coverage:30"])
    assert host.ask("AT+CGATT?") == ["+CGATT: 0", "OK"]
    assert host.ask("AT+CGPADDR?") == ["OK"]
    assert host.ask('AT+QIOPEN=1,0,"TCP","192.0.2.2",80,0') == ["OK", "+QIOPEN: 0,561"]
    host.clock.advance(31)
    assert host.ask("AT+CGATT?") == ["+CGATT: 1", "OK"]
    assert host.ask("AT+CGPADDR?") == ['+CGPADDR: 1,"100.127.243.105"', "OK"]
    assert host.ask("AT+QICLOSE=0") == ["OK", "CLOSE OK"]
    host.open()
    assert host.ask("AT+CGATT=0") == ['+QIURC: "closed",0', "OK"]
    assert host.ask("AT+CGATT?") == ["+CGATT: 0", "OK"]
    assert host.ask("AT+CGATT=1") == ["OK"]
    assert host.ask("AT+CGATT?") == ["+CGATT: 1", "OK"]


def test_contexts_beside_the_first():
    host = NbHost("bc25")
    open2 = 'AT+QIOPEN=2,0,"TCP","192.0.2.2",80,0'
    assert host.ask(open2) == ["OK", "+QIOPEN: 0,561"]
    host.ask("AT+QICLOSE=0")
    assert host.ask('AT+CGDCONT=2,"IP","internet"') == ["OK"]
    assert host.ask("AT+CGACT=1,2") == ["OK"]
    assert host.ask(open2) == ["OK", "+QIOPEN: 0,0"]
    assert host.ask("AT+CGACT=0,2") == ['+QIURC: "closed",0', "OK"]
    restart(host)
    assert host.ask("AT+CGDCONT?") == ['+CGDCONT: 2,"IP","internet"', "OK"]
