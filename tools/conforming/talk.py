"""The line without the driver: commands, lines and data, each with a bound in time."""

import re
import time

from tools.conforming import documents, forms

_NAP_S = 0.002
_SPACE_S = 0.2  # s for the space behind a prompt, which not all modules send
_AT_S = 3  # s for an answer to AT, before something else is tried
_SILENCE_S = 0.3  # s without a byte: a module has said all it had to say
_MARGIN = 1.2  # of a guard time: the module's clock may differ


class Silent(Exception):
    """The module says nothing any more."""


class Line:
    """A line that came: `lead` are the bytes of line ends before its text, `end` those behind."""

    def __init__(self, lead, text, end):
        self.lead, self.text, self.end = lead, text, end

    @property
    def framed(self):
        """Whether it is CRLF text CRLF."""
        return (self.lead, self.end) == (b"\r\n", b"\r\n")

    def shown(self):
        """The line as it came, for a report."""
        ends = {b"\r": "\\r", b"\n": "\\n"}
        lead, end = (
            "".join([ends[part[i : i + 1]] for i in range(len(part))])
            for part in (self.lead, self.end)
        )
        return lead + self.text + end


class Talk:
    """One UART. `key` names the document, whose times bound each wait; `longest`: no wait is
    longer than so many seconds."""

    def __init__(self, uart, clock, longest=None):
        self.clock = clock
        self.key = None
        self.guard = 1.0
        self.slow = []  # (command, seconds) where a document asks for less
        self.dead = False
        self._uart = uart
        self._longest = longest
        self._chunk = bytearray(1024)
        self._buffer = b""
        self._quiet_since = clock.now()
        self._command = ("", 0.0, True)  # what was asked last, when, and whether it was answered

    # ---- bytes ----

    def send(self, data):
        """Write all of `data`."""
        end = self.clock.now() + documents.OTHERS
        while data:
            count = self._uart.write(data)
            data = data[count or 0 :]
            if not count:
                if self.clock.now() > end:
                    raise Silent("the line takes nothing")
                self.clock.nap(_NAP_S)
        self._quiet_since = self.clock.now()

    def _read(self):
        count = self._uart.readinto(self._chunk)
        if count:
            self._buffer += bytes(self._chunk[:count])
        return count

    def _until(self, found, bound):
        # What `found()` gives once it gives something, None after `bound` seconds.
        if self._longest is not None:
            bound = min(bound, self._longest)
        end = self.clock.now() + bound
        while True:
            result = found()
            if result is not None:
                return result
            if not self._read():
                if self.clock.now() >= end:
                    return None
                self.clock.nap(_NAP_S)

    def pause(self, seconds):
        """Let time pass, and take in what comes."""
        end = self.clock.now() + seconds
        while self.clock.now() < end:
            if not self._read():
                self.clock.nap(_NAP_S)

    def settle(self):
        """Wait until the module is silent, and forget what it has said."""
        self.pause(_SILENCE_S)
        while self._buffer:
            self._buffer = b""
            self.pause(_SILENCE_S)

    # ---- lines ----

    def command(self, text):
        """Send a command line."""
        self._command = (text, self.clock.now(), False)
        self.send(text.encode() + b"\r")

    def line(self, bound):
        """The next Line, None if none has come within `bound` seconds."""
        line = self._until(self._whole_line, bound)
        text, start, answered = self._command
        if line is not None and not answered:
            self._command = (text, start, True)
            seconds = self.clock.now() - start
            if documents.QUICK < seconds and self._is_quick(text):
                self.slow.append((text, seconds))
        return line

    def _is_quick(self, text):
        # Whether the document has 300 ms for it; rm500u says so of QISTATE alone.
        name = re.split(r"[=?]", text[3:])[0]
        if self.key == "rm500u":
            return name == "QISTATE"
        return name[:1] == "Q" and name not in documents.ANSWERS.get(self.key, {})

    def _whole_line(self):
        found = re.match(rb" ?([\r\n]*)([^\r\n]+)(\r\n|\r(?=[^\n])|\n)", self._buffer)
        if not found:
            return None
        self._buffer = self._buffer[found.end() :]
        return Line(found.group(1), found.group(2).decode("latin-1"), found.group(3))

    def prompt(self, bound):
        """None where the module asks for data; else the Line that came instead, False if nothing
        did."""

        def found():
            match = re.match(rb"[\r\n]*>", self._buffer)
            if match:
                self._buffer = self._buffer[match.end() :]
                return True
            return self._whole_line()

        result = self._until(found, bound)
        if result is not True:
            return False if result is None else result
        if self._until(lambda: self._buffer[:1] or None, _SPACE_S) == b" ":
            self._buffer = self._buffer[1:]
        return None

    def data(self, count, bound):
        """The next `count` bytes, or what there is of them after `bound` seconds."""
        self._until(lambda: len(self._buffer) >= count or None, bound)
        data, self._buffer = self._buffer[:count], self._buffer[count:]
        return data

    def bound(self, text):
        """Seconds for the answer to a command: what its document says."""
        name = "+++" if text == "+++" else re.split(r"[=?]", text[3:])[0]
        return documents.ANSWERS.get(self.key, {}).get(name, documents.OTHERS)

    def report_bound(self, text):
        """Seconds for a line that comes by itself."""
        if text.startswith("+QIOPEN"):
            return documents.OPENS[self.key]
        return documents.REPORTS.get(text.partition(":")[0], documents.OTHERS)

    # ---- questions, and order ----

    def ask(self, text, bound=None):
        """The lines of an answer and its result, None if it has none within its time."""
        self.command(text)
        lines = []
        end = self.clock.now() + (self.bound(text) if bound is None else bound)
        while True:
            line = self.line(max(0.0, end - self.clock.now()))
            if line is None:
                return lines, None
            if forms.is_result(line.text):
                return lines, line.text
            if line.text.strip() != text:  # else it is an echo
                lines.append(line.text)

    def echoes(self):
        """Whether the module echoes what it is sent."""
        self.command("AT")
        line = self.line(_AT_S)
        echo = line is not None and line.text.strip() == "AT"
        self.settle()
        return echo

    def value(self, text, prefix, bound=5):
        """What stands behind `prefix` in the answer, None where there is no such line."""
        pattern = re.escape(prefix).replace("\\ ", " ?")  # which firmware may leave out
        for line in self.ask(text, bound)[0]:
            found = re.match(pattern, line)
            if found:
                return line[found.end() :].strip()
        return None

    def escape(self):
        """Send +++, with the silence before and after it."""
        self.pause(max(0.0, self._quiet_since + self.guard * _MARGIN - self.clock.now()))
        self._command = ("+++", self.clock.now(), True)
        self.send(b"+++")

    def recover(self):
        """Get an answer to AT, whatever state the module is in; Silent if there is none."""
        for attempt in range(0 if self.dead else 4):
            if attempt == 1:  # transparent mode
                self.escape()
                self.pause(self.guard * _MARGIN)
            elif attempt == 2:  # a prompt that takes Esc, …
                self.send(b"\x1b")
            elif attempt == 3:  # … and one that takes all
                self.send(b"\r" * 1500)
            self.settle()
            for _ in range(2):
                _, result = self.ask("AT", _AT_S)
                if result is not None:
                    self.settle()
                    return
        self.dead = True
        raise Silent("the module does not answer AT")


def now():
    """The date and the time, for a report."""
    return time.strftime("%Y-%m-%d %H:%M")
