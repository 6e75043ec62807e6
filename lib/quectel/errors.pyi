"""What a module or its line reports, as OSError. Numbers that MicroPython's errno lacks."""

from typing import Final

EISCONN: Final[int]
ENETUNREACH: Final[int]
EBUSY: Final[int]
ECANCELED: Final[int]
EPIPE: Final[int]

def number_of(name: str, usual: int) -> int:
    """The errno of that name; `usual`, the number that ports use, where MicroPython's errno lacks
    it."""

class Error(OSError):
    """What a module or its line reported, as an OSError: `args[0]` is a standard errno, `args[1]`
    words that say what was seen and what to look at, `args[2]` the host and `args[3]` the port
    where it is about a connection or a name."""

    code: int | None
    """The module's own result code (550 to 574), the number of its +CME ERROR, or None."""

    def __init__(
        self, number: int, text: str = "", code: int | None = None, *place: str | int
    ) -> None: ...
