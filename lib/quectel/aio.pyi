"""The slow calls of the interface, to be awaited."""

from asyncio import StreamWriter
from typing import Any

from quectel.nic import Nic, _Time
from quectel.services.operators import Operator
from quectel.services.ping import Ping
from quectel.socket import Socket

async def active(nic: Nic, on: bool | int) -> bool:
    """nic.active(on), awaited."""

async def connect(
    nic: Nic,
    apn: str | None = None,
    user: str | None = None,
    key: str | None = None,
    *,
    timeout: float | None = None,
    auth: int | None = None,
    family: int = 1,
) -> None:
    """nic.connect, and wait until the interface is connected; raises why it could not be."""

async def wait(nic: Nic, timeout: float | None = None) -> None:
    """nic.wait(timeout), awaited."""

async def disconnect(nic: Nic) -> None:
    """nic.disconnect(), awaited."""

async def sleep(nic: Nic) -> None:
    """nic.sleep(), awaited."""

async def awake(nic: Nic) -> None:
    """nic.awake(), awaited."""

async def resolve(nic: Nic, host: str | bytes) -> list[str]:
    """nic.resolve(host), awaited."""

async def ping(
    nic: Nic, host: str | bytes, count: int = 4, timeout: int = 4, size: int = 32
) -> Ping:
    """nic.ping(host, count, timeout, size), awaited."""

async def ntp(nic: Nic, host: str | bytes, port: int = 123, set: bool = True) -> _Time:
    """nic.ntp(host, port, set), awaited."""

async def operators(nic: Nic, timeout: float = 180) -> list[Operator]:
    """nic.operators(timeout), awaited."""

async def drain(sock: Socket | StreamWriter, timeout: float | None = None) -> None:
    """s.drain(timeout), awaited. Of an asyncio stream, too, once the socket has taken all that was
    written to it. TypeError of a stream with TLS: give the socket below it."""

async def settle(nic: Nic, timeout: float | None = None) -> None:
    """Wait until nothing is under way: what writes took over is the module's, what was closed is
    closed. ETIMEDOUT after `timeout` seconds."""

async def command(
    nic: Nic,
    text: str,
    timeout: int | None = None,
    data: bytes | bytearray | memoryview | None = None,
) -> list[str | Any]:
    """nic.command(text, timeout, data), awaited; timeout in ms."""
