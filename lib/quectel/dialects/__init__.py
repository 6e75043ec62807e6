# What differs between the five dialects, and the form in which a dialect says it.
#
# Data first: a dialect is a class whose attributes are the limits, times and shapes below. Where
# data cannot say it (BC20 sends bytes in the command line, not after a prompt) it is a method to
# override. Here stands what the core reads; what only bringup/, config/, services/ and modes/ read
# stands in details/, which is loaded when one of its attributes is read, and unloaded with
# bringup/. What the core reads, and what each of the five documents has for it:
#
#                    bc95            bc20         bg95         bc25          rm500u
#   CONTEXTS         1-3             1-1          1-16         1-3           1-5
#   SOCKETS          6               5            12           6             12
#   SEND_MAX         1440            1024 (line)  1460         512           1460
#   READ_MAX         1024            512          1500         512           1500
#   OPEN_MS          36 s, name 176  60 s         150 s        36, name 176  150 s
#   open_tail()      ,protocol       -            -            ,protocol     -, listener: ,clients
#   SERVICES         T U L           T U          T U L S      T U L         T U L S
#   CLOSE_NEEDS      OK, CLOSE OK    same         OK           OK, CLOSE OK  OK
#   SEND_NEEDS       OK, SEND OK     same         SEND OK      OK, SEND OK   SEND OK, or OK with
#                                                                            QICFG "sendinfo"
#   sender()         prompt          line or hex  prompt       prompt        prompt
#   READ_REMAINING   yes             yes          no           yes           no
#   SLEEP            QATSLEEP, …     same         -            same          -
#   ERRNO            what the codes mean otherwise than in the common table
#
# T TCP, U UDP, L TCP LISTENER, S UDP SERVICE. A new dialect is a file beside this one and a line
# in quectel/__init__.py; it imports no socket and no module. DETAILS names the file in details/
# that holds for it, and an attribute of its own class goes before one of that file: a dialect that
# differs in a few of them needs no second file.

from quectel import at, load


def quoted(text, limit, name):
    """`text` in quotes, for a command line.

    Raises ValueError, naming the parameter but never its value, where it is longer than `limit`
    bytes or holds what would break out of the quotes: a quote or a control character (CR, LF,
    Ctrl+Z, Esc)."""
    if not isinstance(text, (str, bytes, bytearray)):
        raise TypeError(name + " must be text")
    raw = text.encode() if isinstance(text, str) else bytes(text)
    if len(raw) > limit:
        raise ValueError("%s is longer than %d bytes" % (name, limit))
    for byte in raw:
        if byte < 32 or byte == 34 or byte == 127:
            raise ValueError("%s holds a quote or a control character" % name)
    return b'"' + raw + b'"'


def within(value, bounds, name):
    """`value` as an int; ValueError naming the range where it is outside `bounds` (both in)."""
    low, high = bounds
    if not isinstance(value, int) or not low <= value <= high:
        raise ValueError("%s must be %d to %d" % (name, low, high))
    return value


def is_address(host):
    """Whether `host` is written as an IPv4 or IPv6 address, not a name."""
    if not isinstance(host, str):
        host = str(host, "utf-8")  # TypeError if it is no text at all
    if ":" in host:
        return True
    parts = host.split(".")
    return len(parts) == 4 and all(part.isdigit() for part in parts)


class PromptSend(at.Command):
    """AT+QISEND=<connectID>,<send_length>, then the data after the prompt: the form that carries
    every byte value. The line is written in place, so that sending allocates nothing."""

    def __init__(self, dialect, connect_id):
        super().__init__(b"AT+QISEND=%d,00000" % connect_id, dialect.SEND_MS)
        self.needs = dialect.SEND_NEEDS
        self._most = dialect.SEND_MAX
        self._number_at = self.line_end - 6

    def largest(self, data, at_, end):
        """How many of `data[at_:end]` one exchange, and so one datagram, can carry."""
        return self._most

    def load(self, data, at_, end):
        """Take the next bytes of `data[at_:end]`; returns how many this exchange carries."""
        count = min(end - at_, self._most)
        stop = at.put_number(self.line_out, self._number_at, count)
        self.line_out[stop] = 13
        self.line_end = stop + 1
        self.give(data, at_, at_ + count)
        return count


class Dialect:
    """What the core asks of a dialect; the values here are those that the documents of BG95-S5 and
    of RG200U&RG500U&RM500U share. Every time is in ms and may be changed on an instance."""

    MODEL = ""  # as AT+CGMM answers, letters and digits only
    DETAILS = "packet_data"
    SOCKETS = 12
    PORTS = (1, 65535)
    LOCAL_PORTS = (0, 65535)
    SERVICES = ("TCP", "UDP", "TCP LISTENER", "UDP SERVICE")
    HOST_MAX = 256
    OPEN_MS = (150000, 150000)  # to an address, to a name
    SILENCE_MS = 60000  # no answer to any other command: the module hangs
    CLOSE_MS = 10000  # the default of <timeout>, which is kept
    CLOSE_NEEDS = at.OK
    CLOSE_TAIL = b""  # AT+QICLOSE's <timeout>
    SEND_MAX = 1460
    SEND_MS = 120000
    SEND_NEEDS = at.SEND_OK
    READ_MAX = 1500
    READ_MS = 120000
    READ_REMAINING = False
    STATES_CLOSED = ("4",)  # of AT+QISTATE: closed by the peer, data may be left
    # Looks for data that no URC has told of: the first pause, how often that one comes again
    # before it is doubled, and the longest.
    LOOK_MS = 1000
    LOOKS = 0
    LOOK_MOST_MS = 64000
    PROMPT_HIDES_DATA = False  # no URC for what comes while a prompt is open
    SLEEPS_MS = 0  # silence after which the module may sleep, and lose the next command
    # The press of PSM_EINT, or how long after DTR has gone low the module hears: in no document.
    WAKE_MS = 100
    WAKES = ()  # lines of a module that was asleep, so that it has lost what was sent before
    SLEEP = None  # the lines that tell of deep sleep: its beginning, its end
    REBOOT = (b"RDY", b"POWERED DOWN", b"NORMAL POWER DOWN")
    BOOT_TEXT = ()  # what lines of a start begin with that may end with an OK of their own
    ERRNO = {}

    def __getattr__(self, name):
        if not name.isupper():
            raise AttributeError(name)
        return getattr(self.details(), name)

    def details(self):
        """The class in details/ that holds for this dialect. Who first reads one of its attributes
        loads it, which inside a Task takes more stack than a Pico has: load it before."""
        return load("dialects.details." + self.DETAILS).Details

    def choose(self, name, value):
        """Make `value` that of the attribute `name` for this module; None: the dialect's own."""
        if value is not None:
            setattr(self, name, value)
            return
        try:
            delattr(self, name)
        except AttributeError:
            pass  # it is so already

    def open_line(self, context, connect_id, service, host, remote, local, access, tail=b""):
        """The AT+QIOPEN line; the seven parameters stand in this order in every document."""
        line = b'AT+QIOPEN=%d,%d,"%s",' % (context, connect_id, service.encode())
        line += quoted(host, self.HOST_MAX, "host")
        return line + b",%d,%d,%d" % (remote, local, access) + tail

    def open_tail(self, family, service, backlog):
        """What follows the access mode in AT+QIOPEN."""
        return b""

    def open_ms(self, host):
        """How long to wait for +QIOPEN, in ms."""
        return self.OPEN_MS[0 if is_address(host) else 1]

    def sender(self, connect_id):
        """The command that sends on `connect_id`: an at.Command with `load`."""
        return PromptSend(self, connect_id)
