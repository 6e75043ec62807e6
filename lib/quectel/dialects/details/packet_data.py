# What the documents of the modules with context commands share.

from quectel.dialects import details


class Details(details.Details):
    """Contexts, transparent mode, AT+QISEND=<connectID>,0."""

    PDP = True
    ACTIVATE_MS = 150000
    DEACTIVATE_MS = 40000
    ACTIVATE_TRIES = 3  # BG95-S5, Figure 1
    SETTINGS = (
        b"AT+QISDE=0",
        b'AT+QICFG="dataformat",0,0',
        b'AT+QICFG="viewmode",0',
        b'AT+QICFG="recvind",0',
    )
    URC_PORT = b'AT+QURCCFG="urcport"'  # no document has it: EG800K, RG502Q and EC20 do
    EDRX_TYPES = (4, 5)
    STATES = ("initial", "opening", "connected", "listening", "closing")
    STATE_SERVER = True
    ACCESS_MODES = (0, 1, 2)
    LISTEN_ADDRESS = "127.0.0.1"
    ACKED = True
    DTR = True  # 1.2
    WAKES_BY = "dtr"  # beyond the documents: after AT+QSCLK=1, high lets it sleep
    OPTIONS = {"qisde": (b"AT+QISDE", ((0, 1),))}
    QUERIES = ("qistate", "qicsgp", "qiact")
    CHOICES = {"close_timeout": (0, 65535)}
    DNS = "context"
