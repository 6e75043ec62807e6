"""Answers from a file to commands that the module does not know (`--answers FILE`).

    # A command, and what it is answered: lines, the last of which is the result.
    > AT+QGPS=1
    < OK
    # Lines behind the result are URCs; here, one that comes two seconds later.
    wait 2
    < +QGPSURC: "fixed"

    # An asterisk at the end stands for any text. `prompt` asks for data up to Ctrl+Z,
    # `prompt 20` for 20 bytes.
    > AT+QMTPUB=0,*
    prompt
    < OK
    < +QMTPUB: 0,1,0

Capital or small letters are the same in commands. A command that stands there more than once is
answered by each in turn, and by the last one from then on.
"""

import re

from .engine import LATER

_RESULT = re.compile(
    r"(OK|ERROR|SEND OK|SEND FAIL|CLOSE OK|CONNECT.*|NO CARRIER|NO ANSWER|NO DIALTONE|BUSY"
    r"|\+CM[ES] ERROR: .+)$"
)
_COMMAND = re.compile(r"> (AT.*)$", re.I)
_WAIT = re.compile(r"wait (\d+(?:\.\d+)?)$")
_PROMPT = re.compile(r"prompt(?: (\d+))?$")
_NAME = re.compile(r"AT\+(\w+)", re.I)

# What a step of an answer is.
LINE, RESULT, WAIT, PROMPT = "line", "result", "wait", "prompt"


class Answer:
    """One command of the file, and the steps that answer it."""

    def __init__(self, pattern, place):
        self.pattern = pattern.upper()
        self.place = place
        self.steps = []
        self.has_result = False

    def fits(self, line):
        line = line.upper()
        if self.pattern.endswith("*"):
            return line.startswith(self.pattern[:-1])
        return line == self.pattern

    def add(self, kind, value):
        if kind == LINE and not self.has_result and _RESULT.match(value):
            kind = RESULT
            self.has_result = True
        self.steps.append((kind, value))

    def play(self, module, at=0, ended=False):
        """Say the steps from `at` on; `ended`: the result has been said."""
        while at < len(self.steps):
            kind, value = self.steps[at]
            at += 1
            if kind == WAIT:
                module.after(value, lambda: self.play(module, at, ended))
                break
            if kind == PROMPT:
                module.prompt(value, lambda data: self._typed(module, at, data))
                break
            if kind == RESULT:
                ended = True
                module.final(value)
            else:
                (module.urc if ended else module.info)(value)
        return LATER

    def _typed(self, module, at, data):
        if data is None:
            module.final("ERROR")
        else:
            self.play(module, at)


class Answers:
    """What a file answers. ValueError, with the number of the line, where it cannot be read."""

    def __init__(self, text, name="answers"):
        self._all = []
        self._name = name
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip() and not line.startswith("#"):
                self._read(line.rstrip(), number)
        self._check()

    def _wrong(self, number, what):
        raise ValueError("{}:{}: {}".format(self._name, number, what))

    def _read(self, line, number):
        command = _COMMAND.match(line)
        if command:
            self._check()
            self._all.append(Answer(command.group(1), number))
            return
        if not self._all:
            self._wrong(number, "begin with a command: > AT…")
        wait, prompt = _WAIT.match(line), _PROMPT.match(line)
        add = self._all[-1].add
        if line.startswith("< "):
            add(LINE, line[2:])
        elif wait:
            add(WAIT, float(wait.group(1)))
        elif prompt and not self._all[-1].has_result:
            add(PROMPT, int(prompt.group(1)) if prompt.group(1) else None)
        else:
            self._wrong(number, "neither > AT…, < …, wait SECONDS, nor prompt [BYTES]")

    def _check(self):
        if self._all and not self._all[-1].has_result:
            self._wrong(self._all[-1].place, "no result, such as < OK, follows the command")

    def refuse_known(self, module):
        """ValueError if the module knows one of the commands itself."""
        for answer in self._all:
            name = _NAME.match(answer.pattern)
            if name and module.knows(name.group(1)):
                self._wrong(answer.place, "the module knows AT+{} itself".format(name.group(1)))

    def find(self, line):
        """What plays the answer to this line on a module, or None."""
        fitting = [answer for answer in self._all if answer.fits(line)]
        if not fitting:
            return None
        if len(fitting) > 1 and fitting[0].pattern == fitting[1].pattern:
            self._all.remove(fitting[0])
        return fitting[0].play
