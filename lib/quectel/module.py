# The module behind one UART: its AT channel, the tasks that wait for it, the table of its
# connectIDs, its URCs and its restarts.
#
# Whatever takes more than one exchange is a generator that yields while it waits, a Task. poll()
# steps the channel and every task once and never waits; the blocking calls are loops over it
# (engine rule 7).
#
# An epoch is the time in which the module keeps its sockets (rule 8). That of a Module ends when
# it restarts; that of a Nic also when its context is lost. Then every socket of it fails at once.

import errno
import sys
import time

from micropython import const

from quectel import at, errors, load, unload
from quectel.staging import Staging, copy

_FRAMING = const(64)  # bytes of an answer and a URC around the data of a read
_LEAST_CHUNK = const(16)
_BOUNDLESS = const(65536)  # bytes: what is no UART is taken to hold whatever comes
_POLLED_US = const(500)  # polls that took so long are enough for a turn: see poll_briefly
_ENDED_MS = const(60000)  # between two checks of a module of which nothing is heard


class Task:
    """A generator that waits for something, stepped by Module.poll; `bringup`: one of a file in
    bringup/, which is unloaded when the last such task ends."""

    def __init__(self, steps, bringup):
        self._steps = steps
        self.bringup = bringup
        self.done = False
        self.error = None
        self.value = None

    def cancel(self):
        """Go no further: done, with ECANCELED."""
        if not self.done:
            self._steps.close()
            self._end(None, OSError(errors.ECANCELED))

    def step(self):
        """Run to the next wait."""
        if self.done:
            return
        try:
            next(self._steps)
        except StopIteration as e:
            self._end(e.value, None)
        except Exception as e:
            self._end(None, e)
        except BaseException:  # Ctrl-C in the middle of a step, of which nothing is left
            self._end(None, OSError(errors.ECANCELED))
            raise

    def _end(self, value, error):
        self._steps = None  # a generator keeps the whole file that it is from
        self.value, self.error = value, error
        self.done = True


class Exchanges(at.Options):
    """Generators that have the module do something; what waits is given up when `epoch` ends. A
    subclass has `channel`, `dialect` and `epoch`."""

    def run(self, command):
        """Generator: run `command` when the channel is free; its result says how it went."""
        epoch = self.epoch
        command.begun(False)
        while not self.channel.idle:
            if self.channel.raw:
                raise errors.Error(errors.EBUSY, "a socket is in transparent mode")
            yield
            if epoch != self.epoch:
                command.ended(at.ABORTED)
                return
        self.channel.start(command)
        while command.result == at.PENDING:
            yield

    def until(self, condition, timeout):
        """Generator: wait until `condition()`, at most `timeout` ms or to the end of the epoch."""
        epoch = self.epoch
        start = time.ticks_ms()
        while not condition() and epoch == self.epoch:
            if time.ticks_diff(time.ticks_ms(), start) >= timeout:
                return
            yield


class Module(Exchanges):
    """The module on `uart`, which speaks `dialect`.

    nics         the network interfaces over it, one for each context in use
    tasks        those that are under way
    calls        (callback, line) to be called at the end of this poll
    watches      what tells the program of changes: bringup/on_change.py
    foreign      for each connectID the interface that keeps it from being used, or None
    chunk        bytes of the largest AT+QIRD: its answer fits the UART's receive buffer
    To be chosen:
    registration <stat> of 3GPP TS 27.007, as the module has told it last
    polled_us    for how long an event loop's streams have polled since the pump's last turn
    hung         the command after whose silence the document restarts the module: for link.py
    ready        whether its settings have been made since it started
    active       whether the program has switched it on
    formats      modes/formats.py, None while data and answers have their plain forms
    transparent  the stream of the last socket in transparent mode
    """

    hung = None

    def __init__(self, dialect, uart, trace, rxbuf):
        self.dialect = dialect
        shown = load("bringup.uart").shown
        self.channel = channel = at.Channel(uart, trace, shown(uart, "baudrate="))
        # A read that can only be answered by its own line: see Channel.start.
        channel.choose("probe", at.Probe(b"AT+QIGETERROR", 5000, b"+QIGETERROR: "))
        channel.choose("silence", dialect.SLEEPS_MS)
        channel.choose("on_silence", self.check_alive)
        channel.choose("on_noise", self._on_noise)
        rxbuf = rxbuf or shown(uart, "rxbuf=") or _BOUNDLESS
        unload("bringup")
        channel.choose("unread_most", rxbuf // 4)
        self.chunk = min(dialect.READ_MAX, max(rxbuf - _FRAMING, _LEAST_CHUNK))
        self.epoch = 0
        self.nics = []
        self.ready = self.active = False
        self._connections = [None] * dialect.SOCKETS
        self.foreign = [None] * dialect.SOCKETS  # the interface of an id that is not free
        self.tasks = []
        self.calls = []
        self.watches = []
        self.registration = None
        self.senders = []
        self.pump = None
        self.polled_us = 0
        self._polling = False
        self.transparent = None
        self.outbox_free = True
        self.outbox = None  # what carries bytes of callers that do not wait
        self._spare = None  # a Staging that nobody uses, and through it all others
        self._check = None
        self._checked_at = time.ticks_add(time.ticks_ms(), -_ENDED_MS)
        self._asleep_at = -1  # channel.lines when the module said that it goes to sleep
        self.formats = None
        on = channel.on
        on(b"+QIRD: ", self._on_late_data)
        on(b"+QIOPEN: ", self._on_open)
        for text in dialect.REBOOT:
            on(text, self._on_reboot)
        for text in dialect.BOOT_TEXT:
            on(text, self._on_boot_text)
        on(b"+QIURC: ", self._on_urc)
        if dialect.SLEEP:
            on(dialect.SLEEP[0], self._on_sleep)
            on(dialect.SLEEP[1], self._on_wake)
        for text in dialect.WAKES:
            on(text, self._on_awake)
        self.make_room(5)

    # ---- steps and tasks ----

    def poll(self, patient=False):
        """One step of everything, without waiting; True if bytes moved on the line. `patient`: the
        caller waits in any case, so a write may hold it for longer. EBUSY inside another one."""
        moved = self.channel.busy or self.channel.uart.any()
        if moved or self.senders or self.tasks or self.calls:
            if self._polling:
                raise load("bringup.words").two_threads()
            moved = self._work(patient if moved else None)
        return moved

    def _work(self, line):
        # `line`: None where it has nothing, else how patiently to poll it; then whether bytes
        # moved. MicroPython allocates what a call needs on the heap where that is more than 11
        # words: a `finally` takes three, and each further name one.
        try:
            self._polling = True
            if line is not None:
                line = self.channel.poll(line)
            if self.senders or self.tasks or self.calls:
                self._step()
        finally:
            self._polling = False
        return line

    def _step(self):
        if self.senders:
            for sender in self.senders:
                sender.push_held()
        if self.tasks:
            for task in self.tasks[:]:
                task.step()
                if task.done:
                    self._end_task(task)
        for watch in self.watches:
            watch.look()
        self._polling = False  # a program's function may poll
        while self.calls:
            callback, line = self.calls.pop(0)
            try:
                callback(line)
            except Exception as e:
                load("services.command").report(e)

    def _end_task(self, task):
        self.tasks.remove(task)
        for other in self.tasks:
            if other.bringup:
                return
        if unload("bringup"):
            unload("answers")
            unload("dialects.details")  # read by it, and seldom by anything else

    def poll_briefly(self):
        """poll() for a poller, which asks socket after socket: many together hold an event loop
        hardly longer than one. Only where the pump polls again in any case: a poller by itself may
        sleep until the next interrupt."""
        channel = self.channel
        if not (channel.busy or self.senders or self.tasks or self.calls or channel.uart.any()):
            return
        if self.pump is None or not self.pump.steps:
            self.poll()
            return
        if self.polled_us > _POLLED_US:
            return
        start = time.ticks_us()
        self.poll()
        self.polled_us += time.ticks_diff(time.ticks_us(), start)

    def wait(self):
        """One step of something that blocks: every wait of the driver is a loop over this."""
        self.rest(self.poll(True))

    def rest(self, moved=False):
        """A moment of something that waits, in which nothing is read."""
        for nic in self.nics:
            if nic.idle is not None:
                nic.idle()
        self.channel.pause(moved)

    def spawn(self, steps, bringup=False):
        """Start a generator as a Task."""
        task = Task(steps, bringup)
        self.tasks.append(task)
        self.start_pump()
        return task

    def start_pump(self):
        """Have a task step the module, if an event loop runs: what is under way may be nobody's to
        wait for."""
        if self.pump is None:
            if "asyncio" not in sys.modules:
                return
            self.pump = load("aio").Pump(self)
        self.pump.start()

    def complete(self, task):
        """Wait for a Task; returns its value or raises its error."""
        while not task.done:
            self.wait()
        if task.error is not None:
            raise task.error
        return task.value

    def finish(self, steps, bringup=False):
        """Start a generator and wait for it; returns its value or raises its error."""
        return self.complete(self.spawn(steps, bringup))

    def leave_closing(self, task):
        """Let a Task that closes go on in later polls; a stream of asyncio may wait for it."""
        if self.pump is not None:
            self.pump.left(task)
        try:
            self.poll()
        except OSError:
            pass

    @property
    def under_way(self):
        """Whether a step would find something to do."""
        return bool(self.tasks or self.senders) or not self.channel.idle

    # ---- connectIDs ----

    def unused_id(self):
        """A connectID that can be allocated, or None."""
        for connect_id, connection in enumerate(self._connections):
            if connection is None and self.foreign[connect_id] is None:
                return connect_id
        return None

    def assign_id(self, connect_id, connection):
        """`connection` has `connect_id` from now on: whoever had it has it no more."""
        self._connections[connect_id] = connection

    def release_id(self, connect_id, blocked_by=None):
        """Nobody has `connect_id` any more. One that the module did not close is not to be used
        before the epoch of `blocked_by`, an interface, ends."""
        self._connections[connect_id] = None
        self.foreign[connect_id] = blocked_by

    def lookup(self, connect_id):
        """The connection that has `connect_id`, or None."""
        if connect_id is not None and 0 <= connect_id < len(self._connections):
            return self._connections[connect_id]
        return None

    @property
    def connections(self):
        """Those that have a connectID."""
        return [c for c in self._connections if c is not None]

    # ---- bytes taken over from callers that do not wait ----

    def fill_outbox(self, data, start, count):
        """Copy data[start:start + count] to the outbox, which must be free; returns that."""
        if self.outbox is None:
            self.outbox = bytearray(self.dialect.SEND_MAX)
        self.outbox_free = False
        copy(self.outbox, 0, data, start, count)
        return self.outbox

    def add_sender(self, sender):
        """`sender` has bytes that poll must push."""
        self.senders.append(sender)
        self.start_pump()

    def remove_sender(self, sender, held):
        """All that `sender` held has gone."""
        if held is self.outbox:
            self.outbox_free = True
        if sender in self.senders:
            self.senders.remove(sender)

    # ---- received bytes ----

    def take_staging(self):
        """A Staging for one AT+QIRD of a stream."""
        staging = self._spare
        if staging is None:
            return Staging(self.chunk)
        self._spare = staging.next
        return staging

    def give_staging(self, staging):
        """Nobody uses `staging`, which is empty or not wanted, any more."""
        if staging.size == self.chunk:
            staging.drop()
            staging.link(self._spare)
            self._spare = staging

    def receive(self, channel, count, sink):
        """Called from a line handler: `count` bytes of data follow, for `sink` or for nobody."""
        if self.formats is not None:
            self.formats.receive(channel, count, sink)
        else:
            channel.receive(count, sink)

    # ---- URCs ----

    def _on_urc(self, channel):
        if channel.says(b'"recv",'):
            connection = self.lookup(channel.number())
            if connection is not None:
                connection.on_recv(channel)
        elif channel.says(b'"closed",'):
            connection = self.lookup(channel.number())
            if connection is not None:
                connection.on_closed()
        elif channel.says(b'"incoming'):
            load("modes.server").incoming(self, channel)
        elif channel.says(b'"pdpdeact",'):
            cid = channel.number()
            for nic in self.nics:
                if nic.cid == cid:
                    nic.end_epoch("the context was deactivated")
                    self.spawn(load("bringup.pdp").deactivate(nic), True)

    def _on_open(self, channel):
        connection = self.lookup(channel.number())
        if connection is not None:
            connection.on_open(channel.number())

    def _on_late_data(self, channel):
        # An answer that came too late: its payload must not be taken for lines.
        count = channel.number()
        if count is None or not 0 <= count <= self.dialect.READ_MAX:
            channel.damaged()
        elif count:
            self.receive(channel, count, None)

    def _on_reboot(self, channel):
        if channel.at_end():
            self.restarted("the module restarted")
            channel.abort()

    def _on_boot_text(self, channel):
        self.restarted("the module restarted")
        channel.abort(True)

    def _on_sleep(self, channel):
        self._asleep_at = channel.lines
        load("bringup.sleep").lose_streams(self)
        channel.fall_asleep()

    def _on_awake(self, channel):
        channel.repeat()
        self.hint_all()

    def _on_wake(self, channel):
        channel.repeat()
        load("bringup.sleep").woken(self)

    def _on_noise(self, channel):
        # It may be what is left of a recv URC.
        self.hint_all()
        for connection in self._connections:
            if connection is not None and connection.push:
                connection.staging.on_noise(channel.rest(0))

    def hint_all(self):
        """Every connection may have data that no URC has told of."""
        for connection in self._connections:
            if connection is not None:
                connection.on_hint()

    def probe_all(self):
        """As hint_all, in a little while."""
        for connection in self._connections:
            if connection is not None:
                connection.probe_soon()

    # ---- restarts, and URCs that were lost ----

    @property
    def asleep(self):
        """Whether the module has said that it sleeps deeply, and nothing since."""
        return self._asleep_at == self.channel.lines

    @property
    def checking(self):
        """Whether it is being found out if the module still has our sockets."""
        return self._check is not None and not self._check.done

    def check_alive(self):
        """Something did not come, or a result tells that the module has lost its sockets: find out
        whether it is still the one that was made ready."""
        if self.ready and not self.checking and not self.asleep:
            self._check = self.spawn(self._checking(), True)

    def _checking(self):
        # Whoever wants a check may stand deep in the stack, which is short on a Pico: its task
        # loads it.
        yield from load("bringup.recovery").check(self)

    def check_ended(self):
        """Nothing comes: once in a while find out whether a URC was lost that told of an end."""
        waited = time.ticks_diff(time.ticks_ms(), self._checked_at)
        if not 0 <= waited < _ENDED_MS and not self.checking:
            self._checked_at = time.ticks_ms()
            self.spawn(load("bringup.recovery").find_ended(self), True)

    def restarted(self, text):
        """The module is not the one that was made ready."""
        self.ready = False
        self.epoch += 1
        for nic in self.nics:
            nic.end_epoch(text)

    def lose_connections(self, nic, text):
        """The context of `nic` has ended, and its sockets with it: each one fails."""
        for watch in self.watches:
            watch.on_end(nic, text)
        for connect_id, connection in enumerate(self._connections):
            if self.foreign[connect_id] is nic:
                self.foreign[connect_id] = None
            if connection is not None and connection.nic is nic:
                self._connections[connect_id] = None
                connection.fail(errors.Error(errno.ECONNABORTED, text))
