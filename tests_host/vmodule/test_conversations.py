"""Every example of the note, replayed on the module."""

import pytest
from conversations.bg95 import CONVERSATIONS

from .player import Player, sections

SECTIONS = sections(CONVERSATIONS)


@pytest.mark.parametrize("name", sorted(SECTIONS))
def test_example(name):
    player = Player()
    for key in SECTIONS[name]:
        player.play(key, CONVERSATIONS[key])


def test_all_sections_are_there():
    assert set(SECTIONS) == {"2.3"} | {"3.{}".format(number) for number in range(1, 14)}
