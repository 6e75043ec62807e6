"""Answers from a file: `--answers`."""

import pytest
from tools.vmodule import canned
from tools.vmodule.canned import Answers

from .endtoend import Line, Process
from .host import Host

GNSS = """
# What a program asks of a receiver
> AT+QGPS=1
< OK
wait 2
< +QGPSURC: "fixed"

> AT+QGPSLOC=*
< +CME ERROR: 516
> AT+QGPSLOC=*
< +QGPSLOC: 061951.0,31.8,117.1
< OK
> ATD*99#
wait 0.5
< NO CARRIER
"""
PUBLISH = """
> AT+QMTPUB=0,*
prompt
< OK
< +QMTPUB: 0,1,0
> AT+QFUPL="a",3
prompt 3
< +QFUPL: 3
< OK
"""


def host_with(text):
    host = Host()
    host.module.answers = Answers(text)
    return host


def test_an_answer_and_a_urc_behind_it():
    host = host_with(GNSS)
    assert host.ask("AT+QGPS=1") == ["OK"]
    host.clock.advance(1.9)
    assert host.lines() == []
    host.clock.advance(0.1)
    assert host.lines() == ['+QGPSURC: "fixed"']


def test_any_parameters_and_one_answer_after_the_other():
    host = host_with(GNSS)
    assert host.ask("AT+QGPSLOC=1") == ["+CME ERROR: 516"]
    located = ["+QGPSLOC: 061951.0,31.8,117.1", "OK"]
    assert host.ask("at+qgpsloc=2") == located
    assert host.ask("AT+QGPSLOC=1") == located


def test_the_result_may_come_late():
    host = host_with(GNSS)
    assert host.ask("ATD*99#") == []
    host.clock.advance(0.5)
    assert host.lines() == ["NO CARRIER"]
    assert host.ask("AT") == ["OK"]


def test_what_is_not_there_is_refused_as_ever():
    host = host_with(GNSS)
    assert host.ask("AT+QGPS=2") == ["ERROR"]
    assert host.ask("AT+CFUN?;+NOTHING;+CSQ") == ["+CFUN: 1", "ERROR"]
    assert host.ask("AT+QGPS=1") == ["OK"]  # and nothing of the line before


def test_a_prompt_for_data():
    host = host_with(PUBLISH)
    host.module.data_echo = False
    assert host.ask('AT+QMTPUB=0,1,1,0,"topic"') == ["> "]
    host.module.feed(b"AT+CSQ\r\x1a")
    assert host.lines() == ["OK", "+QMTPUB: 0,1,0"]
    assert host.ask('AT+QMTPUB=0,1,1,0,"topic"') == ["> "]
    host.module.feed(b"\x1b")
    assert host.lines() == ["ERROR"]
    assert host.ask('AT+QFUPL="a",3') == ["> "]
    host.module.feed(b"abcAT\r")
    assert host.lines() == ["+QFUPL: 3", "OK", "OK"]


@pytest.mark.parametrize(
    "text, says",
    [
        ("< OK\n", "file:1: begin with a command"),
        ("> AT+X\n\n> AT+Y\n< OK\n", "file:1: no result"),
        ("> AT+X\n< +X: 1\n", "file:1: no result"),
        ("> AT+X\n< OK\nwait\n", "file:3: neither"),
        ("> AT+X\n< OK\nprompt\n", "file:3: neither"),
        ("> +X\n< OK\n", "file:1: begin with a command"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(text, says):
    with pytest.raises(ValueError, match=says):
        Answers(text, "file")


def test_a_command_that_the_module_knows_is_refused():
    answers = Answers("# signal\n> AT+CSQ\n< OK\n", "file")
    with pytest.raises(ValueError, match=r"file:2: the module knows AT\+CSQ itself"):
        answers.refuse_known(Host().module)


def test_the_option(tmp_path):
    file = tmp_path / "answers"
    file.write_text(GNSS)
    with Process("--tcp", "127.0.0.1:0", "--answers", str(file)) as address:
        line = Line(address)
        line.ask("AT+QGPSLOC=2", rb"\+CME ERROR: 516")
        line.close()


def test_the_form_that_is_told_can_be_read():
    """`--answers help` prints an example."""
    example = [line[4:] for line in canned.__doc__.splitlines() if line.startswith("    ")]
    assert host_with("\n".join(example)).ask("AT+QGPS=1") == ["OK"]
