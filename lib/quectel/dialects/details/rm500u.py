# RG200U, RG500U and RM500U, from the RG200U&RG500U&RM500U TCP/IP Application Note 1.0
# (2023-07-20), whose sections stand at the values.

from quectel.dialects.details import packet_data

_FLAG = ((0, 1),)


class Details(packet_data.Details):
    """RG200U, RG500U, RM500U."""

    USER_MAX = 127  # 2.3.2 <username>, <password>
    ASYNCHRONOUS = True  # 2.3.5, 2.3.6
    EDRX_TYPES = (4,)
    BACKLOG = (1, 11)  # 2.3.7 <TCP_client_maxnum>
    # What a program before this one may have set, besides what every document has: 2.3.1
    SETTINGS = packet_data.Details.SETTINGS + (
        b'AT+QICFG="close mode",0',
        b'AT+QICFG="sendinfo",0',
        b'AT+QICFG="qisend/timeout",0',
    )
    # 2.3.1: idle time counted in seconds; then the bounds of idle, interval and count
    KEEPALIVE = (b'AT+QICFG="tcp/keepalive"', 1, (1, 1800), (25, 100), (3, 10))
    QICFG = {  # 2.3.1
        "transpktsize": ((1, 1460),),
        "transwaittm": ((0, 20),),
        "dataformat": _FLAG + _FLAG,
        "viewmode": _FLAG,
        "tcp/retranscfg": ((3, 20), (5, 1000)),
        "dns/cache": _FLAG,
        "qisend/timeout": ((0, 3600),),
        "passiveclosed": _FLAG,
        "tcp/accept": _FLAG,
        "tcp/keepalive": ((0, 1), (1, 1800), (25, 100), (3, 10)),
        "recvind": _FLAG,
        "close mode": _FLAG,
        "sendinfo": _FLAG,
        "formatcfg": _FLAG,
    }
    # 2.3.15; 2.3.7, note 3: 1 router, 2 bridge, one of which a server needs
    OPTIONS = dict(packet_data.Details.OPTIONS, nat=(b'AT+QCFG="nat"', ((1, 2),)))
    QUERIES = packet_data.Details.QUERIES + ("qiactex",)
    CHOICES = dict(packet_data.Details.CHOICES, asynchronous=(0, 2), connect_timeout=(10, 150))
    QIDNSGIP = False  # a ping of one packet gives the address
    PING_SIZES = (32, 1500)  # 2.3.13 <ping_size>
    NTP_MS = None  # there is no AT+QNTP
