"""asyncio on MicroPython's unix port over the virtual module: streams, servers, awaited calls, TLS.

How long the event loop is held is judged in virtual time, by driver/test_aio_streams.py; here it is
only printed."""

import hashlib

import end_to_end
import end_to_end_peers as peers
import pytest

pytestmark = pytest.mark.interpreters("unix")
BASICS = pytest.mark.parametrize("dialect", ["bg95", "bc25"])
COUNT = 200000


def streams(interpreter, scenario, *args, dialect="bg95", options=()):
    """Run a scenario of asyncio_streams against the TCP peer; what it printed, and the peer."""
    with peers.tcp() as tcp, end_to_end.module(interpreter, *options, dialect=dialect) as module:
        printed = module.run("asyncio_streams", scenario, tcp.port, *args)
        print("\n".join(printed))
        if scenario in ("cancelled", "asleep", "closing", "runs"):
            tcp.wait(1)
    return [line for line in printed if not line.startswith("#")], tcp


def digest(data):
    return hashlib.sha256(data).hexdigest()


@BASICS
def test_echo_beside_a_ticker(interpreter, dialect):
    streams(interpreter, "echo", COUNT, dialect=dialect)


@BASICS
def test_several_connections(interpreter, dialect):
    streams(interpreter, "several", 20000, 4, dialect=dialect)


@BASICS
def test_lines(interpreter, dialect):
    streams(interpreter, "lines", dialect=dialect)


@BASICS
def test_timeouts_lose_nothing(interpreter, dialect):
    printed, _ = streams(interpreter, "timeouts", 50000, dialect=dialect)
    assert printed == [digest(peers.random_bytes(50000, 7))]


@BASICS
def test_cancelled(interpreter, dialect):
    _, tcp = streams(interpreter, "cancelled", COUNT, dialect=dialect)
    end = b"the end"
    front = peers.program_bytes(COUNT, 3)[: tcp.counts[0] - len(end)]
    assert tcp.digests == [digest(front + end)]
    assert len(front) < COUNT


@BASICS
def test_refused(interpreter, dialect):
    with peers.refusing() as port, end_to_end.module(interpreter, dialect=dialect) as module:
        module.run("asyncio_streams", "refused", port, "nowhere.example")


def test_context_lost(interpreter):
    streams(interpreter, "context_lost", options=["--fault", "pdpdeact:2"])


@BASICS
def test_restart(interpreter, dialect):
    streams(interpreter, "again", dialect=dialect)


@BASICS
def test_asleep(interpreter, dialect):
    _, tcp = streams(interpreter, "asleep", 500, dialect=dialect)
    assert tcp.digests == [digest(peers.program_bytes(500, 3))]


@BASICS
def test_closing(interpreter, dialect):
    _, tcp = streams(interpreter, "closing", 3000, dialect=dialect, options=["--latency", "20"])
    assert tcp.digests == [digest(peers.program_bytes(3000, 3))]


@BASICS
def test_runs(interpreter, dialect):
    _, tcp = streams(interpreter, "runs", dialect=dialect)
    assert tcp.digests == [digest(b"first,second,third.")]
