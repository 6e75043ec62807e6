# What only bringup/, config/, services/ and modes/ read of a dialect: data that a client does not
# need while it sends and receives. Each file here has one class, Details, and a dialect's DETAILS
# names the file. Loaded when an attribute is read that the dialect itself has not, and unloaded
# with bringup/. The attributes, and what each of the five documents has for them:
#
#                    bc95            bc20         bg95         bc25          rm500u
#   LISTEN_ADDRESS   module's own    -            127.0.0.1    module's own  127.0.0.1
#   TEXT_FORMS       line, length,   line         length,      line, length, length, ctrl-z
#                    ctrl-z                       ctrl-z       ctrl-z
#   HEX_FORMS        the same        line         line         the same      - (no QISENDEX)
#   STATES           3 closing,      3 closing    3 listening, 3 closing,    3 listening,
#                    4 remote                     4 closing    4 remote,     4 closing
#                    closing                                   5 closed
#   STATE_SERVER     no              no           yes          no            yes
#   PDP              no: CGATT       no: CGATT    QICSGP,      no: CGATT     QICSGP, QIACTEX
#                                                 QIACT
#   SETTINGS         showlength 1,   same         recvind 0,   showlength 1, recvind 0,
#                    viewmode 0,                  QISDE 0, …   …             QISDE 0, …
#                    dataformat 0
#   KEEPALIVE        -               -            minutes      QIKALIVE, s   seconds
#   QIDNSGIP         yes             yes          yes          yes           - (one-packet QPING)
#   DNS              "one"           -            "context"    "one"         "context"
#   PING_SIZES       32-200          32-200       -            32-200        32-1500
#   NTP_MS           125 s           125 s        125 s        125 s         - (no QNTP)
#   QUERIES          qistate         qistate      + qicsgp,    qistate       + qicsgp, qiact,
#                                                 qiact, qntp                qiactex
#   CHOICES          -               -            close_       -             close_timeout,
#                                                 timeout                    connect_timeout,
#                                                                            asynchronous
#   WAKES_BY         psm_eint        psm_eint     dtr          psm_eint      dtr
#   QICFG            keys of each, from its own table
#   OPTIONS          -               -            QISDE,       QSCLK         QISDE,
#                                                 QCSCON                     QCFG="nat"


class Details:
    """The values that most documents share. Every time is in ms; one that is set on a dialect's
    instance goes before one here."""

    SIM_MS = 20000
    REGISTRATION_MS = 60000
    # Times that, or ATTACH_MS, while it searches: all bands of two radios take BG95 minutes.
    SEARCHES = 10
    # BG95-S5, Figure 1: opens that fail running before the context is activated anew, and its
    # deactivations before the module restarts; note 3: seconds between one restart and the next,
    # which hold for all that follow as well.
    FAILED_OPENS = 5
    DEACTIVATE_TRIES = 3
    RESTART_AFTER = (0, 0, 0, 0, 600, 1800, 3600)
    REGISTRATION = (b"+CEREG", b"+CGREG")
    APN_MAX = 100  # 3GPP TS 23.003, 9.1: the documents give no length
    PDP = False
    ASYNCHRONOUS = False  # AT+QIACTEX and AT+QIDEACTEX, which do not hold the channel
    SETTINGS = ()
    # Settings that are not the documents' defaults: a firmware that refuses them is of no use.
    NEEDED = (b"AT+QISDE=0", b'AT+QICFG="showlength",1')
    RESTART = (b"AT+CFUN=1,1",)  # 3GPP TS 27.007, and what a module has in its place
    URC_PORT = None  # the command that tells where URCs go
    STATE_SERVER = False
    ACCESS_MODES = (0, 1)
    LISTEN_ADDRESS = None  # None: the module's own address
    LISTEN_ADDRESS6 = None
    LISTEN_REMOTE = 0
    LISTEN_ACTIVATES = False  # AT+CGACT before a listener is opened
    BACKLOG = None  # bounds of the clients a listener may have, where QIOPEN says it
    LISTEN_DIRECT = False  # whether a listener may have access mode 2
    TELLS_LOCAL = None  # whether AT+QNTP tells local time, once it is known
    TRIED_PIN = None  # one that the SIM did not take, or not yet
    BAUDRATE = None  # what was asked for, see bringup/baudrate.py
    EDRX_TYPES = (5,)  # <AcT-type> of AT+CEDRXS: 4 LTE and eMTC, 5 NB-IoT
    URCS_ROUTED = False  # URCs have been sent to the UART, or that was tried
    NAT = 0  # AT+QCFG="nat", once it is known
    # The forms of AT+QISEND and AT+QISENDEX, see forms.py; the latter's most bytes in one.
    TEXT_FORMS = ("length", "ctrl-z")
    HEX_FORMS = ()
    HEX_MAX = 0
    HEX_COUNTED = True  # whether the line says how many bytes
    HEX_QUOTED = True
    TEXT_RAI = False  # release assistance on AT+QISEND
    RAI = None  # release assistance: (most bytes in AT+QISENDEX, whether it states their count)
    ACKED = False  # AT+QISEND=<connectID>,0
    GUARD_MS = 1000  # silence around +++
    ESCAPE_BUFFERS = False  # whether a socket is in buffer mode after +++
    DTR = False  # whether DTR leaves transparent mode
    # What wakes a module that sleeps: "dtr" while it is low, and nothing else; "psm_eint" when it
    # is pressed.
    WAKES_BY = "psm_eint"  # BC25&BC32 4.4
    KEEPALIVE = None
    QICFG = {}
    OPTIONS = {}  # commands of one setting: the command, the bounds of each value
    QUERIES = ("qistate",)  # commands that only tell something, see queries.py
    CHOICES = {}  # what the driver says in its own commands, see choices.py: bounds
    QIDNSGIP = True
    RESOLVE_MS = 60000
    DNS = None  # AT+QIDNSCFG: "one" set of servers, "context" a set for each
    PING_SIZES = None  # bounds of AT+QPING's size, where it has one
    PING_MS = 3600000  # whatever the number of packets
    NTP_MS = 125000  # the others give no time: that of BG95-S5, 2.3.12
