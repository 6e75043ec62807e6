# BC92, from the BC65&BC92&BC95-GR TCP/IP Application Note 1.2 (2023-10-20), whose sections stand
# at the values.

from quectel.dialects.details import bc95


class Details(bc95.Details):
    """BC92: transparent mode as well, and a number of clients for a listener."""

    ACCESS_MODES = (0, 1, 2)
    GUARD_MS = 500  # 1.2
    BACKLOG = (1, 5)  # 2.2.1 <incoming_num>
    LISTEN_DIRECT = True  # 2.2.1, note 6
