"""Every example of the RGx00U&RM500U note, replayed on the module."""

import pytest
from conversations.rm500u import CONVERSATIONS

from .player import Player, sections

SECTIONS = sections(CONVERSATIONS)


@pytest.mark.parametrize("name", sorted(SECTIONS))
def test_example(name):
    player = Player("rm500u")
    for key in SECTIONS[name]:
        player.play(key, CONVERSATIONS[key])


def test_all_sections_are_there():
    assert set(SECTIONS) == {"2.3"} | {"3.{}".format(number) for number in range(1, 9)}
