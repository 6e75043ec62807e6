"""Sockets on a scripted module: each state and failure that the seed's answers can bring."""

import errno

import virtual_time
from scripted import ScriptedUART, check, connected, raises, variants

OPEN = [(">", 'AT+QIOPEN=1,0,"TCP","h",80,0,0'), ("<", "OK"), ("!", "+QIOPEN: 0,0")]
OPEN_UDP = [(">", 'AT+QIOPEN=1,0,"UDP","h",80,0,0'), ("<", "OK"), ("!", "+QIOPEN: 0,0")]
CLOSE = [(">", "AT+QICLOSE=0"), ("<", "OK")]
RECV = ("!", '+QIURC: "recv",0')
CLOSED = ("!", '+QIURC: "closed",0')
EMPTY = [("<", "+QIRD: 0"), ("<", "OK")]
EPIPE = getattr(errno, "EPIPE", 32)
EMSGSIZE = getattr(errno, "EMSGSIZE", 90)
POLLIN, POLLOUT, POLLERR, POLLHUP, POLLNVAL = 1, 4, 8, 16, 32


def wrong(function, *args):
    """Call what must refuse its arguments."""
    try:
        result = function(*args)
    except (TypeError, ValueError):
        return
    raise AssertionError((function, args, result))


def seq(*parts):
    """One script of steps and lists of steps."""
    script = []
    for part in parts:
        script.extend(part if isinstance(part, list) else [part])
    return script


def read(data, asked=1500, connect_id=0):
    return [
        (">", "AT+QIRD=%d,%d" % (connect_id, asked)),
        ("<", "+QIRD: %d" % len(data)),
        ("<<", data),
        ("<", "OK"),
    ]


def nothing(asked=1500, connect_id=0):
    return seq((">", "AT+QIRD=%d,%d" % (connect_id, asked)), EMPTY)


def send(data, connect_id=0, answer="SEND OK"):
    return [
        (">", "AT+QISEND=%d,%d" % (connect_id, len(data))),
        ("<prompt", "> "),
        (">>", data),
        ("<", answer),
    ]


def opened(script, kind=None, before=OPEN, **how):
    uart = ScriptedUART(before + script, **how)
    return uart, opened_on(uart, kind)


def opened_on(uart, kind=None):
    nic = connected("BG95S5", uart)
    s = nic.socket(nic.AF_INET, kind or nic.SOCK_STREAM)
    s.settimeout(0.9)
    s.connect(("h", 80))
    return s


def settle(s, times=50):
    for _ in range(times):
        s.connection.nic.poll()


def error_of(function, *args):
    return raises(OSError, function, *args).args[0]


# ---- receiving ----


def test_data_then_closed_then_end():
    def program(uart):
        s = opened_on(uart)
        got = [s.recv(3), s.recv(100), s.recv(100), s.recv(100), s.read(5)]
        s.close()
        return got

    script = OPEN + [RECV, CLOSED] + read(b"abcdef") + nothing() + CLOSE
    assert variants(script, program) == [b"abc", b"def", b"", b"", b""]


def test_closed_while_a_read_says_empty_is_looked_at_again():
    # What came between the module's "0" and its `closed` must not be lost.
    script = seq(RECV, nothing(), CLOSED, read(b"last"), nothing())
    _, s = opened(script)
    assert s.recv(10) == b"last" and s.recv(10) == b""


def test_recv_urc_is_no_count():
    script = seq(RECV, read(b"x" * 1500), read(b"y" * 1500), read(b"z"), nothing())
    _, s = opened(script)
    buf = bytearray(4000)
    assert s.readinto(buf, 3001) == 3001
    assert buf[:3001] == b"x" * 1500 + b"y" * 1500 + b"z"


def test_whole_chunks_are_asked_for_whatever_the_caller_wants():
    script = seq(RECV, read(b"x" * 1500), read(b"y" * 1500))
    _, s = opened(script)
    buf = bytearray(2000)
    assert s.readinto(buf) == 2000 and buf == b"x" * 1500 + b"y" * 500
    assert s.read(1000) == b"y" * 1000


def test_reads_ask_for_no_more_than_the_uart_holds():
    script = seq(RECV, read(b"x" * 192, 192), nothing(192))
    _, s = opened(script, rxbuf=256)
    assert s.recv(1000) == b"x" * 192


def test_small_reads_come_from_one_exchange():
    data = bytes(range(256)) * 2
    script = seq(RECV, read(data))
    uart, s = opened(script)
    got = s.read(1) + s.read(4) + s.read(5) + s.recv(100) + s.read(402)
    assert got == data and uart.done()


def test_readline():
    script = seq(RECV, read(b"one\ntwo\n\nthr"), read(b"ee\nrest"), CLOSED, nothing(), nothing())
    _, s = opened(script)
    lines = [s.readline() for _ in range(6)]
    assert lines == [b"one\n", b"two\n", b"\n", b"three\n", b"rest", b""], lines


def test_read_to_the_end():
    script = seq(RECV, read(b"x" * 1500), read(b"y" * 10), CLOSED, nothing(), nothing())
    _, s = opened(script)
    assert s.read() == b"x" * 1500 + b"y" * 10


def test_timeout_without_data_and_partial_readinto():
    uart, s = opened([])
    start = virtual_time.clock.elapsed_ms()
    for function, args in ((s.recv, (10,)), (s.read, (10,)), (s.recv_into, (bytearray(4),))):
        s.settimeout(0.3)
        assert error_of(function, *args) == errno.ETIMEDOUT
        uart.script = []
        s.connection.probe_soon()
    assert 900 <= virtual_time.clock.elapsed_ms() - start < 950
    uart, s = opened(seq(RECV, read(b"abc"), nothing(), nothing()))
    buf = bytearray(10)
    assert s.readinto(buf) == 3 and buf[:3] == b"abc"
    assert error_of(s.readinto, buf) == errno.ETIMEDOUT


def test_a_lost_recv_urc_is_made_good_by_asking():
    _, s = opened(seq(nothing(), nothing(), read(b"late")))
    s.settimeout(None)
    start = virtual_time.clock.elapsed_ms()
    assert s.recv(10) == b"late"
    assert 6900 <= virtual_time.clock.elapsed_ms() - start <= 7200  # 1 s, 2 s, 4 s


def slow_read(data, at_):
    """A read whose payload pauses for 3 s after `at_` bytes."""
    return [
        (">", "AT+QIRD=0,1500"),
        ("<raw", b"\r\n+QIRD: %d\r\n" % len(data) + data[:at_]),
        ("wait", 3),
        ("<raw", data[at_:] + b"\r\n\r\nOK\r\n"),
    ]


def test_a_timeout_in_the_middle_of_a_payload_loses_nothing():
    data = bytes(range(256)) * 5
    for at_ in (0, 1, 5, 127, 128, 129, 700, 1279):
        _, s = opened(seq(RECV, slow_read(data, at_)))
        assert error_of(s.recv_into, bytearray(len(data))) == errno.ETIMEDOUT
        s.settimeout(5)
        got = b""
        while len(got) < len(data):
            got += s.recv(300)
        assert got == data, at_


def test_an_interrupted_read_loses_nothing():
    data = bytes(range(256)) * 2
    for allowed in range(1, 40):
        _, s = opened(seq(RECV, read(data), nothing()))
        poll = s.connection.module.poll
        left = [allowed]

        def interrupted(patient=False, poll=poll, left=left):
            moved = poll(patient)
            left[0] -= 1
            if not left[0]:
                raise KeyboardInterrupt
            return moved

        s.connection.module.poll = interrupted
        got = b""
        buf = bytearray(512)
        try:
            got = bytes(buf[: s.recv_into(buf)])
        except KeyboardInterrupt:
            pass
        s.connection.module.poll = poll
        while len(got) < len(data):
            got += s.recv(100)
        assert got == data, allowed


def test_a_payload_cut_short_fails_the_socket():
    _, s = opened([RECV, (">", "AT+QIRD=0,1500"), ("<raw", b"\r\n+QIRD: 100\r\n12345")])
    s.settimeout(None)
    assert error_of(s.recv, 1000) == errno.ECONNABORTED
    assert error_of(s.recv, 1000) == errno.ECONNABORTED
    assert error_of(s.send, b"x") == errno.ECONNABORTED


def test_read_error_after_closed_is_the_end():
    _, s = opened([CLOSED, (">", "AT+QIRD=0,1500"), ("<", "ERROR")])
    assert s.recv(10) == b""


def test_read_error_without_closed_is_a_reset():
    _, s = opened([RECV, (">", "AT+QIRD=0,1500"), ("<", "ERROR")])
    assert error_of(s.recv, 10) == errno.ECONNRESET


# ---- datagrams ----


def test_a_datagram_for_each_recv():
    script = seq(RECV, read(b"first"), read(b"second"), nothing())
    _, s = opened(script, kind=2, before=OPEN_UDP)
    assert s.recv(1500) == b"first"
    assert s.recvfrom(3) == (b"sec", ("h", 80))  # the rest of a datagram is dropped
    assert error_of(s.recv, 10) == errno.ETIMEDOUT


def test_a_datagram_is_asked_for_whole_even_by_a_small_uart():
    # In pieces, two datagrams could not be told from one.
    script = seq(RECV, read(b"a" * 192), read(b"b" * 192), nothing())
    _, s = opened(script, kind=2, before=OPEN_UDP, rxbuf=256)
    assert s.recv(1500) == b"a" * 192 and s.recv(1500) == b"b" * 192


def test_sendto_opens_and_another_peer_opens_again():
    script = seq(
        OPEN_UDP,
        send(b"one"),
        send(b"two"),
        CLOSE,
        (">", 'AT+QIOPEN=1,0,"UDP","other",9,0,0'),
        ("<", "OK"),
        ("!", "+QIOPEN: 0,0"),
        send(b"three"),
    )
    uart = ScriptedUART(script)
    nic = connected("BG95S5", uart)
    s = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
    sent = [s.sendto(b"one", ("h", 80)), s.sendto(b"two", ("h", 80))]
    sent.append(s.sendto(b"three", ("other", 9)))
    assert sent == [3, 3, 5] and uart.done()


def test_datagram_sizes():
    uart, s = opened([], kind=2, before=OPEN_UDP)
    error = raises(OSError, s.send, bytes(1461))
    assert error.args[0] == EMSGSIZE and "at most 1460" in error.args[1]
    assert error_of(s.sendto, bytes(1461), ("h", 80)) == EMSGSIZE
    assert error_of(s.sendto, bytes(1461), ("other", 80)) == EMSGSIZE
    error = raises(OSError, s.send, b"")
    assert error.args[0] == errno.EOPNOTSUPP and "BG95S5" in error.args[1]
    assert uart.done()


# ---- sending ----


def test_large_writes_are_cut_to_the_dialects_size():
    data = bytes(range(256)) * 12

    def program(uart):
        return opened_on(uart).write(data)

    script = OPEN + send(data[:1460]) + send(data[1460:2920]) + send(data[2920:])
    uart = ScriptedUART(script)
    assert program(uart) == len(data) and uart.done()
    check(script, program, len(data), single=True)
    check(script, program, len(data), echo=True)


def test_the_forms_of_write():
    script = send(b"str") + send(b"ab") + send(b"bcd") + send(b"all") + send(b"view")
    uart, s = opened(script)
    assert s.write("str") == 3
    assert s.write(b"abcdef", 2) == 2
    assert s.write(b"abcdef", 1, 3) == 3
    assert s.sendall(b"all") is None
    assert s.send(memoryview(b"a view")[2:]) == 4
    assert s.write(b"") == 0 and uart.done()


def test_send_fail_is_sent_again_after_a_pause():
    script = send(b"data", answer="SEND FAIL") * 2 + send(b"data")
    uart, s = opened(script)
    start = virtual_time.clock.elapsed_ms()
    assert s.send(b"data") == 4 and uart.done()
    assert 150 <= virtual_time.clock.elapsed_ms() - start < 200


def test_send_fail_until_the_timeout_is_not_sent():
    uart, s = opened(send(b"data", answer="SEND FAIL") * 5)
    assert error_of(s.send, b"data") == errno.ETIMEDOUT
    sends = len(uart.log) - 1
    settle(s)
    virtual_time.clock.sleep_ms(10000)
    settle(s)
    assert len(uart.log) - 1 == sends  # given up means given up


def refused(code, text):
    return [
        (">", "AT+QISEND=0,4"),
        ("<", "ERROR"),
        (">", "AT+QIGETERROR"),
        ("<", "+QIGETERROR: %d, %s" % (code, text)),
        ("<", "OK"),
    ]


def test_error_means_not_sent_and_says_why():
    _, s = opened(refused(567, "connection reset") + send(b"data"))
    error = raises(OSError, s.send, b"data")
    assert error.args[0] == errno.ECONNRESET and error.code == 567
    assert s.send(b"data") == 4  # what was refused may be tried again


def test_error_after_some_was_sent_is_told_by_the_next_call():
    data = bytes(1464)
    script = send(data[:1460]) + refused(558, "socket write failed")
    _, s = opened(script)
    assert s.send(data) == 1460
    assert raises(OSError, s.send, b"more").code == 558


def test_silence_after_the_data_is_never_sent_again():
    uart, s = opened([(">", "AT+QISEND=0,4"), ("<prompt", "> "), (">>", b"data")])
    s.settimeout(None)
    start = virtual_time.clock.elapsed_ms()
    assert error_of(s.send, b"data") == errno.ECONNABORTED
    assert 120000 <= virtual_time.clock.elapsed_ms() - start < 121000
    assert error_of(s.send, b"data") == errno.ECONNABORTED and uart.done()


def test_a_timeout_in_the_middle_of_a_send_reports_what_was_taken_over():
    for pause_before_prompt in (True, False):
        script = [(">", "AT+QISEND=0,4"), ("<prompt", "> "), (">>", b"data"), ("<", "SEND OK")]
        script.insert(1 if pause_before_prompt else 3, ("wait", 2))
        uart, s = opened(script + send(b"more"))
        data = bytearray(b"data")
        assert s.send(data) == 4
        data[:] = b"????"  # the caller's buffer is free again
        s.settimeout(3)
        assert s.send(b"more") == 4 and uart.done()


def test_writing_after_closed():
    uart, s = opened([CLOSED])
    settle(s)
    assert error_of(s.send, b"x") == 32  # EPIPE
    assert uart.done()


# ---- non-blocking ----


def nonblocking(script, **how):
    uart, s = opened(script, **how)
    s.setblocking(False)
    return uart, s


def test_nothing_possible():
    _, s = nonblocking([])
    assert s.read(10) is None and s.readinto(bytearray(4)) is None and s.readline() is None
    assert error_of(s.recv, 10) == errno.EAGAIN
    assert error_of(s.recv_into, bytearray(4)) == errno.EAGAIN


def test_a_write_is_taken_over_and_sent_once():
    uart, s = nonblocking(
        [(">", "AT+QISEND=0,4"), ("wait", 1), ("<prompt", "> "), (">>", b"data"), ("<", "SEND OK")]
        + send(b"more")
    )
    data = bytearray(b"data")
    assert s.write(data) == 4
    data[:] = b"????"
    assert s.write(b"more") is None and error_of(s.send, b"more") == errno.EAGAIN
    assert s.ioctl(3, POLLOUT) == 0
    virtual_time.clock.sleep_ms(1000)
    while not s.ioctl(3, POLLOUT):
        pass
    assert s.write(b"more") == 4
    settle(s)
    assert uart.done()


def test_a_non_blocking_write_takes_one_exchange():
    data = bytes(range(256)) * 8
    uart, s = nonblocking(send(data[:1460]) + send(data[1460:]))
    count = s.write(data)
    assert count == 1460
    while not s.ioctl(3, POLLOUT):
        pass
    assert s.write(memoryview(data)[count:]) == len(data) - 1460
    settle(s)
    assert uart.done()


def test_poll_says_readable_when_the_data_is_here():
    slow = read(b"abc")
    slow.insert(1, ("wait", 0.5))
    _, s = nonblocking(seq(RECV, slow, nothing()))
    looks = 0
    while not s.ioctl(3, POLLIN):
        looks += 1
    assert looks and s.read(10) == b"abc"
    settle(s)
    for _ in range(5):
        assert s.ioctl(3, POLLIN) == 0
    assert s.read(10) is None


def test_poll_of_every_state():
    nic = connected("BG95S5", ScriptedUART([]))
    s = nic.socket()
    assert s.ioctl(3, POLLIN | POLLOUT) == POLLHUP | POLLOUT
    _, s = opened(seq(CLOSED, nothing()))
    while not s.ioctl(3, POLLIN):
        pass
    assert s.recv(1) == b"" and s.ioctl(3, POLLOUT) == POLLOUT
    _, s = opened([("wait", 0.1), ("!", "RDY")])
    virtual_time.clock.sleep_ms(100)
    settle(s)
    assert s.ioctl(3, POLLIN) == POLLERR | POLLHUP | POLLIN
    s.close()
    assert s.ioctl(3, POLLIN) == POLLNVAL


def test_unknown_ioctl_is_negative_and_close_closes():
    uart, s = opened(CLOSE)
    for request in (1, 2, 6, 10, 99):
        assert s.ioctl(request, 0) < 0
    assert s.ioctl(4, 0) == 0 and uart.done()
    assert error_of(s.recv, 1) == errno.EBADF


def test_refused_send_reaches_a_non_blocking_writer():
    _, s = nonblocking(refused(567, "connection reset"))
    assert s.write(b"data") == 4
    while not s.ioctl(3, POLLOUT) & POLLERR:
        pass
    assert raises(OSError, s.write, b"x").code == 567


def test_connect_without_blocking():
    script = [(">", 'AT+QIOPEN=1,0,"TCP","h",80,0,0'), ("<", "OK"), ("wait", 1)]
    uart = ScriptedUART(script + [("!", "+QIOPEN: 0,0")] + send(b"x"))
    nic = connected("BG95S5", uart)
    s = nic.socket()
    s.setblocking(False)
    assert error_of(s.connect, ("h", 80)) == errno.EINPROGRESS
    assert error_of(s.connect, ("h", 80)) == errno.EALREADY
    assert s.ioctl(3, POLLOUT) == 0 and s.read(1) is None
    virtual_time.clock.sleep_ms(1000)
    while not s.ioctl(3, POLLOUT):
        pass
    assert s.write(b"x") == 1
    assert error_of(s.connect, ("h", 80)) == 106  # EISCONN


def test_connect_of_a_datagram_socket_without_blocking():
    # There is nobody to wait for: no stack raises here, and mqtt_as does not expect it to.
    uart = ScriptedUART([OPEN_UDP[0], OPEN_UDP[1], ("wait", 1), OPEN_UDP[2]] + send(b"x"))
    nic = connected("BG95S5", uart)
    s = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
    s.setblocking(False)
    s.connect(("h", 80))
    assert s.write(b"x") is None and s.ioctl(3, POLLOUT) == 0
    virtual_time.clock.sleep_ms(1000)
    while not s.ioctl(3, POLLOUT):
        pass
    assert s.write(b"x") == 1


def test_a_failed_connect_without_blocking():
    script = seq(
        (">", 'AT+QIOPEN=1,0,"TCP","h",80,0,0'),
        ("<", "OK"),
        ("!", "+QIOPEN: 0,566"),
        CLOSE,
    )
    nic = connected("BG95S5", ScriptedUART(script))
    s = nic.socket()
    s.setblocking(False)
    assert error_of(s.connect, ("h", 80)) == errno.EINPROGRESS
    while not s.ioctl(3, POLLOUT):
        pass
    assert s.ioctl(3, POLLOUT) & POLLERR
    error = raises(OSError, s.write, b"x")
    assert error.args[0] == errno.ECONNREFUSED and error.code == 566


# ---- opening and closing ----


def test_a_failed_open_closes_the_number():
    script = seq(
        (">", 'AT+QIOPEN=1,0,"TCP","h",80,0,0'),
        ("<", "OK"),
        ("!", "+QIOPEN: 0,566"),
        CLOSE,
    )
    uart = ScriptedUART(script + OPEN)
    nic = connected("BG95S5", uart)
    s = nic.socket()
    error = raises(OSError, s.connect, ("h", 80))
    assert error.args[0] == errno.ECONNREFUSED and error.code == 566
    s.connect(("h", 80))  # as with a socket of the system, a second try is allowed
    assert uart.done()


def test_a_number_in_use_is_passed_over():
    script = [
        (">", 'AT+QIOPEN=1,0,"TCP","h",80,0,0'),
        ("<", "ERROR"),
        (">", "AT+QIGETERROR"),
        ("<", "+QIGETERROR: 563, socket identity has been used"),
        ("<", "OK"),
        (">", 'AT+QIOPEN=1,1,"TCP","h",80,0,0'),
        ("<", "OK"),
        ("!", "+QIOPEN: 1,0"),
    ]
    uart = ScriptedUART(script)
    nic = connected("BG95S5", uart)
    nic.socket().connect(("h", 80))
    assert uart.done()


def test_no_answer_to_open_within_the_documents_time():
    script = seq((">", 'AT+QIOPEN=1,0,"TCP","h",80,0,0'), ("<", "OK"), ("wait", 150), CLOSE)
    # It may have gone to a USB port.
    script += [(">", 'AT+QURCCFG="urcport"'), ("<", '+QURCCFG: "urcport","uart1"'), ("<", "OK")]
    uart = ScriptedUART(script)
    nic = connected("BG95S5", uart)
    s = nic.socket()
    start = virtual_time.clock.elapsed_ms()
    assert error_of(s.connect, ("h", 80)) == errno.ETIMEDOUT
    assert 150000 <= virtual_time.clock.elapsed_ms() - start < 152000
    assert uart.done()


def given_up(answers, opened_late=()):
    """A connect that times out, with these answers to its QICLOSE; then one that opens."""
    uart = ScriptedUART(seq(OPEN[:2], CLOSE[:1], answers, list(opened_late), OPEN))
    nic = connected("BG95S5", uart)
    s = nic.socket()
    s.settimeout(1)
    start = virtual_time.clock.elapsed_ms()
    assert error_of(s.connect, ("h", 80)) == errno.ETIMEDOUT
    assert virtual_time.clock.elapsed_ms() - start < 1100
    s.close()
    while nic.module.connections:
        nic.module.wait()
    nic.socket().connect(("h", 80))
    assert uart.done()


def test_a_connect_timeout_closes_the_number_at_once():
    given_up([("<", "OK")])


def test_a_connect_timeout_where_the_module_closes_nothing_that_is_opening():
    for result in (0, 569):
        late = seq(("wait", 5), ("!", "+QIOPEN: 0,%d" % result), CLOSE)
        given_up([("<", "ERROR")], late)
    # Nor does it ever tell the end.
    given_up([("<", "ERROR")], seq(("wait", 150), CLOSE))


def test_retries_of_a_connect_never_run_out_of_numbers():
    script = []
    for i in range(20):
        script += [(">", 'AT+QIOPEN=1,%d,"TCP","h",80,0,0' % (i % 2)), ("<", "OK")]
        script += [(">", "AT+QICLOSE=%d" % (i % 2)), ("wait", 0.5), ("<", "OK")]
    uart = ScriptedUART(script)
    nic = connected("BG95S5", uart)
    for _ in range(20):
        s = nic.socket()
        s.settimeout(6)  # longer than a late result is waited for
        assert error_of(s.connect, ("h", 80)) == errno.ETIMEDOUT
        s.close()
        nic.module.wait()
    while nic.module.connections:
        nic.module.wait()
    assert uart.done()


# ---- connectIDs that a program has lost ----


def all_taken(script, after=()):
    """Twelve sockets that do not wait, and are open; nobody has asked about them. `script`
    follows when a blocking one connects."""
    opening = []
    for i in range(12):
        opening += [(">", 'AT+QIOPEN=1,%d,"TCP","h",80,0,0' % i), ("<", "OK")]
        opening += [("!", "+QIOPEN: %d,0" % i)]
    uart = ScriptedUART(opening + list(after) + list(script))
    nic = connected("BG95S5", uart)
    sockets = []
    for _ in range(12):
        s = nic.socket()
        s.setblocking(False)
        assert error_of(s.connect, ("h", 80)) == errno.EINPROGRESS
        while nic.module.under_way:
            nic.module.wait()
        sockets.append(s)
    return uart, nic, sockets


def opens(connect_id):
    return [
        (">", "AT+QICLOSE=%d" % connect_id),
        ("<", "OK"),
        (">", 'AT+QIOPEN=1,%d,"TCP","h",80,0,0' % connect_id),
        ("<", "OK"),
        ("!", "+QIOPEN: %d,0" % connect_id),
    ]


def test_what_nobody_has_seen_open_is_given_up_when_numbers_run_out():
    uart, nic, sockets = all_taken(opens(2) + opens(3))
    virtual_time.clock.sleep(61)
    assert sockets[0].ioctl(3, POLLOUT) == POLLOUT
    for i in (1, 4, 5, 6, 7, 8, 9, 10, 11):
        assert sockets[i].write(b"") == 0
    nic.socket().connect(("h", 80))
    nic.socket().connect(("h", 80))
    assert error_of(sockets[2].recv, 1) == errno.ECONNABORTED
    assert error_of(nic.socket().connect, ("h", 80)) == errno.ENOBUFS
    assert uart.done()


def test_what_may_still_be_asked_about_is_not_given_up():
    uart, nic, _ = all_taken([])
    virtual_time.clock.sleep(59)
    assert error_of(nic.socket().connect, ("h", 80)) == errno.ENOBUFS
    assert uart.done()


def test_the_numbers_of_what_has_failed_or_ended_are_taken_back():
    end = seq(("!", '+QIURC: "closed",7'), nothing(connect_id=7))
    uart, nic, sockets = all_taken(opens(7) + opens(9), end)
    for s in sockets:
        s.ioctl(3, POLLOUT)
    while sockets[7].ioctl(3, POLLIN) != POLLIN:
        nic.module.wait()
    sockets[9].connection.fail(OSError(errno.ECONNABORTED))
    nic.socket().connect(("h", 80))
    nic.socket().connect(("h", 80))
    # Who still has it sees no difference.
    assert sockets[7].read(1) == b"" and sockets[7].recv(1) == b""
    assert error_of(sockets[7].write, b"x") == EPIPE
    sockets[7].close()
    assert error_of(sockets[9].recv, 1) == errno.ECONNABORTED
    assert error_of(nic.socket().connect, ("h", 80)) == errno.ENOBUFS
    assert uart.done()


def test_a_connect_waits_for_a_number_that_is_being_freed():
    script = [(">", "AT+QICLOSE=4"), ("wait", 8)] + opens(4)[1:]
    uart, nic, sockets = all_taken(script)
    for s in sockets:
        s.ioctl(3, POLLOUT)
    sockets[4].close()
    nic.socket().connect(("h", 80))
    assert uart.done()


def test_close_is_idempotent_and_everything_is_ebadf_after_it():
    uart, s = opened(CLOSE)
    s.close()
    s.close()
    buf = bytearray(1)
    for function, args in (
        (s.recv, (1,)),
        (s.recv_into, (buf,)),
        (s.read, (1,)),
        (s.read, ()),
        (s.readinto, (buf,)),
        (s.readline, ()),
        (s.write, (b"x",)),
        (s.send, (b"x",)),
        (s.sendall, (b"x",)),
        (s.sendto, (b"x", ("h", 80))),
        (s.connect, (("h", 80),)),
        (s.setsockopt, (1, 2, 3)),
    ):
        assert error_of(function, *args) == errno.EBADF, function
    assert uart.done()


def test_before_connect():
    uart = ScriptedUART([])
    s = connected("BG95S5", uart).socket()
    for function, args in ((s.recv, (1,)), (s.send, (b"x",)), (s.read, (1,)), (s.write, (b"x",))):
        assert error_of(function, *args) == errno.ENOTCONN
    s.close()
    assert uart.done()


def test_with_closes():
    uart, s = opened(CLOSE)
    with s as same:
        assert same is s
    assert uart.done()


def test_a_refused_argument_sends_nothing():
    uart = ScriptedUART([])
    nic = connected("BG95S5", uart)
    s = nic.socket()
    for host in ('a"b', "a\rb", "a\nb", "a\x1ab", "a\x1bb", "x" * 257):
        assert "host" in str(raises(ValueError, s.connect, (host, 80)))
    for port in (0, 65536, -1):
        assert "1 to 65535" in str(raises(ValueError, s.connect, ("h", port)))
    assert uart.done() and not uart.log


def test_arguments_of_a_wrong_type_send_nothing():
    uart = ScriptedUART([])
    nic = connected("BG95S5", uart)
    for make in (lambda: nic.socket(), lambda: nic.socket(nic.AF_INET, nic.SOCK_DGRAM)):
        for address in (None, 80, "h:80", ("h",), (), ("h", "80"), ("h", None), (None, 80)):
            wrong(make().connect, address)
            wrong(nic.socket(nic.AF_INET, nic.SOCK_DGRAM).sendto, b"x", address)
        wrong(make().connect, (80, "h"))
        for address in (None, 80, "h:80", ("h",), ("", "80"), ("", None)):
            wrong(make().bind, address)
        for seconds in ("5", -1, b"1", [1], float("nan"), float("inf")):
            wrong(make().settimeout, seconds)
    for host in (None, 80, ["h"]):
        wrong(nic.resolve, host)
        wrong(nic.ping, host)
        wrong(nic.ntp, host)
    wrong(nic.socket, "AF_INET")
    wrong(nic.socket, nic.AF_INET, "SOCK_STREAM")
    s = nic.socket()
    s.bind(("", 2020))
    wrong(s.listen, "5")
    assert uart.done() and not uart.log


def test_arguments_of_a_wrong_type_on_an_open_socket_send_nothing():
    uart, s = opened([])
    buf = bytearray(4)
    for data in (None, 5, [1, 2], 1.5, {}):
        wrong(s.send, data)
        wrong(s.write, data)
        wrong(s.sendall, data)
    wrong(s.write, b"abc", "1")
    wrong(s.write, b"abc", 0, "1")
    for size in ("10", None, 1.5, -1):
        wrong(s.recv, size)
        wrong(s.recvfrom, size)
    for size in ("10", -1):
        wrong(s.recv_into, buf, size)
    wrong(s.read, "10")
    wrong(s.readline, "10")
    wrong(s.readline, 1.5)
    for into in (None, 5, b"1234", "1234"):
        wrong(s.recv_into, into)
        wrong(s.readinto, into)
    assert uart.done() and len(uart.log) == 1


def test_a_host_of_bytes():
    script = seq(OPEN, CLOSE, OPEN_UDP, send(b"x"), send(b"y"))
    uart = ScriptedUART(script)
    nic = connected("BG95S5", uart)
    s = nic.socket()
    s.connect(nic.getaddrinfo(b"h", 80)[0][-1])
    s.close()
    s = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
    s.sendto(b"x", (b"h", 80))
    s.sendto(b"y", (b"h", 80))
    assert s.connection.peer == ("h", 80) and uart.done()
    assert nic.resolve(b"192.0.2.1") == ["192.0.2.1"]


def test_a_bound_datagram_socket_where_the_module_serves_nobody():
    for name in ("BC95GR", "BC20", "BC25"):
        uart = ScriptedUART([])
        s = connected(name, uart).socket(2, 2)
        s.bind(("", 3030))
        for timeout in (None, 1, 0):
            s.settimeout(timeout)
            for function in (s.recvfrom, s.recv, s.read):
                error = raises(OSError, function, 10)
                assert error.args[0] == errno.EOPNOTSUPP and "UDP SERVICE" in str(error)
        assert s.ioctl(3, POLLIN) & POLLERR
        assert s.ioctl(3, POLLOUT) == POLLOUT
        assert error_of(s.send, b"x") == errno.ENOTCONN
        assert not uart.log


# ---- two sockets, epochs ----


def test_two_sockets_keep_their_bytes_apart():
    second = [(">", 'AT+QIOPEN=1,1,"TCP","h",81,0,0'), ("<", "OK"), ("!", "+QIOPEN: 1,0")]

    def program(uart):
        a = opened_on(uart)
        b = a.connection.nic.socket()
        b.connect(("h", 81))
        return [b.recv(10), a.recv(10), a.send(b"to a"), b.send(b"to b")]

    script = OPEN + second + [RECV, ("!", '+QIURC: "recv",1')] + read(b"for b", 1500, 1)
    script += read(b"for a") + send(b"to a") + send(b"to b", 1)
    assert variants(script, program) == [b"for b", b"for a", 4, 4]


def test_twelve_sockets_and_no_more():
    script = []
    for i in range(12):
        script.append((">", 'AT+QIOPEN=1,%d,"TCP","h",80,0,0' % i))
        script += [("<", "OK"), ("!", "+QIOPEN: %d,0" % i)]
    script += [(">", "AT+QICLOSE=5"), ("<", "OK")]
    script += [(">", 'AT+QIOPEN=1,5,"TCP","h",80,0,0'), ("<", "OK"), ("!", "+QIOPEN: 5,0")]
    uart = ScriptedUART(script)
    nic = connected("BG95S5", uart)
    sockets = [nic.socket() for _ in range(13)]
    for s in sockets[:12]:
        s.connect(("h", 80))
    error = raises(OSError, sockets[12].connect, ("h", 80))
    assert error.args[0] == errno.ENOBUFS and "12" in str(error)
    sockets[5].close()
    sockets[12].connect(("h", 80))
    assert uart.done()


def epoch(event, *answers):
    uart, s = opened(seq(("wait", 0.1), event, list(answers)))
    s.settimeout(None)
    nic = s.connection.nic
    assert error_of(s.recv, 10) == errno.ECONNABORTED
    assert error_of(s.send, b"x") == errno.ECONNABORTED
    assert not nic.isconnected()
    assert error_of(nic.socket().connect, ("h", 80)) == 101  # ENETUNREACH
    s.close()
    settle(s)
    assert uart.done()


def test_a_reboot_ends_the_epoch():
    epoch(("!", "RDY"))


def test_a_lost_context_ends_the_epoch():
    epoch(("!", '+QIURC: "pdpdeact",1'), (">", "AT+QIDEACT=1"), ("<", "OK"))


def test_a_reboot_in_the_middle_of_a_send_is_told_at_once():
    for stop in (1, 2):
        script = [(">", "AT+QISEND=0,4"), ("<prompt", "> "), (">>", b"data")][: 2 * stop - 1]
        _, s = opened(script + [("!", "RDY")])
        s.settimeout(None)
        start = virtual_time.clock.elapsed_ms()
        assert error_of(s.send, b"data") == errno.ECONNABORTED
        assert virtual_time.clock.elapsed_ms() - start < 1000


def test_a_close_that_comes_late_is_not_the_next_ones():
    again = [OPEN[0], CLOSED] + OPEN[1:]
    uart, s = opened(CLOSE + again + send(b"x"))
    s.close()
    s = opened_again(s)
    assert s.send(b"x") == 1 and uart.done()


def opened_again(s):
    """Another socket of the same interface, connected."""
    s = s.connection.nic.socket()
    s.connect(("h", 80))
    return s
