# What differs between the five dialects, and the form in which a dialect says it.
#
# Data first: a dialect is a class whose attributes are the limits, times and shapes below. Where
# data cannot say it (BC20 sends bytes in the command line, not after a prompt) it is a method to
# override. The attributes, and what each of the five documents has for them:
#
#                    bc95            bc20         bg95         bc25          rm500u
#   CONTEXTS         1-3             1-1          1-16         1-3           1-5
#   SOCKETS          6               5            12           6             12
#   SEND_MAX         1440            1024 (line)  1460         512           1460
#   READ_MAX         1024            512          1500         512           1500
#   OPEN_MS          36 s, name 176  60 s         150 s        36, name 176  150 s
#   OPEN_TAIL        ,protocol       ,protocol    -            ,protocol     -, listener: ,clients
#   SERVICES         T U L           T U          T U L S      T U L         T U L S
#   LISTEN_ADDRESS   module's own    -            127.0.0.1    module's own  127.0.0.1
#   CLOSE_NEEDS      OK, CLOSE OK    same         OK           OK, CLOSE OK  OK
#   SEND_NEEDS       OK, SEND OK     same         SEND OK      OK, SEND OK   SEND OK, or OK with
#                                                                            QICFG "sendinfo"
#   sender()         prompt          line or hex  prompt       prompt        prompt
#   TEXT_FORMS       line, length,   line         length,      line, length, length, ctrl-z
#                    ctrl-z                       ctrl-z       ctrl-z
#   HEX_FORMS        the same        line         line         the same      - (no QISENDEX)
#   READ_REMAINING   yes             yes          no           yes           no
#   STATES           3 closing,      3 closing    3 listening, 3 closing,    3 listening,
#                    4 remote                     4 closing    4 remote,     4 closing
#                    closing                                   5 closed
#   STATE_SERVER     no              no           yes          no            yes
#   PDP              no: CGATT       no: CGATT    QICSGP,      no: CGATT     QICSGP, QIACTEX
#                                                 QIACT
#   SETTINGS         showlength 1,   same         recvind 0,   showlength 1, recvind 0,
#                    viewmode 0,                  QISDE 0, …   …             QISDE 0, …
#                    dataformat 0
#   KEEPALIVE        -               -            minutes      QIKALIVE, s   seconds
#   resolve_line     QIDNSGIP        same         same         same          - (one-packet QPING)
#   DNS              "one"           -            "context"    "one"         "context"
#   PING_SIZES       32-200          32-200       -            32-200        32-1500
#   NTP_MS           125 s           125 s        125 s        125 s         - (no QNTP)
#   QUERIES          qistate         qistate      + qicsgp,    qistate       + qicsgp, qiact,
#                                                 qiact, qntp                qiactex
#   CHOICES          -               -            close_       -             close_timeout,
#                                                 timeout                    connect_timeout,
#                                                                            asynchronous
#   QICFG            keys of each, from its own table
#   OPTIONS          -               -            QISDE,       QSCLK         QISDE,
#                                                 QCSCON                     QCFG="nat"
#   ERRNO            what the codes mean otherwise than in the common table
#
# T TCP, U UDP, L TCP LISTENER, S UDP SERVICE. A new dialect is a file beside this one and a line
# in quectel/__init__.py; it imports no socket and no modem.

from micropython import const

from quectel import at

AF_INET6 = const(10)


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
    """What the driver asks of a dialect; the values here are those that most documents share.
    Every time is in ms and may be changed on an instance."""

    MODEL = ""  # as AT+CGMM answers, letters and digits only
    PORTS = (1, 65535)
    LOCAL_PORTS = (0, 65535)
    SERVICES = ("TCP", "UDP")
    ACCESS_MODES = (0, 1)
    LISTEN_ADDRESS = None  # None: the module's own address
    LISTEN_ADDRESS6 = None
    LISTEN_REMOTE = 0
    LISTEN_ACTIVATES = False  # AT+CGACT before a listener is opened
    BACKLOG = None  # bounds of the clients a listener may have, where QIOPEN says it
    LISTEN_DIRECT = False  # whether a listener may have access mode 2
    SIM_MS = 20000
    REGISTRATION_MS = 60000
    SILENCE_MS = 60000  # no answer to any other command: the module hangs
    CLOSE_NEEDS = at.OK
    CLOSE_TAIL = b""  # AT+QICLOSE's <timeout>
    SEND_NEEDS = at.SEND_OK
    # The forms of AT+QISEND and AT+QISENDEX, see forms.py; the latter's most bytes in one.
    TEXT_FORMS = ("length", "ctrl-z")
    HEX_FORMS = ()
    HEX_MAX = 0
    HEX_COUNTED = True  # whether the line says how many bytes
    HEX_QUOTED = True
    TEXT_RAI = False  # release assistance on AT+QISEND
    READ_REMAINING = False
    # Looks for data that no URC has told of: the first pause, how often that one comes again
    # before it is doubled, and the longest.
    LOOK_MS = 1000
    LOOKS = 0
    LOOK_MOST_MS = 64000
    PROMPT_HIDES_DATA = False  # no URC for what comes while a prompt is open
    SLEEPS_MS = 0  # silence after which the module may sleep, and lose the next command
    WAKES = ()  # lines of a module that was asleep, so that it has lost what was sent before
    ACKED = False
    STATES_CLOSED = ("4",)  # of AT+QISTATE: closed by the peer, data may be left
    STATE_SERVER = False
    PDP = False
    URC_PORT = None  # the command that tells where URCs go
    NAT = 0  # AT+QCFG="nat", once it is known
    ASYNCHRONOUS = False  # AT+QIACTEX and AT+QIDEACTEX, which do not hold the channel
    REGISTRATION = (b"+CEREG", b"+CGREG")
    SETTINGS = ()
    LENGTHS = b"recvind"  # the QICFG key that adds the length to the recv URC
    KEEPALIVE = None
    RAI = None  # release assistance: (most bytes in AT+QISENDEX, whether it states their count)
    QICFG = {}
    OPTIONS = {}  # commands of one setting: the command, the bounds of each value
    QUERIES = ("qistate",)  # commands that only tell something, see queries.py
    CHOICES = {}  # what the driver says in its own commands, see choices.py: bounds
    ERRNO = {}
    GUARD_MS = 1000  # silence around +++
    ESCAPE_BUFFERS = False  # whether a socket is in buffer mode after +++
    DTR = False  # whether DTR leaves transparent mode
    DNS = None  # AT+QIDNSCFG: "one" set of servers, "context" a set for each
    PING_SIZES = None  # bounds of AT+QPING's size, where it has one
    PING_MS = 3600000  # whatever the number of packets
    NTP_MS = 125000  # the others give no time: that of BG95-S5, 2.3.12
    SLEEP = None  # the lines that tell of deep sleep: its beginning, its end
    REBOOT = (b"RDY", b"POWERED DOWN", b"NORMAL POWER DOWN")
    BOOT_TEXT = ()  # what lines of a start begin with that may end with an OK of their own
    # Settings that are not the documents' defaults: a firmware that refuses them is of no use.
    NEEDED = (b"AT+QISDE=0", b'AT+QICFG="showlength",1')

    def choose(self, name, value):
        """Make `value` that of the attribute `name`, for this module."""
        setattr(self, name, value)

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

    def resolve_line(self, context, host):
        """AT+QIDNSGIP."""
        return b"AT+QIDNSGIP=%d," % context + quoted(host, self.HOST_MAX, "host")


class NarrowBand(Dialect):
    """What the documents of the BC modules share: no context commands, answers in two parts,
    settings that a module keeps over a restart."""

    CONTEXTS = (1, 3)
    SOCKETS = 6
    APN_MAX = 100  # 3GPP TS 23.003, 9.1: the documents give no length
    # These documents give 300 ms for every answer; a line at a low baud rate and a module that
    # wakes up may need more.
    CLOSE_MS = 10000
    SEND_MS = 60000
    READ_MS = 10000
    RESOLVE_MS = 60000
    TEXT_FORMS = HEX_FORMS = ("line", "length", "ctrl-z")
    SEND_NEEDS = at.OK | at.SEND_OK
    CLOSE_NEEDS = at.OK | at.CLOSE_OK
    READ_REMAINING = True
    # Real modules of this kind tell late of data, or not at all, above all during a download and
    # while a prompt is open.
    LOOK_MS = 250
    LOOKS = 20
    LOOK_MOST_MS = 2500
    PROMPT_HIDES_DATA = True
    STATES_CLOSED = ("3", "4", "5")
    WAKES = (b'+QNBIOTEVENT: "EXIT',)
    SLEEPS_MS = 9000  # they were seen to sleep after 10 s, where AT+QSCLK lets them
    REGISTRATION = ()
    LENGTHS = b"showlength"
    ATTACH_MS = 60000
    # Seen of these modules and their kin; no document has it.
    BOOT_TEXT = (b"REBOOT_CAUSE", b"Neul")
    DNS = "one"
    PING_SIZES = (32, 200)
    STATES = ("initial", "opening", "connected", "closing", "remote closing", "closed")
    # Kept in flash: an earlier program may have chosen otherwise.
    SETTINGS = (
        b'AT+QICFG="dataformat",0,0',
        b'AT+QICFG="viewmode",0',
        b'AT+QICFG="showlength",1',
    )
    QICFG = {"dataformat": ((0, 1), (0, 1)), "viewmode": ((0, 1),), "showlength": ((0, 1),)}

    def open_tail(self, family, service, backlog):
        """<protocol_type>: 0 IPv4, which need not be said, 1 IPv6."""
        return b",1" if family == AF_INET6 else b""


class PacketData(Dialect):
    """What the documents of the modules with context commands share."""

    SOCKETS = 12
    SERVICES = ("TCP", "UDP", "TCP LISTENER", "UDP SERVICE")
    ACCESS_MODES = (0, 1, 2)
    LISTEN_ADDRESS = "127.0.0.1"
    HOST_MAX = 256
    APN_MAX = 100  # 3GPP TS 23.003, 9.1: the documents give no length
    OPEN_MS = (150000, 150000)
    CLOSE_MS = 10000  # the default of <timeout>, which is kept
    SEND_MAX = 1460
    SEND_MS = 120000
    READ_MAX = 1500
    READ_MS = 120000
    ACKED = True
    STATES = ("initial", "opening", "connected", "listening", "closing")
    STATE_SERVER = True
    PDP = True
    URC_PORT = b'AT+QURCCFG="urcport"'  # no document has it: EG800K, RG502Q and EC20 do
    DTR = True  # 1.2
    ACTIVATE_MS = 150000
    DEACTIVATE_MS = 40000
    ACTIVATE_TRIES = 3  # BG95-S5, Figure 1
    RESOLVE_MS = 60000
    DNS = "context"
    OPTIONS = {"qisde": (b"AT+QISDE", ((0, 1),))}
    QUERIES = ("qistate", "qicsgp", "qiact")
    CHOICES = {"close_timeout": (0, 65535)}
    SETTINGS = (
        b"AT+QISDE=0",
        b'AT+QICFG="dataformat",0,0',
        b'AT+QICFG="viewmode",0',
        b'AT+QICFG="recvind",0',
    )

    def context_line(self, context, family, apn, user, key, auth):
        """AT+QICSGP; `family` 1 IPv4, 2 IPv6, 3 both; `auth` 0 none, 1 PAP, 2 CHAP, 3 either."""
        line = b"AT+QICSGP=%d,%d," % (context, family)
        line += quoted(apn, self.APN_MAX, "apn") + b","
        line += quoted(user, self.USER_MAX, "user") + b","
        return line + quoted(key, self.USER_MAX, "key") + b",%d" % auth
