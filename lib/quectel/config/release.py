# The last message before a silence: the network is told that nothing follows, so that the radio
# connection ends at once and not after its time of inactivity (20 s in BG95-S5's example, 3.10.2).
# Loaded on first use.

import errno

from quectel import load
from quectel.stream import octets

_RELEASE = 1  # <RAI_info>, <rai_mode>: nothing follows …
_AFTER_ONE = 2  # … but one downlink packet
_ACKED_S = 120  # BG95-S5, Figure 1: asked for the acknowledgement 24 times, 5 s apart


def send_last(sock, data, answers=False, timeout=_ACKED_S):
    """Send all of `data`, wait until it is acknowledged, and have the radio connection released.
    `answers`: the peer answers it, with one packet. Returns whether the network was told.

    A TCP connection is released by the packet that acknowledges the data; where an answer follows
    that, it is left as it is. Where the module can tell (`acked`), this waits for the
    acknowledgement, at most `timeout` seconds: ETIMEDOUT. A datagram is released at once, or by
    its answer. Modules without release assistance, and a datagram longer than one of its commands
    carries (BG95-S5: 256 bytes, BC65, BC92 and BC95-GR: 512), are sent as usual.

    Raises what send raises, and EAGAIN, before anything is sent, for a socket that does not wait.
    BG95-S5 2.3.9, BC65&BC92&BC95-GR 2.2.5: for NB-IoT."""
    if sock.timeout_ms == 0:
        raise OSError(errno.EAGAIN)
    conn = sock.connection
    dialect = conn.nic.dialect
    if not sock.is_open():
        raise OSError(errno.ENOTCONN)
    data = memoryview(octets(data))
    most = 0 if dialect.RAI is None else dialect.RAI[0]
    told = 0 < len(data) <= most if conn.datagram else most > 0 and not answers
    if told and not conn.datagram and len(data) > most:
        # Two characters a byte: only the end of it goes so.
        sock.sendall(data[:-most])
        data = data[-most:]
    sock.flush()
    sock.finish_sending()
    writer = conn.writer
    if told:
        rai = _RELEASE if conn.datagram and not answers else _AFTER_ONE
        conn.choose("writer", load("config.options").HexSend(dialect, conn.id, rai))
    try:
        sock.sendall(data)
        sock.flush()
        sock.finish_sending()
    finally:
        if conn.has_sent():
            conn.choose("writer", writer)
        else:
            conn.module.spawn(_restoring(conn, writer))
    if dialect.ACKED and not conn.datagram:
        sock.drain(timeout)
    return told


def _restoring(conn, writer):
    # Generator: the command that sends, once the one under way is over.
    yield from conn.nic.until(conn.has_sent, conn.nic.dialect.SEND_MS)
    conn.choose("writer", writer)
