# A listener whose client is in transparent mode from its first byte: AT+QIOPEN of a TCP LISTENER
# with access mode 2. BC65&BC92&BC95-GR 2.2.1, note 6, and 2.3.5.
#
# What follows the line of the "incoming" URC is the client's data, and what the host writes is
# its too: so the line is handed over by that URC's own handler. A command that crosses the URC
# on its way would be the client's data, and would have no answer. So none is sent while a client
# may come: from the line that says that the module listens, and again from the QICLOSE of a client
# on, the UART is the listener's, and every other call raises EBUSY. One command alone can cross a
# client: the listener's own QICLOSE. That client is turned away, and QICLOSE is sent again.
#
# There is one client at a time, as the document has it; the module turns others away. What a
# client sends before it is accepted fills its Pipe, which does not grow; the rest waits in the
# UART, and is lost there if it does not fit.

from quectel import at
from quectel.connection import CLOSED, LISTENING, OPENING
from quectel.modes import server, transparent
from quectel.modes.pipe import Pipe
from quectel.modes.push import use_staging


class Listener(server.Listener):
    """A listener in access mode 2, in place of `before`, a connection that is not open."""

    def __init__(self, before):
        super().__init__(before, 1)
        self.access_mode = 2
        self._pipe = None  # for the next client: none can be made when it comes
        self._late = None  # the Task that turns a client away

    @property
    def holds_line(self):
        """Whether the line is kept for this, or has been given to a client to accept."""
        return self.module.transparent is self or bool(self.clients)

    def belongs_to(self, connection):
        """Whether `connection` may take the line back."""
        return connection is self

    def on_open(self, result):
        super().on_open(result)
        if result == 0:
            self.keep_line()

    def keep_line(self):
        """A client may come: nobody sends a command."""
        if self.state in (OPENING, LISTENING) and not self.channel.raw:
            self._pipe = Pipe(self.module.chunk, None)
            self.module.choose("transparent", self)
            self.channel.choose("raw", True)

    def leave(self):
        """Commands can be sent again."""
        if self.module.transparent is self:
            self.module.choose("transparent", None)
            self.channel.choose("raw", False)

    def fail(self, error):
        self.leave()
        super().fail(error)

    def new_client(self):
        return Client(self)

    def on_client(self, client):
        """What comes behind the URC's line is `client`'s."""
        pipe = self._pipe
        if pipe is None:
            pipe = Pipe(self.module.chunk, None)
        self._pipe = None
        pipe.begin()
        # A command that runs is the listener's QICLOSE, which nobody will answer.
        self.channel.stream_to(pipe, at.TIMEOUT)
        client.begin_with(pipe)
        if self.takes_clients:
            self.clients.append(client)
        else:
            self._late = self.module.spawn(client.turn_away())

    def release(self, ours, opening_ms=0):
        nic = self.nic
        connect_id, epoch = self.id, nic.epoch
        while True:
            while not self.channel.idle:
                yield
            late = self._late
            yield from super().release(ours, opening_ms)
            if late is self._late or epoch != nic.epoch:
                break
            self.id = connect_id
            self.module.assign_id(connect_id, self)
        while late is not None and not late.done:
            yield


class Client(server.Client):
    """A connection that came with the line. Its stream is in transparent mode already."""

    def __init__(self, listener):
        super().__init__(listener.nic)
        self._host = listener

    def begin_with(self, pipe):
        """The line is this connection's, and `pipe` what it is handed over to."""
        self._seized = self.stream = Seized(self, pipe)

    def turn_away(self):
        """Generator: nobody wants it."""
        task = self._seized.start_leaving()
        while not task.done:
            yield
        self.state = CLOSED
        yield from self.shut()

    def release(self, ours, opening_ms=0):
        while not self.channel.idle:
            yield
        for _ in super().release(ours, opening_ms):
            # When the module has taken QICLOSE the next client may come.
            self._host.keep_line()
            yield


class Seized(transparent.Raw):
    """Raw, of a connection that came in with the mode."""

    def __init__(self, connection, pipe):
        super().__init__(connection, None)
        self._pipe = pipe
        use_staging(connection, pipe)
        self._entered()

    def _enter(self):
        yield from ()
