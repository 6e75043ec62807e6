"""What is shown: the program's words, and the AT traffic with its long runs folded."""

import os

_FIRST = 2  # exchanges of a run that are shown; so is the last one
_LEAST = 3  # fewer than these in between are shown as well

_DIM, _BOLD, _GREEN, _RED, _PLAIN = "\033[2m", "\033[1m", "\033[32m", "\033[31m", "\033[0m"
_NOUNS = {"AT+QIRD": "read", "AT+QISEND": "send"}
# What an exchange that is one of many may hold; anything else is worth a line of its own.
_USUAL = ('+QIURC: "recv",', "+QIRD: ", "[", "OK", "SEND OK")


class Screen:
    """A stream to write lines to, with colours and a line that changes where it is a terminal."""

    def __init__(self, stream):
        self._stream = stream
        self._tty = stream.isatty() and os.environ.get("TERM") != "dumb"
        self._colour = self._tty and not os.environ.get("NO_COLOR")
        self._passing = False
        try:
            "→←…•".encode(stream.encoding or "ascii")
            self._ascii = False
        except (UnicodeEncodeError, LookupError):
            self._ascii = True

    def _text(self, text, style):
        if self._ascii:
            for sign, instead in (("→", "->"), ("←", "<-"), ("…", "..."), ("•", "*")):
                text = text.replace(sign, instead)
            text = text.encode("ascii", "replace").decode()
        # What a module says must not steer the terminal.
        text = "".join(c if c.isprintable() or c == "\t" else "?" for c in text)
        return style + text + _PLAIN if self._colour and style else text

    def line(self, text, style=""):
        """A line for good."""
        self.parts([(text, style)])

    def parts(self, parts):
        """A line for good, of pieces of text with a style each."""
        self.clear()
        self._stream.write("".join(self._text(*part) for part in parts) + "\n")
        self._stream.flush()

    def passing(self, text, style=""):
        """On a terminal, a line that the next one overwrites."""
        if self._tty:
            self.clear()
            self._stream.write(self._text(text, style))
            self._stream.flush()
            self._passing = True

    def clear(self):
        """Take the passing line away."""
        if self._passing:
            self._stream.write("\r\033[K")
            self._passing = False

    def step(self, text):
        self.line("• " + text, _BOLD)

    def verdict(self, text, good):
        self.line(text, _GREEN if good else _RED)


class Exchange:
    """A command and what came until the next one. `of` is its command and connectID."""

    def __init__(self, command):
        self.of = command.partition(",")[0]
        self.lines = [("→", command)]
        self.payload = 0
        self.usual = self.of.partition("=")[0] in _NOUNS

    def add(self, arrow, text):
        self.lines.append((arrow, text))
        if text.startswith("[") and text.endswith(" bytes]"):
            self.payload += int(text[1:].partition(" ")[0])
        elif arrow == "←" and not text.startswith(_USUAL):
            self.usual = False


class Traffic:
    """The driver's trace, line by line: counts its exchanges, and shows them on a Screen (None:
    only counts). Each exchange is shown when the next one begins."""

    def __init__(self, screen):
        self.exchanges = 0
        self.reads = 0
        self._screen = screen
        self._now = None
        self._run_of = None
        self._run = 0
        self._hidden = []
        self._hidden_bytes = 0

    def line(self, text):
        """A line of the trace: "> …" was sent, "< …" received."""
        arrow = "→" if text[0] == ">" else "←"
        text = text[2:]
        if arrow == "→" and not text.startswith("["):
            self._end_exchange()
            self.exchanges += 1
            self.reads += text.startswith("AT+QIRD=")
            self._now = Exchange(text)
        elif self._now is None:
            self._show([(arrow, text)])
        else:
            self._now.add(arrow, text)

    def flush(self):
        """Show all that came."""
        self._end_exchange()
        self._end_run()

    def _end_exchange(self):
        now = self._now
        self._now = None
        if now is None:
            return
        if not now.usual or now.of != self._run_of:
            self._end_run()
            self._run_of = now.of if now.usual else None
        self._run += 1
        if self._run_of is None or self._run <= _FIRST:
            self._show(now.lines)
        else:
            self._hide(now)

    def _hide(self, exchange):
        self._hidden.append(exchange)
        if self._screen is not None and len(self._hidden) > _LEAST:
            count = len(self._hidden)
            self._screen.passing("    " + self._folded(count, self._hidden), _DIM)

    def _end_run(self):
        hidden = self._hidden
        self._hidden = []
        self._run = 0
        self._run_of = None
        if len(hidden) > _LEAST:
            *middle, last = hidden
            if self._screen is not None:
                self._screen.line("    " + self._folded(len(middle), middle), _DIM)
            hidden = [last]
        for exchange in hidden:
            self._show(exchange.lines)

    def _folded(self, count, exchanges):
        noun = _NOUNS[exchanges[0].of.partition("=")[0]]
        size = sum(exchange.payload for exchange in exchanges)
        return "… %d more %ss, %d bytes" % (count, noun, size)

    def _show(self, lines):
        if self._screen is not None:
            for arrow, text in lines:
                self._screen.line("    %s %s" % (arrow, text), _DIM)
