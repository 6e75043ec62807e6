"""An emulated Raspberry Pi Pico: what other tests build on. tools/setup makes it."""

import pico_boards
import pytest
from tools.pico import emulated, lockstep
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
