"""The driver on an emulated Raspberry Pi Pico: its own machine.UART, flash and heap.

tools/setup makes the Pico; where it could not, these tests are skipped, with the reason.
"""

import hashlib
import subprocess
import sys

import end_to_end
import end_to_end_peers
import interpreters
import pytest
from tools.benching import memory
from tools.pico import emulated, found, image, lockstep
from tools.vmodule.clock import VirtualClock

_LIMIT = 600  # s; only what hangs is ended by it
_COUNT, _SEED = 6000, 5

pytestmark = pytest.mark.skipif(
    found.missing() is not None, reason="emulated Pico: %s" % found.missing()
)


@pytest.fixture
def flash(tmp_path):
    """A function that makes a flash image of {path: bytes}, with the driver if asked for."""

    def make(files, driver=False):
        files = dict(files)
        if driver:
            memory.compiled(tmp_path / "lib")
            files.update(image.tree(tmp_path / "lib", "lib/"))
            board = interpreters.TOP / "boards" / "rp2" / "board.py"
            files["board.py"] = board.read_bytes()
        path = tmp_path / "flash.img"
        path.write_bytes(image.build(found.FIRMWARE.read_bytes(), files))
        return path

    return make


def test_bytes_come_and_go_through_the_virtual_module(flash):
    program = end_to_end.PROGRAMS / "pico_fetch.py"
    main = "import pico_fetch\npico_fetch.main('BG95S5', %d, %d)\n" % (_COUNT, _SEED)
    files = {"pico_fetch.py": program.read_bytes(), "main.py": main.encode()}
    path = flash(files, driver=True)
    with end_to_end_peers.tcp() as peers:
        host = "peer.test=127.0.0.1:%d" % peers.port
        with end_to_end.module("unix", "--host", host) as module:
            line = module.modem.partition(":")[2]
            with emulated.board(path, uart1=line) as pico:
                lines = pico.wait_for("done")
    data = end_to_end_peers.random_bytes(_COUNT, _SEED)
    assert lines[-2:] == ["fetched " + hashlib.sha256(data).hexdigest(), "given True"]


def test_mpremote_runs_programs_and_copies_files(flash, tmp_path):
    def mpremote(*words):
        done = subprocess.run(
            [sys.executable, "-m", "mpremote", "connect", pico.repl, *words],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_LIMIT,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    note = tmp_path / "note.txt"
    note.write_text("kept in flash")
    path = flash({"greeting.py": b"TEXT = 'from the image'\n"})
    with emulated.board(path, save=True) as pico:
        said = mpremote("exec", "import greeting, sys; print(sys.platform, greeting.TEXT)")
        assert "rp2 from the image" in said
        mpremote("cp", str(note), ":note.txt")
    # Another board, with the flash of that one.
    with emulated.board(path) as pico:
        assert "kept in flash" in mpremote("cat", ":note.txt")


def test_time_is_the_boards_alone(flash):
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
    path = flash({"main.py": main})
    runs = [lockstep.run(path, VirtualClock(0.0)) for _ in range(2)]
    assert runs[0] == runs[1]
    lines, (begin, end) = runs[0]
    assert lines == ["499500 0.375 do"]
    assert (begin.number, end.number) == (1, 2)
    assert 250e6 <= end.nanos - begin.nanos < 251e6
    assert end.cycles - begin.cycles < 1e6  # it slept


def test_what_a_program_raises_is_told(flash):
    path = flash({"main.py": b"raise ValueError('for the test')\n"})
    with pytest.raises(lockstep.Failure, match="ValueError: for the test"):
        lockstep.run(path, VirtualClock(0.0))
    with emulated.board(path) as pico, pytest.raises(emulated.Failure, match="for the test"):
        pico.wait_for("done")
