# The socket that programs see: MicroPython's own methods over a Connection, and the waiting.
#
# A blocking write returns when the module has taken the bytes. A non-blocking one takes them over
# as a kernel does, up to one exchange, and is not writable again until the module has answered.
# What a call returned is what was taken over; it is sent once (engine rules 5 and 6).

import errno
import time

from micropython import const

from quectel import connection, errors, load
from quectel.dialects import within
from quectel.stream import EPIPE, POLLERR, POLLHUP, POLLIN, POLLNVAL, POLLOUT, Stream, octets

AF_INET = const(2)
AF_INET6 = const(10)
SOCK_STREAM = const(1)
SOCK_DGRAM = const(2)
_PAIRS = (tuple, list)


def located(address):
    """`address` with a host that is text; TypeError if it is no (host, port)."""
    if not isinstance(address, _PAIRS) or len(address) < 2:
        raise TypeError("an address is (host, port)")
    host = address[0]
    if isinstance(host, str):
        return address
    return (str(host, "utf-8"), address[1])  # TypeError if it is no text at all


class Socket(Stream):
    """A TCP or UDP socket, as MicroPython's own; made by `nic.socket()`.

    Every method raises OSError with a standard errno: EBADF once closed, ENOTCONN before
    connect, ETIMEDOUT when the time-out is over, ECONNABORTED when the module restarted, lost its
    context or did not answer, so that what became of the last bytes is unknown."""

    def __init__(self, conn):
        super().__init__(conn.nic)
        # What the module knows of it; the driver's own files work on that.
        self.connection = conn
        self._datagram = conn.datagram
        self._receiver = conn.receiver
        self._sender = conn.sender
        if conn.nic.coalesce and not conn.datagram:
            load("modes.coalescing").switch(self, True)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.close()

    def __repr__(self):
        return "<Socket %s %s>" % ("UDP" if self._datagram else "TCP", self.connection.id)

    # ---- opening ----

    def connect(self, address):
        """Open a connection to `address`, (host, port), where host is a name or an address.

        Waits for as long as the dialect's document allows (BG95-S5: 150 s), or the socket's
        time-out. A non-blocking socket raises EINPROGRESS and is writable once it is open."""
        address = located(address)
        conn = self.connection
        if conn.state == connection.OPEN and self._datagram:
            self._direct(address)
            if conn.serves:
                conn.peer = (address[0], address[1])
            return
        if conn.state == connection.OPENING:
            raise OSError(errno.EALREADY)
        if conn.is_open:
            raise OSError(errors.EISCONN)
        self.check_usable()
        conn.raise_opening()
        self._open(address)

    def _open(self, address, before=None):
        # What cannot be waited for goes on in later polls.
        conn = self.connection
        within(address[1], self._nic.dialect.PORTS, "port")
        conn.begin("UDP" if self._datagram else "TCP", address[0], address[1], before=before)
        conn.peer = (address[0], address[1])
        conn.opener = self._nic.module.current_task()
        conn.touch()
        if self._timeout != 0:
            self._finish_opening(self._timeout)
        elif not self._datagram:  # no stack has a datagram socket wait for its peer
            raise OSError(errno.EINPROGRESS)

    def _finish_opening(self, timeout):
        start = time.ticks_ms()
        conn = self.connection
        task = conn.task
        while not task.done:
            if timeout and time.ticks_diff(time.ticks_ms(), start) >= timeout:
                # The task closes the connectID.
                conn.state = connection.FAILED
                conn.failure = OSError(errno.ETIMEDOUT)
                raise conn.failure
            self._nic.module.wait()
        conn.task = None
        conn.touch()
        if task.error:
            raise task.error

    def open_service(self, service, host, backlog=0, before=None):
        """Open a service without a peer, and wait for it, as bind and listen of any stack have
        done their work when they return; a non-blocking socket leaves that to later polls."""
        conn = self.connection
        if conn.state != connection.NEW:
            raise OSError(errno.EINVAL)
        conn.begin(service, host, self._nic.dialect.LISTEN_REMOTE, backlog, before)
        if self._timeout != 0:
            self._finish_opening(None)

    def bind(self, address):
        """Choose the local port: of a listener, of a UDP service (which starts here, where the
        dialect has UDP SERVICE), or of a client. The host part is the module's affair."""
        self.check_usable()
        if self.connection.state != connection.NEW:
            raise OSError(errno.EINVAL)
        if not isinstance(address, _PAIRS) or len(address) < 2:
            raise TypeError("an address is (host, port)")
        within(address[1], self._nic.dialect.LOCAL_PORTS, "port")
        self.connection.local_port = address[1]
        if self._datagram and "UDP SERVICE" in self._nic.dialect.SERVICES:
            load("modes.server").serve(self)

    def listen(self, backlog=None):
        """Accept TCP connections on the bound port; at most `backlog` clients wait to be accepted
        (and the module has no more at once, where its document lets one say so); the driver closes
        more, and the one that would take the last connectID. EOPNOTSUPP without TCP LISTENER,
        EADDRINUSE if another socket listens there. If a non-blocking socket cannot listen, accept
        says why."""
        self.check_usable()
        load("modes.server").listen(self, backlog)

    def accept(self):
        """Wait for a client; returns (socket, (host, port)). EAGAIN if there is none and the
        socket does not block, EINVAL if it does not listen. A client that has closed before and
        left nothing to read is passed over."""
        client = load("modes.server").accept(self)
        return Socket(client), client.peer

    def listening(self):
        """Whether this is a listener; raises what every operation would."""
        self.check_usable()
        return self.connection.state == connection.LISTENING

    @property
    def refused(self):
        """Of a listener: how many clients found the module full ("incoming full"), or were closed
        because `backlog` waited already or no connectID was left beside theirs."""
        return self.connection.refused

    def _direct(self, address):
        # Another peer of a datagram socket that is open.
        peer = self.connection.peer
        if self.connection.serves:
            load("modes.server").direct(self, address)
        elif address[0] != peer[0] or address[1] != peer[1]:
            self._open(address, self.connection.shut())

    # ---- closing ----

    def close(self):
        """Close the connection and free its connectID; idempotent.

        A blocking socket waits until that is done, but no longer than the module may take for a
        close (BG95-S5: 10 s, and one more for the line), counted anew from each time that it does
        not take bytes which the socket has taken over (for BG95-S5 120 s at most). What then is
        left, and all of it of a non-blocking one, goes on in later polls of any socket or of the
        interface."""
        conn = self.connection
        if conn.state == connection.CLOSED:
            return
        if conn.channel.raw:
            load("modes.transparent").closing(self)
        task = conn.close()
        if task is not None and self._timeout != 0:
            self._wait_for_close(task)
        else:
            self._nic.module.leave_closing(task)

    def _wait_for_close(self, task):
        start = time.ticks_ms()
        most = self._nic.dialect.CLOSE_MS + 1000
        while not task.done:
            if self._sender.waited(start) > most:
                return
            self._nic.module.wait()
        if task.error is not None:
            raise task.error

    # ---- receiving ----

    def recvfrom(self, bufsize, flags=0):
        """recv, and the peer's (host, port): the sender's own on a UDP service, else as it was
        given to connect or sendto."""
        data = self.recv(bufsize, flags)
        return data, getattr(self._receiver.read, "peer", None) or self.connection.peer

    @property
    def lost(self):
        """Bytes that came in push mode and found no room."""
        return self._receiver.lost

    def _receive(self, buf, at_, end):
        if not self._is_open(True):
            return None
        receiver = self._receiver
        if self._sender.gatherer is not None:
            self._flush()
        start = time.ticks_ms()
        try:
            while True:
                got = receiver.receive(buf, at_, end, self._timeout != 0)
                if got is not None:
                    return got
                if not self.patience(start):
                    return None
        finally:
            receiver.rescue()

    def _stage(self):
        if not self._is_open(True):
            return None
        receiver = self._receiver
        if self._sender.gatherer is not None:
            self._flush()
        start = time.ticks_ms()
        while True:
            receiver.advance()
            if receiver.staged():
                return len(receiver.staging)
            if receiver.ended():
                return 0
            if not self.patience(start):
                return None

    def _take(self, buf, at_, end):
        return self._receiver.take(buf, at_, end)

    def _find(self, byte):
        return self._receiver.staging.find(byte)

    # ---- sending ----

    def sendto(self, data, address):
        """Send a datagram to `address`.

        A UDP client of the module has one peer: another address closes and opens the socket
        again, which costs two exchanges and whatever the old peer has still to say. A
        non-blocking socket raises EAGAIN while that lasts, and is writable when it is done."""
        address = located(address)
        data = octets(data)
        conn = self.connection
        self.check_usable()
        if not self._datagram:
            raise OSError(errors.EISCONN if self._is_open() else errno.EAGAIN)
        self._check_size(len(data))
        if conn.state == connection.NEW and (conn.task is None or not conn.task.error):
            self.connect(address)
        elif conn.state == connection.OPEN:
            self._direct(address)
        return self.send(data)

    def _check_size(self, size):
        most = self._nic.dialect.SEND_MAX
        if not 1 <= size <= most:
            raise ValueError("a datagram must be 1 to %d bytes" % most)

    def _send_some(self, data, at_, end):
        end = len(data) if end is None else min(end, len(data))
        if not self._is_open():
            return None
        if self._datagram:
            self._check_size(end - at_)
            most = self._sender.command.largest(data, at_, end)
            if end - at_ > most:
                raise ValueError("these bytes make a datagram of 1 to %d only" % most)
        if self.connection.peer_closed:
            raise OSError(EPIPE)
        if end <= at_:
            return 0
        if self._sender.gatherer is not None and not self._datagram:
            return self._sender.gatherer.write(data, at_, end)
        if self._timeout == 0:
            return self._hand_over(data, at_, end)
        return self.send_waiting(data, at_, end)

    def send_waiting(self, data, at_, end):
        """Send data[at_:end] from where it is; returns how many bytes were taken."""
        sender = self._sender
        conn = self.connection
        start = time.ticks_ms()
        done = at_
        try:
            while True:
                done += sender.step(data, done, end)
                if conn.broken:
                    if done == at_:
                        conn.raise_error()
                    break
                if done == end and not sender.sending:
                    break
                self.patience(start)
        except OSError as e:
            # An exchange under way is finished by later polls: its bytes are taken over.
            if sender.lends:
                done += sender.count
            if done == at_ or e.args[0] != errno.ETIMEDOUT:
                raise
        finally:
            sender.keep()
        return done - at_

    def _hand_over(self, data, at_, end):
        sender = self._sender
        start = time.ticks_ms()
        while not sender.writable():
            if not self.patience(start):
                return None
            self.connection.raise_error()
        count = sender.hand_over(data, at_, end)
        while sender.held is not None and self.patience(start):
            pass
        return count

    def flush(self):
        """Send what coalescing has gathered, if anything. Waits until the module has it; a
        non-blocking socket leaves that to later polls."""
        if self._sender.gatherer is not None:
            self._flush()
        self.connection.raise_error()

    def _flush(self):
        if self._sender.held is not None:
            if self._timeout == 0:
                self._nic.module.poll()
            else:
                self.settle_sending()

    def settle_sending(self):
        """Wait until nothing is being sent; EAGAIN if that may not be waited for."""
        start = time.ticks_ms()
        while not self._sender.idle:
            if not self.patience(start):
                raise OSError(errno.EAGAIN)

    # ---- errors, options ----

    def settimeout(self, seconds):
        """None: wait for ever; 0: never; else seconds."""
        if self.connection.state == connection.CLOSED:
            raise OSError(errno.EBADF)
        Stream.settimeout(self, seconds)

    def _is_open(self, receiving=False):
        # Whether there is a connection to work on; False where a non-blocking connect is still
        # under way. Raises what every operation has in common.
        conn = self.connection
        if conn.state == connection.OPEN and conn.error is None and not conn.channel.raw:
            conn.seen = True
            return True
        self.check_usable()
        conn.raise_error()
        if conn.state == connection.OPENING:
            if self._timeout != 0:
                self._finish_opening(self._timeout)
            else:
                self._nic.module.poll()
                conn.touch()
        if conn.state == connection.NEW or conn.state == connection.LISTENING:
            conn.raise_opening()
            if receiving and self._serves_nobody():
                raise errors.not_supported(self._nic.dialect.MODEL, "UDP SERVICE")
            raise OSError(errno.ENOTCONN)
        return conn.state == connection.OPEN

    def _serves_nobody(self):
        # A datagram socket that was bound to receive from anybody, which the module cannot.
        return self._datagram and self.connection.local_port and self.connection.peer is None

    def check_usable(self):
        """Raises what every operation has in common."""
        conn = self.connection
        if conn.state == connection.CLOSED:
            raise OSError(errno.EBADF)
        if conn.failure is not None:
            raise conn.failure
        if conn.channel.raw and not conn.has_line:
            raise errors.Error(errors.EBUSY, "a socket is in transparent mode")

    def setsockopt(self, level, option, value):
        """Options of `nic`: SOL_SOCKET with SO_KEEPALIVE (True, False or seconds of idle,
        interval, count; for all sockets of the module) and SO_RCVBUF (bytes kept in push mode);
        SOL_QUECTEL with ACCESS_MODE (BUFFER, PUSH), RAI (0, 1, 2) and COALESCE (True: small
        writes are gathered and leave at the next call of anything else). Others are taken and not
        acted upon, since the numbers that programs use for them differ from port to port."""
        self.check_usable()
        load("config.options").set(self, level, option, value)

    def acked(self):
        """(sent, acknowledged, unacknowledged) bytes, or None where the dialect cannot say."""
        return load("config.options").acked(self)

    def drain(self, timeout=None):
        """Wait until the peer has acknowledged everything, at most `timeout` seconds (ETIMEDOUT);
        EOPNOTSUPP where the dialect cannot say."""
        return load("config.options").drain(self, timeout)

    def transparent(self):
        """The TCP connection as the UART's raw stream, for the time of a `with`:

        `with s.transparent() as raw:` sends and receives without AT commands; every other call
        of the interface raises EBUSY meanwhile. EOPNOTSUPP where the dialect has no such mode."""
        return load("modes.transparent").stream(self, self._timeout)

    def _poll(self, wanted):
        conn = self.connection
        if conn.state == connection.CLOSED:
            return POLLNVAL
        self._nic.module.poll_briefly()
        if not conn.seen:
            conn.touch()
        if conn.told:
            return 0  # asyncio's server swallows what accept raises, and would ask for ever
        if conn.broken or (conn.task is not None and conn.task.error):
            return POLLERR | POLLHUP | (wanted & (POLLIN | POLLOUT))
        if conn.state == connection.NEW:
            # A TCP socket without a connection; a datagram can go to whom it names.
            if wanted == POLLIN and self._serves_nobody():
                return POLLERR  # who only reads would wait for ever
            return (wanted & POLLOUT) | (0 if self._datagram else POLLHUP)
        ready = 0
        if conn.state == connection.OPEN:
            if wanted & POLLIN and self._receiver.readable():
                ready |= POLLIN
            if wanted & POLLOUT and (conn.peer_closed or self._sender.writable()):
                ready |= POLLOUT
        elif conn.state == connection.LISTENING and conn.clients:
            ready |= wanted & POLLIN
        return ready
