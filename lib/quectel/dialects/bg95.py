# BG95-S5, from the BG95-S5 TCP/IP Application Note (2024), whose sections stand at the values.

import errno

from micropython import const

from quectel import at
from quectel.dialects import Dialect, quoted
from quectel.errors import EBUSY

_FLAG = ((0, 1),)
_TEXT = const(0)  # in a QICFG table: a quoted text instead of a number


class BG95S5(Dialect):
    """BG95-S5: TCP, UDP, TCP LISTENER, UDP SERVICE; contexts, transparent mode."""

    MODEL = "BG95S5"
    CONTEXTS = (1, 16)  # 2.3.1 <contextID>
    SOCKETS = 12  # 2.3.4 <connectID> 0 to 11
    HOST_MAX = 256  # 2.3.4 <domain_name>
    APN_MAX = 100  # 3GPP TS 23.003, 9.1: the document gives no length
    USER_MAX = 128  # 2.3.1 <username>, <password>
    SERVICES = ("TCP", "UDP", "TCP LISTENER", "UDP SERVICE")
    LISTEN_ADDRESS = "127.0.0.1"  # 2.3.4 <IP_address>
    OPEN_MS = (150000, 150000)  # 2.3.4, note 3
    CLOSE_MS = 10000  # 2.3.5 <timeout>, whose default we keep
    SEND_MAX = 1460  # 2.3.7 <send_length>
    SEND_MS = 120000  # 2.3.7
    READ_MAX = 1500  # 2.3.8 <read_length>
    READ_MS = 120000  # 2.3.8
    SEND_NEEDS = at.SEND_OK  # 2.3.7: SEND OK alone, no OK
    CLOSE_NEEDS = at.OK
    ACKED = True  # 2.3.7: AT+QISEND=<connectID>,0
    # 2.3.6 <socket_state>
    STATES = ("initial", "opening", "connected", "listening", "closing")
    STATE_SERVER = True
    # Contexts: 2.3.1 to 2.3.3
    PDP = True
    ACTIVATE_MS = 150000
    DEACTIVATE_MS = 40000
    ACTIVATE_TRIES = 3  # Figure 1
    SIM_MS = 20000  # Figure 1
    REGISTRATION_MS = 60000  # Figure 1
    REGISTRATION = (b"+CEREG", b"+CGREG")
    RESOLVE_MS = 60000  # 2.3.14
    # What the driver relies on. QISDE is not kept, but an earlier program may have set it.
    SETTINGS = (
        b"AT+QISDE=0",
        b'AT+QICFG="dataformat",0,0',
        b'AT+QICFG="viewmode",0',
        b'AT+QICFG="recvind",0',
    )
    # 2.3.15: idle time counted in minutes; then the bounds of idle, interval and count
    KEEPALIVE = (b'AT+QICFG="tcp/keepalive",', 60, (1, 120), (25, 100), (3, 10))
    QICFG = {  # 2.3.15
        "transpktsize": ((1, 1460),),
        "transwaittm": ((0, 20),),
        "dataformat": _FLAG + _FLAG,
        "viewmode": _FLAG,
        "recvind": _FLAG,
        "sack": _FLAG,
        "tcp/inactivetm": ((0, 65535),),
        "tcp/keepalive": ((0, 1), (1, 120), (25, 100), (3, 10)),
        "tcp/retranscfg": ((3, 20), (5, 1000)),
        "ipv6prior": _FLAG,
        "asyncmode": _FLAG,
        "ip_filter": (_TEXT, _TEXT),
        "timestamp": _FLAG,
        "dcdmode": _FLAG,
    }
    # 4: these read otherwise than in the other documents
    ERRNO = {573: EBUSY, 574: errno.EALREADY}

    def context_line(self, context, family, apn, user, key, auth):
        """AT+QICSGP of section 2.3.1; `family` 1 IPv4, 2 IPv6, 3 both; `auth` 0 none, 1 PAP,
        2 CHAP, 3 either."""
        line = b"AT+QICSGP=%d,%d," % (context, family)
        line += quoted(apn, self.APN_MAX, "apn") + b","
        line += quoted(user, self.USER_MAX, "user") + b","
        return line + quoted(key, self.USER_MAX, "key") + b",%d" % auth

    def resolve_line(self, context, host):
        """AT+QIDNSGIP of section 2.3.14."""
        return b"AT+QIDNSGIP=%d," % context + quoted(host, self.HOST_MAX, "host")
