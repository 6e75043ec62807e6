"""What the network and the SIM tell (3GPP TS 27.007), beside registration and signal."""

import calendar
import time

import pytest

from .endtoend import Line, Process
from .host import Host
from .nb import KEYS, NbHost

WIDE = ("bg95", "rm500u")
ALL = WIDE + KEYS
SAVING = ("bg95",) + KEYS


def made(dialect, **options):
    return (Host if dialect in WIDE else NbHost)(dialect=dialect, **options)


every_dialect = pytest.mark.parametrize("dialect", ALL)


@every_dialect
@pytest.mark.parametrize(("name", "values"), [("CTZR", "(0-2)"), ("CTZU", "(0,1)")])
def test_settings_of_the_time_zone(dialect, name, values):
    host = made(dialect)
    assert host.ask("AT+{}=?".format(name)) == ["+{}: {}".format(name, values), "OK"]
    assert host.ask("AT+{}?".format(name)) == ["+{}: 0".format(name), "OK"]
    assert host.ask("AT+{}=1".format(name)) == ["OK"]
    assert host.ask("AT+{}?".format(name)) == ["+{}: 1".format(name), "OK"]
    for wrong in ("AT+{}", "AT+{}=3", "AT+{}=1,1", 'AT+{}="1"'):
        assert host.ask(wrong.format(name)) == ["ERROR"]


@every_dialect
def test_the_zone_is_told_when_the_network_comes(dialect):
    for setting, urcs in (
        (0, []),
        (1, ['+CTZV: "+32"']),
        (2, ['+CTZE: "+32",0,"2026/01/01,20:05:00"']),
    ):
        host = made(dialect)
        host.module.utc += 300
        host.ask("AT+CTZR={}".format(setting))
        host.module.set_coverage(False)
        host.module.take()
        host.module.set_coverage(True)
        assert host.lines() == urcs


@pytest.mark.parametrize("dialect", SAVING)
def test_the_network_sets_the_clock(dialect):
    host = made(dialect)
    assert host.ask("AT+CCLK?")[0].startswith('+CCLK: "80/01/06')
    host.clock.advance(60)
    assert host.ask("AT+CTZU=1") == ["OK"]
    assert host.ask("AT+CCLK?") == ['+CCLK: "26/01/01,20:01:00+32"', "OK"]


@pytest.mark.parametrize("dialect", WIDE)
def test_the_time_of_the_network(dialect):
    host = made(dialect)
    assert host.ask("AT+QLTS=?") == ["+QLTS: (0-2)", "OK"]
    host.clock.advance(10)
    assert host.ask("AT+QLTS") == ['+QLTS: "2026/01/01,12:00:10+32,0"', "OK"]
    host.clock.advance(50)
    assert (
        host.ask("AT+QLTS") == host.ask("AT+QLTS=0") == ['+QLTS: "2026/01/01,12:00:10+32,0"', "OK"]
    )
    assert host.ask("AT+QLTS=1") == ['+QLTS: "2026/01/01,12:01:00+32,0"', "OK"]
    assert host.ask("AT+QLTS=2") == ['+QLTS: "2026/01/01,20:01:00+32,0"', "OK"]
    assert host.ask("AT+QLTS=3") == host.ask("AT+QLTS?") == ["ERROR"]
    host = made(dialect, faults=["no-coverage"], context=False)
    assert host.ask("AT+QLTS=2") == ['+QLTS: ""', "OK"]


def test_the_program_has_the_time_of_this_machine():
    before = int(time.time())
    with Process("--tcp", "127.0.0.1:0") as address:
        line = Line(address)
        told = line.ask("AT+QLTS=1", rb'\+QLTS: "(.*)\+32,0"').group(1).decode()
        line.close()
    assert before <= calendar.timegm(time.strptime(told, "%Y/%m/%d,%H:%M:%S")) <= time.time()


@every_dialect
def test_extended_quality(dialect):
    host = made(dialect)
    new_radio = dialect == "rm500u"
    lte = "255,255" if new_radio else "20,53"
    assert host.ask("AT+CESQ") == [
        "+CESQ: 99,99,255,255," + lte + (",65,72,86" if new_radio else ""), "OK",
    ]  # fmt: skip
    ranges = "+CESQ: (0-63,99),(0-7,99),(0-96,255),(0-49,255),(0-34,255),(0-97,255)"
    ranges += ",(0-126,255),(0-126,255),(0-127,255)" if new_radio else ""
    assert host.ask("AT+CESQ=?") == [ranges, "OK"]
    assert host.ask("AT+CESQ?") == ["ERROR"]
    host.module.set_coverage(False)
    host.module.take()
    line = host.ask("AT+CESQ")[0]
    assert line == "+CESQ: 99,99" + ",255" * (7 if new_radio else 4)


@every_dialect
def test_the_networks_and_the_choice_of_one(dialect):
    host = made(dialect)
    kind = {"bg95": 8, "rm500u": 11}.get(dialect, 9)
    rows = '{},"Virtual","Virt","00101",{}),(3,"Other (old), Ltd","Other","00102",{}'
    networks = ["+COPS: (" + rows.format(2, kind, kind) + "),,(0-4),(0-2)", "OK"]
    assert host.ask("AT+COPS=?") == networks
    assert host.ask('AT+COPS=1,2,"00101"') == ["OK"]
    # The format stays until another is chosen.
    assert host.ask("AT+COPS?") == ['+COPS: 1,2,"00101",{}'.format(kind), "OK"]
    assert host.ask("AT+COPS=3,1") == ["OK"]
    assert host.ask("AT+COPS?") == ['+COPS: 1,1,"Virt",{}'.format(kind), "OK"]
    assert host.ask('AT+COPS=4,0,"Nobody"') == ["OK"]  # else the module chooses
    assert host.ask('AT+COPS=1,2,"00102"') == ["+CME ERROR: 32"]
    assert host.ask('AT+COPS=1,2,"00103"') == ["+CME ERROR: 30"]
    assert host.ask("AT+COPS?") == ['+COPS: 4,0,"Virtual",{}'.format(kind), "OK"]
    wrong = (
        "AT+COPS",
        "AT+COPS=5",
        "AT+COPS=3",
        "AT+COPS=1,2,00101",
        "AT+COPS=1,2",
        "AT+COPS=0,3",
    )
    for line in wrong:
        assert host.ask(line) == ["ERROR"], line
    host.module.set_coverage(False)
    host.module.take()
    assert host.ask("AT+COPS=?") == ["+COPS: ,,(0-4),(0-2)", "OK"]
    assert host.ask("AT+COPS?") == ["+COPS: 4", "OK"]
    assert host.ask('AT+COPS=1,2,"00101"') == ["+CME ERROR: 30"]
    host.module.set_coverage(True)
    host.module.denied = True
    host.module.take()
    assert host.ask("AT+COPS=?")[0].startswith('+COPS: (3,"Virtual"')
    assert host.ask('AT+COPS=1,2,"00101"') == ["+CME ERROR: 32"]
    host.module.sim_asks = "SIM PIN"
    assert host.ask("AT+COPS=?") == ["+CME ERROR: 11"]


@every_dialect
def test_deregistered(dialect):
    host = made(dialect)
    host.ask("AT+CEREG=1")
    assert host.ask("AT+COPS=2")[:2] == ["OK", "+CEREG: 0"]
    assert host.ask("AT+COPS?") == ["+COPS: 2", "OK"]
    assert host.ask("AT+CGATT?") == ["+CGATT: 0", "OK"]
    assert host.ask("AT+COPS=0") == ["OK", "+CEREG: 1"]
    assert host.ask("AT+CGATT?") == ["+CGATT: 1", "OK"]


def test_what_the_modem_looks_for():
    host = Host()
    for name, first, setting, told in (
        ("nwscanmode", "0", "3,1", "3"),
        ("nwscanseq", "020301", "0302", "0302"),
        ("servicedomain", "2", "1", "1"),
        ("roamservice", "255", "2", "2"),
        ("iotopmode", "0", "2,1", "2"),
        ("band", "0xf,0x80084,0x80084", "0,0x80000,80084,1", "0x0,0x80000,0x80084"),
    ):
        asked = 'AT+QCFG="{}"'.format(name)
        assert host.ask(asked) == ['+QCFG: "{}",{}'.format(name, first), "OK"]
        assert host.ask("{},{}".format(asked, setting)) == ["OK"]
        assert host.ask(asked.upper()) == ['+QCFG: "{}",{}'.format(name, told), "OK"]
    assert len(host.ask("AT+QCFG=?")) == 7
    host.ask("AT+CFUN=1,1")
    host.clock.advance(1)
    host.lines()
    host.ask("ATE0")
    assert host.ask('AT+QCFG="iotopmode"') == ['+QCFG: "iotopmode",2', "OK"]  # it is kept
    for wrong in (
        "AT+QCFG", "AT+QCFG?", 'AT+QCFG="nothing"', 'AT+QCFG="nwscanmode",2',
        'AT+QCFG="nwscanmode","3"', 'AT+QCFG="nwscanmode",3,2', 'AT+QCFG="nwscanseq",04',
        'AT+QCFG="band",1,2', 'AT+QCFG="band",1,2,g', 'AT+QCFG="band","1","2","3"',
    ):  # fmt: skip
        assert host.ask(wrong) == ["ERROR"], wrong
    assert NbHost().ask('AT+QCFG="nwscanmode"') == ["ERROR"]


@pytest.mark.parametrize("dialect", WIDE)
def test_who_the_network_is(dialect):
    host = made(dialect)
    mode = "eMTC" if dialect == "bg95" else "NR5G"
    assert host.ask("AT+QCSQ")[0].startswith('+QCSQ: "{}",-'.format(mode))
    assert mode in host.ask("AT+QCSQ=?")[0]
    assert mode in host.ask("AT+QNWINFO")[0]
    assert host.ask("AT+QNWINFO=?") == host.ask("AT+QSPN=?") == ["OK"]
    assert host.ask("AT+QSPN") == ['+QSPN: "Virtual Network","Virtual","",0,"00101"', "OK"]
    assert host.ask("AT+QSPN?") == host.ask("AT+QCSQ?") == host.ask("AT+QNWINFO?") == ["ERROR"]
    host.module.set_coverage(False)
    host.module.take()
    assert host.ask("AT+QCSQ") == ['+QCSQ: "NOSERVICE"', "OK"]
    assert host.ask("AT+QNWINFO") == ["+QNWINFO: No Service", "OK"]
    assert host.ask("AT+QSPN") == ["+CME ERROR: 30"]
    assert NbHost().ask("AT+QCSQ") == ["ERROR"]


@pytest.mark.parametrize("dialect", WIDE)
def test_contexts_by_cgdcont(dialect):
    host = made(dialect)
    size = 16 if dialect == "bg95" else 5
    tests = [
        '+CGDCONT: (1-{}),"{}",,,(0-2),(0-4)'.format(size, kind)
        for kind in ("IP", "IPV6", "IPV4V6")
    ]
    assert host.ask("AT+CGDCONT=?") == tests + ["OK"]
    first = '+CGDCONT: 1,"IP","internet","10.7.157.1",0,0,0,0'
    assert host.ask("AT+CGDCONT?") == [first, "OK"]
    assert host.ask('AT+CGDCONT=2,"IPV4V6","other"') == ["OK"]
    second = '+CGDCONT: 2,"IPV4V6","other","0.0.0.0",0,0,0,0'
    assert host.ask("AT+CGDCONT?") == [first, second, "OK"]
    assert host.ask("AT+QICSGP=2")[0].startswith('+QICSGP: 3,"other"')
    assert host.ask("AT+CGDCONT=2") == ["OK"]
    assert host.ask("AT+CGDCONT?") == [first, "OK"]
    for wrong in ('=0,"IP","a"', '=1,"PPP","a"', '=1,1,"a"', '=1,"IP",a', ""):
        assert host.ask("AT+CGDCONT" + wrong) == ["ERROR"]


@pytest.mark.parametrize("dialect", SAVING)
def test_power_saving_mode(dialect):
    host = made(dialect)
    bits = '("00000000"-"11111111")'
    assert host.ask("AT+CPSMS=?") == ["+CPSMS: (0-2),,,{},{}".format(bits, bits), "OK"]
    default = ['+CPSMS: 0,,,"00100001","00000000"', "OK"]
    assert host.ask("AT+CPSMS?") == default
    assert host.ask('AT+CPSMS=1,,,"00000100","00000001"') == ["OK"]
    assert host.ask("AT+CPSMS?") == ['+CPSMS: 1,,,"00000100","00000001"', "OK"]
    assert host.ask("AT+CPSMS=0") == ["OK"]
    assert host.ask("AT+CPSMS?") == ['+CPSMS: 0,,,"00000100","00000001"', "OK"]
    assert host.ask("AT+CPSMS=2") == ["OK"]
    assert host.ask("AT+CPSMS?") == default
    for wrong in ("", "=3", '=1,,,"0000010"', '=1,,,"0000010x"', "=1,,,00000100", "=1,,,,,"):
        assert host.ask("AT+CPSMS" + wrong) == ["ERROR"]


@pytest.mark.parametrize("dialect", SAVING)
def test_extended_reception(dialect):
    host = made(dialect)
    kinds = "(4,5)" if dialect == "bg95" else "(5)"
    assert host.ask("AT+CEDRXS=?") == ['+CEDRXS: (0-3),{},("0000"-"1111")'.format(kinds), "OK"]
    assert host.ask("AT+CEDRXS?") == ["OK"]
    assert host.ask('AT+CEDRXS=1,5,"0101"') == ["OK"]
    assert host.ask("AT+CEDRXS?") == ['+CEDRXS: 5,"0101"', "OK"]
    assert host.ask("AT+CEDRXS=0,5") == ["OK"]
    assert host.ask("AT+CEDRXS?") == ["OK"]
    for wrong in ("", "=4", "=1,3", '=1,5,"01"', '=1,5,"0121"', "=1,5,0101"):
        assert host.ask("AT+CEDRXS" + wrong) == ["ERROR"]


def test_5g_modules_have_no_power_saving_mode():
    assert Host(dialect="rm500u").ask("AT+CPSMS=1") == ["ERROR"]


@every_dialect
def test_the_pin(dialect):
    host = made(
        dialect, faults=["sim-pin:4321"], **({"context": False} if dialect in WIDE else {})
    )
    assert host.ask("AT+CPIN=?") == ["OK"]
    assert host.ask("AT+CPIN?") == ["+CPIN: SIM PIN", "OK"]
    assert host.ask("AT+CEREG?") == ["+CEREG: 0,0", "OK"]
    assert host.ask("AT+CIMI") == ["+CME ERROR: 11"]
    host.ask("AT+CEREG=1")
    assert host.ask('AT+CPIN="1111"') == host.ask("AT+CPIN=12") == ["+CME ERROR: 16"]
    assert host.ask("AT+CPIN") == host.ask("AT+CPIN=1,2,3") == ["ERROR"]
    assert host.ask('AT+CPIN="4321"') == ["OK", "+CPIN: READY", "+CEREG: 1"]
    assert host.ask("AT+CPIN?") == ["+CPIN: READY", "OK"]
    assert host.ask("AT+CPIN=4321") == ["+CME ERROR: 3"]
    assert host.ask("AT+CIMI")[1] == "OK"
    host.module.reboot()
    host.clock.advance(1)
    host.ask("ATE0")
    assert host.ask("AT+CPIN?")[-2:] == ["+CPIN: SIM PIN", "OK"]


def test_the_puk():
    host = Host(faults=["sim-pin"], context=False)
    for wrong in ("1111", "2222", "3333"):
        assert host.ask("AT+CPIN={}".format(wrong)) == ["+CME ERROR: 16"]
    assert host.ask("AT+CPIN?") == ["+CPIN: SIM PUK", "OK"]
    assert host.ask("AT+CIMI") == ["+CME ERROR: 12"]
    host.module.reboot()
    host.clock.advance(1)
    host.ask("ATE0")
    assert host.ask("AT+CPIN?")[-2:] == ["+CPIN: SIM PUK", "OK"]
    assert host.ask("AT+CPIN=1234") == ["+CME ERROR: 16"]
    assert host.ask('AT+CPIN="00000000","5555"') == ["+CME ERROR: 16"]
    assert host.ask('AT+CPIN="12345678","5555"') == ["OK", "+CPIN: READY"]
    assert host.module.sim_pin == "5555"


def test_no_sim_to_give_a_pin_to():
    host = Host(faults=["no-sim"], context=False)
    assert host.ask("AT+CPIN=1234") == ["+CME ERROR: 10"]


def test_asking_about_qpowd_switches_nothing_off():
    host = Host()
    peer = host.open()
    assert host.ask("AT+QPOWD=?") == ["+QPOWD: (0,1)", "OK"]
    assert host.ask("AT+QPOWD?") == ["ERROR"]
    assert host.ask("AT+QPOWD=2") == ["ERROR"]
    host.clock.advance(5)
    assert host.ask("AT") == ["OK"] and not peer.closed
    assert host.ask("AT+QPOWD=1") == ["OK"]
    host.clock.advance(5)
    assert host.lines() == ["POWERED DOWN"] and peer.closed


def test_counts_of_bytes_beyond_65535():
    host = Host()
    host.module.RECEIVE_BUFFER = 200000
    peer = host.open()
    peer.send(bytes(150000))
    host.module.take()
    assert host.ask("AT+QIRD=0,0") == ["+QIRD: 150000,0,150000", "OK"]
    for _ in range(50):
        assert len(host.read()) == 1500
    assert host.ask("AT+QIRD=0,0") == ["+QIRD: 150000,75000,75000", "OK"]
    for _ in range(50):
        host.send(bytes(1460))
    assert host.ask("AT+QISEND=0,0") == ["+QISEND: 73000,73000,0", "OK"]
