"""A megabyte each way, by digest on both ends; less of it over a line paced as a UART is."""

import hashlib

import end_to_end
import end_to_end_peers as peers
import pytest
from end_to_end import amount

MEGABYTE = 1 << 20


def source_digest(count):
    return hashlib.sha256(peers.random_bytes(count, 77)).hexdigest()


@pytest.mark.parametrize("way", ["send", "write", "sendall"])
def test_there(interpreter, way):
    with peers.tcp() as tcp, end_to_end.module(interpreter) as module:
        module.run("bulk", "there", tcp.port, way, amount(interpreter, MEGABYTE))


@pytest.mark.parametrize("way", ["send", "write", "sendall"])
def test_back(interpreter, way):
    count = amount(interpreter, MEGABYTE)
    with peers.tcp() as tcp, end_to_end.module(interpreter) as module:
        printed = module.run("bulk", "back", tcp.port, way, count)
    assert printed == [source_digest(count)]


def test_polled(interpreter):
    count = amount(interpreter, MEGABYTE)
    with peers.tcp() as tcp, end_to_end.module(interpreter) as module:
        printed = module.run("bulk", "polled", tcp.port, count)
    assert printed == [source_digest(count)]


@pytest.mark.parametrize("baud, count", [(115200, 8192), (921600, 65536)])
def test_paced(interpreter, baud, count):
    with peers.tcp() as tcp, end_to_end.module(interpreter, "--baud", str(baud)) as module:
        module.run("bulk", "there", tcp.port, "send", count)
        assert module.run("bulk", "back", tcp.port, "send", count) == [source_digest(count)]
        assert module.run("bulk", "polled", tcp.port, count) == [source_digest(count)]
