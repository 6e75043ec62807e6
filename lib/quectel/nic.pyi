"""The network interface: one context of a module."""

from collections.abc import Callable
from types import TracebackType
from typing import Any, Final, Literal, Protocol, TypedDict, overload

from typing_extensions import Self, TypeAlias, Unpack

from quectel.config.queries import Active, Profile
from quectel.dialects import Dialect
from quectel.services.cellular import Cell
from quectel.services.netstat import Connection
from quectel.services.operators import Operator
from quectel.services.ping import Ping
from quectel.socket import Socket

_Time: TypeAlias = tuple[int, int, int, int, int, int, int, int]
# What AT+QCFG takes for a name: a number, a text, or several of them.
_Free: TypeAlias = int | str | tuple[int | str, ...] | list[int | str]
_Servers: TypeAlias = str | tuple[str] | tuple[str, str] | list[str]

# What config can set. Those that are no Python names are why this is no class.
_Settings = TypedDict(
    "_Settings",
    {
        "apn": str,
        "asynchronous": int | None,
        "asyncmode": int,
        "band": _Free,
        "close mode": int,
        "close_timeout": int | None,
        "coalesce": bool,
        "connect_timeout": int | None,
        "dataformat": tuple[int, int],
        "dcdmode": int,
        "dns/cache": int,
        "edrx": float | None,
        "formatcfg": int,
        "iotopmode": _Free,
        "ip_filter": tuple[str, str],
        "ipv6prior": int,
        "keepalive": tuple[int, int, int] | None,
        "nat": int,
        "nwscanmode": _Free,
        "nwscanseq": _Free,
        "open_time": int,
        "operator": str | None,
        "passiveclosed": int,
        "psm": tuple[int, int] | None,
        "qcscon": int,
        "qidnscfg": _Servers,
        "qisde": int,
        "qisend/timeout": int,
        "qsclk": int,
        "recvind": int,
        "roamservice": _Free,
        "sack": int,
        "sendinfo": int,
        "servicedomain": _Free,
        "showlength": int,
        "tcp/accept": int,
        "tcp/inactivetm": int,
        "tcp/keepalive": tuple[int, int, int, int] | Literal[0] | tuple[Literal[0]],
        "tcp/retranscfg": tuple[int, int],
        "timestamp": int,
        "transpktsize": int,
        "transwaittm": int,
        "viewmode": int,
    },
    total=False,
)

_Trace: TypeAlias = Callable[[str], object]

class _UART(Protocol):
    # write is called with (buf, offset, size), which MicroPython's streams take and the ports'
    # own stubs do not tell.
    def any(self) -> int: ...
    def readinto(self, buf: bytearray, nbytes: int, /) -> int | None: ...
    def write(self, buf: bytes, /) -> int | None: ...

class _Pin(Protocol):
    def value(self, x: int, /) -> object: ...

class Nic:
    """A Quectel module as a network interface, after network.AbstractNIC. For one thread at a
    time: a call inside another one of the same module raises EBUSY."""

    DIALECT: type[Dialect]
    """The dialect that the module speaks; set it in a class of your own."""

    AF_INET: Final = 2
    AF_INET6: Final = 10
    SOCK_STREAM: Final = 1
    SOCK_DGRAM: Final = 2
    SOCK_RAW: Final = 3
    """No module has it: EOPNOTSUPP."""
    MSG_PEEK: Final = 2
    """recv, recv_into, recvfrom: what comes is shown, and comes again."""
    MSG_DONTWAIT: Final = 0x40
    """recv, recv_into, recvfrom, send: this call does not wait: EAGAIN."""
    SOL_SOCKET: Final = 1
    SO_REUSEADDR: Final = 2
    SO_ERROR: Final = 4
    """Of getsockopt: the errno that the next call would raise, or 0."""
    SO_BROADCAST: Final = 6
    """No module has it: EOPNOTSUPP."""
    SO_RCVBUF: Final = 8
    """Bytes that are kept in push mode, from 128 on."""
    SO_KEEPALIVE: Final = 9
    """True, False, or (idle s, interval s, count); for all sockets."""
    SOL_QUECTEL: Final = 0x5143
    """The level of ACCESS_MODE, RAI, COALESCE and DELIVERY."""
    ACCESS_MODE: Final = 1
    """BUFFER: the module waits to be asked for data; PUSH: it gives them unasked."""
    RAI: Final = 2
    """Release assistance: 0 none, 1 after the last packet of a write, 2 after one answer to it."""
    COALESCE: Final = 3
    """Whether small writes are gathered."""
    DELIVERY: Final = 4
    """Seconds without an acknowledgement after which the connection fails, 0 for never."""
    BUFFER: Final = 0
    PUSH: Final = 1
    IPPROTO_IP: Final = 0
    IPPROTO_TCP: Final = 6
    IPPROTO_UDP: Final = 17
    IP_ADD_MEMBERSHIP: Final = 35
    """No module has it: EOPNOTSUPP."""
    TCP_NODELAY: Final = 1

    STAT_IDLE: Final = 0
    """Not connected, and no connect asked for."""
    STAT_CONNECTING: Final = 1
    STAT_GOT_IP: Final = 3
    """Connected."""
    STAT_NO_SIM: Final = -4
    """No SIM, or it asks for a PIN."""
    STAT_CONNECT_FAIL: Final = -1
    """The connect failed: status("error") says why."""

    PWRKEY_PRESSED: int
    """The level of the pin that presses PWRKEY (1)."""
    PWRKEY_MS: int
    """How long PWRKEY is pressed, ms (750)."""
    RESET_PRESSED: int
    """The level of the pin that presses RESET (1)."""
    RESET_MS: int
    """How long RESET is pressed, ms (300)."""
    POWER_MS: int
    """How long reset() has `power` keep the supply off, ms (5000)."""
    BOOT_MS: int
    """How long a module may take to answer the first AT, ms (20000)."""

    dialect: Dialect
    """Limits and times of the module."""
    cid: int
    """The context of this interface."""
    idle: Callable[[], object] | None
    """Called again and again while a call of the driver waits, at least every 100 ms: feed a
    watchdog there. It must not call the driver; what it raises ends the wait."""

    def __init__(
        self,
        uart: _UART,
        pwrkey: _Pin | None = None,
        reset: _Pin | None = None,
        dtr: _Pin | None = None,
        psm_eint: _Pin | None = None,
        cid: int = 1,
        trace: _Trace | None = None,
        rxbuf: int | None = None,
        pin: str | None = None,
        idle: Callable[[], object] | None = None,
        power: Callable[[bool], object] | None = None,
    ) -> None:
        """An interface over the module on `uart`, not active yet.

        uart    an object with a UART's any, readinto and write
        pwrkey  a Pin on PWRKEY: active(True) presses it when the module does not answer
        reset   a Pin on RESET: pressed when nothing else has helped
        dtr     a Pin on DTR: the quick way out of transparent mode; wakes BG95-S5, RG200U, RG500U
                and RM500U after sleep()
        psm_eint  a Pin on PSM_EINT: wakes a BC module from deep sleep
        cid     which context, 1 to 16 (fewer on most modules: ValueError)
        trace   called with each AT line, "> …" sent and "< …" received, secrets masked; what is
                no line as a count; with times: quectel.timed(print)
        rxbuf   bytes of the UART's receive buffer, where its repr does not tell them
        pin     the SIM's PIN, 4 to 8 digits, given when the SIM asks for it: see unlock
        idle    called while a call waits; also an attribute, which may be set later
        power   called with False and, POWER_MS later, with True: switches the module's supply off
                and on; reset() does that where nothing else has helped. It must not wait"""

    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None:
        """active(False); of an interface that context() has made, disconnect()."""

    def active(self, on: bool | int | None = None) -> bool:
        """Whether the interface is active. True: wake the module and make it ready. False: close
        every socket and the context, and switch the radio off.

        Waits 20 s at most, 49 s with pwrkey, which is pressed twice if need be (the first press
        may have switched a module off), 41 s with reset, 70 s with both. Raises ETIMEDOUT if
        the module does not answer, with words that say what came: nothing, what was sent (within
        7 s, without reset), bytes that are no text (the same), text. ENODEV if it is another
        model."""

    def connect(
        self,
        apn: str | None = None,
        user: str | None = None,
        key: str | None = None,
        *,
        auth: int | None = None,
        family: int = 1,
        timeout: float | None = None,
    ) -> None:
        """Begin to register with the network and to activate the context; returns at once.

        apn      access point name; without it the module's own setting is used
        auth     0 none, 1 PAP, 2 CHAP, 3 either (0, or 3 with user)
        family   1 IPv4, 2 IPv6, 3 both
        timeout  s: return when it is connected, or raise why not, as wait does
        isconnected() and status() make progress. ENODEV before active(True)."""

    def wait(self, timeout: float | None = None) -> None:
        """Return when the interface is connected, at most `timeout` seconds after the call. None:
        when connect gives up by itself.

        ENODEV: no SIM, or it asks for something; EACCES: registration denied for 60 s, or the PIN
        not taken; ENETUNREACH: no registration; ETIMEDOUT; or what the module has refused with.
        The connect goes on afterwards."""

    def unlock(self, pin: str) -> None:
        """Give the SIM its PIN, if it asks for it. EACCES if the SIM does not take it: the same
        one is not sent again. ENODEV if there is no SIM, or it asks for the PUK."""

    def reset(self) -> None:
        """Restart the module and make it ready again. Every socket and context ends; call connect
        again. In this order, until it has come back: AT+CFUN=1,1 or the module's own command;
        RESET; PWRKEY, off and then on; the switch `power`. A means in vain takes 20 to 70 s.
        Raises what active(True) raises, or EIO where the module refuses and there is no other
        means."""

    def power_off(self) -> None:
        """Close every socket and context and switch the module off (AT+QPOWD, or PWRKEY).
        EOPNOTSUPP where the module refuses and there is no pwrkey."""

    def sleep(self) -> None:
        """Let the module sleep from now on (AT+QSCLK=1, and DTR high on BG95-S5, RG200U, RG500U
        and RM500U, which keep their sockets). Whatever sends a command wakes it. A BC module
        sleeps deeply when the network lets it; then its TCP sockets fail with ECONNABORTED, and
        its UDP sockets go on.

        Raises EOPNOTSUPP, before anything is sent, where only DTR would wake it and there is no
        dtr, and if such a module refuses; ETIMEDOUT if there is no answer within 5 s."""

    def awake(self) -> None:
        """Wake the module, and keep it awake (AT+QSCLK=0) until sleep() is called. If it does not
        answer within 5 s, as after PSM, it is switched on as by active(True): every socket and
        context has ended then; call connect again. Raises ETIMEDOUT if it does not wake, with
        words that say which pin to look at, and what active(True) raises."""

    def baudrate(self, rate: int, **options: Any) -> None:
        """Have the module and the UART talk at `rate` baud; `options` are for the UART's init.
        Both stay as they are if the module does not answer at that rate: ETIMEDOUT. EOPNOTSUPP for
        a UART that cannot be changed."""

    def on_change(self, callback: Callable[[str, Any], object] | None) -> None:
        """Call `callback(what, value)` when something changes, from any call of the driver:
        "status" and a STAT_ constant, "registration" and its <stat>, "context" or "restart" and
        why. It must not wait. None stops it."""

    def disconnect(self) -> None:
        """Close every socket and deactivate the context (BG95-S5: at most 40 s)."""

    def isconnected(self) -> bool:
        """Whether the context is active and has an address; makes progress with connect."""

    def context(self, cid: int) -> Self:
        """Another interface over the same module, for the context `cid`. How many can be active at
        once: BG95-S5 3, RG200U, RG500U and RM500U 5."""

    @overload
    def status(self, param: None = None) -> int:
        """One of STAT_IDLE, STAT_CONNECTING, STAT_GOT_IP, STAT_NO_SIM, STAT_CONNECT_FAIL."""

    @overload
    def status(self, param: Literal["rssi"]) -> int | None:
        """The signal in dBm, -113 to -51; None if it is not known."""

    @overload
    def status(self, param: Literal["registration"]) -> int:
        """<stat> of 3GPP TS 27.007: 1 at home, 5 roaming, 2 searching, 3 denied."""

    @overload
    def status(self, param: Literal["operator"]) -> str:
        """The network's name; "" without one."""

    @overload
    def status(self, param: Literal["rsrp"]) -> int | None:
        """Reference signal received power in dBm, of AT+CESQ: LTE -141 (less than -140) to -44, 5G
        -157 to -30; None if it is not known. 3GPP TS 27.007, beyond the five documents: a module
        may refuse, EOPNOTSUPP."""

    @overload
    def status(self, param: Literal["rsrq"]) -> float | None:
        """Reference signal received quality in dB, of AT+CESQ: LTE -20 to -3, 5G -43.5 to 20; None
        if it is not known. As "rsrp"."""

    @overload
    def status(self, param: Literal["technology"]) -> str | None:
        """ "GSM", "UMTS", "LTE", "eMTC", "NB-IoT", "NR" or "EN-DC", of AT+COPS?; None without a
        network. 3GPP TS 27.007, beyond the five documents."""

    @overload
    def status(self, param: Literal["cell"]) -> Cell | None:
        """The cell that serves the module, of AT+CEREG? or AT+CGREG?; None without one. 3GPP TS
        27.007, beyond the five documents."""

    @overload
    def status(self, param: Literal["band", "counters"]) -> Any:
        """EOPNOTSUPP: neither a document nor 3GPP TS 27.007 has a command for the band in use, or
        for the bytes that were counted. The error names one that many modules have."""

    @overload
    def status(self, param: Literal["error"]) -> OSError | Any:
        """Why the last connect failed; None if it did not."""

    @overload
    def status(self, param: Literal["sleep"]) -> bool:
        """Whether the module sleeps: a BC module since it has said so, the others since sleep();
        before that EOPNOTSUPP."""

    @overload
    def ipconfig(self, param: Literal["addr4"], /) -> tuple[str, str]:
        """(address, mask); "0.0.0.0" without one."""

    @overload
    def ipconfig(self, param: Literal["addr6"], /) -> list[str]:
        """The IPv6 addresses."""

    @overload
    def ipconfig(self, param: Literal["dns"], /) -> str:
        """The primary DNS server; config("qidnscfg") has all."""

    @overload
    def ipconfig(self, param: Literal["gw4"], /) -> str:
        """ "0.0.0.0": there is no gateway."""

    @overload
    def ipconfig(
        self,
        param: Literal["dhcp4", "has_dhcp4", "dhcp6", "autoconf6", "has_autoconf6"],
        /,
    ) -> bool:
        """False: the addresses are the operator's to choose."""

    @overload
    def ipconfig(self, *, dns: _Servers) -> None:
        """Set one DNS server, or (primary, secondary)."""

    def ifconfig(self, values: None = None) -> tuple[str, str, str, str]:
        """(address, mask, gateway, DNS server); the addresses cannot be set: EOPNOTSUPP."""

    @overload
    def config(self, key: Literal["imei", "imsi", "iccid", "model", "firmware", "apn"], /) -> str:
        """What the module or the SIM is called; the access point name of the next connect."""

    @overload
    def config(self, key: Literal["coalesce"], /) -> bool:
        """Whether new TCP sockets gather small writes."""

    @overload
    def config(self, key: Literal["keepalive"], /) -> tuple[int, int, int] | None:
        """(idle s, interval s, count), whatever the module counts in; None: off. EOPNOTSUPP on
        BC65, BC92, BC95-GR and BC20."""

    @overload
    def config(self, key: Literal["qidnscfg"], /) -> tuple[str, ...]:
        """All DNS servers, the primary one first. EOPNOTSUPP on BC20."""

    @overload
    def config(self, key: Literal["close_timeout", "connect_timeout"], /) -> int | None:
        """Seconds: of AT+QICLOSE, of AT+QIOPEN; None: the module's own."""

    @overload
    def config(self, key: Literal["asynchronous"], /) -> int:
        """1: AT+QIACTEX; 2: the same, with the addresses in its line; 0: AT+QIACT. RM500U."""

    @overload
    def config(self, key: Literal["qistate"], /) -> list[Connection]:
        """The connections of this context, as netstat() has them."""

    @overload
    def config(self, key: Literal["qicsgp"], /) -> Profile:
        """The access point of this context. BG95-S5, RG200U, RG500U, RM500U."""

    @overload
    def config(self, key: Literal["qiact", "qiactex"], /) -> list[Active]:
        """The contexts of the module. "qiact": BG95-S5; both: RG200U, RG500U, RM500U."""

    @overload
    def config(self, key: Literal["qntp"], /) -> tuple[str, int | None] | None:
        """(server, port) while the module asks a time server, else None. BG95-S5."""

    @overload
    def config(self, key: Literal["dataformat", "tcp/retranscfg"], /) -> tuple[int, int]:
        """A key of AT+QICFG with two values; EOPNOTSUPP where the document does not have it."""

    @overload
    def config(self, key: Literal["ip_filter"], /) -> int | tuple[str, str]:
        """(address, mask) of the peers that are let in; 0: all of them. BG95-S5."""

    @overload
    def config(self, key: Literal["qcscon"], /) -> int | tuple[int, int]:
        """Whether +QCSCON is reported, and the state of the radio connection where the module
        tells it. BG95-S5."""

    @overload
    def config(self, key: Literal["psm"], /) -> tuple[int | None, int | None] | None:
        """Power saving mode: (period, active time) in seconds, T3412 and T3324 of AT+CPSMS?; None:
        off. 3GPP TS 27.007, beyond the five documents: a module may refuse, EOPNOTSUPP."""

    @overload
    def config(self, key: Literal["edrx"], /) -> float | None:
        """The eDRX cycle that is asked for, in seconds, of AT+CEDRXS?; None: off. As "psm"."""

    @overload
    def config(self, key: Literal["operator"], /) -> str | None:
        """The code of the network that was chosen; None: the module chooses. 3GPP TS 27.007."""

    @overload
    def config(
        self,
        key: Literal[
            "band", "iotopmode", "nwscanmode", "nwscanseq", "roamservice", "servicedomain"
        ],
        /,
    ) -> int | str | tuple[int | str, ...]:
        """A name of AT+QCFG; any other that the module knows can be asked for as well. EOPNOTSUPP
        where it does not."""

    @overload
    def config(self, key: Literal["tcp/keepalive"], /) -> int | tuple[int, int, int, int]:
        """As the module counts; config("keepalive") is in seconds everywhere."""

    @overload
    def config(
        self,
        key: Literal[
            "asyncmode",
            "close mode",
            "dcdmode",
            "dns/cache",
            "formatcfg",
            "ipv6prior",
            "nat",
            "open_time",
            "passiveclosed",
            "qisde",
            "qisend/timeout",
            "qsclk",
            "recvind",
            "sack",
            "sendinfo",
            "showlength",
            "tcp/accept",
            "tcp/inactivetm",
            "timestamp",
            "transpktsize",
            "transwaittm",
            "viewmode",
        ],
        /,
    ) -> int:
        """A setting with one value: a key of AT+QICFG, or AT+QISDE, AT+QSCLK, AT+QCFG="nat".
        EOPNOTSUPP where the module's document does not have it."""

    @overload
    def config(self, **settings: Unpack[_Settings]) -> None:
        """Make settings. A key that is no Python name: config(**{"tcp/retranscfg": (12, 600)}).

        keepalive  (idle s, interval s, count), None: off; coalesce: for new TCP sockets
        apn        for the next connect; qidnscfg: the DNS servers
        close_timeout, connect_timeout  s; None: the module's own
        psm        (period, active time) s, edrx: s; None: off. Rounded up to what can be said
        operator   the code of a network; None: the module chooses
        band, iotopmode, nwscanmode, nwscanseq, roamservice, servicedomain, and any other name of
                   AT+QCFG that the module knows: EINVAL where it refuses the value
        Every other one is a setting of the module, as its document has it. Raises EOPNOTSUPP where
        the document does not have it, ValueError out of its range."""

    socket: type[Socket]
    """The class of its sockets: nic.socket(af, type, proto) makes one."""

    def getaddrinfo(
        self,
        host: str | bytes,
        port: int,
        af: int = 0,
        type: int = 0,
        proto: int = 0,
        flags: int = 0,
    ) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        """One entry, whose address is (host, port): the module takes names itself."""

    def inet_pton(self, family: int, text: str) -> bytes:
        """An address as its 4 bytes (AF_INET) or 16 (AF_INET6); EINVAL where it is none."""

    def inet_ntop(self, family: int, data: bytes | bytearray | memoryview) -> str:
        """The text of an address of 4 bytes (AF_INET) or 16 (AF_INET6)."""

    def resolve(self, host: str | bytes) -> list[str]:
        """The addresses of a name (BG95-S5: within 60 s). ENETUNREACH if not connected,
        EHOSTUNREACH if there is no such name."""

    def ping(self, host: str | bytes, count: int = 4, timeout: int = 4, size: int = 32) -> Ping:
        """Ping `host`; a lost packet is part of the result.

        count    packets, 1 to 10
        timeout  s for each, 1 to 255
        size     bytes, 32 to 200 or 1500; BG95-S5 has 32 alone: EOPNOTSUPP
        Raises what the module reports where no packet could be sent."""

    def ntp(self, host: str | bytes, port: int = 123, set: bool = True) -> _Time:
        """Ask a time server: UTC as time.gmtime gives it, 8 fields. With `set` the module's clock
        is set, and the board's. EOPNOTSUPP on RG200U, RG500U and RM500U."""

    def clock(self) -> _Time:
        """The module's own clock: UTC as time.gmtime gives it, 8 fields."""

    def netstat(self, connect_id: int | None = None) -> list[Connection]:
        """The module's own list of its connections, or of one connectID (AT+QISTATE)."""

    def operators(self, timeout: float = 180) -> list[Operator]:
        """Search for networks, AT+COPS=?; it may take minutes, and nothing else can be asked
        meanwhile. `timeout` in seconds. About eight networks are told at most. 3GPP TS 27.007,
        beyond the five documents: EOPNOTSUPP where the module refuses, ETIMEDOUT."""

    def error(self) -> tuple[int | None, str]:
        """(code, text) of the last TCP/IP command (AT+QIGETERROR)."""

    def command(
        self,
        text: str,
        timeout: int | None = None,
        data: bytes | bytearray | memoryview | None = None,
    ) -> list[str | Any]:
        """Send any command line; its answer's lines, without the final result. The payload of an
        AT+QIRD is a bytearray among them.

        timeout  ms to wait (60000)
        data     sent after the prompt
        Raises errors.Error if the module refuses, ETIMEDOUT without an answer."""

    def on_urc(self, prefix: str, callback: Callable[[str], object] | None) -> None:
        """Call `callback` with every unsolicited line that begins with `prefix`; None stops it."""
