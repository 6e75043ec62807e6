"""The module's side of the UART: bytes in, lines and payloads out, one command at a time.

It knows no socket and no command. What a command does is a method of a class further up:
`ip_NAME` for a TCP/IP command, whose result QIGETERROR tells, and `at_NAME` for any other.
Such a method gets the form of the command and its Args. It returns None (the engine then says
OK), returns LATER (it will call `final` or `refuse` itself), or raises Refused or CmeError.
"""

import collections
import random
import re

from .args import INVALID, CmeError, Refused, parse
from .distance import Far

TEST, READ, WRITE, EXECUTE = "test", "read", "write", "execute"
LATER = object()

COMMAND, DATA, TRANSPARENT = "command", "data", "transparent"

OUTPUT_LIMIT = 65536  # bytes waiting for the host before the sockets stop feeding it
INPUT_LIMIT = 65536

CTRL_Z, ESC = b"\x1a", b"\x1b"

_EXTENDED = re.compile(r"\+([A-Z0-9_]+)(?:(=\?)|(\?)|=(.*))?$", re.I | re.S)
_NAME = re.compile(r"[^A-Za-z]*AT\+([A-Z0-9_]+)", re.I)
_BASIC = re.compile(r"(&?[A-Z])(\d*)", re.I)
_BASIC_OR_NOTHING = re.compile(r"(?:&?[A-Z]\d*)?", re.I)
_NAME_ALONE = re.compile(r"\+([A-Z0-9_]*)", re.I)
_UP_TO_SEMICOLON = re.compile(r'(?:"[^"]*(?:"|$)|[^";]+)*')
_PREFIX = re.compile(r"[^A-Za-z]*AT(.*)$", re.I | re.S)


class Engine:
    """One module as its host sees it through the UART.

    network: see network.Network. clock: see clock.Clock. faults: the texts of `--fault`,
    resolved by faults.make. latency: seconds between a command and its answer. seed: makes
    whatever a fault picks at random repeatable. rtt: seconds to the peer and back.
    """

    LINE_LIMIT = 1024  # characters of a command line
    WHOLE_LINE = ()  # names of commands whose parameters may hold a semicolon without quotes
    TEST_FORMS = {}  # NAME: what its test form answers behind `+NAME: `; "" for a bare OK
    BOOT_TEXTS = ("RDY", "APP RDY")
    BOOT_TIME = 0.05  # s, kept short: what matters is that there is a time without answers
    KEY_TIME = 0.5  # s that PWRKEY must be pressed; each hardware design manual has its own
    needs_key = False  # only PWRKEY switches it on, and not the next host
    baud = None  # of its UART; None or 0: that of the host, whatever it is
    host_baud = 115200
    dtr_high = True

    def __init__(self, network, clock, faults=(), latency=0.0, seed=0, rtt=0.0):
        self.network = Far(network, clock, rtt) if rtt else network
        self.rtt = rtt
        self.clock = clock
        self.latency = latency
        self.random = random.Random(seed)
        self.counts = collections.Counter()  # what happened, for tests and for the log
        self.powered = True
        self.answers = None  # to commands that it does not know: see canned.Answers
        self.faults = ()
        self._out = bytearray()
        self._timers = set()
        self._key_pressed = None  # when PWRKEY went down
        self._held_in_reset = False
        self._supplied = True
        self._start()
        self.faults = [make(self) for make in faults]
        for fault in self.faults:
            fault.begin()

    def add_fault(self, make):
        """A fault more, from now on: see faults.make. Returns it, for remove_fault."""
        fault = make(self)
        self.faults.append(fault)
        fault.begin()
        return fault

    def remove_fault(self, fault):
        """It strikes no more. What it made of the module's nature, such as a size, stays."""
        fault.over = True
        self.faults.remove(fault)

    def _start(self):
        """What a power-up forgets. Every layer above adds its own, calling this one first."""
        self._input = bytearray()
        self._line = bytearray()
        self._urcs = collections.deque()
        self._busy = False
        self._running = False
        self._booting = False
        self._mode = COMMAND
        self._readers = {COMMAND: self._read_command, DATA: self._read_data}
        self._length = None
        self._data = bytearray()
        self._then = None
        self._tcpip = False
        self._rest = []  # commands of the line that are still to be carried out
        self._last_line = "AT"  # what A/ repeats
        self.command = None  # the name of the one under way, in small letters
        self.form = None  # ... and its form
        self.echo = True
        self.data_echo = True
        self.error_mode = 1  # AT+CMEE
        self.last_result = 0
        self._cures = None  # of a hang

    # --- the host's side -------------------------------------------------------------------

    def feed(self, data):
        """Takes bytes that the host wrote on the UART."""
        for fault in self.faults:
            data = fault.input(data)
        if not self.powered or self._booting:
            return  # nobody is listening: on a UART such bytes are gone
        self._input += data
        self.run()

    def take(self, limit=None):
        """Gives the host up to `limit` bytes (all of them without it), b"" if there are none."""
        if not self._out:
            return b""
        limit = len(self._out) if limit is None else limit
        data = bytes(self._out[:limit])
        del self._out[:limit]
        if data:
            self.settle()
        return data

    @property
    def pending(self):
        """Number of bytes that `take` would give."""
        return len(self._out)

    def wants_input(self):
        """False while the host should be held off, as by RTS: see front."""
        return len(self._input) < INPUT_LIMIT and len(self._out) < 4 * OUTPUT_LIMIT

    def host_reset(self):
        """The MCU starts anew. Its half-typed line stays, as a module could not know of it."""
        self._out.clear()
        if not (self.powered or self.needs_key):
            self.power_on()  # its program presses PWRKEY

    # --- power -----------------------------------------------------------------------------

    def power_on(self):
        if self._supplied:
            self.powered = True
            self._boot()

    def power_off(self):
        self._forget()
        self.powered = False

    def set_pwrkey(self, pressed):
        """PWRKEY goes down or up. Let go after KEY_TIME it switches a module on that was off, and
        off one that was on."""
        if pressed:
            if self._key_pressed is None:
                self._key_pressed = self.clock.now()
            return
        since, self._key_pressed = self._key_pressed, None
        if since is None or self.clock.now() - since < self.KEY_TIME - 1e-9:
            return
        if not self._helps("pwrkey"):
            return
        if self.powered:
            self.counts["key off"] += 1
            self.urc("POWERED DOWN")
            self.power_off()
        else:
            self.counts["key on"] += 1
            self.power_on()

    def press_key(self):
        """Somebody presses PWRKEY for as long as it needs."""
        self.set_pwrkey(True)
        self.clock.call_later(self.KEY_TIME, lambda: self.set_pwrkey(False))

    def set_dtr(self, high):
        """The level of DTR. It is high while nobody drives it."""
        if high != self.dtr_high:
            for fault in self.faults:
                fault.dtr_changes()
            self.dtr_high = high

    def set_psm_eint(self, pulled):
        """PSM_EINT, which wakes a module that has it (see nb.sleep)."""

    def set_reset(self, pressed):
        """RESET goes down or up; a module that was on starts when it is let go."""
        if pressed:
            if not self._helps("reset"):
                return
            self._held_in_reset = self._held_in_reset or self.powered
            self.power_off()
        elif self._held_in_reset:
            self._held_in_reset = False
            self.power_on()

    def set_supply(self, on):
        """The supply goes or comes. A module whose PWRKEY nobody has to press starts with it."""
        if on == self._supplied:
            return
        self._supplied = on
        if not on:
            self.power_off()
        elif not self.needs_key:
            self.power_on()

    def hang(self, cures):
        """It hangs until one of `cures` has restarted it: see faults.hangs."""
        self.counts["hang"] += 1
        self._cures = cures

    def _helps(self, cure):
        return self._cures is None or cure in self._cures

    def reboot(self):
        """Everything in RAM is lost; RDY comes when the module listens again."""
        self.counts["reboot"] += 1
        self._forget()
        self._boot()

    def deep_sleep(self):
        """Falls into deep sleep, where the module has that and may: True."""
        return False

    def _forget(self):
        for timer in self._timers:
            timer.cancel()
        self._timers = set()
        self._start()
        for fault in self.faults:
            fault.started()

    def _boot(self):
        self._booting = True
        self.after(self.BOOT_TIME, self._booted)

    def _booted(self):
        self._booting = False
        texts = self.BOOT_TEXTS
        for fault in self.faults:
            texts = fault.boot(texts)
        for text in texts:
            self.urc(text)

    def guarded(self, call):
        """`call` for the network to make later; it does nothing once there was a reboot."""
        epoch = self._timers

        def run(*args):
            if epoch is self._timers:
                call(*args)

        return run

    def after(self, delay, call):
        """A timer that dies with a reboot."""

        def run():
            self._timers.discard(timer)
            call()

        timer = self.clock.call_later(delay, run)
        self._timers.add(timer)
        return timer

    # --- output ----------------------------------------------------------------------------

    def emit(self, data):
        """The one gate that every byte to the host goes through."""
        if self._booting or not self.powered:
            return
        for fault in self.faults:
            data = fault.output(data)
        self._out += data

    def return_input(self, data):
        """Bytes that the host hears of itself: they never came to the module."""
        self._out += data

    def collapse(self):
        """Stops in the middle of what it is doing, and reboots; for faults."""
        self._booting = True
        self.clock.call_later(0, self.reboot)

    def info(self, text):
        """An information line. Before it stands a line boundary, where a URC may come."""
        self._boundary()
        text = self._said(text)
        if text is not None:
            self.emit(b"\r\n" + text.encode("latin-1") + b"\r\n")

    def _said(self, text):
        """The line as it is, or as the faults make it; None if they lose it."""
        for fault in self.faults:
            text = text if text is None else fault.line(text)
        return text

    def told_count(self, count, asked):
        """The count for the header of a payload."""
        for fault in self.faults:
            count = fault.count(count, asked)
        return count

    def payload(self, header, data):
        """A header line and counted data: nothing can come between the two."""
        self._boundary()
        self.emit(self.with_payload(header, data))

    def with_payload(self, header, data):
        header = self._said(header)
        if header is None:
            return b""
        for fault in self.faults:
            data = fault.payload(data)
        return b"".join((b"\r\n", header.encode("latin-1"), data, b"\r\n"))

    def final(self, text="OK", result=0):
        """The result of the command; ends it. `result` is for QIGETERROR.

        Of several commands on a line the last one says OK; whatever else is said ends them all.
        """
        if text == "OK" and self._rest:
            if self._tcpip:
                self.last_result = result
            self._carry_out(self._rest.pop(0))
            return
        self._boundary()
        text = self._result(text)
        if text is not None:
            self.emit(b"\r\n" + text.encode("latin-1") + b"\r\n")
        if self._tcpip:
            self.last_result = result
        self._busy = False
        self.settle()
        self.run()

    def _result(self, text):
        for fault in self.faults:
            text = text if text is None else fault.result(text)
        return text

    def refuse(self, code=INVALID):
        self.final("ERROR", code)

    def urc(self, text):
        """Reports when the line is free: not in a payload, a prompt or transparent mode."""
        if all([fault.keep_urc(text) for fault in self.faults]):
            text = self._said(text)
            if text is not None:
                self._urcs.append((text, max([0] + [fault.cut(text) for fault in self.faults])))
        self.settle()

    def report(self, text):
        """The second line of an answer, such as SEND OK: it waits as a URC, and is none."""
        text = self._result(text)
        if text is not None:
            self._urcs.append((text, 0))
        self.settle()

    def urc_possible(self):
        """True where a URC would stand on a line boundary."""
        return self._mode == COMMAND and not (self.echo and self._line[:2].upper() == b"AT")

    def settle(self):
        """Lets out what has waited for the line. The layers above add their sockets' data."""
        while self._urcs and self.urc_possible():
            text, lost = self._urcs.popleft()
            self.emit((b"\r\n" + text.encode("latin-1") + b"\r\n")[lost:])

    def _boundary(self):
        for fault in self.faults:
            noise = fault.boundary()
            if noise:
                self.emit(b"\r\n" + noise.encode("latin-1") + b"\r\n")

    # --- input -----------------------------------------------------------------------------

    def run(self):
        """Works through the input as far as it goes."""
        if self._running:
            return  # the loop below is at work further down the stack
        self._running = True
        try:
            while self._input and not (self._busy or self._booting):
                if not self._readers[self._mode]():
                    break
        finally:
            self._running = False

    def _read_command(self):
        if self._repeats():
            return True
        end = self._input.find(b"\r") + 1
        piece = bytes(self._input[: end or None]).replace(b"\n", b"")
        del self._input[: end or None]
        if self.echo:
            self.emit(piece)
        self._line += piece
        if len(self._line) > self.LINE_LIMIT:
            del self._line[self.LINE_LIMIT + 1 :]
        if not end:
            return False
        line = self._line.decode("latin-1")
        self._line.clear()
        if len(line) > self.LINE_LIMIT:
            line = "AT?"  # whatever it was, it is refused
        if line.strip():
            self.settle()
            self._last_line = line.strip()
            self._accept(self._last_line)
        return True

    def _repeats(self):
        """A/ is carried out as soon as it is typed (ITU-T V.250, 5.2.4); True if it was."""
        at = self._input.find(b"/")
        if at < 0 or (self._line + self._input[:at]).strip().upper() != b"A":
            return False
        typed = bytes(self._input[: at + 1])
        del self._input[: at + 1]
        self._line.clear()
        if self.echo:
            self.emit(typed)
        self._accept(self._last_line)
        return True

    def _accept(self, line):
        self._busy = True
        self._tcpip = False
        name = _NAME.match(line)
        self.command = name and name.group(1).lower()
        self.counts["command"] += 1
        if any([fault.swallows(line) for fault in self.faults]):
            self._busy = False
            return
        self._pause(lambda: self._execute(line))

    def _pause(self, call):
        delay = self.latency + sum(fault.delay() for fault in self.faults)
        if delay:
            self.after(delay, call)
        else:
            call()

    def _execute(self, line):
        self._carry_out(lambda: self._begin_line(line))

    def _carry_out(self, command):
        try:
            if command() is not LATER:
                self.final()
        except Refused as refused:
            self.refuse(refused.code)
        except CmeError as error:
            shown = {1: error.code, 2: error.text}.get(self.error_mode)
            self.final("ERROR" if shown is None else "+CME ERROR: {}".format(shown), 550)

    def _begin_line(self, line):
        """Carries out the first command of a line, and leaves the others for later."""
        self._rest = []
        play = self.answers and self.answers.find(line)
        if play:
            return play(self)
        match = _PREFIX.match(line)
        if not match:
            raise Refused
        self._rest = self._commands(match.group(1))
        return self._rest.pop(0)() if self._rest else None

    def _commands(self, body):
        """The commands behind AT as functions (ITU-T V.250, 5.2.1): basic ones stand one behind
        the other, and a semicolon between an extended one and the next."""
        commands = []
        while body:
            if body[0] == "+":
                whole = _NAME_ALONE.match(body).group(1).lower() in self.WHOLE_LINE
                text = body if whole else _UP_TO_SEMICOLON.match(body).group()
                extended = _EXTENDED.match(text.rstrip(" "))
                if not extended:
                    raise Refused
                commands.append(lambda groups=extended.groups(): self._extended(*groups))
            else:
                text = _BASIC_OR_NOTHING.match(body).group()
                if not text:
                    raise Refused
                commands.append(lambda text=text: self._basic(text))
            body = body[len(text) :]
            if body[:1] == ";":
                body = body[1:].lstrip(" ")
                if not body:
                    raise Refused
        return commands

    def _basic(self, text):
        self.command = None
        self._tcpip = False
        name, value = _BASIC.match(text).groups()
        method = getattr(self, "basic_" + name.lower().replace("&", "and_"), None)
        if method is None:
            raise Refused
        return method(int(value or 0))

    @property
    def mode(self):
        return self._mode

    def idle(self):
        """Nothing is under way that a restart of its own would cut."""
        at_work = self._busy or self._line or self._booting
        up = self.powered and self._cures is None
        return up and self._mode == COMMAND and not at_work

    def busy_with(self, *names):
        return self._busy and self.command in names

    def _extended(self, name, test, read, text):
        name = self.command = name.lower()
        method = self._method(name)
        self._tcpip = hasattr(self, "ip_" + name) and name != "qigeterror"
        if method is None:
            raise Refused
        form = TEST if test else READ if read else WRITE if text is not None else EXECUTE
        self.form = form
        for fault in self.faults:
            fault.refusal(name)
        if form == TEST and name.upper() in self.TEST_FORMS:
            return self._tested(name.upper())
        return method(form, parse(text) if form == WRITE else None)

    def _method(self, name):
        return getattr(self, "ip_" + name, None) or getattr(self, "at_" + name, None)

    def knows(self, name):
        """Whether AT+NAME is one of its commands."""
        return self._method(name.lower()) is not None

    def _tested(self, name):
        if self.TEST_FORMS[name]:
            self.info("+{}: {}".format(name, self.TEST_FORMS[name]))

    # --- data after a prompt ---------------------------------------------------------------

    def prompt(self, length, then):
        """Asks for data: `length` bytes, or up to Ctrl+Z if it is None; then calls then(data).

        The data is None if Esc cancelled it. What the host typed before it saw the prompt is
        lost: the seeds tell it to wait, and a driver that does not should be found out.
        """
        if self._input:
            self.counts["typed ahead"] += len(self._input)
            self._input.clear()
        self._boundary()
        if all([fault.shows_prompt() for fault in self.faults]):
            self.emit(self.prompt_text())
        self._mode, self._length, self._then = DATA, length, then
        self._data.clear()
        self._busy = False
        return LATER

    def prompt_text(self):
        return b"\r\n> "

    def _read_data(self):
        if self._length is None:
            return self._read_text()
        missing = self._length - len(self._data)
        self._keep(missing)
        if len(self._data) == self._length:
            self._data_done(bytes(self._data))
        return True

    def _read_text(self):
        ends = [at for at in (self._input.find(CTRL_Z), self._input.find(ESC)) if at >= 0]
        if not ends:
            self._keep(len(self._input))
            return False
        self._keep(min(ends))
        end = self._input[:1]
        del self._input[:1]
        self._data_done(bytes(self._data) if end == CTRL_Z else None)
        return True

    def _keep(self, count):
        piece = self._input[:count]
        del self._input[:count]
        for fault in self.faults:
            piece = fault.typed(piece)
        if self.echoes_data():
            self.emit(bytes(piece))
        self._data += piece

    def echoes_data(self):
        return self.data_echo

    def _data_done(self, data):
        then, self._then = self._then, None
        self._mode = COMMAND
        self._busy = True
        self.settle()
        self._pause(lambda: self._complete(then, data))

    def _complete(self, then, data):
        try:
            then(data)
        except Refused as refused:
            self.refuse(refused.code)
