"""Whatever is wrong with a command: ERROR, and then the right code from QIGETERROR."""

import pytest

from .host import Host

LONG = "x" * 257

INVALID = [
    "AT+QICSGP",
    "AT+QICSGP?",
    "AT+QICSGP=0",
    "AT+QICSGP=17",
    "AT+QICSGP=1,1",
    'AT+QICSGP=1,0,"a"',
    'AT+QICSGP=1,4,"a"',
    "AT+QICSGP=1,1,a",
    'AT+QICSGP=1,1,"a","user"',
    'AT+QICSGP=1,1,"a","user","key",4',
    'AT+QICSGP=1,1,"a","{}","key",0'.format("u" * 129),
    'AT+QICSGP=1,1,"a","user","{}",0'.format("k" * 129),
    'AT+QICSGP=1,1,"a","user","key",0,0',
    "AT+QIACT",
    "AT+QIACT=0",
    "AT+QIACT=17",
    'AT+QIACT="1"',
    "AT+QIACT=1,1",
    "AT+QIDEACT",
    "AT+QIDEACT=0",
    "AT+QIDEACT=17",
    "AT+QIOPEN",
    "AT+QIOPEN?",
    'AT+QIOPEN=0,0,"TCP","192.0.2.2",80',
    'AT+QIOPEN=17,0,"TCP","192.0.2.2",80',
    'AT+QIOPEN=1,12,"TCP","192.0.2.2",80',
    'AT+QIOPEN=1,-1,"TCP","192.0.2.2",80',
    'AT+QIOPEN=1,"TCP","192.0.2.2",8009,0,1',
    'AT+QIOPEN=1,0,"SCTP","192.0.2.2",80',
    'AT+QIOPEN=1,0,TCP,"192.0.2.2",80',
    'AT+QIOPEN=1,0,"TCP INCOMING","192.0.2.2",80',
    'AT+QIOPEN=1,0,"TCP","",80',
    'AT+QIOPEN=1,0,"TCP","{}",80'.format(LONG),
    'AT+QIOPEN=1,0,"TCP","192.0.2.2"',
    'AT+QIOPEN=1,0,"TCP","192.0.2.2",0',
    'AT+QIOPEN=1,0,"TCP","192.0.2.2",65536',
    'AT+QIOPEN=1,0,"TCP","192.0.2.2",80,65536',
    'AT+QIOPEN=1,0,"TCP","192.0.2.2",80,0,3',
    'AT+QIOPEN=1,0,"TCP","192.0.2.2",80,0,0,0',
    'AT+QIOPEN=1,0,"TCP LISTENER","127.0.0.1",0',
    'AT+QIOPEN=1,0,"TCP LISTENER","127.0.0.1",0,0',
    'AT+QIOPEN=1,0,"TCP LISTENER","127.0.0.1",1,2020',
    'AT+QIOPEN=1,0,"TCP LISTENER","10.7.157.1",0,2020',
    'AT+QIOPEN=1,0,"TCP LISTENER","127.0.0.1",0,2020,2',
    'AT+QIOPEN=1,0,"UDP SERVICE","127.0.0.1",0',
    'AT+QIOPEN=1,0,"UDP SERVICE","127.0.0.1",0,3030,2',
    "AT+QICLOSE",
    "AT+QICLOSE=12",
    "AT+QICLOSE=5",
    "AT+QICLOSE=0,65536",
    "AT+QISTATE=2,0",
    "AT+QISTATE=0",
    "AT+QISTATE=0,17",
    "AT+QISTATE=1,12",
    "AT+QISEND",
    "AT+QISEND=12",
    "AT+QISEND=5",
    "AT+QISEND=5,0",
    "AT+QISEND=0,1461",
    "AT+QISEND=0,-1",
    'AT+QISEND=0,4,"192.0.2.2",80',
    "AT+QISEND=2,4",
    "AT+QISEND=2",
    'AT+QISEND=2,4,"name.test",80',
    'AT+QISEND=2,4,"192.0.2.2",65536',
    "AT+QIRD",
    "AT+QIRD=5",
    "AT+QIRD=12",
    "AT+QIRD=0,1501",
    'AT+QISENDEX=0,"123"',
    'AT+QISENDEX=0,"12X4"',
    "AT+QISENDEX=0,1234",
    'AT+QISENDEX=0,"{}"'.format("0" * 514),
    'AT+QISENDEX=0,"1234",3',
    'AT+QISENDEX=5,"1234"',
    "AT+QISENDEX=0",
    "AT+QISWTMD=0",
    "AT+QISWTMD=0,3",
    "AT+QISWTMD=5,0",
    "AT+QPING=1",
    'AT+QPING=0,"192.0.2.2"',
    'AT+QPING=1,"192.0.2.2",0',
    'AT+QPING=1,"192.0.2.2",256',
    'AT+QPING=1,"192.0.2.2",4,0',
    'AT+QPING=1,"192.0.2.2",4,11',
    "AT+QNTP=1",
    'AT+QNTP=1,"192.0.2.2",0',
    'AT+QNTP=1,"192.0.2.2",65536',
    'AT+QNTP=1,"192.0.2.2",123,2',
    "AT+QIDNSCFG=0",
    'AT+QIDNSCFG=1,"name.test"',
    'AT+QIDNSCFG=1,"192.0.2.2","300.1.1.1"',
    "AT+QIDNSGIP=1",
    'AT+QIDNSGIP=0,"example.com"',
    'AT+QIDNSGIP=1,""',
    'AT+QIDNSGIP=1,"{}"'.format(LONG),
    "AT+QICFG",
    "AT+QICFG?",
    'AT+QICFG="nothing"',
    "AT+QICFG=viewmode",
    "AT+QISDE=2",
    "AT+QISDE",
    'AT+QIRD=0,"5"',
    'AT+QIOPEN=1,0,"TCP","192.0.2.2,80',
    'AT+QIOPEN=1,0,"TCP"x,"192.0.2.2",80',
]

OTHERS = [
    ('AT+QICSGP=2,1,"internet"', 572),  # that APN is context 1's
    ("AT+QIACT=1", 574),
    ("AT+QISEND=1,4", 572),  # a listener
    ("AT+QISEND=1,0", 572),
    ("AT+QIRD=1", 572),
    ('AT+QISENDEX=1,"12"', 572),
    ('AT+QISENDEX=2,"12"', 572),
    ("AT+QISWTMD=1,2", 572),
    ("AT+QISWTMD=2,2", 572),
    ('AT+QIOPEN=1,0,"TCP","192.0.2.2",80,0,2', 563),
    ('AT+QPING=2,"192.0.2.2"', 561),
    ('AT+QNTP=2,"192.0.2.2"', 561),
    ('AT+QIDNSGIP=2,"example.com"', 561),
    ('AT+QIDNSCFG=2,"192.0.2.1"', 561),
    ('AT+QIOPEN=2,3,"TCP","192.0.2.2",80,0,2', 561),
]


@pytest.fixture(scope="module")
def host():
    """0 is a TCP client, 1 a listener, 2 a UDP SERVICE; 5 and up are free."""
    host = Host()
    host.open()
    host.listen()
    host.serve()
    return host


@pytest.mark.parametrize("line", INVALID)
def test_invalid_parameters(host, line):
    host.ask("AT+QISTATE")
    assert host.error() == 0
    host.refused(line, 552)


@pytest.mark.parametrize(("line", "code"), OTHERS)
def test_other_codes(host, line, code):
    host.refused(line, code)


@pytest.mark.parametrize("line", ["AT+NOTHING", "AT+QIFOO=1", "ATY", "AT+", "AT#X", "HELLO"])
def test_unknown_commands(host, line):
    host.ask("AT+QISTATE")
    assert host.ask(line) == ["ERROR"]
    assert host.error() == 0  # no TCP/IP command: no result


def test_error_text(host):
    host.refused("AT+QIRD=5", 552)
    assert host.ask("AT+QIGETERROR") == ["+QIGETERROR: 552, invalid parameters", "OK"]
    host.ask("AT+CSQ")  # is no TCP/IP command
    assert host.error() == 552
    host.ask("AT+QISTATE")
    assert host.ask("AT+QIGETERROR") == ["+QIGETERROR: 0, operate successfully", "OK"]


def test_test_forms(host):
    asked = {
        "QICSGP": "(1-16),(1-3),<APN>,<username>,<password>,(0-3)",
        "QIACT": "(1-16)",
        "QIDEACT": "(1-16)",
        "QIOPEN": '(1-16),(0-11),"TCP/UDP/TCP LISTENER/UDP SERVICE",'
        '"<IP_address>/<domain_name>",(0-65535),(0-65535),(0-2)',
        "QICLOSE": "(0-11),(0-65535)",
        "QISEND": "(0-11),(0-1460)",
        "QIRD": "(0-11),(0-1500)",
        "QISENDEX": "(0-11),<hex_string>,(0-2)",
        "QISWTMD": "(0-11),(0-2)",
        "QPING": "(1-16),<host>,(1-255),(1-10)",
        "QNTP": "(1-16),<server>,(1-65535),(0,1)",
        "QIDNSCFG": "(1-16),<pridnsaddr>,<secdnsaddr>",
        "QIDNSGIP": "(1-16),<host_name>",
        "QISDE": "(0,1)",
    }
    for name, ranges in asked.items():
        assert host.ask("AT+{}=?".format(name)) == ["+{}: {}".format(name, ranges), "OK"]
    for name in ("QISTATE", "QIGETERROR"):
        assert host.ask("AT+{}=?".format(name)) == ["OK"]
