"""Programs that no registry has: ours make the same calls, against a real broker and web server.

They are ntptime, aiohttp and mqtt_as; and whatever waits with select.
"""

import contextlib
import hashlib
import socket
import threading

import end_to_end
import end_to_end_daemons
import end_to_end_peers as peers
import pytest

pytestmark = pytest.mark.interpreters("unix")

DIALECTS = ["bg95", "bc25", "bc95"]
SECONDS = 3_989_155_200  # of NTP's first era


@contextlib.contextmanager
def time_server():
    """An NTP server whose time stands still; yields its port."""
    with socket.socket(type=socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))

        def serve():
            while True:
                query, peer = server.recvfrom(100)
                if not query:
                    return
                stamp = SECONDS.to_bytes(4, "big") + bytes(4)
                server.sendto(b"\x24\x01" + bytes(38) + stamp, peer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            with socket.socket(type=socket.SOCK_DGRAM) as last:
                last.sendto(b"", server.getsockname())
            thread.join()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_ntptime(interpreter, dialect):
    with time_server() as port:
        host = "time.example=127.0.0.1:%d" % port
        with end_to_end.module(interpreter, "--host", host, dialect=dialect) as module:
            module.run("same_calls", "ntptime", SECONDS)


@pytest.mark.parametrize("secure", [0, 1])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_aiohttp(interpreter, dialect, secure, tmp_path):
    with end_to_end_daemons.web(tmp_path, "secure.example") as web:
        content = bytes(i * 31 >> 3 & 255 for i in range(20000))
        (web.pages / "page.txt").write_bytes(content)
        options = ["--host", "web.example=127.0.0.1:%d" % web.http]
        options += ["--host", "secure.example=127.0.0.1:%d" % web.https]
        with end_to_end.module(interpreter, *options, dialect=dialect) as module:
            digest = hashlib.sha256(content).hexdigest()
            module.run("same_calls", "aiohttp", secure, len(content), digest)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_mqtt_as(interpreter, dialect, tmp_path):
    with end_to_end_daemons.broker(tmp_path) as broker:
        host = "broker.example=127.0.0.1:%d" % broker.port
        with end_to_end.module(interpreter, "--host", host, dialect=dialect) as module:
            module.run("same_calls", "mqtt_as", 30)
    assert "Received PUBACK from itself" in broker.said()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_select(interpreter, dialect):
    with peers.tcp() as tcp, end_to_end.module(interpreter, dialect=dialect) as module:
        module.run("same_calls", "select", tcp.port)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_wan_ok(interpreter, dialect):
    with peers.udp() as udp, end_to_end.module(interpreter, dialect=dialect) as module:
        module.run("same_calls", "wan_ok", udp.port)
