"""What each document says of its modules, for the end-to-end programs.

Read from the documents and not from the driver's own tables, so that one misreading cannot hide
another. Sections: BC65&BC92&BC95-GR TCP/IP Application Note 1.2 ("bc95"), BC20 TCP/IP AT Commands
Manual 1.0, BG95-S5 TCP/IP Application Note, BC25&BC32 TCP/IP application note 1.0, RGx00U&RM500U
TCP/IP Application Note 1.0.
"""

_FLAG = (1, 0)  # set to the first, then to the last of these

# A key of AT+QICFG, and what it is set to: bc95 2.2.11, BC20 2.1.11, BC25 2.1.11.
_NARROW = {"showlength": _FLAG, "viewmode": _FLAG}

# BG95-S5 2.3.15, RM500U 2.3.1
_WIDE = {
    "recvind": _FLAG,
    "transpktsize": (1, 1460, 1024),
    "transwaittm": (0, 20, 2),
    "viewmode": _FLAG,
}

# Keys that one of the documents has, to see that the others refuse them by name.
KEYS = (
    "showlength",
    "open_time",
    "recvind",
    "transpktsize",
    "transwaittm",
    "tcp/keepalive",
    "tcp/retranscfg",
    "tcp/inactivetm",
    "tcp/accept",
    "sack",
    "timestamp",
    "ipv6prior",
    "asyncmode",
    "ip_filter",
    "dcdmode",
    "dns/cache",
    "qisend/timeout",
    "passiveclosed",
    "close mode",
    "sendinfo",
    "formatcfg",
    "qisde",
    "nat",
    "qsclk",
    "qcscon",
)

# model: its facts
#   send      most bytes of any value in one send, and so in one datagram
#   text      the same of plain text, where that differs
#   clients   clients that a listener can have at once, or 0 without TCP LISTENER: the
#             connectIDs but its own and the one that the driver keeps free
#   service   whether there is UDP SERVICE
#   raw       whether there is transparent mode
#   sockets   connectIDs
#   contexts  contexts at once
#   listening, over   what QISTATE calls a listener, and a client whose peer has closed
#   port      whether QISTATE tells a local port that the module chose
#   server    whether QISTATE tells the listener of an incoming connection
#   dns, ntp, resolve, acked, rai   whether there is such a command
#   full      whether "buff full" is told
#   nameless  the code of a ping whose host is not found, and of one packet that is lost
#   untimed   the code of a QNTP whose server is not found
#   sizes     whether a ping has a size
#   keepalive values that can be kept exactly: idle s, interval s, count
#   settings  keys, and what each is set to
_BC95 = {
    "send": 1440,  # 2.2.4
    "text": 1440,
    "clients": 4,  # 2.2.1: connectIDs 0 to 5
    "service": False,
    "raw": False,  # 1.2: BC92 alone
    "sockets": 6,
    "contexts": 3,
    "listening": "connected",  # 4.3.1
    "over": "remote closing",  # 2.2.3
    "port": False,  # 2.2.3 <local_port>
    "server": False,
    "dns": True,
    "ntp": True,
    "resolve": True,
    "acked": False,
    "rai": True,  # 2.2.4, 2.2.5
    "full": True,  # 2.3.3
    "nameless": 4,  # table 3
    "lost": 1,
    "untimed": 4,  # table 4
    "sizes": True,  # 2.2.8
    "keepalive": None,
    "settings": dict(_NARROW, open_time=(1, 36)),
}

_BC20 = dict(
    _BC95,
    send=512,  # 2.1.6: other bytes than text go in hex
    text=1024,  # 2.1.4
    clients=0,
    sockets=5,  # 2.1.1
    contexts=1,  # 2.1.1, note 1
    over="closing",  # 2.2.1
    dns=False,
    rai=False,
    nameless=565,  # 2.1.8
    lost=569,
    untimed=565,
    settings=_NARROW,
)

_BC25 = dict(
    _BC95,
    send=512,  # 2.1.4
    text=512,
    over="closing",  # 2.2.1
    rai=False,
    untimed=565,
    keepalive=(36000, 20, 9),  # 2.1.13
    settings=dict(_NARROW, qsclk=_FLAG),  # 4.4
)

_BG95 = {
    "send": 1460,  # 2.3.7
    "text": 1460,
    "clients": 10,  # 2.3.4: connectIDs 0 to 11
    "service": True,
    "raw": True,
    "sockets": 12,
    "contexts": 3,  # 2.3.2
    "listening": "listening",  # 2.3.6
    "over": "closing",
    "port": True,
    "server": True,
    "dns": True,
    "ntp": True,
    "resolve": True,
    "acked": True,  # 2.3.7
    "rai": True,  # 2.3.9
    "full": False,
    "nameless": 565,
    "lost": 569,
    "untimed": 565,
    "sizes": False,  # 2.3.11
    "keepalive": (7200, 75, 9),  # 2.3.15, in minutes there
    "settings": dict(
        _WIDE,
        **{
            "tcp/keepalive": ((1, 120, 100, 10), (1, 1, 25, 3)),
            "tcp/retranscfg": ((20, 1000), (3, 5), (12, 600)),
            "tcp/inactivetm": (65535, 0),
            "sack": (0, 1),
            "timestamp": _FLAG,
            "ipv6prior": _FLAG,
            "asyncmode": _FLAG,
            "dcdmode": _FLAG,
        },
    ),
}

_RM500U = dict(
    _BG95,
    contexts=5,  # 2.3.3
    ntp=False,
    resolve=False,  # a ping finds the address
    rai=False,
    sizes=True,  # 2.3.13
    keepalive=(1800, 100, 10),  # 2.3.1, in seconds
    settings=dict(
        _WIDE,
        **{
            "tcp/keepalive": ((1, 1800, 100, 10), (1, 1, 25, 3)),
            "tcp/retranscfg": ((20, 1000), (3, 5), (8, 600)),
            "tcp/accept": (0, 1),
            "dns/cache": _FLAG,
            "qisend/timeout": (3600, 0),
            "passiveclosed": _FLAG,
            "nat": (2, 1),  # 2.3.7, note 3
        },
    ),
)

_FACTS = {
    "BC95GR": _BC95,
    "BC92": dict(_BC95, raw=True),  # 1.2
    "BC20": _BC20,
    "BC25": _BC25,
    "BG95S5": _BG95,
    "RM500U": _RM500U,
}


def of(nic):
    """The facts of an interface's module."""
    return _FACTS[nic.dialect.MODEL]
