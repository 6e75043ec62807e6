"""The power of an emulated Pico goes while it writes into the queue in flash: nothing that was
acknowledged is lost, and what the queue drops it counts."""

import random
from pathlib import Path

import others
import pico_boards
import virtual_peers
from test_examples import EXAMPLES, INNER
from tools.benching.line import Clock
from tools.pico import lockstep
from tools.vmodule import create

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


class Broker(virtual_peers.Peers):
    """One for MQTT, as far as umqtt.simple goes. `got`: the messages, in order."""

    def __init__(self, clock):
        super().__init__(clock)
        self.got = []

    def _converse(self, peer):
        while True:
            while len(peer.received) < 2 or len(peer.received) < 2 + peer.received[1]:
                yield
            kind, size = peer.received[0] >> 4, peer.received[1]  # below 128, so one byte
            data = bytes(peer.received[2 : 2 + size])
            del peer.received[: 2 + size]
            if kind == 1:
                peer.send(b"\x20\x02\x00\x00")
            elif kind == 3:
                end = 2 + int.from_bytes(data[:2], "big")
                self.got.append((data[2:end], data[end + 2 :]))
                peer.send(b"\x40\x02" + data[end : end + 2])


def said(lines):
    """How often the program has begun, and the numbers that it has stored."""
    starts = [line for line in lines if line.endswith(" kept from before")]
    stored = [int(line.split()[1]) for line in lines if line.startswith("stored ")]
    return len(starts), stored


def test_the_power_goes_while_a_program_publishes(tmp_path):
    """Every reading that was stored comes, whenever the power went."""
    files = pico_boards.programs("mqtt_telemetry", *INNER, folder=EXAMPLES)
    umqtt = Path(others.command("micropython-umqtt.simple")) / "umqtt"
    files["umqtt/simple.mpy"] = pico_boards.programs("simple", folder=umqtt)["simple.mpy"]
    files["main.py"] = b"""\
import sys
sys.argv[:] = ["", "example.com", "1883", "a/b", "0", "2"]
import mqtt_telemetry
"""
    image = pico_boards.flash(tmp_path / "flash.img", files, driver=True)
    clock = Clock()
    broker = Broker(clock)
    module = create("bg95", broker.network, clock)
    chance = random.Random(31)
    cuts = [chance.randrange(10000, 30000) for _ in range(2)]
    last = 0
    with lockstep.board(image, clock, module, cuts=cuts) as board:
        for _ in cuts:
            starts, stored = said(board.wait_for("power lost"))
            assert starts <= 1
            last = max([last, *stored])
        starts, _ = said(board.wait_for("stored %d" % (last + 5)))
        assert starts == 1  # the watchdog did not bite
    readings = [message.split() for topic, message in broker.got if topic == b"a/b"]
    assert {int(number) for number, _ in readings} >= set(range(1, last + 1))
    assert len({number for number, _ in readings}) == len(set(map(tuple, readings)))
    assert last >= 5
