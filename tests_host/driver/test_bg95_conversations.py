"""The examples of the BG95-S5 TCP/IP Application Note, chapters 2.3.1 and 3, played by the driver:
whole, cut at every position, a byte at a time, with echo, and with URCs of another socket."""

import errno

import virtual_time
from conversations.bg95 import CONVERSATIONS, IPV6
from scripted import ScriptedUART, connected, raises, variants


def steps(*sections):
    """The steps of the conversations whose keys begin with `sections`, in order."""
    chosen = []
    for section in sections:
        for key in sorted(CONVERSATIONS):
            if key.split(" ")[0] == section:
                chosen.extend(CONVERSATIONS[key])
    assert chosen, sections
    return chosen


def _client(uart, address, port, state):
    nic = connected("BG95S5", uart)
    s = nic.socket()
    s.settimeout(0.5)
    s.connect((address, port))
    seen = [nic.command("AT+QISTATE=1,0")]
    seen.append(nic.command("AT+QISEND=0", data=b"test1\x1a"))
    seen.append(s.send(b"test"))
    seen.append(nic.command("AT+QISEND=0,0"))
    seen.append(nic.command('AT+QISENDEX=0,"3132333435"'))
    seen.append(nic.command("AT+QISEND=0,0"))
    seen.append(s.recv(1500))
    seen.append(raises(OSError, s.recv, 1500).args[0] == errno.ETIMEDOUT)
    seen.append(nic.command("AT+QIRD=0,0"))
    s.close()
    assert seen == [
        [state],
        [],
        4,
        ["+QISEND: 9,9,0"],
        [],
        ["+QISEND: 14,14,0"],
        b"test1",
        True,
        ["+QIRD: 5,5,0"],
    ], seen
    return seen


def test_tcp_client_ipv4():
    def program(uart):
        state = '+QISTATE: 0,"TCP","192.0.2.2",8009,65514,2,1,0,0,"usbmodem"'
        return _client(uart, "192.0.2.2", 8009, state)

    variants(steps("3.2.1", "3.2.2", "3.2.3", "3.2.4"), program)


def test_tcp_client_ipv6():
    def program(uart):
        state = '+QISTATE: 0,"TCP","%s",5001,11921,2,1,0,0,"usbmodem"' % IPV6
        return _client(uart, IPV6, 5001, state)

    variants(steps("3.3.1", "3.3.2", "3.3.3", "3.3.4"), program)


def test_raw_read_returns_the_payload():
    def program(uart):
        nic = connected("BG95S5", uart)
        first = nic.command("AT+QIRD=0,1500")
        return [bytes(x) if not isinstance(x, str) else x for x in first]

    script = [(">", "AT+QIRD=0,1500"), ("<", "+QIRD: 8"), ("<<", b"\r\nOK\r\n>>"), ("<", "OK")]
    assert variants(script, program) == ["+QIRD: 8", b"\r\nOK\r\n>>"]


def _with_settings(script):
    """The bring-up around the context's commands: what the seed's Figure 1 has before them."""
    before = [
        (">", "AT+CPIN?"),
        ("<", "+CPIN: READY"),
        ("<", "OK"),
        (">", "AT+CEREG?"),
        ("<", "+CEREG: 0,5"),
        ("<", "OK"),
        (">", "AT+QIACT?"),
        ("<", "OK"),
    ]
    return before + list(script)


def test_context():
    def program(uart):
        nic = connected("BG95S5", uart)
        nic.state = nic.STAT_IDLE
        nic.connect("CMNBIOT")
        while nic.status() == nic.STAT_CONNECTING:
            virtual_time.clock.sleep_ms(1)
        seen = [nic.isconnected(), nic.ipconfig("addr4"), nic.status("error")]
        nic.disconnect()
        return seen + [nic.isconnected()]

    script = _with_settings(steps("3.1.1", "3.1.2", "3.1.3"))
    assert variants(script, program) == [True, ("10.7.157.1", "255.255.255.255"), None, False]


def test_context_query():
    def program(uart):
        return connected("BG95S5", uart).command("AT+QICSGP=1")

    assert variants(steps("2.3.1.1"), program) == ['+QICSGP: 1,"","","",0']


def test_udp_client_release_assistance():
    def program(uart):
        nic = connected("BG95S5", uart)
        states = []
        nic.on_urc("+QCSCON", states.append)
        s = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
        s.settimeout(0.2)
        s.connect(("192.0.2.2", 8009))
        nic.command("AT+QCSCON=1")
        for rai in (0, 1, 2):
            nic.command('AT+QISENDEX=0,"313233",%d' % rai)
        while len(states) < 6:
            nic.poll()
            virtual_time.clock.sleep_ms(1)
        s.close()
        return states

    # The example leaves the last two parameters to their defaults; the driver states them.
    opening = (">", 'AT+QIOPEN=1,0,"UDP","192.0.2.2",8009')
    script = [
        (">", opening[1] + ",0,0") if step == opening else step
        for step in steps("3.10.1", "3.10.2", "3.10.3")
        if step[0] != "wait"
    ]
    outcome = variants(script, program)
    assert outcome == ["+QCSCON: 1,1", "+QCSCON: 1,0"] * 3


def test_error_chapter():
    def program(uart):
        nic = connected("BG95S5", uart)
        refused = raises(OSError, nic.command, 'AT+QIOPEN=1,"TCP","192.0.2.2",8009,0,1')
        return refused.args[0] == errno.EINVAL, refused.code

    assert variants(steps("3.13.1"), program) == (True, 552)


def test_error_of_the_last_command():
    uart = ScriptedUART(steps("3.13.1")[2:])
    assert connected("BG95S5", uart).error() == (552, "invalid parameters")
