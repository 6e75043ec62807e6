# The module as a network interface: its table of sockets, its URCs, its status and settings, and
# the tasks that wait.
#
# Whatever takes more than one exchange is a generator that yields while it waits, a Task. poll()
# steps the channel and every task once and never waits; the blocking calls are loops over it
# (engine rule 7). How the module is brought up is in bringup.py.
#
# An epoch is the time in which the module keeps its sockets (rule 8). It ends when the module
# restarts or its context is lost, and every socket of it fails at once.

import errno
import sys
import time

from micropython import const

from quectel import at, bringup, copying, errors, socket
from quectel.connection import Connection
from quectel.dialects import within

_FRAMING = const(64)  # bytes of an answer and a URC around the data of a read
_LEAST_CHUNK = const(16)
_LOOKS_US = const(500)  # looks that took so long …
_BREAK_US = const(1500)  # … are followed by a break: see look
_REVIEW_MS = const(60000)  # between two looks at a module of which nothing is heard
_TCPIP = (b"AT+QI", b"AT+QPING", b"AT+QNTP")  # commands that AT+QIGETERROR knows
_BOUNDLESS = const(65536)  # bytes: what is no UART is taken to hold whatever comes


class Task:
    """A generator that waits for something, stepped by Modem.poll."""

    def __init__(self, steps):
        self._steps = steps
        self.done = False
        self.error = None
        self.value = None

    def cancel(self):
        """Go no further: done, with ECANCELED."""
        if not self.done:
            self._steps.close()
            self.done = True
            self.error = OSError(errors.ECANCELED)

    def step(self):
        """Run to the next wait."""
        if self.done:
            return
        try:
            next(self._steps)
        except StopIteration as e:
            self.value = e.value
            self.done = True
        except Exception as e:
            self.error = e
            self.done = True
        except BaseException:  # Ctrl-C in the middle of a step, of which nothing is left
            self.error = OSError(errors.ECANCELED)
            self.done = True
            raise


class Modem:
    """A Quectel module as a network interface, after network.AbstractNIC.

    uart    an object with MicroPython's UART methods any, readinto and write
    pwrkey  Pin-like, on the module's PWRKEY: lets active() switch the module on
    reset   Pin-like, on RESET
    dtr     Pin-like, on DTR
    cid     the context to use, in the dialect's range (1)
    trace   called with each line sent ("> …") and received ("< …"), secrets masked
    rxbuf   size of the UART's receive buffer in bytes, where its repr does not tell it or where
            RTS/CTS make it boundless; one read of a stream asks for no more than fits (a
            datagram can only be read whole: have 1600 bytes if you expect large ones)
    """

    AF_INET = socket.AF_INET
    AF_INET6 = socket.AF_INET6
    SOCK_STREAM = socket.SOCK_STREAM
    SOCK_DGRAM = socket.SOCK_DGRAM
    SOL_SOCKET = 1
    SO_REUSEADDR = 2
    SO_KEEPALIVE = 9
    SO_RCVBUF = 8
    SOL_QUECTEL = 0x5143
    ACCESS_MODE = 1
    RAI = 2
    COALESCE = 3
    BUFFER = 0
    PUSH = 1
    IPPROTO_IP = 0
    IPPROTO_TCP = 6
    IPPROTO_UDP = 17
    TCP_NODELAY = 1

    STAT_IDLE = bringup.STAT_IDLE
    STAT_CONNECTING = bringup.STAT_CONNECTING
    STAT_GOT_IP = bringup.STAT_GOT_IP
    STAT_NO_SIM = bringup.STAT_NO_SIM
    STAT_CONNECT_FAIL = bringup.STAT_CONNECT_FAIL

    # How PWRKEY and RESET are driven: level when pressed, and for how many ms. The document
    # leaves both to each module's hardware design manual: set your own where they differ.
    PWRKEY_PRESSED = 1
    PWRKEY_MS = 750
    RESET_PRESSED = 1
    RESET_MS = 300
    BOOT_MS = 20000  # how long a module may take to answer the first AT

    def __init__(
        self, uart, pwrkey=None, reset=None, dtr=None, cid=1, trace=None, rxbuf=None, dialect=None
    ):
        self.dialect = dialect = dialect or self.dialect
        self.cid = within(cid, dialect.CONTEXTS, "cid")
        self.channel = at.Channel(uart, trace)
        # A read that can only be answered by its own line: see Channel.start.
        probe = at.Command(b"AT+QIGETERROR", 5000, b"+QIGETERROR: ")
        probe.strict = True
        self.channel.probe = probe
        shown = _shown(uart, "rxbuf=")
        self.on_uart = shown > 0  # else a USB port, a socket
        self.urcs_routed = False  # see bringup.route_urcs
        rxbuf = rxbuf or shown or _BOUNDLESS
        baudrate = _shown(uart, "baudrate=")
        if baudrate:
            self.channel.set_baudrate(baudrate)
        self.chunk = min(dialect.READ_MAX, max(rxbuf - _FRAMING, _LEAST_CHUNK))
        self.pwrkey = pwrkey
        self.reset_pin = reset
        self.dtr = dtr
        self.apn = self.user = self.key = None
        self.auth = None
        self.family = 1
        self.address = None
        self.epoch = 0
        self.state = bringup.STAT_IDLE
        self.failure = None  # why the last connect failed
        self.tells_local = None  # whether AT+QNTP tells local time, where that is known
        self.ready = False  # settings made since the module started
        self._active = False
        self._connecting = None
        self._told = False  # whether the program knows that it is connected
        self._sockets = [None] * dialect.SOCKETS
        self._foreign = [None] * dialect.SOCKETS  # the interface of an id that is not free
        self.contexts = [self]  # and the others that context() made
        self._tasks = []
        self._calls = []
        self._senders = []
        self._pump = None
        self._looked = 0  # when a poller has last looked …
        self._looking = 0  # … and for how many us without a break
        self.transparent = None  # the stream of the last socket in transparent mode
        self.outbox_free = True
        self.coalesce = False  # whether new sockets gather small writes
        self.nat = 0  # the mode of AT+QCFG="nat", once it is known: see server.py
        self._outbox = None
        on = self.channel.on
        on(b"+QIRD: ", self._on_late_data)
        on(b"+QIOPEN: ", self._on_open)
        for text in dialect.REBOOT:
            on(text, self._on_reboot)
        for text in dialect.BOOT_TEXT:
            on(text, self._on_boot_text)
        on(b"+QIURC: ", self._on_urc)
        self._slept = -1  # channel.lines when the module said that it goes to sleep
        if dialect.SLEEP:
            on(dialect.SLEEP[0], self._on_sleep)
            on(dialect.SLEEP[1], self._on_wake)
        for text in dialect.WAKES:
            on(text, self._on_awake)
        self.channel.on_silence = self.doubt
        self.channel.on_noise = self._on_noise
        self.channel.silence = dialect.SLEEPS_MS
        self._checking = None
        self._checked = time.ticks_add(time.ticks_ms(), -_REVIEW_MS)
        self.make_plain()

    # ---- the network interface ----

    def active(self, on=None):
        """Whether the interface is active; with True, wake the module and make it ready, with
        False, close every socket and the context.

        active(True) waits for the module to answer (at most BOOT_MS, 20 s), switching it on with
        pwrkey where there is one (at most BOOT_MS from then on, 28 s in all), and closes the
        sockets that an earlier program left open. Raises ETIMEDOUT if the module does not answer,
        ENODEV if it is another model."""
        if on is None:
            return self._active
        task = self.spawn(self.switching(on))
        try:
            return self.complete(task)
        finally:
            task.cancel()  # after Ctrl-C: nobody holds PWRKEY any longer

    def switching(self, on):
        """Generator: what active(on) does."""
        if on:
            yield from bringup.power_on(self)
            self._active = True
        elif self._active:
            self._active = False
            yield from bringup.shut_down(self)
        return self._active

    def connect(self, apn=None, user=None, key=None, *, auth=None, family=1):
        """Begin to register with the network and to activate the context; returns at once.

        apn     access point name; without it the module's own setting is used
        user, key  credentials; auth 0 none, 1 PAP, 2 CHAP, 3 either (default: 0, or 3 with user)
        family  1 IPv4, 2 IPv6, 3 both
        Progress is made by isconnected(), status() and every call that polls."""
        if not self._active:
            raise errors.Error(errno.ENODEV, "call active(True) first")
        if auth is None:
            auth = 3 if user else 0
        within(auth, (0, 3), "auth")
        within(family, (1, 3), "family")
        if apn is not None:
            bringup.context_line(self.dialect, self.cid, family, apn, user, key, auth)
            self.apn, self.user, self.key = apn, user, key
            self.auth, self.family = auth, family
        if self._connecting is None or self._connecting.done:
            self.state = bringup.STAT_CONNECTING
            self.failure = None
            self._told = False
            self._connecting = self.spawn(bringup.connect(self))

    def disconnect(self):
        """Close every socket and deactivate the context (BG95-S5: at most 40 s)."""
        self.complete(self.spawn(bringup.disconnect(self)))

    def stop_connecting(self):
        """Go no further with connect; whether it was under way."""
        task = self._connecting
        if task is None or task.done:
            return False
        task.cancel()
        return True

    def isconnected(self):
        """Whether the context is active and has an address; makes progress with connect. False
        also while it is being found out, after a silence, whether the module has restarted."""
        self.poll()
        if self.state != bringup.STAT_GOT_IP or self.checking:
            return False
        self._told = True
        return True

    def status(self, param=None):
        """One of the STAT_ constants; "rssi" in dBm or None, "registration" as 3GPP TS 27.007
        <stat> (1 home, 5 roaming), "operator" as text; "error" why the last connect failed;
        "sleep" whether the module has said that it sleeps deeply (BC25, BC32)."""
        self.poll()
        if param is None:
            self._told = self._told or self.state == bringup.STAT_GOT_IP
            return self.state
        if param == "error":
            return self.failure
        return self.service("info").status(self, param)

    def ipconfig(self, *args, **kwargs):
        """ipconfig("addr4"), ("addr6"), ("dns"), or ipconfig(dns=address)."""
        return self.service("info").ipconfig(self, args, kwargs)

    def ifconfig(self, values=None):
        """(address, mask, gateway, DNS server) as text; the context is point to point, and its
        addresses cannot be chosen: EOPNOTSUPP."""
        return self.service("info").ifconfig(self, values)

    def config(self, *args, **kwargs):
        """Read one parameter, config("imei"), or set some, config(apn="internet").

        "imei", "iccid", "imsi", "model", "firmware", "apn", and every AT+QICFG key of the
        dialect's document by its name; keepalive=(idle, interval, count) in seconds, or None;
        coalesce=True, new TCP sockets gather small writes (COALESCE of setsockopt);
        "qidnscfg", all DNS servers; where the document has the command: "qisde", "qsclk",
        "qcscon", "nat". EOPNOTSUPP for a key of another document."""
        return self.service("settings").config(self, args, kwargs)

    def context(self, cid):
        """Another network interface over this module, for the context `cid`: it has its own
        connect, disconnect, isconnected, status, ipconfig, socket, resolve, ping and ntp.
        How many can be active at once: BG95-S5 3 (2 in NB2), RM500U 5."""
        return self.service("contexts").context(self, cid)

    def socket(self, af=socket.AF_INET, type=socket.SOCK_STREAM, proto=0):
        """A new Socket; it takes a connectID when it connects."""
        within(type, (socket.SOCK_STREAM, socket.SOCK_DGRAM), "type")
        if af not in (0, socket.AF_INET, socket.AF_INET6):
            raise ValueError("the family must be AF_INET, AF_INET6, or 0 for either")
        return socket.Socket(Connection(self, af, type == socket.SOCK_DGRAM))

    def getaddrinfo(self, host, port, af=0, type=0, proto=0, flags=0):
        """A list of one entry whose address is (host, port): the module takes names itself."""
        if isinstance(host, (bytes, bytearray)):
            host = str(host, "utf-8")
        return [(af or socket.AF_INET, type or socket.SOCK_STREAM, proto, "", (host, port))]

    def resolve(self, host):
        """The addresses of `host`, as a list of text (BG95-S5: within 60 s)."""
        return self.complete(self.spawn(self.service("dns").resolving(self, host)))

    def ping(self, host, count=4, timeout=4, size=32):
        """Ping `host`: a named tuple of sent, received, lost, min, max, avg (packets, ms) and
        replies, a list of (address, bytes, ms, ttl) or the module's code of a lost packet.

        count  packets, 1 to 10; timeout: s for each, 1 to 255; size: bytes, as the dialect has it
        Raises what the module reports where no packet could be sent."""
        steps = self.service("ping").pinging(self, host, count, timeout, size)
        return self.complete(self.spawn(steps))

    def ntp(self, host, port=123, set=True):
        """Ask a time server; UTC as time.gmtime gives it, 8 fields. With `set` the module's clock
        is set, and the board's, where machine has an RTC.

        The documents do not say whether the time that a module tells with a zone behind it is
        UTC or local, and modules differ: where the zone is not 0 the driver asks the server
        itself once, by SNTP over a UDP socket (RFC 4330), and keeps to what it finds. Where that
        has no answer, `set` raises EIO and leaves the board's clock alone; without `set` the
        time is taken to be UTC, as most modules were seen to tell it."""
        return self.complete(self.spawn(self.service("ntp").asking(self, host, port, set)))

    def clock(self):
        """The module's clock, AT+CCLK: UTC as time.gmtime gives it, 8 fields."""
        return self.service("ntp").clock(self)

    def error(self):
        """(code, text) of the last TCP/IP command, from AT+QIGETERROR."""
        return self.complete(self.spawn(self._last_error()))

    def netstat(self, connect_id=None):
        """The module's connections, from AT+QISTATE: a list of named tuples (id, service,
        address, remote_port, local_port, state, context, server, access_mode, port); `server`
        is the listener's id of an accepted one, `port` the AT port where the module names it."""
        return self.service("netstat").netstat(self, connect_id)

    def command(self, text, timeout=None, data=None):
        """Send any command line and return its answer's lines, without the final result.

        timeout  ms to wait (60,000); data: bytes sent after the prompt.
        Raises Error with the module's code if the module refuses, ETIMEDOUT without an answer,
        ValueError if `text` holds a control character."""
        steps = self.service("command").running(self, text, timeout, data)
        return self.complete(self.spawn(steps))

    def on_urc(self, prefix, callback):
        """Call `callback(line)` for every unsolicited line that begins with `prefix`; None stops
        it. It is called from poll, after the line has had its effect in the driver."""
        self.service("command").on_urc(self, prefix, callback)

    def service(self, name):
        """A file of the driver that not every program needs: loaded on first use."""
        return getattr(__import__("quectel." + name), name)

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
                    self._tasks.remove(task)
        while self._calls:
            callback, line = self._calls.pop(0)
            try:
                callback(line)
            except Exception as e:
                _report(e)
        return moved

    def look(self):
        """poll() for a poller, which asks socket after socket: many together hold an event loop
        hardly longer than one. Only where the pump looks again in any case: a poller by itself may
        sleep until the next interrupt."""
        if self._pump is None or not self._pump.steps:
            self.poll()
            return
        start = time.ticks_us()
        if not 0 <= time.ticks_diff(start, self._looked) <= _BREAK_US:
            self._looking = 0
        if self._looking > _LOOKS_US:
            return
        self.poll()
        self._looked = time.ticks_us()
        self._looking += time.ticks_diff(self._looked, start)

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

    def spawn(self, steps):
        """Start a generator as a Task."""
        task = Task(steps)
        self._tasks.append(task)
        self.keep_going()
        return task

    def keep_going(self):
        """Have a task step the interface, if an event loop runs: what is under way may be nobody's
        to wait for."""
        if self._pump is None:
            if "asyncio" not in sys.modules:
                return
            self._pump = self.service("aio").Pump(self)
        self._pump.start()

    def caller(self):
        """The task of the event loop that calls this, or None."""
        return None if self._pump is None else self._pump.caller()

    def leave(self, task):
        """Let a Task that closes go on in later polls; a stream of asyncio may wait for it."""
        if self._pump is not None:
            self._pump.left(task)
        self.poll_quietly()

    def complete(self, task):
        """Wait for a Task; returns its value or raises its error."""
        while not task.done:
            self.wait()
        if task.error is not None:
            raise task.error
        return task.value

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

    @property
    def under_way(self):
        """Whether a step would find something to do."""
        return bool(self._tasks or self._senders) or not self.channel.idle

    @property
    def settled(self):
        """Whether no task but the one that asks is under way, nor any exchange."""
        return self.channel.idle and len(self._tasks) < 2 and not self._senders

    def until(self, condition, timeout):
        """Generator: wait until `condition()`, at most `timeout` ms or to the end of the epoch."""
        epoch = self.epoch
        start = time.ticks_ms()
        while not condition() and epoch == self.epoch:
            if time.ticks_diff(time.ticks_ms(), start) >= timeout:
                return
            yield

    def rest(self, ms):
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
                code, words = yield from self._last_error()
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

    def _last_error(self):
        query = yield from self.ask(b"AT+QIGETERROR", b"+QIGETERROR: ")
        if query.result != at.DONE or not query.lines:
            return None, "refused"
        code, _, words = query.lines[0].partition(",")
        code = at.number(code.strip())
        return code, "refused" if code is None else words.strip().strip('"')

    # ---- the table of sockets ----

    def dialect_range(self, value, limits, name):
        """ValueError if `value` is outside the dialect's range."""
        within(value, getattr(self.dialect, limits), name)

    def must_be_connected(self):
        """Raises ENETUNREACH if there is no context to open a socket in."""
        if self.state != bringup.STAT_GOT_IP:
            raise errors.Error(errors.ENETUNREACH, "the interface is not connected")

    def unused_id(self):
        """A connectID that can be taken, or None."""
        for connect_id, owner in enumerate(self._sockets):
            if owner is None and self._foreign[connect_id] is None:
                return connect_id
        return None

    def take_id(self, owner):
        """A free connectID for `owner`; ENOBUFS if all are taken."""
        connect_id = self.unused_id()
        if connect_id is None:
            raise errors.Error(
                errno.ENOBUFS,
                "all %d sockets of %s are open" % (len(self._sockets), self.dialect.MODEL),
            )
        self._sockets[connect_id] = owner
        return connect_id

    @property
    def has_foreign(self):
        """Whether a connectID is out of use that no socket of this program has."""
        return any(self._foreign)

    def give_id(self, connect_id, owner):
        """The module itself has given `connect_id` to `owner`: whoever had it has it no more."""
        self._sockets[connect_id] = owner

    def owner(self, connect_id):
        """The socket that has `connect_id`, or None."""
        if connect_id is not None and 0 <= connect_id < len(self._sockets):
            return self._sockets[connect_id]
        return None

    def free_id(self, connect_id, usable):
        """Give a connectID back; one that the module did not close is not used in this epoch."""
        self._sockets[connect_id] = None
        self._foreign[connect_id] = None if usable else self

    def owned(self, connect_id):
        """Whether a socket of this program has `connect_id`."""
        return self._sockets[connect_id] is not None

    def owns(self, owner, connect_id):
        """Whether `connect_id` is still that of `owner`."""
        return self._sockets[connect_id] is owner

    @property
    def connections(self):
        """Those that have a connectID."""
        return [s for s in self._sockets if s is not None]

    def fill_outbox(self, data, at_, count):
        """Copy data[at_:at_ + count] to the outbox, which must be free; returns that."""
        if self._outbox is None:
            self._outbox = bytearray(copying.room(self.dialect.SEND_MAX))
        self.outbox_free = False
        copying.put(self._outbox, 0, data, at_, at_ + count)
        return self._outbox

    def add_sender(self, owner):
        """`owner` has bytes that poll must push."""
        self._senders.append(owner)
        self.keep_going()

    def remove_sender(self, owner, held):
        """All that `owner` held has gone."""
        if held is self._outbox:
            self.outbox_free = True
        if owner in self._senders:
            self._senders.remove(owner)

    # ---- URCs ----

    def _owner_of(self, channel):
        return self.owner(channel.number())

    def _on_urc(self, channel):
        if channel.says(b'"recv",'):
            owner = self._owner_of(channel)
            if owner is not None:
                owner.on_recv(channel)
        elif channel.says(b'"closed",'):
            owner = self._owner_of(channel)
            if owner is not None:
                owner.on_closed()
        elif channel.says(b'"incoming'):
            self.service("server").incoming(self, channel)
        elif channel.says(b'"pdpdeact",'):
            self._context_lost(channel.number())

    def _on_open(self, channel):
        owner = self._owner_of(channel)
        if owner is not None:
            owner.on_open(channel.number())

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
            self.lost("the module restarted")
            channel.abort()

    def _on_boot_text(self, channel):
        self.lost("the module restarted")
        channel.abort(True)

    def _on_sleep(self, channel):
        self._slept = channel.lines

    def _on_awake(self, channel):
        channel.repeat()
        self.look_now()

    def _on_wake(self, channel):
        channel.repeat()
        self.service("sleep").woken(self)

    def _on_noise(self, channel):
        # It may be what is left of a recv URC.
        self.look_now()
        if channel.begins_like_data():
            for conn in self._sockets:
                if conn is not None and conn.receiver.push:
                    conn.receiver.staging.damaged()

    def look_now(self):
        """Every connection may have data that no URC has told of."""
        for conn in self._sockets:
            if conn is not None and not conn.receiver.push:
                conn.receiver.hint = True

    def look_soon(self):
        """As look_now, in a little while."""
        for conn in self._sockets:
            if conn is not None:
                conn.receiver.look_soon()

    def doubt(self):
        """Something did not come, or a result tells that the module has lost its sockets: find out
        whether it is still the one that was made ready."""
        if self.ready and not self.checking and not self.asleep:
            self._checking = self.spawn(bringup.check(self))

    def review(self):
        """Nothing comes: once in a while find out whether a URC was lost that told of an end."""
        waited = time.ticks_diff(time.ticks_ms(), self._checked)
        if not 0 <= waited < _REVIEW_MS and not self.checking:
            self._checked = time.ticks_ms()
            self.spawn(bringup.find_ended(self))

    @property
    def asleep(self):
        """Whether the module has said that it sleeps deeply, and nothing since."""
        return self._slept == self.channel.lines

    @property
    def checking(self):
        """Whether it is being found out if the module still has our sockets."""
        return self._checking is not None and not self._checking.done

    def make_plain(self):
        """Data and answers look as the driver has told the module to let them look."""
        self.formats = None  # see formats.py
        self.channel.echoes_data = False
        self.inline_data(False)

    def inline_data(self, on):
        """Whether data follows a comma in the header's line (QICFG "viewmode" 1)."""
        self.header_fields = 2 if self.dialect.READ_REMAINING else 1
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
        owner = self.owner(channel.peek_number())
        return owner is not None and owner.pushes == commas

    def _context_lost(self, cid):
        for context in self.contexts:
            if context.cid == cid:
                context.end_epoch("the context was deactivated")
                self.spawn(bringup.deactivate(context))

    def lost(self, text):
        """The module is not the one that was made ready."""
        self.ready = False
        for context in self.contexts:
            context.end_epoch(text)

    def end_epoch(self, text):
        """The module has lost the sockets of this context: each one fails."""
        self.epoch += 1
        self.address = None
        self._end_state()
        for connect_id, owner in enumerate(self._sockets):
            if self._foreign[connect_id] is self:
                self._foreign[connect_id] = None
            if owner is not None and owner.nic is self:
                self._sockets[connect_id] = None
                owner.fail(errors.Error(errno.ECONNABORTED, text))

    def _end_state(self):
        if self._told or self.state not in (bringup.STAT_GOT_IP, bringup.STAT_CONNECTING):
            self.state = bringup.STAT_IDLE
            return
        # The program still waits for the end of its connect: go on, or begin again.
        self.state = bringup.STAT_CONNECTING
        if self._connecting is None or self._connecting.done:
            self._connecting = self.spawn(bringup.connect(self))

    def later(self, callback, line):
        """Call `callback(line)` at the end of this poll."""
        self._calls.append((callback, line))


def _shown(uart, name):
    # MicroPython's ports show baud rate and buffer size in the UART's repr; what does not is no
    # such UART.
    text = repr(uart)
    at_ = text.find(name)
    digits = ""
    if at_ >= 0:
        for char in text[at_ + len(name) :]:
            if not char.isdigit():
                break
            digits += char
    return int(digits) if digits else 0


def _report(error):
    if hasattr(sys, "print_exception"):
        sys.print_exception(error)
    else:
        import traceback

        traceback.print_exception(type(error), error, error.__traceback__)
