"""The virtual module as a process, and a host's end of its UART, for tests on loopback."""

import os
import re
import select
import socket
import threading

from module_process import ModuleProcess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PATIENCE = 600  # s; only a test that has already failed waits so long


class Line:
    """The host's end of a UART: `send`, `until`, `exactly`."""

    def __init__(self, address, small=False):
        if address.startswith("tcp:"):
            host, _, port = address[4:].rpartition(":")
            self._socket = socket.socket()
            if small:  # takes little at a time, as a slow reader does
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            self._socket.connect((host, int(port)))
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._fd = self._socket.fileno()
        else:
            self._socket = None
            self._fd = os.open(address, os.O_RDWR | os.O_NOCTTY)
        self.buffer = b""

    def close(self):
        if self._socket:
            self._socket.close()
        else:
            os.close(self._fd)

    def send(self, data):
        while data:
            data = data[os.write(self._fd, data) :]

    def _more(self):
        ready, _, _ = select.select([self._fd], [], [], PATIENCE)
        assert ready, "nothing more after {!r}".format(self.buffer[-200:])
        data = os.read(self._fd, 65536)
        assert data, "the line was closed"
        self.buffer += data

    def until(self, pattern):
        """What comes up to and with a match of the pattern; returns the match."""
        while True:
            match = re.search(pattern, self.buffer)
            if match:
                self.buffer = self.buffer[match.end() :]
                return match
            self._more()

    def exactly(self, count):
        while len(self.buffer) < count:
            self._more()
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    # what a driver does

    def ask(self, line, pattern=rb"\r\nOK\r\n"):
        self.send(line.encode() + b"\r")
        return self.until(pattern)

    def setup(self):
        self.ask("ATE0")
        self.ask("AT+QISDE=0")
        self.ask('AT+QICSGP=1,1,"internet"')
        self.ask("AT+QIACT=1", rb"\r\n(OK|ERROR)\r\n")

    def open(self, number, kind, address, port, local=0, access=0):
        line = 'AT+QIOPEN=1,{},"{}","{}",{},{},{}'.format(
            number, kind, address, port, local, access)  # fmt: skip
        done = rb"\r\nCONNECT\r\n" if access == 2 else rb"\r\n\+QIOPEN: %d,(\d+)\r\n" % number
        match = self.ask(line, done)
        return 0 if access == 2 else int(match.group(1))

    def write(self, number, data, peer=""):
        """One QISEND; b"OK" or b"FAIL"."""
        self.ask("AT+QISEND={},{}{}".format(number, len(data), peer), rb"\r\n> ")
        self.send(data)
        return self.until(rb"\r\nSEND (OK|FAIL)\r\n").group(1)

    def read(self, number):
        """One QIRD: (data, what the header told beside the length)."""
        self.send(b"AT+QIRD=%d\r" % number)
        match = self.until(rb"\r\n\+QIRD: (\d+)(?:,([^\r]*))?\r\n")
        data = self.exactly(int(match.group(1)))
        self.until(rb"\r\nOK\r\n")
        return data, match.group(2)


class Process:
    """`with Process("--tcp", "127.0.0.1:0", …) as address:`"""

    def __init__(self, *options, dialect="bg95"):
        self._arguments = ["--dialect", dialect, *options]

    def __enter__(self):
        self._process = ModuleProcess(self._arguments)
        word, address = self._process.stdout.readline().split()
        assert word == "listening"
        self.signal = self._process.send_signal
        return address

    def __exit__(self, *_):
        self._process.terminate()
        assert self._process.wait(PATIENCE) == 0
        self._process.stdout.close()


class Echo:
    """A server on loopback that returns what it gets, until the peer is done."""

    def __init__(self):
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            with client:
                self._echo(client)

    def _echo(self, client):
        try:
            while True:
                data = client.recv(65536)
                if not data:
                    return
                client.sendall(data)
        except OSError:
            return

    def close(self):
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join(PATIENCE)
