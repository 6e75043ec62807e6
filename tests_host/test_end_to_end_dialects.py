"""Each dialect's module: TCP and UDP clients carry every byte."""

import end_to_end
import end_to_end_peers as peers
import pytest

DIALECTS = ["bc95", "bc92", "bc20", "bc25", "rm500u"]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_stream(interpreter, dialect):
    with peers.tcp() as tcp, end_to_end.module(interpreter, dialect=dialect) as module:
        module.run("dialects", "stream", tcp.port, 200000)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_datagrams(interpreter, dialect):
    with peers.udp() as udp, end_to_end.module(interpreter, dialect=dialect) as module:
        module.run("dialects", "datagrams", udp.port, 13)
