# BC65 and BC95-GR, from the BC65&BC92&BC95-GR TCP/IP Application Note 1.2 (2023-10-20), whose
# sections stand at the values.

from quectel.dialects.details import narrow_band


class Details(narrow_band.Details):
    """BC65, BC95-GR."""

    STATES = ("initial", "opening", "connected", "closing", "remote closing")
    LISTEN_REMOTE = 1  # 4.3.1
    LISTEN_ACTIVATES = True  # 4.3.1
    HEX_MAX = 1440  # 2.2.5 <send_length>
    TEXT_RAI = True  # 2.2.4
    RAI = (512, True)  # 2.2.5; up to 1440 are allowed, but the line is kept in memory
    QICFG = dict(narrow_band.Details.QICFG, open_time=((1, 36),))  # 2.2.11
    RESOLVE_MS = 140000  # 2.2.1, note 1: what a name adds to the time of opening
