"""Connections that are in transparent mode from their first byte."""

from quectel.modes.transparent import Raw
from quectel.socket import _Address, Socket

def open(sock: Socket, address: _Address) -> Raw:
    """`with direct.open(s, (host, port)) as raw:` connects `s`, a new TCP socket, and gives its
    stream; behind the block `s` goes on as a connected socket. EOPNOTSUPP without such a mode."""

def listen(sock: Socket) -> None:
    """Accept TCP connections on the bound port of `sock`, one at a time, each in transparent mode
    when it comes (BC92 alone, else EOPNOTSUPP). Every other call of the interface raises EBUSY
    until the stream of a client is left, and again from when that client is closed."""
