"""The stream methods of a socket, as MicroPython has them.

Where a result is `… | Any`, the Any stands for None: a stream that does not wait returns that when
nothing is possible now. One that waits never does, so no program must ask for it.
"""

from array import array
from typing import Any

from typing_extensions import Self, TypeAlias

_Data: TypeAlias = str | bytes | bytearray | memoryview | array[int]
_Buffer: TypeAlias = bytearray | memoryview | array[int]

class Stream:
    """A stream of bytes. Every method raises OSError with a standard errno: EBADF once closed,
    ENOTCONN before it is connected, ETIMEDOUT when the time-out is over, ECONNABORTED when the
    module restarted, lost its context or did not answer."""

    def recv_into(self, buf: _Buffer, nbytes: int = 0, flags: int = 0) -> int:
        """Receive what there is, at least one byte and at most `nbytes` (0: as many as `buf`
        holds); how many, 0 at the end. EAGAIN if there is nothing and it does not wait. `flags`:
        MSG_PEEK, MSG_DONTWAIT, or both."""

    def recv(self, bufsize: int, flags: int = 0) -> bytes:
        """Receive what there is, at least one byte and at most `bufsize`; b"" at the end. EAGAIN
        if there is nothing and it does not wait. `flags`: MSG_PEEK, MSG_DONTWAIT, or both."""

    def readinto(self, buf: _Buffer, nbytes: int | None = None) -> int | Any:
        """Read until `buf` (or `nbytes` of it) is full, or to the end; how many bytes. A datagram
        at a time. None if there is nothing and it does not wait."""

    def read(self, size: int | None = -1) -> bytes | Any:
        """Read `size` bytes, or to the end; shorter at the end. None if there is nothing and it
        does not wait."""

    def readall(self) -> bytes | Any:
        """Read to the end. None if there is nothing and it does not wait."""

    def readline(self, size: int = -1) -> bytes | Any:
        """Read up to and with the next newline, or to the end, or `size` bytes. None if there is
        nothing and it does not wait."""

    def send(self, data: _Data, flags: int = 0) -> int:
        """Send `data`; how many bytes the module took: all, unless the time-out came after some.
        EAGAIN if it can take none now and does not wait; EPIPE if the peer has closed. `flags`:
        MSG_DONTWAIT."""

    def sendall(self, data: _Data) -> None:
        """Send all of `data`; raises if that was not possible."""

    def write(self, data: _Data, offset: int | None = None, size: int | None = None) -> int | Any:
        """Write `data`, or `(data, size)`, or `(data, offset, size)` of it; how many bytes were
        taken. None if it can take none now and does not wait; EPIPE if the peer has closed."""

    def settimeout(self, seconds: float | None) -> None:
        """None: wait for ever; 0: never; else seconds."""

    def setblocking(self, flag: bool) -> None:
        """True: settimeout(None); False: settimeout(0)."""

    def makefile(self, *args: object, **kwargs: object) -> Self:
        """The stream itself."""

    def flush(self) -> None:
        """Send what is held back, if anything: see coalescing."""

    def ioctl(self, request: int, arg: int) -> int:
        """MicroPython's stream protocol: POLL, CLOSE and TIMEOUT (ms)."""
