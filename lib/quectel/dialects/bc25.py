# BC25 and BC32, from the BC25&BC32 TCP/IP application note 1.0 (2019-10-23, in Chinese), whose
# sections stand at the values.

from quectel.dialects import NarrowBand


class BC25(NarrowBand):
    """BC25: TCP, UDP, TCP LISTENER."""

    MODEL = "BC25"
    HOST_MAX = 256  # no length is given; that of the other documents
    SERVICES = ("TCP", "UDP", "TCP LISTENER")
    OPEN_MS = (36000, 176000)  # 2.1.1, note 1
    RESOLVE_MS = 140000  # what a name adds to OPEN_MS
    SEND_MAX = 512  # 2.1.4 <send_length>
    READ_MAX = 512  # 2.1.5 <read_length>
    HEX_MAX = 512  # 2.1.6 <send_length>
    SLEEP = (b"+QATSLEEP", b"+QATWAKEUP")  # 4.4
    OPTIONS = {"qsclk": (b"AT+QSCLK", ((0, 1),))}  # 4.4: whether the module may sleep deeply
    # 2.1.13 AT+QIKALIVE: seconds; then the bounds of idle, interval and count (none given)
    KEEPALIVE = (b"AT+QIKALIVE", 1, (1, 36000), (10, 20), (1, 255))


class BC32(BC25):
    """BC32: the same."""

    MODEL = "BC32"
