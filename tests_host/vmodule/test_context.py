"""Contexts, DNS, ping and time: what is about the network and no socket."""

import struct

import pytest

from .host import Host


def configured(numbers):
    host = Host(context=False)
    for number in numbers:
        assert host.ask('AT+QICSGP={0},1,"apn{0}","user","key",1'.format(number)) == ["OK"]
    return host


def test_three_contexts_at_once():
    host = configured((1, 2, 5, 16))
    for number in (1, 5, 16):
        assert host.ask("AT+QIACT={}".format(number)) == ["OK"]
    host.refused("AT+QIACT=2", 561)
    assert host.ask("AT+QIACT?") == [
        '+QIACT: 1,1,1,"10.7.157.1"',
        '+QIACT: 5,1,1,"10.7.157.5"',
        '+QIACT: 16,1,1,"10.7.157.16"',
        "OK",
    ]
    assert host.ask("AT+QIDEACT=5") == ["OK"]
    assert host.ask("AT+QIACT=2") == ["OK"]


def test_settings_left_out_keep_their_values():
    host = configured((1,))
    assert host.ask("AT+QICSGP=1")[0] == '+QICSGP: 1,"apn1","user","key",1'
    host.ask('AT+QICSGP=1,,"other"')
    assert host.ask("AT+QICSGP=1")[0] == '+QICSGP: 1,"other","user","key",1'


def test_deactivating_closes_the_connections_of_the_context():
    host = Host()
    peer = host.open()
    host.listen()
    assert host.ask("AT+QIDEACT=1") == ["OK"]
    assert peer.closed
    assert host.network.listeners == {}
    assert host.ask("AT+QISTATE") == ["OK"]


def test_the_network_takes_the_context_away():
    host = Host()
    peer = host.open()
    peer.send(b"unread")
    host.lines()
    host.module.deactivate_by_network(1)
    assert host.lines() == ['+QIURC: "pdpdeact",1']
    assert peer.closed
    assert host.ask("AT+QIACT?") == ["OK"]
    assert ",4,1,0,0," in host.ask("AT+QISTATE")[0]
    host.refused("AT+QISEND=0,4", 567)
    host.refused("AT+QIACT=1", 561)
    assert host.ask('AT+QIOPEN=1,3,"TCP","192.0.2.2",80') == ["OK", "+QIOPEN: 3,570"]
    assert host.ask("AT+QIDEACT=1") == ["OK"]
    assert host.ask("AT+QISTATE") == ["OK"]
    assert host.ask("AT+QIACT=1") == ["OK"]
    host.open()


def test_which_address_an_ipv4v6_context_gets():
    host = Host(context=False)
    host.ask('AT+QICSGP=1,3,"both"')
    host.ask("AT+QIACT=1")
    assert host.ask("AT+QIACT?")[0] == '+QIACT: 1,1,1,"10.7.157.1"'
    host.ask('AT+QICFG="ipv6prior",1')
    assert host.ask("AT+QIACT?")[0].startswith('+QIACT: 1,1,2,"2001:db8:')


def test_asynchronous_activation():
    host = configured((1,))
    host.ask('AT+QICFG="asyncmode",1')
    assert host.ask("AT+QIACT=1") == ["OK"]
    assert host.ask("AT+QIACT?") == ["OK"]
    host.clock.advance(1)
    assert len(host.ask("AT+QIACT?")) == 2


def test_dns():
    host = Host()
    assert host.ask("AT+QIDNSCFG=1") == ['+QIDNSCFG: 1,"192.0.2.53","198.51.100.53"', "OK"]
    assert host.ask('AT+QIDNSCFG=1,"192.0.2.1","192.0.2.3"') == ["OK"]
    assert host.ask("AT+QIDNSCFG=1") == ['+QIDNSCFG: 1,"192.0.2.1","192.0.2.3"', "OK"]
    host.network.hosts["two.test"] = ["192.0.2.8", "192.0.2.9"]
    assert host.ask('AT+QIDNSGIP=1,"two.test"') == [
        "OK",
        '+QIURC: "dnsgip",0,2,600',
        '+QIURC: "dnsgip","192.0.2.8"',
        '+QIURC: "dnsgip","192.0.2.9"',
    ]
    assert host.ask('AT+QIDNSGIP=1,"nowhere.test"') == ["OK", '+QIURC: "dnsgip",565,0,0']
    assert host.error() == 565


def test_one_look_up_at_a_time():
    host = Host()
    host.network.resolve_time = 5
    assert host.ask('AT+QIDNSGIP=1,"example.com"') == ["OK"]
    host.refused('AT+QIDNSGIP=1,"example.com"', 564)
    host.clock.advance(5)
    assert host.lines() == ['+QIURC: "dnsgip",0,1,600', '+QIURC: "dnsgip","192.0.2.2"']
    host.ask('AT+QIDNSGIP=1,"example.com"')
    host.module.reboot()
    host.clock.advance(6)
    assert host.lines() == ["RDY", "APP RDY"]


def test_ping_without_an_answer():
    host = Host()
    host.network.pings["192.0.2.2"] = [20, None, 40]
    assert host.ask('AT+QPING=1,"example.com",2,3') == ["OK"]
    host.refused('AT+QPING=1,"example.com"', 568)
    host.clock.advance(3)
    assert host.lines() == [
        '+QPING: 0,"192.0.2.2",32,20,255',
        "+QPING: 569",
        '+QPING: 0,"192.0.2.2",32,40,255',
        "+QPING: 0,3,2,1,20,40,30",
    ]
    assert host.ask('AT+QPING=1,"nowhere.test"') == ["OK", "+QPING: 565"]


def test_time_server_that_does_not_answer():
    host = Host()
    assert host.ask('AT+QNTP=1,"example.com"') == ["OK"]
    assert host.ask("AT+QNTP?") == ['+QNTP: "example.com",123', "OK"]
    host.refused('AT+QNTP=1,"example.com"', 568)
    host.clock.advance(20)
    assert host.lines() == ["+QNTP: 569"]
    assert host.ask("AT+QNTP?") == ["OK"]
    assert host.network.sockets == {}


@pytest.mark.parametrize("keep", [0, 1])
def test_time_is_set_if_wanted(keep):
    host = Host()

    def answer(socket, data, ip, port):
        reply = bytes(40) + struct.pack("!II", 2208988800 + 1700000000, 0)
        host.network.datagram(socket.local_port, reply, ip, port)

    host.network.on_datagram = answer
    told = '+QNTP: 0,"2023/11/15,06:13:20+32"'
    assert host.ask('AT+QNTP=1,"192.0.2.2",123,{}'.format(keep)) == ["OK", told]
    year = host.ask("AT+CCLK?")[0][8:10]
    assert year == ("23" if keep else "80")


def test_no_sim():
    host = Host(faults=["no-sim"], context=False)
    assert host.ask("AT+CPIN?") == ["+CME ERROR: 10"]
    host.ask("AT+CMEE=2")
    assert host.ask("AT+CPIN?") == ["+CME ERROR: SIM not inserted"]
    host.ask("AT+CMEE=0")
    assert host.ask("AT+CPIN?") == ["ERROR"]
    assert host.ask("AT+CEREG?") == ["+CEREG: 0,0", "OK"]
    host.ask('AT+QICSGP=1,1,"internet"')
    host.refused("AT+QIACT=1", 561)


def test_coverage_comes_and_goes():
    host = Host(faults=["no-coverage:60"], context=False)
    host.ask("AT+CEREG=1")
    host.ask('AT+QICSGP=1,1,"internet"')
    assert host.ask("AT+CEREG?") == ["+CEREG: 1,2", "OK"]
    assert host.ask("AT+CSQ") == ["+CSQ: 99,99", "OK"]
    host.refused("AT+QIACT=1", 561)
    host.clock.advance(60)
    assert host.lines() == ["+CEREG: 1"]
    assert host.ask("AT+QIACT=1") == ["OK"]
    host.open()
    host.module.set_coverage(False)
    assert host.lines() == ["+CEREG: 2", '+QIURC: "pdpdeact",1']
