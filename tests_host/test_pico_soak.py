"""`tools/soak --board pico`: an emulated Pico beside its watchdog, in virtual time."""

import itertools
import re
import subprocess
import sys

import interpreters
import pico_boards
from tools.pico import lockstep
from tools.vmodule.clock import VirtualClock

WATCHDOG = 8000  # ms, of the program

pytestmark = pico_boards.needed


def play(tmp_path, main, pins=None):
    """What a board prints before `done` beside which there is nobody."""
    path = pico_boards.flash(tmp_path / "flash.img", {"main.py": main.encode()})
    with lockstep.board(path, VirtualClock(0.0), limit=60, pins=pins) as board:
        return board.wait_for("done")


FED_AND_FORGOTTEN = """
import machine, time
if machine.reset_cause() == machine.WDT_RESET:
    print("done")
dog = machine.WDT(timeout=8000)
for _ in range(3):
    time.sleep_ms(7900)
    dog.feed()
print("fed")
time.sleep_ms(7900)
print("late")
time.sleep_ms(200)
print("too late")
"""


def test_the_watchdog_bites_whoever_does_not_feed_it(tmp_path):
    assert play(tmp_path, FED_AND_FORGOTTEN) == ["fed", "late"]


PINS = """
import machine
from machine import Pin
if machine.reset_cause() != machine.PWRON_RESET:
    print("done")
first, second = Pin(14, Pin.OUT, value=0), Pin(15, Pin.OUT, value=0)
first(1)
first(0)
second(1)
machine.reset()
"""


def test_pins_are_told_and_fall_at_a_reset(tmp_path):
    told = {14: [], 15: []}
    assert play(tmp_path, PINS, {number: told[number].append for number in told}) == []
    levels = [[level for level, _ in itertools.groupby(told[number])] for number in told]
    assert levels == [[False, True, False]] * 2


def test_a_minute_finds_nothing():
    """Restarts, outages, a damaged line: the watchdog never bites, and all works after. Calls wait
    longer than the watchdog: a connect does whose URC is lost."""
    words = ["--board", "pico", "--minutes", "1", "--seed", "1"]
    for kind in ("restart", "coverage", "context", "count", "lose-payload", "number", "urc-cut"):
        words += ["--fault", kind]
    done = subprocess.run(
        [sys.executable, str(interpreters.TOP / "tools" / "soak"), *words],
        check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=pico_boards.LIMIT,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    told = re.fullmatch(r".*: ([1-9]\d*) faults, .* after (\d+) ms .*: ok\n", done.stdout)
    assert told, done.stdout
    assert int(told[2]) < WATCHDOG
