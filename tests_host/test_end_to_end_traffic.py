"""UDP, several sockets at once, and what a page costs, on real interpreters."""

import hashlib

import end_to_end
import end_to_end_peers as peers
import pytest


@pytest.mark.parametrize("scenario", ["lengths", "methods", "queued", "short", "ranges"])
def test_datagrams(interpreter, scenario):
    with peers.udp() as udp, end_to_end.module(interpreter) as module:
        module.run("datagrams", scenario, udp.port)


def test_datagrams_through_a_small_uart(interpreter):
    with peers.udp() as udp, end_to_end.module(interpreter) as module:
        module.run("datagrams", "small_uart", udp.port)


def test_sockets_keep_apart(interpreter):
    with peers.tcp() as tcp, peers.udp() as udp, end_to_end.module(interpreter) as module:
        module.run("several", "apart", tcp.port, udp.port)


@pytest.mark.parametrize("scenario", ["twelve", "many"])
def test_number_of_sockets(interpreter, scenario):
    with peers.tcp() as tcp, end_to_end.module(interpreter) as module:
        module.run("several", scenario, tcp.port)


@pytest.mark.parametrize("way", ["recv_into", "read", "recv", "readline"])
def test_page_costs_at_most_70_reads(interpreter, way):
    with peers.tcp() as tcp, end_to_end.module(interpreter) as module:
        digest, reads = module.run("page", "cost", tcp.port, way)
    assert digest == hashlib.sha256(peers.random_bytes(peers.PAGE, 5)).hexdigest()
    assert 67 <= int(reads) <= 70  # 67: the least that 1500 bytes at a time allow


def test_small_program_loads_little(interpreter):
    with peers.tcp() as tcp, end_to_end.module(interpreter) as module:
        assert module.run("page", "loads", tcp.port) == ["imported: "]
