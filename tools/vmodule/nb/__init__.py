"""What the NB-IoT modules have in common: BC65, BC92, BC95-GR, BC20, BC25, BC32.

Sections in these files are those of the "BC65&BC92&BC95-GR TCP/IP Application Note" (1.2,
2023-10-20) unless another is named.
"""

from ..cellular import NetworkTime, Quality
from ..dns import HostByName
from ..general import General
from ..networks import Networks
from ..ntp import Ntp
from ..ping import Ping
from ..radio import Radio
from ..saving import PowerSaving
from ..services import CLOSING, CONNECTED, INITIAL, LISTENING, OPENING, Services
from .answers import Answers
from .attach import Attach
from .modes import Switching
from .opening import NbOpening
from .receiving import NbReceiving
from .sending import NbSending
from .settings import NbConfig


class NarrowBand(
    Answers, Attach, Switching, NbOpening, NbSending, NbReceiving, HostByName, Ping, Ntp, NbConfig,
    NetworkTime, Quality, PowerSaving, Radio, Networks, General, Services,
):  # fmt: skip
    MANUFACTURER = "Quectel"
    ACCESS_TECHNOLOGY = 9  # NB-IoT
    LINE_LIMIT = 3072  # characters; the longest is a QISENDEX of 1440 bytes

    CONTEXT_IDS = 3  # 2.2.1: 1–3
    CONTEXTS_THAT_WORK = 3
    STATES = {INITIAL: 0, OPENING: 1, CONNECTED: 2, LISTENING: 2, CLOSING: 3}  # 2.2.3
    CLOSE_TIMEOUT = 10  # s, 4.3.4
    drops_tcp = False  # what finds no room is dropped, though acknowledged
    PING_SIZES = (32, 200)  # 2.2.8, bytes
    NTP_READ = False

    # Table 2, in small letters as the example of QIGETERROR prints them.
    RESULTS = {
        0: "operation successful",
        550: "unknown error",
        551: "operation blocked",
        552: "invalid parameters",
        553: "memory not enough",
        554: "create socket failed",
        555: "operation not supported",
        556: "socket bind failed",
        557: "socket listen failed",
        558: "socket write failed",
        559: "socket read failed",
        560: "socket accept failed",
        561: "open PDP context failed",
        562: "close PDP context failed",
        563: "socket identity has been used",
        564: "DNS busy",
        565: "DNS parse failed",
        566: "socket connect failed",
        567: "socket has been closed",
        568: "operation busy",
        569: "operation timeout",
        570: "PDP context broken down",
        571: "cancel send",
        572: "operation not allowed",
        573: "APN not configured",
        574: "port busy",
    }


class BearerCodes:
    """Mixin: the result codes of QPING and their answers (2.2.8, Table 3), unlike all others."""

    PING_REPLY = "+QPING: 0,{},{},{:.0f},{}"
    PING_TIMEOUT, PING_NO_NAME = 1, 4

    def ping_result(self, replies):
        return 2 if replies else 1
