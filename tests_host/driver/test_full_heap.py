"""Where the heap has no room for what a call returns: MemoryError, and nothing is lost."""
# interpreters: unix wasm

import openings
from micropython import heap_lock, heap_unlock
from scripted import ScriptedUART, connected

PLACE = ("h", 80)
TEXT = b"one line\nanother line\n"


def opened(more, datagrams=False):
    script = openings.UDP if datagrams else openings.TCP
    nic = connected("BG95S5", ScriptedUART(script + more))
    s = nic.socket(nic.AF_INET, nic.SOCK_DGRAM if datagrams else nic.SOCK_STREAM)
    s.settimeout(5)
    s.connect(PLACE)
    return nic, s


def answer(data):
    return [
        (">", "AT+QIRD=0,1500"),
        ("<", "+QIRD: %d" % len(data)),
        ("<<", data),
        ("<", "OK"),
    ]


def refused(call, argument):
    """Whether call(argument) raises MemoryError while the heap is locked."""
    heap_lock()
    try:
        call(argument)
    except MemoryError:
        return True
    finally:
        heap_unlock()
    return False


def test_a_stream():
    _, s = opened(answer(b"x" + TEXT))
    assert s.recv(1) == b"x"
    for _ in range(3):
        assert refused(s.recv, 100) and refused(s.read, 4) and refused(s.readline, -1)
    assert s.readline() == b"one line\n"
    assert refused(s.readline, -1) and refused(s.recv, 100)
    assert s.recv(100) == b"another line\n"


def staged(nic, s):
    # Until something is there to be received.
    for _ in range(10000):
        if s.connection.readable():
            return
        nic.poll()
    raise AssertionError("nothing came")


def pushed(nic, s, data):
    s.setsockopt(nic.SOL_SOCKET, nic.SO_RCVBUF, 4096)
    s.setsockopt(nic.SOL_QUECTEL, nic.ACCESS_MODE, nic.PUSH)
    staged(nic, s)
    assert refused(s.recv, 100) and refused(s.recv, 100)
    assert s.recv(100) == data


PUSH = [(">", "AT+QISWTMD=0,1"), ("<", "OK")]


def test_pushed_data():
    urc = [("<raw", b'\r\n+QIURC: "recv",0,%d\r\n' % len(TEXT)), ("<<", TEXT)]
    nic, s = opened(PUSH + urc)
    pushed(nic, s, TEXT)


def test_a_pushed_datagram():
    urc = b""
    for data in (TEXT, b"the next"):
        urc += b'\r\n+QIURC: "recv",0,%d\r\n' % len(data) + data + b"\r\n"
    nic, s = opened(PUSH + [("<raw", urc)], datagrams=True)
    pushed(nic, s, TEXT)
    assert s.recv(100) == b"the next"


def test_a_datagram():
    nic, s = opened(answer(b"first") + answer(TEXT), datagrams=True)
    assert s.recv(100) == b"first"
    staged(nic, s)
    assert refused(s.recv, 100)
    assert s.recv(100) == TEXT
