"""Reads AT traffic from a file: line by line, masked, with times where the file has them.

Four forms are known, and told apart line by line:

    0.012345 > b'AT+CSQ\\r'     the virtual module's --log: pieces of the line, as they came
    > AT+CSQ                   what the driver's `trace` was given; a time may stand before it
    < \\r\\nOK\\r\\n              the same with its ends, as in tests_host/field
    AT+CSQ                     anything else: what a terminal program has kept
"""

import ast
import re

from tools import on_cpython  # noqa: F401
from tools.console.meanings import BASIC, WORDS

from quectel.services.masking import Trace  # isort: skip

_PIECE = re.compile(r"\s*(\d+\.\d+) ([<>]) (b(?:'.*'|\".*\"))$")
_TRACE = re.compile(r"\s*(?:\[?((?:\d+:\d\d:)?\d+(?:\.\d+)?)\]?\s+)?([<>]) (.*)$")
_PAYLOAD = re.compile(r"\[\d+ bytes(?: of noise)?\]$")
_READ = re.compile(rb"\+QIRD: ?(\d+)(?:,\d+|,\"[^\"]*\",\d+)?$")
_SEND = re.compile(rb"AT\+QISEND(?:EX)?=\d+,(\d+)", re.I)
_SENT = ("AT", "A/", "+++")


def seconds(text):
    """12:34:56.789 or 56.789, in seconds."""
    total = 0.0
    for part in text.split(":"):
        total = 60 * total + float(part)
    return total


class Wire:
    """Puts the pieces of both directions together: gives say(direction, line, time) each line, the
    prompt, and of data their number."""

    def __init__(self, say):
        self._say = say
        self._came = bytearray()
        self._sent = bytearray()
        self._left = self._count = 0  # of a payload that comes
        self._prompt = False
        self._length = None  # of the data behind the prompt; None: up to Ctrl+Z
        self._transparent = False

    def piece(self, direction, data, now):
        if self._transparent:
            self._stream(direction, data, now)
        elif direction == "<":
            self._came += data
            while self._take(now):
                pass
        else:
            self._sent += data
            while self._give(now):
                pass

    def _stream(self, direction, data, now):
        word = data.strip().decode("latin-1")
        if word == "+++" or (direction == "<" and word in ("OK", "NO CARRIER")):
            self._transparent = direction == ">"
            self._say(direction, word, now)
        else:
            self._say(direction, "[%d bytes]" % len(data), now)

    def _take(self, now):
        """One step of what came; False when it needs more."""
        came = self._came
        if self._left:
            taken = min(self._left, len(came))
            del came[:taken]
            self._left -= taken
            if not self._left:
                self._say("<", "[%d bytes]" % self._count, now)
            return not self._left
        end = came.find(b"\n") + 1
        if not end:
            if bytes(came).strip(b"\r\n") != b"> ":
                return False
            came.clear()
            self._prompt = True
            self._say("<", ">", now)
            return False
        line = bytes(came[:end]).strip()
        del came[:end]
        if line:
            self._say("<", line.decode("latin-1"), now)
            header = _READ.match(line)
            self._count = self._left = int(header.group(1)) if header else 0
            self._transparent = line.startswith(b"CONNECT")
        return not self._transparent

    def _give(self, now):
        """One step of what was sent; False when it needs more."""
        sent = self._sent
        if self._prompt:
            end = sent.find(b"\x1a") if self._length is None else self._length
            if end < 0 or len(sent) < end:
                return False
            del sent[: end + (self._length is None)]
            self._prompt = False
            self._say(">", "[%d bytes]" % end, now)
            return True
        end = sent.find(b"\r") + 1
        if not end and bytes(sent) != b"+++":
            return False
        line = bytes(sent[: end or None]).strip()
        del sent[: end or None]
        if line:
            self._say(">", line.decode("latin-1"), now)
            found = _SEND.match(line)
            self._length = int(found.group(1)) if found else None
        return True


class Reader:
    """Takes the lines of a file, and gives say(direction, line, time) what may be seen of them.
    `left_out` counts the lines that are no AT traffic."""

    def __init__(self, say):
        self._say = say
        self._now = None
        self._mask = Trace(self._masked)
        self._wire = Wire(self._line)
        self._marked = False  # the file marks its AT traffic
        self._begun = False  # … or it has none that is marked, but some
        self.left_out = 0

    def _masked(self, text):
        self._say(text[0], text[2:], self._now)

    def _line(self, direction, text, now):
        self._now = now
        if text == ">" or _PAYLOAD.match(text) or text.upper() in BASIC:
            self._say(direction, text, now)
        elif direction == ">":
            raw = text.encode("latin-1", "replace")
            self._mask.sent(raw, len(raw))
        else:
            self._mask.came(text)

    def feed(self, line):
        """A line of the file."""
        line = line.rstrip("\r\n")
        piece, trace = _PIECE.match(line), _TRACE.match(line)
        self._marked = self._marked or bool(piece or trace)
        if piece:
            now, direction, data = piece.groups()
            self._wire.piece(direction, ast.literal_eval(data), float(now))
        elif trace:
            now, direction, texts = trace.groups()
            for text in texts.split("\\r\\n"):
                if text.strip():
                    self._line(direction, text.strip(), seconds(now) if now else None)
        elif line.strip():
            self._unmarked(line.strip())

    def _unmarked(self, text):
        sent = text.upper().startswith(_SENT)
        self._begun = self._begun or sent or text[:1] == "+" or text in WORDS
        if self._marked or not self._begun:
            self.left_out += 1
        else:
            self._line(">" if sent else "<", text, None)
