# BC25 and BC32, from the BC25&BC32 TCP/IP application note 1.0 (2019-10-23, in Chinese), whose
# sections stand at the values.

from quectel.dialects.narrow_band import NarrowBand


class BC25(NarrowBand):
    """BC25: TCP, UDP, TCP LISTENER."""

    MODEL = "BC25"
    DETAILS = "bc25"
    OPEN_MS = (36000, 176000)  # 2.1.1, note 1; no length is given for the host
    SEND_MAX = 512  # 2.1.4 <send_length>
    READ_MAX = 512  # 2.1.5 <read_length>


class BC32(BC25):
    """BC32: the same."""

    MODEL = "BC32"
