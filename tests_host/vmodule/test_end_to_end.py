"""The whole program: as a process, on a TCP port and on a pseudo-terminal, to real sockets."""

import os
import random
import signal
import socket
import struct
import subprocess
import sys
import threading

import pytest

from .endtoend import PATIENCE, ROOT, Echo, Line, Process

TCP = ("--tcp", "127.0.0.1:0")
MEGABYTE = random.Random(1).getrandbits(8 * 1_000_000).to_bytes(1_000_000, "big")


@pytest.fixture
def server():
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(PATIENCE)
        yield server


@pytest.fixture
def udp():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(PATIENCE)
        yield sock


def port(sock):
    return sock.getsockname()[1]


def pour(sock, data):
    """Sends until the other side does not want any more."""
    try:
        sock.sendall(data)
    except OSError:
        pass


def joined(thread):
    thread.join(PATIENCE)
    assert not thread.is_alive()


@pytest.mark.parametrize("front", [TCP, ("--pty",)], ids=["tcp", "pty"])
def test_a_megabyte_both_ways(front, server):
    got = bytearray()

    def serve():
        client, _ = server.accept()
        with client:
            sender = threading.Thread(target=client.sendall, args=(MEGABYTE,))
            sender.start()
            while len(got) < len(MEGABYTE):
                got.extend(client.recv(65536))
            sender.join()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    with Process(*front, "--host", "example.test=127.0.0.1:{}".format(port(server))) as address:
        line = Line(address)
        line.setup()
        assert line.open(0, "TCP", "example.test", 80) == 0
        read = bytearray()
        sent = 0
        while sent < len(MEGABYTE) or len(read) < len(MEGABYTE):
            piece = MEGABYTE[sent : sent + 1460]
            if piece and line.write(0, piece) == b"OK":
                sent += len(piece)
            read += line.read(0)[0]
        joined(thread)
        assert read == MEGABYTE
        assert got == MEGABYTE
        line.ask("AT+QICLOSE=0")
        line.close()


def test_awkward_payloads_come_back():
    echo = Echo()
    with Process(*TCP) as address:
        line = Line(address)
        line.setup()
        assert line.open(0, "TCP", "127.0.0.1", echo.port) == 0
        for data in (b"\r\nOK\r\n", b"\x1a", b"\x1b", b"+++", b'\r\n+QIURC: "closed",0\r\n',
                     bytes(range(256))):  # fmt: skip
            assert line.write(0, data) == b"OK"
            line.until(rb'\+QIURC: "recv",0\r\n')
            got = b""
            while len(got) < len(data):
                got += line.read(0)[0]
            assert got == data
        line.close()
    echo.close()


def test_closing_with_data_unread_loses_nothing_on_the_way_out(server):
    with Process(*TCP) as address:
        line = Line(address)
        line.setup()
        line.open(0, "TCP", "127.0.0.1", port(server))
        client, _ = server.accept()
        client.settimeout(PATIENCE)
        never_read = threading.Thread(target=pour, args=(client, MEGABYTE), daemon=True)
        never_read.start()
        line.until(rb'"recv",0\r\n')
        for _ in range(20):
            assert line.write(0, b"x" * 1460) == b"OK"
        line.ask("AT+QICLOSE=0")
        got = b""
        while True:
            data = client.recv(65536)
            if not data:
                break
            got += data
        assert got == b"x" * 29200
        joined(never_read)
        client.close()
        line.close()


def test_the_peer_closes_with_data_unread(server):
    with Process(*TCP) as address:
        line = Line(address)
        line.setup()
        line.open(0, "TCP", "127.0.0.1", port(server))
        client, _ = server.accept()
        client.sendall(b"last words")
        client.close()
        line.until(rb'"closed",0\r\n')
        assert line.read(0)[0] == b"last words"
        assert line.read(0)[0] == b""
        line.ask("AT+QISEND=0,4", rb"\r\nERROR\r\n")
        line.ask("AT+QICLOSE=0")
        assert line.open(0, "TCP", "127.0.0.1", port(server)) == 0
        client, _ = server.accept()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()  # a reset
        line.until(rb'"closed",0\r\n')
        line.close()


def test_a_peer_that_does_not_read(server):
    with Process(*TCP) as address:
        line = Line(address)
        line.setup()
        line.open(0, "TCP", "127.0.0.1", port(server))
        client, _ = server.accept()
        client.settimeout(PATIENCE)
        taken = 0
        while line.write(0, b"x" * 1460) == b"OK":
            taken += 1460
        match = line.ask("AT+QISEND=0,0", rb"\+QISEND: (\d+),(\d+),(\d+)\r\n\r\nOK\r\n")
        total, acked, unacked = map(int, match.groups())
        assert (total, acked) == (taken, taken - unacked)
        assert unacked >= 65536 - 1460
        left = taken
        while left:
            left -= len(client.recv(65536))
        while True:
            match = line.ask("AT+QISEND=0,0", rb"\+QISEND: (\d+),(\d+),(\d+)\r\n\r\nOK\r\n")
            if match.group(3) == b"0":
                break
        client.close()
        line.close()


def test_servers(udp):
    with socket.create_server(("127.0.0.1", 0)) as free:
        local = port(free)
    with Process(*TCP) as address:
        line = Line(address)
        line.setup()
        assert line.open(1, "TCP LISTENER", "127.0.0.1", 0, local) == 0
        assert line.open(2, "UDP SERVICE", "127.0.0.1", 0, local) == 0
        with socket.create_connection(("127.0.0.1", local)) as client:
            client.settimeout(PATIENCE)
            match = line.until(rb'"incoming",11,1,"127.0.0.1",(\d+)\r\n')
            assert int(match.group(1)) == port(client)
            client.sendall(b"hello")
            line.until(rb'"recv",11\r\n')
            assert line.read(11)[0] == b"hello"
            line.write(11, b"there")
            assert client.recv(10) == b"there"
            line.ask("AT+QICLOSE=11")
            assert client.recv(10) == b""
        udp.sendto(b"datagram", ("127.0.0.1", local))
        line.until(rb'"recv",2\r\n')
        peer = b'"127.0.0.1",%d' % port(udp)
        assert line.read(2) == (b"datagram", peer)
        line.write(2, b"reply", ',"127.0.0.1",{}'.format(port(udp)))
        assert udp.recv(100) == b"reply"
        line.close()


def test_udp_client_and_time(udp):
    with Process(*TCP, "--host", "time.test=127.0.0.1:{}".format(port(udp))) as address:
        line = Line(address)
        line.setup()
        assert line.open(0, "UDP", "time.test", 53) == 0
        line.write(0, b"query")
        data, peer = udp.recvfrom(100)
        assert data == b"query"
        for number in range(3):
            udp.sendto(b"answer %d" % number, peer)
        line.until(rb'"recv",0\r\n')
        got = []
        while len(got) < 3:
            data, _ = line.read(0)
            got += [data] if data else []
        assert got == [b"answer 0", b"answer 1", b"answer 2"]
        line.ask('AT+QNTP=1,"time.test"')
        data, peer = udp.recvfrom(100)
        assert len(data) == 48
        udp.sendto(bytes(40) + struct.pack("!II", 2208988800 + 1700000000, 0), peer)
        line.until(rb'\+QNTP: 0,"2023/11/15,06:13:20\+32"\r\n')
        line.close()


def test_names_and_what_is_out_of_reach(server):
    options = (
        "--host", "example.test=127.0.0.1:{}".format(port(server)),
        "--host", "192.0.2.2=127.0.0.1:{}".format(port(server)),
        "--host", "plain.test=127.0.0.1",
    )  # fmt: skip
    with Process(*TCP, *options) as address:
        line = Line(address)
        line.setup()
        match = line.ask('AT+QIDNSGIP=1,"example.test"', rb'"dnsgip","([\d.]+)"\r\n')
        alias = match.group(1).decode()
        places = [(alias, 80), ("EXAMPLE.test", 81), ("192.0.2.2", 82),
                  ("plain.test", port(server))]  # fmt: skip
        for number, place in enumerate(places):
            assert line.open(number, "TCP", *place) == 0
            server.accept()[0].close()
        assert line.open(5, "TCP", "nowhere.test", 80) == 565
        assert line.open(6, "TCP", "203.0.113.1", 80) == 566
        line.ask('AT+QPING=1,"example.test",1,1', rb"\+QPING: 0,1,1,0,1,1,1\r\n")
        line.close()


def test_transparent_mode(server):
    with Process(*TCP) as address:
        line = Line(address)
        line.setup()
        line.open(0, "TCP", "127.0.0.1", port(server), access=2)
        client, _ = server.accept()
        client.settimeout(PATIENCE)
        sender = threading.Thread(target=line.send, args=(MEGABYTE,))
        sender.start()
        left = len(MEGABYTE)
        got = b""
        while left:
            data = client.recv(65536)
            got += data
            left -= len(data)
        sender.join()
        assert got == MEGABYTE
        sender = threading.Thread(target=client.sendall, args=(MEGABYTE,))
        sender.start()
        assert line.exactly(len(MEGABYTE)) == MEGABYTE
        sender.join()
        client.close()
        line.until(rb"\r\nNO CARRIER\r\n")
        line.ask("AT+QICLOSE=0")
        line.close()


@pytest.mark.parametrize("front", [TCP, ("--pty",)], ids=["tcp", "pty"])
def test_the_module_outlives_its_host(front, server):
    with Process(*front) as address:
        line = Line(address)
        line.setup()
        line.open(0, "TCP", "127.0.0.1", port(server))
        line.close()
        line = Line(address)
        line.ask("AT")
        assert line.ask("AT+QISTATE", rb'\+QISTATE: 0,"TCP".*\r\n\r\nOK\r\n')
        line.close()


def test_push_to_a_slow_host(server):
    with Process(*TCP) as address:
        line = Line(address, small=True)
        line.setup()
        line.open(0, "TCP", "127.0.0.1", port(server), access=1)
        client, _ = server.accept()
        sender = threading.Thread(target=pour, args=(client, MEGABYTE))
        sender.start()
        got = b""
        while len(got) < len(MEGABYTE):
            match = line.until(rb'\r\n\+QIURC: "recv",0,(\d+)\r\n')
            got += line.exactly(int(match.group(1)))
            assert line.exactly(2) == b"\r\n"
        assert got == MEGABYTE
        joined(sender)
        client.close()
        line.close()


def test_the_next_host_switches_the_module_on():
    with Process(*TCP) as address:
        line = Line(address)
        line.setup()
        line.ask("AT+QPOWD", rb"\r\nPOWERED DOWN\r\n")
        line.close()
        line = Line(address)
        line.until(rb"\r\nRDY\r\n")
        line.ask("AT", rb"^(?s:.*)AT\r\r\nOK\r\n")
        line.close()


def test_the_newest_host_wins():
    with Process(*TCP) as address:
        first = Line(address)
        first.setup()
        second = Line(address)
        second.ask("AT")
        with pytest.raises((AssertionError, OSError)):
            first.ask("AT")
        first.close()
        second.close()


def test_a_signal_takes_the_contexts_away(server):
    process = Process(*TCP)
    with process as address:
        line = Line(address)
        line.setup()
        for number in range(2):  # as often as it is asked for
            assert line.open(number, "TCP", "127.0.0.1", port(server)) == 0
            process.signal(signal.SIGUSR1)
            line.until(rb'\r\n\+QIURC: "pdpdeact",1\r\n')
            assert line.open(5, "TCP", "127.0.0.1", port(server)) == 570
            line.ask("AT+QIDEACT=1")
            line.ask("AT+QIACT=1")
        line.close()


def test_paced_and_late_and_logged(tmp_path):
    log = tmp_path / "log"
    with Process(*TCP, "--baud", "921600", "--latency", "5", "--log", str(log)) as address:
        line = Line(address)
        line.setup()
        line.ask("ATI")
        line.close()
    text = log.read_text()
    assert "> b'ATE0" in text
    assert "BG95-S5" in text.replace("' < b'", "")


def test_a_terminal_with_a_fixed_name(tmp_path):
    name = tmp_path / "modem"
    name.symlink_to("/dev/pts/gone")  # what a module that was killed has left
    with Process("--pty", "--symlink", str(name)) as address:
        assert address == str(name)
        for _ in range(2):
            line = Line(address)
            line.ask("AT")
            line.close()
    assert not os.path.lexists(name)


def test_a_later_module_takes_the_name(tmp_path):
    name = tmp_path / "modem"
    with Process("--pty", "--symlink", str(name), dialect="bc20"):
        with Process("--pty", "--symlink", str(name)) as address:
            line = Line(address)
            line.ask("ATI", rb"BG95-S5")
            line.close()
        assert not os.path.lexists(name)


def test_a_file_is_not_replaced_by_the_name(tmp_path):
    name = tmp_path / "notes"
    name.write_text("mine")
    link = tmp_path / "link"
    link.symlink_to(name)
    for path in (name, link):
        result = run("--dialect", "bg95", "--pty", "--symlink", str(path))
        assert result.returncode == 2
        assert "no link to a terminal" in result.stderr
    assert name.read_text() == "mine"


def run(*options):
    command = [sys.executable, "-m", "tools.vmodule", *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_command_line_explains_itself():
    for options, word in [
        (("--dialect", "bc95", "--pty", "--model", "BC20"), "BC95-GR, BC65"),
        (("--dialect", "bg95"), "--tcp"),
        (("--dialect", "bg95", "--pty", "--host", "x"), "NAME=ADDR"),
        (("--dialect", "bg95", "--pty", "--fault", "x"), "--fault help"),
        (("--dialect", "bg95", "--pty", "--baud", "0"), "--baud"),
        (("--dialect", "bg95", "--tcp", "127.0.0.1"), "HOST:PORT"),
        (("--dialect", "bg95", "--tcp", "127.0.0.1:0", "--symlink", "x"), "--pty"),
        (("--dialect", "bg95", "--pty", "--answers", "/nowhere/x"), "/nowhere/x"),
    ]:
        result = run(*options)
        assert result.returncode == 2
        assert word in result.stderr
    result = run("--fault", "help")
    assert result.returncode == 0
    assert "urc-noise" in result.stdout
    result = run("--answers", "help")
    assert result.returncode == 0
    assert "> AT+" in result.stdout
