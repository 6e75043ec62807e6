"""BC20, from the "BC20 TCP/IP AT Commands Manual" (1.0, 2018-09-03)."""

from ..args import Refused
from ..nb import NarrowBand

NOT_SUPPORTED = 555


class BC20(NarrowBand):
    MODELS = {"BC20": "BC20TEAR01A01"}

    CONTEXTS_THAT_WORK = 1  # 2.1.1, note 1
    CONNECT_IDS = 5  # 2.1.1: 0–4
    KINDS = ("TCP", "UDP")
    OPEN_PARAMETERS = 8
    PROTOCOLS = 2
    HOST_LIMIT = 255  # the manual has none; a name is not longer (RFC 1035)
    OPEN_TIME, DNS_TIME = 40, 20  # 2.1.1, note 2: 60 s for both, s
    INCOMING_ORDER = ()
    STATE_AFTER_CLOSED = 3  # 2.2.1, "closing"
    SEND_LIMIT = 1024  # 2.1.4, bytes
    HEX_LIMIT = 512  # 2.1.6, bytes
    HAS_PROMPT = False
    WHOLE_LINE = ("qisend",)  # its data need no quotes
    QUOTES_NEEDED = False  # 4.1.2 has none, 4.1.3 has some
    READ_LIMIT = 512  # 2.1.5
    ERROR_SEPARATOR = ","  # 4.5
    NTP_YEAR = 2  # 2.1.9
    SETTING_SHOWN = False  # 4.1.3

    # 2.1.11
    CONFIG = {
        "dataformat": ((0, 1, 0), (0, 1, 0)),
        "viewmode": ((0, 1, 0),),
        "showlength": ((0, 1, 0),),
    }

    TEST_FORMS = {
        "QIOPEN": '(1-3),(0-4),"TCP/UDP","<IP_address>/<domain_name>",<remote_port>,'
        "<local_port>,(0-1)[,(0-1)]",
        "QICLOSE": "(0-4)",
        "QISTATE": "",
        "QISEND": "(0-4),(1-1024),<data>",
        "QIRD": "(0-4),(1-512)",
        "QISENDEX": "(0-4),(1-512),<hex_string>",
        "QISWTMD": "(0-4),(0-1)",
        "QPING": '(1-3),"<host>"[,(1-255)[,(1-10)[,(32-200)]]]',
        "QNTP": '(1-3),"<server>"[,<port>[,(0-1)]]',
        "QIDNSGIP": '(1-3),"<hostname>"',
        "QIGETERROR": "",
    }

    def protocol(self, args):
        if super().protocol(args):
            raise Refused(NOT_SUPPORTED)  # 2.1.1: IPv6 is not supported currently
        return 0

    def ping_result(self, replies):
        return 0 if replies else self.PING_TIMEOUT
