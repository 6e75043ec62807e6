"""Payloads that look like answers, URCs, prompts and escapes."""

import end_to_end
import end_to_end_peers as peers
import pytest


@pytest.mark.parametrize("scenario", ["from_peer", "to_peer", "echoed", "traced"])
def test_stream(interpreter, scenario):
    with peers.tcp() as tcp, end_to_end.module(interpreter) as module:
        module.run("payloads", scenario, tcp.port)


def test_datagrams(interpreter):
    with peers.udp() as udp, end_to_end.module(interpreter) as module:
        module.run("payloads", "datagrams", udp.port)
