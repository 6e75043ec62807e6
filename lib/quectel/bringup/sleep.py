# After deep sleep (BC25&BC32 TCP/IP application note, 2.1.1, note 2, and 4.4): TCP sockets must be
# opened anew, UDP sockets go on as if nothing had been.

import errno

from quectel import errors


def woken(module):
    """+QATWAKEUP: every TCP socket fails; what the module still has of it is closed."""
    for connect_id in range(module.dialect.SOCKETS):
        conn = module.lookup(connect_id)
        if conn is not None and not conn.datagram:
            conn.nic.module.release_id(connect_id, conn.nic)
            conn.fail(errors.Error(errno.ECONNABORTED, "the module was in deep sleep"))
    module.check_alive()
