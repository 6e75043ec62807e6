"""The programs of boards/examples, each over the virtual module, against peers on loopback.

Those that import what only MicroPython has (`requests`, `tls`, `umqtt`) run on its unix port, the
others on CPython too.
"""

import calendar
import contextlib
import http.client
import http.server
import json
import re
import socket
import struct
import subprocess
import threading
import types

import end_to_end
import end_to_end_daemons
import end_to_end_peers as peers
import end_to_end_tls
import interpreters
import others
import pytest
import recording_broker
from lockstep_module import lockstep
from support import ports
from test_first_program import PAGE, Handler, web_server

EXAMPLES = interpreters.TOP / "boards" / "examples"
ANYWHERE = pytest.mark.interpreters("cpython", "unix")
MICROPYTHON = pytest.mark.interpreters("unix")
# What the others import: no programs.
INNER = ("flash_log", "flash_queue", "node", "online", "publisher", "uplink", "watch")
NAME = "here.example"
# The module of a Pico LTE is none that the virtual module can be.
BOARDS = [entry[:2] for entry in ports.BOARDS if entry[0] != "pico_lte"]


@contextlib.contextmanager
def example(interpreter, name, *args, port=1, path=(), dialect="bg95", options=(), board=None):
    """A program that runs while the test does its part: its Popen. NAME leads to `port`.
    `board`: the folder and the machine of one of ports.BOARDS, in place of a PC."""
    host = ["--host", "%s=127.0.0.1:%d" % (NAME, port)]
    program = EXAMPLES / (name + ".py")
    if board:
        args = (*board, program, *args)
        program = interpreters.HERE / "programs" / "on_board.py"
        path = (*path, interpreters.SUPPORT)
    with end_to_end.module(interpreter, *host, *options, dialect=dialect) as module:
        words, environ = interpreters.command(
            interpreter,
            program,
            args,
            [*interpreters.board_path(interpreter), *path],
            {"MODEM": module.modem, "MODULE": module.model},
            heap="8M",
        )
        process = subprocess.Popen(
            words,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        watchdog = threading.Timer(end_to_end.LIMIT, process.kill)
        watchdog.start()
        try:
            yield process
        finally:
            watchdog.cancel()
            process.kill()
            process.wait()
            process.stdout.close()


def ended(process):
    """What the program printed, once it has come to its end without an error."""
    printed = process.communicate()[0]
    assert process.returncode == 0, printed
    return printed.splitlines()


def run(interpreter, name, *args, **options):
    """Run a program that needs nothing of the test but its peer; what it printed."""
    with example(interpreter, name, *args, **options) as process:
        return ended(process)


# ---- the web ----


@MICROPYTHON
def test_http_client(interpreter):
    with web_server() as port:
        printed = run(interpreter, "http_client", "http://%s/" % NAME, port=port)
    assert printed[1:] == ["200 OK", PAGE.decode().strip(), ""]


@contextlib.contextmanager
def secure_web_server(context):
    """test_first_program's server over TLS; yields the port."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return end_to_end_tls.Certificates(tmp_path_factory.mktemp("certificates"))


@MICROPYTHON
def test_http_client_over_tls(interpreter, certificates):
    with secure_web_server(certificates.good(NAME)) as port:
        printed = run(interpreter, "http_client", "https://%s/" % NAME, port=port)
    assert printed[1:] == ["200 OK", PAGE.decode().strip(), ""]


@MICROPYTHON
def test_https_client(interpreter, certificates):
    with secure_web_server(certificates.good(NAME)) as port:
        printed = run(interpreter, "https_client", NAME, certificates.trusted, port=port)
    assert printed[1].startswith("talking TLSv1.")
    assert printed[2] == "HTTP/1.0 200 OK"
    assert printed[-1] == PAGE.decode().strip()


@MICROPYTHON
@pytest.mark.parametrize("kind", ["a wrong name", "a stranger"])
def test_https_client_believes_nobody_else(interpreter, certificates, kind):
    context = certificates.good("x.example") if "name" in kind else certificates.untrusted()
    with secure_web_server(context) as port:
        words = (interpreter, "https_client", NAME, certificates.trusted)
        with example(*words, port=port) as process:
            printed = process.communicate()[0]
    assert process.returncode == 1
    assert "certificate" in printed.lower() and "HTTP/" not in printed


def fetch(port, path):
    """A page of the program's server, once it listens: (status, type, body)."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=end_to_end.LIMIT)
    with contextlib.closing(connection):
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.getheader("Content-Type"), response.read()


def wait_for(process, pattern):
    """Read what the program prints up to the first line that matches."""
    seen = []
    for line in process.stdout:
        seen.append(line)
        if re.search(pattern, line):
            return
    raise AssertionError("never printed %r:\n%s" % (pattern, "".join(seen)))


@ANYWHERE
def test_web_server(interpreter):
    port = peers.free_port()
    with example(interpreter, "web_server", port, 5) as process:
        wait_for(process, r"^http://[\d.]+:%d/$" % port)
        status, kind, body = fetch(port, "/")
        assert (status, kind) == (200, "text/html")
        assert b"<h1>BG95-S5</h1>" in body
        status, kind, body = fetch(port, "/status.json")
        assert (status, kind) == (200, "application/json")
        assert json.loads(body).keys() == {"rssi", "seconds"}
        assert fetch(port, "/nothing")[0] == 404
        # Clients that do not behave harm nobody else. One that says nothing and leaves is not
        # always seen by `accept`, so this one says something.
        with socket.create_connection(("127.0.0.1", port), end_to_end.LIMIT) as cut:
            cut.sendall(b"GET /sta")
        with socket.create_connection(("127.0.0.1", port), end_to_end.LIMIT) as rude:
            rude.sendall(b"\xff\xfe nonsense\r\n\r\n")
            assert b" 400 Bad Request" in rude.makefile("rb").readline()
        ended(process)


# ---- MQTT ----


@pytest.fixture
def broker(tmp_path):
    with end_to_end_daemons.broker(tmp_path) as running:
        yield running


@MICROPYTHON
def test_mqtt(interpreter, broker):
    """What the one program publishes the other prints."""
    options = {"port": broker.port, "path": [others.command("micropython-umqtt.simple")]}
    words = (interpreter, "mqtt_subscriber", NAME, 1883, "quectel/#", 3)
    with example(*words, **options) as subscriber:
        wait_for(subscriber, "^subscribed to")
        words = (interpreter, "mqtt_publisher", NAME, 1883, "quectel/rssi", 3, 0.01)
        published = run(*words, **options)[1:]
        received = ended(subscriber)
    assert [line.split()[:2] for line in published] == [["published", n] for n in "123"]
    assert received == [line.replace("published", "quectel/rssi") for line in published]


# ---- readings by way of the flash ----


UMQTT = "micropython-umqtt.simple"
TOPIC = "a/b"


def telemetry(interpreter, broker, folder, *args, **options):
    """mqtt_telemetry.py; its arguments from COUNT on, without the folder."""
    count, seconds, *limit = args
    words = (interpreter, "mqtt_telemetry", NAME, 1883, TOPIC, count, seconds, folder, *limit)
    return example(*words, port=broker.port, path=[others.command(UMQTT)], **options)


@pytest.fixture
def recording():
    broker = recording_broker.Broker(end_to_end.LIMIT)
    with contextlib.closing(broker):
        yield broker


def numbers(broker):
    """The numbers of the readings, as they came; a number has one reading."""
    parted = [message.split() for message in broker.messages(TOPIC)]
    assert len(set(map(tuple, parted))) == len({number for number, _ in parted})
    return [int(number) for number, _ in parted]


def stored(printed):
    return [int(line.split()[1]) for line in printed if line.startswith("stored")]


@MICROPYTHON
def test_mqtt_telemetry(interpreter, broker, tmp_path):
    """With a broker as they are used, and a subscriber."""
    options = {"port": broker.port, "path": [others.command(UMQTT)]}
    with example(interpreter, "mqtt_subscriber", NAME, 1883, TOPIC, 3, **options) as subscriber:
        wait_for(subscriber, "^subscribed to")
        with telemetry(interpreter, broker, tmp_path / "queue", 3, 0.01) as process:
            printed = ended(process)
        received = ended(subscriber)
    assert stored(printed) == [1, 2, 3]
    assert printed[-1] == "the broker has all"
    assert [line.split()[:2] for line in received] == [[TOPIC, n] for n in "123"]


@MICROPYTHON
def test_mqtt_telemetry_over_losses_of_power(interpreter, recording, tmp_path):
    """The program is killed again and again: each reading that it has stored comes."""
    last = 0
    for turn in range(3):
        with telemetry(interpreter, recording, tmp_path / "queue", 0, 0.01) as process:
            recording.wait_for(20 * turn + 10)
            process.kill()
            last = max([last, *stored(process.stdout.read().splitlines())])
    with telemetry(interpreter, recording, tmp_path / "queue", 1, 0.01) as process:
        printed = ended(process)
    last = max(last, *stored(printed))
    assert sorted(set(numbers(recording))) == list(range(1, last + 1))


@MICROPYTHON
def test_mqtt_telemetry_says_the_same_again(interpreter, recording, tmp_path):
    """A broker that goes away with what it has not acknowledged yet gets that again."""
    recording.silent = 1
    with telemetry(interpreter, recording, tmp_path / "queue", 3, 0.01) as process:
        printed = ended(process)
    assert any(line.startswith("connection lost") for line in printed)
    assert numbers(recording) == [1, 1, 2, 3]


@MICROPYTHON
def test_mqtt_telemetry_with_a_full_queue(interpreter, recording, tmp_path):
    nobody = types.SimpleNamespace(port=peers.free_port())
    with telemetry(interpreter, nobody, tmp_path / "queue", 0, 0.001, 2048) as process:
        wait_for(process, r"^the queue is full: \d\d+ dropped")
        process.kill()
        process.stdout.read()
    with telemetry(interpreter, recording, tmp_path / "queue", 1, 0.01, 2048) as process:
        printed = ended(process)
    found = numbers(recording)
    (last,) = stored(printed)
    assert found == list(range(found[0], last + 1))
    assert recording.messages(TOPIC + "/dropped") == [b"%d" % (found[0] - 1)]


@MICROPYTHON
@pytest.mark.parametrize("dialect", ["bg95", "bc25"])
def test_mqtt_telemetry_without_coverage(interpreter, dialect, recording, tmp_path):
    """In virtual time: the network is lost again and again, as often as that takes."""
    program = EXAMPLES / "mqtt_telemetry.py"
    with lockstep(["%s=127.0.0.1:%d" % (NAME, recording.port)]) as place:
        done = interpreters.run_program(
            interpreter,
            interpreters.HERE / "programs" / "on_lockstep.py",
            env={"LOCKSTEP": place},
            args=[program, end_to_end.MODELS[dialect], dialect, "outage:80,300"]
            + [NAME, 1883, TOPIC, 60, 10, tmp_path / "queue"],
            path=[interpreters.SUPPORT, others.command(UMQTT)],
            timeout=end_to_end.LIMIT,
        )
    printed = done.stdout.splitlines()
    assert done.returncode == 0, done.stdout
    assert stored(printed) == list(range(1, 61))
    assert sorted(set(numbers(recording))) == list(range(1, 61))
    assert sum(line.startswith("down: ") for line in printed) >= 2, done.stdout
    assert recording.connections > 2


# ---- datagrams and the time ----


def number_of(datagram):
    return str(json.loads(datagram)["number"]).encode()


@ANYWHERE
def test_udp_telemetry(interpreter):
    with peers.udp(number_of) as udp:
        printed = run(interpreter, "udp_telemetry", NAME, 5683, 3, 0, port=udp.port)
    assert printed[1:] == ["number %d: sent 1" % n for n in (1, 2, 3)] + ["0 of 3 lost"]


@ANYWHERE
@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board[1].replace(" ", "_"))
def test_on_every_board(interpreter, board):
    """By the board.py of each: the module is found, and an example does its work."""
    with peers.udp(number_of) as udp:
        words = (interpreter, "udp_telemetry", NAME, 5683, 2, 0)
        printed = run(*words, port=udp.port, board=board)
    assert printed[1:] == ["number 1: sent 1", "number 2: sent 1", "0 of 2 lost"]


@ANYWHERE
def test_udp_telemetry_sends_again(interpreter):
    """The first datagram is answered wrongly once, the second never."""
    wrong = [b"7"]

    def answer(datagram):
        return wrong.pop() if wrong else b"1"

    with peers.udp(answer) as udp:
        words = (interpreter, "udp_telemetry", NAME, 5683, 2, 0, 3)
        printed = run(*words, port=udp.port)
    # Where this machine is slow, the right answer may be late, too.
    assert printed[1] in ("number 1: sent 2", "number 1: sent 3")
    assert printed[2:] == ["number 2: lost", "1 of 2 lost"]


def first_word(datagram):
    return datagram.split()[0]


COSTS = r"number (\d): answered; (\d+) exchanges, \d+\.\d\d s awake"


@ANYWHERE
@pytest.mark.parametrize("dialect", sorted(end_to_end.MODELS))
def test_battery_node(interpreter, dialect):
    """A module that sleeps by its UART goes on with the socket; where only a pin would wake it,
    each message begins with the radio off."""
    with peers.udp(first_word) as udp:
        words = (interpreter, "battery_node", NAME, 5683, 4, 0)
        printed = run(*words, port=udp.port, dialect=dialect)
    assert printed[-1] == "0 of 4 lost"
    exchanges = [int(re.fullmatch(COSTS, line).group(2)) for line in printed[:-1]]
    assert len(exchanges) == 4
    if dialect in ("bg95", "rm500u"):
        assert all(10 < count < 40 for count in exchanges)
    else:
        assert all(count < 8 for count in exchanges[1:])


@ANYWHERE
def test_battery_node_after_a_loss(interpreter):
    """Nobody answers the second message: it is lost, and the third begins anew."""
    lost = []

    def answer(datagram):
        if datagram.startswith(b"2 "):
            lost.append(datagram)
            return b"1"
        return first_word(datagram)

    with peers.udp(answer) as udp:
        words = (interpreter, "battery_node", NAME, 5683, 3, 0, 2)
        printed = run(*words, port=udp.port, dialect="bc25")
    assert printed[1].startswith("number 2: lost, ")
    assert re.fullmatch(COSTS, printed[2])
    assert printed[-1] == "1 of 3 lost"
    assert len(lost) == 2


def time_answer(datagram):
    """Of a time server (RFC 5905) at which it is always 12:34:56 on 20 November 2026."""
    seconds = calendar.timegm((2026, 11, 20, 12, 34, 56)) + 2208988800
    stamps = datagram[40:48] + struct.pack(">II", seconds, 0) * 2
    return struct.pack(">BBBb", 0x24, 1, 0, -20) + bytes(20) + stamps


@ANYWHERE
def test_ntp_clock(interpreter):
    with peers.udp(time_answer) as server:
        printed = run(interpreter, "ntp_clock", NAME, 2, server.port, port=server.port)
    assert printed[1] == "2026-11-20, says " + NAME
    assert re.fullmatch(r"(12:3\d:\d\d UTC ){2}module: 2026-11-20 12:3.*", " ".join(printed[2:]))
    assert "12:34:56" <= printed[2] < printed[3]


# ---- the logger ----


class Collector:
    """A server for the logger: keeps what comes, acknowledges; drops its first connections."""

    def __init__(self, drops=0):
        self.received = []  # numbers in the order in which they came, repetitions left out
        self.connections = 0
        self._drops = drops
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            # One connection at a time: what an old one has still to say comes before the new one.
            with connection, contextlib.suppress(OSError):
                connection.settimeout(end_to_end.LIMIT)
                self._talk(connection)

    def _talk(self, connection):
        for count, line in enumerate(connection.makefile("rb"), 1):
            if not line.endswith(b"\n"):
                return  # cut off
            number = int(line.split()[0])
            if number not in self.received:
                self.received.append(number)
            if count == 5 and self._drops:
                self._drops -= 1
                return  # without an acknowledgement
            connection.sendall(b"%d\n" % number)

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(end_to_end.LIMIT)


def log(interpreter, count, drops=0, **options):
    """Run the logger; its output, and the Collector that has all that it stored."""
    collector = Collector(drops)
    with contextlib.closing(collector):
        words = (interpreter, "logger", NAME, 4000, count, 20)
        printed = run(*words, port=collector.port, **options)
    stored = [int(line.split()[1]) for line in printed if line.startswith("stored")]
    assert printed[-1] == "all is acknowledged"
    assert stored == collector.received == list(range(1, count + 1))
    return printed, collector


@ANYWHERE
def test_logger(interpreter):
    printed, collector = log(interpreter, 20)
    assert collector.connections == 1
    assert not any("lost" in line for line in printed)


@ANYWHERE
@pytest.mark.parametrize("dialect", ["bg95", "bc25"])
def test_logger_without_coverage(interpreter, dialect):
    """The network is lost, once or more often; readings are stored meanwhile, and arrive."""
    # 15 commands bring the module up; 200 readings are 10 exchanges at the very least.
    options = ["--fault", "outage:30,1"]
    printed, collector = log(interpreter, 200, dialect=dialect, options=options)
    assert collector.connections >= 2
    lost = [at for at, line in enumerate(printed) if line.startswith("connection lost")]
    found = [at for at, line in enumerate(printed) if line.startswith("looking for the network")]
    # The first is the program's beginning. A BC25 attaches again by itself.
    assert len(found) >= (2 if dialect == "bg95" else 1)
    # Between the loss and what comes of it the loop goes on.
    assert any(line.startswith("stored") for line in printed[lost[0] :])


@ANYWHERE
@pytest.mark.parametrize("further", [1, 8, 60])
def test_logger_when_the_module_restarts(interpreter, further):
    """So many bytes after the word that the connection is open: before the prompt of the first
    QISEND, in its SEND OK, and with the acknowledgement."""
    fault = "reboot-at:%d,+QIOPEN: 0,0" % (len("\r\n") + further)
    _, collector = log(interpreter, 10, options=["--fault", fault])
    assert collector.connections == 2


@ANYWHERE
def test_logger_when_the_server_goes_away(interpreter):
    _, collector = log(interpreter, 40, drops=2)
    assert collector.connections == 3


# ---- all of them ----


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.name)
def test_every_example_is_short_tested_and_described(path):
    source = path.read_text(encoding="utf-8")
    assert source.count("\n") < 95
    readme = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    assert "`%s`" % path.name in readme
    # Nothing else of a board, so that every board.py will do.
    assert set(re.findall(r"\bboard\.(\w+)", source)) <= {"modem", "APN"}
    if path.stem in INNER:
        return
    with open(__file__, encoding="utf-8") as file:
        assert '"%s"' % path.stem in file.read(), "no test"
    usage = re.search(r"^    %s (.*)$" % path.name, source, re.M).group(1)
    assert "| `%s` | `%s` |" % (path.name, usage) in readme
