"""Sockets where a program might take them for native ones: calls out of place, in every state."""

import errno

import virtual_time
from openings import LISTEN, REFUSED, SERVICE, TCP
from scripted import ScriptedUART, connected, fails

FULL = [(">", "AT+QISEND=0,5"), ("<prompt", "> "), (">>", b"12345"), ("<", "SEND FAIL")]
POLLIN, POLLOUT, POLLHUP = 1, 4, 16
EISCONN = 106


def started(*parts):
    script = []
    for part in parts:
        script += part
    uart = ScriptedUART(script)
    return uart, connected("BG95S5", uart)


def run(nic, ms):
    """Let `ms` milliseconds go by."""
    until = virtual_time.clock.elapsed_ms() + ms
    while virtual_time.clock.elapsed_ms() < until:
        nic.poll()
        virtual_time.clock.sleep_ms(1)


def test_a_listener_does_not_connect_and_listens_once():
    uart, nic = started(LISTEN)
    s = nic.socket()
    s.bind(("", 2020))
    s.listen()
    s.listen(1)
    assert fails(s.connect, ("h", 80)) == EISCONN
    s.setblocking(False)
    assert fails(s.connect, ("h", 80)) == EISCONN
    assert fails(s.accept) == errno.EAGAIN
    assert uart.done()


def test_a_client_does_not_listen_and_does_not_accept():
    uart, nic = started(TCP)
    s = nic.socket()
    s.setblocking(False)
    assert fails(s.connect, ("h", 80)) == errno.EINPROGRESS
    assert fails(s.accept) == errno.EINVAL
    assert fails(s.listen) == errno.EINVAL
    run(nic, 10)
    assert fails(s.accept) == errno.EINVAL
    assert s.ioctl(3, POLLOUT) == POLLOUT, "an accept out of place must not stop polling"
    assert fails(s.sendto, b"x", ("h", 80)) == EISCONN
    assert uart.done()


def test_a_late_refusal_is_told_by_the_next_call_whatever_it_is():
    for call in (
        lambda s: s.connect(("h", 80)),
        lambda s: s.sendto(b"x", ("h", 80)),
        lambda s: s.recv(1),
    ):
        uart, nic = started(REFUSED, TCP)
        s = nic.socket()
        s.setblocking(False)
        assert fails(s.connect, ("h", 80)) == errno.EINPROGRESS
        run(nic, 10)
        assert fails(call, s) == errno.ECONNREFUSED
        assert fails(s.recv, 1) == errno.ENOTCONN, "once"
        s.setblocking(True)
        s.connect(("h", 80))
        assert uart.done()


def test_after_a_refusal_it_can_listen_and_accept_waits():
    uart, nic = started(REFUSED, LISTEN)
    s = nic.socket()
    assert fails(s.connect, ("h", 80)) == errno.ECONNREFUSED
    s.bind(("", 2020))
    s.listen()
    s.setblocking(False)
    assert fails(s.accept) == errno.EAGAIN
    assert uart.done()


def test_datagram_sockets_do_not_listen():
    for name in ("BG95S5", "BC95GR"):
        nic = connected(name, ScriptedUART([]))
        s = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
        if name == "BC95GR":
            s.bind(("", 2020))
        assert fails(s.listen) == errno.EOPNOTSUPP
        assert fails(s.accept) == errno.EOPNOTSUPP
        assert s.ioctl(3, POLLIN | POLLOUT) == POLLOUT, "no hang-up: it can send to anyone"
        s.close()
        assert fails(s.accept) == fails(s.listen) == errno.EBADF


def test_a_udp_service_sends_nothing_without_a_peer():
    uart, nic = started(SERVICE)
    s = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
    s.bind(("", 2020))
    assert fails(s.send, b"x") == fails(s.write, b"x") == errno.ENOTCONN
    s.setblocking(False)
    assert fails(s.send, b"x") == errno.ENOTCONN
    assert uart.done()


def test_a_closed_socket_has_no_timeout_to_set():
    _, nic = started()
    s = nic.socket()
    s.close()
    assert fails(s.setblocking, False) == fails(s.settimeout, 1) == errno.EBADF
    assert fails(s.settimeout, None) == errno.EBADF
    s.close()


def test_other_flags_are_refused_and_not_ignored():
    uart, nic = started(TCP)
    s = nic.socket()
    s.connect(("h", 80))
    for call in (s.recv, s.recvfrom):
        assert fails(call, 10, 1) == errno.EOPNOTSUPP
    assert fails(s.recv_into, bytearray(10), 10, 0x100) == errno.EOPNOTSUPP
    assert fails(s.send, b"x", nic.MSG_PEEK) == errno.EOPNOTSUPP
    assert uart.done()


def test_a_peer_that_does_not_read_holds_no_other_socket_up():
    other = [(">", 'AT+QIOPEN=1,1,"TCP","o",80,0,0'), ("<", "OK"), ("!", "+QIOPEN: 1,0")]
    sent = [(">", "AT+QISEND=1,3"), ("<prompt", "> "), (">>", b"abc"), ("<", "SEND OK")]
    after = [(">", "AT+QISEND=0,5"), ("<prompt", "> "), (">>", b"12345"), ("<", "SEND OK")]
    uart, nic = started(TCP, other, FULL, sent, after)
    s, o = nic.socket(), nic.socket()
    s.connect(("h", 80))
    o.connect(("o", 80))
    s.setblocking(False)
    o.setblocking(False)
    assert s.write(b"12345") == 5
    run(nic, 20)
    assert s.ioctl(3, POLLOUT) == 0 and s.write(b"6") is None
    assert o.ioctl(3, POLLOUT) == POLLOUT
    assert o.write(b"abc") == 3
    run(nic, 200)
    assert s.ioctl(3, POLLOUT) == POLLOUT
    assert uart.done()


def test_close_does_not_wait_for_ever_for_a_peer_that_does_not_read():
    uart, nic = started(TCP, FULL * 65, [(">", "AT+QICLOSE=0"), ("<", "OK")])
    s = nic.socket()
    s.connect(("h", 80))
    s.setblocking(False)
    s.write(b"12345")
    run(nic, 10)
    s.setblocking(True)
    start = virtual_time.clock.elapsed_ms()
    with virtual_time.fine:
        s.close()
    took = virtual_time.clock.elapsed_ms() - start
    assert 119000 < took < 125000, took
    run(nic, 5000)  # a byte more would be another connection's
    assert uart.done(), uart.script[:3]
    assert nic.module.outbox_free
