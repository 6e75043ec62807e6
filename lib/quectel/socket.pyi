"""Sockets over a module's own TCP/IP stack, with the methods of MicroPython's own."""

from types import TracebackType
from typing import Final, Literal, overload

from typing_extensions import Self, TypeAlias

from quectel.modes.transparent import Raw
from quectel.nic import Nic
from quectel.stream import _Data, Stream

AF_INET: Final = 2
AF_INET6: Final = 10
SOCK_STREAM: Final = 1
SOCK_DGRAM: Final = 2

_Address: TypeAlias = tuple[str | bytes, int]

class Socket(Stream):
    """A TCP or UDP socket. `nic.socket` is the class of an interface's sockets.

    Every method raises OSError with a standard errno: EBADF once closed, ENOTCONN before connect,
    ETIMEDOUT when the time-out is over, ECONNABORTED when the module restarted, lost its context
    or did not answer, so that what became of the last bytes is unknown."""

    def __init__(self, af: int = 2, type: int = 1, proto: int = 0) -> None:
        """AF_INET, AF_INET6, or 0 for either; SOCK_STREAM or SOCK_DGRAM. A connectID is taken when
        it connects. EOPNOTSUPP for any other kind, TypeError for what is no number."""

    @property
    def lost(self) -> int:
        """Bytes that came in push mode and found no room, and times that the module had none."""

    @property
    def refused(self) -> int:
        """Of a listener: how many clients found the module full, or were closed because `backlog`
        waited already, or because no connectID was left beside theirs."""

    def connect(self, address: _Address) -> None:
        """Open a connection to (host, port); the module takes names.

        Waits as long as the document allows (BG95-S5: 150 s), or the time-out. EINPROGRESS if the
        socket does not wait: it is writable once it is open. ENETUNREACH if the interface is not
        connected, ECONNREFUSED, EHOSTUNREACH, ENOBUFS if all sockets of the module are open."""

    def bind(self, address: _Address) -> None:
        """Choose the local port: of a listener, of a UDP service, which starts here where the
        module has UDP SERVICE, or of a client. The host is not used: ""."""

    def listen(self, backlog: int | None = None) -> None:
        """Accept TCP connections on the bound port; at most `backlog` clients wait to be accepted.
        EOPNOTSUPP without TCP LISTENER (BC20), EADDRINUSE if another socket listens there."""

    def accept(self) -> tuple[Socket, tuple[str, int]]:
        """Wait for a client; (socket, (host, port)). EAGAIN if there is none and the socket does
        not wait, EINVAL if it does not listen."""

    def close(self) -> None:
        """Close the connection and free its connectID; may be called twice.

        A socket that waits returns when that is done (BG95-S5: within 11 s, as long as the peer
        reads); one that does not leaves it to later polls."""

    def sendto(self, data: _Data, address: _Address) -> int:
        """Send a datagram, 1 to 1460 bytes (fewer on the BC modules), to (host, port). EMSGSIZE if
        it has more, EOPNOTSUPP if it is empty. A UDP client has one peer: another address closes
        and opens the socket again."""

    def recvfrom(self, bufsize: int, flags: int = 0) -> tuple[bytes, tuple[str, int]]:
        """recv, and the peer's (host, port): the sender's own on a UDP service, else as it was
        given to connect or sendto."""

    @overload
    def setsockopt(
        self, level: Literal[1], option: Literal[9], value: int | tuple[int, int, int]
    ) -> None:
        """SO_KEEPALIVE, of all sockets: True, False, or (idle s, interval s, count)."""

    @overload
    def setsockopt(self, level: Literal[1], option: Literal[8], value: int) -> None:
        """SO_RCVBUF: bytes that are kept in push mode, from 128 on."""

    @overload
    def setsockopt(self, level: Literal[0x5143], option: Literal[1, 2, 3, 4], value: int) -> None:
        """SOL_QUECTEL: ACCESS_MODE (BUFFER, PUSH), RAI (0, 1, 2: release assistance), COALESCE
        (True: small writes are gathered), DELIVERY (seconds, 120 recommended: the connection fails
        with ECONNABORTED if the peer acknowledges nothing for so long; EOPNOTSUPP where the module
        cannot say, and for datagrams)."""

    @overload
    def setsockopt(self, level: int, option: int, value: int | bytes | bytearray) -> None:
        """Any other option is taken, and not acted upon. EINVAL for another of SOL_QUECTEL,
        EOPNOTSUPP for SO_BROADCAST, SO_ERROR and IP_ADD_MEMBERSHIP."""

    def getsockopt(self, level: Literal[1], option: Literal[4]) -> int:
        """SO_ERROR: the errno that the next call would raise, or 0. What is raised once is then
        told. EOPNOTSUPP for any other option."""

    def acked(self) -> tuple[int, int, int] | None:
        """(sent, acknowledged, unacknowledged) bytes; None where the module cannot say."""

    def drain(self, timeout: float | None = None) -> None:
        """Wait until the peer has acknowledged everything, at most `timeout` seconds (ETIMEDOUT).
        EOPNOTSUPP where the module cannot say."""

    def send_last(self, data: _Data, answers: bool = False, timeout: float | None = 120) -> bool:
        """Send all of `data` as the last message before a silence, wait until the peer has
        acknowledged it where the module can say (TCP; at most `timeout` seconds: ETIMEDOUT), and
        have the network release the radio connection then. `answers`: the peer answers with one
        packet. Returns whether the network was told: BG95-S5, BC65, BC92, BC95-GR on NB-IoT; not
        for TCP with an answer, nor a datagram of more than 256 (BG95-S5) or 512 bytes. EAGAIN for
        a socket that does not wait."""

    def transparent(self) -> Raw:
        """`with s.transparent() as raw:` gives the UART to this connection: no AT commands. Every
        other call of the interface raises EBUSY meanwhile. EOPNOTSUPP without such a mode."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

def class_of(nic: Nic) -> type[Socket]:
    """The class of the sockets of `nic`."""
