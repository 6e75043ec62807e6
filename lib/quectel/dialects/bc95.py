# BC65, BC92 and BC95-GR, from the BC65&BC92&BC95-GR TCP/IP Application Note 1.2 (2023-10-20),
# whose sections stand at the values.

from quectel.dialects.narrow_band import AF_INET6, NarrowBand


class BC95GR(NarrowBand):
    """BC95-GR: TCP, UDP, TCP LISTENER."""

    MODEL = "BC95GR"
    DETAILS = "bc95"
    HOST_MAX = 50  # 2.2.1 <domain_name>
    OPEN_MS = (36000, 176000)  # 2.2.1, note 1: <open_time>, and 140 s more for a name
    SEND_MAX = 1440  # 2.2.4 <send_length>
    READ_MAX = 1024  # 2.2.6 <read_length>

    def protocol(self, family):
        """2.2.1 <protocol_type>: 2, either, is for a socket without a family."""
        return 1 if family == AF_INET6 else 0 if family else 2

    def open_tail(self, family, service, backlog):
        """IPv4 need not be said."""
        protocol = self.protocol(family)
        return b",%d" % protocol if protocol else b""


class BC65(BC95GR):
    """BC65: the same."""

    MODEL = "BC65"


class BC92(BC95GR):
    """BC92: transparent mode as well, and a number of clients for a listener."""

    MODEL = "BC92"
    DETAILS = "bc92"

    def open_tail(self, family, service, backlog):
        """2.2.1 <protocol_type>, and for a listener <incoming_num>."""
        if service == "TCP LISTENER":
            return b",%d,%d" % (self.protocol(family), backlog)
        return super().open_tail(family, service, backlog)
