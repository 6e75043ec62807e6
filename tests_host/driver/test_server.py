"""Listeners, UDP services, push mode and the other options of a socket, on a scripted module."""

import errno

import virtual_time
from conversations.bg95 import CONVERSATIONS
from openings import LISTEN, TCP
from scripted import ScriptedUART, connected, raises, variants

PUSH = [(">", 'AT+QIOPEN=1,0,"TCP","h",80,0,1'), ("<", "OK"), ("!", "+QIOPEN: 0,0")]


def incoming(connect_id, server=0, port=54091):
    return ("!", '+QIURC: "incoming",%d,%d,"172.31.242.222",%d' % (connect_id, server, port))


def conversation(section, number):
    """A section's examples, with the connectID 0 that the driver takes where the example takes
    another."""
    script = []
    for key in sorted(CONVERSATIONS):
        if key.split(" ")[0].startswith(section):
            script.extend(CONVERSATIONS[key])
    return [
        (kind, _renumbered(what, number)) for kind, what in script if kind not in ("given", "peer")
    ]


def _renumbered(what, number):
    if not isinstance(what, str):
        return what
    for old, new in (
        ("QIOPEN=1,%d," % number, "QIOPEN=1,0,"),
        ("+QIOPEN: %d," % number, "+QIOPEN: 0,"),
        ("+QISTATE: %d," % number, "+QISTATE: 0,"),
        ('"incoming",11,%d,' % number, '"incoming",11,0,'),
        ("QICLOSE=%d" % number, "QICLOSE=0"),
        ('"recv",%d' % number, '"recv",0'),
        ("QIRD=%d" % number, "QIRD=0"),
        ("QISEND=%d," % number, "QISEND=0,"),
    ):
        if not (what.startswith("AT+QICLOSE=11") or what.startswith("AT+QIRD=11")):
            what = what.replace(old, new) if '"recv",11' not in what else what
    return what


def listener(uart, name="BG95S5", port=2020):
    nic = connected(name, uart)
    s = nic.socket()
    s.bind(("", port))
    s.listen()
    s.settimeout(0.9)
    return nic, s


def test_tcp_server_of_the_document():
    def program(uart):
        nic, s = listener(uart)
        seen = [len(nic.command("AT+QISTATE=0,1"))]
        client, peer = s.accept()
        client.settimeout(0.5)
        seen += [peer, client.recv(1500)]
        seen.append(raises(OSError, client.recv, 1500).args[0] == errno.ETIMEDOUT)
        seen.append(nic.command("AT+QIRD=11,0"))
        client.close()
        s.close()
        return seen

    script = conversation("3.6.", 1)
    outcome = variants(script, program)
    assert outcome == [1, ("172.31.242.222", 54091), b"test", True, ["+QIRD: 4,4,0"]]


def test_udp_service_of_the_document():
    def program(uart):
        nic = connected("BG95S5", uart)
        s = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
        s.bind(("", 3030))
        s.settimeout(0.5)
        seen = [len(nic.command("AT+QISTATE=0,1"))]
        seen.append(s.recvfrom(1500))
        seen.append(raises(OSError, s.recvfrom, 10).args[0] == errno.ETIMEDOUT)
        seen.append(s.sendto(b"1234567890", ("10.7.76.34", 7687)))
        seen.append(s.sendto(b"1234567890", ("10.7.89.10", 6969)))
        s.close()
        return seen

    outcome = variants(conversation("3.8.", 2), program)
    assert outcome == [1, (b"AAAA", ("10.7.76.34", 7687)), True, 10, 10]


def test_several_clients_and_one_too_many():
    script = LISTEN + [incoming(11), incoming(10, port=2), ("!", '+QIURC: "incoming full"')]
    script += [("!", '+QIURC: "incoming full",0'), ("!", '+QIURC: "incoming full",5')]
    uart = ScriptedUART(script)
    nic, s = listener(uart)
    ports = [s.accept()[1][1], s.accept()[1][1]]
    assert ports == [54091, 2]
    assert raises(OSError, s.accept).args[0] == errno.ETIMEDOUT
    assert s.refused == 2
    s.setblocking(False)
    assert raises(OSError, s.accept).args[0] == errno.EAGAIN
    assert s.ioctl(3, 5) == 0 and len(nic.module.connections) == 3


def test_poll_of_a_listener():
    _, s = listener(ScriptedUART(LISTEN + [incoming(11)]))
    while not s.ioctl(3, 1):
        pass
    assert s.accept()[1] == ("172.31.242.222", 54091)
    assert s.ioctl(3, 1) == 0


def test_a_listener_takes_and_gives_no_bytes():
    _, s = listener(ScriptedUART(LISTEN))
    for function, args in ((s.recv, (1,)), (s.send, (b"x",)), (s.read, (1,)), (s.write, (b"x",))):
        assert raises(OSError, function, *args).args[0] == errno.ENOTCONN


def test_the_number_of_an_incoming_connection_is_given_up():
    # The module gives number 1 to a client while the driver opens it for a connection of its own.
    script = LISTEN + [
        (">", 'AT+QIOPEN=1,1,"TCP","h",80,0,0'),
        incoming(1),
        ("<", "OK"),
        ("!", "+QIOPEN: 1,563"),
        (">", 'AT+QIOPEN=1,2,"TCP","h",80,0,0'),
        ("<", "OK"),
        ("!", "+QIOPEN: 2,0"),
        (">", "AT+QISEND=1,1"),
        ("<prompt", "> "),
        (">>", b"a"),
        ("<", "SEND OK"),
        (">", "AT+QISEND=2,1"),
        ("<prompt", "> "),
        (">>", b"b"),
        ("<", "SEND OK"),
    ]
    uart = ScriptedUART(script)
    nic, s = listener(uart)
    own = nic.socket()
    own.connect(("h", 80))
    client, _ = s.accept()
    assert client.send(b"a") == 1 and own.send(b"b") == 1 and uart.done()


# ---- what any peer can do to a listener ----


def closes(connect_id):
    return [(">", "AT+QICLOSE=%d" % connect_id), ("<", "OK")]


def step_until(condition, nic):
    for _ in range(100000):
        if condition():
            return
        nic.module.wait()
    raise AssertionError("never")


def test_more_than_the_backlog_are_closed():
    script = LISTEN + [incoming(number, port=number) for number in (11, 10, 9, 8)]
    script += closes(8) + closes(9) + [incoming(7, port=7)]
    uart = ScriptedUART(script)
    nic = connected("BG95S5", uart)
    s = nic.socket()
    s.bind(("", 2020))
    s.listen(2)
    step_until(lambda: s.refused == 2, nic)
    assert [s.accept()[1][1], s.accept()[1][1]] == [11, 10]
    s.settimeout(1)
    assert s.accept()[1][1] == 7 and s.refused == 2 and uart.done()


def test_a_burst_of_clients_is_no_backlog():
    script = LISTEN + [incoming(number, port=number) for number in range(11, 1, -1)]
    uart = ScriptedUART(script)
    nic = connected("BG95S5", uart)
    s = nic.socket()
    s.bind(("", 2020))
    s.listen(1)
    with virtual_time.fine:
        for _ in range(100):
            nic.module.wait()
        for number in range(11, 1, -1):
            assert s.accept()[1][1] == number
    virtual_time.clock.sleep(1)
    nic.module.wait()
    assert s.refused == 0 and uart.done()


def test_one_number_stays_free_for_the_programs_own():
    for accepting in (False, True):
        script = LISTEN + [incoming(number) for number in range(11, 1, -1)]
        script += [("wait", 0.5), incoming(1)] + closes(1)
        script += [(">", 'AT+QIOPEN=1,1,"TCP","h",80,0,0'), ("<", "OK"), ("!", "+QIOPEN: 1,0")]
        uart = ScriptedUART(script)
        nic, s = listener(uart)
        step_until(lambda: len(nic.module.connections) == 11, nic)
        accepted = [s.accept()[0] for _ in range(10)] if accepting else []
        step_until(lambda: s.refused, nic)
        nic.socket().connect(("h", 80))
        assert s.refused == 1 and uart.done() and len(accepted) in (0, 10)


def test_a_client_stays_where_one_that_closes_makes_room():
    script = LISTEN + [incoming(number, port=number) for number in range(11, 1, -1)]
    script += [(">", "AT+QICLOSE=11"), incoming(1, port=1), ("<", "OK")]
    uart = ScriptedUART(script)
    _, s = listener(uart)
    clients = [s.accept()[0] for _ in range(10)]
    clients[0].close()
    assert s.accept()[1][1] == 1 and s.refused == 0 and uart.done()


def test_waiting_clients_that_have_gone_are_not_kept():
    def gone(connect_id):
        return ("!", '+QIURC: "closed",%d' % connect_id)

    def asked(connect_id, data=b""):
        step = [(">", "AT+QIRD=%d,1500" % connect_id), ("<", "+QIRD: %d" % len(data))]
        return step + ([("<<", data)] if data else []) + [("<", "OK")]

    script = LISTEN + [incoming(11), incoming(10, port=2), incoming(9, port=3)]
    script += [gone(11)] + asked(11) + closes(11) + [gone(10)] + asked(10, b"a word")
    uart = ScriptedUART(script)
    nic, s = listener(uart)
    step_until(lambda: not uart.script and not nic.module.under_way, nic)
    uart.script += asked(10)
    client, peer = s.accept()
    assert peer[1] == 2 and client.recv(10) == b"a word" and client.recv(1) == b""
    assert s.accept()[1][1] == 3
    assert raises(OSError, s.accept).args[0] == errno.ETIMEDOUT
    assert s.refused == 0 and len(nic.module.connections) == 3


def test_a_second_listener_on_a_port():
    uart = ScriptedUART(LISTEN)
    nic, _ = listener(uart)
    for waits in (True, False):
        other = nic.socket()
        other.setblocking(waits)
        other.bind(("", 2020))
        assert raises(OSError, other.listen).args[0] == errno.EADDRINUSE
    assert uart.done()


def test_a_second_listener_while_the_first_one_opens():
    # As asyncio's start_server does it: neither waits.
    uart = ScriptedUART(LISTEN + closes(0) + LISTEN)
    nic = connected("BG95S5", uart)
    one, two = nic.socket(), nic.socket()
    for s in (one, two):
        s.setblocking(False)
        s.bind(("", 2020))
    one.listen()
    assert raises(OSError, two.listen).args[0] == errno.EADDRINUSE
    step_until(lambda: one.connection.takes_clients, nic)
    assert raises(OSError, two.listen).args[0] == errno.EADDRINUSE
    one.close()
    two.listen()
    step_until(lambda: two.connection.takes_clients, nic)
    assert raises(OSError, two.accept).args[0] == errno.EAGAIN
    assert uart.done()


def test_a_second_listener_that_the_module_refuses():
    script = LISTEN[:2] + [("!", "+QIOPEN: 0,557")] + closes(0)
    nic = connected("BG95S5", ScriptedUART(script))
    s = nic.socket()
    s.bind(("", 2020))
    assert raises(OSError, s.listen).args[0] == errno.EADDRINUSE


def nat_script(mode):
    return [(">", 'AT+QCFG="nat"'), ("<", '+QCFG: "nat",%d' % mode), ("<", "OK")]


NAT_LISTEN = [(">", LISTEN[0][1] + ",11")] + LISTEN[1:]


def test_a_module_that_lets_no_client_through():
    script = nat_script(0) * 2 + [(">", 'AT+QCFG="nat",1'), ("<", "OK")] + NAT_LISTEN
    uart = ScriptedUART(script)
    nic = connected("RM500U", uart)
    s = nic.socket()
    s.bind(("", 2020))
    error = raises(OSError, s.listen)
    assert "nic.config(nat=1)" in str(error)
    s.setblocking(False)
    s.listen()
    step_until(lambda: not nic.module.under_way, nic)
    assert str(raises(OSError, s.accept)) == str(error)
    nic.config(nat=1)
    s.setblocking(True)
    s.listen()
    assert uart.done()


def test_a_module_that_lets_clients_through_is_asked_once():
    uart = ScriptedUART(nat_script(1) + NAT_LISTEN + closes(0) + NAT_LISTEN)
    nic, s = listener(uart, "RM500U")
    s.close()
    other = nic.socket()
    other.bind(("", 2020))
    other.listen()
    assert uart.done()


def test_a_module_that_does_not_know_the_question():
    script = [(">", 'AT+QCFG="nat"'), ("<", "ERROR")] + NAT_LISTEN
    uart = ScriptedUART(script)
    listener(uart, "RM500U")
    assert uart.done()


def test_closing_a_listener_closes_what_nobody_accepted():
    script = LISTEN + [incoming(11), ("wait", 0.01)]
    script += [(">", "AT+QICLOSE=0"), ("<", "OK"), (">", "AT+QICLOSE=11"), ("<", "OK")]
    uart = ScriptedUART(script)
    _, s = listener(uart)
    while not s.ioctl(3, 1):
        pass
    virtual_time.clock.sleep_ms(20)
    s.close()
    assert uart.done()


def test_where_there_is_no_listener():
    uart = ScriptedUART([])
    nic = connected("BC20", uart)
    s = nic.socket()
    s.bind(("", 80))
    error = raises(OSError, s.listen)
    assert error.args[0] == errno.EOPNOTSUPP and "BC20" in str(error) and not uart.log


def test_bad_ports():
    uart = ScriptedUART([])
    nic = connected("BG95S5", uart)
    raises(ValueError, nic.socket().bind, ("", 70000))
    raises(ValueError, nic.socket().listen)
    raises(ValueError, nic.socket(nic.AF_INET, nic.SOCK_DGRAM).bind, ("", 0))
    assert not uart.log


def test_a_number_given_to_a_client_as_soon_as_it_is_closed():
    script = LISTEN + [
        (">", 'AT+QIOPEN=1,1,"TCP","h",80,0,0'),
        ("<", "OK"),
        ("!", "+QIOPEN: 1,0"),
        (">", "AT+QICLOSE=1"),
        ("<raw", b'\r\nOK\r\n\r\n+QIURC: "incoming",1,0,"172.31.242.222",54091\r\n'),
        ("!", '+QIURC: "closed",1'),
        (">", "AT+QIRD=1,1500"),
        ("<", "+QIRD: 0"),
        ("<", "OK"),
    ]
    uart = ScriptedUART(script)
    nic, s = listener(uart)
    own = nic.socket()
    own.connect(("h", 80))
    own.close()
    client, _ = s.accept()
    assert nic.module.lookup(1) is not None
    client.settimeout(0.9)
    assert client.recv(10) == b""


def test_a_number_whose_epoch_ended_while_it_was_closed_is_usable():
    script = LISTEN + [(">", "AT+QICLOSE=0"), ("!", "RDY")]
    uart = ScriptedUART(script)
    nic, s = listener(uart)
    s.close()
    assert uart.done() and nic.module.unused_id() == 0


def test_a_client_that_comes_while_the_connections_are_checked():
    rows = '+QISTATE: 0,"TCP LISTENER","127.0.0.1",0,2020,3,1,0,0,"uart1"'
    silent = [(">", "AT+CCLK?")]
    known = [(">", "AT+QIGETERROR"), ("<", "+QIGETERROR: 0,ok"), ("<", "OK")]
    known += [(">", "AT+QISTATE?"), ("<", rows), ("<", '+QISTATE: 1,"TCP","192.0.2.1",1,2,2,1,0')]
    known += [("<raw", b'\r\nOK\r\n\r\n+QIURC: "incoming",2,0,"192.0.2.9",5\r\n')]
    known += [(">", "AT+QIACT?"), ("<", '+QIACT: 1,1,1,"10.0.0.7"'), ("<", "OK")]
    known += [(">", "AT+QICLOSE=1")]
    known += [("<raw", b'\r\nOK\r\n\r\n+QIURC: "incoming",1,0,"192.0.2.9",6\r\n')]
    uart = ScriptedUART(LISTEN + silent + known)
    nic, s = listener(uart)
    raises(OSError, nic.command, "AT+CCLK?", 5000)
    clients = [s.accept(), s.accept()]
    while nic.module.checking:
        nic.module.wait()
    assert [peer[1] for _, peer in clients] == [5, 6] and uart.done()
    assert [nic.module.lookup(number) for number in (2, 1)] == [c.connection for c, _ in clients]


# ---- push mode ----


def pushing(uart, size=1000):
    nic = connected("BG95S5", uart)
    s = nic.socket()
    s.setsockopt(nic.SOL_SOCKET, nic.SO_RCVBUF, size)
    s.setsockopt(nic.SOL_QUECTEL, nic.ACCESS_MODE, nic.PUSH)
    s.settimeout(0.5)
    s.connect(("h", 80))
    return s


def pushed(data):
    return [("!", '+QIURC: "recv",0,%d' % len(data))], data


def test_push_mode():
    data = b"\r\nOK\r\n" + bytes(range(256)) * 2

    def program(uart):
        s = pushing(uart)
        got = s.recv(10)
        while len(got) < len(data) + 4:
            got += s.recv(300)
        return got, s.recv(1), s.lost

    script = PUSH + [("!", '+QIURC: "recv",0,%d' % len(data)), ("<<", data)]
    script += [("!", '+QIURC: "recv",0,4'), ("<<", b"more"), ("!", '+QIURC: "closed",0')]
    assert variants(script, program) == (data + b"more", b"", 0)


def test_push_mode_counts_what_finds_no_room():
    script = PUSH + [("!", '+QIURC: "recv",0,900'), ("<<", b"a" * 900)]
    script += [("!", '+QIURC: "recv",0,200'), ("<<", b"b" * 200)]
    script += [("!", '+QIURC: "recv",0,100'), ("<<", b"c" * 100)]
    s = pushing(ScriptedUART(script))
    for _ in range(100):
        s.connection.nic.poll()
    assert s.lost == 200
    got = b""
    while len(got) < 1000:
        got += s.recv(400)
    assert got == b"a" * 900 + b"c" * 100


def test_push_mode_runs_round_its_buffer():
    script = list(PUSH)
    for i in range(40):
        script += [("!", '+QIURC: "recv",0,90'), ("<<", bytes([i]) * 90), ("wait", 0.01)]
    s = pushing(ScriptedUART(script), 128)
    for i in range(40):
        assert s.read(90) == bytes([i]) * 90
    assert s.lost == 0


def pushing_datagrams(uart, size):
    nic = connected("BG95S5", uart)
    s = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
    s.setsockopt(nic.SOL_SOCKET, nic.SO_RCVBUF, size)
    s.setsockopt(nic.SOL_QUECTEL, nic.ACCESS_MODE, nic.PUSH)
    s.settimeout(0.5)
    s.connect(("h", 80))
    return nic, s


PUSH_UDP = [(">", 'AT+QIOPEN=1,0,"UDP","h",80,0,1'), ("<", "OK"), ("!", "+QIOPEN: 0,0")]


def test_datagrams_that_wait_in_push_mode_stay_apart():
    sent = [b"first", b"the second", b"3", b"x" * 200, b"next to last", b"last"]
    script = list(PUSH_UDP)
    for datagram in sent:
        script += [("!", '+QIURC: "recv",0,%d' % len(datagram)), ("<<", datagram)]
    nic, s = pushing_datagrams(ScriptedUART(script), 1000)
    for _ in range(100):
        nic.poll()
    buf = bytearray(100)
    assert s.recv(100) == b"first"
    assert s.recv(4) == b"the "  # and the rest is gone
    assert s.recvfrom(100) == (b"3", ("h", 80))
    assert s.recv(100) == b"x" * 100
    assert bytes(buf[: s.recv_into(buf)]) == b"next to last"
    assert s.recv(100) == b"last" and s.lost == 0


def test_a_pushed_datagram_of_a_client_may_say_who_sent_it():
    script = PUSH_UDP + [("!", '+QIURC: "recv",0,5,"10.7.76.34",80'), ("<<", b"first")]
    _, s = pushing_datagrams(ScriptedUART(script), 128)
    assert s.recvfrom(100) == (b"first", ("10.7.76.34", 80))


def test_buffer_mode_after_push_mode():
    big = bytes(range(256)) * 5
    script = PUSH + [("!", '+QIURC: "recv",0,100'), ("<<", b"a" * 100), ("wait", 0.01)]
    script += [(">", "AT+QISWTMD=0,0"), ("!", '+QIURC: "recv",0,20'), ("<<", b"b" * 20)]
    script += [("<", "OK"), (">", "AT+QIRD=0,1500")]
    script += [("<", "+QIRD: 1280"), ("<<", big), ("<", "OK")]
    script += [(">", "AT+QIRD=0,1500"), ("<", "+QIRD: 0"), ("<", "OK")]
    s = pushing(ScriptedUART(script), 128)
    assert s.recv(10) == b"a" * 10
    virtual_time.clock.sleep_ms(20)
    s.setsockopt(0x5143, 1, 0)  # SOL_QUECTEL, ACCESS_MODE, BUFFER
    got = b""
    while len(got) < 110 + len(big):
        got += s.recv(200)
    assert got == b"a" * 90 + b"b" * 20 + big
    raises(OSError, s.recv, 1)


def test_datagrams_in_buffer_mode_after_push_mode():
    script = PUSH_UDP + [("!", '+QIURC: "recv",0,5'), ("<<", b"first"), ("wait", 0.01)]
    script += [(">", "AT+QISWTMD=0,0"), ("<", "OK")]
    script += [(">", "AT+QIRD=0,1500"), ("<", "+QIRD: 1000"), ("<<", b"x" * 1000), ("<", "OK")]
    script += [(">", "AT+QIRD=0,1500"), ("<", "+QIRD: 2"), ("<<", b"yy"), ("<", "OK")]
    nic, s = pushing_datagrams(ScriptedUART(script), 128)
    for _ in range(100):
        nic.poll()
    virtual_time.clock.sleep_ms(20)
    s.setsockopt(nic.SOL_QUECTEL, nic.ACCESS_MODE, nic.BUFFER)
    assert s.recv(1500) == b"first"
    assert s.recv(1500) == b"x" * 1000
    assert s.recv(1500) == b"yy"


def test_push_mode_wants_a_buffer():
    uart = ScriptedUART([])
    nic = connected("BG95S5", uart)
    s = nic.socket()
    error = raises(OSError, s.setsockopt, nic.SOL_QUECTEL, nic.ACCESS_MODE, nic.PUSH)
    assert error.args[0] == errno.EINVAL and not uart.log


def test_data_behind_a_comma():
    script = [(">", 'AT+QICFG="viewmode",1'), ("<", "OK")] + TCP
    script += [("!", '+QIURC: "recv",0'), (">", "AT+QIRD=0,1500")]
    script += [("<raw", b"\r\n+QIRD: 7,a,b\r\nOK\r\n\r\nOK\r\n")]

    def program(uart):
        nic = connected("BG95S5", uart)
        nic.config(viewmode=1)
        s = nic.socket()
        s.connect(("h", 80))
        return s.recv(1500)

    assert variants(script, program) == b"a,b\r\nOK"


def test_data_behind_a_comma_where_lengths_are_not_shown():
    script = [(">", 'AT+QICFG="showlength",0'), ("<", "OK")]
    script += [(">", 'AT+QICFG="viewmode",1'), ("<", "OK")]
    script += TCP + [("!", '+QIURC: "recv",0'), (">", "AT+QIRD=0,512")]
    script += [("<raw", b"\r\n+QIRD: 7,,1,b\r\nO\r\n\r\nOK\r\n")]

    def program(uart):
        nic = connected("BC25", uart)
        nic.config(showlength=0)
        nic.config(viewmode=1)
        s = nic.socket()
        s.connect(("h", 80))
        return s.recv(512)

    assert variants(script, program) == b",1,b\r\nO"


# ---- delivery, release assistance ----


def test_acked_and_drain():
    ask = (">", "AT+QISEND=0,0")
    script = TCP + [ask, ("<", "+QISEND: 9,4,5"), ("<", "OK")]
    for unacked in (5, 2, 0):
        script += [ask, ("<", "+QISEND: 9,%d,%d" % (9 - unacked, unacked)), ("<", "OK")]
    script += [ask, ("<", "+QISEND: 9,8,1"), ("<", "OK")] * 3
    uart = ScriptedUART(script)
    nic = connected("BG95S5", uart)
    s = nic.socket()
    s.connect(("h", 80))
    assert s.acked() == (9, 4, 5)
    start = virtual_time.clock.elapsed_ms()
    s.drain()
    assert 700 <= virtual_time.clock.elapsed_ms() - start < 900  # pauses of 250 and 500 ms
    assert raises(OSError, s.drain, 0.4).args[0] == errno.ETIMEDOUT


def test_release_assistance_goes_with_the_last_packet():
    data = bytes(300)
    script = TCP + [
        (">", 'AT+QISENDEX=0,"%s",0' % ("00" * 256)),
        ("<", "SEND OK"),
        (">", 'AT+QISENDEX=0,"%s",1' % ("00" * 44)),
        ("<", "SEND OK"),
    ]
    uart = ScriptedUART(script)
    nic = connected("BG95S5", uart)
    s = nic.socket()
    s.connect(("h", 80))
    s.setsockopt(nic.SOL_QUECTEL, nic.RAI, 1)
    assert s.send(data) == 300 and uart.done()


def test_what_other_dialects_lack():
    uart = ScriptedUART(TCP)
    nic = connected("BC25", uart)
    s = nic.socket()
    s.connect(("h", 80))
    assert s.acked() is None
    assert raises(OSError, s.drain).args[0] == errno.EOPNOTSUPP
    error = raises(OSError, s.setsockopt, nic.SOL_QUECTEL, nic.RAI, 1)
    assert error.args[0] == errno.EOPNOTSUPP and "BC25" in str(error)
