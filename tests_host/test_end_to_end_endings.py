"""The ends of connections: what came before is read first, and then nothing surprises."""

import end_to_end
import end_to_end_peers as peers
import pytest

SCENARIOS = [
    "unread",
    "unread_nonblocking",
    "unread_write",
    "unread_close",
    "reset",
    "closed",
    "at_the_end_waiting",
]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_ending(interpreter, scenario):
    with peers.tcp() as tcp, end_to_end.module(interpreter) as module:
        module.run("endings", scenario, tcp.port)
