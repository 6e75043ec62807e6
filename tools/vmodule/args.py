"""The parameters behind the `=` of a command, and the refusals that they can earn."""

import re

INVALID = 552  # "invalid parameters", the code of every refusal that is one of form or range
REQUIRED = object()

# A bare text is taken at once and loses its blanks below: a thousand digits are quickly read so.
_PARAMETER = re.compile(r'\s*(?:"([^"]*)"\s*|([^",]*))(,|$)')
_INTEGER = re.compile(r"[+-]?\d{1,10}$")


class Refused(Exception):
    """The command is answered `ERROR`; `code` is what QIGETERROR tells afterwards."""

    def __init__(self, code=INVALID):
        super().__init__(code)
        self.code = code


class CmeError(Exception):
    """The command is answered `+CME ERROR`, or `ERROR` after AT+CMEE=0 (3GPP TS 27.007)."""

    def __init__(self, code, text):
        super().__init__(code)
        self.code = code
        self.text = text


class Bare(str):
    """A parameter that is neither a number nor in quotes: right where a dialect says so."""


class Args(list):
    """Parameters in order: int, str (it stood in quotes), Bare, or None where left empty.

    `texts` has each as it was typed, without its quotes.
    """

    def __init__(self):
        super().__init__()
        self.texts = []

    def expect(self, least, most):
        """Refuses any other number of parameters than `least` to `most`."""
        if not least <= len(self) <= most:
            raise Refused

    def given(self, index):
        return index < len(self) and self[index] is not None

    def integer(self, index, low, high, default=REQUIRED):
        """The number at `index`; `default` if it is not there; refused outside low to high."""
        if not self.given(index) and default is not REQUIRED:
            return default
        value = self[index] if index < len(self) else None
        if not isinstance(value, int) or not low <= value <= high:
            raise Refused
        return value

    def string(self, index, longest, default=REQUIRED):
        """The quoted text at `index`, of at most `longest` characters."""
        if not self.given(index) and default is not REQUIRED:
            return default
        value = self[index] if index < len(self) else None
        if not isinstance(value, str) or isinstance(value, Bare) or len(value) > longest:
            raise Refused
        return value


def parse(text):
    """Splits `1,"a,b",,7` into Args; text that cannot be split is refused."""
    args = Args()
    at = 0
    while True:
        match = _PARAMETER.match(text, at)
        if match is None:
            raise Refused
        quoted, bare, separator = match.groups()
        bare = bare and bare.rstrip()
        args.append(_value(quoted, bare))
        args.texts.append(bare if quoted is None else quoted)
        at = match.end()
        if not separator:
            return args


def _value(quoted, bare):
    if quoted is not None:
        return quoted
    if not bare:
        return None
    return int(bare) if _INTEGER.match(bare) else Bare(bare)
