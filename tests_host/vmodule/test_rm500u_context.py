"""RM500U: contexts, at once and by and by, DNS, ping, identity."""

import pytest
from tools.vmodule import create

from .host import Host

SIX = "2001:db8:1111:2222:3333:4444:5555:{}"


def blank():
    return Host(dialect="rm500u", context=False)


def test_settings():
    host = blank()
    assert host.ask('AT+QICSGP=1,3,"net"') == ["OK"]
    assert host.ask("AT+QICSGP=1") == ['+QICSGP: 3,"net","","","",0', "OK"]
    assert host.ask('AT+QICSGP=1,1,"net","user","key",2') == ["OK"]
    assert host.ask("AT+QICSGP=1")[0] == '+QICSGP: 1,"net","user","key","",2'
    assert host.ask('AT+QICSGP=1,1,"net","user","key","",1') == ["OK"]
    assert host.ask('AT+QICSGP=1,,"other"') == ["OK"]
    assert host.ask("AT+QICSGP=1")[0] == '+QICSGP: 1,"other","user","key","",1'
    assert host.ask('AT+QICSGP=2,1,"other"') == ["OK"]  # one APN on two contexts
    host.module.reboot()
    host.clock.advance(1)
    host.ask("ATE0")
    assert host.ask("AT+QICSGP=1")[0] == '+QICSGP: 1,"","","","",0'  # is not saved


def test_a_context_must_be_configured():
    host = Host(dialect="rm500u")
    for command in ("AT+QIACT=2", "AT+QIACTEX=2"):
        assert host.ask(command) == ["+CME ERROR: 573"]
    assert host.ask('AT+QICSGP=2,1,""') == ["OK"]
    assert host.ask("AT+QIACT=2") == ["OK"]
    host.module.reboot()
    host.clock.advance(1)
    host.setup(context=False)
    assert host.ask("AT+QIACT=1") == ["+CME ERROR: 573"]


def test_five_contexts_of_every_type():
    host = blank()
    for number, kind in ((1, 1), (2, 2), (3, 3), (4, 1), (5, 3)):
        host.ask('AT+QICSGP={},{},"net"'.format(number, kind))
        assert host.ask("AT+QIACT={}".format(number)) == ["OK"]
    addresses = [
        '1,1,1,"10.7.157.1"',
        '2,1,2,"{}"'.format(SIX.format(2)),
        '3,1,3,"10.7.157.3","{}"'.format(SIX.format(3)),
        '4,1,1,"10.7.157.4"',
        '5,1,3,"10.7.157.5","{}"'.format(SIX.format(5)),
    ]
    for name in ("QIACT", "QIACTEX"):
        expected = ["+{}: {}".format(name, fields) for fields in addresses]
        assert host.ask("AT+{}?".format(name)) == expected + ["OK"]
    assert host.ask("AT+CGPADDR=3")[0] == '+CGPADDR: 3,"10.7.157.3","{}"'.format(SIX.format(3))


def test_asynchronous():
    host = blank()
    host.ask('AT+QICSGP=1,3,"net"')
    assert host.ask("AT+QIACTEX=1,1") == ["OK"]
    assert host.ask("AT+QIACTEX?") == ["OK"]
    for busy in ("AT+QIACTEX=1", "AT+QIACT=1", "AT+QIDEACT=1", "AT+QIDEACTEX=1"):
        assert host.ask(busy) == ["+CME ERROR: 568"]
    host.clock.advance(1)
    assert host.lines() == ['+QIACTEX: 1,0,3,"10.7.157.1","{}"'.format(SIX.format(1))]
    peer = host.open()
    assert host.ask("AT+QIDEACTEX=1") == ["OK"]
    assert not peer.closed
    host.clock.advance(1)
    assert host.lines() == ["+QIDEACTEX: 1,0"]
    assert peer.closed
    assert host.ask("AT+QISTATE") == ["OK"]
    assert host.ask("AT+QIDEACTEX=1") == ["OK"]
    host.clock.advance(1)
    assert host.lines() == ["+QIDEACTEX: 1,0"]
    assert host.ask("AT+QIACTEX=1") == ["OK"]
    host.clock.advance(1)
    assert host.lines() == ["+QIACTEX: 1,0"]  # view mode 0


def test_asynchronous_without_a_network():
    host = blank()
    host.module.set_coverage(False)
    host.ask('AT+QICSGP=1,1,"net"')
    assert host.ask("AT+QIACT=1") == ["+CME ERROR: 561"]
    assert host.ask("AT+QIACTEX=1,1") == ["OK"]
    host.clock.advance(1)
    assert host.lines() == ["+QIACTEX: 1,561"]
    assert host.error() == 561
    assert host.ask("AT+QIACTEX=1") == ["OK"]
    host.module.reboot()
    host.clock.advance(5)
    assert host.lines() == ["RDY", "APP RDY"]


def test_a_card_that_allows_fewer():
    host = blank()
    host.module.ACTIVE_LIMIT = 1
    host.ask('AT+QICSGP=1,1,"net"')
    host.ask('AT+QICSGP=2,1,"net"')
    host.ask("AT+QIACTEX=1")
    host.ask("AT+QIACTEX=2")
    host.clock.advance(1)
    assert host.lines() == ["+QIACTEX: 1,0", "+QIACTEX: 2,561"]


def test_the_network_takes_the_context_away():
    host = Host(dialect="rm500u")
    peer = host.open()
    host.module.deactivate_by_network(1)
    assert host.lines() == ['+QIURC: "pdpdeact",1']
    assert peer.closed
    for command in ("AT+QIACT=1", "AT+QIACTEX=1"):
        assert host.ask(command) == ["+CME ERROR: 561"]
    assert host.ask("AT+QIDEACT=1") == ["OK"]
    assert host.ask("AT+QIACT=1") == ["OK"]
    host.open()


def test_dns_servers_are_of_the_context_s_kind():
    host = blank()
    for number in (1, 2, 3):
        host.ask('AT+QICSGP={0},{0},"net"'.format(number))
        host.ask("AT+QIACT={}".format(number))
    assert host.ask("AT+QIDNSCFG=1")[0] == '+QIDNSCFG: 1,"192.0.2.53","198.51.100.53"'
    assert host.ask("AT+QIDNSCFG=2")[0] == '+QIDNSCFG: 2,"2001:db8::53","2001:db8:1::53"'
    four, six = '"192.0.2.1"', '"2001:db8::1"'
    for number, address, answer in (
        (1, four, "OK"), (1, six, "+CME ERROR: 552"), (2, four, "+CME ERROR: 552"),
        (2, six, "OK"), (3, four, "OK"), (3, six, "OK"),
    ):  # fmt: skip
        assert host.ask("AT+QIDNSCFG={},{}".format(number, address)) == [answer]
    assert host.ask('AT+QIDNSCFG=1,"192.0.2.1","192.0.2.2"') == ["OK"]
    assert host.ask("AT+QIDNSCFG=1")[0] == '+QIDNSCFG: 1,"192.0.2.1","192.0.2.2"'


def test_ping():
    host = Host(dialect="rm500u")
    host.network.pings["192.0.2.2"] = [20, None]
    assert host.ask('AT+QPING=1,"example.com",2,2,1500') == ["OK"]
    host.clock.advance(3)
    assert host.lines() == [
        '+QPING: 0,"192.0.2.2",1500,20,255', "+QPING: 569", "+QPING: 0,2,1,1,20,20,20"
    ]  # fmt: skip
    assert host.ask('AT+QPING=1,"nowhere.test"') == ["OK", "+QPING: 565"]


@pytest.mark.parametrize("model", ["RG200U", "RG500U", "RM500U"])
def test_models(model):
    host = Host(dialect="rm500u", model=model)
    assert host.ask("AT+CGMM") == [model, "OK"]
    assert host.ask("ATI")[1] == model
    assert host.ask("AT+CGMR")[0].startswith(model)


def test_a_model_of_another_dialect():
    assert blank().ask("AT+CGMM") == ["RM500U", "OK"]
    host = blank()
    with pytest.raises(ValueError, match="RG200U"):
        create("rm500u", host.network, host.clock, model="BG95-S5")
