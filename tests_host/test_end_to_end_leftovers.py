"""A module outlives its microcontroller's program: the next one finds it usable."""

import end_to_end
import end_to_end_peers as peers
import pytest


@pytest.mark.parametrize("count", [1, 12])
def test_sockets_left_open(interpreter, count):
    with peers.tcp() as tcp, end_to_end.module(interpreter) as module:
        for _ in range(2):
            module.run("leftovers", "leaves_sockets", tcp.port, count)
            module.run("leftovers", "takes_over", tcp.port)


@pytest.mark.parametrize("part", [10, 1459])
def test_killed_in_a_send(interpreter, part):
    with peers.tcp() as tcp, end_to_end.module(interpreter) as module:
        module.run("leftovers", "leaves_send", tcp.port, part)
        module.run("leftovers", "takes_over", tcp.port)


@pytest.mark.parametrize(
    "how",
    ["text", "line", "answer", "transparent", "settings", "off"],
)
def test_left(interpreter, how):
    with peers.tcp() as tcp, end_to_end.module(interpreter) as module:
        module.run("leftovers", "leaves_" + how, tcp.port)
        module.run("leftovers", "takes_over", tcp.port)


def test_second_interface_on_the_line(interpreter):
    with peers.tcp() as tcp, end_to_end.module(interpreter) as module:
        module.run("leftovers", "same_line", tcp.port)
