"""tools/soak: short runs of each dialect with all faults, and that it finds what it is there for.

Seeded and in virtual time: a run that found nothing finds nothing again.
"""

import random
import re
import subprocess
import sys

import interpreters
import pytest

DIALECTS = ("bc95", "bc92", "bc20", "bg95", "bc25", "rm500u")
_LIMIT = 900  # s; only what hangs is ended by it


def soak(*args):
    """The CompletedProcess of `tools/soak ARGS`."""
    return subprocess.run(
        [sys.executable, str(interpreters.TOP / "tools" / "soak"), *args],
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        timeout=_LIMIT,
    )


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_short_run_finds_nothing(dialect):
    done = soak("--dialect", dialect, "--seed", "1", "--hours", "1", "--length", "0.25")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    assert done.stdout.count(": ok\n") == 4


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_short_fuzz_finds_nothing(dialect):
    done = soak("--dialect", dialect, "--fuzz", "1000")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr


def test_two_runs_agree():
    words = ("--dialect", "bg95", "--seed", "3", "--length", "0.1")
    assert soak(*words).stdout == soak(*words).stdout


def test_a_real_run_finds_nothing():
    done = soak("--real", "--dialect", "bg95", "--minutes", "0.1", "--fault", "latency",
                "--interpreter", "cpython")  # fmt: skip
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr


# ---- many boards ----


def back(done):
    """How many boards of a fleet were up again in each ten seconds."""
    return [int(count) for count in re.findall(r"^ *\d+ to +\d+ s +(\d+) #", done.stdout, re.M)]


def in_a_second(done):
    """For each restart, and for the return: how many boards did it in the same second."""
    return [int(most) for most in re.findall(r"at most (\d+) in a second", done.stdout)]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_many_boards_do_not_come_back_in_step(dialect):
    done = soak("--fleet", "24", "--hours", "1", "--dialect", dialect)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    assert sum(back(done)) == 24 and len(back(done)) >= 6 and max(back(done)) <= 12, done.stdout
    assert len(in_a_second(done)) >= 7 and max(in_a_second(done)) <= 6, done.stdout


def test_without_a_spread_they_do():
    done = soak("--fleet", "6", "--hours", "1", "--dialect", "bg95", "--spread", "0")
    assert back(done) == [6] and set(in_a_second(done)) == {6}, done.stdout


@pytest.mark.parametrize("words", [["--dialect", "bg96"], ["--fault", "none"], ["--fleet", "0"]])
def test_wrong_arguments_are_refused(words):
    assert soak(*words).returncode == 2


# ---- what it finds ----


@pytest.fixture(scope="module")
def found():
    """The kind of violation that a run with a broken driver finds: a function of a patch."""

    def run(patch, *args):
        program = (
            "import sys; sys.path.insert(0, %r)\n"
            "from tools.soaking import program, world\n"
            "from tools.benching import rig\nquectel = rig.quectel\n%s\n"
            "from tools.soaking.cli import main\nsys.exit(main(%r))\n"
        ) % (str(interpreters.TOP), patch, list(args))
        done = subprocess.run(
            [sys.executable, "-c", program],
            check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, timeout=_LIMIT,
        )  # fmt: skip
        match = re.search("VIOLATION (.*)", done.stdout)
        assert done.returncode == (1 if match else 0), done.stdout
        return match and match[1]

    return run


@pytest.mark.parametrize(
    ("patch", "kind"),
    [
        # A byte of each large read is lost; one is given twice.
        ("""
def take(self, buf, at, end, whole=quectel.connection.Connection.take):
    count = whole(self, buf, at, end)
    return count - 1 if count > 50 else count
quectel.connection.Connection.take = take""", "wrong data"),
        ("""
def load(self, data, at, end, whole=quectel.dialects.PromptSend.load):
    return whole(self, data, max(at - 1, 0), end)
quectel.dialects.PromptSend.load = load""", "wrong data"),
        ("""
def on_closed(self):
    self.peer_closed = self.eof = True
quectel.connection.Connection.on_closed = on_closed""", "lost"),
        ("quectel.module.Module.release_id = lambda *args: None", "leak"),
        ("""
def assign_id(self, connect_id, connection, whole=quectel.module.Module.assign_id):
    self.kept = getattr(self, "kept", []) + [connection]
    whole(self, connect_id, connection)
quectel.module.Module.assign_id = assign_id""", "heap"),
        ("""
def of_code(code, text, codes=None):
    raise KeyError(text)
quectel.errors.of_code = of_code""", "exception"),
    ],
    ids=["lost", "doubled", "cut short", "leak", "heap", "exception"],
)  # fmt: skip
def test_a_broken_driver_is_found_out(found, patch, kind):
    words = ("--dialect", "bg95", "--seed", "1", "--length", "1", "--fault", "peer-closes",
             "--fault", "refuse")  # fmt: skip
    assert found(patch, *words) == kind


def test_what_no_driver_could_notice_is_left_out():
    sys.path.insert(0, str(interpreters.TOP))
    from tools.soaking.line import HEADER, PAYLOAD, Damage, units

    data = b'\r\n+QIRD: 4,0\r\nab\r\n\r\n\r\nOK\r\n\r\n+QIURC: "closed",11\r\n'
    assert [kind for kind, _ in units(data)] == [HEADER, PAYLOAD, "line", "urc"]
    assert b"".join(unit for _, unit in units(data)) == data
    damage = Damage(None, None, random.Random(1), print, None)
    for _ in range(200):
        assert damage._down_flip(PAYLOAD, b"abcd\r\n") is None
        assert b"11" in damage._down_flip("urc", b'+QIURC: "closed",11\r\n')
        assert b"=11,5" in damage._up_flip(b"AT+QIRD=11,5\r", False) + b"=11,5"
        assert damage._up_lose(b"AT+QIRD=11,5\r", False).count(b"11,5") == 1
