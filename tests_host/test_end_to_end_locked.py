"""Much data each way while MicroPython's heap is locked: the steady state allocates nothing.

The lines of both interpreters are the usual ones: boards/unix reads through a ring, and the board
of the WebAssembly port lets addresses and counts alone cross over. Neither allocates.
"""

import hashlib

import end_to_end
import end_to_end_peers as peers
import pytest
from end_to_end import amount

MEGABYTE = 1 << 20

pytestmark = pytest.mark.interpreters("unix", "wasm")


@pytest.mark.parametrize(
    "way, count, size",
    [
        ("send", MEGABYTE, 1024),
        ("send", MEGABYTE, 8192),  # more than one exchange carries
        ("send", 8000, 1),
        ("send_dontwait", MEGABYTE, 1024),
        ("write", MEGABYTE, 4096),
        ("write_whole", MEGABYTE, 4096),
        ("gather", 64000, 40),
        ("gather", 64000, 320),  # more than one exchange a request
        ("checked", MEGABYTE, 1024),
    ],
)
def test_there(interpreter, way, count, size):
    if way != "checked":  # that one must last for some checks of delivery
        count = amount(interpreter, count)
    with peers.tcp() as tcp, end_to_end.module(interpreter) as module:
        module.run("locked", "there", tcp.port, way, count, size)


@pytest.mark.parametrize(
    "way, count",
    [
        ("recv_into", MEGABYTE),
        ("readinto", MEGABYTE),
        ("peek", MEGABYTE),
        ("small", MEGABYTE // 4),
        ("small_counts", 65536),
    ],
)
def test_back(interpreter, way, count):
    count = amount(interpreter, count)
    with peers.tcp() as tcp, end_to_end.module(interpreter) as module:
        printed = module.run("locked", "back", tcp.port, way, count)
    assert printed == [hashlib.sha256(peers.random_bytes(count, 77)).hexdigest()]


@pytest.mark.parametrize("size", [1024, 4096])
def test_polled(interpreter, size):
    with peers.tcp() as tcp, end_to_end.module(interpreter) as module:
        module.run("locked", "polled", tcp.port, amount(interpreter, MEGABYTE // 2), size)


def test_datagrams(interpreter):
    with peers.udp() as udp, end_to_end.module(interpreter) as module:
        module.run("locked", "datagrams", udp.port, 100)


@pytest.mark.parametrize("dialect", [key for key in end_to_end.MODELS if key != "bg95"])
def test_other_dialects(interpreter, dialect):
    count = amount(interpreter, MEGABYTE)
    with peers.tcp() as tcp, peers.udp() as udp:
        with end_to_end.module(interpreter, dialect=dialect) as module:
            module.run("locked", "there", tcp.port, "send", count, 1024)
            printed = module.run("locked", "back", tcp.port, "recv_into", count)
            module.run("locked", "datagrams", udp.port, 100)
            if dialect == "bc20":
                module.run("locked", "there", tcp.port, "text", count, 1024)
    assert printed == [hashlib.sha256(peers.random_bytes(count, 77)).hexdigest()]


def test_two_sockets(interpreter):
    with peers.tcp() as tcp, end_to_end.module(interpreter) as module:
        module.run("locked", "two", tcp.port, 60)


def test_lock_is_real(interpreter):
    with peers.tcp() as tcp, end_to_end.module(interpreter) as module:
        module.run("locked", "allocates", tcp.port)


@pytest.mark.parametrize("fault", ["sendfail:40", "urc-noise:3", "lose-recv:2"])
def test_faults_allocate_nothing(interpreter, fault):
    count = amount(interpreter, MEGABYTE // 4)
    with peers.tcp() as tcp, end_to_end.module(interpreter, "--fault", fault) as module:
        module.run("locked", "there", tcp.port, "send", count, 4096)
        module.run("locked", "back", tcp.port, "recv_into", count)
