"""Several commands on a line, and A/ (ITU-T V.250, 5.2.1 and 5.2.4)."""

import pytest
from tools.vmodule.dialects import KEYS

from .host import Host
from .nb import NbHost


def test_extended_commands_with_semicolons():
    host = Host()
    assert host.ask("AT+CFUN=1;+CPIN?") == ["+CPIN: READY", "OK"]
    assert host.ask("AT+CSQ;+CFUN?; +CMEE?") == ["+CSQ: 24,0", "+CFUN: 1", "+CMEE: 1", "OK"]


def test_basic_commands_need_none():
    host = Host(raw=True)
    assert host.ask("ATE0V1+CMEE=2;+CMEE?") == ["ATE0V1+CMEE=2;+CMEE?\r", "+CMEE: 2", "OK"]
    assert host.ask("ATE1;+CSQ") == ["+CSQ: 24,0", "OK"]
    assert host.ask("AT&WE0+CSQ;E0Q0")[-2:] == ["+CSQ: 24,0", "OK"]


def test_the_first_error_ends_the_line():
    host = Host()
    assert host.ask("AT+CSQ;+NOTHING;+CFUN=0") == ["+CSQ: 24,0", "ERROR"]
    assert host.ask("AT+CFUN?") == ["+CFUN: 1", "OK"]
    host = Host(faults=["no-sim"], context=False)
    assert host.ask("AT+CSQ;+CPIN?;+CFUN?") == ["+CSQ: 99,99", "+CME ERROR: 10"]
    assert host.ask("AT") == ["OK"]
    assert host.ask("ATE0Y") == ["ERROR"]


@pytest.mark.parametrize(
    "line", ["AT+CFUN=0;", "AT;", "AT+CFUN=0;;+CSQ", "AT+CFUN=0;%", "AT;+CFUN=0"]
)
def test_what_is_no_line_of_commands_does_nothing(line):
    host = Host()
    assert host.ask(line) == ["ERROR"]
    assert host.ask("AT+CFUN?") == ["+CFUN: 1", "OK"]


def test_a_semicolon_in_quotes_is_a_character():
    host = Host()
    assert host.ask('AT+QICSGP=3,1,"a;+CFUN=0";+CFUN?') == ["+CFUN: 1", "OK"]
    assert host.ask("AT+QICSGP=3")[0].startswith('+QICSGP: 1,"a;+CFUN=0"')
    host = NbHost()
    peer = host.open()
    assert host.ask('AT+QISEND=0,3,"a;b"') == ["OK", "SEND OK"]
    assert peer.received == b"a;b"
    host = NbHost("bc20")
    peer = host.open()
    assert host.ask("AT+QISEND=0,3,a;b") == ["OK", "SEND OK"]
    assert peer.received == b"a;b"


def test_commands_that_answer_later():
    host = Host()
    peer = host.open()
    peer.stall()
    host.send(b"x")
    assert host.ask("AT+QICLOSE=0,5;+CSQ") == []
    host.clock.advance(6)
    assert host.lines() == ["+CSQ: 24,0", "OK"]
    open_line = 'AT+QIOPEN=1,0,"TCP","192.0.2.2",80;+CSQ'
    assert host.ask(open_line) == ["+CSQ: 24,0", "OK", "+QIOPEN: 0,0"]
    assert host.ask("AT+QIRD=0;+QISTATE=1,5;+QIGETERROR") == [
        "+QIRD: 0",
        "+QIGETERROR: 0, operate successfully",
        "OK",
    ]
    assert host.ask("AT+QIRD=7;+QIGETERROR") == ["ERROR"]
    assert host.error() == 552


FORMS = [
    "",
    "?",
    "=?",
    "=",
    "=1",
    '="x"',
    "=0,1",
    '=1,2,"x"',
    "=-1",
    "=9999999999",
    "=,,,",
    "=1,1,1,1,1,1,1",
]


@pytest.mark.parametrize("dialect", sorted(KEYS))
def test_every_command_in_every_form_is_answered(dialect):
    kind = Host if dialect in ("bg95", "rm500u") else NbHost
    names = [name[3:] for name in dir(kind(dialect=dialect).module) if name[:3] in ("at_", "ip_")]
    assert len(names) > 40
    for name in names:
        for form in FORMS:
            host = kind(dialect=dialect)
            host.open()
            host.type("AT+{}{}".format(name, form))
            answer = host.lines()
            if answer == ["> "]:
                host.module.feed(b"x\x1a")
                answer = host.lines()
            assert {"OK", "ERROR"} & set(answer) or "+CME" in answer[-1] or "SEND" in answer[-1]


def test_a_line_of_several_is_one_command_to_the_faults():
    host = Host(faults=["late:5,3"])
    assert host.ask("AT+CSQ;+CFUN?") == []
    host.clock.advance(3)
    assert host.lines() == ["+CSQ: 24,0", "+CFUN: 1", "OK"]


def test_a_slash_repeats_the_last_line():
    host = Host()
    host.ask("AT+CSQ;+CFUN?")
    answer = ["+CSQ: 24,0", "+CFUN: 1", "OK"]
    host.module.feed(b"A/")  # without a CR
    assert host.lines() == answer
    host.module.feed(b"\r\na")
    assert host.lines() == []
    host.module.feed(b"/\r\nAT+CMEE?\rA/")
    assert host.lines() == answer + ["+CMEE: 1", "OK"] * 2
    host.ask("AT+NOTHING")
    host.module.feed(b"A/")
    assert host.lines() == ["ERROR"]
    assert host.ask("ATA/") == ["ERROR"]  # is another line


def test_nothing_to_repeat_and_the_echo():
    host = Host(raw=True)
    host.module.feed(b"A/")
    assert host.module.take() == b"A/\r\nOK\r\n"
    host.module.feed(b"AT+CSQ\rA/")
    assert host.module.take() == (
        b"AT+CSQ\r\r\n+CSQ: 24,0\r\n\r\nOK\r\nA/\r\n+CSQ: 24,0\r\n\r\nOK\r\n")  # fmt: skip
