"""tools/demo shows the driver at work, says whether the page came whole, and cleans up."""

import os
import re
import signal
import socket
import subprocess
import sys

import interpreters
import pico_boards
import pytest

from tools.showing import find, page
from tools.showing.view import Screen, Traffic

DEMO = interpreters.TOP / "tools" / "demo"
FAST = ("--baud", "12000000", "--latency", "0")
LIMIT = 600  # s; only ends what hangs


def run(*args, env=None):
    return subprocess.run(
        [sys.executable, str(DEMO), *args],
        env=dict(os.environ, PYTHONIOENCODING="utf-8", **(env or {})),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        timeout=LIMIT,
        check=False,
    )


def chosen(interpreter):
    """What makes the demo take that interpreter, and how it calls it."""
    if interpreter == "cpython":
        return ["--python"], "driver     in CPython"
    return [], "driver     in MicroPython"


def hashes(text):
    return re.findall(r"^(?:sent|received) +sha256 ([0-9a-f]{64})$", text, re.M)


@pytest.mark.interpreters("cpython", "unix")
def test_it_fetches_the_page(interpreter):
    options, says = chosen(interpreter)
    done = run("--quiet", *options, *FAST)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    assert done.stdout.startswith(says)
    sent, received = hashes(done.stdout)
    assert sent == received
    assert "fetched    %d bytes of %d" % (page.SIZE, page.SIZE) in done.stdout
    assert done.stdout.endswith("the hashes are equal\n")
    assert "AT+" not in done.stdout
    assert "→" not in done.stdout


@pytest.mark.interpreters("cpython", "unix")
def test_it_shows_the_traffic(interpreter):
    options, _ = chosen(interpreter)
    done = run(*options, *FAST)
    assert done.returncode == 0, done.stdout + done.stderr
    assert '    → AT+QIOPEN=1,0,"TCP","shop.example",80,0,0\n    ← OK\n' in done.stdout
    assert "    ← [1500 bytes]\n" in done.stdout
    assert re.search(r"^    … \d+ more reads, \d+ bytes$", done.stdout, re.M)
    assert done.stdout.count("\n") < 150
    assert "\033" not in done.stdout
    told = re.search(r"^exchanges  (\d+) AT commands, (\d+) of them reads$", done.stdout, re.M)
    commands, reads = int(told.group(1)), int(told.group(2))
    assert commands > reads >= page.SIZE // 1500


@pytest.mark.interpreters("cpython", "unix")
def test_a_damaged_page_is_found_out(interpreter):
    options, _ = chosen(interpreter)
    done = run("--quiet", "--damage", *options, *FAST)
    assert done.returncode == 1
    sent, received = hashes(done.stdout)
    assert sent != received
    assert done.stdout.endswith("the hashes are NOT equal\n")


def module_port(line):
    """The virtual module's port, from the line that tells of it."""
    found = re.search(r"tcp:127\.0\.0\.1:(\d+)", line)
    return int(found.group(1)) if found else None


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_everything(number):
    words = [sys.executable, str(DEMO), "--baud", "1200", "--python"]
    demo = subprocess.Popen(
        words,
        env=dict(os.environ, PYTHONUNBUFFERED="1"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        port = None
        for line in demo.stdout:
            port = port or module_port(line)
            if "AT+CGMM" in line:
                break
        demo.send_signal(number)
        _, errors = demo.communicate(timeout=LIMIT)
    finally:
        demo.kill()
        demo.communicate()
    assert demo.returncode == 128 + number
    assert "stopped by" in errors
    assert "Traceback" not in errors
    # The module was listening, and it does so no more.
    with socket.socket() as s:
        assert s.connect_ex(("127.0.0.1", port)) != 0


def test_a_reader_that_goes_away_ends_everything():
    words = [sys.executable, str(DEMO), "--python", *FAST]
    demo = subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    )
    try:
        demo.stdout.readline()
        port = module_port(demo.stdout.readline() + demo.stdout.readline())
        demo.stdout.close()
        demo.wait(LIMIT)
        errors = demo.stderr.read()
    finally:
        demo.kill()
        demo.wait()
        demo.stderr.close()
    assert demo.returncode == 1
    assert errors == ""
    with socket.socket() as s:
        assert s.connect_ex(("127.0.0.1", port)) != 0


def test_wrong_options_are_refused():
    wrong = (["--baud", "300"], ["--latency", "-1"], ["--nonsense"], ["--board", "nano"])
    for words in (*wrong, ["--board", "pico", "--python"], ["--board", "pico", "--baud", "9600"]):
        done = run(*words)
        assert done.returncode == 2
        assert "usage: tools/demo" in done.stderr


def test_help_names_every_option():
    done = run("--help")
    assert done.returncode == 0
    options = ("--quiet", "--no-trace", "--python", "--baud", "--latency", "--damage", "--board")
    for word in options:
        assert word in done.stdout


def script(folder, name, text):
    path = folder / name
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)
    return path


def test_a_micropython_in_path_goes_first(tmp_path, monkeypatch):
    script(tmp_path, "micropython", "echo 'MicroPython v9, mine'\n")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    found, reasons = find.find()
    assert found.name == "MicroPython v9, mine (PATH)"
    assert reasons == []


def test_a_micropython_that_lacks_something_is_told_of(tmp_path, monkeypatch):
    script(tmp_path, "micropython", "exit 1\n")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(find, "TOP", tmp_path)
    found, reasons = find.find()
    assert found.name.startswith("CPython")
    assert reasons == ["the micropython of PATH lacks what the demo needs"]


def test_without_micropython_it_is_cpython(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(find, "TOP", tmp_path)
    found, reasons = find.find()
    assert found.name.startswith("CPython")
    assert reasons == ["no micropython in PATH, and none set up by tools/test"]


def test_a_program_that_fails_is_told_of(tmp_path, monkeypatch, capsys):
    from tools.showing import cli

    program = tmp_path / "program.py"
    program.write_text("print('it begins')\nraise SystemExit(3)\n")
    monkeypatch.setattr(find, "PROGRAM", program)
    assert cli.main(["--python"]) == 1
    out, errors = capsys.readouterr()
    assert "• it begins" in out
    assert errors == "tools/demo: the program ended with exit code 3\n"


def test_a_module_that_does_not_start_is_told_of(tmp_path, monkeypatch, capsys):
    from tools.showing import cli

    monkeypatch.setattr(cli.sys, "executable", str(script(tmp_path, "python3", "echo no; exit 1")))
    assert cli.main(["--python"]) == 1
    errors = capsys.readouterr().err
    assert errors == "tools/demo: the virtual module did not start:\nno\n"


def test_a_module_that_says_nothing_is_told_of(tmp_path, monkeypatch, capsys):
    from tools.showing import cli, steps

    silent = script(tmp_path, "python3", "exec tail -f /dev/null\n")
    monkeypatch.setattr(cli.sys, "executable", str(silent))
    monkeypatch.setattr(steps, "_UP", 0)
    assert cli.main(["--python"]) == 1
    assert "has said nothing" in capsys.readouterr().err


# ---- on an emulated Pico ----


@pico_boards.needed
def test_the_whole_on_a_pico():
    done = run("--board", "pico", "--latency", "0")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("board      MicroPython ")
    assert re.search(r"^• mpremote connect \S+ mip install \S+/package.json$", done.stdout, re.M)
    assert re.search(r"^    [1-9]\d* files are installed$", done.stdout, re.M)
    # The README's program: its traffic, and the page.
    assert re.search(r"^• mpremote connect \S+ run \S+/first_program.py$", done.stdout, re.M)
    assert '    → AT+QIOPEN=1,0,"TCP","example.com",80,0,0\n    ← OK\n' in done.stdout
    for line in page.text().decode().splitlines()[:2]:
        assert "    %s\n" % line in done.stdout
    sent, received = hashes(done.stdout)
    assert sent == received
    assert "fetched    %d bytes of %d" % (page.SIZE, page.SIZE) in done.stdout
    assert done.stdout.endswith("the hashes are equal\n")


def test_without_the_pico_it_tells_the_command(monkeypatch, capsys):
    from tools.showing import cli, on_pico

    monkeypatch.setattr(on_pico.found, "TOP", on_pico.found.HERE)
    assert cli.main(["--board", "pico"]) == 1
    errors = capsys.readouterr().err
    assert errors == (
        "tools/demo: there is no emulated Pico here: not set up; run: python3 tools/setup\n"
    )


# ---- the view ----


class Lines:
    """A stream that is no terminal; `text` is what was written."""

    encoding = "utf-8"

    def __init__(self, tty=False):
        self.text = ""
        self._tty = tty

    def isatty(self):
        return self._tty

    def write(self, text):
        self.text += text

    def flush(self):
        pass


def read(count):
    return ["> AT+QIRD=0,1500", "< +QIRD: %d" % count, "< [%d bytes]" % count, "< OK"]


def shown(lines, stream=None):
    stream = stream or Lines()
    traffic = Traffic(Screen(stream))
    for line in lines:
        traffic.line(line)
    traffic.flush()
    return stream.text, traffic


def test_a_long_run_is_folded():
    text, traffic = shown(["> AT", "< OK", *(read(100) * 10), "> AT+QICLOSE=0", "< OK"])
    assert text.count("→ AT+QIRD=0,1500") == 3
    assert text.count("    … 7 more reads, 700 bytes\n") == 1
    assert text.endswith("    → AT+QICLOSE=0\n    ← OK\n")
    assert (traffic.exchanges, traffic.reads) == (12, 10)


def test_a_short_run_is_not():
    text, _ = shown(read(100) * 5)
    assert text.count("→ AT+QIRD=0,1500") == 5
    assert "more" not in text


def test_what_is_unusual_in_a_run_is_shown():
    lines = read(100) * 10 + ['< +QIURC: "closed",0', *(read(100) * 10)]
    text, _ = shown(lines)
    assert '    ← +QIURC: "closed",0\n' in text
    assert len(re.findall(r"… \d+ more reads", text)) == 2


def test_other_sockets_are_other_runs():
    other = [line.replace("=0,", "=1,") for line in read(100)]
    text, _ = shown((read(100) + other) * 10)
    assert "more" not in text


def test_colour_only_on_a_terminal(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\033" not in shown(read(9) * 10)[0]
    text = shown(read(9) * 10, Lines(tty=True))[0]
    assert "\033[2m    → AT+QIRD=0,1500\033[0m\n" in text
    assert "\r\033[K" in text
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\033[2m" not in shown(read(9) * 10, Lines(tty=True))[0]


def test_a_terminal_without_arrows():
    stream = Lines()
    stream.encoding = "ascii"
    assert shown(["> AT", "< OK"], stream)[0] == "    -> AT\n    <- OK\n"


def test_what_a_module_says_does_not_steer_the_terminal():
    assert "\033" not in shown(["> AT", "< \033[2J"])[0]
