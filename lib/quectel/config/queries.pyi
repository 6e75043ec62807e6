"""What commands tell that only tell something."""

from typing import NamedTuple

class Active(NamedTuple):
    """A context, of AT+QIACT? and AT+QIACTEX?."""

    context: int | None
    state: int | None
    type: int | None
    addresses: list[str]

class Profile(NamedTuple):
    """The access point of a context, of AT+QICSGP."""

    type: int | None
    apn: str
    user: str
    key: str
    auth: int | None
