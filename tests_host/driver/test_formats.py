"""Settings that change how data and answers look, followed by sockets that are open and new."""

import errno

import virtual_time
from scripted import ScriptedUART, connected, raises, variants

RECV = ("!", '+QIURC: "recv",0')
DATA = bytes(range(256)) + b'\r\nOK\r\n+QIURC: "closed",0\r\n'


def digits(data):
    return "".join("%02X" % byte for byte in data).encode()


def opening(connect_id=0, tail="", kind="TCP"):
    line = 'AT+QIOPEN=1,%d,"%s","192.0.2.2",7,0,0%s' % (connect_id, kind, tail)
    return [(">", line), ("<", "OK"), ("!", "+QIOPEN: %d,0" % connect_id)]


def setting(line):
    return [(">", line), ("<", "OK")]


def read(data, asked=1500, tail="", shown=None):
    shown = digits(data) if shown is None else shown
    head = [(">", "AT+QIRD=0,%d" % asked), ("<", "+QIRD: %d%s" % (len(data), tail))]
    return head + ([("<<", shown)] if data else []) + [("<", "OK")]


def opened(nic, kind=None):
    s = nic.socket(nic.AF_INET, kind or nic.SOCK_STREAM)
    s.connect(("192.0.2.2", 7))
    s.settimeout(5)
    return s


def test_data_in_hex_is_received_by_every_call():
    script = setting('AT+QICFG="dataformat",0,1') + opening() + [RECV]
    script += read(DATA) + read(b"") + [RECV] + read(DATA[:40])
    script += setting('AT+QICFG="dataformat",0,0') + [RECV] + read(b"plain", 1500, "", b"plain")

    def program(uart):
        nic = connected("BG95S5", uart)
        nic.config(dataformat=(0, 1))
        s = opened(nic)
        buf = bytearray(len(DATA))
        got = [s.readinto(buf), bytes(buf), s.read(3), s.recv(100)]
        nic.config(dataformat=(0, 0))
        return got + [s.recv(10)]

    got = variants(script, program)
    assert got == [len(DATA), DATA, DATA[:3], DATA[3:40], b"plain"]


def test_a_large_read_in_hex_with_the_remaining_length():
    data = bytes(range(256)) * 4
    script = setting('AT+QICFG="dataformat",0,1') + opening() + [RECV]
    script += read(data, 1024, ",0")

    def program(uart):
        nic = connected("BC95GR", uart)
        nic.config(dataformat=(0, 1))
        s = opened(nic)
        return s.read(len(data))

    assert variants(script, program) == data


def test_pushed_data_in_hex():
    line = 'AT+QIOPEN=1,0,"TCP","192.0.2.2",7,0,1'
    script = setting('AT+QICFG="dataformat",0,1')
    script += [(">", line), ("<", "OK"), ("!", "+QIOPEN: 0,0")]
    script += [("!", '+QIURC: "recv",0,%d' % len(DATA)), ("<<", digits(DATA))]
    script += [("!", '+QIURC: "recv",0,3'), ("<<", b"616263"), ("!", '+QIURC: "closed",0')]

    def program(uart):
        nic = connected("BG95S5", uart)
        nic.config(dataformat=(0, 1))
        s = nic.socket()
        s.setsockopt(nic.SOL_SOCKET, nic.SO_RCVBUF, 512)
        s.setsockopt(nic.SOL_QUECTEL, nic.ACCESS_MODE, nic.PUSH)
        s.connect(("192.0.2.2", 7))
        return s.read()

    assert variants(script, program) == DATA + b"abc"


def test_pushed_data_that_is_no_digit_fails_the_socket():
    line = 'AT+QIOPEN=1,0,"TCP","192.0.2.2",7,0,1'
    script = setting('AT+QICFG="dataformat",0,1')
    script += [(">", line), ("<", "OK"), ("!", "+QIOPEN: 0,0")]
    script += [("wait", 1), ("!", '+QIURC: "recv",0,3'), ("<<", b"6162?3")]
    nic = connected("BG95S5", ScriptedUART(script))
    nic.config(dataformat=(0, 1))
    s = nic.socket()
    s.setsockopt(nic.SOL_SOCKET, nic.SO_RCVBUF, 512)
    s.setsockopt(nic.SOL_QUECTEL, nic.ACCESS_MODE, nic.PUSH)
    s.connect(("192.0.2.2", 7))
    assert raises(OSError, s.read, 3).args[0] == errno.ECONNABORTED


def test_what_is_no_digit_fails_the_socket():
    script = setting('AT+QICFG="dataformat",0,1') + opening() + [RECV]
    uart = ScriptedUART(script + read(b"abc", 1500, "", b"6162x3"))
    nic = connected("BG95S5", uart)
    nic.config(dataformat=(0, 1))
    s = opened(nic)
    assert raises(OSError, s.read, 3).args[0] == errno.ECONNABORTED


def test_data_is_sent_in_hex_by_open_sockets_and_new_ones():
    data = bytes(range(256)) * 3
    script = opening() + setting('AT+QICFG="dataformat",1,0')
    for piece in (data[:730], data[730:]):
        script += [(">", "AT+QISEND=0,%d" % (2 * len(piece))), ("<prompt", "> ")]
        script += [(">>", digits(piece)), ("<", "SEND OK")]
    script += opening(1, kind="UDP") + [(">", "AT+QISEND=1,4"), ("<prompt", "> ")]
    script += [(">>", b"0D0A"), ("<", "SEND OK")]

    def program(uart):
        nic = connected("BG95S5", uart)
        s = opened(nic)
        nic.config(dataformat=(1, 0))
        sent = [s.send(data)]
        d = opened(nic, nic.SOCK_DGRAM)
        assert "at most 730" in raises(OSError, d.send, bytes(731)).args[1]
        return sent + [d.send(b"\r\n")]

    assert variants(script, program) == [len(data), 2]


def test_hex_behind_the_prompt_is_not_in_every_document():
    for model in ("BC95GR", "BC20", "BC25"):
        uart = ScriptedUART([])
        nic = connected(model, uart)
        error = raises(OSError, nic.config, dataformat=(1, 0))
        assert error.args[0] == errno.EOPNOTSUPP and not uart.log


def test_sending_that_reports():
    report = "+QISEND: 0,%d,10240"
    script = setting('AT+QICFG="sendinfo",1') + opening()
    exchange = [(">", "AT+QISEND=0,4"), ("<prompt", "> "), (">>", b"data")]
    script += exchange + [("<", report % 0), ("<", "OK")]
    script += exchange + [("<", report % 1), ("<", "OK")]  # not taken
    script += exchange + [("<", report % 0), ("<", "OK")]
    script += setting('AT+QICFG="sendinfo",0') + exchange + [("<", "SEND OK")]

    def program(uart):
        nic = connected("RM500U", uart)
        nic.config(sendinfo=1)
        s = opened(nic)
        sent = [s.send(b"data"), s.send(b"data")]
        nic.config(sendinfo=0)
        return sent + [s.send(b"data")]

    assert variants(script, program) == [4, 4, 4]


def test_a_close_that_is_told_later_is_not_the_next_ones():
    key = "close mode"
    script = setting('AT+QICFG="close mode",1') + opening()
    script += [(">", "AT+QICLOSE=0"), ("<", "OK"), ("wait", 1), ("!", '+QIURC: "closed",0')]
    script += opening() + [RECV] + read(b"abc", 1500, "", b"abc")

    def program(uart):
        nic = connected("RM500U", uart)
        nic.config(**{key: 1})
        s = opened(nic)
        s.close()
        s = opened(nic)
        return s.recv(10)

    assert variants(script, program) == b"abc"


def test_a_close_that_is_told_at_once_is_not_waited_for():
    key = "close mode"
    script = setting('AT+QICFG="close mode",1') + opening() + [(">", "AT+QICLOSE=0")]
    uart = ScriptedUART(script + [("<raw", b'\r\nOK\r\n\r\n+QIURC: "closed",0\r\n')])
    nic = connected("RM500U", uart)
    nic.config(**{key: 1})
    s = opened(nic)
    start = virtual_time.clock.elapsed_ms()
    s.close()
    assert virtual_time.clock.elapsed_ms() - start < 1000 and uart.done()


def test_echoed_data_is_counted():
    data = b'\r\nSEND OK\r\n> ERROR\r\n+QIURC: "closed",0\r\n'
    script = setting("AT+QISDE=1") + opening()
    script += [(">", "AT+QISEND=0,%d" % len(data)), ("<prompt", "> "), (">>", data)]
    script += [("<raw", data), ("<", "SEND OK"), RECV] + read(b"abc", 1500, "", b"abc")

    def program(uart):
        nic = connected("BG95S5", uart)
        nic.config(qisde=1)
        s = opened(nic)
        return s.send(data), s.recv(10)

    assert variants(script, program) == (len(data), b"abc")


def test_an_echo_does_not_outlive_its_command():
    script = setting("AT+QISDE=1") + opening()
    script += [(">", "AT+QISEND=0,4"), ("<prompt", "> "), (">>", b"data"), ("<raw", b"da")]
    script += [("wait", 6), (">", "AT+QISTATE?"), ("<", "OK")]
    uart = ScriptedUART(script)
    nic = connected("BG95S5", uart)
    nic.config(qisde=1)
    s = opened(nic)
    s.settimeout(None)
    assert raises(OSError, s.send, b"data").args[0] == errno.ECONNABORTED


def test_a_time_out_in_an_exchange_whose_data_stand_in_the_line():
    rai = [(">", 'AT+QISENDEX=0,"3132333435",1'), ("wait", 2), ("<", "SEND FAIL")]
    rai += [(">", 'AT+QISENDEX=0,"3132333435",1'), ("<", "SEND OK")]
    line = [(">", 'AT+QISEND=0,5,"12345"'), ("wait", 2), ("<", "OK"), ("<", "SEND OK")]
    for model, script in (("BC20", line), ("BG95S5", rai)):
        uart = ScriptedUART(opening() + script)
        nic = connected(model, uart)
        s = opened(nic)
        if model == "BG95S5":
            s.setsockopt(nic.SOL_QUECTEL, nic.RAI, 1)
        s.settimeout(1)
        data = bytearray(b"12345")
        assert s.send(data) == 5
        data[:] = b"xxxxx"  # the caller's buffer is the caller's again
        while not s.connection.has_sent():
            nic.module.wait()
        assert uart.done()
