"""What the NB-IoT modules refuse, by dialect: ERROR, and the code that QIGETERROR tells then."""

import pytest

from .nb import KEYS, OWN_ADDRESS, NbHost

LISTEN = 'AT+QIOPEN=1,3,"TCP LISTENER","{}",0,2021,0'.format(OWN_ADDRESS)
OPEN = 'AT+QIOPEN=1,3,"TCP","192.0.2.2",80,0,0'

# 552 on all of them
INVALID = [
    "AT+QIOPEN",
    "AT+QIOPEN?",
    'AT+QIOPEN=0,3,"TCP","192.0.2.2",80,0',
    'AT+QIOPEN=4,3,"TCP","192.0.2.2",80,0',
    'AT+QIOPEN=1,6,"TCP","192.0.2.2",80,0',
    'AT+QIOPEN=1,-1,"TCP","192.0.2.2",80,0',
    'AT+QIOPEN=1,"UDP","220.18.39.22",8063,0,1',
    'AT+QIOPEN=1,3,"SCTP","192.0.2.2",80,0',
    'AT+QIOPEN=1,3,TCP,"192.0.2.2",80,0',
    'AT+QIOPEN=1,3,"TCP INCOMING","192.0.2.2",80,0',
    'AT+QIOPEN=1,3,"TCP","",80,0',
    'AT+QIOPEN=1,3,"TCP","{}",80,0'.format("x" * 256),
    'AT+QIOPEN=1,3,"TCP","192.0.2.2"',
    'AT+QIOPEN=1,3,"TCP","192.0.2.2",0,0',
    'AT+QIOPEN=1,3,"TCP","192.0.2.2",65536,0',
    'AT+QIOPEN=1,3,"TCP","192.0.2.2",80,65536',
    'AT+QIOPEN=1,3,"TCP","192.0.2.2",80,0,3',
    'AT+QIOPEN=1,3,"TCP","192.0.2.2",80,0,0,3',
    'AT+QIOPEN=1,3,"TCP","2001:db8::2",80,0,0,0',
    'AT+QIOPEN=1,3,"UDP","192.0.2.2",80,0,2',
    "AT+QICLOSE",
    "AT+QICLOSE=6",
    "AT+QICLOSE=3",
    "AT+QICLOSE=0,10",
    "AT+QISTATE",
    "AT+QISTATE=2,0",
    "AT+QISTATE=0",
    "AT+QISTATE=0,4",
    "AT+QISTATE=1,6",
    "AT+QISEND",
    "AT+QISEND=6",
    "AT+QISEND=0,",
    "AT+QISEND=0,0",
    'AT+QISEND=0,,"x"',
    'AT+QISEND=3,4,"data"',
    'AT+QISEND=0,3,"data"',
    'AT+QISEND=0,5,"data"',
    'AT+QISEND=0,5,"da"ta"',
    'AT+QISEND=0,2000,"{}"'.format("x" * 2000),
    'AT+QISENDEX=0,2,"123"',
    'AT+QISENDEX=0,2,"12X4"',
    'AT+QISENDEX=0,4,"1234"',
    'AT+QISENDEX=3,2,"1234"',
    "AT+QIRD",
    "AT+QIRD=0",
    "AT+QIRD=0,0",
    "AT+QIRD=3,10",
    "AT+QIRD=0,1025",
    "AT+QIRD=0,1,1",
    "AT+QISWTMD=0",
    "AT+QISWTMD=0,3",
    "AT+QISWTMD=3,0",
    "AT+QPING=1",
    'AT+QPING=0,"192.0.2.2"',
    'AT+QPING=1,"192.0.2.2",0',
    'AT+QPING=1,"192.0.2.2",256',
    'AT+QPING=1,"192.0.2.2",4,0',
    'AT+QPING=1,"192.0.2.2",4,11',
    'AT+QPING=1,"192.0.2.2",4,4,31',
    'AT+QPING=1,"192.0.2.2",4,4,201',
    "AT+QNTP?",
    "AT+QNTP=1",
    'AT+QNTP=1,"192.0.2.2",0',
    'AT+QNTP=1,"192.0.2.2",123,2',
    "AT+QIDNSGIP=1",
    'AT+QIDNSGIP=1,""',
    "AT+QICFG",
    "AT+QICFG?",
    'AT+QICFG="transpktsize"',
    'AT+QICFG="viewmode",2',
    'AT+QICFG="showlength",-1',
    'AT+QICFG="dataformat",0',
    'AT+QICFG="dataformat",0,2',
    "AT+QIGETERROR?",
]

MORE = [
    # lengths and parameters that are another dialect's
    ("bc95 bc92", 'AT+QISEND=0,1441,"{}"'.format("x" * 1441), 552),
    ("bc95 bc92", "AT+QISEND=0,1441", 552),
    ("bc95 bc92", 'AT+QISEND=0,4,"data",3', 552),
    ("bc95 bc92", "AT+QISEND=0,4,data", 552),
    ("bc95 bc92", 'AT+QISENDEX=0,1441,"{}"'.format("00" * 1441), 552),
    ("bc95 bc92", 'AT+QISENDEX=0,2,"1234",3', 552),
    ("bc95 bc92", 'AT+QIOPEN=1,3,"TCP","{}",80,0'.format("x" * 51), 552),
    ("bc95 bc92", 'AT+QIDNSGIP=1,"{}"'.format("x" * 51), 552),
    ("bc95 bc92", 'AT+QICFG="open_time",0', 552),
    ("bc95 bc92", 'AT+QICFG="open_time",37', 552),
    ("bc95 bc92", 'AT+QIDNSCFG="192.0.2.1","2001:db8::1"', 552),
    ("bc95", 'AT+QIOPEN=1,3,"TCP","192.0.2.2",80,0,2', 552),
    ("bc95", 'AT+QIOPEN=1,3,"TCP","192.0.2.2",80,0,0,0,1', 552),
    ("bc95", "AT+QISWTMD=0,2", 552),
    ("bc92", 'AT+QIOPEN=1,3,"TCP","192.0.2.2",80,0,0,0,0', 552),
    ("bc92", 'AT+QIOPEN=1,3,"TCP","192.0.2.2",80,0,0,0,6', 552),
    ("bc92", 'AT+QIOPEN=1,3,"TCP LISTENER","{}",0,9,2,0,2'.format(OWN_ADDRESS), 552),
    ("bc92", "AT+QISWTMD=1,2", 572),  # UDP
    ("bc92", "AT+QISWTMD=2,2", 572),  # a listener
    ("bc20", 'AT+QIOPEN=1,5,"TCP","192.0.2.2",80', 552),
    ("bc20", LISTEN, 552),
    ("bc20", 'AT+QIOPEN=2,3,"TCP","192.0.2.2",80', 555),
    ("bc20", 'AT+QIOPEN=1,3,"TCP","192.0.2.2",80,0,0,1', 555),
    ("bc20", 'AT+QPING=2,"192.0.2.2"', 555),
    ("bc20", "AT+QISEND=0", 552),
    ("bc20", "AT+QISEND=0,4", 552),
    ("bc20", "AT+QISEND=0,3,a,b", 552),
    ("bc20", 'AT+QISEND=0,4,"data",0', 552),
    ("bc20", "AT+QISEND=0,1025,{}".format("x" * 1025), 552),
    ("bc20", "AT+QISENDEX=0,513,{}".format("00" * 513), 552),
    ("bc20 bc25", "AT+QIRD=0,513", 552),
    ("bc20 bc25", 'AT+QICFG="open_time"', 552),
    ("bc25", 'AT+QISEND=0,4,"data",0', 552),
    ("bc25", "AT+QISEND=0,4,data", 552),
    ("bc25", "AT+QISEND=0,513", 552),
    ("bc25", "AT+QISENDEX=0,513", 552),
    ("bc25", 'AT+QISENDEX=0,513,"{}"'.format("00" * 513), 552),
    ("bc25", 'AT+QIOPEN=1,3,"TCP","192.0.2.2",80,0,0,2', 552),
    ("bc25", 'AT+QIOPEN=1,3,"UDP SERVICE","{}",0,3030,0'.format(OWN_ADDRESS), 555),
    ("bc25", 'AT+QIDNSCFG="2001:db8::1"', 552),
    ("bc25", "AT+QIKALIVE", 552),
    ("bc25", "AT+QIKALIVE=2", 552),
    ("bc25", "AT+QIKALIVE=1,0", 552),
    ("bc25", "AT+QIKALIVE=1,36001", 552),
    ("bc25", "AT+QIKALIVE=1,60,9", 552),
    ("bc25", "AT+QIKALIVE=1,60,21", 552),
    ("bc25", "AT+QIKALIVE=1,60,10,0", 552),
    ("bc25", 'AT+QIKALIVE=1,60,10,9,"00"', 555),
    ("bc95 bc92 bc25", 'AT+QIDNSCFG="name.test"', 552),
    # states
    ("bc95 bc92 bc20 bc25", 'AT+QICFG="dataformat",1,0', 555),
    ("bc95 bc92 bc20 bc25", 'AT+QIOPEN=1,0,"TCP","192.0.2.2",80,0', 563),
    ("bc95 bc92 bc20 bc25", 'AT+QIOPEN=1,3,"UDP","192.0.2.2",80,5000', 574),
    ("bc95 bc92 bc25", 'AT+QIOPEN=1,3,"TCP","192.0.2.2",80,2020', 574),
    ("bc95 bc92 bc25", 'AT+QISEND=2,4,"data"', 572),  # a listener
    ("bc95 bc92 bc25", 'AT+QISENDEX=2,2,"1234"', 572),
    ("bc95 bc92 bc25", "AT+QISEND=2", 572),
    ("bc95 bc92 bc25", "AT+QIRD=2,10", 572),
    ("bc95 bc92 bc25", 'AT+QIOPEN=1,3,"TCP LISTENER","127.0.0.1",0,2021,0', 552),
    ("bc95 bc92 bc25", 'AT+QIOPEN=1,3,"TCP LISTENER","{}",0,0,0'.format(OWN_ADDRESS), 552),
    ("bc95 bc92 bc25", 'AT+QIOPEN=1,3,"TCP LISTENER","{}",0'.format(OWN_ADDRESS), 552),
    ("bc95 bc92 bc25", 'AT+QIOPEN=2,3,"TCP","192.0.2.2",80,0,3', 552),
    ("bc95 bc92 bc25", 'AT+QPING=2,"192.0.2.2"', 561),
    ("bc95 bc92 bc25", 'AT+QIDNSGIP=2,"example.com"', 561),
    ("bc95 bc92 bc25", 'AT+QNTP=2,"example.com"', 561),
]


@pytest.fixture(scope="module", params=KEYS)
def host(request):
    """0 is a TCP client, 1 UDP at port 5000, 2 a listener where there are any; 3 is free."""
    host = NbHost(request.param)
    host.open()
    host.open(1, "UDP", local=5000)
    if request.param != "bc20":
        host.listen(2)
    host.dialect = request.param
    return host


@pytest.mark.parametrize("line", INVALID)
def test_invalid_parameters(host, line):
    host.refused(line, 552)


@pytest.mark.parametrize(("dialects", "line", "code"), MORE)
def test_of_some_dialects(host, dialects, line, code):
    if host.dialect in dialects.split():
        host.refused(line, code)
    assert host.ask("AT") == ["OK"]


@pytest.mark.parametrize("line", ["AT+QISDE=0", "AT+QIACT=1", 'AT+QICSGP=1,1,"a"', "AT+QIDEACT=1"])
def test_commands_of_other_dialects(host, line):
    assert host.ask(line) == ["ERROR"]


@pytest.mark.parametrize(
    ("dialects", "line"),
    [
        ("bc95 bc20 bc25", "ATO"),
        ("bc95 bc92 bc20", "AT+QIKALIVE?"),
        ("bc95 bc92 bc20", "AT+QSCLK=0"),
        ("bc20", "AT+QIDNSCFG?"),
    ],
)
def test_commands_that_some_lack(host, dialects, line):
    expected = "ERROR" if host.dialect in dialects.split() else "OK"
    if line == "ATO" and expected == "OK":
        expected = "NO CARRIER"
    assert host.ask(line)[-1] == expected


def test_the_listener_of_bc95_needs_cgact():
    host = NbHost("bc95")
    host.refused(LISTEN, 561)
    assert host.ask("AT+CGACT?")[0] == "+CGACT: 1,0"
    assert host.ask("AT+CGACT=1,1") == ["OK"]
    assert host.ask("AT+CGACT?")[0] == "+CGACT: 1,1"
    assert host.ask(LISTEN) == ["OK", "+QIOPEN: 3,0"]
    assert NbHost("bc25").ask(LISTEN) == ["OK", "+QIOPEN: 3,0"]


@pytest.mark.parametrize("dialect", KEYS)
def test_what_the_error_code_is_of(dialect):
    host = NbHost(dialect)
    assert host.error() == 0
    host.refused("AT+QIRD=0,10", 552)
    text = host.ask("AT+QIGETERROR")[0]
    separator = ", " if dialect == "bc25" else ","
    assert text == "+QIGETERROR: 552{}invalid parameters".format(separator)
    host.ask("AT+QISTATE?")  # goes well: bc95 and bc92 tell the last error all the same
    assert host.error() == (552 if dialect in ("bc95", "bc92") else 0)
    host.module.reboot()
    host.clock.advance(1)
    host.setup()
    assert host.error() == 0


@pytest.mark.parametrize("dialect", KEYS)
def test_test_forms(dialect):
    host = NbHost(dialect)
    ids = "(0-4)" if dialect == "bc20" else "(0-5)"
    read = "(1-1024)" if dialect in ("bc95", "bc92") else "(1-512)"
    assert host.ask("AT+QICLOSE=?") == ["+QICLOSE: " + ids, "OK"]
    assert host.ask("AT+QIRD=?") == ["+QIRD: {},{}".format(ids, read), "OK"]
    modes = {"bc95": "(0,1)", "bc92": "(0-2)"}.get(dialect, "(0-1)")
    assert host.ask("AT+QISWTMD=?") == ["+QISWTMD: {},{}".format(ids, modes), "OK"]
    assert host.ask("AT+QISWTMD?") == ["OK"]
    assert host.ask("AT+QISTATE=?") == ["OK"]
    assert host.ask("AT+QIGETERROR=?") == ["OK"]
    for name in ("QIOPEN", "QISEND", "QISENDEX", "QPING", "QNTP", "QIDNSGIP"):
        line, ok = host.ask("AT+{}=?".format(name))
        assert line.startswith("+{}: (".format(name))
        assert ok == "OK"
    keys = ["dataformat", "viewmode", "showlength"]
    keys += ["open_time"] if dialect in ("bc95", "bc92") else []
    lines = host.ask("AT+QICFG=?")
    assert [line.split('"')[1] for line in lines[:-1]] == keys


@pytest.mark.parametrize(
    ("dialect", "models"),
    [
        ("bc95", ["BC95-GR", "BC65"]),
        ("bc92", ["BC92"]),
        ("bc20", ["BC20"]),
        ("bc25", ["BC25", "BC32"]),
    ],
)
def test_models(dialect, models):
    assert NbHost(dialect).ask("AT+CGMM") == [models[0], "OK"]
    for model in models:
        assert NbHost(dialect, model=model).ask("AT+CGMM") == [model, "OK"]
    with pytest.raises(ValueError, match=models[0]):
        NbHost(dialect, model="BG95-S5")
