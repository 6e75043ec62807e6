"""Each fault that plays what logs of real modules show."""

import struct

import pytest
from tools.vmodule import faults
from tools.vmodule.ntp import NTP_EPOCH

from .host import Host
from .nb import NbHost

NOON = 1_783_040_187  # 2026-07-03 00:56:27 UTC


def made(dialect, fault, **options):
    kind = Host if dialect in ("bg95", "rm500u") else NbHost
    return kind(faults=[fault], dialect=dialect, **options)


def waited(host, seconds):
    host.clock.advance(seconds)
    return host.lines()


every_dialect = pytest.mark.parametrize(
    "dialect", ["bg95", "rm500u", "bc95", "bc92", "bc20", "bc25"]
)
narrow = pytest.mark.parametrize("dialect", ["bc95", "bc92", "bc20", "bc25"])
wide = pytest.mark.parametrize("dialect", ["bg95", "rm500u"])


# --- sleep ---------------------------------------------------------------------------------


@every_dialect
def test_sleep_while_dtr_is_high(dialect):
    host = made(dialect, "dtr-sleep:2")
    peer = host.open()
    host.clock.advance(60)
    assert host.ask("AT+QSCLK?") == ["+QSCLK: 0", "OK"]
    assert host.ask("AT+QSCLK=1") == ["OK"]
    host.clock.advance(1.9)
    assert host.ask("AT") == ["OK"]
    host.clock.advance(2)
    assert host.ask("AT") == [] and host.module.counts["typed asleep"] == 3
    peer.send(b"news")
    assert host.lines() == ['+QIURC: "recv",0']
    host.clock.advance(2)
    host.module.set_dtr(False)
    assert host.ask("AT") == []  # it needs a moment
    host.clock.advance(0.05)
    for _ in range(3):
        assert host.ask("AT") == ["OK"]
        host.clock.advance(60)
    assert host.read(0, 512) == b"news"
    host.module.set_dtr(True)
    assert host.ask("AT") == ["OK"]
    host.clock.advance(2)
    assert host.ask("AT") == []
    host.module.set_dtr(False)
    host.module.set_dtr(False)
    host.clock.advance(1)
    assert host.ask("AT+QSCLK=0") == ["OK"]
    host.module.set_dtr(True)
    host.clock.advance(60)
    assert host.ask("AT") == ["OK"]
    host.ask("AT+QSCLK=1")
    host.module.reboot()
    host.clock.advance(60)
    assert host.ask("ATE0")[-1] == "OK"


# --- restarts ------------------------------------------------------------------------------


@every_dialect
def test_restart_with_and_without_a_word(dialect):
    for fault, said in (("restart:60", ["RDY", "APP RDY"]), ("restart-unheard:60", [])):
        host = made(dialect, fault)
        peer = host.open()
        assert waited(host, 59) == [] and not peer.closed
        assert waited(host, 2) == said
        assert peer.closed
        assert host.ask("AT")[-1:] == ["OK"]  # with its echo, which is on again
        host.ask("ATE0")
        assert host.ask("AT+QISTATE?") == ["OK"]
        host.clock.advance(60)
        assert host.module.counts["reboot"] == 2


def test_a_restart_that_is_heard_after_one_that_is_not():
    host = Host(faults=["restart-unheard:60"])
    assert waited(host, 61) == []
    host.ask("ATE0")
    host.type("AT+CFUN=1,1")
    assert waited(host, 1) == ["OK", "RDY", "APP RDY"]


def test_no_restart_while_a_command_is_under_way():
    host = Host(faults=["restart-unheard:60"])
    host.open()
    host.clock.advance(50)
    host.type("AT+QISEND=0,4")
    host.clock.advance(30)
    host.module.take()
    host.module.feed(b"data")
    assert host.lines() == ["SEND OK"]
    host.clock.advance(0.2)
    assert host.module.counts["reboot"] == 1


def test_after_an_unheard_restart_contexts_are_down():
    host = Host(faults=["restart-unheard:60"])
    host.open()
    host.clock.advance(61)
    host.ask("ATE0")
    assert host.ask('AT+QIOPEN=1,0,"TCP","192.0.2.2",80') == ["OK", "+QIOPEN: 0,561"]


def test_boot_texts():
    host = Host(faults=["no-ready"])
    host.ask("AT+CFUN=1,1")
    assert waited(host, 1) == []
    neul = ["REBOOT_CAUSE_SECURITY_RESET_PIN", "Neul", "OK"]
    host = NbHost(faults=["neul:2"])
    assert waited(host, 1) == []
    assert waited(host, 2) == neul
    host.module.reboot()
    assert waited(host, 1) == neul
    host = Host(faults=["boot-time:20", "no-ready"])
    host.ask("AT+CFUN=1,1")
    host.clock.advance(19)
    assert host.ask("AT") == []
    host.clock.advance(2)
    assert host.ask("AT") == ["AT\r", "OK"]


def test_boot_lines_take_their_time():
    host = Host(faults=["boot-lines:9"])
    assert waited(host, 2.5) == ["+CFUN: 1", "+CPIN: READY"]
    assert waited(host, 7) == [
        "+QUSIM: 1", "+CEREG: 2", "+QIND: SMS DONE", "SMS Ready", "+CEREG: 1", "+QIND: PB DONE",
        "Call Ready",
    ]  # fmt: skip
    host.module.reboot()
    assert waited(host, 2) == ["RDY", "APP RDY", "+CFUN: 1"]


def test_stray_answers():
    host = Host(faults=["stray-answers"], raw=True)
    assert host.ask("AT") == [
        "AT\r", "OK", "+CFUN: 1", "OK", "OK", "+CME ERROR: 14", "+CPIN: READY",
    ]  # fmt: skip
    assert host.ask("AT") == ["AT\r", "OK"]


# --- sleep ---------------------------------------------------------------------------------


@every_dialect
def test_a_sleeping_module_loses_the_line_that_wakes_it(dialect):
    host = made(dialect, "sleepy")
    peer = host.open()
    assert host.ask("AT+QSCLK?") == ["+QSCLK: 1", "OK"]
    host.clock.advance(9)
    assert host.ask("AT") == ["OK"]
    host.clock.advance(11)
    host.module.feed(b"AT+C")
    host.module.feed(b"SQ\rAT\r")
    assert host.lines() == ["OK"]
    assert not peer.closed
    host.clock.advance(8)
    peer.send(b"x")  # what it says keeps it awake
    assert len(host.lines()) == 1
    host.clock.advance(8)
    assert host.ask("AT") == ["OK"]
    assert host.ask("AT+QSCLK=0") == ["OK"]
    host.clock.advance(100)
    assert host.ask("AT") == ["OK"]
    host.module.reboot()
    assert waited(host, 1) == ["RDY", "APP RDY"]
    assert host.ask("AT+QSCLK?")[1:] == ["+QSCLK: 1", "OK"]  # behind its echo
    assert host.module.counts["slept"] == 1


def test_no_sleep_in_a_prompt():
    host = Host(faults=["sleepy:5"])
    host.open()
    host.type("AT+QISEND=0,4")
    host.module.take()
    host.clock.advance(60)
    host.module.feed(b"data")
    assert host.lines() == ["SEND OK"]


# --- contexts, identities ------------------------------------------------------------------


@pytest.mark.parametrize("code", [561, 570, 572])
def test_contexts_that_go_without_a_word(code):
    host = Host(faults=["lose-context:60,{}".format(code)])
    peer = host.open()
    peer.send(b"x")
    host.module.take()
    assert waited(host, 61) == [] and peer.closed
    host.refused("AT+QISEND=0,4", code)
    host.refused("AT+QIRD=0", code)
    assert host.ask("AT+QICLOSE=0") == ["OK"]
    assert host.ask('AT+QIOPEN=1,0,"TCP","192.0.2.2",80') == ["OK", "+QIOPEN: 0,{}".format(code)]
    assert host.ask("AT+QIACT?") == ["OK"]
    if code == 570:
        assert host.ask("AT+QIACT=1") == ["ERROR"]
        host.ask("AT+QIDEACT=1")
    assert host.ask("AT+QIACT=1") == ["OK"]
    assert host.ask("AT+QICLOSE=0") == ["ERROR" if code == 570 else "OK"]
    host.open()
    assert waited(host, 60) == []
    host.refused("AT+QISEND=0,4", code)  # again and again


@narrow
def test_an_attach_that_goes_without_a_word(dialect):
    host = made(dialect, "lose-context:60,570")
    peer = host.open()
    assert waited(host, 61) == [] and peer.closed
    host.refused("AT+QIRD=0,5", 570)
    assert host.ask("AT+CGATT?") == ["+CGATT: 0", "OK"]
    answer = host.ask('AT+QIOPEN=1,1,"TCP","192.0.2.2",80,0,0')
    assert answer == ["OK", "+QIOPEN: 1,570"]
    assert host.ask("AT+CGATT=1") == ["OK"]
    host.ask("AT+QICLOSE=1")
    host.open(1)


@wide
def test_a_context_that_is_another_number(dialect):
    host = made(dialect, "other-context", context=False)
    host.ask('AT+QICSGP=1,1,"internet"')
    assert host.ask("AT+QIACT=1") == ["ERROR" if dialect == "bg95" else "+CME ERROR: 572"]
    assert host.error() == 572
    assert host.ask("AT+CGACT?") == ["+CGACT: 1,0", "+CGACT: 9,1", "OK"]
    assert host.ask("AT+CGACT=0,9") == ["OK"]
    assert host.ask("AT+QIACT=1") == ["OK"]
    assert host.ask("AT+CGACT?") == ["+CGACT: 1,1", "OK"]
    host.module.reboot()
    host.clock.advance(1)
    host.ask("ATE0")
    assert host.ask("AT+CGACT?")[-2:] == ["+CGACT: 9,1", "OK"]


@wide
def test_a_context_that_is_up_at_boot(dialect):
    host = made(dialect, "active-at-boot", context=False)
    kind = 1 if dialect == "bg95" else 3
    assert host.ask("AT+QIACT?")[0].startswith("+QIACT: 1,1,{},".format(kind))
    assert host.ask("AT+QIACT=1") != ["OK"]
    assert host.ask("AT+QICSGP=1")[0].startswith('+QICSGP: 3,"cmnet"')
    host.open()


def test_an_address_on_context_0():
    host = NbHost(faults=["context-zero"])
    told = ["+CGPADDR: 0,100.127.243.105", "+CGPADDR: 1", "OK"]
    assert host.ask("AT+CGPADDR?") == host.ask("AT+CGPADDR") == told
    assert host.ask("AT+CGPADDR=1") == ["+CGPADDR: 1", "OK"]


@every_dialect
def test_ids_of_an_earlier_program(dialect):
    host = made(dialect, "taken-ids:2")
    assert host.ask("AT+QISTATE?") == ["OK"]
    line = 'AT+QIOPEN=1,{},"TCP","192.0.2.2",80,0,0'
    if dialect in ("bg95", "rm500u"):
        assert host.ask(line.format(0)) == ["OK", "+QIOPEN: 0,563"]
    else:
        host.refused(line.format(0), 563)
    host.open(2)
    assert host.ask("AT+QICLOSE=0")[0] == "OK"
    host.open(0)


def test_identities():
    host = Host(faults=["serial-number"])
    assert not host.ask("AT+CGSN")[0].isdigit()
    assert host.ask("AT+CGSN=1") == ["+CGSN: 861234050000015", "OK"]
    host = Host()
    assert host.ask("AT+CGSN") == ["861234050000015", "OK"]
    assert host.ask("AT+CGSN=1") == ["+CGSN: 861234050000015", "OK"]
    assert host.ask("AT+CGSN=2") == ["ERROR"]
    assert NbHost(faults=["vendor-in-model"]).ask("AT+CGMM") == ["Quectel_BC95-GR", "OK"]


# --- forms ---------------------------------------------------------------------------------


def test_no_space_behind_the_colon():
    host = Host(faults=["no-space"], dialect="rm500u")
    host.type('AT+QIOPEN=1,0,"TCP","192.0.2.2",80')
    assert host.lines() == ["OK", "+QIOPEN:0,0"]
    host.network.peers[-1].send(b"+CSQ: 5")
    assert host.lines() == ['+QIURC:"recv",0']
    host.type("AT+QIRD=0")
    assert host.module.take() == b"\r\n+QIRD:7\r\n+CSQ: 5\r\n\r\nOK\r\n"
    assert host.ask("AT+QIRD=9") == ["+CME ERROR:552"]
    assert host.ask("AT+CSQ") == ["+CSQ:24,0", "OK"]
    assert NbHost(faults=["no-space"]).ask("AT+CGATT?") == ["+CGATT:1", "OK"]


@every_dialect
def test_lines_in_other_forms(dialect):
    host = made(dialect, "bare-lines")
    host.open()
    host.network.peers[-1].send(b"\r\n\r\n")
    assert host.module.take().startswith(b'+QIURC: "recv",0')
    host.type("AT+QIRD=0,10")
    assert host.module.take().startswith(b"+QIRD: 4\r\n\r\n\r\n\r\nOK\r\n")
    host = made(dialect, "capital-texts")
    assert host.ask("AT+QIRD=99,1")[-1] == "ERROR" or dialect == "rm500u"
    assert "INVALID PARAMETERS" in host.ask("AT+QIGETERROR")[0]
    host = made(dialect, "urc-field")
    host.open()
    host.network.peers[-1].send(b"x")
    host.network.peers[-1].close()
    assert host.lines()[-1] == '+QIURC: "closed",0,0'


def test_long_forms():
    host = Host(faults=["long-forms"])
    place = '"1848","0014B501",9'
    assert host.ask("AT+CEREG?") == ["+CEREG: 1," + place, "+CEREG: 3,1," + place + ",0,15", "OK"]
    assert host.ask("AT+COPS?") == ['+COPS: 0,0,"Virtual, IN",8,"00101",1', "OK"]
    assert host.ask("AT+CSQ") == ["+CSQ: 24,0", "OK"]
    host.ask("AT+CEREG=1")
    host.module.set_coverage(False)
    assert host.lines()[0] == "+CEREG: 2"


def test_settings_that_are_refused():
    host = Host(faults=["unknown-setting:recvind"])
    assert host.ask('AT+QICFG="recvind"') == ["ERROR"]
    assert host.ask('AT+QICFG="recvind",0') == ["ERROR"]
    assert host.ask('AT+QICFG="viewmode",0') == ["OK"]
    host = NbHost(faults=["unknown-setting"])
    assert host.ask('AT+QICFG="showlength"') == ['+QICFG: "showlength",0', "OK"]
    assert host.ask('AT+QICFG="showlength",0') == ["ERROR"]
    assert host.ask('AT+QICFG="showlength",1')[-1] == "OK"
    assert host.ask('AT+QICFG="showlength",1') == ["ERROR"]


def test_urcs_that_go_to_usb():
    host = Host(faults=["urcs-on-usb"])
    assert host.ask('AT+QIOPEN=1,0,"TCP","192.0.2.2",80') == ["OK"]
    assert host.ask('AT+QURCCFG="urcport"') == ['+QURCCFG: "urcport","usbat"', "OK"]
    assert host.ask('AT+QURCCFG="urcport","uart1"') == ["OK"]
    host.network.peers[-1].send(b"x")
    assert host.lines() == ['+QIURC: "recv",0']
    assert Host().ask('AT+QURCCFG="urcport","uart1"') == ["ERROR"]


def test_a_connection_in_state_3():
    host = Host(faults=["state-three"])
    host.open()
    assert host.ask("AT+QISTATE?")[0].split(",")[5] == "3"


# --- sockets -------------------------------------------------------------------------------


def drained(host, length=512):
    """What QIRD gives until there is no more."""
    data = b""
    while True:
        host.type("AT+QIRD=0,{}".format(length))
        answer = host.module.take()
        if answer == b"\r\n+QIRD: 0\r\n\r\nOK\r\n":
            return data
        header, _, rest = answer[2:].partition(b"\r\n")
        data += rest[: int(header[7:])]


@narrow
def test_buff_full_drops(dialect):
    host = made(dialect, "buff-full:4000")
    peer = host.open()
    data = bytes(at // 1000 + 48 for at in range(6000))
    for at in range(0, 6000, 1000):
        peer.send(data[at : at + 1000])
    full = '+QIURC: "recv",0,"buff full"'
    assert host.lines() == ['+QIURC: "recv",0', full, full]
    assert peer.unread == b"" and host.module.counts["tcp dropped"] == 2000
    assert drained(host) == data[:4000]
    peer.send(b"later")
    assert host.lines() == ['+QIURC: "recv",0']
    assert drained(host) == b"later"


def test_buff_full_is_of_narrow_band_alone():
    host = Host(faults=["buff-full:4000"])
    peer = host.open()
    peer.send(bytes(10000))
    assert host.lines() == ['+QIURC: "recv",0']
    assert drained(host) == bytes(10000)


@every_dialect
def test_a_close_that_forgets(dialect):
    host = made(dialect, "close-forgets:2")
    for forgets in (False, True):
        peer = host.open()
        peer.send(b"unread")
        peer.close()
        assert host.lines() == ['+QIURC: "recv",0', '+QIURC: "closed",0']
        host.type("AT+QIRD=0,100")
        answer = host.module.take()
        assert (b"unread" in answer) is not forgets
        if forgets:
            assert answer == (
                b"\r\n+CME ERROR: 552\r\n" if dialect == "rm500u" else b"\r\nERROR\r\n"
            )
        else:
            host.ask("AT+QICLOSE=0")
    host.open()  # the connectID is free


def test_a_close_that_forgets_what_has_not_been_pushed():
    host = NbHost(faults=["close-forgets"])
    peer = host.open(access=1)
    host.type("AT+QISEND=0,4")
    peer.send(b"x")
    peer.close()
    host.module.feed(b"data")
    assert host.lines() == ["> ", '+QIURC: "closed",0', "ERROR"]


@every_dialect
def test_what_comes_during_a_prompt_is_not_told(dialect):
    host = made(dialect, "silent-prompt")
    host.open()
    host.open(1)
    one, two = host.network.peers
    if dialect == "bc20":
        host.module.latency = 0.1
        host.type('AT+QISEND=0,4,"data"')
        two.send(b"news")
        host.module.latency = 0
        host.clock.advance(1)
    else:
        host.type("AT+QISEND=0,4")
        two.send(b"news")
        host.module.feed(b"data")
    assert not any("recv" in line for line in host.lines())
    two.send(b"more")
    assert waited(host, 600) == []
    host.type("AT+QIRD=1,100")
    assert b"news" in host.module.take()
    host.type("AT+QIRD=1,100")
    host.module.take()
    two.send(b"now")
    assert host.lines() == ['+QIURC: "recv",1']
    assert one.received == b"data"


def test_recv_late_and_only_from_some_bytes():
    host = Host(faults=["late-recv:2,30"])
    peer = host.open()
    for late in (False, True, False, True):
        peer.send(b"x")
        assert host.lines() == ([] if late else ['+QIURC: "recv",0'])
        assert waited(host, 29) == []
        assert waited(host, 2) == (['+QIURC: "recv",0'] if late else [])
        host.read()
    host = NbHost(faults=["recv-from:2000"])
    peer = host.open()
    peer.send(bytes(1000))
    assert host.lines() == []
    peer.send(bytes(1000))
    assert host.lines() == ['+QIURC: "recv",0']


def test_any_urc_late():
    host = Host(faults=["late-urc:2,30"])
    host.open()
    assert host.ask('AT+QIDNSGIP=1,"example.com"') == ["OK", '+QIURC: "dnsgip","192.0.2.2"']
    assert waited(host, 31) == ['+QIURC: "dnsgip",0,1,600']
    assert host.ask('AT+QIOPEN=1,1,"TCP","192.0.2.2",80') == ["OK"]
    assert waited(host, 29) == []
    assert waited(host, 2) == ["+QIOPEN: 1,0"]


@narrow
def test_a_wake_up_in_the_middle_of_a_close(dialect):
    host = made(dialect, "wakeup-in-close:2")
    host.open()
    host.open(1)
    host.open(2, "UDP")
    assert host.ask("AT+QICLOSE=0") == ["OK", "CLOSE OK"]
    host.open()
    assert host.ask("AT+QICLOSE=0") == ["OK", "+QATWAKEUP", "CLOSE OK"]
    assert host.network.peers[1].closed
    assert [line[10:19] for line in host.ask("AT+QISTATE?")[:-1]] == ['2,"UDP","']


def test_send_fail_without_an_ok():
    host = NbHost(faults=["sendfail-alone:2"])
    host.open()
    host.send(b"x")
    assert host.ask('AT+QISEND=0,1,"x"') == ["SEND FAIL"]
    assert host.error() == 558


# --- names, time ---------------------------------------------------------------------------


def test_look_ups_that_cross():
    host = Host(faults=["slow-dns:2,20"])
    host.network.hosts = {
        "a.test": ["192.0.2.1"],
        "b.test": ["192.0.2.2"],
        "c.test": ["192.0.2.3"],
    }
    ask = 'AT+QIDNSGIP=1,"{}.test"'
    host.ask(ask.format("a"))
    assert host.ask(ask.format("b")) == ["OK"]
    answer = host.ask(ask.format("c"))
    assert answer == ["OK", '+QIURC: "dnsgip",0,1,600', '+QIURC: "dnsgip","192.0.2.3"']
    assert waited(host, 21) == ['+QIURC: "dnsgip",0,1,600', '+QIURC: "dnsgip","192.0.2.2"']


def test_addresses_in_one_text():
    host = NbHost(faults=["dns-joined"])
    host.network.hosts = {"example.com": ["192.0.2.4", "192.0.2.5"]}
    host.type('AT+QIDNSGIP=1,"example.com"')
    answer = b'\r\n+QIURC: "dnsgip",0,1,0\r\n+QIURC: "dnsgip","192.0.2.4,192.0.2.5"\r\n'
    assert host.module.take() == b"\r\nOK\r\n" + answer
    assert host.ask('AT+QIDNSGIP=1,"none.test"') == ["OK", '+QIURC: "dnsgip",565,0,0']


def time_told(dialect, *specs):
    host = made(dialect, specs[0])
    for spec in specs[1:]:
        host.module.add_fault(faults.make(spec))
    reply = bytes(40) + struct.pack("!II", NOON + NTP_EPOCH, 0)
    host.network.on_datagram = lambda socket, data, ip, port: socket.sink.datagram(reply, ip, port)
    told = host.ask('AT+QNTP=1,"192.0.2.2"')[1]
    return told, host.ask("AT+CCLK?")[0]


def test_the_time_of_qntp():
    clock = '+CCLK: "26/07/03,08:56:27+32"'
    assert time_told("bg95", "zone:32") == ('+QNTP: 0,"2026/07/03,08:56:27+32"', clock)
    assert time_told("bg95", "ntp-utc") == ('+QNTP: 0,"2026/07/03,00:56:27+32"', clock)
    told, clock = time_told("bc25", "ntp-utc", "zone:-8", "short-zone")
    assert (told, clock) == ('+QNTP: 0,"26/07/03,00:56:27-8"', '+CCLK: "26/07/02,22:56:27-08"')
    assert time_told("bc20", "zone:0", "short-zone")[0] == '+QNTP: 0,"26/07/03,00:56:27+0"'
