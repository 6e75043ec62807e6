"""The modules of tests_host/field: a UART whose module says what a file says, and modules whose
behaviour no list of lines can tell."""

import virtual_time

clock = virtual_time.clock

OK = b"\r\nOK\r\n"
_MODELS = {"BG95S5": "BG95-S5", "BC95GR": "BC95-GR", "RM500U": "RM500U-CNV"}
_RXBUF = 2048
_ANSWERS = {
    "AT": b"",
    "ATE0": b"",
    "AT+CFUN?": b"\r\n+CFUN: 1\r\n",
    "AT+QISTATE?": b"",
    "AT+QIGETERROR": b"\r\n+QIGETERROR: 0,operate successfully\r\n",
    "AT+CPIN?": b"\r\n+CPIN: READY\r\n",
    "AT+CEREG?": b"\r\n+CEREG: 0,1\r\n",
    "AT+CGREG?": b"\r\n+CGREG: 0,1\r\n",
    "AT+QIACT?": b'\r\n+QIACT: 1,1,1,"10.7.157.1"\r\n',
    "AT+CGATT?": b"\r\n+CGATT: 1\r\n",
    "AT+CGPADDR?": b"\r\n+CGPADDR: 1,10.7.157.1\r\n",
}
_TAKEN = ("AT+QICFG=", "AT+QISDE=", "AT+QIDEACT", "AT+CFUN=")


def background(line, model):
    """What a healthy module answers; None where it would refuse."""
    if line == "AT+CGMM":
        return b"\r\n%s\r\n" % _MODELS.get(model, model).encode() + OK
    if line in _ANSWERS:
        return _ANSWERS[line] + OK
    if line.startswith("AT+QICLOSE="):
        return OK + (b"\r\nCLOSE OK\r\n" if model[:2] == "BC" else b"")
    for start in _TAKEN:
        if line.startswith(start):
            return OK
    return None


def matches(pattern, text):
    """Whether `text` is `pattern`, where * stands for anything."""
    first, *others = pattern.split("*")
    if not others:
        return text == pattern
    if not text.startswith(first) or not text.endswith(others[-1]):
        return False
    at = len(first)
    for part in others[:-1]:
        at = text.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return at <= len(text) - len(others[-1])


class Scripted:
    """A UART whose module says what a Behaviour says."""

    def __init__(self, behaviour, model):
        self.steps = list(behaviour.steps)
        self.answers = behaviour.answers
        self.model = model
        self.log = []  # (ms, command line)
        self._coming = []  # (us, bytes)
        self._timers = []  # (us, function)
        self._buffer = b""
        self._line = b""
        self.emit()

    def __repr__(self):
        return "Scripted(rxbuf=%d)" % _RXBUF

    # -- what the module does --

    def say(self, data, ms=0):
        """Send `data` so much later, but behind all that was said before."""
        due = clock.us + ms * 1000
        if self._coming:
            due = max(due, self._coming[-1][0])
        self._coming.append((due, data))

    def after(self, ms, call):
        """Call `call` so much later."""
        self._timers.append((clock.us + ms * 1000, call))

    def emit(self):
        """Say all up to the next line of the driver."""
        later = 0
        while self.steps and self.steps[0][0] in "<~":
            kind, what = self.steps.pop(0)
            if kind == "~":
                later += what
            else:
                self.say(what, later)

    def heard(self, line):
        """A command line has come, text."""
        if self.steps and self.steps[0][0] == ">" and matches(self.steps[0][1], line):
            self.steps.pop(0)
            self.emit()
            return
        for pattern, answer in self.answers:
            if matches(pattern, line):
                self.say(answer)
                return
        answer = background(line, self.model)
        self.say(b"\r\nERROR\r\n" if answer is None else answer)

    def wanted(self):
        """How many bytes the module takes for data now, 0 for none."""
        return len(self.steps[0][1]) if self.steps and self.steps[0][0] == ">>" else 0

    def given(self, data):
        """These bytes came as data."""
        assert data == self.steps.pop(0)[1], data
        self.emit()

    # -- a UART --

    def any(self):
        for timer in sorted(self._timers, key=lambda timer: timer[0]):
            if timer[0] <= clock.us:
                self._timers.remove(timer)
                timer[1]()
        while self._coming and self._coming[0][0] <= clock.us:
            self._buffer += self._coming.pop(0)[1]
        if self._buffer:
            clock.idle = False
        else:
            due = [timer[0] for timer in self._timers] + [said[0] for said in self._coming[:1]]
            clock.nothing(min(due) if due else 0)
        return min(len(self._buffer), _RXBUF)

    def readinto(self, buf, nbytes=None):
        count = min(len(buf) if nbytes is None else nbytes, self.any())
        if not count:
            return None
        buf[:count] = self._buffer[:count]
        self._buffer = self._buffer[count:]
        return count

    def write(self, buf, offset, size):
        self._line += bytes(memoryview(buf)[offset : offset + size])
        while True:
            count = self.wanted()
            if count:
                if len(self._line) < count:
                    return size
                data, self._line = self._line[:count], self._line[count:]
                self.given(data)
                continue
            line, end, rest = self._line.partition(b"\r")
            if not end:
                if line == b"+++":
                    self._line = b""
                return size
            self._line = rest
            text = line.decode().strip("\x1b\n")
            if text:
                self.log.append((clock.us // 1000, text))
                self.heard(text)


class NarrowBand(Scripted):
    """A kin of BC25: a URC only where the buffer was empty and no prompt is open, 4000 bytes at
    most, and a close forgets what was buffered."""

    LIMIT = 4000

    def __init__(self, behaviour, model):
        self.buffers = {}
        self.prompt = None
        super().__init__(behaviour, model)

    def arrive(self, connect_id, data):
        """The peer's data, for a connection that is open."""
        held = self.buffers[connect_id]
        if len(held) + len(data) > self.LIMIT:
            self.say(b'\r\n+QIURC: "recv",%d,"buff full"\r\n' % connect_id)
            return
        empty = not held
        held.extend(data)
        if self.announces(connect_id, empty):
            self.say(b'\r\n+QIURC: "recv",%d,%d\r\n' % (connect_id, len(data)))

    def announces(self, connect_id, empty):
        return empty and self.prompt is None

    def close(self, connect_id):
        """The peer closes."""
        if connect_id in self.buffers:
            del self.buffers[connect_id]
            self.say(b'\r\n+QIURC: "closed",%d\r\n' % connect_id)

    def heard(self, line):
        name, _, values = line.partition("=")
        if name == "AT+QIOPEN":
            connect_id = int(values.split(",")[1])
            self.buffers[connect_id] = bytearray()
            self.say(OK)
            self.say(b"\r\n+QIOPEN: %d,0\r\n" % connect_id, 300)
            self.opened(connect_id)
        elif name == "AT+QIRD":
            self._read(*[int(value) for value in values.split(",")])
        elif name == "AT+QISEND":
            connect_id, count = [int(value) for value in values.split(",")]
            if connect_id in self.buffers:
                self.prompt = (connect_id, count)
                self.say(b"\r\n> ", 20)
            else:
                self.say(b"\r\nERROR\r\n")
        else:
            super().heard(line)

    def _read(self, connect_id, count):
        held = self.buffers.get(connect_id)
        if held is None:
            self.say(b"\r\nERROR\r\n", 20)
            return
        data = bytes(held[:count])
        held = self.buffers[connect_id] = held[len(data) :]
        if data:
            head = b"\r\n+QIRD: %d,%d\r\n" % (len(data), len(held))
            self.say(head + data + b"\r\n" + OK, 20)
        else:
            self.say(b"\r\n+QIRD: 0\r\n" + OK, 20)

    def wanted(self):
        return self.prompt[1] if self.prompt else super().wanted()

    def given(self, data):
        connect_id = self.prompt[0]
        self.in_prompt()
        self.prompt = None
        self.say(OK + b"\r\nSEND OK\r\n", 30)
        self.sent(connect_id, data)

    def opened(self, connect_id):
        pass

    def in_prompt(self):
        pass

    def sent(self, connect_id, data):
        pass


class SendSilent(NarrowBand):
    """Data for connection 1 comes while the prompt of connection 0 is open."""

    def in_prompt(self):
        self.arrive(1, b"late news")


class CloseForgets(NarrowBand):
    """The peer answers and closes in one burst."""

    def sent(self, connect_id, data):
        self.after(400, lambda: self._burst(connect_id))

    def _burst(self, connect_id):
        self.arrive(connect_id, b"x" * 300)
        self.close(connect_id)


class BuffFull(NarrowBand):
    """Six pieces of 1000 bytes come at once, more than the module holds, and a last one later."""

    def sent(self, connect_id, data):
        self.after(400, lambda: self._burst(connect_id))
        self.after(3000, lambda: self.arrive(connect_id, b"6" * 1000))
        self.after(9000, lambda: self.close(connect_id))

    def _burst(self, connect_id):
        for i in range(6):
            self.arrive(connect_id, b"%d" % i * 1000)


class LateUrc(NarrowBand):
    """A download of 2000 bytes/s that is announced only when the buffer is nearly full."""

    LIMIT = 2168

    def announces(self, connect_id, empty):
        return len(self.buffers[connect_id]) > 2000

    def sent(self, connect_id, data):
        for i in range(24):
            piece = bytes([65 + i]) * 500
            self.after(500 + i * 250, lambda piece=piece: self.arrive(connect_id, piece))
        self.after(9000, lambda: self.close(connect_id))


class Sleepy(NarrowBand):
    """Asleep ten seconds after the line was last used: what wakes it is lost."""

    def __init__(self, behaviour, model):
        self._used = clock.us
        super().__init__(behaviour, model)

    def write(self, buf, offset, size):
        if clock.us - self._used <= 10000000:
            self._used = clock.us
            return super().write(buf, offset, size)
        if bytes(memoryview(buf)[offset : offset + size]).endswith(b"\r"):
            self._used = clock.us
        return size

    def say(self, data, ms=0):
        self._used = clock.us + ms * 1000
        super().say(data, ms)

    def sent(self, connect_id, data):
        self.after(500, lambda: self.arrive(connect_id, b"pong"))


class PushAfterIdle(NarrowBand):
    """Data comes 100 s after the connection was opened; its URC is lost."""

    def opened(self, connect_id):
        self.after(100000, lambda: self.arrive(connect_id, b"news"))

    def announces(self, connect_id, empty):
        return False


class UsbUrcs(Scripted):
    """What comes unasked goes to the USB port, until it is told otherwise."""

    def __init__(self, behaviour, model):
        self._uart1 = False
        super().__init__(behaviour, model)

    def heard(self, line):
        if line == 'AT+QURCCFG="urcport","uart1"':
            self._uart1 = True
            self.say(OK)
        elif line.startswith("AT+QIOPEN="):
            self.say(OK)
            if self._uart1:
                self.say(b"\r\n+QIOPEN: %d,0\r\n" % int(line.split(",")[1]), 300)
        else:
            super().heard(line)


class SlowRegistration(Scripted):
    """Registered 200 s after it was switched on, and no context before."""

    def __init__(self, behaviour, model):
        self._since = clock.us
        super().__init__(behaviour, model)

    def heard(self, line):
        there = clock.us - self._since > 200000000
        answers = {
            "AT+CEREG?": b"\r\n+CEREG: 0,%d\r\n" % (5 if there else 2),
            "AT+CGREG?": b"\r\n+CGREG: 0,%d\r\n" % (5 if there else 2),
            "AT+QIACT?": b'\r\n+QIACT: 1,1,1,"10.1.2.3"\r\n' if there else b"",
        }
        if line in answers:
            self.say(answers[line] + OK)
        elif line == "AT+QIACT=1":
            self.say(OK if there else b"\r\nERROR\r\n", 0 if there else 2000)
        else:
            super().heard(line)


_CLASSES = {
    None: Scripted,
    "SendSilent": SendSilent,
    "CloseForgets": CloseForgets,
    "BuffFull": BuffFull,
    "LateUrc": LateUrc,
    "Sleepy": Sleepy,
    "PushAfterIdle": PushAfterIdle,
    "UsbUrcs": UsbUrcs,
    "SlowRegistration": SlowRegistration,
}


def named(name):
    """The class of a module by the name that a file gives."""
    return _CLASSES[name]
