"""TLS over the driver's sockets: verified certificates, small reads, and errors of all kinds.

The programs do TLS in the interpreter and the driver's sockets carry its bytes. The server is
CPython's `ssl` on loopback, with certificates that are made for the test. The WebAssembly port
has no TLS. On CPython, whose `ssl` does not take the driver's sockets, the TLS is done in memory:
there only what waits is run, since what polls or times out would test the stand-in.
"""

import concurrent.futures
import contextlib
import hashlib
import socket
import ssl
import threading

import end_to_end
import end_to_end_peers
import end_to_end_tls as peers
import pytest
from test_end_to_end_trouble import is_front

MEGABYTE = 1 << 20
ANYWHERE = pytest.mark.interpreters("cpython", "unix")
MICROPYTHON = pytest.mark.interpreters("unix")


def digest(count):
    """Of what a server sends for the seed 7."""
    return hashlib.sha256(end_to_end_peers.random_bytes(count, 7)).hexdigest()


@contextlib.contextmanager
def hanging_up():
    """A server that accepts one connection, reads the hello, and closes; yields the port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            connection, _ = server.accept()
            with connection:
                connection.recv(1)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        thread.join(20)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return peers.Certificates(tmp_path_factory.mktemp("certificates"))


def run(interpreter, certificates, scenario, *args, **options):
    """Run `scenario` against a server with a good certificate or options' context; what it
    printed, and the server."""
    program = options.pop("program", "tls_client")
    context = options.pop("context", None) or certificates.good()
    vmodule = options.pop("vmodule", ())
    with peers.server(context) as server:
        with end_to_end.module(interpreter, *vmodule, **options) as module:
            printed = module.run(program, scenario, server.port, certificates.trusted, *args)
    return printed, server


# ---- whom it believes ----


@ANYWHERE
@pytest.mark.parametrize("dialect", ["bg95", "bc25"])
def test_good_certificate(interpreter, certificates, dialect):
    _, server = run(interpreter, certificates, "hello", dialect=dialect)
    assert server.handshakes == [None, None]


def refused(interpreter, certificates, context, name, **options):
    printed, server = run(interpreter, certificates, "refused", name, context=context, **options)
    assert "certificate" in server.outcome() or "ca" in server.outcome()  # the alert it got
    return " ".join(printed).lower()


@ANYWHERE
@pytest.mark.parametrize("dialect", ["bg95", "bc25"])
def test_wrong_name(interpreter, certificates, dialect):
    context = certificates.good("right.example")
    said = refused(interpreter, certificates, context, peers.NAME, dialect=dialect)
    assert "match" in said or "mismatch" in said
    run(interpreter, certificates, "believed", "right.example", context=context, dialect=dialect)


@ANYWHERE
@pytest.mark.parametrize("dialect", ["bg95", "bc25"])
def test_untrusted_issuer(interpreter, certificates, dialect):
    context = certificates.untrusted()
    said = refused(interpreter, certificates, context, peers.NAME, dialect=dialect)
    assert "trusted" in said or "issuer" in said


@ANYWHERE
def test_expired(interpreter, certificates):
    """MicroPython's unix port knows the time, and its mbedtls looks at it."""
    said = refused(interpreter, certificates, certificates.expired(), peers.NAME)
    assert "expired" in said


# ---- data ----


@ANYWHERE
@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_megabyte_there(interpreter, certificates, version):
    context = certificates.good(version=version)
    run(interpreter, certificates, "there", MEGABYTE, context=context)


@ANYWHERE
@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_megabyte_back(interpreter, certificates, version):
    context = certificates.good(version=version)
    printed, _ = run(interpreter, certificates, "back", MEGABYTE, 7, context=context)
    assert printed == [digest(MEGABYTE)]


@MICROPYTHON
def test_megabyte_on_bc25(interpreter, certificates):
    run(interpreter, certificates, "there", MEGABYTE, dialect="bc25")
    printed, _ = run(interpreter, certificates, "back", MEGABYTE, 7, dialect="bc25")
    assert printed == [digest(MEGABYTE)]


# ---- what it costs ----


def cost(interpreter, context, trusted, dialect):
    """(version, QISEND, QIRD, bytes there, bytes back) of one handshake, which are printed."""
    with peers.server(context) as server:
        with end_to_end.module(interpreter, dialect=dialect) as module:
            printed = module.run("tls_client", "cost", server.port, trusted)
    version, sent, reads, there, back = printed[0].split()
    print(
        "%s, %s: %s QISEND, %s QIRD, %s and %s bytes"
        % (dialect, version, sent, reads, there, back)
    )
    return version, int(sent), int(reads), int(there), int(back)


@MICROPYTHON
@pytest.mark.parametrize("dialect", ["bg95", "bc25"])
@pytest.mark.parametrize("version, sends", [("TLSv1_2", 4), ("TLSv1_3", 3)])
def test_handshake_costs_few_exchanges(interpreter, certificates, dialect, version, sends):
    """mbedtls reads 1, 4, 5 and 28 bytes at a time, and the staging makes few reads of them.

    QISEND: one for each write of mbedtls. QIRD: one or two flights of the server, each below a
    read's 1500 bytes on BG95-S5 and below two of 512 on BC25, and a look whether there is more."""
    context = certificates.good(version=version)
    talked, sent, reads, _, _ = cost(interpreter, context, certificates.trusted, dialect)
    assert talked == version.replace("_", "")
    assert sent == sends
    assert reads <= 6  # a flight may come in pieces


@MICROPYTHON
@pytest.mark.parametrize("dialect, most", [("bg95", 1500), ("bc25", 512)])
def test_handshake_with_a_chain(interpreter, certificates, dialect, most):
    """A flight of several reads: as many as its bytes want, and some for pieces."""
    context = certificates.chain()
    _, sent, reads, _, back = cost(interpreter, context, certificates.root, dialect)
    assert sent == 3
    assert reads <= back // most + 5


# ---- without waiting ----


@MICROPYTHON
@pytest.mark.parametrize("dialect", ["bg95", "bc25"])
@pytest.mark.parametrize("scenario, args", [("rounds", [20]), ("several", [20000])])
def test_polled(interpreter, certificates, scenario, args, dialect):
    run(interpreter, certificates, scenario, *args, program="tls_polled", dialect=dialect)


@MICROPYTHON
def test_polled_back(interpreter, certificates):
    printed, _ = run(interpreter, certificates, "back", 200000, 7, program="tls_polled")
    assert printed == [digest(200000)]


@MICROPYTHON
@pytest.mark.parametrize("dialect", ["bg95", "bc25"])
@pytest.mark.parametrize("scenario, args", [("at_once", [5000]), ("back", [100000, 7])])
def test_streams_of_asyncio(interpreter, certificates, scenario, args, dialect):
    printed, _ = run(
        interpreter, certificates, scenario, *args, program="tls_streams", dialect=dialect
    )
    assert printed == ([digest(100000)] if scenario == "back" else [])


# ---- what goes wrong ----


def trouble(interpreter, certificates, scenario, *args, **options):
    return run(interpreter, certificates, scenario, *args, program="tls_trouble", **options)


@MICROPYTHON
@pytest.mark.parametrize("dialect", ["bg95", "bc25"])
def test_timeout_in_the_middle_of_a_record(interpreter, certificates, dialect):
    printed, _ = trouble(interpreter, certificates, "timeout_reading", 15000, 7, dialect=dialect)
    assert printed == [digest(15000)]


@MICROPYTHON
def test_timeout_while_writing(interpreter, certificates):
    printed, server = trouble(interpreter, certificates, "timeout_writing")
    assert printed == [server.kept()]


@MICROPYTHON
def test_timeout_of_a_handshake(interpreter, certificates):
    # The system accepts; nobody ever reads.
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with end_to_end.module(interpreter) as module:
            module.run("tls_trouble", "timeout_shaking", port, certificates.trusted)


@MICROPYTHON
def test_peer_closes(interpreter, certificates):
    printed, _ = trouble(interpreter, certificates, "ends", 40000, 7)
    assert printed == [digest(40000)]


@MICROPYTHON
def test_peer_goes_without_a_word(interpreter, certificates):
    printed, _ = trouble(interpreter, certificates, "gone", 40000, 7)
    assert printed == [digest(40000)]


@MICROPYTHON
def test_peer_breaks_off_in_a_record(interpreter, certificates):
    trouble(interpreter, certificates, "cut", 15000, 7)


@ANYWHERE
def test_peer_that_hangs_up(interpreter, certificates):
    with hanging_up() as port, end_to_end.module(interpreter) as module:
        module.run("tls_client", "hangs_up", port, certificates.trusted)


@MICROPYTHON
@pytest.mark.parametrize("dialect", ["bg95", "bc25"])
def test_restart_in_a_transfer(interpreter, certificates, dialect):
    printed, _ = trouble(
        interpreter,
        certificates,
        "restart_reading",
        100000,
        7,
        vmodule=["--fault", "reboot:40000"],
        dialect=dialect,
    )
    front, whole = printed
    assert is_front(front, end_to_end_peers.random_bytes(100000, 7))
    assert whole == digest(100000)


@MICROPYTHON
@pytest.mark.parametrize("further", [1, 12, 400])
def test_restart_in_a_handshake(interpreter, certificates, further):
    """Just before, at the beginning of, and within the server's answer to the hello."""
    fault = "reboot-at:%d,+QIRD: " % (further - 8)
    trouble(interpreter, certificates, "restart_shaking", vmodule=["--fault", fault])


# ---- servers ----


def visit(port, trusted, count):
    """A client of the program's server, which must echo `count` lines."""
    context = ssl.create_default_context(cafile=trusted)
    with socket.create_connection(("127.0.0.1", port), end_to_end.LIMIT) as raw:
        with context.wrap_socket(raw, server_hostname=peers.NAME) as client:
            stream = client.makefile("rwb")
            assert stream.readline() == b"hello\n"
            for number in range(count):
                line = b"%d " % number * 100 + b"\n"
                stream.write(line)
                stream.flush()
                assert stream.readline() == line


def believing(does):
    """A context in which a client does, or does not, believe the server."""
    return contextlib.nullcontext() if does else pytest.raises(ssl.SSLCertVerificationError)


@MICROPYTHON
@pytest.mark.parametrize("dialect", ["bg95", "bc25"])
def test_server(interpreter, certificates, tmp_path, dialect):
    """Clients of a TLS server on the listener: two that it serves, and before them one that does
    not believe it, which harms nobody."""
    port = end_to_end_peers.free_port()
    folder = certificates.for_server(tmp_path)
    (tmp_path / "stranger").mkdir()
    stranger = peers.Certificates(tmp_path / "stranger").trusted
    with end_to_end_peers.tcp() as tcp, end_to_end.module(interpreter, dialect=dialect) as module:
        with concurrent.futures.ThreadPoolExecutor() as pool:
            running = pool.submit(module.run, "tls_server", "echo", port, folder, 3, tcp.port)
            for trusted in (stranger, certificates.trusted, certificates.trusted):
                assert tcp.released.wait(end_to_end.LIMIT)
                tcp.released.clear()
                with believing(trusted != stranger):
                    visit(port, trusted, 20)
            (printed,) = running.result()
    assert printed.startswith("refused:")
