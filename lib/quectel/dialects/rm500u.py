# RG200U, RG500U and RM500U, from the RG200U&RG500U&RM500U TCP/IP Application Note 1.0
# (2023-07-20), whose sections stand at the values.

from quectel.dialects import Dialect


class RM500U(Dialect):
    """RM500U: TCP, UDP, TCP LISTENER, UDP SERVICE; contexts, transparent mode; no NTP, no
    AT+QIDNSGIP."""

    MODEL = "RM500U"
    DETAILS = "rm500u"
    CONTEXTS = (1, 5)  # 2.3.2 <contextID>
    CONNECT_TIMEOUT = 0  # 2.3.7 <connect_timeout>, s: no reconnecting

    def open_tail(self, family, service, backlog):
        """2.3.7 <TCP_client_maxnum>, whose default is 11, and <connect_timeout>."""
        if service == "TCP LISTENER":
            return b",%d" % backlog
        return b",11,%d" % self.CONNECT_TIMEOUT if self.CONNECT_TIMEOUT else b""


class RG500U(RM500U):
    """RG500U: the same document."""

    MODEL = "RG500U"


class RG200U(RM500U):
    """RG200U: the same document."""

    MODEL = "RG200U"
