"""BC95-GR and BC65, from the "BC65&BC92&BC95-GR TCP/IP Application Note" (1.2, 2023-10-20)."""

from ..nb import BearerCodes, NarrowBand
from ..nb.servers import NameServers
from ..nb.settings import LastError
from ..nb.sleep import Sleep


class BC95(LastError, Sleep, BearerCodes, NameServers, NarrowBand):
    MODELS = {"BC95-GR": "BC95GRJAR02A01", "BC65": "BC65NAR01A01"}

    CONNECT_IDS = 6  # 2.2.1: 0–5
    KINDS = ("TCP", "UDP", "TCP LISTENER")
    OPEN_PARAMETERS = 8
    PROTOCOLS = 3
    HOST_LIMIT = 50  # 2.2.1, bytes
    LISTENER_NEEDS_CGACT = True  # 4.3.1
    PORT_REST = 120  # 2.2.1, note 4
    INCOMING_ORDER = (1, 2, 3, 4, 5, 0)  # 4.3.2: 1, with the listener at 0
    STATE_AFTER_CLOSED = 4  # 2.2.3, "remote closing"
    SEND_LIMIT = HEX_LIMIT = 1440  # 2.2.4, 2.2.5, bytes
    HAS_RAI = True
    READ_LIMIT = 1024  # 2.2.6
    DNS_FAMILIES = (4, 6)  # 2.2.13
    ERROR_SEPARATOR = ","  # 4.6

    # 2.2.9, Table 4: time-out is "no reply", and so on; the rest is an error like any other.
    NTP_CODES = {565: 4, 568: 3, 569: 2, 561: 5, 556: 1, 566: 1, 573: 1}

    # 2.2.11
    CONFIG = {
        "dataformat": ((0, 1, 0), (0, 1, 0)),
        "viewmode": ((0, 1, 0),),
        "showlength": ((0, 1, 0),),
        "open_time": ((1, 36, 36),),
    }

    _NTP_FORM = '(1-3),"<server>"[,<port>[,(0,1)]]'
    TEST_FORMS = {
        "QIOPEN": '(1-3),(0-5),"TCP/UDP/TCP LISTENER","<IP_address>/<domain_name>",'
        "<remote_port>[,<local_port>],[(0-1)],[(0-2)]",
        "QICLOSE": "(0-5)",
        "QISTATE": "",
        "QISEND": '(0-5),(1-1440),"<data>",(0-2)',
        "QISENDEX": '(0-5),(1-1440),"<hex_string>",(0-2)',
        "QIRD": "(0-5),(1-1024)",
        "QISWTMD": "(0-5),(0,1)",
        "QPING": '(1-3),"<host>"[,(1-255)[,(1-10)[,(32-200)]]]',
        "QNTP": _NTP_FORM,
        "QNTTP": _NTP_FORM,
        "QIDNSGIP": '(1-3),"<hostname>"',
        "QIGETERROR": "",
        "QIDNSCFG": "<PrimaryDNS>[,<SecondaryDNS>]",
    }

    def open_time(self):
        return self.config["open_time"][0]

    def ip_qnttp(self, form, args):
        """2.2.9 prints QNTP so, its table of contents does not."""
        return self.ip_qntp(form, args)
