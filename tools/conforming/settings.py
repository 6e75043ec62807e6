"""The settings of a module that a run changes: kept before it, and set again after it."""

_CONTEXTS = ("bg95", "rm500u")
# What is asked, and how the answer's values are set again ("%s").
_KEYS = {
    "bc95": ("dataformat", "viewmode", "showlength"),
    "bc20": ("dataformat", "viewmode", "showlength"),
    "bc25": ("dataformat", "viewmode", "showlength"),
    "bg95": ("dataformat", "viewmode", "recvind"),
    "rm500u": ("dataformat", "viewmode", "recvind", "close mode", "sendinfo", "qisend/timeout"),
}
_CONTEXT = ("AT+QICSGP=1", "+QICSGP: ", "AT+QICSGP=1,%s")
# Where URCs go: no document has it, modules with a USB port do.
_URC_PORT = ('AT+QURCCFG="urcport"', '+QURCCFG: "urcport",', 'AT+QURCCFG="urcport",%s')
# 3GPP TS 27.007: what follows type and access point is the network's.
_DEFINED = ("AT+CGDCONT?", "+CGDCONT: 1,", "AT+CGDCONT=1,%s")
_TELLS_MORE = {"AT+QCSCON?": 1, _DEFINED[0]: 2}  # how many fields are settings
_OTHERS = {
    "bc95": (_DEFINED,),
    "bc20": (_DEFINED,),
    "bg95": (
        ("AT+QISDE?", "+QISDE: ", "AT+QISDE=%s"),
        ("AT+QCSCON?", "+QCSCON: ", "AT+QCSCON=%s"),
        _URC_PORT,
        _CONTEXT,
    ),
    "rm500u": (
        ("AT+QISDE?", "+QISDE: ", "AT+QISDE=%s"),
        ('AT+QCFG="nat"', '+QCFG: "nat",', 'AT+QCFG="nat",%s'),
        _URC_PORT,
        _CONTEXT,
    ),
    "bc25": (_DEFINED, ("AT+QSCLK?", "+QSCLK: ", "AT+QSCLK=%s")),
}
_RADIO = ("AT+CFUN?", "+CFUN: ", "AT+CFUN=%s")


def questions(key):
    """(question, what its answer begins with, command that sets it) for each setting."""
    for name in _KEYS[key]:
        yield 'AT+QICFG="%s"' % name, '+QICFG: "%s",' % name, 'AT+QICFG="%s",%%s' % name
    yield from _OTHERS.get(key, ())
    yield _RADIO


def names(key):
    """The settings that may be changed, as a text for the plan."""
    listed = [
        question[2:].rstrip("?").replace("+QICFG=", "QICFG ").lstrip("+")
        for question, _, _ in questions(key)
    ]
    return ", ".join(["echo (ATE)", *listed])


class Settings:
    """What was found; `restore` sets it again."""

    def __init__(self, talk, key, echo):
        self._talk = talk
        self._key = key
        self._echo = echo
        self._found = {}
        for question, prefix, _ in questions(key):
            self._found[question] = self._value(question, prefix)
        self.active = self._is_active() if key in _CONTEXTS else None

    def _value(self, question, prefix):
        value = self._talk.value(question, prefix, 15)
        return value and ",".join(value.split(",")[: _TELLS_MORE.get(question)])

    def _is_active(self):
        return self._talk.value("AT+QIACT?", "+QIACT: 1,1", 15) is not None

    def restore(self):
        """Set what has changed; returns a list of texts, what was set and what could not be."""
        told = []
        for question, prefix, command in questions(self._key):
            found = self._found[question]
            if found is None or self._value(question, prefix) == found:
                continue
            _, result = self._talk.ask(command % found)
            what = question[3:].rstrip("?")
            if result == "OK" and self._value(question, prefix) == found:
                told.append("%s is as it was" % what)
            else:
                told.append("%s could NOT be set again: set it by hand" % what)
        if self._key in _CONTEXTS and self._is_active() != self.active:
            self._talk.ask("AT+QIACT=1" if self.active else "AT+QIDEACT=1")
            told.append("context 1 is %s as it was" % ("active" if self.active else "not active"))
        if self._echo:
            self._talk.ask("ATE1")
            told.append("echo is on as it was")
        return told
