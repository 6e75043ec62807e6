"""Each dialect's servers: all the clients that a TCP LISTENER can have, a UDP SERVICE's peers."""

from concurrent.futures import ThreadPoolExecutor as Pool

import end_to_end
import end_to_end_clients as clients
import end_to_end_peers as peers
import pytest

LIMIT = end_to_end.LIMIT

# The connectIDs but the listener's own and the one that the driver keeps free.
CLIENTS = [("bc95", 4), ("bc92", 4), ("bg95", 10), ("bc25", 4), ("rm500u", 10)]


def verdicts(tcp, count):
    return [tcp.visits.get(timeout=LIMIT) for _ in range(count)]


@pytest.mark.parametrize("dialect, clients", CLIENTS)
def test_all_clients_at_once_and_one_more(interpreter, dialect, clients):
    own = peers.free_port()
    with peers.tcp() as tcp, end_to_end.module(interpreter, dialect=dialect) as module:
        module.run("servers", "listener", tcp.port, own, clients, 20000)
        assert verdicts(tcp, 2) == ["served"] * 2


@pytest.mark.parametrize("dialect", ["bc92", "rm500u"])
def test_number_of_clients(interpreter, dialect):
    own = peers.free_port()
    with peers.tcp() as tcp, end_to_end.module(interpreter, dialect=dialect) as module:
        module.run("servers", "limited", tcp.port, own, 2, 3000)
        assert verdicts(tcp, 1) == ["served"]


def test_what_keeps_clients_away(interpreter):
    with end_to_end.module(interpreter, dialect="rm500u") as module:
        module.run("servers", "barred", peers.free_port())


@pytest.mark.parametrize("dialect", [dialect for dialect, _ in CLIENTS])
def test_table_of_connections(interpreter, dialect):
    own = peers.free_port()
    with peers.tcp() as tcp, end_to_end.module(interpreter, dialect=dialect) as module:
        module.run("servers", "table", tcp.port, own)


@pytest.mark.parametrize("dialect", ["bg95", "rm500u", "bc92"])
def test_transparent_client(interpreter, dialect):
    own = peers.free_port()
    with peers.tcp() as tcp, end_to_end.module(interpreter, dialect=dialect) as module:
        module.run("servers", "transparent", tcp.port, own, 20000)
        assert verdicts(tcp, 1) == ["served"]


def test_direct_clients_in_turn(interpreter):
    own = peers.free_port()
    with end_to_end.module(interpreter, dialect="bc92") as module, Pool() as pool:
        told = pool.submit(clients.in_turn, own, 2, 20000)
        module.run("servers", "direct", own, 2, 20000)
        assert told.result(LIMIT) == ["served"] * 2


def test_direct_client_that_says_much_and_goes(interpreter):
    own = peers.free_port()
    with end_to_end.module(interpreter, dialect="bc92") as module, Pool() as pool:
        told = pool.submit(clients.leave_word, own, 30000)
        assert module.run("servers", "gone", own) == [told.result(LIMIT)]


def test_direct_client_that_nobody_accepts(interpreter):
    own = peers.free_port()
    with end_to_end.module(interpreter, dialect="bc92") as module, Pool() as pool:
        told = pool.submit(clients.turned_away, own)
        module.run("servers", "unwanted", own)
        assert told.result(LIMIT)


@pytest.mark.parametrize("dialect", ["bc95", "bc92", "bc20", "bc25"])
def test_servers_that_a_document_lacks(interpreter, dialect):
    with end_to_end.module(interpreter, dialect=dialect) as module:
        module.run("servers", "none", peers.free_port())


@pytest.mark.parametrize("mode", ["buffer", "push"])
@pytest.mark.parametrize("dialect", ["bg95", "rm500u"])
def test_service_with_two_peers(interpreter, dialect, mode):
    own = peers.free_port()
    with peers.tcp() as tcp, end_to_end.module(interpreter, dialect=dialect) as module:
        module.run("servers", "service", tcp.port, own, 100, mode)
        assert verdicts(tcp, 1) == ["served"]
