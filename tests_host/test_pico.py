"""An emulated Raspberry Pi Pico: what other tests build on. tools/setup makes it."""

import json
import subprocess
from pathlib import Path

import pico_boards
import pytest
from tools.pico import emulated, found, lockstep
from tools.vmodule.clock import VirtualClock

pytestmark = pico_boards.needed


def test_mpremote_runs_programs_and_copies_files(tmp_path):
    note = tmp_path / "note.txt"
    note.write_text("kept in flash")
    path = pico_boards.flash(tmp_path / "flash.img", {"greeting.py": b"TEXT = 'from the image'\n"})
    with emulated.board(path, save=True) as pico:
        code = "import greeting, sys; print(sys.platform, greeting.TEXT)"
        assert "rp2 from the image" in pico_boards.mpremote(pico.repl, "exec", code)
        pico_boards.mpremote(pico.repl, "cp", str(note), ":note.txt")
    # Another board, with the flash of that one.
    with emulated.board(path) as pico:
        assert "kept in flash" in pico_boards.mpremote(pico.repl, "cat", ":note.txt")


def test_time_is_the_boards_alone(tmp_path):
    """Two runs are the same to the instruction."""
    main = b"""
import time
from machine import mem32
def mark(number):
    mem32[0x4005800C] = number
mark(1)
time.sleep_ms(250)
mark(2)
print(sum(range(1000)), 3 / 8, "done"[:2])
print("done")
"""
    path = pico_boards.flash(tmp_path / "flash.img", {"main.py": main})
    runs = [lockstep.run(path, VirtualClock(0.0)) for _ in range(2)]
    assert runs[0] == runs[1]
    lines, (begin, end) = runs[0]
    assert lines == ["499500 0.375 do"]
    assert (begin.number, end.number) == (1, 2)
    assert 250e6 <= end.nanos - begin.nanos < 251e6
    assert end.cycles - begin.cycles < 1e6  # it slept


def test_what_a_program_raises_is_told(tmp_path):
    main = b"raise ValueError('for the test')\n"
    path = pico_boards.flash(tmp_path / "flash.img", {"main.py": main})
    with pytest.raises(lockstep.Failure, match="ValueError: for the test"):
        lockstep.run(path, VirtualClock(0.0))
    with emulated.board(path) as pico, pytest.raises(emulated.Failure, match="for the test"):
        pico.wait_for("done")


# Of each kind of instruction something: arithmetic, floats, strings, memory, the flash, sleep.
_MIXED = b"""
import gc, hashlib, json, re, time
class Pair:
    def __init__(self, x):
        self.x = x
    def plus(self, y):
        return self.x + y
total = 0
for i in range(60):
    total += Pair(i).plus(2) ^ i * 77 // 3 % 11
    text = json.dumps({"abc%d" % i: i, "k": [i] * 5})
    total += len(text) + int(1.5 * i / 7 + 2**0.5)
data = bytes(range(256)) * 2
print(total, hashlib.sha256(data).digest(), sum(memoryview(data)))
gc.collect()
with open("x.txt", "w") as file:
    file.write("hello" * 100)
print(len(open("x.txt").read()), re.match("h(.)l", "hello").group(1))
time.sleep_ms(3)
try:
    1 / 0
except ZeroDivisionError as e:
    print(repr(e))
print(sorted([5, 3, 9, -1]), 10**30 // 7, -7 // 2, -7 % 3, 1 << 70, -5 >> 1, 0.1 + 0.2)
print("done")
"""


def _node(name, **options):
    """What a program beside this file prints, as JSON."""
    words = {key: str(path) for key, path in {"emulator": found.EMULATOR, **options}.items()}
    command = ["node", str(Path(__file__).with_name(name)), json.dumps(words)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_quick_way_is_the_same_as_the_emulators_own(tmp_path):
    """Registers, flags, memory, instructions and cycles, after each slice of the board's time."""
    image = pico_boards.flash(tmp_path / "flash.img", {"main.py": _MIXED})
    printed = _node("pico_twice.mjs", board=found.HERE / "board.mjs", image=image)
    assert "done" in printed, printed


def test_each_opcode_is_the_same_as_the_emulators_own():
    """Registers, flags, memory and cycles after each, with four contents of the registers by
    chance. They are the same in each run; where one is no address of memory, nothing is done."""
    assert _node("pico_opcodes.mjs", quick=found.HERE / "quick.mjs") > 140000
