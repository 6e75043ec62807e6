"""The whole program as each NB-IoT module: a process on a TCP port, to sockets on loopback."""

import random
import socket
import struct
import subprocess
import sys
import threading

import pytest

from .endtoend import PATIENCE, ROOT, Echo, Line, Process
from .nb import KEYS, OWN_ADDRESS

TCP = ("--tcp", "127.0.0.1:0")
DATA = random.Random(9).getrandbits(8 * 100_000).to_bytes(100_000, "big")


class NbLine(Line):
    """The host's end, as the NB-IoT modules want it."""

    def setup(self):
        self.ask("ATE0")

    def open(self, number, kind, address, port, local=0, access=0):
        line = 'AT+QIOPEN=1,{},"{}","{}",{},{},{}'
        done = rb"\r\n\+QIOPEN: %d,(\d+)\r\n" % number
        line = line.format(number, kind, address, port, local, access)
        return int(self.ask(line, done).group(1))

    def write(self, number, data, peer=""):
        self.send(b'AT+QISENDEX=%d,%d,"%s"\r' % (number, len(data), data.hex().encode()))
        return self.until(rb"\r\nOK\r\n\r\nSEND (OK|FAIL)\r\n").group(1)

    def read(self, number):
        self.send(b"AT+QIRD=%d,512\r" % number)
        data = self.exactly(int(self.until(rb"\r\n\+QIRD: (\d+)\r\n").group(1)))
        self.until(rb"\r\nOK\r\n")
        return data

    def close_socket(self, number):
        self.ask("AT+QICLOSE={}".format(number), rb"\r\nOK\r\n\r\nCLOSE OK\r\n")


@pytest.fixture(params=KEYS)
def dialect(request):
    return request.param


@pytest.fixture
def udp():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(PATIENCE)
        yield sock


def test_data_both_ways(dialect):
    echo = Echo()
    host = "example.test=127.0.0.1:{}".format(echo.port)
    with Process(*TCP, "--host", host, dialect=dialect) as address:
        line = NbLine(address)
        line.setup()
        assert line.open(0, "TCP", "example.test", 80) == 0
        sent = 0
        got = b""
        while len(got) < len(DATA):
            piece = DATA[sent : sent + 512]
            if piece and line.write(0, piece) == b"OK":
                sent += len(piece)
            got += line.read(0)
        assert got == DATA
        line.close_socket(0)
        assert line.open(0, "TCP", "example.test", 80) == 0
        line.close()
    echo.close()


def test_push(dialect):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(PATIENCE)
        with Process(*TCP, dialect=dialect) as address:
            line = NbLine(address, small=True)
            line.setup()
            assert line.open(0, "TCP", "127.0.0.1", server.getsockname()[1], access=1) == 0
            client, _ = server.accept()
            sender = threading.Thread(target=client.sendall, args=(DATA,))
            sender.start()
            got = b""
            while len(got) < len(DATA):
                count = int(line.until(rb'\r\n\+QIURC: "recv",0,(\d+)\r\n').group(1))
                got += line.exactly(count)
                assert line.exactly(2) == b"\r\n"
            sender.join(PATIENCE)
            assert got == DATA
            client.close()
            line.until(rb'\+QIURC: "closed",0\r\n')
            line.close_socket(0)
            line.close()


def test_udp_and_time(dialect, udp):
    host = "time.test=127.0.0.1:{}".format(udp.getsockname()[1])
    with Process(*TCP, "--host", host, dialect=dialect) as address:
        line = NbLine(address)
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
            data = line.read(0)
            got += [data] if data else []
        assert got == [b"answer 0", b"answer 1", b"answer 2"]
        line.ask('AT+QNTP=1,"time.test"')
        data, peer = udp.recvfrom(100)
        udp.sendto(bytes(40) + struct.pack("!II", 2208988800 + 1700000000, 0), peer)
        year = rb"2023" if dialect in ("bc95", "bc92") else rb"23"
        line.until(rb'\+QNTP: 0,"' + year + rb'/11/15,06:13:20\+32"\r\n')
        line.ask('AT+QPING=1,"time.test",1,1', rb"\+QPING: [02],1,1,0,1,1,1\r\n")
        line.close()


@pytest.mark.parametrize("dialect", ["bc95", "bc92", "bc25"])
def test_a_server(dialect):
    with socket.create_server(("127.0.0.1", 0)) as free:
        local = free.getsockname()[1]
    with Process(*TCP, dialect=dialect) as address:
        line = NbLine(address)
        line.setup()
        line.ask("AT+CGACT=1,1")
        assert line.open(0, "TCP LISTENER", OWN_ADDRESS, 0, local) == 0
        with socket.create_connection(("127.0.0.1", local)) as client:
            client.settimeout(PATIENCE)
            match = line.until(rb'"incoming",(\d),0,"127.0.0.1",(\d+)\r\n')
            number = int(match.group(1))
            assert int(match.group(2)) == client.getsockname()[1]
            client.sendall(b"hello")
            line.until(rb'"recv",%d\r\n' % number)
            assert line.read(number) == b"hello"
            line.write(number, b"there")
            assert client.recv(10) == b"there"
            line.close_socket(number)
            assert client.recv(10) == b""
        line.close()


def test_transparent_mode_of_bc92():
    echo = Echo()
    with Process(*TCP, dialect="bc92") as address:
        line = NbLine(address)
        line.setup()
        line.send(b'AT+QIOPEN=1,0,"TCP","127.0.0.1",%d,0,2\r' % echo.port)
        line.until(rb"\r\nOK\r\n\r\nCONNECT\r\n")
        sender = threading.Thread(target=line.send, args=(DATA,))
        sender.start()
        assert line.exactly(len(DATA)) == DATA
        sender.join(PATIENCE)
        line.close()
    echo.close()


def keep_awake(line):
    """A command that finds the module asleep is lost, and wakes it."""
    while line.ask("AT+QSCLK=0", rb"\r\n(OK|\+QATWAKEUP)\r\n").group(1) != b"OK":
        pass


def test_deep_sleep_of_bc25(udp):
    place = "192.0.2.2=127.0.0.1:{}".format(udp.getsockname()[1])
    with Process(*TCP, "--fault", "deep-sleep:0.2", "--host", place, dialect="bc25") as address:
        line = NbLine(address)
        keep_awake(line)
        line.setup()
        assert line.open(0, "UDP", "192.0.2.2", 8084) == 0
        line.ask("AT+QSCLK=1")
        line.until(rb"\r\n\+QATSLEEP\r\n")
        keep_awake(line)
        line.write(0, b"awake")
        assert udp.recv(100) == b"awake"
        line.close()


def test_models():
    with Process(*TCP, "--model", "BC32", dialect="bc25") as address:
        line = NbLine(address)
        line.setup()
        line.ask("AT+CGMM", rb"\r\nBC32\r\n\r\nOK\r\n")
        line.close()
    command = [
        sys.executable,
        "-m",
        "tools.vmodule",
        "--dialect",
        "bc20",
        "--model",
        "BC32",
        "--pty",
    ]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert "BC20" in result.stderr
