"""BG95-S5, from the "BG95-S5 TCP/IP Application Note" (2024)."""

from ..cellular import LocalTime, NetworkTime, Quality, Who
from ..config import Config
from ..context import Contexts
from ..dns import Dns, HostByName
from ..general import General
from ..modes import Modes
from ..networks import ModemSettings, Networks
from ..ntp import Ntp
from ..opening import Opening
from ..ping import Ping
from ..radio import Radio, RadioReports
from ..receiving import Receiving
from ..saving import OffInPsm, PowerSaving
from ..sending import HexSending, Sending
from ..services import CLOSING, CONNECTED, INITIAL, LISTENING, OPENING, Services


class BG95S5(
    Contexts, Opening, Sending, HexSending, Receiving, Modes, Dns, HostByName, Ping, Ntp,
    NetworkTime, LocalTime, Quality, Who, OffInPsm, PowerSaving, RadioReports, Radio, Networks,
    ModemSettings, General, Config, Services,
):  # fmt: skip
    MANUFACTURER = "Quectel"
    has_usb = True
    MODELS = {"BG95-S5": "BG95S5LAR02A00"}
    ACCESS_TECHNOLOGY = 8  # eMTC
    SYSTEM_MODES = '"NOSERVICE","GSM","eMTC","NBIoT"'
    SIGNAL = '"eMTC",-61,-92,139,-12'  # dBm, dBm, a fifth of a dB above -20, dB
    NETWORK_INFO = '"eMTC","00101","LTE BAND 20",6300'
    EDRX_TYPES = (4, 5)  # E-UTRAN in WB-S1 and NB-S1 mode

    CONTEXT_IDS = 16  # 2.3.1: 1–16
    ACTIVE_LIMIT = 3  # 2.3.2: three at once under LTE Cat M
    TEXT_LIMIT = 128  # 2.3.1: user name and password; the APN has no stated limit
    CONNECT_IDS = 12  # 2.3.4: 0–11
    KINDS = ("TCP", "UDP", "TCP LISTENER", "UDP SERVICE")
    HOST_LIMIT = 256  # 2.3.4, bytes
    STATES = {INITIAL: 0, OPENING: 1, CONNECTED: 2, LISTENING: 3, CLOSING: 4}  # 2.3.6
    CLOSE_TIMEOUT = 10  # 2.3.5, s
    SEND_LIMIT = 1460  # 2.3.7, bytes
    HEX_LIMIT = 512  # 2.3.9, characters
    READ_LIMIT = 1500  # 2.3.8, bytes; also the default
    GUARD_TIME = 1.0  # 1.2, s

    # 2.3.15. Where the note prints no default (they were underlined), the usual one stands.
    CONFIG = {
        "transpktsize": ((1, 1460, 1024),),
        "transwaittm": ((0, 20, 2),),
        "dataformat": ((0, 1, 0), (0, 1, 0)),
        "viewmode": ((0, 1, 0),),
        "recvind": ((0, 1, 0),),
        "sack": ((0, 1, 1),),
        "tcp/inactivetm": ((0, 65535, 0),),
        "tcp/keepalive": ((0, 1, 0), (1, 120, 120), (25, 100, 75), (3, 10, 9)),
        "tcp/retranscfg": ((3, 20, 12), (5, 1000, 600)),
        "ipv6prior": ((0, 1, 0),),
        "asyncmode": ((0, 1, 0),),
        "ip_filter": (),
        "timestamp": ((0, 1, 0),),
        "dcdmode": ((0, 1, 0),),
    }

    # Table 2
    RESULTS = {
        0: "operate successfully",
        550: "unknown error",
        551: "operation blocked",
        552: "invalid parameters",
        553: "memory allocation failed",
        554: "create socket failed",
        555: "operation not supported",
        556: "socket bind failed",
        557: "socket listen failed",
        558: "socket write failed",
        559: "socket read failed",
        560: "socket accept failed",
        561: "activate pdp context failed",
        562: "deactivate pdp context failed",
        563: "socket identity has been used",
        564: "dns busy",
        565: "dns failed",
        566: "socket connect failed",
        567: "connection reset",
        568: "operation busy",
        569: "operation timeout",
        570: "pdp context deactivated",
        571: "user cancel send",
        572: "operation not allowed",
        573: "port busy",
        574: "pdp has been actived",
    }
