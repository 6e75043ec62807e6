"""The least that each document's own framing allows for an exchange: bytes on the wire, and how
often the module is waited for. Written from the application notes alone, and shares nothing with
the driver or the virtual module: it is what both are held against.

One command at a time, no echo, connectID 0, every line as CRLF text CRLF. Of what may be chosen
the shortest form is taken that carries the data at hand: viewmode 1, where a comma instead of a
line's end stands before data that are read, no lengths in the recv URC, and no length in AT+QIRD
where its default is the most.
"""

PIECES = 16  # largest exchanges of a bulk transfer
ROUNDS = 8  # requests with their answers
REQUEST = 64  # bytes of each
TRAVEL = 0.05  # s from the module to the peer and back
BITS = 10  # of a byte on the line: start, eight of data, stop
_OK = len("\r\nOK\r\n")
_SEND_OK = len("\r\nSEND OK\r\n")
_PROMPT = len("\r\n>")  # some print a space behind it, which the data need not wait for
_RECV = len('\r\n+QIURC: "recv",0\r\n')


class Least:
    """send_max, read_max  bytes of one AT+QISEND and AT+QIRD
    prompt     whether data follow a prompt; without it they stand in the line, or in hex
    hex_max    bytes of one AT+QISENDEX, where that is the only form for any byte
    two_lines  whether OK comes before SEND OK
    read_bare  whether AT+QIRD without a length reads the most
    """

    def __init__(self, send_max, read_max, two_lines, prompt=True, hex_max=0, read_bare=False):
        self.send_max = send_max
        self.read_max = read_max
        self._two_lines = two_lines
        self._prompt = prompt
        self._hex_max = hex_max
        self._read_bare = read_bare

    def most(self, text):
        """Bytes of the largest send: of plain text, or of any bytes."""
        return self.send_max if self._prompt or text else self._hex_max

    def give(self, count, text):
        """(bytes, waits) of an exchange that sends `count` bytes, until the module has them."""
        if self._prompt:
            return len("AT+QISEND=0,%d\r" % count) + _PROMPT + count, 2
        if text:
            return len('AT+QISEND=0,%d,""\r' % count) + count, 1
        return len("AT+QISENDEX=0,%d,\r" % count) + 2 * count, 1

    def taken(self, took):
        """Seconds of the rest of it: the module says that it has them."""
        if self._two_lines:  # the first one is on the line while the second is thought about
            return max(took(_OK, 0), took(0, 1)) + took(_SEND_OK, 0)
        return took(_SEND_OK, 0)

    def ask(self, asked):
        """(bytes, waits) of asking for `asked` bytes, until the answer begins."""
        bare = self._read_bare and asked == self.read_max
        return len("AT+QIRD=0\r") if bare else len("AT+QIRD=0,%d\r" % asked), 1

    def answer(self, count):
        """Bytes of the answer that gives `count`."""
        return len("\r\n+QIRD: %d," % count) + count + len("\r\n") + _OK

    def recv_urc(self):
        """Bytes of the URC that says that there is something to read."""
        return _RECV


LEAST = {
    # "BC65&BC92&BC95-GR TCP/IP Application Note" 1.2: 2.2.4, 2.2.6
    "bc95": Least(1440, 1024, True),
    # "BC20 TCP/IP AT Commands Manual" 1.0: 2.1.4, 2.1.5, 2.1.6
    "bc20": Least(1024, 512, True, prompt=False, hex_max=512),
    # "BG95-S5 TCP/IP Application Note": 2.3.7, 2.3.8
    "bg95": Least(1460, 1500, False, read_bare=True),
    # "BC25&BC32 TCP/IP" 1.0: 2.1.4, 2.1.5
    "bc25": Least(512, 512, True),
    # "RGx00U&RM500U Series TCP/IP Application Note" 1.0: 2.3.10, 2.3.11, which states no default
    "rm500u": Least(1460, 1500, False),
}


def seconds(count, waits, baud, latency):
    """How long that takes on a line of `baud` to a module that thinks for `latency` seconds."""
    return count * BITS / baud + waits * latency


def _down(least, took, text):
    one = took(*least.ask(least.read_max)) + took(least.answer(least.read_max), 0)
    return PIECES * one


def _up(least, took, text):
    one = took(*least.give(least.most(text), text)) + least.taken(took)
    return PIECES * one


def _requests(least, took, text):
    one = took(*least.give(REQUEST, text)) + _wait(least, took)
    return ROUNDS * (one + took(least.answer(REQUEST), 0))


def _wait(least, took):
    # From the moment when the module has the request to the begin of its answer to a read. While
    # the data travel the module says that it has taken them; then it is asked when the URC has
    # come, or at once, where it thinks for so long that the answer is there meanwhile.
    asking = took(*least.ask(REQUEST))
    at_once = least.taken(took) + asking
    if at_once >= TRAVEL:
        return at_once
    return max(TRAVEL + took(least.recv_urc(), 0), least.taken(took)) + asking


_WAYS = {"down": _down, "up": _up, "up, text": _up, "64 bytes": _requests}
WAYS = tuple(_WAYS)
TEXT = ("up, text", "64 bytes")  # the ways whose data are plain text


def of_a_transfer(key, baud, latency, way):
    """Seconds that PIECES of the largest exchanges take one way, or ROUNDS of requests."""

    def took(count, waits):
        return seconds(count, waits, baud, latency)

    return _WAYS[way](LEAST[key], took, way in TEXT)
