"""MSG_PEEK and MSG_DONTWAIT: what is shown is what is received next, and no call waits."""

import errno

import virtual_time
from openings import SERVICE, TCP, UDP
from scripted import ScriptedUART, connected, fails, raises, variants

RECV = [("!", '+QIURC: "recv",0')]
CLOSED = [("!", '+QIURC: "closed",0')]
PEEK, DONTWAIT = 2, 0x40


def read(data, asked=1500):
    head = [(">", "AT+QIRD=0,%d" % asked), ("<", "+QIRD: %d" % len(data))]
    return head + [("<<", data)] * bool(data) + [("<", "OK")]


def sent(data):
    head = [(">", "AT+QISEND=0,%d" % len(data)), ("<prompt", "> ")]
    return head + [(">>", data), ("<", "SEND OK")]


def started(script, kind=1, name="BG95S5", **how):
    uart = ScriptedUART(script, **how)
    nic = connected(name, uart)
    s = nic.socket(nic.AF_INET, kind)
    s.settimeout(0.9)
    s.connect(("h", 80))
    return uart, s


def run(s, ms):
    """Let `ms` milliseconds go by."""
    until = virtual_time.clock.elapsed_ms() + ms
    while virtual_time.clock.elapsed_ms() < until:
        s.connection.nic.poll()
        virtual_time.clock.sleep_ms(1)


def test_the_names_are_those_of_a_socket_module():
    nic = connected("BG95S5", ScriptedUART([]))
    assert (nic.MSG_PEEK, nic.MSG_DONTWAIT) == (PEEK, DONTWAIT)


def test_peek_shows_what_recv_then_gives():
    def program(uart):
        nic = connected("BG95S5", uart)
        s = nic.socket()
        s.connect(("h", 80))
        seen = [s.recv(4, PEEK), s.recv(2), s.recv(3, PEEK), s.recv(3)]
        buf = bytearray(8)
        seen += [s.recv_into(buf, 2, PEEK), bytes(buf[:2]), s.recv_into(buf, 2), bytes(buf[:2])]
        return seen

    wanted = [b"abcd", b"ab", b"cde", b"cde", 2, b"fg", 2, b"fg"]
    assert variants(TCP + RECV + read(b"abcdefgh"), program) == wanted


def test_small_reads_as_those_of_tls_see_the_same_bytes():
    record = bytes(range(5)) + bytes([i * 7 & 255 for i in range(300)])
    _, s = started(TCP + RECV + read(record))
    buf = bytearray(300)
    got = bytearray()
    for size in (1, 4, 5, 28, 200, 62, 5):
        shown = s.recv_into(buf, size, PEEK)
        saw = bytes(buf[:shown])
        assert s.readinto(buf, size) == shown == size
        assert bytes(buf[:size]) == saw
        got.extend(saw)
    assert bytes(got) == record


def test_who_peeks_for_more_gets_it():
    # A program may look for a whole header in a loop, as it can over a kernel.
    def program(uart):
        nic = connected("BG95S5", uart)
        s = nic.socket()
        s.connect(("h", 80))
        looks = [s.recv(6, PEEK)]
        while len(looks[-1]) < 6:
            looks.append(s.recv(6, PEEK))
        return looks[0][:3], looks[-1], s.recv(100)

    script = TCP + RECV + read(b"abc") + RECV + read(b"defgh", 1497)
    assert variants(script, program) == (b"abc", b"abcdef", b"abcdefgh")


def test_what_is_read_behind_fits_the_room_that_is_left():
    script = TCP + RECV + read(bytes(190), 192) + RECV + read(b"x" * 10, 22)
    uart, s = started(script + read(b"", 192), rxbuf=256)
    assert s.recv(20) == bytes(20)
    assert s.recv(192, PEEK) == bytes(170) + b"x" * 10
    assert s.recv(192) == bytes(170) + b"x" * 10
    assert fails(s.recv, 1) == errno.ETIMEDOUT
    assert uart.done()


def test_what_is_shown_can_be_taken_while_more_is_read_behind_it():
    # The exchange ends when nothing is staged any more: what it brings is not lost.
    late = [(">", "AT+QIRD=0,1497"), ("wait", 0.5), ("<", "+QIRD: 2"), ("<<", b"de"), ("<", "OK")]
    uart, s = started(TCP + RECV + read(b"abc") + late)
    s.setblocking(False)
    run(s, 5)
    while s.ioctl(3, 1) == 0:
        run(s, 1)
    assert s.recv(5, PEEK) == b"abc"
    assert s.recv(5) == b"abc"
    assert fails(s.recv, 5) == errno.EAGAIN
    run(s, 600)
    assert s.recv(2, PEEK) == b"de" and s.recv(5) == b"de"
    assert uart.done()


def test_nothing_behind_it_keeps_what_is_shown():
    uart, s = started(TCP + RECV + read(b"abc") + read(b"", 1497))
    assert s.recv(5, PEEK) == s.recv(5, PEEK) == b"abc"
    assert s.recv(5) == b"abc"
    assert fails(s.recv, 1, DONTWAIT) == errno.EAGAIN
    assert uart.done()


def test_the_end_is_shown_behind_the_last_bytes():
    uart, s = started(TCP + CLOSED + read(b"abc") + read(b"", 1497))
    assert s.recv(5, PEEK) == s.recv(5, PEEK) == b"abc"
    assert s.recv(5) == b"abc"
    assert s.recv(5, PEEK) == b"" == s.recv(5)
    assert s.recv_into(bytearray(5), 5, PEEK) == 0
    assert uart.done()


def test_what_a_damaged_line_brings_is_not_shown():
    damaged = [(">", "AT+QIRD=0,1497"), ("<", "+QIRD: 9"), ("<<", b"de"), ("<", "OK")]
    _, s = started(TCP + RECV + read(b"abc") + damaged)
    assert s.recv(5, PEEK) == b"abc"
    assert fails(s.recv, 5) == errno.ECONNABORTED


def test_a_datagram_is_shown_again():
    def program(uart):
        nic = connected("BG95S5", uart)
        s = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
        s.connect(("h", 80))
        seen = [s.recv(3, PEEK), s.recvfrom(90, PEEK), s.recv(3), s.recvfrom(90, PEEK), s.recv(9)]
        return seen

    wanted = [b"one", (b"one...", ("h", 80)), b"one", (b"two", ("h", 80)), b"two"]
    assert variants(UDP + RECV + read(b"one...") + read(b"two"), program) == wanted


def test_a_service_shows_the_sender():
    answer = [(">", "AT+QIRD=0"), ("<", '+QIRD: 3,"10.0.0.9",77'), ("<<", b"one"), ("<", "OK")]
    nic = connected("BG95S5", ScriptedUART(SERVICE + RECV + answer))
    s = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
    s.bind(("", 2020))
    assert s.recvfrom(2, PEEK) == (b"on", ("10.0.0.9", 77))
    assert s.recvfrom(9) == (b"one", ("10.0.0.9", 77))


def pushed(data):
    return [("!", '+QIURC: "recv",0,%d' % len(data)), ("<<", data)]


def test_pushed_data_is_shown():
    for kind, service in ((1, "TCP"), (2, "UDP")):
        opening = [(">", 'AT+QIOPEN=1,0,"%s","h",80,0,1' % service), ("<", "OK")]
        script = opening + [("!", "+QIOPEN: 0,0")] + pushed(b"first") + pushed(b"second")
        nic = connected("BG95S5", ScriptedUART(script))
        s = nic.socket(nic.AF_INET, kind)
        s.setsockopt(nic.SOL_SOCKET, nic.SO_RCVBUF, 512)
        s.setsockopt(nic.SOL_QUECTEL, nic.ACCESS_MODE, nic.PUSH)
        s.connect(("h", 80))
        run(s, 20)
        first = b"first" if kind == 2 else b"firstsecond"
        assert s.recv(3, PEEK) == b"fir"
        assert s.recv(90, PEEK) == s.recv(90) == first
        if kind == 2:
            assert s.recv(90, PEEK) == s.recv(90) == b"second"


def test_other_dialects_show_the_same():
    for name, most in (("BC95GR", 1024), ("BC20", 512), ("BC25", 512), ("RM500U", 1500)):
        script = TCP + RECV + read(b"abc", most)
        uart = ScriptedUART(script + RECV + read(b"defgh", most - 3))
        nic = connected(name, uart)
        s = nic.socket()
        s.connect(("h", 80))
        assert s.recv(2, PEEK) == b"ab"
        while len(s.recv(6, PEEK)) < 6:
            pass
        assert s.recv(9) == b"abcdefgh", name


def test_dontwait_does_not_wait():
    uart, s = started(TCP + RECV + read(b"abc") + read(b""))
    start = virtual_time.clock.elapsed_ms()
    got = b""
    while not got:
        try:
            got = s.recv(2, DONTWAIT)
        except OSError as e:
            assert e.args[0] == errno.EAGAIN
            assert virtual_time.clock.elapsed_ms() - start < 900, "the time-out of others"
            run(s, 1)
    assert got == b"ab" and s.recv(1, DONTWAIT | PEEK) == b"c" == s.recv(2, DONTWAIT)
    for call in (s.recv, s.recvfrom):
        assert fails(call, 1, DONTWAIT) == errno.EAGAIN
    assert fails(s.recv_into, bytearray(1), 0, DONTWAIT) == errno.EAGAIN
    assert fails(s.recv_into, bytearray(1), 0, DONTWAIT | PEEK) == errno.EAGAIN
    start = virtual_time.clock.elapsed_ms()
    assert fails(s.recv, 1) == errno.ETIMEDOUT, "its own time-out is back"
    assert virtual_time.clock.elapsed_ms() - start >= 900
    assert uart.done()


def test_send_takes_over_without_waiting():
    late = [(">", "AT+QISEND=0,3"), ("wait", 0.5), ("<prompt", "> "), (">>", b"abc")]
    uart, s = started(TCP + late + [("<", "SEND OK")] + sent(b"de"))
    assert s.send(b"abc", DONTWAIT) == 3
    assert fails(s.send, b"de", DONTWAIT) == errno.EAGAIN
    assert s.send(b"de") == 2, "who waits comes after it"
    assert uart.done()


def test_arguments_are_refused_as_without_flags():
    uart, s = started(TCP)
    for flags in (PEEK, DONTWAIT):
        raises(ValueError, s.recv_into, bytearray(5), -1, flags)
        raises(ValueError, s.recv, -1, flags)
        raises(TypeError, s.recv, "5", flags)
        raises(TypeError, s.recv_into, b"12345", 0, flags)
    raises(TypeError, s.recv, 5, "flags")
    assert uart.done()


def test_a_socket_that_is_not_open_says_so():
    nic = connected("BG95S5", ScriptedUART([]))
    s = nic.socket()
    for flags in (PEEK, DONTWAIT, PEEK | DONTWAIT):
        assert fails(s.recv, 1, flags) == errno.ENOTCONN
        assert fails(s.recv_into, bytearray(1), 0, flags) == errno.ENOTCONN
    assert fails(s.send, b"x", DONTWAIT) == errno.ENOTCONN
    s.close()
    assert fails(s.recv, 1, PEEK) == fails(s.send, b"x", DONTWAIT) == errno.EBADF
