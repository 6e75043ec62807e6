# The network interface that programs see: one context of a module. Methods that not every program
# calls are in files of their own, loaded when they are called: METHODS says where.


from micropython import const

from quectel import deferred, load, socket
from quectel.dialects import within
from quectel.errors import ENETUNREACH, Error
from quectel.module import Exchanges, Module

_IDLE = const(0)  # no connection, none asked for
_CONNECTING = const(1)
_GOT_IP = const(3)

# A method, and the file that has it as a function whose first argument is the interface.
METHODS = {
    "sleep": "bringup.waking",
    "awake": "bringup.waking",
    "connect": "bringup.context",
    "disconnect": "bringup.context",
    "context": "config.contexts",
    "ipconfig": "config.status",
    "ifconfig": "config.status",
    "config": "config.settings",
    "resolve": "services.dns",
    "ping": "services.ping",
    "ntp": "services.ntp",
    "clock": "services.ntp",
    "error": "services.command",
    "command": "services.command",
    "on_urc": "services.command",
    "netstat": "services.netstat",
    "operators": "services.operators",
    "inet_ntop": "config.addresses",
    "inet_pton": "config.addresses",
}
# The same, where the file in bringup/ has the name of the method: it is not kept loaded.
BRIEF = ("wait", "unlock", "reset", "power_off", "baudrate", "on_change")


class Nic(Exchanges):
    """A Quectel module as a network interface, after network.AbstractNIC.

    uart    an object with MicroPython's UART methods any, readinto and write
    pwrkey  Pin-like, on the module's PWRKEY: lets active() switch the module on
    reset   Pin-like, on RESET: lets active() reset a module that does not answer otherwise
    dtr     Pin-like, on DTR
    psm_eint  Pin-like, on PSM_EINT: wakes a BC module from deep sleep
    cid     the context to use, in the dialect's range (1)
    trace   called with each line sent ("> …") and received ("< …"), secrets masked; what is no
            line as a count
    rxbuf   size of the UART's receive buffer in bytes, where its repr does not tell it or where
            RTS/CTS make it boundless; one read of a stream asks for no more than fits (a
            datagram can only be read whole: have 1600 bytes if you expect large ones)
    pin     the SIM's PIN, as text: given to the SIM when it asks for it
    idle    called without arguments again and again while a call waits, as a watchdog's feed; may
            be set later
    power   called with False and, POWER_MS later, with True: switches the module's supply off and
            on. reset() does that where nothing else has helped
    """

    DIALECT = None  # the class that says what its documents differ in
    failed_opens = 0  # running, of its sockets: for link.py

    AF_INET = socket.AF_INET
    AF_INET6 = socket.AF_INET6
    SOCK_STREAM = socket.SOCK_STREAM
    SOCK_DGRAM = socket.SOCK_DGRAM
    SOCK_RAW = 3
    MSG_PEEK = 2
    MSG_DONTWAIT = 0x40
    SOL_SOCKET = 1
    SO_REUSEADDR = 2
    SO_ERROR = 4
    SO_BROADCAST = 6
    SO_RCVBUF = 8
    SO_KEEPALIVE = 9
    SOL_QUECTEL = 0x5143
    ACCESS_MODE = 1
    RAI = 2
    COALESCE = 3
    DELIVERY = 4
    BUFFER = 0
    PUSH = 1
    IPPROTO_IP = 0
    IPPROTO_TCP = 6
    IPPROTO_UDP = 17
    IP_ADD_MEMBERSHIP = 35
    TCP_NODELAY = 1

    STAT_IDLE = _IDLE
    STAT_CONNECTING = _CONNECTING
    STAT_GOT_IP = _GOT_IP
    STAT_NO_SIM = -4
    STAT_CONNECT_FAIL = -1

    # How PWRKEY and RESET are driven: level when pressed, and for how many ms. The document
    # leaves both to each module's hardware design manual: set your own where they differ. So
    # POWER_MS, for how many ms the supply is off.
    PWRKEY_PRESSED = 1
    PWRKEY_MS = 750
    RESET_PRESSED = 1
    RESET_MS = 300
    POWER_MS = 5000
    BOOT_MS = 20000  # how long a module may take to answer the first AT

    def __init__(  # noqa: PLR0913 - the keywords that a program may give
        self,
        uart,
        pwrkey=None,
        reset=None,
        dtr=None,
        psm_eint=None,
        cid=1,
        trace=None,
        rxbuf=None,
        pin=None,
        idle=None,
        power=None,
        module=None,
    ):
        # A second context of the same module is made with `module`: see config/contexts.py.
        if module is None:
            given = {"pwrkey": pwrkey, "reset": reset, "dtr": dtr, "psm_eint": psm_eint}
            load("bringup.uart").check(uart, dict(given, trace=trace, power=power))
        dialect = module.dialect if module else self.DIALECT()
        self.cid = within(cid, dialect.CONTEXTS, "cid")
        self.module = module = module or Module(dialect, uart, trace, rxbuf)
        self.dialect = dialect
        self.channel = module.channel
        self.poll = module.poll  # a step of everything that is under way, without waiting
        self.pwrkey = pwrkey
        self.reset_pin = reset
        self.dtr = dtr
        self.psm_eint = psm_eint
        if psm_eint is not None:
            load("bringup.waking").arm(self)
        self.pin = pin
        self.idle = idle
        self.power = power
        self.apn = self.user = self.key = None
        self.auth = None
        self.family = 1
        self.address = None
        self.epoch = 0
        self.state = _IDLE
        self.failure = None  # why the last connect failed
        self.coalesce = False  # whether new sockets gather small writes
        self.connecting = None  # the Task that connects
        self._seen = False  # whether the program knows that it is connected
        # nic.socket(af, type, proto): a socket, which takes a connectID when it connects.
        self.socket = socket.class_of(self)
        self.make_room(5)
        module.nics.append(self)

    def __getattr__(self, name):
        if name in BRIEF:
            return deferred(self, {name: "bringup." + name}, name)
        return deferred(self, METHODS, name)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        load("bringup.power").leave(self, kind)

    def __repr__(self):
        return load("config.summary").summary(self)

    def active(self, on=None):
        """Whether the interface is active; with True, wake the module and make it ready, with
        False, close every socket and the context.

        active(True) waits for the module to answer, at most BOOT_MS (20 s). With pwrkey it presses
        that if there is no answer within 7 s, and waits BOOT_MS from then on; then it presses and
        waits once more (49 s in all), as the first press may have switched a module off. With
        reset it presses that if nothing else has helped, and waits BOOT_MS more (41 s in all, 70 s
        with both). It closes the sockets that an earlier program left open. Raises ETIMEDOUT if
        the module does not answer, with words that say what came: nothing, what was sent (within
        7 s, without reset), bytes that are no text (the same), text. ENODEV if it is another
        model."""
        if on is not None:
            load("bringup.power").switch(self, on)
        return self.module.active

    def isconnected(self):
        """Whether the context is active and has an address; makes progress with connect. False
        also while it is being found out, after a silence, whether the module has restarted."""
        self.module.poll()
        if self.state != _GOT_IP or self.module.checking:
            return False
        self._seen = True
        return True

    def status(self, param=None):
        """One of the STAT_ constants; "rssi" in dBm or None, "registration" as 3GPP TS 27.007
        <stat> (1 home, 5 roaming), "operator" as text; "error" why the last connect failed;
        "sleep" whether the module sleeps: where it has said so, or on DTR since nic.sleep().

        Of 3GPP TS 27.007, beyond the five documents: "rsrp" in dBm (LTE -141 to -44, 5G from -157
        on), "rsrq" in dB (-20 to -3; 5G -43.5 to 20), "technology" as text ("NB-IoT", "eMTC",
        "LTE", "NR", …), "cell" as Cell(area, id, technology); None where the module does not know.
        EOPNOTSUPP where it refuses, and for "band" and "counters", for which no document has a
        command."""
        self.module.poll()
        if param is not None:
            return load("config.status").status(self, param)
        self._seen = self._seen or self.state == _GOT_IP
        return self.state

    def getaddrinfo(self, host, port, af=0, type=0, proto=0, flags=0):
        """A list of one entry whose address is (host, port): the module takes names itself."""
        if isinstance(host, (bytes, bytearray)):
            host = str(host, "utf-8")
        return [(af or socket.AF_INET, type or socket.SOCK_STREAM, proto, "", (host, port))]

    # ---- what the files of bringup/ tell ----

    def begin_connecting(self, asked):
        """The program has `asked` for a connection, or must have the one again that it waits
        for."""
        if self.connecting is None or self.connecting.done:
            if asked:
                self.failure = None
                self._seen = False
            self.state = _CONNECTING
            steps = load("bringup.context").connecting(self)
            self.connecting = self.module.spawn(steps, True)

    def set_access_point(self, apn, user, key, auth, family):
        """What AT+QICSGP sets, or AT+CGDCONT."""
        self.apn, self.user, self.key = apn, user, key
        self.auth, self.family = auth, family

    def set_state(self, state, address=None, failure=None):
        """Where a connect, or its end, has led to."""
        self.state = state
        if address:
            self.address = address
        if failure:
            self.failure = failure

    def check_connected(self):
        """Raises ENETUNREACH if there is no context to open a socket in."""
        if self.state != _GOT_IP:
            raise Error(ENETUNREACH, "the interface is not connected")

    def end_epoch(self, text):
        """The module has lost the context, and its sockets."""
        self.epoch += 1
        self.address = None
        if self._seen or self.state not in (_GOT_IP, _CONNECTING):
            self.state = _IDLE
        else:
            # The program still waits for the end of its connect: go on, or begin again.
            self.begin_connecting(False)
            self.state = _CONNECTING
        self.module.lose_connections(self, text)
