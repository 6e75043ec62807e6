# BC25 and BC32, from the BC25&BC32 TCP/IP application note 1.0 (2019-10-23, in Chinese), whose
# sections stand at the values.

from quectel.dialects.details import narrow_band


class Details(narrow_band.Details):
    """BC25, BC32."""

    HEX_MAX = 512  # 2.1.6 <send_length>
    # 2.1.13 AT+QIKALIVE: seconds; then the bounds of idle, interval and count (none given)
    KEEPALIVE = (b"AT+QIKALIVE", 1, (1, 36000), (10, 20), (1, 255))
    RESOLVE_MS = 140000  # 2.1.1, note 1: what a name adds to the time of opening
