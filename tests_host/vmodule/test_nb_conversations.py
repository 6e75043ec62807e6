"""Every example of the NB-IoT modules' documents, replayed on the module."""

import pytest
from conversations import bc20, bc25, bc95

from .nb import NbHost, NbPlayer
from .player import sections

PLAYED = {
    "bc95": {key: bc95.CONVERSATIONS[key] for key in bc95.CONVERSATIONS if "bc92" not in key},
    "bc92": bc95.CONVERSATIONS,
    "bc20": bc20.CONVERSATIONS,
    "bc25": bc25.CONVERSATIONS,
}
EXAMPLES = [(key, name) for key in PLAYED for name in sections(PLAYED[key])]
NUMBERS = {"bc95": range(1, 7), "bc92": range(1, 7), "bc20": range(1, 6), "bc25": range(1, 9)}


@pytest.mark.parametrize(("dialect", "name"), EXAMPLES)
def test_example(dialect, name):
    player = NbPlayer(dialect)
    for key in sections(PLAYED[dialect])[name]:
        player.play(key, PLAYED[dialect][key])


@pytest.mark.parametrize("dialect", sorted(NUMBERS))
def test_all_sections_are_there(dialect):
    there = {name for name in sections(PLAYED[dialect]) if name.startswith("4.")}
    if dialect == "bc25":
        there.add("4.5")  # see below
    assert there == {"4.{}".format(number) for number in NUMBERS[dialect]}


def test_what_is_not_supported_yet():
    host = NbHost("bc25")
    _, line = bc25.NOT_SUPPORTED["4.5.1 udp service open"][0]
    host.refused(line, 555)
