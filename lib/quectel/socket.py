# The socket that programs see: MicroPython's own methods over a Connection, and the waiting.
#
# A blocking write returns when the module has taken the bytes. A non-blocking one takes them over
# as a kernel does, up to one exchange, and is not writable again until the module has answered.
# What a call returned is what was taken over; it is sent once (engine rules 5 and 6). Methods that
# a plain client does not call are in files of their own, loaded when they are called: METHODS.

import errno
import time

from micropython import const

from quectel import deferred, errors, load
from quectel.connection import CLOSED, FAILED, LISTENING, NEW, OPEN, OPENING, Connection
from quectel.dialects import within
from quectel.stream import POLLERR, POLLHUP, POLLIN, POLLNVAL, POLLOUT, Stream

AF_INET = const(2)
AF_INET6 = const(10)
SOCK_STREAM = const(1)
SOCK_DGRAM = const(2)

# A method, and the file that has it as a function whose first argument is the socket.
METHODS = {
    "bind": "modes.server",
    "listen": "modes.server",
    "accept": "modes.server",
    "recvfrom": "modes.datagram",
    "setsockopt": "config.options",
    "getsockopt": "config.options",
    "acked": "modes.delivery",
    "drain": "modes.delivery",
    "send_last": "config.release",
    "transparent": "modes.transparent",
}


def located(address):
    """`address` with a host that is text; TypeError if it is no (host, port)."""
    if (
        not isinstance(address, (tuple, list))
        or len(address) < 2
        or not isinstance(address[1], int)
    ):
        raise TypeError("an address is (host, port)")
    host = address[0]
    if isinstance(host, str):
        return address
    return (str(host, "utf-8"), address[1])  # TypeError if it is no text at all


class Socket(Stream):
    """A TCP or UDP socket, as MicroPython's own; `nic.socket` is its class for one interface.

    Every method raises OSError with a standard errno: EBADF once closed, ENOTCONN before
    connect, ETIMEDOUT when the time-out is over, ECONNABORTED when the module restarted, lost its
    context or did not answer, so that what became of the last bytes is unknown."""

    def __init__(self, af=AF_INET, type=SOCK_STREAM, proto=0, connection=None):
        # NIC is the interface, in the class that there is for each. A client that came to a
        # listener has a `connection` already.
        if connection is None:
            if af not in (AF_INET, AF_INET6, 0) or type not in (SOCK_STREAM, SOCK_DGRAM):
                load("config.addresses").refuse(self.NIC, af, type, proto)
            connection = Connection(self.NIC, af, type == SOCK_DGRAM)
        super().__init__(connection.module)
        # What the module knows of it; the driver's own files work on that.
        self.connection = connection
        self._datagram = connection.datagram
        if connection.nic.coalesce and not self._datagram:
            load("modes.coalescing").switch(self, True)

    def __getattr__(self, name):
        # lost: bytes that came in push mode and found no room, and times that the module had none.
        # refused: of a listener, how many clients found the module full ("incoming full"), or were
        # closed because `backlog` waited already or no connectID was left beside theirs.
        if name == "lost" or name == "refused":
            return self.connection.lost if name == "lost" else self.connection.refused
        return deferred(self, METHODS, name, Socket)

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
        connection = self.connection
        if self._datagram and connection.state == OPEN:
            load("modes.datagram").connect(self, address)
            return
        if connection.state == OPENING:
            raise OSError(errno.EALREADY)
        if connection.state == LISTENING or connection.state == OPEN:
            raise OSError(errors.EISCONN)
        self.check_usable()
        connection.raise_opening()
        self.open(address)

    def open(self, address, before=None):
        """Begin to open a connection, and wait for it; what may not be waited for goes on in later
        polls. `before`: a generator that is run first."""
        connection = self.connection
        within(address[1], connection.nic.dialect.PORTS, "port")
        connection.begin("UDP" if self._datagram else "TCP", address[0], address[1], before)
        pump = self._module.pump
        connection.choose("opener", None if pump is None else pump.current_task())
        connection.touch()
        if self.timeout_ms != 0:
            self.finish_opening(self.timeout_ms)
        elif not self._datagram:  # no stack has a datagram socket wait for its peer
            raise OSError(errno.EINPROGRESS)

    def finish_opening(self, timeout):
        """Wait until it is open, or raise why it is not; ETIMEDOUT after `timeout` ms."""
        start = time.ticks_ms()
        connection = self.connection
        task = connection.task
        while not task.done:
            if timeout and time.ticks_diff(time.ticks_ms(), start) >= timeout:
                # The task closes the connectID.
                connection.fail(OSError(errno.ETIMEDOUT))
                raise connection.failure
            self._module.wait()
        connection.touch()
        connection.raise_opening()

    def become(self, connection):
        """Be the socket of `connection` from now on: of another kind, and not open yet."""
        self.connection = connection

    # ---- closing ----

    def close(self):
        """Close the connection and free its connectID; idempotent.

        A blocking socket waits until that is done, but no longer than the module may take for a
        close (BG95-S5: 10 s, and one more for the line), counted anew from each time that it does
        not take bytes which the socket has taken over (for BG95-S5 120 s at most). What then is
        left, and all of it of a non-blocking one, goes on in later polls of any socket or of the
        interface."""
        connection = self.connection
        if connection.state == CLOSED:
            return
        if connection.channel.raw:
            load("modes.transparent").closing(self)
        task = connection.close()
        if task is None or self.timeout_ms == 0:
            self._module.leave_closing(task)
            return
        start = time.ticks_ms()
        most = connection.nic.dialect.CLOSE_MS + 1000
        while not task.done:
            if connection.send_waited(start) > most:
                return
            self._module.wait()
        if task.error is not None:
            raise task.error

    # ---- receiving ----

    def _stage(self, wanted):
        connection = self.connection
        if not self.is_open(True):
            return None
        if connection.gatherer is not None:
            self._flush()
        got = connection.staged()
        if got:
            return got
        begun = time.ticks_ms()
        while True:
            connection.advance()
            got = connection.staged()
            if got or not wanted:
                return got
            connection.raise_error()
            if connection.eof:
                return 0
            if not self.wait(begun):
                return None

    def _take(self, buf, start, end):
        return self.connection.take(buf, start, end)

    def _read(self, count):
        return self.connection.read(count)

    def _find(self, text):
        return self.connection.staging.find(text)

    # ---- sending ----

    def sendto(self, data, address):
        """Send a datagram to `address`.

        A UDP client of the module has one peer: another address closes and opens the socket
        again, which costs two exchanges and whatever the old peer has still to say. A
        non-blocking socket raises EAGAIN while that lasts, and is writable when it is done."""
        connection = self.connection
        peer = connection.peer
        if (
            not self._datagram
            or connection.state != OPEN
            or peer is None
            or address[0] != peer[0]
            or address[1] != peer[1]
        ):
            load("modes.datagram").prepare(self, data, address)
        return self.send(data)

    def _send_some(self, data, start, end):
        connection = self.connection
        end = len(data) if end is None else min(end, len(data))
        if not self.is_open():
            return None
        if self._datagram:
            most = connection.nic.dialect.SEND_MAX
            if end - start <= most:
                most = connection.writer.largest(data, start, end)
            if not 1 <= end - start <= most:
                load("modes.datagram").refuse(connection, end - start, most)
        if connection.peer_closed:
            raise OSError(errors.EPIPE)
        if end <= start:
            return 0
        if connection.gatherer is not None:
            return connection.gatherer.write(data, start, end)
        if self.timeout_ms == 0:
            return self._hand_over(data, start, end)
        return self.send_waiting(data, start, end)

    def send_waiting(self, data, start, end):
        """Send data[start:end] from where it is; returns how many bytes were taken."""
        connection = self.connection
        begun = time.ticks_ms()
        done = start
        try:
            while True:
                done += connection.send(data, done, end)
                if connection.error or connection.failure:
                    if done == start:
                        connection.raise_error()
                    break
                if done == end and not connection.sending:
                    break
                self.wait(begun)
        except OSError as e:
            # An exchange under way is finished by later polls: its bytes are taken over.
            done += connection.keep_sending()
            if done == start or e.args[0] != errno.ETIMEDOUT:
                raise
        finally:
            connection.keep_sending()
        return done - start

    def _hand_over(self, data, start, end):
        connection = self.connection
        begun = time.ticks_ms()
        while not connection.writable():
            if not self.wait(begun):
                return None
            connection.raise_error()
        count = connection.hand_over(data, start, end)
        while connection.held is not None and self.wait(begun):
            pass
        return count

    def flush(self):
        """Send what coalescing has gathered, if anything. Waits until the module has it; a
        non-blocking socket leaves that to later polls."""
        if self.connection.gatherer is not None:
            self._flush()
        self.connection.raise_error()

    def _flush(self):
        if self.connection.held is not None:
            if self.timeout_ms == 0:
                self._module.poll()
            else:
                self.finish_sending()

    def finish_sending(self):
        """Wait until nothing is being sent; EAGAIN if that may not be waited for."""
        begun = time.ticks_ms()
        while not self.connection.has_sent():
            if not self.wait(begun):
                raise OSError(errno.EAGAIN)

    # ---- errors, waiting ----

    def settimeout(self, seconds):
        """None: wait for ever; 0: never; else seconds."""
        if self.connection.state == CLOSED:
            raise OSError(errno.EBADF)
        Stream.settimeout(self, seconds)

    def is_open(self, receiving=False):
        """Whether there is a connection to work on; False where a non-blocking connect is still
        under way. Raises what every operation has in common."""
        connection = self.connection
        if connection.state == OPEN and connection.error is None and not connection.channel.raw:
            if not connection.seen:
                connection.touch()
            return True
        self.check_usable()
        connection.raise_error()
        if connection.state == OPENING:
            if self.timeout_ms != 0:
                self.finish_opening(self.timeout_ms)
            else:
                self._module.poll()
                connection.touch()
        if connection.state == NEW or connection.state == LISTENING:
            connection.raise_opening()
            if receiving and self._serves_nobody():
                raise errors.not_supported(connection.nic.dialect.MODEL, "UDP SERVICE")
            raise OSError(errno.ENOTCONN)
        return connection.state == OPEN

    def _serves_nobody(self):
        # A datagram socket that was bound to receive from anybody, which the module cannot.
        connection = self.connection
        return self._datagram and connection.local_port and connection.peer is None

    def check_usable(self):
        """Raises what every operation has in common."""
        connection = self.connection
        if connection.state == CLOSED:
            raise OSError(errno.EBADF)
        if connection.failure is not None:
            raise connection.failure
        if connection.channel.raw and not connection.holds_line:
            raise errors.Error(errors.EBUSY, "a socket is in transparent mode")

    def _poll(self, wanted):
        self._module.poll_briefly()
        connection = self.connection
        if not connection.seen:
            connection.touch()
        state = connection.state
        if state == OPEN and connection.error is None:
            return connection.readiness(wanted)
        if state == CLOSED:
            return POLLNVAL
        if connection.silent:
            return 0  # asyncio's server swallows what accept raises, and would ask for ever
        task = connection.task
        if state == FAILED or connection.error or (task is not None and task.error):
            return POLLERR | POLLHUP | (wanted & (POLLIN | POLLOUT))
        if state == NEW:
            # A TCP socket without a connection; a datagram can go to whom it names.
            if wanted == POLLIN and self._serves_nobody():
                return POLLERR  # who only reads would wait for ever
            return (wanted & POLLOUT) | (0 if self._datagram else POLLHUP)
        return connection.readiness(wanted)


def class_of(nic):
    """The class of the sockets of `nic`."""
    # What each read, write and poll calls stands in it again: to look for a method costs as much
    # for each class on the way to it.
    names = {
        "NIC": nic,
        "ioctl": Socket.ioctl,
        "_polled": Socket._polled,
        "_poll": Socket._poll,
        "_stage": Socket._stage,
        "_take": Socket._take,
        "_send_some": Socket._send_some,
    }
    return type("socket", (Socket,), names)
