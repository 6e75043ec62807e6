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
_POLLED_US = const(500)  # polls of an event loop's streams that took so long …
_BREAK_US = const(1500)  # … are followed by a break: see poll_briefly
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


class Exchanges:
    """Generators that have the module do something; what waits is given up when `epoch` ends. A
    subclass has `channel`, `dialect` and `epoch`."""

    def run(self, command):
        """Generator: run `command` when the channel is free; its result says how it went."""
        epoch = self.epoch
        command.queued()
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
    ready        whether its settings have been made since it started
    active       whether the program has switched it on
    chunk        bytes of the largest AT+QIRD: its answer fits the UART's receive buffer
    transparent  the stream of the last socket in transparent mode
    tells_local  whether AT+QNTP tells local time, None while that is not known
    """

    def __init__(self, dialect, uart, trace, rxbuf):
        self.dialect = dialect
        self.channel = channel = at.Channel(uart, trace)
        # A read that can only be answered by its own line: see Channel.start.
        probe = at.Command(b"AT+QIGETERROR", 5000, b"+QIGETERROR: ")
        probe.strict = True
        channel.set_probe(probe)
        shown = _shown(uart, "rxbuf=")
        self._on_uart = shown > 0  # else a USB port, a socket
        rxbuf = rxbuf or shown or _BOUNDLESS
        baudrate = _shown(uart, "baudrate=")
        if baudrate:
            channel.set_baudrate(baudrate)
        self.chunk = min(dialect.READ_MAX, max(rxbuf - _FRAMING, _LEAST_CHUNK))
        self.epoch = 0
        self.nics = []
        self.ready = self.active = False
        self.tells_local = None
        self._urcs_routed = False  # see bringup/power.py
        self._connections = [None] * dialect.SOCKETS
        self._foreign = [None] * dialect.SOCKETS  # the interface of an id that is not free
        self._tasks = []
        self._calls = []
        self._senders = []
        self.pump = None
        self._polled_at = 0  # when an event loop has last polled a stream …
        self._polled_us = 0  # … and for how long without a break
        self.transparent = None
        self.outbox_free = True
        self.outbox = None  # what carries bytes of callers that do not wait
        self._spare = None  # a Staging that nobody uses, and through it all others
        self._check = None
        self._checked_at = time.ticks_add(time.ticks_ms(), -_ENDED_MS)
        self._asleep_at = -1  # channel.lines when the module said that it goes to sleep
        self.reset_formats()
        channel.set_handlers(self.check_alive, self._on_noise)
        channel.set_silence(dialect.SLEEPS_MS)
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

    # ---- steps and tasks ----

    def poll(self, patient=False):
        """One step of everything, without waiting; True if bytes moved on the line. `patient`: the
        caller waits in any case, so a write may hold it for longer."""
        moved = self.channel.poll(patient)
        if self._senders or self._tasks or self._calls:
            self._step()
        return moved

    def _step(self):
        if self._senders:
            for sender in self._senders:
                sender.push_held()
        if self._tasks:
            for task in self._tasks[:]:
                task.step()
                if task.done:
                    self._end_task(task)
        while self._calls:
            callback, line = self._calls.pop(0)
            try:
                callback(line)
            except Exception as e:
                load("services.command").report(e)

    def _end_task(self, task):
        self._tasks.remove(task)
        for other in self._tasks:
            if other.bringup:
                return
        if unload("bringup"):
            unload("answers")
            unload("dialects.details")  # read by it, and seldom by anything else

    def poll_briefly(self):
        """poll() for a poller, which asks socket after socket: many together hold an event loop
        hardly longer than one. Only where the pump polls again in any case: a poller by itself may
        sleep until the next interrupt."""
        if self.pump is None or not self.pump.steps:
            self.poll()
            return
        start = time.ticks_us()
        if not 0 <= time.ticks_diff(start, self._polled_at) <= _BREAK_US:
            self._polled_us = 0
        if self._polled_us > _POLLED_US:
            return
        self.poll()
        self._polled_at = time.ticks_us()
        self._polled_us += time.ticks_diff(self._polled_at, start)

    def poll_quietly(self):
        """poll() for callers that must not raise."""
        try:
            self.poll()
        except OSError:
            pass

    def wait(self):
        """One step of something that blocks."""
        self.channel.pause(self.poll(True))

    def spawn(self, steps, bringup=False):
        """Start a generator as a Task."""
        task = Task(steps, bringup)
        self._tasks.append(task)
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

    def current_task(self):
        """The task of the event loop that calls this, or None."""
        return None if self.pump is None else self.pump.current_task()

    def leave_closing(self, task):
        """Let a Task that closes go on in later polls; a stream of asyncio may wait for it."""
        if self.pump is not None:
            self.pump.left(task)
        self.poll_quietly()

    def call_later(self, callback, line):
        """Call `callback(line)` at the end of this poll."""
        self._calls.append((callback, line))

    @property
    def under_way(self):
        """Whether a step would find something to do."""
        return bool(self._tasks or self._senders) or not self.channel.idle

    @property
    def settled(self):
        """Whether no task but the one that asks is under way, nor any exchange."""
        return self.channel.idle and len(self._tasks) < 2 and not self._senders

    # ---- connectIDs ----

    def unused_id(self):
        """A connectID that can be allocated, or None."""
        for connect_id, connection in enumerate(self._connections):
            if connection is None and self._foreign[connect_id] is None:
                return connect_id
        return None

    def allocate_id(self, connection):
        """A free connectID for `connection`; ENOBUFS if all are taken."""
        connect_id = self.unused_id()
        if connect_id is None:
            raise errors.Error(
                errno.ENOBUFS,
                "all %d sockets of %s are open" % (len(self._connections), self.dialect.MODEL),
            )
        self._connections[connect_id] = connection
        return connect_id

    def assign_id(self, connect_id, connection):
        """The module itself has given `connect_id` to `connection`: whoever had it has it no
        more."""
        self._connections[connect_id] = connection

    def release_id(self, connect_id, blocked_by=None):
        """Nobody has `connect_id` any more. One that the module did not close is not to be used
        before the epoch of `blocked_by`, an interface, ends."""
        self._connections[connect_id] = None
        self._foreign[connect_id] = blocked_by

    def lookup(self, connect_id):
        """The connection that has `connect_id`, or None."""
        if connect_id is not None and 0 <= connect_id < len(self._connections):
            return self._connections[connect_id]
        return None

    @property
    def connections(self):
        """Those that have a connectID."""
        return [c for c in self._connections if c is not None]

    @property
    def has_foreign(self):
        """Whether a connectID is out of use that no socket of this program has."""
        return any(self._foreign)

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
        self._senders.append(sender)
        self.start_pump()

    def remove_sender(self, sender, held):
        """All that `sender` held has gone."""
        if held is self.outbox:
            self.outbox_free = True
        if sender in self._senders:
            self._senders.remove(sender)

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

    def sender(self, command, serves):
        """A dialect's command that sends, in the formats that the module has been told; of a UDP
        SERVICE where it `serves`."""
        return command if self.formats is None else self.formats.sender(command, serves)

    @property
    def tells_closed(self):
        """Whether a `closed` URC follows AT+QICLOSE (QICFG "close mode" 1)."""
        return self.formats is not None and self.formats.closes

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
                    self.spawn(load("bringup.context").deactivate(nic), True)

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

    def _on_awake(self, channel):
        channel.repeat()
        self.hint_all()

    def _on_wake(self, channel):
        channel.repeat()
        load("bringup.sleep").woken(self)

    def _on_noise(self, channel):
        # It may be what is left of a recv URC.
        self.hint_all()
        if channel.begins_like_data():
            for connection in self.connections:
                if connection.push:
                    connection.staging.damaged()

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

    # ---- formats of data: modes/formats.py ----

    def reset_formats(self):
        """Data and answers look as the driver has told the module to let them look."""
        self.set_formats(None)
        self.channel.set_formats(None, False)

    def set_formats(self, formats):
        """Follow what `formats` says; None: nothing differs from the plain forms."""
        self.formats = formats

    # ---- what the files of bringup/ tell ----

    def set_active(self, on):
        """The program has switched the interface on or off."""
        self.active = on

    def set_ready(self):
        """All settings are made."""
        self.ready = True

    def set_transparent(self, stream):
        """`stream` has the line, or may have it again by ATO; None: nobody has."""
        self.transparent = stream

    def set_tells_local(self, local):
        """Which time AT+QNTP tells; None where that could not be found out."""
        self.tells_local = local

    def may_route_urcs(self):
        """Whether URCs may go to another port than this UART, for all that was tried: once."""
        if self._urcs_routed or not self._on_uart:
            return False
        self._urcs_routed = True
        return True

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
            self._check = self.spawn(load("bringup.recovery").check(self), True)

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
        for connect_id, connection in enumerate(self._connections):
            if self._foreign[connect_id] is nic:
                self._foreign[connect_id] = None
            if connection is not None and connection.nic is nic:
                self._connections[connect_id] = None
                connection.fail(errors.Error(errno.ECONNABORTED, text))


def _shown(uart, name):
    # MicroPython's ports show baud rate and buffer size in the UART's repr; what does not is no
    # such UART.
    text = repr(uart)
    place = text.find(name)
    digits = ""
    if place >= 0:
        for char in text[place + len(name) :]:
            if not char.isdigit():
                break
            digits += char
    return int(digits) if digits else 0
