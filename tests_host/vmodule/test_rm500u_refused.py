"""RM500U: whatever is wrong with a command, as ERROR or +CME ERROR, and the code of it."""

import pytest

from .host import Host

LONG = "x" * 257

INVALID = [
    "AT+QICSGP",
    "AT+QICSGP?",
    "AT+QICSGP=0",
    "AT+QICSGP=6",
    "AT+QICSGP=1,1",
    'AT+QICSGP=1,0,"a"',
    'AT+QICSGP=1,4,"a"',
    "AT+QICSGP=1,1,a",
    'AT+QICSGP=1,1,"a","user"',
    'AT+QICSGP=1,1,"a","user","key"',
    'AT+QICSGP=1,1,"a","user","key",4',
    'AT+QICSGP=1,1,"a","user","key","",4',
    'AT+QICSGP=1,1,"a","user","key",""',
    'AT+QICSGP=1,1,"a","user","key","",0,0',
    'AT+QICSGP=1,1,"a","{}","key",0'.format("u" * 128),
    'AT+QICSGP=1,1,"a","user","{}",0'.format("k" * 128),
    "AT+QIACT",
    "AT+QIACT=0",
    "AT+QIACT=6",
    "AT+QIACT=1,1",
    "AT+QIDEACT",
    "AT+QIDEACT?",
    "AT+QIDEACT=6",
    "AT+QIACTEX",
    "AT+QIACTEX=0",
    "AT+QIACTEX=6",
    "AT+QIACTEX=2,2",
    "AT+QIACTEX=2,1,1",
    "AT+QIDEACTEX",
    "AT+QIDEACTEX?",
    "AT+QIDEACTEX=6",
    "AT+QIDEACTEX=2,1",
    "AT+QISTATE=2,0",
    "AT+QISTATE=0",
    "AT+QISTATE=0,6",
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
    'AT+QISEND=2,4,"2001:db8::1",80',
    'AT+QISEND=2,4,"192.0.2.2",0',
    'AT+QISEND=2,4,"192.0.2.2",65536',
    "AT+QIRD",
    "AT+QIRD=5",
    "AT+QIRD=12",
    "AT+QIRD=0,1501",
    "AT+QISWTMD=0",
    "AT+QISWTMD=0,3",
    "AT+QISWTMD=5,0",
    "AT+QPING=1",
    'AT+QPING=6,"192.0.2.2"',
    'AT+QPING=1,""',
    'AT+QPING=1,"2001:db8::1"',
    'AT+QPING=1,"192.0.2.2",0',
    'AT+QPING=1,"192.0.2.2",256',
    'AT+QPING=1,"192.0.2.2",4,0',
    'AT+QPING=1,"192.0.2.2",4,11',
    'AT+QPING=1,"192.0.2.2",4,4,31',
    'AT+QPING=1,"192.0.2.2",4,4,1501',
    'AT+QPING=1,"192.0.2.2",4,4,32,1',
    "AT+QIDNSCFG=0",
    'AT+QIDNSCFG=1,"name.test"',
    'AT+QIDNSCFG=1,"2001:db8::1"',
    'AT+QIDNSCFG=1,"192.0.2.2","300.1.1.1"',
    "AT+QICFG",
    "AT+QICFG?",
    'AT+QICFG="nothing"',
    'AT+QICFG="sack"',
    'AT+QICFG="asyncmode",1',
    "AT+QICFG=viewmode",
    "AT+QISDE=2",
    "AT+QISDE",
]

OTHERS = [
    ("AT+QIACT=1", 572),  # it is up already
    ("AT+QIACTEX=1", 572),
    ("AT+QISEND=1,4", 572),  # a listener
    ("AT+QISEND=1,0", 572),
    ("AT+QIRD=1", 572),
    ("AT+QISWTMD=1,2", 572),
    ("AT+QISWTMD=2,2", 572),
    ('AT+QPING=2,"192.0.2.2"', 561),
    ('AT+QIDNSCFG=2,"192.0.2.1"', 561),
]

PLAIN = [
    ("AT+QIOPEN", 552),
    ("AT+QIOPEN?", 552),
    ('AT+QIOPEN=0,0,"TCP","192.0.2.2",80', 552),
    ('AT+QIOPEN=6,0,"TCP","192.0.2.2",80', 552),
    ('AT+QIOPEN=1,12,"TCP","192.0.2.2",80', 552),
    ('AT+QIOPEN=1,"TCP","192.0.2.2",8009,0,1', 552),
    ('AT+QIOPEN=1,3,"SCTP","192.0.2.2",80', 552),
    ('AT+QIOPEN=1,3,"TCP INCOMING","192.0.2.2",80', 552),
    ('AT+QIOPEN=1,3,"TCP","",80', 552),
    ('AT+QIOPEN=1,3,"TCP","{}",80'.format(LONG), 552),
    ('AT+QIOPEN=1,3,"TCP","192.0.2.2"', 552),
    ('AT+QIOPEN=1,3,"TCP","192.0.2.2",0', 552),
    ('AT+QIOPEN=1,3,"TCP","192.0.2.2",65536', 552),
    ('AT+QIOPEN=1,3,"TCP","192.0.2.2",80,65536', 552),
    ('AT+QIOPEN=1,3,"TCP","192.0.2.2",80,0,3', 552),
    ('AT+QIOPEN=1,3,"TCP","192.0.2.2",80,0,0,12', 552),
    ('AT+QIOPEN=1,3,"TCP","192.0.2.2",80,0,0,11,9', 552),
    ('AT+QIOPEN=1,3,"TCP","192.0.2.2",80,0,0,11,151', 552),
    ('AT+QIOPEN=1,3,"TCP","192.0.2.2",80,0,0,11,10,0', 552),
    ('AT+QIOPEN=1,3,"TCP LISTENER","127.0.0.1",0', 552),
    ('AT+QIOPEN=1,3,"TCP LISTENER","127.0.0.1",0,0', 552),
    ('AT+QIOPEN=1,3,"TCP LISTENER","127.0.0.1",1,2021', 552),
    ('AT+QIOPEN=1,3,"TCP LISTENER","0:0:0:0:0:0:0:1",0,2021', 552),
    ('AT+QIOPEN=1,3,"TCP LISTENER","10.7.157.1",0,2021', 552),
    ('AT+QIOPEN=1,3,"TCP LISTENER","127.0.0.1",0,2021,2', 552),
    ('AT+QIOPEN=1,3,"UDP SERVICE","127.0.0.1",0,3031,2', 552),
    ('AT+QIOPEN=1,0,"TCP","192.0.2.2",80,0,2', 563),
    ('AT+QIOPEN=2,3,"TCP","192.0.2.2",80,0,2', 561),
    ('AT+QIOPEN=1,3,"TCP","192.0.2.2","80', 552),
    ("AT+QICLOSE", 552),
    ("AT+QICLOSE=12", 552),
    ("AT+QICLOSE=5", 552),
    ("AT+QICLOSE=0,65536", 552),
]


@pytest.fixture(scope="module")
def host():
    """0 is a TCP client, 1 a listener, 2 a UDP SERVICE; 5 and up are free."""
    host = Host(dialect="rm500u")
    host.open()
    host.listen()
    host.serve()
    return host


@pytest.mark.parametrize(("line", "code"), [(line, 552) for line in INVALID] + OTHERS)
def test_cme_error_unless_switched_off(host, line, code):
    for mode in (1, 2):
        host.ask("AT+CMEE={}".format(mode))
        assert host.ask(line) == ["+CME ERROR: {}".format(code)]
        assert host.error() == code
    host.ask("AT+CMEE=0")
    host.refused(line, code)


@pytest.mark.parametrize(("line", "code"), PLAIN)
def test_plain_error(host, line, code):
    host.ask("AT+CMEE=1")
    host.ask("AT+QISTATE")
    host.refused(line, code)


@pytest.mark.parametrize("line", ["AT+QICLOSE=12", "AT+QICLOSE=5"])
def test_close_in_close_mode_1(line):
    host = Host(dialect="rm500u")
    host.ask('AT+QICFG="close mode",1')
    assert host.ask(line) == ["+CME ERROR: 552"]


@pytest.mark.parametrize(
    "line",
    ['AT+QISENDEX=0,"31"', 'AT+QIDNSGIP=1,"example.com"', 'AT+QNTP=1,"192.0.2.2"', "AT+QIKALIVE?",
     "AT+QCSCON?", "AT+NOTHING", "ATY", 'AT+QCFG="nothing"', 'AT+QCFG="nat",3', "AT+QCFG"],
)  # fmt: skip
def test_what_the_module_does_not_have(host, line):
    host.ask("AT+QISTATE")
    assert host.ask(line) == ["ERROR"]
    assert host.error() == 0


def test_error_texts(host):
    host.ask("AT+QIRD=5")
    assert host.ask("AT+QIGETERROR") == ["+QIGETERROR: 552, invalid parameters", "OK"]
    host.ask('AT+QPING=2,"192.0.2.2"')
    assert host.ask("AT+QIGETERROR") == ["+QIGETERROR: 561, PDP context opening failed", "OK"]
    host.ask("AT+QISTATE")
    assert host.ask("AT+QIGETERROR") == ["+QIGETERROR: 0, operation success", "OK"]
    assert sorted(host.module.RESULTS) == [0, *range(550, 575)]


def test_test_forms(host):
    asked = {
        "QICSGP": "(1-5),(1-3),<APN>,<username>,<password>,(0-3)",
        "QIACT": "(1-5)",
        "QIDEACT": "(1-5)",
        "QIACTEX": "(1-5),(0,1)",
        "QIDEACTEX": "(1-5)",
        "QIOPEN": '(1-5),(0-11),("TCP","UDP","TCP LISTENER","UDP SERVICE"),<address_string>,'
        "(0-65535),(0-65535),(0-2),(0-11),(10-150)",
        "QICLOSE": "(0-11),(0-65535)",
        "QISTATE": "(0,1),(1-5),(0-11)",
        "QISEND": "(0-11),(0-1460),<remoteIP>,(1-65535)",
        "QIRD": "(0-11),(0-1500)",
        "QISWTMD": "(0-11),(0-2)",
        "QPING": "(1-5),<host>,(1-255),(1-10),(32-1500)",
        "QIDNSCFG": "(1-5),<pridnsaddr>,<secdnsaddr>",
        "QISDE": "(0,1)",
        "QCFG": '"nat",(0-2)',
    }
    for name, ranges in asked.items():
        assert host.ask("AT+{}=?".format(name)) == ["+{}: {}".format(name, ranges), "OK"]
    assert host.ask("AT+QIGETERROR=?") == ["OK"]
