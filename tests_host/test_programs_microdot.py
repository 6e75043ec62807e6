"""microdot, unmodified, as a web server over the driver: several clients at once."""

import concurrent.futures
import contextlib
import http.client
import socket

import end_to_end
import end_to_end_peers as peers
import others
import pytest

pytestmark = pytest.mark.interpreters("unix")

HOST = "127.0.0.1"
LIMIT = 600  # seconds: ends only what hangs
BODY = bytes(range(256)) * 20


@contextlib.contextmanager
def ready_port():
    """A listening socket that the program tells when its server is there."""
    with socket.create_server((HOST, 0)) as server:
        server.settimeout(LIMIT)
        yield server


def ask(port, method, path, body=None):
    """One request of one client: status and body of the answer."""
    connection = http.client.HTTPConnection(HOST, port, timeout=LIMIT)
    connection.connect()
    with connection.sock.dup() as sock, contextlib.closing(connection):
        connection.request(method, path, body)
        answer = connection.getresponse()
        body = answer.read()
        # The module has few connectIDs: this one is free when the server has closed it, too.
        assert sock.recv(1) == b""
        return answer.status, body


def stop(port):
    """Have the program end; microdot then does not stay for its answer."""
    with socket.create_connection((HOST, port), LIMIT) as client:
        client.sendall(b"GET /stop HTTP/1.0\r\n\r\n")


def at_once(pool, port, requests):
    """The answers to these requests, each by a client of its own, all at the same time."""
    futures = [pool.submit(ask, port, *request) for request in requests]
    return [future.result() for future in futures]


def visit(port, together):
    """What `together` clients at once get, whatever they want."""
    with concurrent.futures.ThreadPoolExecutor(together) as pool:
        everybody = range(together)
        # No page of these is given before all have been asked for.
        met = at_once(pool, port, [("GET", "/together/%d" % i) for i in everybody])
        assert met == [(200, b"%d of %d" % (i, together)) for i in everybody]
        long = at_once(pool, port, [("GET", "/long/%d" % (20000 + 10 * i)) for i in everybody])
        assert long == [(200, b"0123456789" * (2000 + i)) for i in everybody]
        echoed = at_once(pool, port, [("POST", "/echo", BODY[i:]) for i in everybody])
        assert echoed == [(200, BODY[i:]) for i in everybody]
        for i in range(20):
            assert ask(port, "GET", "/?name=%d" % i) == (200, b"hello %d" % i)
        assert ask(port, "GET", "/nothing")[0] == 404


@pytest.mark.parametrize("dialect", ["bg95", "bc25", "bc95"])
def test_three_clients_at_once(interpreter, dialect):
    own = peers.free_port()
    with ready_port() as ready, end_to_end.module(interpreter, dialect=dialect) as module:
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            port = ready.getsockname()[1]
            args = ["serve", own, port, 3]
            program = pool.submit(others.run, module, ["microdot"], "microdot_server", *args)
            # A program that ends too early must not be waited for.
            program.add_done_callback(lambda _: socket.create_connection((HOST, port)).close())
            with ready.accept()[0] as caller:
                is_ready = caller.makefile().readline() == "ready\n"
            if is_ready:
                try:
                    visit(own, 3)
                finally:
                    stop(own)
            assert program.result() == []  # microdot prints what goes wrong in it
