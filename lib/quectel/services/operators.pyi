"""The networks that there are, of AT+COPS=?."""

from typing import NamedTuple

class Operator(NamedTuple):
    """A network that the module has found."""

    status: str
    """"available", "current", "forbidden" or "unknown"."""
    name: str
    short: str
    code: str
    """Five or six digits, as config(operator=…) takes them."""
    technology: str | None
    """As status("technology") has it."""
