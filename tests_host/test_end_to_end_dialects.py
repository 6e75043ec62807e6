"""Each dialect's module: TCP and UDP clients carry every byte, and datagrams of every length."""

import hashlib

import end_to_end
import end_to_end_peers as peers
import pytest

MEGABYTE = 1 << 20

pytestmark = pytest.mark.parametrize("dialect", list(end_to_end.MODELS))


def test_stream(interpreter, dialect):
    count = end_to_end.amount(interpreter, MEGABYTE)
    with peers.tcp() as tcp, end_to_end.module(interpreter, dialect=dialect) as module:
        printed = module.run("dialects", "stream", tcp.port, count)
    assert printed == [hashlib.sha256(peers.random_bytes(count, 77)).hexdigest()]


def test_echo(interpreter, dialect):
    with peers.tcp() as tcp, end_to_end.module(interpreter, dialect=dialect) as module:
        module.run("dialects", "echo", tcp.port, 200000)


def test_datagrams(interpreter, dialect):
    with peers.udp() as udp, end_to_end.module(interpreter, dialect=dialect) as module:
        module.run("dialects", "datagrams", udp.port)


def test_datagrams_from_the_peer(interpreter, dialect):
    with peers.udp(peers.asked) as udp:
        with end_to_end.module(interpreter, dialect=dialect) as module:
            module.run("dialects", "answers", udp.port)
