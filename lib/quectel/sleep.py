# After deep sleep (BC25&BC32 TCP/IP application note, 2.1.1, note 2, and 4.4): TCP sockets must be
# opened anew, UDP sockets go on as if nothing had been.

import errno

from quectel import errors


def woken(nic):
    """+QATWAKEUP: every TCP socket fails; what the module still has of it is closed."""
    for conn in nic.connections:
        if not conn.datagram:
            conn.nic.free_id(conn.id, False)
            conn.fail(errors.Error(errno.ECONNABORTED, "the module was in deep sleep"))
    nic.channel.on_silence()
