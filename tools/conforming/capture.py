"""What passes on the line, chapter by chapter, and how it is written down: as the behaviours of
tests_host/field, with all secrets masked."""

import re

_PAUSE_S = 0.03  # a silence of the module that is written down
_GUARD_S = 0.4  # less than the silence before a +++, which is a piece of its own
_DATA = re.compile(r"AT\+QISEND(?:EX)?=\d+(?:,(\d+)(?:,\"[^\"]*\",\d+)?)?$", re.I)
_LEFT = re.compile(rb"(?:^|\n)\r?\n?> ?$")
SENT, CAME = ">", "<"
# Asked at times of the driver's own choice: what it last got is the answer whenever it asks again.
_REPEATED = re.compile(r"(AT\+QIRD=\d+),")


class Capture:
    """The pieces that passed: (seconds, SENT or CAME, bytes) of each chapter."""

    def __init__(self, clock):
        self._clock = clock
        self.chapters = []  # (title, pieces)
        self.chapter("before")

    def chapter(self, title):
        """What follows is of this one."""
        self.chapters.append((title, []))

    def sent(self, data):
        """Bytes to the module."""
        self._add(SENT, data)

    def came(self, data):
        """Bytes from the module."""
        self._add(CAME, data)

    def totals(self):
        """How many bytes went to the module, and how many came."""
        pieces = [piece for _, pieces in self.chapters for piece in pieces]
        return tuple(
            sum(len(data) for _, way, data, _ in pieces if way == direction)
            for direction in (SENT, CAME)
        )

    def _add(self, direction, data):
        pieces = self.chapters[-1][1]
        now = self._clock.now()
        most = _GUARD_S if direction == SENT else _PAUSE_S
        if pieces and pieces[-1][1] == direction and now - pieces[-1][3] < most:
            start, _, before, _ = pieces[-1]
            pieces[-1] = (start, direction, before + data, now)
        else:
            pieces.append((now, direction, data, now))


def escaped(data):
    """Bytes as the files of tests_host/field have them."""
    text = ""
    for byte in data:
        char = chr(byte)
        if char in "\r\n":
            text += "\\r" if char == "\r" else "\\n"
        elif 32 <= byte < 127 and char != "\\":
            text += char
        else:
            text += "\\x%02x" % byte
    return text


def steps(pieces):
    """The pieces as (kind, what): ">" and a command line, ">>" and data after a prompt or in
    transparent mode, "<" and bytes, "~" and seconds."""
    found = []
    command = b""  # a line that is not complete
    data = None  # bytes of data that are still to come, -1: up to a Ctrl+Z
    stream = leaving = False
    last = ""
    before = None
    for start, direction, piece, end in pieces:
        if direction == CAME:
            if before is not None and start - before > _PAUSE_S:
                found.append(("~", start - before))
            found.append(("<", piece))
            if re.search(rb"(^|\n)CONNECT\r\n", piece):
                stream = True
            elif leaving and b"OK\r\n" in piece:
                stream = leaving = False
            elif _LEFT.search(piece) and data is None:
                match = _DATA.match(last)
                if match:
                    data = int(match.group(1) or 0) or -1
        elif stream:
            leaving = piece == b"+++"
            found.append((">>", piece))
        else:
            while piece:
                if data is not None:
                    count = piece.find(b"\x1a") + 1 if data < 0 else data
                    part, piece = piece[: count or None], piece[count or len(piece) :]
                    found.append((">>", part))
                    done = part[-1:] in (b"\x1a", b"\x1b") if data < 0 else len(part) == data
                    data = None if done else data if data < 0 else data - len(part)
                    continue
                line, cr, piece = piece.partition(b"\r")
                command += line
                if cr:
                    if command.strip():
                        last = command.decode("latin-1").strip("\n\x1b ")
                        found.append((">", last))
                    command = b""
        before = end
    if command:
        found.append((">>", command))
    return found


def lines(pieces):
    """The lines that came, as text."""
    came = b"".join([data for _, way, data, _ in pieces if way == CAME])
    return [line for line in came.decode("latin-1").split("\r\n") if line]


def learn(masks, pieces):
    """Let `masks` see what is secret in these pieces."""
    command = ""
    for kind, what in steps(pieces):
        if kind == ">":
            command = what
            masks.learn(command, "")
        elif kind == "<":
            for line in re.split(r"[\r\n]+", what.decode("latin-1")):
                masks.learn(command, line.strip())


def behaviour(title, pieces, masks, head=()):
    """The text of a file as in tests_host/field; `head` are its lines `# play` and `# want`."""
    lines = ["# " + masks.text(title)] + ["# " + masks.text(line) for line in head]
    body = []
    last, answers = None, {}
    for kind, what in steps(pieces):
        if kind == "~":
            body.append("~ %d" % round(what * 1000))
        elif kind == ">":
            last = masks.text(what)
            body.append("> " + last)
        elif kind == ">>":
            body.append(">> " + escaped(what))
            last = None
        else:
            text = _masked(what, masks)
            body.append("< " + text)
            asked = head and last and _REPEATED.match(last)
            if asked and text.endswith("OK\\r\\n"):
                answers[asked.group(1)] = text
    lines += ["! %s,* => %s" % pair for pair in answers.items()]
    return "\n".join(lines + body) + "\n"


def _masked(data, masks):
    # Line by line: what stands between two ends of a line is one.
    parts = re.split(rb"([\r\n]+)", data)
    return "".join(
        [
            escaped(part)
            if part.strip(b"\r\n") == b"" or not _is_text(part)
            else escaped(masks.text(part.decode("latin-1")).encode("latin-1"))
            for part in parts
        ]
    )


def _is_text(data):
    return all(32 <= byte < 127 for byte in data)
