"""The line of boards/unix, and the WebAssembly port's in the tests, on real interpreters."""

import os
import socket
import termios
import threading
import tty

import interpreters
import pytest

PROGRAMS = interpreters.HERE / "programs"


class Echo:
    """A peer that greets, sends back `rounds` blocks of 100 bytes, says bye, and goes away."""

    def __init__(self, read, write, close, rounds):
        self._read, self._write, self._close = read, write, close
        self._rounds = rounds
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        self._write(b"READY\r\n")
        left = self._rounds * 100
        while left:
            data = self._read(min(left, 4096))
            if not data:
                return
            left -= len(data)
            while data:
                data = data[self._write(data) :]
        self._write(b"BYE")
        self._close()

    def join(self):
        self._thread.join(60)
        assert not self._thread.is_alive()


def over_tcp(rounds):
    """A peer at a TCP port: what MODEM must say, and the peer's join."""
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(600)

    def serve():
        connection, _ = server.accept()
        with connection, server:
            Echo(connection.recv, connection.send, lambda: None, rounds).join()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    return "tcp:127.0.0.1:%d" % server.getsockname()[1], thread.join


def over_pty(rounds):
    """A peer at a pty: what MODEM must say, and the peer's join."""
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    name = os.ttyname(theirs)

    def close():
        # What was written is lost if the end closes before the program has it: wait for a word.
        os.read(ours, 1)
        os.close(theirs)
        os.close(ours)

    peer = Echo(lambda n: os.read(ours, n), lambda data: os.write(ours, data), close, rounds)
    return name, peer.join


@pytest.mark.interpreters("cpython", "unix")
def test_line_over_tcp(interpreter):
    check_line(interpreter, over_tcp)


def test_line_over_pty(interpreter):
    check_line(interpreter, over_pty)


def check_line(interpreter, peer):
    """200,000 bytes there and back, the greeting, the end, and the loss of the line."""
    modem, join = peer(2000)
    done = interpreters.run_program(
        interpreter, PROGRAMS / "line.py", env={"MODEM": modem}, args=["2000"], timeout=600
    )
    assert done.stdout.splitlines() == [
        "nothing: None",
        "greeting: b'READY\\r\\n'",
        "sent and received: 200000",
        "then: b'BYE'",
        "gone: OSError",
        "repr: True",
    ]
    assert done.returncode == 0
    join()


@pytest.mark.interpreters("cpython", "unix")
def test_the_speed_of_a_device_can_be_changed(interpreter):
    ours, theirs = os.openpty()
    modem = os.ttyname(theirs)
    done = interpreters.run_program(
        interpreter, PROGRAMS / "line_speed.py", env={"MODEM": modem}, timeout=600
    )
    assert done.stdout.splitlines() == ["before: True", "after: True", "unknown: True"]
    assert termios.tcgetattr(theirs)[4:6] == [termios.B57600, termios.B57600]
    os.close(theirs)
    os.close(ours)


def test_modem_is_asked_for(interpreter):
    done = interpreters.run_program(interpreter, PROGRAMS / "line.py", env={"MODEM": ""})
    assert "set MODEM to" in done.stdout
    assert done.returncode == 1
