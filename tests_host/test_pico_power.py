"""The power of an emulated Pico goes while it writes into the queue in flash: nothing that was
acknowledged is lost, and what the queue drops it counts."""

import random

import pico_boards
from test_examples import EXAMPLES
from tools.benching.line import Clock
from tools.pico import lockstep

CUTS = 12
MOST = 30000  # bytes of the flash, written or erased, between two

pytestmark = pico_boards.needed


class Known:
    """What the board has said of its queue: the last number that `append` has returned, how many
    messages were acknowledged, and of how many it has not said so yet."""

    def __init__(self):
        self.stored = self.acknowledged = self.asked = self.dropped = 0

    def hear(self, lines):
        for line in lines:
            word, *numbers = line.split()
            first, *rest = map(int, numbers)
            if word == "found":
                self.found(first, *rest)
            elif word == "stored":
                assert first == self.stored + 1
                self.stored = first
            elif word == "acknowledges":
                self.asked = first
            else:
                assert word == "acknowledged", line
                self.acknowledged += first
                self.asked = 0

    def found(self, first, following, dropped):
        """After the power came back."""
        assert self.stored + 1 <= following <= self.stored + 2
        gone = first - 1 - dropped
        assert self.acknowledged <= gone <= self.acknowledged + self.asked
        assert dropped >= self.dropped
        self.stored, self.acknowledged, self.asked = following - 1, gone, 0
        self.dropped = dropped


def test_the_power_goes(tmp_path):
    files = pico_boards.programs("pico_queue")
    files.update(pico_boards.programs("flash_queue", "flash_log", folder=EXAMPLES))
    files["main.py"] = b"import pico_queue\npico_queue.main()\n"
    image = pico_boards.flash(tmp_path / "flash.img", files)
    chance = random.Random(13)
    cuts = [chance.randrange(MOST) for _ in range(CUTS)]
    known = Known()
    with lockstep.board(image, Clock(), cuts=cuts) as board:
        for _ in cuts:
            known.hear(board.wait_for("power lost"))
    assert known.stored > 3 * CUTS
    assert known.acknowledged and known.dropped
