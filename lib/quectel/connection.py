# One connectID of the module and what becomes of it: opened, accepted, closed by either side, lost
# with its epoch. It owns a Receiver and a Sender and is the one the module's table knows. Nothing
# here waits: a Socket does.

import errno
import time

from micropython import const

from quectel import at, errors, load
from quectel.receiving import Read, Receiver
from quectel.sending import Sender

# Its states.
NEW = const(0)
OPENING = const(1)
OPEN = const(2)
FAILED = const(3)
CLOSED = const(4)
LISTENING = const(5)

_LATE_MS = const(5000)  # how late a result may come of what was closed while it was opened
_GARBLED = const(550)  # what the documents call an unknown error


def close_command(dialect, connect_id):
    """AT+QICLOSE; a second more than the module's own limit, which is also the time it takes."""
    line = b"AT+QICLOSE=%d" % connect_id + dialect.CLOSE_TAIL
    return at.Command(line, dialect.CLOSE_MS + 1000, needs=dialect.CLOSE_NEEDS)


class Connection:
    """A connection, a listener or a UDP service of the module; or one that is to become that.

    nic          the interface (a Nic)
    state        NEW, OPENING, OPEN, LISTENING, FAILED or CLOSED
    id           the connectID, None without one
    peer         (host, port) as given to connect or told by the module, or None
    local_port   as given to bind, or 0
    task         the Task that opens
    error        raised once, by the next call
    failure      raised by every call
    peer_closed  the peer or the network has closed
    clients      of a listener: connections that were not accepted yet
    backlog      of a listener: how many of these there may be
    listener     of a connection that was not accepted yet: who has it among its clients
    refused      of a listener: connections that found it or the module full
    told         of a listener: accept has raised why it does not listen
    seen         the program knows that it is open: it has called or polled since then
    touched      when the program has last called or polled before that, in ticks_ms
    opener       the task of the event loop that asked to connect, or None
    has_line     of a listener: the line is kept for its client, see direct_server.py
    """

    has_line = False

    def __init__(self, nic, family, datagram):
        self.nic = nic
        self.channel = nic.channel
        self.family = family
        self.datagram = datagram
        self.state = NEW
        self.id = None
        self.peer = None
        self.local_port = 0
        self.access_mode = 0
        self.task = None
        self.error = None
        self.failure = None
        self.peer_closed = False
        self.clients = []
        self.backlog = 0
        self.listener = None
        self.refused = 0
        self.told = False
        self.seen = False
        self.touched = 0
        self.opener = None
        self._backlog = 0
        self._result = None  # of +QIOPEN
        self.receiver = Receiver(self)
        self.sender = Sender(self)

    # ---- what the module tells ----

    def on_open(self, result):
        """+QIOPEN: <connectID>,<result>; None if that was garbled."""
        self._result = _GARBLED if result is None else result

    def on_recv(self, channel):
        """There may be data; in push mode it follows."""
        self.receiver.on_recv(channel)

    def on_closed(self):
        """The peer or the network closed: what is buffered can still be read."""
        if self.state == OPENING and self._result is None:
            return  # of the connection that had the number before
        self.peer_closed = True
        self.receiver.on_closed()
        if self.listener is not None:
            self.nic.module.spawn(load("modes.server").drop(self.listener, self))

    def fail(self, error):
        """Every call raises `error` from now on (EBADF once closed); what was to be sent is
        dropped."""
        if self.failure is None:
            self.failure = error
        if self.state != CLOSED:
            self.state = FAILED
        self.receiver.reading = self.sender.sending = False
        self.sender.let_go()

    def finished(self):
        """The link is lost, and all that it brought has been read."""
        self.peer_closed = self.receiver.eof = True

    # ---- what it is ----

    @property
    def is_connected(self):
        """Whether data can flow."""
        return self.state == OPEN

    @property
    def is_open(self):
        """Whether the module has it as a connection or a service."""
        return self.state == OPEN or self.state == LISTENING

    @property
    def takes_clients(self):
        """Whether clients may come: a first one can follow +QIOPEN at once, before this has
        noticed that it listens."""
        return self.state == LISTENING or (self.state == OPENING and self._result == 0)

    def must_listen(self):
        """Raises, once, why this could not listen; EINVAL if it was never told to."""
        if self.peer is not None and self.state != CLOSED:
            raise OSError(errno.EINVAL)  # a client's, connected or not
        if self.state != LISTENING and self.state != OPENING:
            self.raise_opening()
            if self.state == NEW or self.state == OPEN:
                raise OSError(errno.EINVAL)

    @property
    def serves(self):
        """Whether this is a UDP service, which has no peer of its own."""
        return hasattr(self.sender.command, "direct")

    @property
    def pushes(self):
        """Fields before the data of a push: 0 if none come, else 2, or 4 with the sender's."""
        return (4 if self.serves else 2) if self.receiver.push else 0

    @property
    def over(self):
        """Whether the peer, the network or the module has ended it."""
        return self.peer_closed or self.failure is not None

    @property
    def broken(self):
        """Whether the next call must raise."""
        return self.error is not None or self.failure is not None

    def raise_error(self):
        """Raise what the next call must raise, if there is something."""
        if self.failure is not None:
            raise self.failure
        if self.error is not None:
            error = self.error
            self.error = None
            raise error

    def raise_opening(self):
        """Raise, once, why it could not be opened."""
        if self.task is not None and self.task.done:
            task, self.task = self.task, None
            if task.error is not None:
                raise task.error

    # ---- opening ----

    def begin(self, service, host, remote, backlog=0, before=None):
        """Start to open `service` of the module (a word of AT+QIOPEN), after the generator
        `before`, if there is one."""
        nic = self.nic
        # The line is made first: bad arguments are refused before a byte is sent.
        self._open_line(0, service, host, remote, False)
        nic.check_connected()
        self.state = OPENING
        self.seen = False
        self._backlog = backlog
        self.receiver.eof = self.peer_closed = self.receiver.hint = False
        self.task = nic.module.spawn(self._open(service, host, remote, before))

    def _open_line(self, connect_id, service, host, remote, whole=True):
        nic = self.nic
        tail = b""
        if whole:
            tail = nic.dialect.open_tail(self.family, service, self._backlog)
        return nic.dialect.open_line(
            nic.cid, connect_id, service, host, remote, self.local_port, self.access_mode, tail
        )

    def _open(self, service, host, remote, before):
        try:
            if before is not None:
                yield from before
            yield from self._try_open(service, host, remote)
        except OSError:
            if self.state == OPENING:
                self.state = NEW  # a second connect is allowed
            raise
        finally:
            if self.state == OPENING:
                self.fail(errors.Error(errno.ECONNABORTED, "connect was interrupted"))

    def _try_open(self, service, host, remote):
        nic = self.nic
        while True:
            self.id = yield from self._take_id()
            if self.id is None:
                return  # given up meanwhile
            error = yield from self._ask_to_open(service, host, remote)
            if error is None:
                break
            if nic.module.lookup(self.id) is not self:
                if self.failure is not None:  # the epoch ended, and the connectID with it
                    raise self.failure
                continue  # an incoming connection was given that number: take another
            # The connectID stays taken after a failure until it is closed.
            foreign = error.code == 563
            if foreign or error.code in errors.LOST_CODES:
                nic.module.check_alive()  # also closes what the module has and nobody here knows
            yield from self._release(not foreign)
            if not foreign and not (error.code == 569 and (yield from self._has_routed_urcs())):
                raise error
        if self.state == OPENING:
            self.opened(service)
        elif nic.module.lookup(self.id) is self:  # closed, given up or failed meanwhile
            yield from self._release(True, nic.dialect.open_ms(host))
        if self._result is None and self.failure is not None:
            raise self.failure

    def _take_id(self):
        # Generator: a connectID, or None if nobody waits for this any more.
        nic = self.nic
        while self.state == OPENING:
            if nic.module.unused_id() is not None:
                return nic.module.allocate_id(self)
            if not (yield from load("bringup.reclaim").reclaim(nic)):
                return nic.module.allocate_id(self)  # raises that there is none
        return None

    def _ask_to_open(self, service, host, remote):
        # Generator: None if the module has opened it, else the Error.
        nic = self.nic
        self._result = None
        line = self._open_line(self.id, service, host, remote)
        command = at.Command(line, nic.dialect.SILENCE_MS)
        yield from nic.run(command)
        if command.result != at.DONE:
            return (yield from nic.why(command, "connect"))
        yield from nic.until(self._opening_is_over, nic.dialect.open_ms(host))
        if self.state != OPENING and self._result is None:
            return None
        code = 569 if self._result is None else self._result
        return errors.of_code(code, "connect", nic.dialect.ERRNO) if code else None

    def _has_routed_urcs(self):
        # Whether results go elsewhere than to this UART, and did so up to now.
        return self._result is None and (yield from load("bringup.power").route_urcs(self.nic))

    def _has_opened(self):
        return self._result is not None

    def _opening_is_over(self):
        return self._result is not None or self.state != OPENING

    def opened(self, service):
        """The module has the connection, or serves."""
        dialect = self.nic.dialect
        if service == "TCP LISTENER":
            self.state = LISTENING
            return
        if service == "UDP SERVICE":
            load("modes.server").opened(self)
        else:
            self.receiver.read = Read(dialect, self.id)
            self.make_sender()
        self.receiver.look_soon()
        self.state = OPEN  # the last: Ctrl-C may come in between

    def make_sender(self):
        """The command that sends, as the interface's settings want it."""
        if self.serves:
            command = load("modes.server").sender(self)
        else:
            command = self.nic.dialect.sender(self.id)
        formats = self.nic.module.formats
        self.sender.command = command if formats is None else formats.dress(command)

    def adopt(self, connect_id, peer):
        """Become the connection that the module has accepted as `connect_id`."""
        self.id = connect_id
        self.peer = peer
        self.receiver.hint = True
        self.opened("TCP INCOMING")
        self.seen = True

    def wait_at(self, listener):
        """Be one of the clients of `listener`; with None, no more: it was accepted."""
        self.listener = listener
        if listener is not None:
            listener.clients.append(self)

    def touch(self):
        """The program asks; if this is open, or is not to become it, it knows from now on."""
        self.seen = self.state != OPENING
        self.touched = time.ticks_ms()

    # ---- closing ----

    def _has_sent(self):
        return self.sender.idle

    def _told_closed(self):
        return self.peer_closed

    def close(self):
        """Begin to close; returns the last Task to wait for, or None."""
        task = None
        # One that is being opened closes its connectID itself.
        if self.id is not None and (self.task is None or self.task.done):
            if self.nic.module.lookup(self.id) is self:
                task = self.nic.module.spawn(self.shut())
        self.state = CLOSED
        for client in self.clients:
            task = client.close()
        return task

    def shut(self):
        """Generator: free the connectID, once what was taken over has gone."""
        yield from self.receiver.shut()
        # A peer that reads nothing gets as long as an exchange that sends may take.
        yield from self.nic.until(self._has_sent, self.nic.dialect.SEND_MS)
        while self.sender.sending:
            yield
        self.sender.let_go()
        yield from self._release(True)

    def forsake(self, error):
        """Free the connectID of what no program can use any more; if one still has it, every call
        raises `error`."""
        opening = self.state == OPENING
        if not self.receiver.eof:
            self.fail(error)  # what is not read yet would be the next one's
        if not opening:  # else the task that opens does it
            self.nic.module.spawn(self._release(True))

    def _release(self, ours, opening_ms=0):
        # QICLOSE; a connectID that is not ours (563) is left alone but not used either. Some
        # modules refuse to close what they are still opening: they tell within `opening_ms` how
        # that has ended.
        connect_id = self.id
        if connect_id is None:
            return
        self.id = None
        if ours:
            command = close_command(self.nic.dialect, connect_id)
            # What the module says of it from now on is said anew; one that has ended stays so.
            self.peer_closed = self.state == OPEN
            yield from self.nic.run(command)
            if command.result == at.ERROR and opening_ms and self._result is None:
                yield from self.nic.until(self._has_opened, opening_ms)
                if self.nic.module.lookup(connect_id) is self:
                    yield from self.nic.run(command)
            if opening_ms:
                # Its result may still come, and must not be taken for the next one's.
                yield from self.nic.until(self._has_opened, _LATE_MS)
            ours = command.result in (at.DONE, at.ERROR)
            formats = self.nic.module.formats
            if formats is not None and formats.closes and command.result == at.DONE:
                # The URC that follows must find this and not the next one of that number.
                yield from self.nic.until(self._told_closed, self.nic.dialect.CLOSE_MS)
        # Unless a client has been given it, or the epoch is over.
        if self.nic.module.lookup(connect_id) is self:
            self.nic.module.release_id(connect_id, None if ours else self.nic)
