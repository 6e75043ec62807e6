"""Each dialect's services: ping, names, time, settings, connections, contexts, power, sleep."""

import end_to_end
import end_to_end_peers as peers
import pytest

HOST = ("--host", "peer.example=127.0.0.1")
# 2024-02-29 23:59:58 UTC
NOW = 1709251198

dialects = pytest.mark.parametrize("dialect", list(end_to_end.MODELS))


@dialects
def test_asked(interpreter, dialect):
    with peers.udp(peers.time_server(NOW)) as server:
        with end_to_end.module(interpreter, *HOST, dialect=dialect) as module:
            module.run("services", "asked", server.port)


@dialects
def test_sockets(interpreter, dialect):
    with peers.tcp() as tcp, peers.udp() as udp:
        with end_to_end.module(interpreter, dialect=dialect) as module:
            module.run("services", "sockets", tcp.port, udp.port)


@dialects
def test_up_and_down(interpreter, dialect):
    with peers.tcp() as tcp, end_to_end.module(interpreter, *HOST, dialect=dialect) as module:
        module.run("services", "detected", tcp.port)
        module.run("services", "up_and_down", tcp.port)


def test_deep_sleep(interpreter):
    with peers.tcp() as tcp, peers.udp() as udp:
        with end_to_end.module(interpreter, "--fault", "deep-sleep:3", dialect="bc25") as module:
            module.run("services", "sleeping", tcp.port, udp.port)
