"""RM500U, QICFG: every key with its default, its ends, and what lies beyond them."""

import pytest

from .host import Host

KEYS = [
    ("transpktsize", [(1, 1460)], "1024"),
    ("transwaittm", [(0, 20)], "2"),
    ("dataformat", [(0, 1), (0, 1)], "0,0"),
    ("viewmode", [(0, 1)], "0"),
    ("tcp/retranscfg", [(3, 20), (5, 1000)], "8,600"),
    ("dns/cache", [(0, 1)], "0"),
    ("qisend/timeout", [(0, 3600)], "0"),
    ("passiveclosed", [(0, 1)], "0"),
    ("tcp/accept", [(0, 1)], "1"),
    ("tcp/keepalive", [(0, 1), (1, 1800), (25, 100), (3, 10)], "0,60,25,3"),
    ("recvind", [(0, 1)], "0"),
    ("close mode", [(0, 1)], "0"),
    ("sendinfo", [(0, 1)], "0"),
    ("formatcfg", [(0, 1)], "0"),
]


@pytest.mark.parametrize(("key", "fields", "default"), KEYS)
def test_key(key, fields, default):
    host = Host(dialect="rm500u")
    host.ask("AT+CMEE=0")
    query = 'AT+QICFG="{}"'.format(key)
    assert host.ask(query) == ['+QICFG: "{}",{}'.format(key, default), "OK"]
    for end in (0, 1):
        values = ",".join(str(field[end]) for field in fields)
        assert host.ask(query + "," + values) == ["OK"]
        assert host.ask(query) == ['+QICFG: "{}",{}'.format(key, values), "OK"]
    for index, (low, high) in enumerate(fields):
        for wrong in (low - 1, high + 1):
            values = [field[0] for field in fields]
            values[index] = wrong
            host.refused(query + "," + ",".join(map(str, values)), 552)
    host.refused(query + "," + ",".join("0" * (len(fields) + 1)), 552)
    host.module.reboot()
    host.clock.advance(1)
    host.setup()
    assert host.ask(query) == ['+QICFG: "{}",{}'.format(key, default), "OK"]  # nothing is saved


def test_the_list_is_in_the_order_of_the_note():
    host = Host(dialect="rm500u")
    told = [line.split('"')[1] for line in host.ask("AT+QICFG=?")[:-1]]
    assert told == [key for key, _, _ in KEYS]


def test_keepalive_times_together_or_not_at_all():
    host = Host(dialect="rm500u")
    query = 'AT+QICFG="tcp/keepalive"'
    assert host.ask(query + ",1,5,30,4") == ["OK"]
    assert host.ask(query + ",0") == ["OK"]
    assert host.ask(query) == ['+QICFG: "tcp/keepalive",0,5,30,4', "OK"]
    for wrong in ("1,5", "1,5,30"):
        assert host.ask(query + "," + wrong) == ["+CME ERROR: 552"]


def test_names_are_kept_unless_switched_off():
    host = Host(dialect="rm500u")
    host.open(0, address="example.com")
    host.network.hosts["example.com"] = ["192.0.2.3"]
    host.open(1, address="EXAMPLE.com")
    assert '"192.0.2.2"' in host.ask("AT+QISTATE=1,1")[0]
    host.ask('AT+QICFG="dns/cache",1')
    host.open(2, address="example.com")
    assert '"192.0.2.3"' in host.ask("AT+QISTATE=1,2")[0]
    host.ask('AT+QICFG="dns/cache",0')
    host.network.hosts["example.com"] = ["192.0.2.4"]
    host.clock.advance(601)
    host.open(3, address="example.com")
    assert '"192.0.2.4"' in host.ask("AT+QISTATE=1,3")[0]


def test_passive_close():
    host = Host(dialect="rm500u")
    for mode in (0, 1):
        host.ask('AT+QICFG="passiveclosed",{}'.format(mode))
        peer = host.open(mode)
        peer.send(b"last words")
        peer.close()
        assert host.lines() == [
            '+QIURC: "recv",{}'.format(mode), '+QIURC: "closed",{}'.format(mode)]  # fmt: skip
        assert peer.closed is bool(mode)
        assert host.read(mode) == b"last words"
        assert ",4,1,{},0,".format(mode) in host.ask("AT+QISTATE=1,{}".format(mode))[0]
        assert host.ask("AT+QISEND={},4".format(mode)) == ["+CME ERROR: 567"]
        assert host.ask("AT+QICLOSE={}".format(mode)) == ["OK"]
        assert peer.closed


def test_view_mode_and_format():
    host = Host(dialect="rm500u")
    peer = host.open()
    host.ask('AT+QICFG="viewmode",1')
    host.ask('AT+QICFG="dataformat",1,1')
    host.send(b"48656c6C6f")
    assert peer.received == b"Hello"
    peer.send(b"\x01\xff")
    host.lines()
    assert host.ask("AT+QIRD=0") == ["+QIRD: 2,01FF", "OK"]
