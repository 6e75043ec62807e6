"""What a ping tells."""

from typing import NamedTuple

class Reply(NamedTuple):
    """An answer to one packet."""

    address: str
    bytes: int
    ms: int
    ttl: int

class Ping(NamedTuple):
    """The result of `nic.ping`: packets, and times in ms."""

    sent: int
    received: int
    lost: int
    min: int
    max: int
    avg: int
    replies: list[Reply | int]
    """For each packet its Reply, or the module's result code if it was lost."""
