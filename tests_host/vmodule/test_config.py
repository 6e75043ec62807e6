"""QICFG: every key with its default, its ends, and what lies beyond them."""

import pytest

from .host import Host

KEYS = [
    ("transpktsize", [(1, 1460)], "1024"),
    ("transwaittm", [(0, 20)], "2"),
    ("dataformat", [(0, 1), (0, 1)], "0,0"),
    ("viewmode", [(0, 1)], "0"),
    ("recvind", [(0, 1)], "0"),
    ("sack", [(0, 1)], "1"),
    ("tcp/inactivetm", [(0, 65535)], "0"),
    ("tcp/retranscfg", [(3, 20), (5, 1000)], "12,600"),
    ("ipv6prior", [(0, 1)], "0"),
    ("asyncmode", [(0, 1)], "0"),
    ("timestamp", [(0, 1)], "0"),
    ("dcdmode", [(0, 1)], "0"),
]


@pytest.mark.parametrize(("key", "fields", "default"), KEYS)
def test_key(key, fields, default):
    host = Host()
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
    if len(fields) > 1:
        host.refused(query + ",{}".format(fields[0][0]), 552)
    ranges = [line for line in host.ask("AT+QICFG=?") if '"{}"'.format(key) in line]
    assert len(ranges) == 1


def test_keepalive():
    host = Host()
    query = 'AT+QICFG="tcp/keepalive"'
    assert host.ask(query) == ['+QICFG: "tcp/keepalive",0', "OK"]
    assert host.ask(query + ",1,5,30,4") == ["OK"]
    assert host.ask(query) == ['+QICFG: "tcp/keepalive",1,5,30,4', "OK"]
    assert host.ask(query + ",0") == ["OK"]
    assert host.ask(query + ",1") == ["OK"]
    assert host.ask(query) == ['+QICFG: "tcp/keepalive",1,5,30,4', "OK"]
    for wrong in ("2", "1,5", "1,5,30", "1,0,30,4", "1,121,30,4", "1,5,24,4", "1,5,101,4",
                  "1,5,30,2", "1,5,30,11"):  # fmt: skip
        host.refused(query + "," + wrong, 552)


def test_a_query_with_the_comma_that_the_note_prints():
    host = Host()
    assert host.ask('AT+QICFG="recvind",') == ['+QICFG: "recvind",0', "OK"]
