"""The line lies: bytes, lines, prompts, counts and numbers that are not what was said."""

import re

from .base import Counted, Fault

_NUMBER = re.compile(r"(?<![\w\".+-])-?\d+(?![\w\".])")


class _Lost:
    def damage(self, byte):
        return b""


class _Doubled:
    def damage(self, byte):
        return byte * 2


class _Flipped:
    def damage(self, byte):
        return bytes((byte[0] ^ 1 << self.module.random.randrange(8),))


class _Inserted:
    def damage(self, byte):
        return byte + bytes((self.module.random.randrange(256),))


class _Bytes(Fault):
    """A fault of the line itself, about every so many bytes."""

    arguments = (("every", None),)

    def begin(self):
        self._aim()

    def _aim(self):
        self.left = self.module.random.randint(1, 2 * int(self.every) - 1)

    def output(self, data):
        if len(data) < self.left:
            self.left -= len(data)
            return data
        done = bytearray()
        while len(data) >= self.left:
            done += data[: self.left - 1]
            done += self.damage(data[self.left - 1 : self.left])
            data = data[self.left :]
            self._aim()
        self.left -= len(data)
        return bytes(done + data)


class Drop(_Lost, _Bytes):
    """drop:EVERY  about every so many bytes of output one is lost"""


class Double(_Doubled, _Bytes):
    """double:EVERY  about every so many bytes of output one comes twice"""


class Flip(_Flipped, _Bytes):
    """flip:EVERY  about every so many bytes of output one has a bit flipped"""


class Insert(_Inserted, _Bytes):
    """insert:EVERY  about every so many bytes of output there is one that nobody sent"""


class DropRun(_Bytes):
    """drop-run:EVERY,BYTES  about every so many bytes of output so many together are lost"""

    arguments = (("every", None), ("bytes", None))

    def begin(self):
        super().begin()
        self.losing = 0

    def output(self, data):
        done = bytearray()
        while data:
            if self.losing:
                lost = min(self.losing, len(data))
                self.losing -= lost
                data = data[lost:]
                continue
            kept = min(self.left, len(data))
            done += data[:kept]
            data = data[kept:]
            self.left -= kept
            if not self.left:
                self._aim()
                self.losing = int(self.bytes)
        return bytes(done)


class _InputBytes(_Bytes):
    """The same on the way to the module."""

    def input(self, data):
        return super().output(data)

    def output(self, data):
        return data


class DropInput(_Lost, _InputBytes):
    """drop-input:EVERY  about every so many bytes of input one is lost"""


class DoubleInput(_Doubled, _InputBytes):
    """double-input:EVERY  about every so many bytes of input one comes twice"""


class FlipInput(_Flipped, _InputBytes):
    """flip-input:EVERY  about every so many bytes of input one has a bit flipped"""


class InsertInput(_Inserted, _InputBytes):
    """insert-input:EVERY  about every so many bytes of input there is one that nobody sent"""


# --- prompts -------------------------------------------------------------------------------


class LosePrompt(Counted):
    """lose-prompt:EVERY  every so many prompts are lost; the module waits for the data"""

    def shows_prompt(self):
        return not self.due()


class LoseTyped(Counted):
    """lose-typed:EVERY  in every so many prompts one byte of the data is lost, and missed"""

    def begin(self):
        super().begin()
        self.left = None

    def shows_prompt(self):
        self.left = self.module.random.randrange(32) if self.due() else None
        return True

    def typed(self, data):
        if self.left is None or not data:
            return data
        at = min(self.left, len(data) - 1)
        self.left = None
        return data[:at] + data[at + 1 :]


# --- payloads and their counts -------------------------------------------------------------


class _Payload(Counted):
    def payload(self, data):
        if not (data and self.due()):
            return data
        at = self.module.random.randrange(len(data))
        return data[:at] + self.damage(data[at : at + 1]) + data[at + 1 :]


class DropPayload(_Lost, _Payload):
    """drop-payload:EVERY  every so many payloads (QIRD, push mode) lack one byte"""


class DoublePayload(_Doubled, _Payload):
    """double-payload:EVERY  in every so many payloads one byte comes twice"""


class FlipPayload(_Flipped, _Payload):
    """flip-payload:EVERY  in every so many payloads a byte has a bit flipped"""


class _Count(Counted):
    def count(self, count, asked):
        return self.wrong(count, asked) if self.due() else count


class CountNegative(_Count):
    """count-negative:EVERY  every so many payloads are said to have -1 byte"""

    def wrong(self, count, asked):
        return -1


class CountHuge(_Count):
    """count-huge:EVERY  every so many payloads are said to have 9999999999 bytes"""

    def wrong(self, count, asked):
        return 9999999999


class CountAboveAsked(_Count):
    """count-above-asked:EVERY  every so many are said to have ten times what was asked for"""

    def wrong(self, count, asked):
        return 10 * asked


class CountAbove(_Count):
    """count-above:EVERY  every so many payloads are said to have 1 to 9 bytes more"""

    def wrong(self, count, asked):
        return count + self.module.random.randint(1, 9)


class CountBelow(_Count):
    """count-below:EVERY  every so many payloads are said to have 1 to 9 bytes fewer"""

    def wrong(self, count, asked):
        return max(0, count - self.module.random.randint(1, 9))


class CountMissing(_Count):
    """count-missing:EVERY  every so many payloads have no count in their header"""

    def wrong(self, count, asked):
        return ""


# --- lines ---------------------------------------------------------------------------------


class _Lines(Counted):
    """Of the lines that begin with `+`, or of those of one name alone."""

    arguments = (("every", None), ("name", ""))

    def concerns(self, text):
        return text.startswith("+" + self.name.upper()) and self.due()


class Garble(_Lines):
    """garble:EVERY[,NAME]  in every so many lines that begin with +NAME a number is none"""

    def line(self, text):
        numbers = list(_NUMBER.finditer(text, text.find(":") + 1))
        if not numbers or not self.concerns(text):
            return text
        number = self.module.random.choice(numbers)
        wrong = self.module.random.choice((self._letter, self._none, self._negative, self._long))
        return text[: number.start()] + wrong(number.group()) + text[number.end() :]

    def result(self, text):
        return self.line(text) if text.startswith("+") else text

    def _letter(self, number):
        at = self.module.random.randrange(len(number))
        return number[:at] + "v" + number[at + 1 :]

    def _none(self, number):
        return ""

    def _negative(self, number):
        return "-" + (number.strip("-0") or "1")

    def _long(self, number):
        return number + "9999999999"


class LoseLine(_Lines):
    """lose-line:EVERY[,NAME]  every so many lines that begin with +NAME are lost, data too"""

    def line(self, text):
        return None if self.concerns(text) else text


class LoseResult(Counted):
    """lose-result:EVERY  every so many result lines (OK, ERROR, SEND OK, …) are lost"""

    def result(self, text):
        return None if self.due() else text


class CutUrc(Counted):
    """cut-urc:EVERY  every so many URCs lose some of their beginning, CRLF first"""

    def cut(self, text):
        return self.module.random.randint(1, len(text) + 1) if self.due() else 0


FAULTS = (
    Drop, Double, Flip, Insert, DropRun, DropInput, DoubleInput, FlipInput, InsertInput,
    LosePrompt, LoseTyped, DropPayload, DoublePayload, FlipPayload, CountNegative, CountHuge,
    CountAboveAsked, CountAbove, CountBelow, CountMissing, Garble, LoseLine, LoseResult, CutUrc,
)  # fmt: skip
