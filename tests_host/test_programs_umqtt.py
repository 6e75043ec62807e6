"""umqtt.simple and umqtt.robust, unmodified, over the driver, with mosquitto as the broker."""

import contextlib
import re
import socketserver
import threading

import end_to_end
import end_to_end_daemons
import others
import pytest

pytestmark = pytest.mark.interpreters("unix")

SIMPLE = ["micropython-umqtt.simple"]
ROBUST = ["micropython-umqtt.robust", "micropython-umqtt.simple"]
DIALECTS = ["bg95", "bc25", "bc95"]


def module(interpreter, broker, dialect):
    """A virtual module that knows the broker."""
    host = "broker.example=127.0.0.1:%d" % broker.port
    return end_to_end.module(interpreter, "--host", host, dialect=dialect)


@contextlib.contextmanager
def orders(broker):
    """A TCP server that stops and starts the broker as the program says; yields its port."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            word = self.rfile.readline().decode().strip()
            {"stop": broker.stop, "start": broker.start}[word]()
            self.wfile.write(b"done\n")

    with socketserver.TCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("qos", [0, 1])
def test_publish_and_subscribe(interpreter, dialect, qos, tmp_path):
    with end_to_end_daemons.broker(tmp_path) as broker:
        with module(interpreter, broker, dialect) as modem:
            others.run(modem, SIMPLE, "umqtt_client", "talk", qos)
    assert "Received PUBLISH from one (d0, q%d" % qos in broker.said()


@pytest.mark.parametrize("qos", [0, 1])
def test_two_clients(interpreter, qos, tmp_path):
    with end_to_end_daemons.broker(tmp_path) as broker:
        with module(interpreter, broker, "bg95") as modem:
            others.run(modem, SIMPLE, "umqtt_client", "several", qos)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_check_and_ping(interpreter, dialect, tmp_path):
    with end_to_end_daemons.broker(tmp_path) as broker:
        with module(interpreter, broker, dialect) as modem:
            others.run(modem, SIMPLE, "umqtt_client", "idle")
    assert "Received PINGREQ from one" in broker.said()


def test_last_will(interpreter, tmp_path):
    with end_to_end_daemons.broker(tmp_path) as broker:
        with module(interpreter, broker, "bg95") as modem:
            others.run(modem, SIMPLE, "umqtt_client", "will")


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("scenario", ["waiting", "publishing"])
def test_the_broker_restarts(interpreter, dialect, scenario, tmp_path):
    with end_to_end_daemons.broker(tmp_path) as broker, orders(broker) as port:
        with module(interpreter, broker, dialect) as modem:
            others.run(modem, ROBUST, "umqtt_client", scenario, port)
    # The client of before: c0 is a session that goes on.
    assert re.search(r"as robust \(p\d, c0,", broker.said())
