# BC20, from the BC20 TCP/IP AT Commands Manual 1.0 (2018-09-03), whose sections stand at the
# values.

from quectel.dialects.details import narrow_band


class Details(narrow_band.Details):
    """BC20."""

    STATES = ("initial", "opening", "connected", "closing")
    TEXT_FORMS = HEX_FORMS = ("line",)  # 2.1.4, 2.1.6
    HEX_MAX = 512  # 2.1.6 <send_length>
    HEX_QUOTED = False
    DNS = None  # there is no AT+QIDNSCFG
