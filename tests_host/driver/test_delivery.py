"""The check that the peer acknowledges what was written: s.setsockopt with nic.DELIVERY."""

import errno

import virtual_time
from quectel.services import forms
from scripted import ScriptedUART, connected, raises, variants

clock = virtual_time.clock
OK = ("<", "OK")
PLACE = ("192.0.2.2", 80)
OPEN = [(">", 'AT+QIOPEN=1,0,"TCP","192.0.2.2",80,0,0'), OK, ("!", "+QIOPEN: 0,0")]
CLOSE = [(">", "AT+QICLOSE=0"), OK]
POLLOUT, POLLERR, POLLHUP = 4, 8, 16


def send(data, answer="SEND OK"):
    line = (">", "AT+QISEND=0,%d" % len(data))
    return [line, ("<prompt", "> "), (">>", data), ("<", answer)]


def told(acked, total=4):
    answer = "+QISEND: %d,%d,%d" % (total, acked, total - acked)
    return [(">", "AT+QISEND=0,0"), ("<", answer), OK]


def opened(script, seconds=120, model="BG95S5", before=OPEN, **options):
    uart = ScriptedUART(before + script)
    nic = connected(model, uart, **options)
    s = nic.socket()
    s.connect(PLACE)
    s.setsockopt(nic.SOL_QUECTEL, nic.DELIVERY, seconds)
    return uart, nic, s


def stepped(nic, until, most=1000):
    """Poll until `until()`, as a program that does something else; the seconds that it took."""
    start = clock.elapsed_ms()
    while not until():
        nic.poll()
        clock.sleep_ms(10)
        assert clock.elapsed_ms() - start < most * 1000, "not within %d s" % most
    return (clock.elapsed_ms() - start) / 1000


def wait(nic, seconds):
    end = clock.elapsed_ms() + seconds * 1000
    stepped(nic, lambda: clock.elapsed_ms() >= end)


def failed(s):
    return lambda: s.connection.failure is not None


def test_off_unless_asked_for():
    uart = ScriptedUART(OPEN + send(b"data"))
    nic = connected("BG95S5", uart)
    s = nic.socket()
    s.connect(PLACE)
    s.write(b"data")
    wait(nic, 300)
    assert uart.done() and not nic.module.under_way


def test_nothing_is_asked_where_nothing_was_written():
    uart, nic, _ = opened([])
    wait(nic, 300)
    assert uart.done() and not nic.module.under_way


def test_what_is_acknowledged_is_asked_once():
    uart, nic, s = opened(send(b"data") + told(4) + send(b"more") + told(8, 8))
    for data in (b"data", b"more"):
        s.write(data)
        took = stepped(nic, lambda: not nic.module.under_way)
        assert 5 <= took < 5.1, took
        wait(nic, 100)
        assert failed(s)() is False
    assert uart.done()


def test_two_minutes_without_an_acknowledgement():
    """The document's: each 5 s, 24 times. Nobody calls the socket."""
    uart, nic, s = opened(send(b"data") + 24 * told(0) + CLOSE)
    s.write(b"data")
    took = stepped(nic, failed(s))
    assert 120 <= took < 121, took
    for call in (lambda: s.write(b"x"), lambda: s.recv(1), lambda: s.readline(), s.flush):
        error = raises(OSError, call)
        assert error.args[0] == errno.ECONNABORTED
        assert "4 bytes sent, 0 acknowledged" in str(error) and "120 s" in str(error), error
    s.close()
    assert uart.done()


def test_a_shorter_time_has_four_queries_too():
    uart, nic, s = opened(send(b"data") + 4 * told(0), 2)
    s.write(b"data")
    took = stepped(nic, failed(s))
    assert 2 <= took < 2.1, took
    assert uart.done()


def test_each_acknowledgement_begins_the_time_anew():
    # 10 s: each 2.5 s. A peer that reads slowly, and then not at all.
    slow = told(1) + told(1) + told(2) + told(2) + told(2) + told(3) + 4 * told(3)
    uart, nic, s = opened(send(b"data") + slow, 10)
    s.write(b"data")
    took = stepped(nic, failed(s))
    assert 25 <= took < 26, took
    assert "4 bytes sent, 3 acknowledged" in str(s.connection.failure)
    assert uart.done()


def test_what_is_written_meanwhile_gives_no_more_time():
    script = list(send(b"data"))
    for i in range(1, 5):
        script += told(0, 4 * i) + send(b"data")
    _, nic, s = opened(script[: -len(send(b"data"))], 10)
    s.write(b"data")
    start = clock.elapsed_ms()
    for _ in range(3):
        wait(nic, 2.6)
        s.write(b"data")
    stepped(nic, failed(s))
    assert clock.elapsed_ms() - start < 11000
    assert "16 bytes sent, 0 acknowledged" in str(s.connection.failure)


def test_a_peer_that_reads_nothing_ends_a_write_that_waits():
    """Its window and the module's buffer are full: SEND FAIL again and again."""
    uart = ScriptedUART(OPEN)
    nic = connected("BG95S5", uart)
    s = nic.socket()
    s.connect(PLACE)
    s.setsockopt(nic.SOL_QUECTEL, nic.DELIVERY, 20)
    uart.script = send(b"data") + [("call", lambda: refuse(uart))]
    s.write(b"data")
    start = clock.elapsed_ms()
    error = raises(OSError, s.write, b"more")
    assert error.args[0] == errno.ECONNABORTED and "4 bytes sent, 1 acknowledged" in str(error)
    assert 20 <= (clock.elapsed_ms() - start) / 1000 < 32
    assert b"more" in uart.log and not nic.module.senders


def refuse(uart):
    # From now on the module takes nothing: whatever is sent, an answer follows in the script.
    uart.write = lambda data, at, size: refused(uart, bytes(data[at : at + size]))


def refused(uart, data):
    uart.sent.extend(data)
    clock.idle = False
    answers = {
        b"AT+QISEND=0,4\r": b"\r\n> ",
        b"more": b"\r\nSEND FAIL\r\n",
        b"AT+QISEND=0,0\r": b"\r\n+QISEND: 4,1,3\r\n\r\nOK\r\n",
    }
    sent = bytes(uart.sent)
    if sent in answers:
        uart.log.append(sent)
        uart._line.extend(answers[sent])
        uart.sent = bytearray()
    return len(data)


def test_a_socket_that_does_not_wait():
    uart, nic, s = opened(send(b"data") + 5 * told(2), 8)
    s.setblocking(False)
    assert s.write(b"data") == 4
    stepped(nic, lambda: s.ioctl(3, POLLOUT) not in (0, POLLOUT))
    assert s.ioctl(3, POLLOUT) == POLLERR | POLLHUP | POLLOUT
    assert "4 bytes sent, 2 acknowledged" in str(raises(OSError, s.write, b"x"))
    assert uart.done()


def test_a_restart_is_the_error():
    uart, nic, s = opened(send(b"data") + told(0) + [("wait", 1), ("!", "RDY")])
    s.write(b"data")
    took = stepped(nic, failed(s))
    assert 5 < took < 7 and "restarted" in str(s.connection.failure)
    wait(nic, 200)  # and the module is asked no more
    assert uart.done()


def test_a_peer_that_closes_is_an_end_as_ever():
    end = [("wait", 1), ("!", '+QIURC: "closed",0'), (">", "AT+QIRD=0,1500")]
    end += [("<", "+QIRD: 3"), ("<<", b"bye"), OK, (">", "AT+QIRD=0,1500"), ("<", "+QIRD: 0"), OK]
    uart, nic, s = opened(send(b"data") + told(0) + end)
    s.write(b"data")
    wait(nic, 300)
    assert s.recv(100) == b"bye" and s.recv(100) == b""
    assert uart.done()


def test_a_query_that_is_refused():
    """The module is asked what it still has; the time goes on."""
    listed = [(">", "AT+QISTATE?"), ("<", '+QISTATE: 0,"TCP","192.0.2.2",80,4097,2,1,0,0,"u"'), OK]
    context = [(">", "AT+QIACT?"), ("<", '+QIACT: 1,1,1,"10.7.157.1"'), OK]
    look = [(">", "AT+QISEND=0,0"), ("<", "ERROR")] + listed + context
    uart, nic, s = opened(send(b"data") + 4 * look, 20)
    s.write(b"data")
    took = stepped(nic, failed(s))
    assert 20 <= took < 21 and "refuses to tell" in str(s.connection.failure)
    stepped(nic, uart.done)


def test_a_connection_that_the_module_has_lost():
    listed = [(">", "AT+QISTATE?"), OK]
    context = [(">", "AT+QIACT?"), ("<", '+QIACT: 1,1,1,"10.7.157.1"'), OK]
    look = [(">", "AT+QISEND=0,0"), ("<", "ERROR")] + 2 * listed + context
    uart, nic, s = opened(send(b"data") + look)
    s.write(b"data")
    assert stepped(nic, failed(s)) < 10
    assert "has lost the connection" in str(s.connection.failure) and uart.done()


def test_answers_that_cannot_be_read_prove_nothing():
    garbled = [(">", "AT+QISEND=0,0"), ("<", "+QISEND: 4,?,4"), OK]
    uart, nic, s = opened(send(b"data") + 2 * told(0) + 6 * garbled + told(0) + told(4), 20)
    s.write(b"data")
    took = stepped(nic, lambda: not nic.module.under_way)
    assert 50 <= took < 51 and not failed(s)()
    assert uart.done()


def test_a_long_command_proves_nothing():
    """While another command has the line nobody can ask."""
    search = [(">", "AT+COPS=?"), ("wait", 170), ("<", "+COPS: ,,(0-4),(0-2)"), OK]
    uart, nic, s = opened(send(b"data") + search + 2 * told(0) + told(4), 60)
    s.write(b"data")
    nic.operators()
    stepped(nic, lambda: not nic.module.under_way)
    assert uart.done() and not failed(s)(), (uart.script, s.connection.failure)


def test_a_write_that_begins_as_the_answer_comes_is_checked_too():
    """What steps first of the two is by chance."""
    for first in (False, True):
        ask, *answer = told(4)
        script = [ask, ("wait", 0.3)] + answer + send(b"more") + 4 * told(4, 8)
        uart, nic, s = opened(send(b"data") + script, 8)
        s.setblocking(False)
        s.write(b"data")
        stepped(nic, lambda uart=uart: "AT+QISEND=0,0" in uart.log)
        s.write(b"more")
        if first:
            nic.module.senders.reverse()
        stepped(nic, failed(s))
        assert uart.done() and "8 bytes sent, 4 acknowledged" in str(s.connection.failure)


def test_it_can_be_switched_off():
    uart, nic, s = opened(send(b"data") + told(0) + send(b"more"), 20)
    s.write(b"data")
    wait(nic, 6)
    s.setsockopt(nic.SOL_QUECTEL, nic.DELIVERY, 0)
    s.write(b"more")
    wait(nic, 60)
    assert uart.done() and not failed(s)() and not nic.module.under_way


def test_another_time_holds_for_what_was_written_before():
    uart, nic, s = opened(send(b"data") + told(0) + 4 * told(0))
    s.write(b"data")
    wait(nic, 6)
    s.setsockopt(nic.SOL_QUECTEL, nic.DELIVERY, 8)
    took = stepped(nic, failed(s))
    assert 8 <= took < 9 and uart.done()


def test_a_close_ends_it():
    uart, nic, s = opened(send(b"data") + told(0) + CLOSE, 20)
    s.write(b"data")
    wait(nic, 6)
    s.close()
    wait(nic, 60)
    assert uart.done() and not nic.module.under_way


def test_with_gathered_writes_and_with_other_forms():
    uart, nic, s = opened(send(b"onetwo") + told(6, 6))
    s.setsockopt(nic.SOL_QUECTEL, nic.COALESCE, True)
    s.write(b"one")
    s.write(b"two")
    stepped(nic, uart.done)
    script = [(">", 'AT+QISEND=0,4,"text"'), ("<", "SEND OK")] + 4 * told(0)
    hexed = [(">", 'AT+QISENDEX=0,"74657874"'), ("<", "SEND OK")] + script[2:]
    uart, nic, s = opened(hexed, 8)
    forms.send(s, b"text", "line", hex=True)
    stepped(nic, failed(s))
    assert uart.done()


def test_chosen_before_there_is_a_connection():
    """Another connectID than 0, and a second attempt."""
    refusal = [(">", 'AT+QIOPEN=1,0,"TCP","192.0.2.2",80,0,0'), OK, ("!", "+QIOPEN: 0,566")]
    script = refusal + [(">", "AT+QICLOSE=0"), OK] + OPEN + send(b"data") + 4 * told(0)
    uart = ScriptedUART(script)
    nic = connected("BG95S5", uart)
    s = nic.socket()
    s.setsockopt(nic.SOL_QUECTEL, nic.DELIVERY, 4)
    raises(OSError, s.connect, PLACE)
    s.connect(PLACE)
    s.write(b"data")
    stepped(nic, failed(s))
    assert uart.done()


def test_clients_of_a_listener_are_checked_alike():
    listen = [(">", 'AT+QIOPEN=1,0,"TCP LISTENER","127.0.0.1",0,2020,0'), OK]
    listen += [("!", "+QIOPEN: 0,0"), ("!", '+QIURC: "incoming",11,0,"192.0.2.9",4000')]
    script = [(">", "AT+QISEND=11,4"), ("<prompt", "> "), (">>", b"data"), ("<", "SEND OK")]
    look = [(">", "AT+QISEND=11,0"), ("<", "+QISEND: 4,0,4"), OK]
    uart = ScriptedUART(listen + script + 4 * look)
    nic = connected("BG95S5", uart)
    server = nic.socket()
    server.setsockopt(nic.SOL_QUECTEL, nic.DELIVERY, 8)
    server.bind(("", 2020))
    server.listen()
    client, _ = server.accept()
    client.write(b"data")
    took = stepped(nic, failed(client))
    assert 8 <= took < 9 and uart.done()
    assert server.connection.failure is None


def test_transparent_mode_is_entered_when_all_is_acknowledged():
    """No command can ask there: what is sent in that mode is not checked."""
    enter = [(">", "AT+QISWTMD=0,2"), ("<", "CONNECT"), (">>", b"raw")]
    leave = [("wait", 1), (">>", b"+++"), ("wait", 1.0), OK]
    look = [(">", "AT+QIRD=0,1500"), ("<", "+QIRD: 0"), OK]
    uart, nic, s = opened(send(b"data") + told(0) + told(4) + look + enter + leave, 120)
    s.write(b"data")
    with s.transparent() as raw:
        raw.write(b"raw")
        wait(nic, 300)
    assert uart.done() and not failed(s)(), (uart.script, s.connection.failure)


def test_what_has_no_such_query():
    for model in ("BC95GR", "BC20", "BC25"):
        nic = connected(model, ScriptedUART([]))
        error = raises(OSError, nic.socket().setsockopt, nic.SOL_QUECTEL, nic.DELIVERY, 120)
        assert error.args[0] == errno.EOPNOTSUPP and nic.dialect.MODEL in str(error)
    nic = connected("BG95S5", ScriptedUART([]))
    s = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
    error = raises(OSError, s.setsockopt, nic.SOL_QUECTEL, nic.DELIVERY, 120)
    assert error.args[0] == errno.EOPNOTSUPP and "datagrams" in str(error)
    for seconds in (-1, 86401, 1.5, None):
        raises(ValueError, nic.socket().setsockopt, nic.SOL_QUECTEL, nic.DELIVERY, seconds)


def test_a_whole_conversation_cut_anywhere():
    script = OPEN + send(b"data") + told(0) + told(2) + told(4) + send(b"more") + 2 * told(5, 8)
    script += told(5, 8) + told(5, 8) + told(5, 8) + CLOSE

    def program(uart):
        nic = connected("BG95S5", uart)
        s = nic.socket()
        s.connect(PLACE)
        s.setsockopt(nic.SOL_QUECTEL, nic.DELIVERY, 8)
        s.write(b"data")
        stepped(nic, lambda: not nic.module.under_way)
        s.write(b"more")
        stepped(nic, failed(s))
        s.close()
        return str(s.connection.failure)

    assert "8 bytes sent, 5 acknowledged" in variants(script, program, apart=7)


# ---- drain ----


def test_drain_has_a_time_also_where_the_module_takes_nothing():
    script = OPEN + send(b"data", "SEND FAIL") + send(b"data") + told(4)
    uart = ScriptedUART(script)
    nic = connected("BG95S5", uart)
    s = nic.socket()
    s.connect(PLACE)
    s.setblocking(False)
    s.write(b"data")
    assert raises(OSError, s.drain, 0.01).args[0] == errno.ETIMEDOUT
    s.drain(10)
    assert uart.done()


def test_drain_raises_what_the_connection_has_failed_with():
    _, _, s = opened(send(b"data") + told(0) + told(0) + [("wait", 0.1), ("!", "RDY")])
    s.write(b"data")
    error = raises(OSError, s.drain)
    assert error.args[0] == errno.ECONNABORTED and "restarted" in str(error)
