"""RG200U, RG500U and RM500U series, from the "RGx00U&RM500U Series TCP/IP Application Note" 1.0
(2023-07-20)."""

from ...cellular import LocalTime, NetworkTime, Quality, Who
from ...general import General
from ...modes import Modes
from ...networks import Networks
from ...radio import Radio
from ...receiving import Receiving
from ...services import CLOSING, CONNECTED, INITIAL, LISTENING, OPENING, Services
from .answers import Answers
from .contexts import Contexts5G
from .names import Names, Ping5G
from .opening import Opening5G
from .sending import Sending5G
from .settings import Settings


class RM500U(
    Answers, Contexts5G, Opening5G, Sending5G, Receiving, Modes, Names, Ping5G, Settings,
    NetworkTime, LocalTime, Quality, Who, Radio, Networks, General, Services,
):  # fmt: skip
    MANUFACTURER = "Quectel"
    has_usb = True
    MODELS = {
        "RM500U": "RM500UCNAAR03A01M2G",
        "RG500U": "RG500UCNAAR03A01M2G",
        "RG200U": "RG200UCNAAR03A01M2G",
    }
    ACCESS_TECHNOLOGY = 11  # NR
    SYSTEM_MODES = '"NOSERVICE","WCDMA","LTE","NR5G"'
    SIGNAL = '"NR5G",-85,20,-11'  # dBm, dB, dB
    NETWORK_INFO = '"TDD NR5G","00101","NR5G BAND 78",633984'
    EXTENDED_QUALITY = (
        (63, 99, 99), (7, 99, 99), (96, 255, 255), (49, 255, 255), (34, 255, 255), (97, 255, 255),
        (126, 65, 255), (126, 72, 255), (127, 86, 255),
    )  # fmt: skip

    CONTEXT_IDS = 5  # 2.3.2: 1–5
    ACTIVE_LIMIT = 5  # 2.3.3; 2.3.5: the (U)SIM may allow fewer
    TEXT_LIMIT = 127  # 2.3.2: user name and password; the APN has no stated limit
    CONNECT_IDS = 12  # 2.3.7: 0–11
    KINDS = ("TCP", "UDP", "TCP LISTENER", "UDP SERVICE")
    HOST_LIMIT = 256  # 2.3.7, bytes
    STATES = {INITIAL: 0, OPENING: 1, CONNECTED: 2, LISTENING: 3, CLOSING: 4}  # 2.3.9
    CLOSE_TIMEOUT = 10  # 2.3.8, s
    SEND_LIMIT = 1460  # 2.3.10, bytes
    READ_LIMIT = 1500  # 2.3.11, bytes; no default is stated, so the longest
    GUARD_TIME = 1.0  # 1.2, s

    # 2.3.1, in the order of its test form. Defaults that were underlined are lost in print: 0
    # stands for them, but for tcp/accept, without which the example of a server has no client.
    CONFIG = {
        "transpktsize": ((1, 1460, 1024),),
        "transwaittm": ((0, 20, 2),),
        "dataformat": ((0, 1, 0), (0, 1, 0)),
        "viewmode": ((0, 1, 0),),
        "tcp/retranscfg": ((3, 20, 8), (5, 1000, 600)),
        "dns/cache": ((0, 1, 0),),
        "qisend/timeout": ((0, 3600, 0),),
        "passiveclosed": ((0, 1, 0),),
        "tcp/accept": ((0, 1, 1),),
        "tcp/keepalive": ((0, 1, 0), (1, 1800, 60), (25, 100, 25), (3, 10, 3)),
        "recvind": ((0, 1, 0),),
        "close mode": ((0, 1, 0),),
        "sendinfo": ((0, 1, 0),),
        "formatcfg": ((0, 1, 0),),
    }

    # Table 2, with the small first letter that 3.8 shows. 571 is printed there as 570 is; its
    # meaning beside it says which of the two it is.
    RESULTS = {
        0: "operation success",
        550: "unknown error",
        551: "operation blocked",
        552: "invalid parameters",
        553: "memory not enough",
        554: "socket creation failed",
        555: "operation not supported",
        556: "socket bind failed",
        557: "socket listen failed",
        558: "socket write failed",
        559: "socket read failed",
        560: "socket accept failed",
        561: "PDP context opening failed",
        562: "PDP context closure failed",
        563: "socket identity has been used",
        564: "DNS busy",
        565: "DNS parse failed",
        566: "socket connect failed",
        567: "socket has been closed",
        568: "operation busy",
        569: "operation timeout",
        570: "PDP context broken down",
        571: "cancel sending",
        572: "operation not allowed",
        573: "APN not configured",
        574: "port busy",
    }
