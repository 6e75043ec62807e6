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

from quectel import at, copying, errors, load, unload

_FRAMING = const(64)  # bytes of an answer and a URC around the data of a read
_LEAST_CHUNK = const(16)
_BOUNDLESS = const(65536)  # bytes: what is no UART is taken to hold whatever comes
_POLLED_US = const(500)  # polls of an event loop's streams that took so long …
_BREAK_US = const(1500)  # … are followed by a break: see poll_briefly
_ENDED_MS = const(60000)  # between two checks of a module of which nothing is heard
_TCPIP = (b"AT+QI", b"AT+QPING", b"AT+QNTP")  # commands that AT+QIGETERROR knows


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
        command.result = at.PENDING
        while not self.channel.idle:
            if self.channel.raw:
                raise errors.Error(errors.EBUSY, "a socket is in transparent mode")
            yield
            if epoch != self.epoch:
                command.result = at.ABORTED
                return
        self.channel.start(command)
        while command.result == at.PENDING:
            yield

    def ask(self, text, prefix=None, timeout=None):
        """Generator: run a query; returns it, an at.Query."""
        query = at.Query(text, timeout or self.dialect.SILENCE_MS, prefix)
        yield from self.run(query)
        return query

    def until(self, condition, timeout):
        """Generator: wait until `condition()`, at most `timeout` ms or to the end of the epoch."""
        epoch = self.epoch
        start = time.ticks_ms()
        while not condition() and epoch == self.epoch:
            if time.ticks_diff(time.ticks_ms(), start) >= timeout:
                return
            yield

    def pause(self, ms):
        """Generator: wait `ms` milliseconds."""
        start = time.ticks_ms()
        while time.ticks_diff(time.ticks_ms(), start) < ms:
            yield

    def why(self, command, text):
        """Generator: the Error for a command that failed."""
        if command.result == at.ERROR and command.code is None:
            code, words = None, "refused"
            # Of the other commands AT+QIGETERROR tells nothing, but still of the last of these.
            line = bytes(command.line_out[:8]).upper()
            if any([line.startswith(name) for name in _TCPIP]):
                code, words = yield from self.last_error()
            if code == 0:
                code, words = None, "refused"
            return errors.of_code(code, text + ": " + words, self.dialect.ERRNO)
        if command.result == at.ERROR:
            return errors.of_code(command.code, text + ": refused", self.dialect.ERRNO)
        if command.result == at.TIMEOUT:
            return errors.Error(errno.ETIMEDOUT, text + ": no answer")
        if command.result == at.ABORTED:
            return errors.Error(errno.ECONNABORTED, text + ": the module restarted")
        if command.result == at.DAMAGED:
            return errors.Error(errno.EIO, text + ": the answer came damaged")
        return errors.Error(errno.EIO, text + ": refused", command.code)

    def last_error(self):
        """Generator: (code, words) of AT+QIGETERROR; the code is None where it cannot be told."""
        query = yield from self.ask(b"AT+QIGETERROR", b"+QIGETERROR: ")
        if query.result != at.DONE or not query.lines:
            return None, "refused"
        code, _, words = query.lines[0].partition(",")
        code = at.number(code.strip())
        return code, "refused" if code is None else words.strip().strip('"')


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
        channel.probe = probe
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
        self._outbox = None
        self._check = None
        self._checked_at = time.ticks_add(time.ticks_ms(), -_ENDED_MS)
        self._asleep_at = -1  # channel.lines when the module said that it goes to sleep
        self.reset_formats()
        channel.on_silence = self.check_alive
        channel.on_noise = self._on_noise
        channel.silence = dialect.SLEEPS_MS
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

    def poll(self):
        """One step of everything, without waiting; True if bytes moved on the line."""
        moved = self.channel.poll()
        if self._senders:
            for sender in self._senders:
                sender.push()
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
        return moved

    def _end_task(self, task):
        self._tasks.remove(task)
        for other in self._tasks:
            if other.bringup:
                return
        if unload("bringup"):
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
        self.channel.patient = True
        try:
            moved = self.poll()
        finally:
            self.channel.patient = False
        self.channel.pause(moved)

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
        if self._outbox is None:
            self._outbox = bytearray(copying.room(self.dialect.SEND_MAX))
        self.outbox_free = False
        copying.put(self._outbox, 0, data, start, start + count)
        return self._outbox

    def add_sender(self, sender):
        """`sender` has bytes that poll must push."""
        self._senders.append(sender)
        self.start_pump()

    def remove_sender(self, sender, held):
        """All that `sender` held has gone."""
        if held is self._outbox:
            self.outbox_free = True
        if sender in self._senders:
            self._senders.remove(sender)

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
            if self.formats is not None:
                channel = self.formats.over(channel)
            channel.expect(count, None, 0, 0)

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
                if connection.receiver.push:
                    connection.receiver.staging.damaged()

    def hint_all(self):
        """Every connection may have data that no URC has told of."""
        for connection in self.connections:
            if not connection.receiver.push:
                connection.receiver.hint = True

    def look_soon(self):
        """As hint_all, in a little while."""
        for connection in self.connections:
            connection.receiver.look_soon()

    # ---- formats of data: modes/formats.py, config/settings.py ----

    def reset_formats(self):
        """Data and answers look as the driver has told the module to let them look."""
        self.formats = None  # see modes/formats.py
        self.channel.echoes_data = False
        self.inline_data(False, 2 if self.dialect.READ_REMAINING else 1)

    def set_formats(self, formats):
        """Follow what modes/formats.py says."""
        self.formats = formats

    def set_header_fields(self, count):
        """Fields of AT+QIRD's header before the data."""
        self.header_fields = count

    def inline_data(self, on, fields):
        """Whether data follows a comma in the header's line (QICFG "viewmode" 1), behind so many
        fields."""
        self.header_fields = fields
        self.channel.header_ends = self._header_ends if on else None

    def _header_ends(self, length):
        channel = self.channel
        command = channel.command
        if command is not None and command.prefix == b"+QIRD: ":
            fields = getattr(command, "header_fields", self.header_fields)
            if channel.begins(b"+QIRD:", b"", length) == fields - 1:
                return True
        commas = channel.begins(b"+QIURC:", b'"recv",', length)
        if commas < 2:
            return False
        connection = self.lookup(channel.peek_number())
        return connection is not None and connection.pushes == commas

    # ---- what the files of bringup/ tell ----

    def set_active(self, on):
        """The program has switched the interface on or off."""
        self.active = on

    def set_ready(self):
        """All settings are made."""
        self.ready = True

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
