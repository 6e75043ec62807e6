"""Each dialect's direct push mode, and its notice of a full buffer."""

import hashlib

import end_to_end
import end_to_end_peers as peers
import pytest

dialects = pytest.mark.parametrize("dialect", list(end_to_end.MODELS))


@dialects
def test_push_mode(interpreter, dialect):
    with peers.tcp() as tcp, peers.udp() as udp:
        with end_to_end.module(interpreter, dialect=dialect) as module:
            module.run("pushed", "traffic", tcp.port, udp.port, 100000)
            (printed,) = module.run("pushed", "lost", tcp.port, 100000)
    length, digest = printed.split()
    front = peers.random_bytes(100000, 77)[: int(length)]
    assert hashlib.sha256(front).hexdigest() == digest


@pytest.mark.parametrize("dialect", ["bc95", "bc92", "bc20", "bc25"])
def test_full_buffer(interpreter, dialect):
    with peers.udp() as udp, end_to_end.module(interpreter, dialect=dialect) as module:
        module.run("pushed", "full", udp.port)


@pytest.mark.parametrize("dialect", ["bc95", "bc92", "bc20", "bc25"])
def test_hole(interpreter, dialect):
    fault = ("--fault", "buff-full:4000")
    with peers.tcp() as tcp, end_to_end.module(interpreter, *fault, dialect=dialect) as module:
        (printed,) = module.run("pushed", "hole", tcp.port, 50000)
    length, digest = printed.split()
    front = peers.random_bytes(50000, 77)[: int(length)]
    assert hashlib.sha256(front).hexdigest() == digest
