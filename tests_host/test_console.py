"""The console: AT traffic with its meaning, live and from files, and never a secret."""

import os
import re
import subprocess
import sys

import interpreters
import pytest
import support_rows
from vmodule.endtoend import PATIENCE, Echo, Line, Process

from tools.console import explaining, meanings

WORDS = [sys.executable, "-m", "tools.console"]
SECRETS = ("hunter2", "001010123456789", "89882110000000000012", "861234050000015")


def run(*options, said=None, env=None):
    """The console with these words; said: what is typed."""
    return subprocess.run(
        [*WORDS, *options],
        cwd=interpreters.TOP,
        env=dict(os.environ, PYTHONIOENCODING="utf-8", **(env or {})),
        input=said,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )


@pytest.fixture
def explained(tmp_path):
    """A function: what the console makes of the text of a file, lines without doubled blanks."""

    def explain(text, *options):
        file = tmp_path / "kept"
        file.write_text(text)
        done = run("--read", str(file), *options)
        assert (done.returncode, done.stderr) == (0, "")
        return [" ".join(line.split()) for line in done.stdout.splitlines()]

    return explain


@pytest.fixture(scope="module")
def server():
    server = Echo()
    yield server
    server.close()


@pytest.fixture
def options(server):
    return ["--host", "echo.example=127.0.0.1:%d" % server.port]


TALK = """info
signal
register
connect internet me hunter2
open echo.example 7
send hello
receive
sockets
close
AT+CIMI
AT+QCCID
AT+CGSN
AT+QISEND=0,0
quit
"""


def check_talk(done):
    assert done.stderr == ""
    shown = [" ".join(line.split()) for line in done.stdout.splitlines()]
    lines = [re.sub(r"^\d\d:\d\d:\d\d\.\d{3} ", "", line) for line in shown]
    for line in (
        "→ AT+CSQ signal quality",
        "← +CSQ: 24,0 -65 dBm, bit errors 0",
        "-65 dBm",
        "registered at home",
        '→ AT+QIOPEN=1,0,"TCP","echo.example",7,0,0 opens a socket',
        "← +QIOPEN: 0,0 connection 0: done",
        "→ [7 bytes]",
        "← SEND OK taken: on its way, which is not yet: arrived",
        "received: hello",
        "→ AT+CIMI the subscriber's number (IMSI)",
        "← ***",
    ):
        assert line in lines, (line, done.stdout)
    assert re.match(r"\d\d:\d\d:\d\d\.\d{3} → AT", shown[0])
    assert all(secret not in done.stdout for secret in SECRETS)
    assert "\033" not in done.stdout


def test_a_talk_over_tcp(options):
    with Process("--tcp", "127.0.0.1:0", *options) as address:
        done = run(address, said=TALK)
        check_talk(done)
        assert done.returncode == 1  # the last command, on a socket that is closed, was refused


def test_a_talk_over_a_terminal(tmp_path, options):
    name = str(tmp_path / "modem")
    with Process("--pty", "--symlink", name, *options):
        check_talk(run("--module", "BG95S5", said=TALK, env={"MODEM": name}))


@pytest.mark.parametrize("typed, code", [(b"signal\nquit\n", 0), (b"signal\n\x03", 130)])
def test_it_ends_while_the_keyboard_is_silent(options, typed, code):
    """By a word and by Ctrl-C, on a terminal that stays open."""
    ours, theirs = os.openpty()
    pipe = subprocess.PIPE
    with Process("--tcp", "127.0.0.1:0", *options) as address:
        process = subprocess.Popen(
            ["setsid", "--ctty", "--wait", *WORDS, address],
            cwd=interpreters.TOP,
            env=dict(os.environ, PYTHONIOENCODING="utf-8"),
            stdin=theirs,
            stdout=pipe,
            stderr=pipe,
        )
        os.write(ours, typed[:7])
        lines = iter(process.stdout.readline, b"")
        assert b"-65 dBm\n" in lines
        os.write(ours, typed[7:])
        left, errors = process.communicate(timeout=PATIENCE)
        os.close(ours)
        os.close(theirs)
    assert (process.returncode, left, errors) == (code, b"", b"")


def test_actions_of_the_command_line(options):
    with Process("--tcp", "127.0.0.1:0", *options, dialect="bc25") as address:
        done = run(address, "signal", "connect", "ping echo.example")
        assert (done.returncode, done.stderr) == (0, "")
        assert "-65 dBm\n" in done.stdout
        done = run(address, "open nobody.example 7", "signal")
        assert done.returncode == 1
        assert "\nopen: " in done.stdout
        assert "dBm" not in done.stdout.rpartition("open: ")[2]


def test_what_cannot_be_done_is_said(options):
    with Process("--tcp", "127.0.0.1:0", *options) as address:
        said = "dance\nsend x\nopen x\nhelp\n"
        done = run(address, said=said)
    assert done.returncode == 1
    assert "dance: dance: no such action; `help` lists them" in done.stdout
    assert "send: no socket is open: open HOST PORT" in done.stdout
    assert "open: usage: open HOST PORT [udp]" in done.stdout
    assert re.search(r"signal +how strong the network is", done.stdout)


def test_usage():
    done = run(env={"MODEM": ""})
    assert done.returncode == 2
    assert "say where the module is" in done.stderr
    done = run("/nowhere/tty")
    assert (done.returncode, done.stdout) == (1, "")
    assert "/nowhere/tty" in done.stderr
    done = run("--read", "/nowhere/log")
    assert done.returncode == 1
    assert "/nowhere/log" in done.stderr


def test_the_modules_log(tmp_path, options):
    log = tmp_path / "log"
    with Process("--tcp", "127.0.0.1:0", "--log", str(log), *options) as address:
        line = Line(address)
        line.ask('AT+QICSGP=1,1,"internet","me","hunter2",1')
        line.ask("AT+CIMI")
        line.setup()
        line.open(0, "TCP", "echo.example", 7)
        line.write(0, b"\r\nOK\r\nhunter2")
        line.until(rb'"recv",0\r\n')
        assert line.read(0)[0] == b"\r\nOK\r\nhunter2"
        line.close()
    done = run("--read", str(log))
    assert (done.returncode, done.stderr) == (0, "")
    assert all(secret not in done.stdout for secret in SECRETS)
    lines = [" ".join(line.split()[1:]) for line in done.stdout.splitlines()]
    at = lines.index("→ AT+QISEND=0,13 sends data")
    assert lines[at : at + 4] == [
        "→ AT+QISEND=0,13 sends data",
        "← > the module waits for data",
        "→ [13 bytes]",
        "← SEND OK taken: on its way, which is not yet: arrived",
    ]
    assert lines[-5:] == [
        '← +QIURC: "recv",0 data waits on connection 0',
        "→ AT+QIRD=0 reads what has come for a socket",
        "← +QIRD: 13 13 bytes follow",
        "← [13 bytes]",
        "← OK done",
    ]


def test_pieces_may_be_cut_anywhere(explained):
    text = b"\r\nOK\r\n\r\n> \r\nSEND OK\r\n\r\n+QIRD: 4\r\nOK\r\n\r\nOK\r\n"
    log = "0.0 > b'AT+QISEND=0,3\\r'\n0.1 > b''\n"
    whole = explained(log + "0.2 < %r\n" % text)
    bytewise = "".join("0.2 < %r\n" % bytes([byte]) for byte in text)
    assert explained(log + bytewise) == whole
    assert [line.split(" ", 1)[1] for line in whole][-3:] == [
        "← +QIRD: 4 4 bytes follow",
        "← [4 bytes]",
        "← OK done",
    ]


def test_transparent_mode_in_a_log(explained):
    log = [
        "0.0 > b'ATO\\r'",
        "0.1 < b'\\r\\nCONNECT\\r\\n'",
        "0.2 > b'hunter2'",
        "0.3 < b'AT+CSQ\\r\\n'",
        "3.3 > b'+++'",
        "4.3 < b'\\r\\nOK\\r\\n'",
        "4.4 > b'AT\\r'",
    ]
    assert explained("\n".join(log), "--gap", "9") == [
        "0.000 → ATO back to transparent mode",
        "0.100 ← CONNECT transparent mode: from now on the line is the socket's",
        "0.200 → [7 bytes]",
        "0.300 ← [8 bytes]",
        "3.300 → +++ leaves transparent mode",
        "4.300 ← OK done",
        "4.400 → AT are you there?",
    ]


def test_a_trace(explained):
    trace = """
starting with hunter2
> AT+CPIN=hunter2
< +CME ERROR: 16
> [5 bytes]
< +QIURC: "closed",3
12:00:01.5 > AT+QIACT=1
12:02:31.5 < ERROR
"""
    assert explained(trace) == [
        "→ AT+CPIN=*** what the SIM asks for: its PIN, its PUK, nothing",
        "← +CME ERROR: 16 refused: wrong password",
        "→ [5 bytes]",
        '← +QIURC: "closed",3 the peer has closed connection 3; what it had sent can be read yet',
        "43201.500 → AT+QIACT=1 activates a context",
        "… 150.000 s",
        "43351.500 ← ERROR refused",
        "1 lines that are no AT traffic are not shown",
    ]


def test_what_a_terminal_program_has_kept(explained):
    assert explained("at+csq\r\n\r\n+CSQ: 99,99\r\nOK\r\n001010123456789\n+QIOPEN: 2,565\n") == [
        "→ at+csq signal quality",
        "← +CSQ: 99,99 no signal known, bit errors not known",
        "← OK done",
        "← ***",
        "← +QIOPEN: 2,565 connection 2: the name was not found",
    ]


def test_a_behaviour_of_real_modules(explained):
    """The form of tests_host/field."""
    text = "# what was seen\n! AT+X? => \\r\\nOK\\r\\n\n> AT+CSQ\n"
    text += "< \\r\\n+CSQ: 24,0\\r\\n\\r\\nOK\\r\\n\n"
    assert explained(text) == [
        "→ AT+CSQ signal quality",
        "← +CSQ: 24,0 -65 dBm, bit errors 0",
        "← OK done",
        "2 lines that are no AT traffic are not shown",
    ]


def test_what_arrives_has_the_time_of_its_arrival():
    words = [*WORDS, "--read", "-"]
    pipe = subprocess.PIPE
    env = dict(os.environ, PYTHONIOENCODING="utf-8")
    process = subprocess.Popen(words, cwd=interpreters.TOP, env=env, stdin=pipe, stdout=pipe)
    try:
        for sent, shown in ((b"> AT\n", "→ AT  "), (b"< OK\n", "← OK  ")):
            process.stdin.write(sent)
            process.stdin.flush()
            # It is shown at once, and not when more has come.
            line = process.stdout.readline().decode()
            assert re.match(r"\d\d:\d\d:\d\d\.\d{3} " + shown, line)
    finally:
        process.communicate(timeout=PATIENCE)
    assert process.returncode == 0


def test_a_gap_is_marked(explained):
    log = "1.0 > b'AT\\r'\n1.9 < b'\\r\\nOK\\r\\n'\n4.4 < b'\\r\\nRDY\\r\\n'\n"
    lines = explained(log)
    assert lines[2] == "… 2.500 s"
    assert len(lines) == 4
    assert len(explained(log, "--gap", "0.5")) == 5
    assert len(explained(log, "--gap", "3")) == 3


def on_a_terminal(**env):
    """What the console writes where its output is a terminal."""
    ours, theirs = os.openpty()
    process = subprocess.Popen(
        [*WORDS, "--read", "-"],
        cwd=interpreters.TOP,
        env=dict({**os.environ, "NO_COLOR": "", "TERM": "xterm"}, **env),
        stdin=subprocess.PIPE,
        stdout=theirs,
    )
    os.close(theirs)
    process.communicate(b"> AT\n< ERROR\n", PATIENCE)
    data = os.read(ours, 65536)
    os.close(ours)
    return data


def test_colour_only_where_it_is_wanted():
    assert b"\033[31m" in on_a_terminal()
    assert b"\033" not in on_a_terminal(NO_COLOR="1")
    assert b"\033" not in on_a_terminal(TERM="dumb")


# ---- the meanings ----


def test_every_command_of_the_documents_has_a_meaning():
    names = set(re.findall(r"AT\+([A-Z0-9]+)", " ".join(support_rows.ROWS)))
    assert sorted(names - set(meanings.COMMANDS)) == []


def test_every_urc_of_the_documents_has_a_meaning():
    urcs = [row for row in support_rows.ROWS if row.startswith("+Q")]
    assert len(urcs) > 15
    for row in urcs:
        name, colon, rest = row.partition(":")
        # A number for each name of a field; what stands in quotes is part of the URC.
        filled = re.sub(r'(?<!")\b[a-zA-Z]+\b(?!")', "1", rest)
        assert explaining.line(name + colon + filled), row


def test_every_place_of_a_meaning_can_be_filled():
    for name, forms in meanings.LINES.items():
        for count, text in forms.items():
            for index, table in re.findall(r"\{(\d)(?::(\w+))?\}", text):
                assert int(index) < count, (name, text)
                assert not table or table in meanings.VALUES, (name, text)


@pytest.mark.parametrize(
    "line, meaning",
    [
        ("+CEREG: 5", "registered, roaming"),
        ("+CEREG: 2,1", "registered at home"),
        ('+CEREG: 1,"1848","0014B501",9', "registered at home"),
        ('+CEREG: 2,3,"1848","0014B501",9', "the network refuses registration"),
        ('+COPS: 0,0,"T, Mobile",7', "operator T, Mobile"),
        ('+QIACT: 1,1,1,"10.1.2.3"', "context 1 is active, address 10.1.2.3"),
        ('+QIURC: "recv",1,"buff full"', "connection 1: its buffer is full"),
        ("+QIRD: 10,2", "10 bytes follow, 2 more wait"),
        ("+QIRD: 30,10,20", "30 received, 10 read, 20 wait"),
        ('+QIURC: "recv",1,1500', "data has come on connection 1: 1500 bytes"),
        ('+QIURC: "pdpdeact",1', "the network has taken context 1: its sockets are gone"),
        (
            '+QIURC: "incoming",11,0,"192.0.2.7",40001',
            "connection 11 has come from 192.0.2.7:40001 to listener 0",
        ),
        ('+QIGETERROR: 566, "socket connect failed"', meanings.VALUES["code"]["566"]),
        ("+NOBODY: 1", ""),
        ("words", ""),
    ],
)
def test_lines(line, meaning):
    assert explaining.line(line) == meaning
