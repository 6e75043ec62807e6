"""Transparent mode: the UART is one TCP connection."""

from types import TracebackType

from typing_extensions import Self

from quectel.stream import Stream

class Raw(Stream):
    """The stream of a TCP socket in transparent mode: what `s.transparent()` gives. It reads and
    writes as a socket does, with a time-out of its own."""

    def leave(self) -> None:
        """Back to command mode, by DTR or `+++` (about 2.4 s). ECONNABORTED if the module did not
        confirm it. May be called twice."""

    def close(self) -> None:
        """leave(); a stream that does not wait leaves that to later polls."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
    async def __aenter__(self) -> Self: ...
    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
