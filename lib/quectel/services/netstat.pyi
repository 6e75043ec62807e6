"""The module's own list of its connections."""

from typing import NamedTuple

class Connection(NamedTuple):
    """A line of AT+QISTATE; None where the module does not tell it."""

    id: int
    service: str
    address: str
    remote_port: int | None
    local_port: int | None
    state: str | int | None
    context: int | None
    server: int | None
    """Of an accepted connection: the listener's id."""
    access_mode: int | None
    port: str | None
    """The AT port."""
