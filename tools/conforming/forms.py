"""Whether a line is the one that a document prints: names, punctuation, codes and texts as they
stand, and what depends on network and time by its form."""

import re

ADDRESS = r"(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]+)"
_NUMBER = r"\d+"
_TEXT = r"[^\"]*"
_RESULTS = ("OK", "ERROR", "SEND OK", "SEND FAIL", "CLOSE OK", "CONNECT", "NO CARRIER")
_FAILURES = ("ERROR", "SEND FAIL", "NO CARRIER")
# What a module says of its start, SIM and registration whatever is asked.
_BESIDES = re.compile(
    r"\+(CREG|CGREG|CEREG|CTZV|CTZE|QIND|QUSIM|CPIN|CFUN|CGEV|QNBIOTEVENT|IP)\b"
    r"|(RDY|APP RDY|SMS Ready|Call Ready|PB DONE)$"
)


# URCs of sockets and names as the documents list them, for what comes outside of an example:
# what follows the name, as printed and as a regular expression.
_URCS = {
    "recv": ("<connectID>[,<length>[,<data>]]", r'\d+(?:,\d+(?:,.*)?|,"buff full")?'),
    "closed": ("<connectID>", r"\d+"),
    "incoming": ('<connectID>,<serverID>,"<IP>",<port>', r'\d+,\d+,"%s",\d+' % ADDRESS),
    "pdpdeact": ("<contextID>", r"\d+"),
    "dnsgip": ('<err>,<count>,<ttl> or "<IP>"', r'\d+(?:,\d+,\d+)?|"?%s"?' % ADDRESS),
}


def urc_difference(line):
    """(what is printed, in what it differs) for a URC that is not as the documents list it, None
    for one that is, and for any other line."""
    found = re.match(r'\+QIURC: ?"(\w+)" ?,', line)
    if not found or found.group(1) not in _URCS:
        return None
    head = '+QIURC: "%s",' % found.group(1)
    printed, pattern = _URCS[found.group(1)]
    if re.fullmatch(re.escape(head) + "(?:%s)" % pattern, line):
        return None
    bare = re.escape(head.replace(" ", "")) + "(?:%s)" % pattern
    return head + printed, "spaces" if re.fullmatch(bare, line.replace(" ", "")) else "text"


def fields(text):
    """The fields of `text` between its commas; one in quotes keeps them."""
    return re.findall(r'(?:"[^"]*"|[^,"])+|(?<=,)(?=,|$)|^(?=,)', text)


def is_result(text):
    """Whether a line ends a command, or one of the two parts of its answer."""
    return text in _RESULTS or text.startswith("+CME ERROR")


def is_failure(text):
    """Whether a line says that a command has failed."""
    return text in _FAILURES or text.startswith("+CME ERROR")


def is_besides(text):
    """Whether a module may say this at any time, for reasons of its own."""
    return _BESIDES.match(text) is not None


def kind(text):
    """What two lines have in common that say the same of different things."""
    if is_result(text):
        return "result"
    name = re.match(r"\+?[A-Za-z ]*", text).group().strip().upper()
    if name == "+QIURC":
        name += " " + (fields(text.partition(":")[2]) or [""])[0].strip(' "').lower()
    return name


def difference(printed, seen, ports=()):
    """None where `seen` is what the document prints; else in what it differs: "spaces", "quotes",
    "letters" (capital or small), "text". `ports` are local ports that were asked for."""
    pattern = form(printed, ports)
    if re.fullmatch(pattern, seen):
        return None
    if re.fullmatch(_bare(pattern, "(?:\\\\ | \\?)"), seen.replace(" ", "")):
        return "spaces"
    if re.fullmatch(pattern, seen, re.I):
        return "letters"
    if re.fullmatch(_bare(pattern, '"'), seen.replace('"', "")):
        return "quotes"
    return "text"


def _bare(pattern, what):
    return re.sub(what, "", pattern.replace('[^"]*', "[^,]*"))


def form(printed, ports=()):
    """The regular expression for a line of a document."""
    name, colon, rest = printed.partition(": ")
    if not colon:
        return re.escape(printed)
    values = fields(rest)
    rules = _rules(name, values, ports)
    parts = [rules.get(i, re.escape)(value) for i, value in enumerate(values)]
    return re.escape(name) + ":\\ " + ",".join(parts) + rules.get("tail", "")


def _address(value):
    return '"%s"' % ADDRESS if value[:1] == '"' else ADDRESS


def _number(value):
    return _NUMBER


def _text(value):
    return '"%s"' % _TEXT if value[:1] == '"' else re.escape(value)


def _time(value):
    return re.sub(r"\d", r"\\d", value.replace("+", "[+-]").replace("/", "/"))


def _word(value):
    return " ?" + re.escape(value.strip())


def _port_name(value):
    return '"(?:usbmodem|uart1|usbat)"'


def _rules(name, values, ports):
    # The fields that are not as printed: the index of each, and how it looks.
    last = len(values) - 1
    if name == "+QISTATE":
        rules = {}
        own = values[1].strip('"') in ("TCP LISTENER", "UDP SERVICE")
        if own and "127.0.0.1" not in values[2]:
            rules[2] = _address  # the module's own
        if values[4] != "0" and int(values[4]) not in ports:
            rules[4] = _number  # of the module's choice
        if values[last][:1] == '"' and last > 6:
            rules[last] = _port_name
        return rules
    if name == "+QIACT":
        return {2: _number, 3: _address, "tail": '(?:,"%s")?' % ADDRESS}
    if name == "+CGPADDR":
        return {1: _address}
    if name == "+QICSGP":
        return {i: _number if values[i].isdigit() else _text for i in range(len(values))}
    if name == "+QPING":
        free = {1: _address, 3: _number, 4: _number}
        # The last line counts requests, answers, losses, and has the times.
        return free if len(values) == 5 else dict.fromkeys(range(2, 7), _number)
    if name in ("+QNTP", "+CCLK"):
        return {last: _time}
    if name == "+QISEND":
        return {1: _number, 2: _number}  # how much the peer has acknowledged by now
    if name == "+QIGETERROR":
        return {1: _word}  # printed with a space in some documents, without in others
    if name == "+QIRD" and last > 1 and values[1][:1] == '"':
        return {1: _address, 2: _number}
    if name == "+QIURC" and values[0] == '"incoming"':
        return {1: _number, 3: _address, 4: _number}
    return {}
