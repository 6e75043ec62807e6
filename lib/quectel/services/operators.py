# The networks that there are, and the choice of one: AT+COPS, 3GPP TS 27.007, 7.3, beyond the five
# documents.

from collections import namedtuple

from quectel import answers, load
from quectel.dialects import quoted

Operator = namedtuple("Operator", ("status", "name", "short", "code", "technology"))

_STATUS = ("unknown", "available", "current", "forbidden")
# The standard gives no time for a search of all bands, nor for a registration: so long a module
# was seen to take.
_SEARCH_MS = 180000


def operators(nic, timeout=180):
    """Search for networks, AT+COPS=?: a list of Operator(status, name, short, code, technology).

    status   "available", "current", "forbidden" or "unknown"
    code     five or six digits, as nic.config(operator=…) takes them
    timeout  seconds: all bands of all technologies may take minutes, and nothing else can be
             asked meanwhile
    3GPP TS 27.007, 7.3. Only the first 384 characters of the module's answer are kept: about
    eight networks. EOPNOTSUPP where the module refuses, ETIMEDOUT."""
    return nic.module.finish(searching(nic, timeout))


def searching(nic, timeout):
    """Generator: what operators(nic, timeout) does."""
    cellular = load("services.cellular")
    found = []
    lines = yield from cellular.asking(nic, b"AT+COPS=?", b"+COPS: ", int(timeout * 1000))
    for line in lines:
        for group in _groups(line):
            # What follows the networks are ranges: numbers without quotes.
            if '"' in group:
                row = answers.fields(group) + [""] * 4
                status = answers.number(row[0])
                known = status is not None and 0 <= status < len(_STATUS)
                kind = cellular.technology(row[4:5])
                found.append(
                    Operator(_STATUS[status if known else 0], row[1], row[2], row[3], kind)
                )
    return found


def get(nic):
    """The code of the network that the program has chosen; None where the module chooses."""
    if _told(nic)[:1] in (["0"], []):
        return None
    _ask(nic, b"AT+COPS=3,2")
    try:
        return (_told(nic) + ["", "", ""])[2]
    finally:
        _ask(nic, b"AT+COPS=3,0")


def set(nic, code):
    """Choose a network by its code, or leave it to the module: None. The module registers anew,
    which may take minutes."""
    if code is None:
        _ask(nic, b"AT+COPS=0", None, _SEARCH_MS)
        return
    word = quoted(code, 6, "operator")
    if not word[1:-1].isdigit() or len(word) < 7:
        raise ValueError("operator must be a code of five or six digits")
    _ask(nic, b"AT+COPS=1,2," + word, None, _SEARCH_MS)
    _ask(nic, b"AT+COPS=3,0")  # names, where status("operator") asks


def _ask(nic, text, prefix=None, timeout=None):
    return load("services.cellular").ask(nic, text, prefix, timeout)


def _told(nic):
    rows = _ask(nic, b"AT+COPS?", b"+COPS: ")
    return answers.fields(rows[0]) if rows else []


def _groups(line):
    # What stands between parentheses; one between quotes is a part of a name.
    groups = []
    start = None
    within_quotes = False
    for i in range(len(line)):
        char = line[i]
        if char == '"':
            within_quotes = not within_quotes
        elif within_quotes:
            pass
        elif char == "(":
            start = i + 1
        elif char == ")" and start is not None:
            groups.append(line[start:i])
            start = None
    return groups
