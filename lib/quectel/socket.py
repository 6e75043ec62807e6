# A socket of the module: an io.IOBase stream over one connectID.
#
# Reading follows engine rules 2 to 4: the recv URC only says that asking is worth while; AT+QIRD
# is repeated until the module answers that nothing is left; a `closed` URC means that too, and
# only when it has been answered is there an end of file, and AT+QICLOSE only at close(). Large
# reads land in the caller's buffer, small ones come from a Staging.
#
# Sending follows rules 5 and 6: a blocking write returns when the module has taken the bytes. A
# non-blocking one takes them over as a kernel does, up to one exchange, and is not writable again
# until the module has answered. What a call returned is what was taken over; it is sent once.

import errno
import io
import time

from micropython import const

from quectel import at, errors
from quectel.bringup import close_command
from quectel.staging import Staging

AF_INET = const(2)
AF_INET6 = const(10)
SOCK_STREAM = const(1)
SOCK_DGRAM = const(2)

_NEW = const(0)
_OPENING = const(1)
_OPEN = const(2)
_FAILED = const(3)
_CLOSED = const(4)
_LISTENING = const(5)

# MicroPython's stream protocol (py/stream.h)
_IOCTL_POLL = const(3)
_IOCTL_CLOSE = const(4)
_IOCTL_TIMEOUT = const(5)
_POLLIN = const(1)
_POLLOUT = const(4)
_POLLERR = const(8)
_POLLHUP = const(16)
_POLLNVAL = const(32)

_HOLD_MS = const(3)  # how long a call on a non-blocking socket may step the line
_DATAGRAM = const(1500)  # the largest datagram kept, bytes
_SMALL = const(256)  # a read of fewer bytes goes through the staging
_OFFSET_MOST = const(512)  # bytes that are copied one by one, see Modem.fill_outbox
_PROBE_MS = const(1000)  # first look for data without a URC, doubled after each in vain …
_PROBE_MOST_MS = const(64000)  # … up to this
_AGAIN_MS = const(50)  # pause after the first SEND FAIL, doubled after each …
_AGAIN_MOST_MS = const(2000)  # … up to this

EPIPE = getattr(errno, "EPIPE", 32)


class Read(at.Command):
    """AT+QIRD of one connectID; the answer goes to a Staging, to a buffer, or nowhere."""

    strict = True
    staging = None
    into = None
    into_at = 0
    asked = 0
    count = 0
    remaining = 0  # of the same node of the module's buffer, where the dialect tells

    def __init__(self, dialect, connect_id):
        super().__init__(b"AT+QIRD=%d,00000" % connect_id, dialect.READ_MS, b"+QIRD: ")
        self._number_at = self.line_end - 6

    def ask(self, count):
        """Write the length into the command line."""
        stop = at.put_number(self.line_out, self._number_at, count)
        self.line_out[stop] = 13
        self.line_end = stop + 1
        self.asked = count
        self.count = self.remaining = 0

    def line(self, channel):
        self.count = count = channel.number() or 0
        if not count:
            return
        self.remaining = channel.number() or 0
        self.receive(channel)

    def receive(self, channel):
        """Tell the channel where the payload goes."""
        if self.staging is not None:
            self.staging.open(channel, self.count)
        elif self.into is not None:
            channel.expect(self.count, self.into, self.into_at, self.asked)
        else:
            channel.expect(self.count, None, 0, 0)


class Socket(io.IOBase):
    """A TCP or UDP socket, as MicroPython's own; made by `nic.socket()`.

    Every method raises OSError with a standard errno: EBADF once closed, ENOTCONN before
    connect, ETIMEDOUT when the time-out is over, ECONNABORTED when the module restarted, lost its
    context or did not answer, so that what became of the last bytes is unknown."""

    def __init__(self, nic, af, kind, proto):
        self._nic = nic
        self._channel = nic.channel
        self._dialect = nic.dialect
        self._family = af
        self._datagram = kind == SOCK_DGRAM
        self._timeout = None
        self._state = _NEW
        self._id = None
        self._peer = None
        self._local = 0
        self._access = 0
        self._backlog = 0
        self.waiting = []  # a listener's connections that accept has not returned yet
        self.refused = 0  # connections that found the module full ("incoming full")
        self._push = False  # the module gives data unasked: see push.py
        self.push_size = 0  # bytes of the buffer declared for that
        self.lost = 0  # bytes that came in push mode and found no room
        self._task = None
        self._error = None  # raised once, by the next call
        self._failure = None  # raised by every call
        self._opened = None  # the result of +QIOPEN
        # receiving
        self._staging = None
        self._read = None
        self._reading = False
        self._direct = False  # the read under way goes to the caller's buffer
        self._hint = False
        self._peer_closed = False
        self._draining = False  # the read under way was started after `closed`
        self._eof = False
        self._partial = False  # the staging holds the first part of a datagram
        self._probe_ms = _PROBE_MS
        self._probe_from = 0
        # sending
        self._send = None
        self._sending = False
        self._count = 0  # bytes of the exchange under way
        self._held = None  # bytes taken over from a caller who has gone on
        self._held_at = 0
        self._held_end = 0
        self._asking = False  # why a send was refused is being asked
        self._again_ms = 0
        self._again_from = 0

    def __del__(self):
        # CPython's io.IOBase would close here: a command sent in the middle of a collection.
        pass

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.close()

    def __repr__(self):
        return "<Socket %s %s>" % ("UDP" if self._datagram else "TCP", self._id)

    # ---- what the modem tells ----

    def on_open(self, result):
        """+QIOPEN: <connectID>,<result>."""
        self._opened = result

    def on_recv(self, channel):
        """There may be data; in push mode it follows."""
        if self._push:
            self._staging.take_in(channel)
        else:
            self._hint = True

    def on_closed(self):
        """The peer or the network closed: what is buffered can still be read."""
        self._peer_closed = True
        self._hint = True
        if self._push:
            self._eof = True  # the module holds nothing back

    def fail(self, error):
        """Every call raises `error` from now on; the connectID is the module's no more."""
        if self._state != _CLOSED and self._failure is None:
            self._state = _FAILED
            self._failure = error
        self._reading = self._sending = False
        self._let_go()

    # ---- opening ----

    def connect(self, address):
        """Open a connection to `address`, (host, port), where host is a name or an address.

        Waits for as long as the dialect's document allows (BG95-S5: 150 s), or the socket's
        time-out. A non-blocking socket raises EINPROGRESS and is writable once it is open."""
        if self._state == _OPEN and self._datagram:
            if self._serves():
                self._service("server").direct(self, address)
                self._peer = (address[0], address[1])
            else:
                self._reopen(address)
            return
        if self._state == _OPENING:
            raise OSError(errno.EALREADY)
        if self._state == _OPEN:
            raise OSError(errors.EISCONN)
        self._check_usable()
        self._nic.dialect_range(address[1], "PORTS", "port")
        self.begin("UDP" if self._datagram else "TCP", address[0], address[1])
        self._peer = (address[0], address[1])
        if self._timeout == 0:
            raise OSError(errno.EINPROGRESS)
        self._finish_opening()

    def begin(self, service, host, remote):
        """Start to open `service` of the module (a word of AT+QIOPEN)."""
        nic = self._nic
        local = self._local
        # The line is made first: bad arguments are refused before a byte is sent.
        self._dialect.open_line(nic.cid, 0, service, host, remote, local, self._access)
        nic.must_be_connected()
        self._state = _OPENING
        self._eof = self._peer_closed = self._hint = False
        self._task = nic.spawn(self._open(service, host, remote, local))

    def _finish_opening(self):
        start = time.ticks_ms()
        task = self._task
        while not task.done:
            if self._timeout and time.ticks_diff(time.ticks_ms(), start) >= self._timeout:
                # The task closes the connectID again when the module has answered.
                self._state = _FAILED
                self._failure = OSError(errno.ETIMEDOUT)
                raise self._failure
            self._nic.wait()
        self._task = None
        if task.error:
            raise task.error

    def _open(self, service, host, remote, local):
        try:
            yield from self._try_open(service, host, remote, local)
        except OSError:
            if self._state == _OPENING:
                self._state = _NEW  # a second connect is allowed
            raise

    def _try_open(self, service, host, remote, local):
        nic = self._nic
        dialect = self._dialect
        while True:
            self._id = nic.take_id(self)
            self._opened = None
            line = dialect.open_line(
                nic.cid,
                self._id,
                service,
                host,
                remote,
                local,
                self._access,
                dialect.open_tail(self._family, service, self._backlog),
            )
            command = at.Command(line, dialect.SILENCE_MS)
            yield from nic.run(command)
            if command.result != at.DONE:
                error = yield from nic.why(command, "connect")
            else:
                yield from nic.until(self._has_opened, dialect.open_ms(host))
                code = 569 if self._opened is None else self._opened
                if code == 0:
                    break
                error = errors.of_code(code, "connect", dialect.ERRNO)
            if not nic.owns(self, self._id):
                if self._failure is not None:  # the epoch ended, and the connectID with it
                    raise self._failure
                continue  # an incoming connection was given that number: take another
            # The connectID stays taken after a failure until it is closed.
            foreign = error.code == 563
            yield from self._release(not foreign)
            if not foreign:
                raise error
        if self._state != _OPENING:  # closed, given up or failed meanwhile
            if nic.owns(self, self._id):
                yield from self._release(True)
            return
        self.opened(service)

    def opened(self, service):
        """The module has the connection, or serves."""
        self._state = _OPEN
        if service == "TCP LISTENER":
            self._state = _LISTENING
        elif service == "UDP SERVICE":
            self._service("server").opened(self)
        else:
            self._read = Read(self._dialect, self._id)
            self._send = self._dialect.sender(self._id)
        self._probe_again()

    # ---- what server.py and options.py need ----

    @property
    def nic(self):
        """The interface."""
        return self._nic

    @property
    def family(self):
        """AF_INET or AF_INET6."""
        return self._family

    @property
    def connect_id(self):
        """The module's number of this socket, or None."""
        return self._id

    @property
    def local_port(self):
        """The port given to bind, or 0."""
        return self._local

    @property
    def peer(self):
        """(host, port), or None."""
        return self._peer

    @property
    def send_command(self):
        """The command that sends."""
        return self._send

    def set_commands(self, read, send):
        """The commands that read and send from now on."""
        self._read = read
        self._send = send

    def set_sender(self, send):
        """The command that sends from now on."""
        self._send = send

    @property
    def is_datagram(self):
        """Whether this is SOCK_DGRAM."""
        return self._datagram

    def change_mode(self, mode, staging):
        """Data comes unasked (mode 1) into `staging` from now on, or is asked for again (0)."""
        self._access = mode
        self._push = mode == 1
        if staging is not None:
            self._staging = staging
        self._hint = not self._push

    @property
    def staging(self):
        """What holds received bytes, or None."""
        return self._staging

    @property
    def hinted(self):
        """Whether the module may have data."""
        return self._hint and not self._eof and self._failure is None

    @property
    def over(self):
        """Whether the peer, the network or the module has ended the connection."""
        return self._peer_closed or self._failure is not None

    def settle_reading(self):
        """Generator: wait until no read is under way."""
        while self._reading:
            if self._read.result == at.PENDING:
                yield
            else:
                self._read_done()

    def fetch(self):
        """Generator: bring all that the module holds to the staging, which must grow."""
        while not self._eof and self._failure is None:
            if self._reading:
                if self._read.result == at.PENDING:
                    yield
                elif not self._read_done():
                    return
            elif self._channel.idle:
                self._read.into = None
                self._read.staging = self._staging
                self._start_read(self._most())
            else:
                yield

    def finished(self):
        """The link is lost and all that it brought is in the staging."""
        self._peer_closed = self._eof = True

    def has_data(self):
        """Whether there is data to read; waits for the module's word."""
        while not self._staged() and not self._eof and (self._hint or self._reading):
            self._advance_read()
            self._nic.wait()
        return self._staged()

    def came_from(self, peer):
        """The datagram that is being taken was sent by `peer`."""
        if peer is not None:
            self._read.peer = peer

    @property
    def pushes(self):
        """Fields before the data of a push: 0 if none come, else 2, or 4 with the sender's."""
        return (4 if self._serves() else 2) if self._push else 0

    @property
    def is_open(self):
        """Whether the module has it as a connection or a service."""
        return self._state == _OPEN or self._state == _LISTENING

    def listening(self):
        """Whether this is a listener; raises what every operation would."""
        self._check_usable()
        return self._state == _LISTENING

    @property
    def takes_clients(self):
        """Whether clients may come: a first one can follow +QIOPEN at once, before this socket
        has noticed that it listens."""
        return self._state == _LISTENING or (self._state == _OPENING and self._opened == 0)

    def open_service(self, service, host, backlog):
        """Start to open a service without a peer."""
        if self._state != _NEW:
            raise OSError(errno.EINVAL)
        self._backlog = backlog
        self.begin(service, host, self._dialect.LISTEN_REMOTE)

    def finish_service(self):
        """Wait for it, as bind and listen of any stack are done when they return."""
        timeout, self._timeout = self._timeout, None
        try:
            self._finish_opening()
        finally:
            self._timeout = timeout

    def settle_sending(self):
        """Wait until nothing is being sent; EAGAIN if that may not be waited for."""
        start = time.ticks_ms()
        while self._sending or self._held is not None or self._asking:
            if not self.patience(start):
                raise OSError(errno.EAGAIN)

    def adopt(self, connect_id, peer):
        """Become the connection that the module has accepted as `connect_id`."""
        self._id = connect_id
        self._peer = peer
        self._hint = True
        self.opened("TCP INCOMING")

    def bind(self, address):
        """Choose the local port: of a listener, of a UDP service (which starts here, where the
        dialect has UDP SERVICE), or of a client. The host part is the module's affair."""
        self._check_usable()
        if self._state != _NEW:
            raise OSError(errno.EINVAL)
        self._nic.dialect_range(address[1], "LOCAL_PORTS", "port")
        self._local = address[1]
        if self._datagram and "UDP SERVICE" in self._dialect.SERVICES:
            self._service("server").serve(self)

    def listen(self, backlog=None):
        """Accept TCP connections on the bound port; `backlog` is how many clients the module may
        have at once, where its document lets one say so. EOPNOTSUPP without TCP LISTENER."""
        self._check_usable()
        self._service("server").listen(self, backlog)

    def accept(self):
        """Wait for a client; returns (socket, (host, port)). EAGAIN if there is none and the
        socket does not block, EINVAL if it does not listen."""
        return self._service("server").accept(self)

    def _service(self, name):
        return getattr(__import__("quectel." + name), name)

    def _has_opened(self):
        return self._opened is not None

    def _release(self, ours):
        # QICLOSE; a connectID that is not ours (563) is left alone but not used either.
        connect_id = self._id
        self._id = None
        if ours:
            command = close_command(self._dialect, connect_id)
            yield from self._nic.run(command)
            ours = command.result in (at.DONE, at.ERROR)
        self._nic.free_id(connect_id, ours)

    def _reopen(self, address):
        if address[0] == self._peer[0] and address[1] == self._peer[1]:
            return
        timeout = self._timeout
        self._timeout = None if timeout == 0 else timeout
        try:
            self._nic.complete(self._nic.spawn(self._shut()))
            self._state = _NEW
            self.connect(address)
        finally:
            self._timeout = timeout

    # ---- closing ----

    def close(self):
        """Close the connection and free its connectID; idempotent.

        A blocking socket waits for the module's answer (BG95-S5: at most 10 s); a non-blocking
        one leaves that to later polls of any socket or of the interface."""
        if self._state == _CLOSED:
            return
        if self._channel.raw:
            self._service("transparent").closing(self)
        task = None
        # A connect under way closes its connectID itself.
        if self._id is not None and (self._task is None or self._task.done):
            if self._nic.owns(self, self._id):
                task = self._nic.spawn(self._shut())
        self._state = _CLOSED
        for waiting in self.waiting:
            waiting.close()
        if task is not None and self._timeout != 0:
            self._nic.complete(task)
        else:
            self._nic.poll_quietly()

    def _shut(self):
        if self._reading and self._read.result == at.PENDING:
            self._read.staging = self._read.into = None
            self._channel.redirect(None, 0, 0)
            while self._read.result == at.PENDING:
                yield
        self._reading = False
        if self._staging is not None:
            self._staging.drop()
        # What a non-blocking write took over must still go.
        while self._held is not None or self._sending:
            yield
        yield from self._release(True)

    # ---- receiving ----

    def recv_into(self, buf, nbytes=0, flags=0):
        """Receive up to `nbytes` (0: as many as `buf` holds); returns how many, 0 at the end."""
        got = self._receive(buf, 0, min(nbytes, len(buf)) if nbytes else len(buf))
        if got is None:
            raise OSError(errno.EAGAIN)
        return got

    def recv(self, bufsize, flags=0):
        """Receive up to `bufsize` bytes; b"" at the end."""
        got = self._stage()
        if got is None:
            raise OSError(errno.EAGAIN)
        buf = bytearray(min(bufsize, got))
        if got:
            self._take(buf, 0, len(buf))
        return bytes(buf)

    def recvfrom(self, bufsize, flags=0):
        """recv, and the peer's (host, port): the sender's own on a UDP service, else as it was
        given to connect or sendto."""
        data = self.recv(bufsize)
        return data, getattr(self._read, "peer", None) or self._peer

    def readinto(self, buf, nbytes=None):
        """Read until `buf` (or `nbytes` of it) is full or the end is there; returns how many
        bytes, None if a non-blocking socket has none. If the time-out comes after some bytes,
        their number is returned and the next call times out."""
        size = len(buf)
        if nbytes is not None and nbytes < size:
            size = nbytes
        done = 0
        while done < size:
            got = self._receive_more(buf, done, size)
            if got is None:
                return done or None
            if not got:
                break
            done += got
            if self._datagram:
                break
        return done

    def _receive_more(self, buf, done, size):
        if not done:
            return self._receive(buf, 0, size)
        try:
            return self._receive(buf, done, size)
        except OSError as e:
            if e.args[0] == errno.ETIMEDOUT:
                return None
            raise

    def read(self, size=-1):
        """Read `size` bytes, or to the end; shorter at the end; None if a non-blocking socket
        has nothing."""
        if size is None or size < 0:
            return self._read_all()
        buf = bytearray(size)
        got = self.readinto(buf)
        if got is None:
            return None
        return bytes(buf) if got == size else bytes(memoryview(buf)[:got])

    def readall(self):
        """read() to the end."""
        return self._read_all()

    def _read_all(self):
        return self._gather(None)

    def readline(self, size=-1):
        """Read up to and with the next newline, or to the end, or `size` bytes."""
        return self._gather(10, size)

    def _gather(self, end, size=-1):
        data = bytearray()
        while size < 0 or len(data) < size:
            try:
                got = self._stage()
            except OSError as e:
                if e.args[0] == errno.ETIMEDOUT and data:
                    break
                raise
            if got is None and not data:
                return None
            if not got:
                break
            stop = 0
            if end is not None:
                stop = self._staging.find(end)
            want = stop or got
            if size >= 0:
                want = min(want, size - len(data))
            piece = bytearray(want)
            self._take(piece, 0, want)
            data.extend(piece)
            if stop and want == stop:
                break
        return bytes(data)

    def _take(self, buf, at_, end):
        count = self._staging.take(buf, at_, end - at_)
        if self._datagram:
            self._staging.drop()  # what does not fit of a datagram is gone
        return count

    def _receive(self, buf, at_, end):
        # Received bytes to buf[at_:end]: how many, 0 at the end, None if non-blocking and none.
        if not self._is_open():
            return None
        start = time.ticks_ms()
        try:
            while True:
                got = self._try_receive(buf, at_, end)
                if got is not None:
                    return got
                if not self.patience(start):
                    return None
        finally:
            if self._direct:
                self._rescue()

    def _stage(self):
        # Wait until the staging has bytes: how many, 0 at the end, None if non-blocking and none.
        if not self._is_open():
            return None
        start = time.ticks_ms()
        while True:
            self._advance_read()
            if self._staged():
                return len(self._staging)
            if self._ended():
                return 0
            if not self.patience(start):
                return None

    def _try_receive(self, buf, at_, end):
        if self._direct:
            if self._read.result == at.PENDING:
                return None
            self._direct = False
            got = self._read_done()
            if got:
                return got
        if self._staged():
            return self._take(buf, at_, end)
        if end == at_:
            return 0
        if self._ended():
            return 0
        if self._timeout == 0 or end - at_ < _SMALL or self._datagram or self._reading:
            self._advance_read()
            if self._staged():
                return self._take(buf, at_, end)
        elif self._may_read():
            self._read.staging = None
            self._read.into = buf
            self._read.into_at = at_
            self._direct = True
            self._start_read(end - at_)
        return None

    def _staged(self):
        staging = self._staging
        return staging is not None and staging.tail > staging.head and not self._partial

    def _ended(self):
        # At the end of file; raises what there is to raise.
        if self._error is not None or self._failure is not None:
            self._raise()
        return self._eof

    def _may_read(self):
        # Whether to ask the module now: only if the line is free and there may be something.
        if self._state != _OPEN or self._push or not self._channel.idle:
            return False
        if not self._hint:
            if time.ticks_diff(time.ticks_ms(), self._probe_from) < self._probe_ms:
                return False
            self._probe_ms = min(self._probe_ms * 2, _PROBE_MOST_MS)
        return True

    def _advance_read(self):
        # One step of reading into the staging.
        if self._reading:
            if self._read.result != at.PENDING:
                self._read_done()
        elif not self._staged() and not self._eof and self._may_read():
            self._read.into = None
            self._read.staging = self._room()
            self._start_read(self._most())

    def _room(self):
        if self._staging is None:
            # A datagram may take several reads, where the module counts what is left of it.
            self._staging = Staging(_DATAGRAM if self._datagram else self._nic.chunk)
        return self._staging

    def _most(self):
        # A stream is read in pieces that the UART's buffer holds. A datagram is asked for whole:
        # where it ends cannot be told otherwise.
        return self._dialect.READ_MAX if self._datagram else self._nic.chunk

    def _start_read(self, most):
        self._hint = False
        self._draining = self._peer_closed
        self._reading = True
        self._probe_from = time.ticks_ms()
        self._read.ask(min(self._most(), most))
        self._channel.start(self._read)

    def _read_done(self):
        # An exchange that read is over: draw the conclusions; returns how many bytes came.
        read = self._read
        self._reading = False
        read.into = None
        if read.result == at.DONE:
            count = read.count
            if read.staging is not None:
                read.staging.close(count)
            self._conclude(count, read)
            return count
        self._partial = False
        if read.result == at.ERROR:
            # No such connection any more; after `closed` that is the end as well.
            if self._peer_closed:
                self._eof = True
            else:
                error = errors.Error(errno.ECONNRESET, "connection is gone", read.code)
                self.fail(error)
        else:
            self.fail(errors.Error(errno.ECONNABORTED, "no answer: data may be lost"))
        return 0

    def _conclude(self, count, read):
        if count:
            self._hint = True  # until the module says that nothing is left
            self._probe_ms = _PROBE_MS
            # A datagram longer than one read: the module counts what is left of it.
            self._partial = self._datagram and read.remaining > 0
        else:
            self._partial = False
            if self._draining:
                self._eof = True

    def _rescue(self):
        # The caller goes away while its buffer is being filled: what came and what still comes
        # goes to the staging.
        self._direct = False
        read = self._read
        if read.result != at.PENDING and read.result != at.DONE:
            return
        read.staging = self._room()
        if read.result == at.DONE:  # interrupted before the caller was told
            read.staging.keep(read.into, read.into_at, read.count)
        elif self._channel.left:
            here = read.count - self._channel.left
            self._staging.adopt(self._channel, read.into, read.into_at, here)
        elif read.count:
            self._staging.adopt(self._channel, read.into, read.into_at, read.count)
        read.into = None

    def _probe_again(self):
        self._probe_ms = _PROBE_MS
        self._probe_from = time.ticks_ms()

    # ---- sending ----

    def send(self, data, flags=0):
        """Send `data`; returns how many bytes the module took (all, but for an error or the
        time-out after some were taken)."""
        count = self._send_some(data, 0, None)
        if count is None:
            raise OSError(errno.EAGAIN)
        return count

    def sendall(self, data):
        """Send all of `data`; raises if that was not possible."""
        data = _octets(data)
        done = 0
        while done < len(data) or (self._datagram and not done):
            count = self._send_some(data, done, len(data))
            if count is None:
                raise OSError(errno.EAGAIN)
            done += count

    def write(self, data, offset=None, size=None):
        """Write `data`, `(data, size)` or `(data, offset, size)` of it; returns how many bytes
        were taken, None if a non-blocking socket can take none now."""
        if size is not None:
            return self._send_some(data, offset, offset + size)
        return self._send_some(data, 0, offset)

    def sendto(self, data, address):
        """Send a datagram to `address`.

        A UDP client of the module has one peer: another address closes and opens the socket
        again, which costs two exchanges and whatever the old peer has still to say."""
        self._check_usable()
        if not self._datagram:
            raise OSError(errors.EISCONN if self._state == _OPEN else errno.ENOTCONN)
        self._datagram_size(len(data))
        if self._serves():
            self._service("server").direct(self, address)
        elif self._state == _NEW:
            timeout = self._timeout
            if timeout == 0:
                self._timeout = None
            try:
                self.connect(address)
            finally:
                self._timeout = timeout
        elif self._state == _OPEN:
            self._reopen(address)
        return self.send(data)

    def _serves(self):
        # Whether this is a UDP service, which has no peer of its own.
        return hasattr(self._send, "direct")

    def _datagram_size(self, size):
        if not 1 <= size <= self._dialect.SEND_MAX:
            raise ValueError("a datagram must be 1 to %d bytes" % self._dialect.SEND_MAX)

    def _send_some(self, data, at_, end):
        data = _octets(data)
        end = len(data) if end is None else min(end, len(data))
        if not self._is_open():
            return None
        if self._datagram:
            self._datagram_size(end - at_)
            if end - at_ > self._send.largest(data, at_, end):
                raise ValueError(
                    "these bytes make a datagram of 1 to %d only"
                    % self._send.largest(data, at_, end)
                )
        if self._peer_closed:
            raise OSError(EPIPE)
        if end <= at_:
            return 0
        if self._timeout == 0:
            return self._hand_over(data, at_, end)
        return self._send_waiting(data, at_, end)

    def _send_waiting(self, data, at_, end):
        start = time.ticks_ms()
        done = at_
        try:
            while True:
                done += self._push_from(data, done, end)
                if self._broken():
                    if done == at_:
                        self._raise()
                    break
                if done == end and not self._sending:
                    break
                self.patience(start)
        except OSError as e:
            # An exchange under way is finished by later polls: its bytes are taken over.
            if self._sending and self._held is None:
                done += self._count
            if done == at_ or e.args[0] != errno.ETIMEDOUT:
                raise
        finally:
            if self._sending and self._held is None:
                self._hold(self._channel.keep_data(), self._count)
        return done - at_

    def _push_from(self, data, at_, end):
        # A step of sending the caller's own bytes; returns how many more were taken.
        if self._held is not None or self._asking or self._broken():
            return 0  # what an earlier call handed over goes first: the modem pushes it
        if self._sending:
            if self._send.result != at.PENDING:
                return self._send_done()
        elif self._may_send():
            self._start_send(data, at_, end)
        return 0

    def _hand_over(self, data, at_, end):
        # Take over as many bytes as one exchange carries, if the interface's outbox is free.
        start = time.ticks_ms()
        while not self._writable():
            if not self.patience(start):
                return None
            if self._broken():
                self._raise()
        count = min(end - at_, self._dialect.SEND_MAX)
        if at_:
            count = min(count, _OFFSET_MOST)
        self._hold(self._nic.fill_outbox(data, at_, count), count)
        while self._held is not None and self.patience(start):
            pass
        return count

    def _hold(self, data, count):
        self._held = data
        self._held_at = 0
        self._held_end = count
        self._nic.add_sender(self)

    def push(self):
        """A step of sending what was taken over; the modem calls it while there is some."""
        if self._sending:
            if self._send.result == at.PENDING:
                return
            self._held_at += self._send_done()
        if self._held_at == self._held_end or self._broken() or self._asking:
            self._let_go()
        elif self._may_send():
            self._start_send(self._held, self._held_at, self._held_end)

    def _let_go(self):
        if self._held is not None:
            held = self._held
            self._held = None
            self._nic.remove_sender(self, held)

    def _may_send(self):
        if not self._channel.idle:
            return False
        if not self._again_ms:
            return True
        return time.ticks_diff(time.ticks_ms(), self._again_from) >= self._again_ms

    def _start_send(self, data, at_, end):
        self._count = self._send.load(data, at_, end)
        self._sending = True
        self._channel.start(self._send)

    def _send_done(self):
        # An exchange that sent is over; returns how many bytes the module took.
        self._sending = False
        result = self._send.result
        self._send.data = None
        if result == at.DONE:
            self._again_ms = 0
            self._probe_again()
            return self._count
        if result == at.SEND_FAIL:
            # Not taken: the module's buffer is full. Wait, and send the same again.
            self._again_ms = min(self._again_ms * 2 or _AGAIN_MS, _AGAIN_MOST_MS)
            self._again_from = time.ticks_ms()
        elif result == at.ERROR:
            # Not sent, says the document; why, AT+QIGETERROR knows.
            self._asking = True
            self._nic.spawn(self._ask_why())
        else:
            self.fail(errors.Error(errno.ECONNABORTED, "no answer: unknown whether sent"))
        return 0

    def _ask_why(self):
        error = yield from self._nic.why(self._send, "send")
        self._error = error
        self._asking = False

    # ---- waiting, errors, options ----

    def patience(self, start):
        """A step of waiting; False when a non-blocking socket has stepped long enough."""
        if self._timeout == 0:
            if not self._nic.poll():
                return False
            return time.ticks_diff(time.ticks_ms(), start) < _HOLD_MS
        if self._timeout is not None:
            if time.ticks_diff(time.ticks_ms(), start) >= self._timeout:
                raise OSError(errno.ETIMEDOUT)
        self._nic.wait()
        return True

    def _broken(self):
        return self._error is not None or self._failure is not None

    def _raise(self):
        if self._failure is not None:
            raise self._failure
        error = self._error
        self._error = None
        raise error

    def _is_open(self):
        # Whether there is a connection to work on; False where a non-blocking connect is still
        # under way. Raises what every operation has in common.
        if self._state == _OPEN and self._error is None and not self._channel.raw:
            return True
        self._check_usable()
        if self._error is not None:
            self._raise()
        if self._state == _OPENING:
            if self._timeout != 0:
                self._finish_opening()
            else:
                self._nic.poll()
        if self._state == _NEW:
            task = self._task
            self._task = None
            raise task.error if task is not None else OSError(errno.ENOTCONN)
        if self._state == _LISTENING:
            raise OSError(errno.ENOTCONN)
        return self._state == _OPEN

    def _check_usable(self):
        if self._state == _CLOSED:
            raise OSError(errno.EBADF)
        if self._failure is not None:
            raise self._failure
        if self._channel.raw:
            raise errors.Error(errors.EBUSY, "a socket is in transparent mode")

    def settimeout(self, seconds):
        """None: wait for ever; 0: never; else seconds."""
        self._timeout = None if seconds is None else max(int(seconds * 1000), 1 if seconds else 0)

    def setblocking(self, flag):
        """settimeout(None) or settimeout(0)."""
        self._timeout = None if flag else 0

    def makefile(self, *args, **kwargs):
        """The socket itself: it is a stream already."""
        return self

    def setsockopt(self, level, option, value):
        """Options of `nic`: SOL_SOCKET with SO_KEEPALIVE (True, False or seconds of idle,
        interval, count; for all sockets of the module) and SO_RCVBUF (bytes kept in push mode);
        SOL_QUECTEL with ACCESS_MODE (BUFFER, PUSH) and RAI (0, 1, 2). Others are taken and not
        acted upon, since the numbers that programs use for them differ from port to port."""
        self._check_usable()
        self._service("options").set(self, level, option, value)

    def acked(self):
        """(sent, acknowledged, unacknowledged) bytes, or None where the dialect cannot say."""
        return self._service("options").acked(self)

    def transparent(self):
        """The TCP connection as the UART's raw stream, for the time of a `with`:

        `with s.transparent() as raw:` sends and receives without AT commands; every other call
        of the interface raises EBUSY meanwhile. EOPNOTSUPP where the dialect has no such mode."""
        return self._service("transparent").stream(self, self._timeout)

    def drain(self, timeout=None):
        """Wait until the peer has acknowledged everything, at most `timeout` seconds (ETIMEDOUT);
        EOPNOTSUPP where the dialect cannot say."""
        return self._service("options").drain(self, timeout)

    def flush(self):
        """Nothing is held back, so there is nothing to do."""

    def ioctl(self, request, arg):
        """MicroPython's stream protocol: POLL, CLOSE and TIMEOUT."""
        if request == _IOCTL_POLL:
            try:
                return self._poll(arg)
            except OSError:
                return _POLLERR | _POLLHUP
        if request == _IOCTL_CLOSE:
            self.close()
            return 0
        if request == _IOCTL_TIMEOUT:
            self._timeout = arg
            return 0
        return -errno.EINVAL

    def _poll(self, wanted):
        if self._state == _CLOSED:
            return _POLLNVAL
        self._nic.poll()
        if self._broken() or (self._task is not None and self._task.error):
            return _POLLERR | _POLLHUP | (wanted & (_POLLIN | _POLLOUT))
        if self._state == _NEW:
            return _POLLHUP | (wanted & _POLLOUT)
        ready = 0
        if self._state == _OPEN:
            if wanted & _POLLIN and self._readable():
                ready |= _POLLIN
            if wanted & _POLLOUT and (self._peer_closed or self._writable()):
                ready |= _POLLOUT
        elif self._state == _LISTENING and self.waiting:
            ready |= wanted & _POLLIN
        return ready

    def _readable(self):
        if not self._staged() and not self._direct:
            self._advance_read()
        return self._staged() or self._eof

    def _writable(self):
        return not (self._sending or self._asking) and self._nic.outbox_free


def _octets(data):
    return data.encode() if isinstance(data, str) else data
