"""BC25 and BC32, from "BC25&BC32 TCP/IP" (1.0, 2019-10-23)."""

from ..nb import BearerCodes, NarrowBand
from ..nb.servers import NameServers
from ..nb.settings import KeepAlive
from ..nb.sleep import SleepControl


class BC25(SleepControl, BearerCodes, NameServers, KeepAlive, NarrowBand):
    MODELS = {"BC25": "BC25PAR01A01", "BC32": "BC32JAR01A01"}

    CONNECT_IDS = 6  # 2.1.1: 0–5
    KINDS = ("TCP", "UDP", "TCP LISTENER")
    KINDS_TO_COME = ("UDP SERVICE",)  # 2.1.1, note 2
    OPEN_PARAMETERS = 8
    PROTOCOLS = 2
    KEEPS_ACCESS = False  # 2.1.1, note 4
    HOST_LIMIT = 255  # the note has none; a name is not longer (RFC 1035)
    INCOMING_ORDER = (2, 3, 4, 5, 1, 0)  # 4.3.2: 2, with the listener at 0
    STATE_AFTER_CLOSED = 3  # 2.2.1, "closing"
    SEND_LIMIT = HEX_LIMIT = READ_LIMIT = 512  # 2.1.4 to 2.1.6, bytes
    NTP_YEAR = 2  # 2.1.9

    # 2.1.11
    CONFIG = {
        "dataformat": ((0, 1, 0), (0, 1, 0)),
        "viewmode": ((0, 1, 0),),
        "showlength": ((0, 1, 0),),
    }

    RESULTS = {**NarrowBand.RESULTS, 566: "socket connection failed"}  # table 1

    TEST_FORMS = {
        "QIOPEN": '(1-3),(0-5),"TCP/UDP/TCP LISTENER/UDP SERVICE",'
        '"<IP_address>/<domain_name>",<remote_port>[,<local_port>[,(0-1)[,(0-1)]]]',
        "QICLOSE": "(0-5)",
        "QISTATE": "",
        "QISEND": '(0-5),(1-512),"<data>"',
        "QIRD": "(0-5),(1-512)",
        "QISENDEX": '(0-5),(1-512),"<hex_string>"',
        "QISWTMD": "(0-5),(0-1)",
        "QPING": '(1-3),"<host>"[,(1-255)[,(1-10)[,(32-200)]]]',
        "QNTP": '(1-3),"<server>"[,<port>[,(0,1)]]',
        "QIDNSGIP": '(1-3),"<hostname>"',
        "QIGETERROR": "",
        "QIKALIVE": "<keepalive_on>[,<keepalive_idle_time>[,<keepalive_interval_time>"
        '[,<keepalive_count>,["<keepalive_data>"]]]]]',
        "QIDNSCFG": "<PrimaryDNS>[,<SecondaryDNS>]",
    }
