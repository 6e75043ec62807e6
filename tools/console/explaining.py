"""From a line of AT traffic to its meaning in words, by the tables of `meanings`."""

import re

from tools.console.meanings import BASIC, COMMANDS, LINES, QUESTIONS, VALUES, WORDS

_COMMAND = re.compile(r"AT\+([A-Z0-9]+)(=\?|\?|=)?", re.I)
_LINE = re.compile(r"\+([A-Z0-9]+(?: ERROR)?) ?: ?(.*)$")
_COMMA = re.compile(r',(?=(?:[^"]*"[^"]*")*[^"]*$)')  # one that is not between quotes
_PLACE = re.compile(r"\{(\d)(?::(\w+))?\}")
_HIDDEN = "***"


def fields(text):
    """The parameters of a line, without their quotes."""
    return [field.strip().strip('"') for field in _COMMA.split(text)]


def command(text):
    """What a command line asks for; "" where that is not known."""
    text = text.strip()
    if text.upper() in BASIC:
        return BASIC[text.upper()]
    match = _COMMAND.match(text)
    if not match or match.group(1).upper() not in COMMANDS:
        return ""
    name, form = match.group(1).upper(), match.group(2)
    if form == "?":
        return "asks: " + QUESTIONS.get(name, COMMANDS[name])
    return ("which values it takes: " if form == "=?" else "") + COMMANDS[name]


def line(text):
    """What a line of the module says; "" where that is not known."""
    if text in WORDS:
        return WORDS[text]
    match = _LINE.match(text)
    if not match:
        return COMMANDS.get(text[1:], "") if text[:1] == "+" else ""
    name, given = match.group(1), fields(match.group(2))
    if name == "QIURC" and given:
        name += " buff full" if "buff full" in given else " " + given[0]
    forms = LINES.get(name, {})
    fitting = [count for count in forms if count <= len(given)]
    if not fitting or _HIDDEN in given:
        return ""
    return _PLACE.sub(lambda place: _value(given, *place.groups()), forms[max(fitting)])


def _value(given, index, table):
    value = given[int(index)] if int(index) < len(given) else "?"
    return VALUES[table].get(value, value) if table else value


def is_urc(text):
    """Whether it is told without being asked for, whatever runs."""
    return text.startswith("+QIURC") or text in ("RDY", "APP RDY", "POWERED DOWN", "Neul")


def is_failure(text):
    """Whether it says that something did not work."""
    if text in ("ERROR", "SEND FAIL", "NO CARRIER") or text.startswith(("+CME ", "+CMS ")):
        return True
    opened = re.match(r"\+(?:QIOPEN|QIACTEX|QIDEACTEX): \d+,(\d+)", text)
    return bool(opened) and opened.group(1) != "0"
