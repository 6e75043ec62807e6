"""tools/bench: the least that it compares with, its line, and whether a kept figure got worse.

What is measured here is a part of each section, in virtual time or by counting, so that a figure
is the same on every machine. A change that costs something on purpose runs `tools/bench --update`.
"""

import json
import subprocess
import sys

import interpreters
import pytest
from tools.benching import kept, node, page, pico, rig
from tools.benching.least import LEAST, seconds
from tools.benching.line import LOOK, Clock, Line
from tools.pico import found

_LIMIT = 900  # s; only what hangs is ended by it
on_a_pico = pytest.mark.skipif(
    found.missing() is not None, reason="emulated Pico: %s" % found.missing()
)


def bench(*args):
    """The CompletedProcess of `tools/bench ARGS`."""
    return subprocess.run(
        [sys.executable, str(interpreters.TOP / "tools" / "bench"), *args],
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        timeout=_LIMIT,
    )


# ---- the figures ----


@pytest.mark.parametrize("section", ["wire", "exchanges", "node", "holds"])
def test_nothing_got_worse_in_virtual_time(section):
    done = bench(section, "--quick", "--check")
    assert done.returncode == 0, done.stderr
    assert "left out" not in done.stderr


@pytest.mark.interpreters("unix")
def test_nothing_got_worse_beside_asyncio(interpreter):
    done = bench("ticker", "--quick", "--check")
    assert done.returncode == 0, done.stderr
    assert "left out" not in done.stderr


@pytest.mark.interpreters("wasm")
@pytest.mark.parametrize("section", ["heap", "memory"])
def test_nothing_got_worse_on_the_32_bit_port(section, interpreter):
    done = bench(section, "--quick", "--check")
    assert done.returncode == 0, done.stderr
    assert "left out" not in done.stderr


@on_a_pico
@pytest.mark.parametrize("section", ["memory", "processor"])
def test_nothing_got_worse_on_an_emulated_pico(section):
    done = bench(section, "--board", "pico", "--quick", "--check")
    assert done.returncode == 0, done.stderr
    assert "left out" not in done.stderr


def test_two_runs_agree():
    runs = [bench("holds", "--quick", "--json") for _ in range(2)]
    assert [run.returncode for run in runs] == [0, 0]
    assert runs[0].stdout == runs[1].stdout
    assert json.loads(runs[0].stdout)["holds"]


def test_worse_is_more():
    old = {"wire: a": 1.0, "heap: b": 0, "memory: c": 100}
    assert kept.worse(dict(old), old) == []
    assert kept.worse({"wire: a": 0.5, "memory: c": 101}, old) == []
    assert kept.worse({"wire: a": 1.03}, old) == ["wire: a: 1.03, was 1"]
    assert kept.worse({"heap: b": 16}, old) == ["heap: b: 16, was 0"]
    assert kept.worse({"heap: e": 1128}, {"heap: e": 1000}) == []
    assert kept.worse({"heap: e": 1160}, {"heap: e": 1000}) != []
    assert kept.worse({"holds: d: ms": 0.5}, {"holds: d: ms": 0.1}) == []
    assert kept.worse({"holds: d: ms": 0.7}, {"holds: d: ms": 0.1}) != []
    old["pico processor: f: us"] = old["pico processor: f: instructions"] = 100
    assert kept.worse({"pico processor: f: us": 200}, old) == []
    assert kept.worse({"pico processor: f: instructions": 107}, old) == []
    assert kept.worse({"pico processor: f: instructions": 109}, old) != []
    assert kept.worse({"heap: new": 0}, old) == ["heap: new: 0, and nothing is kept of it"]


def test_saving_keeps_the_other_sections(tmp_path):
    file = tmp_path / "figures.json"
    kept.save({"wire: a": 1, "heap: b": 2}, file)
    kept.save({"wire: c": 3}, file)
    assert kept.load(file) == {"wire: c": 3, "heap: b": 2}


def test_the_page_shows_the_budgets(tmp_path):
    file = tmp_path / "README.md"
    file.write_text("before\n" + page.BEGIN + "old\n" + page.END + "after\n")
    rows = [{"scene": "up", "baud": 9600, "txbuf": 0, "longest_ms": 5.1}]
    page.write({"ticker": rows}, file)
    lines = file.read_text().split("\n")
    assert lines[0] == "before" and lines[-2] == "after"
    assert "| asyncio ticker | up, 9600 baud, txbuf 0 | 5.1 ms | 5 ms | MISSED |" in lines
    rows[0]["longest_ms"] = 5.0
    page.write({"ticker": rows}, file)
    assert "| asyncio ticker | up, 9600 baud, txbuf 0 | 5.0 ms | 5 ms | met |" in file.read_text()


def test_the_page_shows_the_figures_of_the_pico(tmp_path):
    file = tmp_path / "README.md"
    file.write_text(page.BEGIN + "old\n" + page.END + page.BEGIN_PICO + page.END_PICO + "after\n")
    row = {"figure": "RAM", "value": 900, "unit": "bytes", "budget": 1000, "remark": "all of it"}
    page.write({"pico memory": [row, {"figure": "hold", "value": 2.5, "unit": "ms"}]}, file)
    text = file.read_text()
    assert "| RAM | 900 bytes | 1000 bytes | met | all of it |\n" in text
    assert "| hold | 2.5 ms |  |  |  |\n" in text
    assert text.startswith(page.BEGIN + "old\n" + page.END) and text.endswith("after\n")


def test_the_first_page_has_the_kept_figures():
    """tools/bench --board pico --update writes both."""
    text = page.FIRST.read_text()
    table = text.partition(page.BEGIN_WAYS)[2].partition(page.END_WAYS)[0]
    assert table == "\n".join(page.ways(kept.load())) + "\n"
    assert table.count("\n") == 2 + len(pico.WAYS)


def test_the_page_of_the_examples_has_the_kept_figures():
    """tools/bench node --update writes both; "nothing got worse" measures them."""
    text = page.NODE.read_text()
    table = text.partition(page.BEGIN_NODE)[2].partition(page.END_NODE)[0]
    assert table == "\n".join(page.node_costs(kept.load())) + "\n"
    assert table.count("\n") == 2 + sum(len(node.ways(key)) for key in rig.CLASSES)


def test_the_least_of_a_nodes_message():
    """One command, one answer, and what the answer's bytes take."""
    least = node.Least("bc25", "psm_eint")
    assert least.commands == ["AT+QISEND"]
    line = 'AT+QISEND=0,6,"2 21.5"\r' + '\r\n+QIURC: "recv",0,1,2'
    assert least.seconds == pytest.approx(len(line) * 10 / 115200 + 0.02 + 0.05)
    off = node.Least("bg95", "radio off").commands
    assert off == ["AT+CFUN", "AT+QIACT", "AT+QIOPEN", "AT+QISENDEX", "AT+CFUN"]


def test_help_and_wrong_words():
    done = bench("--help")
    assert done.returncode == 0
    assert "MISSED" in done.stdout
    done = bench("wires")
    assert done.returncode == 2
    assert "exchanges" in done.stderr
    done = bench("wire", "--board", "pico")
    assert done.returncode == 2
    assert "wire is none of memory, processor" in done.stderr


# ---- the least ----

_SENT = {
    "bg95": (b"AT+QISEND=0,4\r\r\n>test", b"\r\nSEND OK\r\n"),
    "bc95": (b"AT+QISEND=0,4\r\r\n>test", b"\r\nOK\r\n\r\nSEND OK\r\n"),
    "bc20": (b'AT+QISEND=0,4,"test"\r', b"\r\nOK\r\n\r\nSEND OK\r\n"),
}


@pytest.mark.parametrize("key", _SENT)
def test_least_of_a_send(key):
    before, after = _SENT[key]
    count, waits = LEAST[key].give(4, text=True)
    assert (count, waits) == (len(before), 1 if key == "bc20" else 2)

    def took(count, waits):
        return seconds(count, waits, 10, 0)  # a second for each byte

    assert LEAST[key].taken(took) == len(after)


def test_least_of_any_bytes_without_a_prompt():
    assert LEAST["bc20"].give(5, text=False)[0] == len(b"AT+QISENDEX=0,5,3031323334\r")
    assert LEAST["bc20"].most(text=False) == 512
    assert LEAST["bc20"].most(text=True) == 1024


def test_least_of_a_read():
    assert LEAST["bg95"].ask(1500) == (len(b"AT+QIRD=0\r"), 1)
    assert LEAST["bg95"].ask(64) == (len(b"AT+QIRD=0,64\r"), 1)
    assert LEAST["bc25"].ask(512) == (len(b"AT+QIRD=0,512\r"), 1)
    assert LEAST["bg95"].answer(5) == len(b"\r\n+QIRD: 5,hello\r\n\r\nOK\r\n")
    assert LEAST["bc95"].recv_urc() == len(b'\r\n+QIURC: "recv",0\r\n')


def test_waits_and_two_lines():
    def took(count, waits):
        return seconds(count, waits, 115200, 0.3)

    # While the module thinks about its second line the first one is on the wire.
    assert LEAST["bc95"].taken(took) == pytest.approx(0.3 + 11 * 10 / 115200)
    assert LEAST["bg95"].taken(took) == pytest.approx(11 * 10 / 115200)


# ---- the line ----


class _Module:
    """Says `answer` when it has been told `command`."""

    def __init__(self, clock, command, answer):
        self._clock = clock
        self._left = command
        self._answer = answer
        self._out = b""
        self.when = None

    def feed(self, data):
        assert self._left.startswith(data)
        self._left = self._left[len(data) :]
        if not self._left:
            self.when = self._clock.now()
            self._out = self._answer

    def take(self):
        out, self._out = self._out, b""
        return out


def _wired(command=b"AT\r", answer=b"\r\nOK\r\n", **options):
    clock = Clock()
    module = _Module(clock, command, answer)
    return clock, module, Line(module, clock, 1000, **options)  # 10 ms a byte


def test_time_on_the_line():
    clock, module, line = _wired()
    line.write(b"AT\r")
    assert clock.now() == 0  # it is in the transmit buffer
    clock.advance(0.0655)
    assert module.when == pytest.approx(0.03)
    assert line.any() == 3
    buf = bytearray(10)
    assert line.readinto(buf, 2) == 2
    clock.advance(0.03)
    assert line.any() == 4
    assert line.readinto(buf) == 4
    assert buf[:4] == b"OK\r\n"
    assert line.readinto(buf) is None
    assert (line.up, line.down) == (3, 6)


def test_a_look_at_an_empty_line_takes_time():
    clock, _, line = _wired()
    assert line.any() == 0
    assert clock.now() == LOOK


@pytest.mark.parametrize("txbuf, held", [(256, 0), (8, 0.02), (0, 0.1)])
def test_a_write_waits_for_room(txbuf, held):
    clock, module, line = _wired(b"0123456789", txbuf=txbuf)
    assert line.write(b"0123456789") == 10
    assert clock.now() == pytest.approx(held)
    clock.advance(1)
    assert module.when == pytest.approx(0.1)


def test_what_finds_no_room_is_lost():
    clock, _, line = _wired(rxbuf=4)
    line.write(b"AT\r")
    clock.advance(1)
    assert line.any() == 4
    assert line.lost == 2
