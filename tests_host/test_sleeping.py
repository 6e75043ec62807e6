"""nic.sleep and nic.awake beside a virtual module that sleeps: each message once, its answer, and
what is left of the sockets. In virtual time, with real sockets behind: lockstep_module.py."""

import socket
import threading

import interpreters
import pytest
from lockstep_module import lockstep

PROGRAM = interpreters.HERE / "programs" / "sleeping.py"
MESSAGES = 4  # as in the program


def echo_datagrams(sock, came):
    while True:
        data, sender = sock.recvfrom(2000)
        if not data:
            return
        came.append(data)
        sock.sendto(data, sender)


def echo_stream(server):
    while True:
        try:
            client, _ = server.accept()
        except OSError:
            return
        with client:
            try:
                while data := client.recv(2000):
                    client.sendall(data)
            except OSError:
                pass  # what sleeps deeply loses it


@pytest.fixture
def echo():
    """The hosts' value of a server that sends everything back, and its datagrams."""
    came = []
    with socket.create_server(("127.0.0.1", 0)) as tcp:
        port = tcp.getsockname()[1]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.bind(("127.0.0.1", port))
            threads = [
                threading.Thread(target=echo_datagrams, args=(udp, came), daemon=True),
                threading.Thread(target=echo_stream, args=(tcp,), daemon=True),
            ]
            for thread in threads:
                thread.start()
            yield ["echo.example=127.0.0.1:%d" % port], came
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
                last.sendto(b"", ("127.0.0.1", port))
            tcp.shutdown(socket.SHUT_RDWR)
            threads[0].join(60)


# What wakes it, how many seconds a message takes at most, and what becomes of TCP.
CASES = [
    ("bg95", "dtr-sleep", "dtr", 1, "True"),
    ("rm500u", "dtr-sleep", "dtr", 1, "True"),
    ("bc25", "deep-sleep:20", "psm_eint", 1, "fails"),
    ("bc25", "deep-sleep:20", "", 4, "fails"),
    ("bc95", "deep-sleep:20", "", 4, "fails"),
    ("bc92", "deep-sleep:20", "psm_eint", 4, "fails"),
]


@pytest.mark.parametrize(("dialect", "fault", "pins", "most", "tcp"), CASES)
@pytest.mark.interpreters("cpython", "unix")
def test_a_send_wakes_the_module(interpreter, echo, dialect, fault, pins, most, tcp):
    hosts, came = echo
    with lockstep(hosts) as place:
        done = interpreters.run_program(
            interpreter,
            PROGRAM,
            env={"LOCKSTEP": place, "DIALECT": dialect, "FAULT": fault, "PINS": pins},
            path=[interpreters.SUPPORT],
        )
    assert done.returncode == 0, done.stdout
    lines = done.stdout.splitlines()
    took = [int(line.split()[1]) for line in lines[:MESSAGES]]
    assert lines[MESSAGES:] == ["tcp " + tcp, "end"], lines
    assert max(took) < most, took
    assert came == [b"message %d" % number for number in range(MESSAGES)] + [b"awake"]
