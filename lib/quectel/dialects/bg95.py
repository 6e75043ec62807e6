# BG95-S5, from the BG95-S5 TCP/IP Application Note (2024), whose sections stand at the values.

import errno

from quectel.dialects import Dialect
from quectel.errors import EBUSY


class BG95S5(Dialect):
    """BG95-S5: TCP, UDP, TCP LISTENER, UDP SERVICE; contexts, transparent mode.

    Limits of 2.3.4 <connectID>, <domain_name>, 2.3.7 <send_length>, 2.3.8 <read_length> and the
    maximum response times of 2.3 are those of Dialect."""

    MODEL = "BG95S5"
    DETAILS = "bg95"
    CONTEXTS = (1, 16)  # 2.3.1 <contextID>
    # 4: these read otherwise than in the other documents
    ERRNO = {573: EBUSY, 574: errno.EALREADY}
