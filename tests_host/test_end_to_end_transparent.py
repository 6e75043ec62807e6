"""Transparent mode over the virtual module: the raw stream, leaving, entering again."""

import hashlib

import end_to_end
import end_to_end_peers as peers
import pytest

MEGABYTE = 1 << 20
COUNT = 102400

# The dialects that have the mode.
pytestmark = pytest.mark.parametrize("dialect", ["bg95", "rm500u", "bc92"])


def source_digest(count):
    return hashlib.sha256(peers.random_bytes(count, 77)).hexdigest()


@pytest.mark.parametrize("scenario", ["payloads", "alone", "notice", "closing"])
def test_stream(interpreter, dialect, scenario):
    # Pluses and silences: in virtual time no pause of this machine comes between them.
    with peers.tcp() as tcp:
        end_to_end.run_in_virtual_time(interpreter, dialect, "raw", scenario, tcp.port)


@pytest.mark.parametrize("scenario, count", [("there", MEGABYTE), ("bulk", COUNT)])
def test_bulk(interpreter, dialect, scenario, count):
    with peers.tcp() as tcp, end_to_end.module(interpreter, dialect=dialect) as module:
        module.run("raw", scenario, tcp.port, count)


@pytest.mark.parametrize(
    "scenario, count",
    [("back", MEGABYTE), ("late", 30000), ("before", 30000)],
)
def test_from_peer(interpreter, dialect, scenario, count):
    with peers.tcp() as tcp, end_to_end.module(interpreter, dialect=dialect) as module:
        assert module.run("raw", scenario, tcp.port, count) == [source_digest(count)]


@pytest.mark.interpreters("cpython", "unix")
def test_asynchronous(interpreter, dialect):
    with peers.tcp() as tcp, end_to_end.module(interpreter, dialect=dialect) as module:
        module.run("raw", "asynchronous", tcp.port)


@pytest.mark.interpreters("unix", "wasm")
def test_locked(interpreter, dialect):
    with peers.tcp() as tcp, end_to_end.module(interpreter, dialect=dialect) as module:
        module.run("raw", "locked", tcp.port, end_to_end.amount(interpreter, MEGABYTE))
