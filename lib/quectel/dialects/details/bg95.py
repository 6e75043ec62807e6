# BG95-S5, from the BG95-S5 TCP/IP Application Note (2024), whose sections stand at the values.

from micropython import const

from quectel.dialects.details import packet_data

_FLAG = ((0, 1),)
_TEXT = const(0)  # in a QICFG table: a quoted text instead of a number


class Details(packet_data.Details):
    """BG95-S5."""

    USER_MAX = 128  # 2.3.1 <username>, <password>
    LISTEN_ADDRESS6 = "0:0:0:0:0:0:0:1"  # 3.7.1
    RAI = (256, False)  # 2.3.9: <hex_string> of 512 characters
    HEX_FORMS = ("line",)
    HEX_MAX = 256
    HEX_COUNTED = False
    ESCAPE_BUFFERS = True  # 1.2
    # 2.3.15: idle time counted in minutes; then the bounds of idle, interval and count
    KEEPALIVE = (b'AT+QICFG="tcp/keepalive"', 60, (1, 120), (25, 100), (3, 10))
    QICFG = {  # 2.3.15
        "transpktsize": ((1, 1460),),
        "transwaittm": ((0, 20),),
        "dataformat": _FLAG + _FLAG,
        "viewmode": _FLAG,
        "recvind": _FLAG,
        "sack": _FLAG,
        "tcp/inactivetm": ((0, 65535),),
        "tcp/keepalive": ((0, 1), (1, 120), (25, 100), (3, 10)),
        "tcp/retranscfg": ((3, 20), (5, 1000)),
        "ipv6prior": _FLAG,
        "asyncmode": _FLAG,
        "ip_filter": (_TEXT, _TEXT),
        "timestamp": _FLAG,
        "dcdmode": _FLAG,
    }
    # 2.3.16; 3.10.2, which does not say how it is read
    OPTIONS = dict(packet_data.Details.OPTIONS, qcscon=(b"AT+QCSCON", _FLAG))
    QUERIES = packet_data.Details.QUERIES + ("qntp",)  # 2.3.12
    PING_MS = 300000  # 2.3.11
