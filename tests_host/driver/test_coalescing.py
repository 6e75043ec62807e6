"""Writes that are gathered: when their bytes leave, and that each leaves once."""

import errno

from scripted import ScriptedUART, connected, raises, variants

POLLIN, POLLOUT = 1, 4
RECV = ("!", '+QIURC: "recv",0')
CLOSE = [(">", "AT+QICLOSE=0"), ("<", "OK")]
SECOND = [(">", 'AT+QIOPEN=1,1,"TCP","h",80,0,0'), ("<", "OK"), ("!", "+QIOPEN: 1,0")]


def opening(connect_id=0):
    line = 'AT+QIOPEN=1,%d,"TCP","h",80,0,0' % connect_id
    return [(">", line), ("<", "OK"), ("!", "+QIOPEN: %d,0" % connect_id)]


def read(data, asked=1500):
    return [
        (">", "AT+QIRD=0,%d" % asked),
        ("<", "+QIRD: %d" % len(data)),
        ("<<", data),
        ("<", "OK"),
    ]


def send(data, answer="SEND OK", connect_id=0):
    return [
        (">", "AT+QISEND=%d,%d" % (connect_id, len(data))),
        ("<prompt", "> "),
        (">>", data),
        ("<", answer),
    ]


def opened(script, timeout=2):
    uart = ScriptedUART(opening() + script)
    return uart, opened_on(uart, timeout)


def opened_on(uart, timeout=2):
    nic = connected("BG95S5", uart)
    nic.config(coalesce=True)
    s = nic.socket()
    s.settimeout(5)
    s.connect(("h", 80))
    s.settimeout(timeout)
    return s


def test_off_unless_asked_for():
    uart = ScriptedUART(opening() + send(b"one") + send(b"two"))
    nic = connected("BG95S5", uart)
    s = nic.socket()
    s.connect(("h", 80))
    assert s.write(b"one") == 3 and s.write(b"two") == 3 and uart.done()


def test_as_an_option_of_one_socket():
    uart = ScriptedUART(opening() + send(b"onetwo") + send(b"three"))
    nic = connected("BG95S5", uart)
    s = nic.socket()
    s.connect(("h", 80))
    s.setsockopt(nic.SOL_QUECTEL, nic.COALESCE, 1)
    s.write("one")
    s.write(b"two more", 3)
    s.setsockopt(nic.SOL_QUECTEL, nic.COALESCE, 0)  # what is there leaves first
    s.write(b"three")
    assert uart.done()


def test_ten_writes_and_a_read_are_one_exchange():
    parts = ["GET", b" ", "/", b" HTTP/1.0\r\n", "Host", ": ", b"h", b"\r\n", b"\r\n", b"body"]

    def program(uart):
        s = opened_on(uart)
        written = [s.write(part) for part in parts]
        return written, s.readline(), s.close()

    whole = b"".join(part.encode() if isinstance(part, str) else part for part in parts)
    script = opening() + send(whole) + [RECV] + read(b"200\n") + CLOSE
    written, line, _ = variants(script, program)
    assert written == [len(part) for part in parts] and line == b"200\n"


def test_every_other_call_sends_what_is_there():
    calls = {
        "flush": lambda s: s.flush(),
        "settle": lambda s: s.close(),
        "poll": lambda s: [s.ioctl(3, POLLIN) for _ in range(200)],
        "interface": lambda s: [s.connection.nic.isconnected() for _ in range(200)],
    }
    for name, call in calls.items():
        uart, s = opened(send(b"ab") + (CLOSE if name == "settle" else []))
        s.write(b"a")
        s.write(b"b")
        assert not uart.done()
        call(s)
        assert uart.done(), name


def test_another_socket_that_waits_sends_it():
    uart = ScriptedUART(opening() + opening(1) + send(b"ab"))
    s = opened_on(uart)
    s.setblocking(True)
    other = s.connection.nic.socket()
    other.connect(("h", 80))
    s.write(b"a")
    s.write(b"b")
    other.settimeout(0.5)
    assert raises(OSError, other.recv, 1).args[0] == errno.ETIMEDOUT
    assert uart.done()


def test_a_full_buffer_leaves_and_the_rest_follows():
    data = bytes(range(256)) * 8
    uart, s = opened(send(data[:1460]) + send(data[1460:2000]))
    for at_ in range(0, 2000, 100):
        assert s.write(data[at_ : at_ + 100]) == 100
    s.flush()
    assert uart.done()


def test_a_whole_exchange_goes_at_once_behind_what_is_there():
    data = bytes(range(256)) * 16
    uart, s = opened(send(b"head" + data[:1456]) + send(data[1456:2916]) + send(data[2916:4096]))
    s.write(b"head")
    assert s.write(data) == 4096 and uart.done()


def test_without_waiting():
    data = bytes(range(243)) * 6
    uart, s = opened(send(b"ab") + send(data) + send(b"cd"), timeout=0)
    assert s.write(b"a") == 1 and s.write(b"b") == 1
    # A poll begins to send, and what follows while it does goes in the next exchange.
    assert s.ioctl(3, POLLOUT) == POLLOUT
    assert s.write(data) == 1458
    while s.write(b"cd") is None:
        s.ioctl(3, POLLOUT)
    for _ in range(200):
        s.ioctl(3, POLLOUT)
    assert uart.done()


def test_not_writable_when_full_and_writable_again():
    data = bytes(1460)
    uart, s = opened(send(data) + send(b"more"), timeout=0)
    assert s.send(data) == 1460
    done = 0
    while s.write(b"more") is None:
        s.ioctl(3, POLLOUT)
        done += 1
        assert done < 1000
    for _ in range(200):
        s.ioctl(3, POLLOUT)
    assert uart.done()


def test_send_fail_is_sent_again_and_error_is_raised_by_the_next_call():
    uart, s = opened(send(b"ab", "SEND FAIL") + send(b"ab"))
    s.write(b"a")
    s.write(b"b")
    s.flush()
    assert uart.done()
    refused = [(">", "AT+QISEND=0,1"), ("<", "ERROR"), (">", "AT+QIGETERROR")]
    refused += [("<", "+QIGETERROR: 566,socket connect failed"), ("<", "OK")]
    uart, s = opened(refused)
    assert s.write(b"a") == 1
    error = raises(OSError, s.flush)
    assert error.code == 566 and uart.done()


def test_no_answer_is_told_and_nothing_is_sent_again():
    uart, s = opened([(">", "AT+QISEND=0,1"), ("<prompt", "> "), (">>", b"a"), ("!", "RDY")])
    s.write(b"a")
    assert raises(OSError, s.recv, 1).args[0] == errno.ECONNABORTED
    assert raises(OSError, s.write, b"b").args[0] == errno.ECONNABORTED
    assert uart.done()


def test_a_time_out_while_the_buffer_is_full_counts_what_was_taken():
    data = bytes(1459)
    script = [(">", "AT+QISEND=0,1460"), ("<prompt", "> "), (">>", data + b"0")]
    uart, s = opened(script + [("wait", 5), ("<", "SEND OK")] + send(b"12345"), timeout=1)
    s.write(data)
    assert s.write(b"012345") == 1
    assert raises(OSError, s.write, b"12345").args[0] == errno.ETIMEDOUT
    s.settimeout(None)
    assert s.write(b"12345") == 5
    s.flush()
    assert uart.done()


def test_datagrams_stay_apart():
    script = [(">", 'AT+QIOPEN=1,0,"UDP","h",80,0,0'), ("<", "OK"), ("!", "+QIOPEN: 0,0")]
    uart = ScriptedUART(script + send(b"one") + send(b"two"))
    nic = connected("BG95S5", uart)
    nic.config(coalesce=True)
    s = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
    s.connect(("h", 80))
    s.send(b"one")
    s.send(b"two")
    assert uart.done() and nic.config("coalesce")


def test_the_choice_is_kept_when_the_interface_has_sent_for_another_socket():
    uart = ScriptedUART(opening() + send(b"x"))
    nic = connected("BG95S5", uart)
    nic.config(coalesce=True)
    s = nic.socket(nic.AF_INET, nic.SOCK_STREAM)
    s.connect(("h", 80))
    s.setsockopt(nic.SOL_QUECTEL, nic.COALESCE, 0)
    s.setblocking(False)
    assert s.write(b"x") == 1  # through the interface's outbox
    for _ in range(100):
        nic.poll()
    assert uart.done() and nic.config("coalesce")
