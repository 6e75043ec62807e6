"""asyncio on MicroPython's unix port over the virtual module: streams, servers, calls, TLS.

How long the event loop is held is judged in virtual time, by driver/test_aio_streams.py; here it
is only printed."""

import concurrent.futures
import hashlib
import socket
import ssl

import end_to_end
import end_to_end_peers as peers
import end_to_end_tls
import pytest
from test_programs_same_calls import time_server

pytestmark = pytest.mark.interpreters("unix")
BASICS = pytest.mark.parametrize("dialect", ["bg95", "bc25"])
COUNT = 200000
LIMIT = end_to_end.LIMIT


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
    with peers.tcp() as tcp, end_to_end.module(interpreter) as module:
        tcp.take_away = module.take_contexts_away
        module.run("asyncio_streams", "context_lost", tcp.port)


@BASICS
def test_restart(interpreter, dialect):
    streams(interpreter, "again", dialect=dialect)


@BASICS
def test_asleep(interpreter, dialect):
    _, tcp = streams(interpreter, "asleep", 500, dialect=dialect)
    assert tcp.digests == [digest(peers.program_bytes(500, 3))]


@BASICS
@pytest.mark.parametrize("fault", [[], ["--fault", "sendfail:2"]], ids=["", "sendfail"])
def test_closing(interpreter, dialect, fault):
    options = ["--latency", "100", *fault]
    _, tcp = streams(interpreter, "closing", 3000, dialect=dialect, options=options)
    assert tcp.digests == [digest(peers.program_bytes(3000, 3))]


@BASICS
def test_lost(interpreter, dialect):
    streams(interpreter, "lost", 1000, dialect=dialect, options=["--latency", "100"])


@BASICS
def test_runs(interpreter, dialect):
    _, tcp = streams(interpreter, "runs", dialect=dialect)
    assert tcp.digests == [digest(b"first,second,third.")]


# ---- servers ----


CLIENTS = pytest.mark.parametrize("dialect, clients", [("bg95", 10), ("bc25", 4)])


@CLIENTS
def test_server_with_all_clients(interpreter, dialect, clients):
    own = peers.free_port()
    with peers.tcp() as tcp, end_to_end.module(interpreter, dialect=dialect) as module:
        module.run("asyncio_servers", "clients", tcp.port, own, clients, 20000)
        assert [tcp.visits.get(timeout=LIMIT) for _ in range(2)] == ["served"] * 2


@BASICS
def test_server_whose_module_restarts(interpreter, dialect):
    own = peers.free_port()
    with peers.tcp() as tcp, end_to_end.module(interpreter, dialect=dialect) as module:
        module.run("asyncio_servers", "restarted", tcp.port, own, 1000)
        assert tcp.visits.get(timeout=LIMIT) == "served"


@BASICS
def test_datagrams(interpreter, dialect):
    with peers.udp() as udp, peers.udp() as other:
        with end_to_end.module(interpreter, dialect=dialect) as module:
            module.run("asyncio_servers", "datagrams", udp.port, other.port)


# ---- awaited calls ----


@pytest.mark.parametrize("dialect", ["bg95", "bc95", "bc25"])
def test_calls(interpreter, dialect):
    name, address = "some.example", "127.0.0.1"
    with peers.tcp() as tcp, time_server() as clock:
        hosts = ["%s=%s" % (name, address), "time.example=127.0.0.1:%d" % clock]
        options = [word for host in hosts for word in ("--host", host)]
        with end_to_end.module(interpreter, *options, dialect=dialect) as module:
            module.run("asyncio_calls", "calls", tcp.port, name, address, "time.example")


# ---- TLS ----


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return end_to_end_tls.Certificates(tmp_path_factory.mktemp("certificates"))


@BASICS
def test_tls_client(interpreter, dialect, certificates):
    with end_to_end_tls.server(certificates.good()) as server:
        with end_to_end.module(interpreter, dialect=dialect) as module:
            module.run("asyncio_tls", "client", server.port, certificates.trusted, 50000)


@BASICS
def test_tls_closing(interpreter, dialect, certificates):
    with end_to_end_tls.server(certificates.good()) as server:
        with end_to_end.module(interpreter, "--latency", "20", dialect=dialect) as module:
            server.released.set()
            module.run("asyncio_tls", "closing", server.port, certificates.trusted, 3000)
            assert server.kept() == "3000 " + digest(peers.program_bytes(3000, 3))


def visit(port, trusted, lines):
    """A client of the program's TLS server, which must echo each line."""
    context = ssl.create_default_context(cafile=trusted)
    with socket.create_connection(("127.0.0.1", port), LIMIT) as raw:
        with context.wrap_socket(raw, server_hostname=end_to_end_tls.NAME) as client:
            stream = client.makefile("rwb")
            for number in range(lines):
                line = b"%d " % number * 100 + b"\n"
                stream.write(line)
                stream.flush()
                assert stream.readline() == line


@BASICS
def test_tls_server(interpreter, dialect, certificates, tmp_path):
    own = peers.free_port()
    folder = certificates.for_server(tmp_path)
    with peers.tcp() as tcp, end_to_end.module(interpreter, dialect=dialect) as module:
        with concurrent.futures.ThreadPoolExecutor() as pool:
            running = pool.submit(module.run, "asyncio_tls", "server", tcp.port, own, folder, 3)
            assert tcp.released.wait(LIMIT)
            visits = [pool.submit(visit, own, certificates.trusted, 20) for _ in range(3)]
            for done in [*visits, running]:
                done.result()
