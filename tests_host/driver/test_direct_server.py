"""A listener in access mode 2 (BC92): its client has the UART as soon as it was announced.

BC65&BC92&BC95-GR TCP/IP Application Note 2.2.1, note 6, and 2.3.5."""

import errno

import virtual_time  # before the driver
from sampling import sampling
from scripted import ScriptedUART, connected, framed, raises

from quectel.connection import LISTENING
from quectel.modes import direct

clock = virtual_time.clock
EBUSY = getattr(errno, "EBUSY", 16)
EPIPE = getattr(errno, "EPIPE", 32)
ACTIVE = ((">", "AT+CGACT?"), ("<", "+CGACT: 1,1"), ("<", "OK"))
OPENED = (("<", "OK"), ("!", "+QIOPEN: 0,0"))
LISTEN = ((">", 'AT+QIOPEN=1,0,"TCP LISTENER","10.7.157.1",1,2020,2,0,1'),)
LEAVE = ((">>", b"+++"), ("wait", 0.5), ("<", "OK"), (">", "AT+QISWTMD=1,0"), ("<", "OK"))
NOTICE = b"\r\nNO CARRIER\r\n"
PEER = ("192.0.2.7", 4000)


def incoming(connect_id=1, port=4000):
    return (("!", '+QIURC: "incoming",%d,0,"192.0.2.7",%d' % (connect_id, port)),)


def closed(connect_id):
    return ((">", "AT+QICLOSE=%d" % connect_id), ("<", "OK"), ("<", "CLOSE OK"))


def listener(script, before=ACTIVE + LISTEN + OPENED, **how):
    uart = ScriptedUART(before + script, **how)
    nic = connected("BC92", uart)
    s = nic.socket()
    s.settimeout(30)
    s.bind(("", 2020))
    direct.listen(s)
    return uart, nic, s


def every_way(script, program):
    """Run program(s, nic) with the line whole, cut at every position, a byte at a time; the guard
    time is short, since most of a run is silence."""
    script = tuple(("wait", 0.05) if step[0] == "wait" else step for step in script)
    dialect = connected("BC92", ScriptedUART(())).dialect
    usual = dialect.GUARD_MS
    dialect.GUARD_MS = 50
    try:
        outcome, total = _run(script, program)
        start = sum(len(framed(step)) for step in ACTIVE if step[0] != ">")
        for cut in sampling.cuts(start, total):
            assert _run(script, program, cut=cut) == (outcome, total), cut
        assert _run(script, program, single=True) == (outcome, total)
    finally:
        dialect.GUARD_MS = usual
    return outcome


def _run(script, program, **how):
    uart, nic, s = listener(script, **how)
    outcome = program(s, nic)
    assert uart.done(), (how, uart.script, bytes(uart.sent))
    return outcome, uart.total


def is_busy(function, *args):
    return raises(OSError, function, *args).args[0] == EBUSY


# ---- the client ----


def test_the_stream_begins_behind_the_line():
    payload = b'\r\nOK\r\n\r\n+QIURC: "recv",3,5\r\n\0\xffab'
    script = incoming() + (("<=", payload), (">>", b"reply"), ("<=", b"more"))

    def program(s, nic):
        client, peer = s.accept()
        assert peer == PEER and is_busy(client.recv, 1) and is_busy(s.accept)
        with client.transparent() as raw:
            got = raw.read(len(payload))
            raw.write(b"reply")
            got += raw.read(4)
        client.close()
        s.close()
        return got

    assert every_way(script + LEAVE + closed(1) + closed(0), program) == payload + b"more"


def test_a_client_after_the_other():
    script = ()
    for port, text in ((4000, b"first"), (4001, b"second")):
        script += incoming(1, port) + (("<=", text),) + LEAVE + closed(1)

    def program(s, nic):
        seen = []
        for size in (5, 6):
            assert is_busy(nic.error)  # from listen, and from QICLOSE on
            client, peer = s.accept()
            with client.transparent() as raw:
                seen += [peer[1], raw.read(size)]
            client.close()
        assert is_busy(nic.error)
        s.close()
        return seen

    outcome = every_way(script + closed(0), program)
    assert outcome == [4000, b"first", 4001, b"second"]


def test_buffer_mode_and_back():
    script = incoming() + (("<=", b"a"),) + LEAVE
    script += ((">", "AT+QISEND=1,2"), ("<prompt", "> "), (">>", b"hi"), ("<", "OK"))
    script += (("<", "SEND OK"), (">", "AT+QIRD=1,1024"), ("<", "+QIRD: 0"), ("<", "OK"))
    script += ((">", "ATO"), ("<", "CONNECT"), ("<=", b"b")) + LEAVE + closed(1) + closed(0)

    def program(s, nic):
        client, _ = s.accept()
        with client.transparent() as raw:
            got = raw.read(1)
        client.send(b"hi")
        with client.transparent() as raw:
            got += raw.read(1)
        client.close()
        s.close()
        return got

    assert every_way(script, program) == b"ab"


def test_a_client_is_closed_without_its_stream():
    script = incoming() + (("<=", b"never read"),) + LEAVE + closed(1) + closed(0)

    def program(s, nic):
        client, _ = s.accept()
        client.close()
        assert raises(OSError, client.transparent).args[0] == errno.EBADF
        s.close()

    every_way(script, program)


def test_one_more_client_is_counted_when_the_mode_is_left():
    leave = LEAVE[:3] + (("!", '+QIURC: "incoming full"'),) + LEAVE[3:]
    uart, _, s = listener(incoming() + leave + closed(1) + closed(0))
    client, _ = s.accept()
    with client.transparent():
        assert s.refused == 0
    client.close()
    assert s.refused == 1
    s.close()
    assert uart.done()


# ---- a client that is not accepted ----


def test_it_fills_its_pipe_and_no_more():
    data = bytes(i & 255 for i in range(5000))
    uart, nic, s = listener(incoming() + (("<=", data),) + LEAVE + closed(1) + closed(0))
    for _ in range(1000):
        nic.poll()
    assert uart.total - uart._read >= 5000 - nic.module.chunk - 128  # the rest waits in the UART
    client, _ = s.accept()
    with client.transparent() as raw:
        assert raw.read(5000) == data
    client.close()
    s.close()
    assert uart.done()


def test_it_has_gone_before_it_is_accepted():
    script = incoming() + (("<=", b"last words" + NOTICE), (">>", b"+++"))
    script += ((">", "AT"), ("<", "OK")) + closed(1)

    def program(s, nic):
        for _ in range(100):
            nic.poll()
        client, _ = s.accept()
        with client.transparent() as raw:
            got = raw.read()
            assert raises(OSError, raw.write, b"x").args[0] == EPIPE
        client.close()
        assert is_busy(nic.error)  # for the next one
        s.close()
        return got

    assert every_way(script + closed(0), program) == b"last words"


def test_the_listener_is_closed():
    script = incoming() + (("<=", b"never accepted"),) + LEAVE + closed(0) + closed(1)

    def program(s, nic):
        while not s.ioctl(3, 1):
            pass
        s.close()
        return nic.channel.idle, nic.module.connections

    assert every_way(script, program) == (True, [])


def test_a_client_crosses_the_end_of_the_listener():
    # QICLOSE was on its way: the client got it as data, and nobody answers it.
    # An answer that is late is ruled out first.
    script = ((">", "AT+QICLOSE=0"),) + incoming() + (("<=", b"AT+QICLOSE=0\r?"),) + LEAVE[:3]
    script += ((">", "AT+QIGETERROR"), ("<", "+QIGETERROR: 0,x"), ("<", "OK")) + LEAVE[3:]
    script += closed(0) + closed(1)

    def program(s, nic):
        s.close()
        return nic.channel.idle, nic.module.connections, nic.module.foreign

    uart, nic, s = listener(script)
    outcome = program(s, nic)
    assert uart.done(), (uart.script, uart.log)
    assert outcome == (True, [], [None] * 6)


# ---- the listener ----


def test_the_line_is_kept_for_the_client():
    uart, nic, s = listener(closed(0) + ((">", "AT+CSQ"), ("<", "OK")))
    other = nic.socket()
    for function, args in (
        (nic.error, ()),
        (nic.command, ("AT+CSQ",)),
        (other.connect, (PEER,)),
        (nic.status, ("rssi",)),
    ):
        assert is_busy(function, *args), function
    assert nic.isconnected() and s.connection.state == LISTENING
    assert is_busy(direct.listen, other)
    s.close()
    assert nic.command("AT+CSQ") == [] and uart.done()


def test_a_client_comes_with_the_word_that_it_listens():
    script = incoming() + (("<=", b"+QIOPEN: 0,0\r\n"),) + LEAVE + closed(1) + closed(0)

    def program(s, nic):
        s.setblocking(False)
        while True:
            try:
                client, _ = s.accept()
                break
            except OSError as e:
                assert e.args[0] == errno.EAGAIN
        client.setblocking(True)
        with client.transparent() as raw:
            got = raw.read(14)
        client.close()
        s.setblocking(True)
        s.close()
        return got

    assert every_way(script, program) == b"+QIOPEN: 0,0\r\n"


def test_poll_still_works_after_accept_has_raised():
    _, _, s = listener(incoming() + LEAVE + closed(1) + incoming(1, 4001) + LEAVE[:3])
    client, _ = s.accept()
    assert is_busy(s.accept)
    client.close()
    assert 1 in [s.ioctl(3, 1) for _ in range(1000)]
    assert s.accept()[1][1] == 4001


def test_another_socket_is_pushed_data_meanwhile():
    opening = ((">", 'AT+QIOPEN=1,0,"TCP","192.0.2.7",4000,0,1'),) + OPENED
    listen = ((">", LISTEN[0][1].replace("1,0,", "1,1,", 1)), ("<", "OK"), ("!", "+QIOPEN: 1,0"))
    pushed = (("!", '+QIURC: "recv",0,6'), ("<<", b"pushed"))
    uart = ScriptedUART(
        opening
        + ACTIVE
        + listen
        + pushed
        + (("!", '+QIURC: "incoming",2,1,"192.0.2.7",4000'), ("<=", b"x"))
    )
    nic = connected("BC92", uart)
    other = nic.socket()
    other.setsockopt(nic.SOL_SOCKET, nic.SO_RCVBUF, 256)
    other.setsockopt(nic.SOL_QUECTEL, nic.ACCESS_MODE, nic.PUSH)
    other.connect(PEER)
    s = nic.socket()
    s.bind(("", 2020))
    direct.listen(s)
    client, _ = s.accept()
    assert client.transparent().__enter__().read(1) == b"x"
    assert len(other.connection.staging) == 6


def test_the_module_restarts():
    script = (("!", "RDY"),)
    _, nic, s = listener(script)
    assert raises(OSError, s.accept).args[0] == errno.ECONNABORTED
    assert not nic.channel.raw and nic.module.transparent is None
    s.close()


def test_it_cannot_be_opened():
    refused = (("<", "ERROR"), (">", "AT+QIGETERROR"), ("<", "+QIGETERROR: 557,x"), ("<", "OK"))
    late = (("<", "OK"), ("!", "+QIOPEN: 0,557"))
    for answer in (refused, late):
        script = (ACTIVE + LISTEN + answer + closed(0)) + ACTIVE + LISTEN + OPENED
        uart = ScriptedUART(script + incoming())
        nic = connected("BC92", uart)
        s = nic.socket()
        s.bind(("", 2020))
        assert raises(OSError, direct.listen, s).code == 557
        assert nic.channel.idle
        direct.listen(s)
        assert s.accept()[1] == PEER


def test_where_it_cannot_be():
    for model in ("BC95GR", "BC65", "BC20", "BC25", "BG95S5", "RM500U"):
        uart = ScriptedUART([])
        nic = connected(model, uart)
        error = raises(OSError, direct.listen, nic.socket())
        assert error.args[0] == errno.EOPNOTSUPP and model in str(error)
    nic = connected("BC92", ScriptedUART([]))
    s = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
    assert raises(OSError, direct.listen, s).args[0] == errno.EINVAL
    s = nic.socket()
    raises(ValueError, direct.listen, s)  # no port
    s.setsockopt(nic.SOL_SOCKET, nic.SO_RCVBUF, 256)
    s.setsockopt(nic.SOL_QUECTEL, nic.ACCESS_MODE, nic.PUSH)
    s.bind(("", 2020))
    assert raises(OSError, direct.listen, s).args[0] == errno.EINVAL
    s.close()
    assert raises(OSError, direct.listen, s).args[0] == errno.EBADF
