"""Every example of the note, replayed on the module."""

import itertools

import pytest
from conversations.bg95 import CONVERSATIONS

from .player import Player


def section(key):
    """ "3.2" of "3.2.1 tcp client open": its parts belong together."""
    return ".".join(key.split()[0].split(".")[:2])


SECTIONS = {
    name: list(keys) for name, keys in itertools.groupby(sorted(CONVERSATIONS), key=section)
}


@pytest.mark.parametrize("name", sorted(SECTIONS))
def test_example(name):
    player = Player()
    for key in SECTIONS[name]:
        player.play(key, CONVERSATIONS[key])


def test_all_sections_are_there():
    assert set(SECTIONS) == {"2.3"} | {"3.{}".format(number) for number in range(1, 14)}
