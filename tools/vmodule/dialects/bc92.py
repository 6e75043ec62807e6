"""BC92, from the "BC65&BC92&BC95-GR TCP/IP Application Note" (1.2, 2023-10-20): BC95-GR with
transparent transmission mode and <incoming_num>."""

from ..args import Refused
from ..nb.modes import Transparent
from ..services import LISTENER, STREAM
from .bc95 import BC95


class BC92(Transparent, BC95):
    MODELS = {"BC92": "BC92RBR01A01"}

    OPEN_PARAMETERS = 9
    INCOMING_LIMIT = 5
    GUARD_TIME = 0.5  # 1.2, s

    TEST_FORMS = {
        **BC95.TEST_FORMS,
        "QIOPEN": '(1-3),(0-5),"TCP/UDP/TCP LISTENER","<IP_address>/<domain_name>",'
        "<remote_port>[,<local_port>],[(0-2)],[(0-2)],[(1-5)]",
        "QISWTMD": "(0-5),(0-2)",
    }

    def open_more(self, args, request):
        """2.2.1: <incoming_num>, which is 1 for a listener in mode 2 (note 6)."""
        request.incoming_limit = args.integer(8, 1, self.INCOMING_LIMIT, 1)
        if request.kind == LISTENER and request.access == STREAM and request.incoming_limit > 1:
            raise Refused
