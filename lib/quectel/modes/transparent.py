# Transparent mode: the UART is one TCP connection. Loaded on first use. BG95-S5 1.2, 2.3.10, 3.4;
# RG200U&RG500U&RM500U 1.2, 2.3.12; BC65&BC92&BC95-GR 1.2, 2.2.7 (BC92 alone).
#
# In this mode nothing is counted and nothing is framed, so some things can only be concluded:
#
# - The end of the mode. The OK that answers +++ stands among the peer's bytes. It is taken to be
#   the last CRLF OK CRLF after which come lines of the module alone, once the silence behind the
#   +++ is over and nothing more comes. A peer that sends exactly that text as its last bytes
#   before the module's own OK, and an OK that is late, would be taken for one another: the text
#   is then missing from the data, and the late OK is told from an answer by a probe.
# - A lost link. CRLF NO CARRIER CRLF, and nothing behind it but lines of the module, may be the
#   peer's data. So +++ is sent, with silence on either side: if OK comes the module was still in
#   transparent mode, the text was data and is given to the reader, and the mode is entered again;
#   if not, and the module answers AT, the link is lost. Neither way does the peer get a byte that
#   it should not. What the program wrote between the loss and its notice went to the module as
#   command lines: there is no help against that. A notice that comes in pieces more than _GAP_MS
#   (pipe.py) apart is seen, but its first piece may have been read as data by then.
# - A module that restarts says so with RDY, which is data as long as nothing is asked. It is
#   found out when the mode is to be left: nothing answers +++, AT is answered.
# - Bytes that came between the last AT+QIRD and CONNECT are taken to follow CONNECT.
#
# The module leaves the mode for +++ alone between silences. A program's own +++ must not do that:
# see silence.py. That UART.write has given its bytes to the wire cannot be seen where it has no
# `txdone`: there the driver counts the silence from the end of the last write.
#
# Without RTS and CTS whatever comes while neither the stream nor the interface is called must fit
# the UART's receive buffer: nothing asks the module for less.
#
# Its rooms: pipe.py, what comes; silence.py, what goes; mode.py, the way in and out.

import errno
import time

from micropython import const
from quectel import errors
from quectel.connection import OPEN
from quectel.modes.mode import Mode
from quectel.stream import IOCTL_TIMEOUT, POLLIN, POLLNVAL, POLLOUT

_SUSPECT_MS = const(200)  # silence after which a notice is looked into


def transparent(sock):
    """The TCP connection as the UART's raw stream, for the time of a `with`:

    `with s.transparent() as raw:` sends and receives without AT commands; every other call
    of the interface raises EBUSY meanwhile. EOPNOTSUPP where the dialect has no such mode."""
    timeout = sock.timeout_ms
    conn = sock.connection
    check_mode(conn)
    if conn.state == OPEN:
        raw = conn.stream
        if raw is not None:  # it came in with the mode: see direct_server.py
            conn.choose("stream", None)
            raw.ioctl(IOCTL_TIMEOUT, timeout)
            return raw
    sock.check_usable()
    if conn.state != OPEN:
        raise OSError(errno.ENOTCONN)
    if conn.push:
        raise errors.Error(errno.EINVAL, "choose buffer mode before transparent mode")
    return Raw(conn, timeout)


def check_mode(conn):
    """EOPNOTSUPP where the dialect has no transparent mode for such a connection."""
    dialect = conn.nic.dialect
    if 2 not in dialect.ACCESS_MODES:
        raise errors.not_supported(dialect.MODEL, "transparent mode")
    if conn.datagram:
        raise errors.not_supported(dialect.MODEL, "transparent mode over UDP")


def closing(sock):
    """A socket is to be closed while one is in transparent mode: that one leaves it first."""
    conn = sock.connection
    holder = conn.nic.module.transparent
    if not holder.belongs_to(conn):
        raise errors.Error(errors.EBUSY, "another socket is in transparent mode")
    holder.leave()


class Raw(Mode):
    """The stream of a TCP socket in transparent mode: what `s.transparent()` gives.

    It reads and writes as a Socket does, with a time-out of its own. Entering waits for what else
    is under way, and for the module; leaving waits for two guard times (BG95-S5 2 s). A lost link
    is an end of file, some seconds after it happened. close() leaves the mode, no more."""

    @property
    def connection(self):
        """Whose bytes these are; it stages them."""
        return self._connection

    def __repr__(self):
        return "<Raw of connection %s>" % self._connection.id

    # ---- entering and leaving ----

    def __enter__(self):
        self._nic.module.complete(self._start(self._enter()))
        return self

    def __exit__(self, kind, value, trace):
        self.leave()

    async def __aenter__(self):
        await self._await(self._start(self._enter()))
        return self

    async def __aexit__(self, kind, value, trace):
        await self._await(self.start_leaving())

    async def _await(self, task):
        from quectel import aio

        await aio.complete(self._nic, task)

    def leave(self):
        """Back to command mode: +++ between silences, or DTR. What came late is the socket's to
        read. ECONNABORTED if the module did not confirm it; idempotent."""
        task = self.start_leaving()
        try:
            self._nic.module.complete(task)
        finally:
            task.error = None  # told once

    def close(self):
        """leave(); a non-blocking stream leaves that to later polls."""
        if self.timeout_ms != 0:
            self.leave()
        else:
            self.start_leaving()

    # ---- the stream ----

    def _step(self):
        # Bytes that have come can be read; a notice that nothing follows is looked into.
        self._nic.module.poll()
        pipe = self._pipe
        if self._inside and not self._busy():
            pipe.release()
            if pipe.notice >= 0 and time.ticks_diff(time.ticks_ms(), pipe.since) >= _SUSPECT_MS:
                self._start(self._confirm())

    def _check(self):
        if self._leaving:
            raise OSError(errno.EBADF)
        if self._pipe is None:
            raise OSError(errno.ENOTCONN)

    def _take(self, buf, at_, end):
        return self._pipe.take(buf, at_, end - at_)

    def _read(self, count):
        return self._pipe.read(count)

    def _find(self, byte):
        return self._pipe.find(byte)

    def _stage(self, wanted):
        self._check()
        pipe = self._pipe
        start = time.ticks_ms()
        while True:
            self._step()
            if pipe.tail > pipe.head:
                if self.timeout_ms != 0:
                    # Where bytes come for ever this is never waited for.
                    self._module.rest(True)
                return pipe.tail - pipe.head
            if self._over or not wanted:
                return 0
            if not self.wait(start):
                return None

    def _send_some(self, data, at_, end):
        self._check()
        end = len(data) if end is None else min(end, len(data))
        start = time.ticks_ms()
        done = at_
        while True:
            self._step()
            if self._over and done == at_:
                raise OSError(errors.EPIPE)
            if self._over or done >= end:
                break
            # Small pieces are given one after the other, for as long as a call may hold the line.
            given_from = time.ticks_ms()
            while done < end:
                count = self._put(data, done, end)
                done += count
                if not count or time.ticks_diff(time.ticks_ms(), given_from) >= 1:
                    break
            if done >= end:
                break
            try:
                if not self.wait(start):
                    return done - at_ or None
            except OSError:
                if done == at_:
                    raise
                break
        return done - at_

    def _put(self, data, at_, end):
        # Give the UART what it takes now.
        if not self._inside or self._pipe.notice >= 0 or self._busy():
            return 0
        return self._silence.send(data, at_, end)

    def _poll(self, wanted):
        if self._leaving or self._pipe is None:
            return POLLNVAL
        self._step()
        pipe = self._pipe
        ready = 0
        if wanted & POLLIN and (self._over or pipe.tail > pipe.head):
            ready |= POLLIN
        if wanted & POLLOUT and (self._over or self._writable()):
            ready |= POLLOUT
        return ready

    def _writable(self):
        if not self._inside or self._pipe.notice >= 0 or self._busy():
            return False
        # A plus is the byte that must wait longest.
        return self._silence.allowed(b"+", 0, 1) > 0
