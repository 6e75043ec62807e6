"""What the chapters 4 of the BC modules' documents have in common: three documents print the same
examples but for addresses, quotes, and which commands there are. See examples.py."""

import errno

from examples import line, lines, pushed, refusal, tcp, times_out, wait_for
from scripted import raises

from quectel.services import forms

READS = {"rxbuf": 576}  # so that a read asks for 512 bytes, as the examples do

READ_ALL = line(
    "small reads come from a staging buffer, which asks for all that it holds",
    "AT+QIRD=0,10",
    "AT+QIRD=0,512",
)


def prompted(printed, command, data):
    """The change of a QISEND with its data in the line."""
    why = "a socket's data goes after the prompt: a line carries no quote, CR or NUL"
    return lines(why, printed, (">", command), ("<prompt", "> "), (">>", data))


PROMPTS = (
    prompted('AT+QISEND=0,10,"1234567890"', "AT+QISEND=0,10", b"1234567890"),
    prompted('AT+QISEND=0,12,"012345678901"', "AT+QISEND=0,12", b"012345678901"),
)


def one_by_one(sending):
    """The change of the second QISEND that 4.1.2 has before the SEND OK of the first."""
    taken = ((">", sending), ("<", "OK"))
    return (
        "never a second QISEND before SEND OK, which the module would refuse",
        taken + ((">", sending), ("<", "ERROR"), ("wait", 0.5)),
        taken + (("wait", 0.5), ("<", "SEND OK")) + taken,
    )


def ping(host):
    """The change of the QPING of an example."""
    printed = 'AT+QPING=1,"%s"' % host
    return line("time-out, count and size are stated", printed, printed + ",4,4,32")


def time():
    """The change of the QNTP of the examples."""
    printed = 'AT+QNTP=1,"ntp5.aliyun.com"'
    return line("port and setting of the clock are stated", printed, printed + ",123,1")


# ---- the driver's part ----


def by_prompt(s, data):
    """Send text as a socket does."""
    return s.send(data)


def in_line(s, data):
    """Send text as the examples print it."""
    return forms.send(s, data, "line")


def in_hex(s):
    """The QISENDEX of the examples, which a socket sends by itself on BC20 alone."""
    return forms.send(s, b"01234", "line", True)


def _overlapping(nic, s):
    # A second send while the first is under way: not taken over before the module has answered.
    s.setblocking(False)
    seen = [s.send(b"1234567890"), refusal(s.send, b"1234567890")[0] == errno.EAGAIN]
    wait_for(nic, lambda: s.ioctl(3, 4))
    seen.append(s.send(b"1234567890"))
    s.settimeout(0.1)
    return seen


def buffer_client(nic, address, local_port, text=by_prompt, hexadecimal=in_hex):
    """4.1: send, in hex too, with no second send before the first is over, and read."""
    s = tcp(nic, address, local_port)
    seen = [nic.netstat(0)[0][:8], text(s, b"1234567890"), hexadecimal(s)]
    if text is by_prompt:
        seen += _overlapping(nic, s)
    else:
        seen += [text(s, b"1234567890"), True, text(s, b"1234567890")]
    seen += [s.recv(512), times_out(s.recv, 512)]
    nic.config(showlength=1)
    seen.append(s.recv(10))
    nic.config(viewmode=1)
    seen += [s.recv(10), raises(OSError, s.recv, 10).args[0], s.lost]
    s.close()
    s = tcp(nic, address, local_port)
    seen += [text(s, b"012345678901"), s.recv(10)]
    s.close()
    return seen


def hole(address, local_port):
    """The change behind "buff full": bytes of the stream are gone, so the driver ends it."""
    host, port = address
    before = ((">", "AT+QIRD=0,512"), ("<", "+QIRD: 2,0,12"), ("<", "OK"))
    again = (
        (">", "AT+QICLOSE=0"),
        ("<", "OK"),
        ("<", "CLOSE OK"),
        (">", 'AT+QIOPEN=1,0,"TCP","%s",%d,%d,0' % (host, port, local_port)),
        ("<", "OK"),
        ("!", "+QIOPEN: 0,0"),
    )
    return "a stream with a hole in it cannot be used any more", before, before + again


def after_buffer_client(address, local_port):
    """What buffer_client must have seen."""
    state = (0, "TCP") + address + (local_port, "connected", 1, None)
    seen = [state, 10, 5, 10, True, 10, b"1234567890", True]
    return seen + [b"1234567890", b"12", errno.ECONNABORTED, 1, 12, b"0123456789"]


def push_client(nic, address, text=by_prompt, hexadecimal=in_hex):
    """4.2: send, in hex too, and take what comes unasked, with the data on either side of CRLF."""
    s = pushed(nic, address)
    seen = [nic.netstat(0)[0].access_mode, text(s, b"1234567890"), hexadecimal(s), s.recv(100)]
    nic.config(viewmode=1)
    seen += [text(s, b"012345678901"), s.recv(100), s.lost]
    s.close()
    return seen


AFTER_PUSH_CLIENT = [1, 10, 5, b"12345", 12, b"012345678901", 0]


def server(s):
    """4.3: a listener's one client, which says `test`."""
    client, peer = s.accept()
    client.settimeout(0.1)
    seen = [peer, client.recv(512), times_out(client.recv, 512)]
    client.close()
    s.close()
    return seen


AFTER_SERVER = [("192.168.2.2", 36566), b"test", True]


# ---- what is in no example ----

_TCP = [(">", 'AT+QIOPEN=1,0,"TCP","192.0.2.1",80,0,0'), ("<", "OK")]


def refused_send(nic):
    """What REFUSED_SEND leads to."""
    s = tcp(nic, ("192.0.2.1", 80))
    number, code = refusal(s.send, b"1234567890")
    seen = [number == getattr(errno, "EBUSY", 16), code, s.send(b"1234567890")]
    s.close()
    return seen


def refused_send_script(sending, taken):
    """4.1.2 from the module's side: a QISEND while one of which the driver does not know is under
    way. 568 is not printed there; the summary of result codes calls it operation busy."""
    script = _TCP + [("!", "+QIOPEN: 0,0"), (">", sending), ("<", "ERROR"), ("<", "SEND OK")]
    script += [(">", "AT+QIGETERROR"), ("<", "+QIGETERROR: 568,operation busy"), ("<", "OK")]
    script += [(">", sending)] + taken + [("<", "OK"), ("<", "SEND OK")]
    return script + [(">", "AT+QICLOSE=0"), ("<", "OK"), ("<", "CLOSE OK")]


def refused(nic, printed, address):
    """The chapter on errors: the program's own command line without a connectID, and a socket that
    the module refuses."""
    seen = [refusal(nic.command, printed), nic.error()]
    s = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
    return seen + [refusal(s.connect, address)]


def refused_script(example, opening, words):
    """`example`, nic.error(), and the same refusal of the driver's own `opening`."""
    error = [(">", "AT+QIGETERROR"), ("<", "+QIGETERROR: 552," + words), ("<", "OK")]
    script = list(example) + error + [(">", opening), ("<", "ERROR")] + error
    return script + [(">", "AT+QICLOSE=0"), ("<", "OK"), ("<", "CLOSE OK")]


AFTER_REFUSED = [
    (errno.EINVAL, 552),
    (552, "invalid parameters"),
    (errno.EINVAL, 552),
]


def names(nic):
    """AT+QIDNSGIP: two addresses, and no such name."""
    return nic.resolve("two.example"), refusal(nic.resolve, "none.example")


# As the syntax of AT+QIDNSGIP prints the URC's first line, with and without spaces.
NAMES = [
    (">", 'AT+QIDNSGIP=1,"two.example"'),
    ("<", "OK"),
    ("!", '+QIURC: "dnsgip", 0, 2, 600'),
    ("!", '+QIURC: "dnsgip", "192.0.2.1"'),
    ("!", '+QIURC: "dnsgip","192.0.2.2"'),
    (">", 'AT+QIDNSGIP=1,"none.example"'),
    ("<", "OK"),
    ("!", '+QIURC: "dnsgip",565'),
]
AFTER_NAMES = (["192.0.2.1", "192.0.2.2"], (errno.EHOSTUNREACH, 565))


def ask_time(nic):
    """The time that the examples tell, read as local: they do not say."""
    nic.dialect.choose("TELLS_LOCAL", True)
    return nic.ntp("ntp5.aliyun.com")
