"""A module that restarts at any byte of a session: bring-up, open, send, receive, close. A plain
loop of the program must get through its session again, with the same interface, each time.

On CPython at every byte; on MicroPython at some, chosen by a seed: see SAMPLES."""

import random
import sys

import virtual_time
import quectel
from cellular_module import ERROR, OK, CellularModule
from sessions import MOST_MS, TOLD_MS, through

SAMPLES = 20  # of each dialect, on MicroPython
SEED = 13
OWN = {
    "BC95GR": ("REBOOT_CAUSE_SECURITY_RESET_PIN", "Neul", "OK"),
    "BC20": ("+CPIN: READY",),
    "BG95S5": ("RDY", "+CFUN: 1", "+CPIN: READY", "APP RDY"),
    "BC25": ("RDY", "+CFUN: 1", "+CPIN: READY"),
    "RM500U": ("RDY", "+QIND: SMS DONE"),
}
clock = virtual_time.clock


class Module(CellularModule):
    """One with connections, whose peer gives back what it gets; it loses everything after `left`
    bytes of its own, and then says `texts` when it has started."""

    def __init__(self, model, left=None, texts=()):
        super().__init__(model)
        self.left = left
        self.texts = texts
        self.said = 0  # bytes
        self.restarts = 0
        self._forget()

    def _forget(self):
        self.echo = True
        self.data_echo = self.packet
        self.activated = False
        self.held = {}  # connectID: what its peer has given
        self.wanted = 0  # bytes behind the prompt
        self._id = None
        self._data = b""
        self._line = b""

    def _send(self, data):
        if not self._audible():
            return
        if self.left is not None and self.said + len(data) >= self.left:
            self._there += data[: self.left - self.said]
            self.left = None
            self._reboot()
            return
        self.said += len(data)
        self._there += data

    def _reboot(self):
        self.restarts += 1
        self._forget()
        self._coming.clear()
        self.silent = True
        self.at(self.boot_ms / 1000, "silent", False)
        for text in self.texts:
            self.say(text, self.boot_ms + 1)

    def write(self, buf, offset, size):
        # A byte at a time: what follows a restart is not heard.
        self._pass()
        clock.idle = False
        for byte in bytes(memoryview(buf)[offset : offset + size]):
            if not self._audible():
                continue
            char = bytes((byte,))
            if self.wanted:
                self._take(char)
                continue
            if self.echo:
                self._send(char)
            if char != b"\r":
                self._line += char
            elif self._line:
                line, self._line = self._line.decode(), b""
                self.asked.append(line)
                self._send(self.reply(line).encode())
        return size

    def _take(self, char):
        self._data += char
        self.wanted -= 1
        if self.data_echo:
            self._send(char)
        if not self.wanted and self._audible():
            data, self._data = self._data, b""
            self._send(self._given(data).encode())

    def _given(self, data):
        # What it says to data that it has got; they are back a moment later.
        self.at(0.3, "back", (self._id, data))
        return "\r\nSEND OK\r\n" if self.packet else OK + "\r\nSEND OK\r\n"

    def __setattr__(self, name, value):
        if name != "back":
            super().__setattr__(name, value)
            return
        connect_id, data = value
        if connect_id in self.held:
            self.held[connect_id] += data
            length = "" if self.packet else ",%d" % len(data)
            self._send(('\r\n+QIURC: "recv",%d%s\r\n' % (connect_id, length)).encode())

    def reply(self, line):
        name, _, value = line.partition("=")
        if name in ("ATE0", "ATE1"):
            self.echo = name == "ATE1"
        elif name == "AT+QISDE":
            self.data_echo = value == "1"
        elif line == "AT+QISTATE?":
            told = '\r\n+QISTATE: %d,"TCP","192.0.2.2",7,0,2,1,0\r\n'
            return "".join([told % each for each in self.held]) + OK
        elif name in ("AT+QIOPEN", "AT+QISEND", "AT+QISENDEX", "AT+QIRD", "AT+QICLOSE"):
            return getattr(self, name[3:].lower())(value.split(","))
        return super().reply(line)

    def qiopen(self, fields):
        connect_id = int(fields[1])
        if (self.packet and not self.activated) or connect_id in self.held:
            return ERROR
        self.held[connect_id] = b""
        self.say("+QIOPEN: %d,0" % connect_id, 200)
        return OK

    def qisend(self, fields):
        self._id = int(fields[0])
        if self._id not in self.held:
            return ERROR
        if len(fields) > 2:
            return self._given(",".join(fields[2:]).strip('"').encode())
        self.wanted = int(fields[1])
        return "\r\n> "

    def qisendex(self, fields):
        self._id = int(fields[0])
        return self._given(bytes.fromhex(fields[2])) if self._id in self.held else ERROR

    def qird(self, fields):
        connect_id, count = int(fields[0]), int(fields[1])
        if connect_id not in self.held:
            return ERROR
        data = self.held[connect_id][:count]
        self.held[connect_id] = self.held[connect_id][count:]
        tail = "" if self.packet else ",%d" % len(self.held[connect_id])
        told = "\r\n+QIRD: %d%s\r\n" % (len(data), tail)
        return told + (data.decode() + "\r\n" if data else "") + OK

    def qiclose(self, fields):
        self.held.pop(int(fields[0]), None)
        return OK if self.packet else OK + "\r\nCLOSE OK\r\n"


def played(model, left, texts, timeout):
    """The module of a program that loops until its session is over."""
    uart = Module(model, left, texts)
    told = texts[:1] == ("RDY",) or len(texts) > 1
    most_ms = TOLD_MS if told else MOST_MS
    assert through(getattr(quectel, model)(uart), timeout, most_ms), (model, left, texts)
    return uart


def chosen(count):
    """At which byte the module restarts, in one session after the other."""
    if sys.implementation.name == "cpython":
        return range(1, count + 1)
    random.seed(SEED)
    return [random.randint(1, count) for _ in range(SAMPLES)]


def rebooted(model):
    uart = played(model, None, (), None)
    assert uart.restarts == 0 and uart.said > 250
    if sys.implementation.name == "cpython":
        quectel.load("module").unload = lambda folder: False  # to read them again takes its time
    for left in chosen(uart.said):
        texts = (("RDY",), OWN[model], ())[left % 3]
        restarted = played(model, left, texts, (None, 30)[left // 3 % 2])
        assert restarted.restarts == 1, (model, left)


def test_bc95():
    rebooted("BC95GR")


def test_bc20():
    rebooted("BC20")


def test_bg95():
    rebooted("BG95S5")


def test_bc25():
    rebooted("BC25")


def test_rm500u():
    rebooted("RM500U")
