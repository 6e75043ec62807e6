"""Deep sleep of BC25 and BC32: what is told, what fails, what goes on."""

import errno

from scripted import ScriptedUART, connected, raises, variants

OPEN_TCP = [
    (">", 'AT+QIOPEN=1,0,"TCP","220.18.39.22",8062,0,0'),
    ("<", "OK"),
    ("!", "+QIOPEN: 0,0"),
]
OPEN_UDP = [
    (">", 'AT+QIOPEN=1,1,"UDP","220.18.39.22",8084,0,0'),
    ("<", "OK"),
    ("!", "+QIOPEN: 1,0"),
]
AWAKE = [(">", "AT+QSCLK=0"), ("<", "OK")]
SLEEPY = [(">", "AT+QSCLK=1"), ("<", "OK")]
SLEEP = [("wait", 0.05), ("!", "+QATSLEEP"), ("wait", 0.05), ("!", "+QATWAKEUP")]
TCP_STATE = ("<", '+QISTATE: 0,"TCP","220.18.39.22",8062,0,5,1,0')
UDP_STATE = ("<", '+QISTATE: 1,"UDP","220.18.39.22",8084,0,2,1,0')
SEND = [
    (">", "AT+QISEND=1,10"),
    ("<prompt", "> "),
    (">>", b"1234567890"),
    ("<", "OK"),
    ("<", "SEND OK"),
]


def test_tcp_fails_and_udp_goes_on():
    # BC25&BC32 4.4, with a TCP socket beside the UDP one.
    look = [(">", "AT+QISTATE?"), TCP_STATE, UDP_STATE, ("<", "OK")]
    look += [(">", "AT+QICLOSE=0"), ("<", "OK"), ("<", "CLOSE OK")]
    script = AWAKE + OPEN_TCP + OPEN_UDP + SLEEPY + SLEEP + look + AWAKE + SEND

    def program(uart):
        nic = connected("BC25", uart)
        nic.config(qsclk=0)
        tcp, udp = nic.socket(), nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
        tcp.connect(("220.18.39.22", 8062))
        udp.connect(("220.18.39.22", 8084))
        nic.config(qsclk=1)
        while not nic.status("sleep"):
            nic.module.wait()
        while nic.status("sleep"):
            nic.module.wait()
        error = raises(OSError, tcp.send, b"x")
        while (">", "AT+QICLOSE=0") in uart.script or nic.module.checking:
            nic.module.wait()
        nic.config(qsclk=0)
        return error.args[0], udp.send(b"1234567890"), nic.isconnected()

    assert variants(script, program) == (errno.ECONNABORTED, 10, True)


def test_a_number_is_free_once_the_module_has_closed_it():
    look = [(">", "AT+QISTATE?"), ("<", "OK"), (">", "AT+CGATT?"), ("<", "+CGATT: 1"), ("<", "OK")]
    look += [(">", "AT+CGPADDR?"), ("<", "+CGPADDR: 1,10.7.157.1"), ("<", "OK")]
    again = OPEN_TCP
    uart = ScriptedUART(OPEN_TCP + SLEEP + look + again)
    nic = connected("BC32", uart)
    tcp = nic.socket()
    tcp.connect(("220.18.39.22", 8062))
    while uart.script != list(again):
        nic.module.wait()
    nic.module.wait()
    raises(OSError, tcp.send, b"x")
    nic.socket().connect(("220.18.39.22", 8062))
    assert uart.done()


def test_nothing_is_looked_for_in_a_module_that_sleeps():
    script = [("!", "+QATSLEEP"), (">", "AT+CSQ"), ("wait", 70)]
    uart = ScriptedUART(script)
    nic = connected("BC25", uart)
    while not nic.status("sleep"):
        nic.module.wait()
    assert raises(OSError, nic.status, "rssi").args[0] == errno.ETIMEDOUT
    for _ in range(1000):
        nic.module.wait()
    assert nic.isconnected() and len(uart.log) == 1


def test_elsewhere_nothing_is_told_of_it():
    for model in ("BC95GR", "BC20", "BG95S5", "RM500U"):
        uart = ScriptedUART([])
        nic = connected(model, uart)
        error = raises(OSError, nic.status, "sleep")
        assert error.args[0] == errno.EOPNOTSUPP and model in str(error) and not uart.log


def test_a_refusal_that_is_none_of_tcp_ip():
    script = [(">", "AT+CCLK?"), ("<", "ERROR"), (">", "AT+QIGETERROR")]
    script += [("<", "+QIGETERROR: 0,operation success"), ("<", "OK")]
    error = raises(OSError, connected("RM500U", ScriptedUART(script)).clock)
    assert error.code is None and "refused" in str(error)
