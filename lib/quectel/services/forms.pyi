"""What sockets do not do by themselves: other forms of AT+QISEND and AT+QISENDEX, and the module's
count of what it received."""

from typing import Literal

from quectel.socket import Socket
from quectel.stream import _Data

def send(
    sock: Socket,
    data: _Data,
    form: Literal["line", "length", "ctrl-z"],
    hex: bool = False,
    rai: int | None = None,
) -> int:
    """Send `data` in one exchange; its length.

    form  "line": in the command line; "length": behind the prompt, counted; "ctrl-z": behind it
    hex   by AT+QISENDEX
    rai   release assistance: 0 none, 1 after this packet, 2 after one answer to it
    Raises ValueError where the form cannot carry the data, EOPNOTSUPP where the module does not
    have the form, ENOBUFS if the module did not take the data."""

def received(sock: Socket) -> tuple[int, int, int] | None:
    """(received, read, unread) bytes; None where the module cannot say."""
