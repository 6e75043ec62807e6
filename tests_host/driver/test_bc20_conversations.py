"""The examples of the BC20 TCP/IP AT Commands Manual, chapter 4, and what it says elsewhere of
names and settings, through the driver's own calls: cut everywhere, a byte at a time, with echo,
with URCs of another socket between lines."""

import errno

import narrow_band
from conversations.bc20 import CONVERSATIONS
from examples import chapter, in_no_time, line, play, refusal
from narrow_band import READ_ALL

PEER = ("220.180.239.212", 8062)
UNSUPPORTED = errno.EOPNOTSUPP
BINARY = b"0\r\n\x1a\xff"

# ---- where the driver says it otherwise ----

QUOTED = line(
    "printed with and without quotes (2.1.4 has none): with them a comma or a space is data",
    "AT+QISEND=0,10,1234567890",
    'AT+QISEND=0,10,"1234567890"',
)
ONE_BY_ONE = narrow_band.one_by_one("AT+QISEND=0,10,1234567890")
HOLE = narrow_band.hole(PEER, 1234)
HEX = line(
    "a socket sends text in QISEND, which costs half: hex is for bytes that no line carries",
    "AT+QISENDEX=0,5,3031323334",
    "AT+QISENDEX=0,5,300D0A1AFF",
)


def binary(s):
    return s.send(BINARY)


# ---- 4 Examples ----


def test_client_in_buffer_mode():
    def program(nic):
        return narrow_band.buffer_client(nic, PEER, 1234, hexadecimal=binary)

    script = chapter(CONVERSATIONS, "4.1.", ONE_BY_ONE, QUOTED, HEX, READ_ALL, HOLE)
    assert play("BC20", script, program) == narrow_band.after_buffer_client(PEER, 1234)


def test_a_line_without_quotes():
    def program(nic):
        # With no data for a prompt, but so that SEND OK is waited for.
        return nic.command("AT+QISEND=0,10,1234567890", data=b"")

    script = chapter(CONVERSATIONS, "4.2.2")[:4]
    assert play("BC20", script, program) == []


def test_a_send_that_is_refused():
    script = narrow_band.refused_send_script('AT+QISEND=0,10,"1234567890"', [])
    assert play("BC20", script, narrow_band.refused_send, beside=True) == [True, 568, 10]


def test_client_in_push_mode():
    for changes, hexadecimal in (((HEX,), binary), ((), narrow_band.in_hex)):

        def program(nic):
            return narrow_band.push_client(nic, PEER, hexadecimal=hexadecimal)

        script = chapter(CONVERSATIONS, "4.2.", QUOTED, *changes)
        assert play("BC20", script, program) == narrow_band.AFTER_PUSH_CLIENT


def test_ping():
    script = chapter(CONVERSATIONS, "4.3.", narrow_band.ping("hf.quectel.com"))
    doubled = ("OK is doubled in print", (("<", "OK"),), (("<", "OK"), ("<", "OK")))
    replies = [("220.180.239.212", 32, ms, 255) for ms in (192, 240, 241, 479)]
    for changes in ((), (doubled,)):
        script = chapter(CONVERSATIONS, "4.3.", narrow_band.ping("hf.quectel.com"), *changes)
        outcome = play("BC20", script, lambda nic: tuple(nic.ping("hf.quectel.com")))
        assert outcome == (4, 4, 0, 192, 479, 287, replies)


def test_ping_in_vain():
    # 2.1.8, and the codes of chapter 3.
    def program(nic):
        lost = nic.ping("192.0.2.9", count=2)
        return tuple(lost), in_no_time(refusal, nic.ping, "none.example")

    script = [
        (">", 'AT+QPING=1,"192.0.2.9",4,2,32'),
        ("<", "OK"),
        ("!", "+QPING: 569"),
        ("!", '+QPING: 0,"192.0.2.9",32,90,64'),
        ("!", "+QPING: 0,2,1,1,90,90,90"),
        (">", 'AT+QPING=1,"none.example",4,4,32'),
        ("<", "OK"),
        ("!", "+QPING: 565"),
    ]
    lost = (2, 1, 1, 90, 90, 90, [569, ("192.0.2.9", 32, 90, 64)])
    assert play("BC20", script, program) == (lost, (errno.EHOSTUNREACH, 565))


def test_time():
    usual, printed = '+QNTP: 0,"18/04/20,11:08:20+32"', '+QNTP: 0,"18/04/20,11:08:20:35+32"'
    misprint = ("the time in print", (("!", usual),), (("!", printed),))
    for changes in ((narrow_band.time(),), (narrow_band.time(), misprint)):
        script = chapter(CONVERSATIONS, "4.4.", *changes)
        outcome = play("BC20", script, narrow_band.ask_time)
        assert outcome == (2018, 4, 20, 3, 8, 20, 4, 110)


def test_errors():
    def program(nic):
        printed = 'AT+QIOPEN=1,"UDP","220.180.239.212",8063,0,1'
        return narrow_band.refused(nic, printed, ("220.180.239.212", 8063))

    opening = 'AT+QIOPEN=1,0,"UDP","220.180.239.212",8063,0,0'
    example = chapter(CONVERSATIONS, "4.5.")
    script = narrow_band.refused_script(example, opening, "invalid parameters")
    assert play("BC20", script, program) == narrow_band.AFTER_REFUSED


# ---- 2.1.10: in no example; and what the manual does not have ----


def test_names():
    outcome = play("BC20", narrow_band.NAMES, narrow_band.names, beside=True)
    assert outcome == narrow_band.AFTER_NAMES


def test_what_the_manual_does_not_have():
    def program(nic):
        s = nic.socket()
        s.bind(("", 2020))
        seen = [refusal(s.listen)[0], refusal(s.transparent)[0], refusal(s.drain)[0]]
        seen += [refusal(nic.config, keepalive=(60, 10, 9))[0], refusal(nic.ipconfig, "dns")[0]]
        return seen

    assert play("BC20", [], program) == [UNSUPPORTED] * 5
