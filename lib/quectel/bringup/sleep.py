# Deep sleep, as the module tells of it. After it TCP sockets must be opened anew, and UDP sockets
# go on as if nothing had been: BC25&BC32 TCP/IP application note, 2.1.1, note 2, and 4.4;
# BC65&BC92&BC95-GR, 2.2.1, note 2. Loaded while a line is handled, so it is small.

import errno

from quectel import at, errors


def lose_streams(module):
    """+QATSLEEP: every TCP socket fails. Its connectID is free when the module is awake and has
    closed it."""
    for connect_id in range(module.dialect.SOCKETS):
        conn = module.lookup(connect_id)
        if conn is not None and not conn.datagram:
            conn.nic.module.release_id(connect_id, conn.nic)
            conn.fail(errors.Error(errno.ECONNABORTED, "the module was in deep sleep"))
            if conn.writer is not None and conn.writer.result == at.PENDING:
                conn.writer.ended(at.ABORTED)  # if nothing of it has gone, nothing goes


def woken(module):
    """+QATWAKEUP: what the module still has of TCP sockets is closed."""
    lose_streams(module)
    module.check_alive()
