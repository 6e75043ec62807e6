"""A UART whose module answers what a driver asks before it has a connection: the SIM, its PIN, the
registration, the context, a restart, another baud rate. In virtual time.

A test sets the attributes that say what it does, also while it runs; `at(seconds, name, value)`
sets one so many seconds later. `asked` has every line that it has heard."""

from virtual_time import clock

MODELS = ("BC95GR", "BC92", "BC65", "BC20", "BC25", "BC32", "BG95S5", "RM500U", "RG200U", "RG500U")
OK = "\r\nOK\r\n"
ERROR = "\r\nERROR\r\n"

# What it says to a question, of itself.
TOLD = {
    "AT+CPIN?": lambda module: "+CPIN: %s" % module.pin_state,
    'AT+CPINR="SIM PIN"': lambda module: "+CPINR: SIM PIN,%d,3" % module.tries,
    "AT+CEREG?": lambda module: "+CEREG: 0,%d" % module.registration(),
    "AT+CGREG?": lambda module: "+CGREG: 0,%d" % module.registration(),
    "AT+CSQ": lambda module: "+CSQ: %d,99" % module.csq,
    "AT+CGATT?": lambda module: "+CGATT: %d" % (module.registration() in (1, 5)),
    "AT+CGPADDR?": lambda module: "+CGPADDR: 1,10.0.0.7" if module.has_address() else "",
    "AT+QIACT?": lambda module: '+QIACT: 1,1,1,"10.0.0.7"' if module.activated else "",
    "AT+QIGETERROR": lambda module: "+QIGETERROR: %d, words" % (module.refuses or 561),
    "AT+CGMM": lambda module: module.model,
    "AT+CFUN?": lambda module: "+CFUN: %d" % module.radio,
}


class CellularModule:
    def __init__(self, model, baudrate=115200):
        self.model = model
        self.packet = model[:2] in ("BG", "RM", "RG")  # it has AT+QIACT
        self.asked = []
        self.stat = 1  # of AT+CEREG? and AT+CGREG?
        self.csq = 20
        self.pin_state = "READY"  # what AT+CPIN? says; None: there is no SIM
        self.pin = "1234"
        self.tries = 3
        self.tells_tries = True
        self.refuses = None  # the context: a result code
        self.activated = False
        self.silent = False
        self.radio = 1
        self.unknown = ()  # commands that the firmware does not have, as "AT+CEREG="
        self.boot_ms = 5000  # from AT+CFUN=1,1 to RDY
        self.down = ()  # what it says when it goes down
        self.baudrate = self.rate = baudrate  # of the UART, of the module
        self.heard_at = None  # the only rate at which anything is heard; None: at any
        self.mute_at = None  # a rate at which the module hears, and is not heard
        self.start_rate = baudrate
        self.inits = []
        self._plan = []  # (us, name, value)
        self._coming = []  # (us, bytes)
        self._line = b""
        self._there = b""
        self.on_time = lambda: None  # called at each look

    def __repr__(self):
        return "UART(1, baudrate=%d, bits=8, rxbuf=2048)" % self.baudrate

    # ---- what a test tells it ----

    def at(self, seconds, name, value):
        self._plan.append((clock.us + int(seconds * 1000000), name, value))

    def say(self, text, ms=0):
        """Send a line of its own so much later."""
        self._coming.append((clock.us + ms * 1000, b"\r\n" + text.encode() + b"\r\n"))

    def count(self, line):
        return len([each for each in self.asked if each == line])

    # ---- the UART ----

    def init(self, baudrate, rxbuf=None):
        assert rxbuf == 2048  # it would be the port's default
        self.inits.append(baudrate)
        self.baudrate = baudrate

    def _pass(self):
        for entry in self._plan[:]:
            if entry[0] <= clock.us:
                self._plan.remove(entry)
                setattr(self, entry[1], entry[2])
        for entry in self._coming[:]:
            if entry[0] <= clock.us:
                self._coming.remove(entry)
                self._send(entry[1])

    def _audible(self):
        fits = abs(self.rate - self.baudrate) < self.rate // 50
        return fits and not self.silent and self.heard_at in (None, self.rate)

    def _send(self, data):
        if self._audible() and self.rate != self.mute_at:
            self._there += data

    def any(self):
        self.on_time()
        if self._plan or self._coming:  # most looks find neither
            self._pass()
            if not self._there:
                due = [entry[0] for entry in self._coming + self._plan]
                clock.nothing(min(due) if due else 0)
                self._pass()
        elif not self._there:
            clock.nothing()
        return len(self._there)

    def readinto(self, buf, nbytes=None):
        count = min(len(buf) if nbytes is None else nbytes, len(self._there))
        if not count:
            return None
        clock.idle = False
        buf[:count] = self._there[:count]
        self._there = self._there[count:]
        return count

    def write(self, buf, offset, size):
        self._pass()
        clock.idle = False
        if not self._audible():
            self._line = b""
            return size
        self._line += bytes(memoryview(buf)[offset : offset + size])
        while b"\r" in self._line:
            line, _, self._line = self._line.partition(b"\r")
            if line:
                self.asked.append(line.decode())
                answer = self.reply(self.asked[-1])
                self._send(answer.encode())
        return size

    # ---- what it says ----

    def reply(self, line):
        """What it says to a command line."""
        if [True for name in self.unknown if line.startswith(name)]:
            return ERROR
        name, _, value = line.partition("=")
        answer = self._told(line)
        if answer is not None:
            return answer
        if name == "AT+CPIN":
            return self._try_pin(value.strip('"'))
        if name in ("AT+QIACT", "AT+QIACTEX"):
            return self._activate(name)
        if line in ("AT+CFUN=1,1", "AT+NRB"):
            self._restart()
        elif name == "AT+CFUN":
            self.radio = int(value)
        elif name in ("AT+QIDEACT", "AT+QIDEACTEX"):
            self.activated = False
            return OK + ("\r\n+QIDEACTEX: 1,0\r\n" if name.endswith("EX") else "")
        elif line == "AT+QPOWD=1":
            self.say("POWERED DOWN", 2000)
            self.at(2.1, "silent", True)
        elif name == "AT+IPR":
            # The answer still has the old rate.
            self._send(OK.encode())
            self.rate = int(value)
            return ""
        return ERROR if line == "AT+QSCLK?" else OK

    def _told(self, line):
        # The answer to a question, None where it is another command.
        if line == "AT+CPIN?" and self.pin_state is None:
            return "\r\n+CME ERROR: 10\r\n"
        if line.startswith("AT+CPINR") and not self.tells_tries:
            return ERROR
        if line not in TOLD:
            return None
        told = TOLD[line](self)
        return ("\r\n" + told + "\r\n" if told else "") + OK

    def has_address(self):
        """Whether its network has given it one."""
        return self.registration() in (1, 5) and self.refuses is None

    def registration(self):
        """What it says of it: `stat`, where there is a network for it at all."""
        return self.stat if self.radio == 1 and self.pin_state == "READY" else 0

    def _try_pin(self, given):
        if self.pin_state != "SIM PIN":
            return "\r\n+CME ERROR: 3\r\n"
        if given == self.pin:
            self.pin_state = "READY"
            self.tries = 3
            return OK
        self.tries -= 1
        if not self.tries:
            self.pin_state = "SIM PUK"
        return "\r\n+CME ERROR: 16\r\n"

    def _activate(self, name):
        refused = self.refuses or (0 if self.registration() in (1, 5) else 561)
        self.activated = not refused
        if name.endswith("EX"):
            return OK + "\r\n+QIACTEX: 1,%d\r\n" % refused
        return ERROR if refused else OK

    def _restart(self):
        for text in self.down:
            self.say(text, 100)
        self.at(0.2, "silent", True)
        self.at(self.boot_ms / 1000, "silent", False)
        self.at(self.boot_ms / 1000, "rate", self.start_rate)
        self.activated = False
        self.say("RDY", self.boot_ms + 1)
