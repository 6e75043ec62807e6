# What a trace shows of a line. Many commands and answers carry identities and passwords, and a
# damaged line may hold any part of one. So everything is masked that is not known to be harmless.
# Loaded where a trace is set.

_MASK = "***"
# The names of commands and lines whose every field may be seen.
_SHOWN = (
    " CCLK CEDRXS CEREG CESQ CFUN CGACT CGATT CGMM CGMR CGPADDR CGREG CME CMEE CMS COPS CPSMS"
    " CREG CSQ CTZR QCFG"
    " CTZU QATSLEEP QATWAKEUP QCSCON QCSQ QIACT QIACTEX QICFG QICLOSE QIDEACT QIDEACTEX"
    " QIDNSCFG QIDNSGIP QIGETERROR QIKALIVE QIND QIOPEN QIRD QISDE QISTATE QISWTMD QIURC QLTS"
    " QNTP QNTTP QPING QPOWD QSCLK QURCCFG "
)
# Of these, the ones whose lines have texts between quotes, and …
_QUOTED = (
    " CCLK CEDRXS CEREG CGPADDR CGREG COPS CPSMS CREG QCFG QCSQ QIACT QICFG QIDNSCFG QIRD"
    " QISTATE QIURC QLTS QNTP "
    "QNTTP QPING QURCCFG "
)
# … the ones that have words without quotes.
_IN_WORDS = ("CME", "CMS", "CPIN", "QIGETERROR", "QIND")
# Lines without a name.
_WORDS = (
    "OK",
    "ERROR",
    "SEND OK",
    "SEND FAIL",
    "CLOSE OK",
    "CONNECT",
    "NO CARRIER",
    "RDY",
    "APP RDY",
    "POWERED DOWN",
    "NORMAL POWER DOWN",
    "Neul",
)
# Commands whose answer is a bare line that may be seen.
_TELL = ("AT+CGMM", "AT+CGMR", "ATI")
_BASIC = ("AT", "ATE0", "ATE1", "ATI", "+++", "\\X1B")
_IDENTITY = 10  # so many digits together may be a part of one


class Trace:
    """Gives `say`, a program's function, each line sent ("> …") and received ("< …"). A byte that
    is no text is shown as \\xNN; what is no line at all, as a count."""

    def __init__(self, say):
        self.say = say
        self._tells = False  # whether the command that runs is one of _TELL
        self._noise = 0  # bytes that were not told yet
        self._begun = 0  # bytes of the line that comes that were told

    def sent(self, line, length, begun=0):
        """A command line is sent, `line[:length]` of bytes. `begun`: so many bytes have come of a
        line that has not ended."""
        if begun > self._begun:
            self.dropped(begun - self._begun)
            self._begun = begun
        text = _readable(line[:length].rstrip(b"\r"))
        self._tells = text.upper() in _TELL
        self._tell("> " + _command(text))

    def dropped(self, count):
        """So many bytes have come that belong to no line."""
        self._noise += count

    def took(self, line, length):
        """A line has come from the module, `line[:length]` of bytes."""
        text = _readable(line[:length])
        shown = self._masked(text)
        if shown == _MASK and "\\" in text:
            self.dropped(length - self._begun)
            shown = None
        self._begun = 0
        self._tell("< " + shown if shown else None)

    def came(self, line):
        """A line has come from the module, text."""
        self._tell("< " + self._masked(line))

    def _masked(self, line):
        if line[:1] == "+":
            return _fields(line, True)
        if line[:2].upper() == "AT":
            return _command(line)
        if line in _WORDS or (self._tells and _is_plain(line)):
            return line
        return _MASK

    def _tell(self, text):
        # Noise is told where it came: before the line.
        noise, self._noise = self._noise, 0
        if noise > 0:
            self.say("< [%d bytes of noise]" % noise)
        if text:
            self.say(text)


def _readable(data):
    return "".join([chr(byte) if 32 <= byte < 127 else "\\x%02x" % byte for byte in data])


def _command(line):
    line = line.strip()
    if line.upper() in _BASIC:
        return line
    if line[:3].upper() != "AT+":
        return _MASK
    return line[:2] + _fields(line[2:], False)


def _fields(text, came):
    # `text` begins with a plus. A name has letters only: a digit may begin a value whose equals
    # sign was lost.
    end = 1
    while text[end : end + 1].isalpha():
        end += 1
    name = text[1:end].upper()
    rest = text[end:]
    if rest in ("", "?", "=?"):
        return text if not came or " " + name + " " in _SHOWN else _MASK
    if rest[0] in "=?: " and _are_harmless(name, rest) and not (came and _is_damaged(name, rest)):
        return text
    if came:
        return _MASK
    if name in ("QISEND", "QISENDEX"):
        rest = rest.split(",")[0]
        return text[:end] + (rest if rest[1:].isdigit() and len(rest) < 4 else "=") + "," + _MASK
    return text[:end] + ("=" if rest[0] == "=" else "") + _MASK


def _are_harmless(name, rest):
    if name == "CPIN":
        return rest[0] == ":" and _is_plain(rest[1:]) and not _digits(rest, 1)
    if name == "QISEND":
        # An answer, or a command without the data: a program's own may be a secret.
        fields = rest[1:].split(",")
        return len(fields) <= (3 if rest[0] == ":" else 2) and all(
            [field.strip().isdigit() for field in fields]
        )
    if " " + name + " " not in _SHOWN or _digits(rest, _IDENTITY):
        return False
    # Another command behind it, on the same line or because the end of this one was lost.
    return ";" not in rest and "?" not in rest and "AT+" not in rest.upper()


def _is_damaged(name, rest):
    # Whether something stands there that the line does not have: the end of another one, behind
    # the one that came.
    parts = rest.split('"')
    if "\\" in rest and name != "COPS":  # an operator's name may be in any language
        return True
    if len(parts) & 1 == 0 or (len(parts) > 1 and " " + name + " " not in _QUOTED):
        return True
    for i in range(0, len(parts), 2):
        part = parts[i].strip()
        if i and part[:1] not in ("", ","):
            return True
        if i + 1 < len(parts) and part[-1:] not in (",", ":"):
            return True
        if name not in _IN_WORDS and not all([char in "0123456789 .,:+-" for char in part]):
            return True
    return False


def _is_plain(text):
    # A name or a version, and no part of a command.
    return (
        not text.isdigit()
        and not _digits(text, _IDENTITY)
        and not any(c in '=",;?\\' for c in text)
    )


def _digits(text, count):
    # Whether `count` digits stand together.
    run = 0
    for char in text:
        run = run + 1 if char.isdigit() else 0
        if run == count:
            return True
    return False
