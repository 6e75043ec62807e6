"""machine.reset() in the middle of a transfer, on an emulated Pico: its main.py is up again, the
module is as it was left, and the transfer completes."""

import hashlib

import end_to_end_peers
import pico_boards
import pytest

COUNT = 20000

pytestmark = pico_boards.needed


@pytest.mark.parametrize("way", ["receiving", "sending"])
def test_reset(tmp_path, way):
    main = "import pico_reset\npico_reset.main(%r, %d)\n" % (way, COUNT)
    programs = ("pico_reset", "bulk")
    with pico_boards.beside_module(tmp_path / "flash.img", main, programs) as (board, _, peers):
        lines = board.wait_for("done")
    assert lines[0] == "in the middle"
    data = end_to_end_peers.random_bytes(COUNT, 77)
    assert lines[1:] == ["up again", hashlib.sha256(data).hexdigest()], "\n".join(lines)
    assert len(peers.network.peers) == 3
