"""A UART between the driver and the virtual module that damages what passes.

Damage is armed by name and strikes the next thing that it fits, once. Left out is what no driver
over AT could notice, as nothing there has a check sum: a byte of a payload changed into another,
a number changed into another valid one in a command or in a URC that ends or begins a connection,
and a byte too many in what is sent behind a prompt.
"""

import re

from tools.benching.line import Line

_HEADER = re.compile(rb"\+QIRD: (\d+)(?:,\d+|,\"[^\"]*\",\d+)?\r\n$")
_COMMAND = re.compile(rb"AT(\+[A-Z]{3}|E0?\r|\r)")
_DIGITS = b"0123456789"
_NOISE = bytes(range(128, 256)) + b"!#$%&~{}|\x00\x01\x7f"
_LEFT_OUT = b"\r\n"

_LOOK = 0.0001  # s that a look at an empty line stands for …
_BURST = 12  # … or so many bytes' time, when some are coming

LINE, URC, HEADER, PAYLOAD, PROMPT = "line", "urc", "header", "payload", "prompt"


def units(data):
    """The module's bytes in pieces: (what it is, bytes)."""
    at = 0
    while at < len(data):
        if data.startswith(b"\r\n> ", at):
            yield PROMPT, data[at : at + 4]
            at += 4
            continue
        if data.startswith(b"> ", at):
            yield PROMPT, data[at : at + 2]
            at += 2
            continue
        start = at
        if data.startswith(b"\r\n", at):
            at += 2
        end = data.find(b"\n", at) + 1 or len(data)
        text = data[at:end]
        whole = data[start:end]
        at = end
        header = _HEADER.match(text)
        if header and int(header[1]):
            yield HEADER, whole
            count = int(header[1])
            yield PAYLOAD, data[at : at + count + 2]  # with the CRLF behind it
            at += count + 2
        elif text.startswith((b"+QIURC:", b"+QIOPEN:")):
            yield URC, whole
        else:
            yield LINE, whole


class Damage:
    """What happens to bytes on their way. `note(text)` is told of each damage; `random` chooses
    where it strikes; `again(data)` says later what the module has said."""

    def __init__(self, module, clock, random, note, again):
        self._module = module
        self._clock = clock
        self._random = random
        self._note = note
        self._again = again
        self.armed = []  # names of damage to the module's side, in order
        self.armed_up = []  # … and to the driver's
        self.dead_until = 0.0  # nothing passes in either direction
        self.deaf_until = 0.0  # nothing that the driver says passes
        self.mute_until = 0.0  # nothing that the module says passes
        self.held_until = 0.0  # what the module says comes later
        self.typed = b""  # what looks like a command and went behind a prompt
        self._spared_until = 0.0
        self._was_typing = False

    def clear(self):
        """The line is whole from now on."""
        self.armed.clear()
        self.armed_up.clear()
        self.dead_until = self.deaf_until = self.mute_until = 0.0

    def _struck(self, name, shown):
        self._spared_until = self._clock.now() + 1.0
        self._note("! %s %r" % (name, bytes(shown[:60])))

    # ---- what the module says ----

    def down(self, data):
        """What arrives of it."""
        now = self._clock.now()
        if now < max(self.dead_until, self.mute_until):
            self._note("! not heard %r" % bytes(data[:60]))
            return b""
        if self.armed and now >= self._spared_until:
            return self._damaged(data)
        return data

    def _damaged(self, data):
        done = []
        name = self.armed[0]
        struck = False
        for kind, unit in units(data):
            # One damage an answer: two of them can make up for each other.
            if not struck:
                changed = getattr(self, "_down_" + name.replace("-", "_"))(kind, unit)
                if changed is not None:
                    struck = True
                    self.armed.pop(0)
                    self._struck(name, unit)
                    unit = changed
            done.append(unit)
        return b"".join(done)

    def _place(self, kind, unit):
        # Where a byte can be lost, doubled or flipped; None if nowhere.
        free = len(unit)
        if kind == PAYLOAD:
            return self._random.randrange(free)
        digits = kind in (URC, HEADER)
        places = [
            at for at in range(free)
            if unit[at] not in _LEFT_OUT and not (digits and unit[at] in _DIGITS)
        ]  # fmt: skip
        return self._random.choice(places) if places else None

    def _down_lose(self, kind, unit):
        at = self._place(kind, unit)
        return None if at is None else unit[:at] + unit[at + 1 :]

    def _down_lose_payload(self, kind, unit):
        if kind != PAYLOAD or len(unit) < 4:
            return None
        count = min(self._random.choice((1, 1, 2, 2, 3, 4, 6, 8, 10, 40)), len(unit) - 3)
        at = self._random.randrange(len(unit) - 2 - count + 1)
        return unit[:at] + unit[at + count :]

    def _down_cut(self, kind, unit):
        # The end of something, and of a payload too, is missing.
        return unit[: self._random.randrange(len(unit))] if len(unit) > 4 else None

    def _down_double(self, kind, unit):
        at = self._place(kind, unit)
        return None if at is None else unit[:at] + unit[at : at + 1] + unit[at:]

    def _down_double_payload(self, kind, unit):
        if kind != PAYLOAD:
            return None
        at = self._random.randrange(max(len(unit) - 2, 1))
        return unit[:at] + unit[at : at + 1] + unit[at:]

    def _down_flip(self, kind, unit):
        at = None if kind == PAYLOAD else self._place(kind, unit)
        if at is None:
            return None
        return unit[:at] + bytes((unit[at] ^ 1 << self._random.randrange(8),)) + unit[at + 1 :]

    def _down_noise(self, kind, unit):
        at = self._random.randrange(len(unit) + 1)
        noise = bytes(self._random.choices(range(256), k=self._random.choice((1, 2, 5, 30, 300))))
        return unit[:at] + noise + unit[at:]

    def _down_count(self, kind, unit):
        if kind != HEADER:
            return None
        start = unit.find(b": ") + 2
        end = start
        while unit[end : end + 1].isdigit():
            end += 1
        number = int(unit[start:end])
        wrong = self._random.choice(
            (b"-1", b"", b"0", b"9999999999", b"%d" % (number * 10), b"%d" % (number // 10),
             b"%d" % (number + 2), b"%d" % (number + 1), b"%d" % max(number - 1, 0),
             b"%d" % (number + 8), b"5v2", b"%d" % (number + 100), b" ")
        )  # fmt: skip
        if wrong == unit[start:end]:
            return None
        self._note("! count %d is shown as %r" % (number, wrong))
        return unit[:start] + wrong + unit[end:]

    def _down_number(self, kind, unit):
        # A number of an answer of one line is garbled.
        if kind != LINE or b"+" not in unit or b":" not in unit:
            return None
        start = unit.find(b":") + 1
        places = [at for at in range(start, len(unit)) if unit[at] in _DIGITS]
        if not places:
            return None
        at = self._random.choice(places)
        return unit[:at] + self._random.choice((b"", b"v", b"-", b"99999", b",")) + unit[at + 1 :]

    def _down_prompt(self, kind, unit):
        return b"" if kind == PROMPT else None

    def _down_line(self, kind, unit):
        return b"" if kind == LINE else None

    def _down_urc(self, kind, unit):
        return b"" if kind == URC and self._may_lose(unit) else None

    def _down_urc_cut(self, kind, unit):
        if kind != URC or not self._may_lose(unit):
            return None
        return unit[self._random.randrange(2, len(unit) - 2) :]

    def _down_urc_late(self, kind, unit):
        if kind != URC or b'"closed"' in unit:
            return None  # it would be taken for the next connection's of that number
        late = self._random.choice((0.05, 0.5, 3.0, 20.0))
        if unit.startswith(b"\r\n+QIOPEN"):
            late = min(late, 3.0)  # the number of one that was given up rests for 5 s
        self._clock.call_later(late, lambda: self._again(unit))
        return b""

    def _may_lose(self, unit):
        return True

    # ---- what the driver says ----

    def up(self, data):
        """What the module hears of it."""
        now = self._clock.now()
        if now < max(self.dead_until, self.deaf_until):
            self._note("! module does not hear %r" % data[:60])
            return b""
        typing = self._module._mode == "data"
        if typing and not self._was_typing:
            self.typed = b""
        self._was_typing = typing
        if typing and _COMMAND.match(data):
            self.typed = data
            self._note("! behind a prompt %r" % data[:60])
        if self.armed_up and now >= self._spared_until:
            name = self.armed_up[0]
            changed = getattr(self, "_up_" + name[3:].replace("-", "_"))(data, typing)
            if changed is not None:
                self.armed_up.pop(0)
                self._struck(name, data)
                return changed
        return data

    @staticmethod
    def _command_places(data):
        # Only what makes the command another one, or none: see above.
        if not data.startswith(b"AT"):
            return []
        end = data.find(b"=") + 1 or data.find(b"?") + 1
        places = list(range(end or 2))
        if data.endswith(b"\r"):
            places.append(len(data) - 1)
        return places

    def _up_lose(self, data, typing):
        places = [] if typing else self._command_places(data)
        if not places:
            return None
        at = self._random.choice(places)
        return data[:at] + data[at + 1 :]

    def _up_lose_payload(self, data, typing):
        if not typing:
            return None
        at = self._random.randrange(len(data))
        count = min(self._random.choice((1, 1, 2, 5, 100)), len(data) - at)
        return data[:at] + data[at + count :]

    def _up_flip(self, data, typing):
        places = [] if typing else self._command_places(data)
        if not places:
            return None
        at = self._random.choice(places)
        return data[:at] + bytes((data[at] ^ 1 << self._random.randrange(8),)) + data[at + 1 :]

    def _up_noise(self, data, typing):
        if typing or not data.startswith(b"AT"):
            return None
        return bytes(self._random.choices(_NOISE, k=self._random.choice((1, 3, 40)))) + data


class DamagedLine(Line):
    """The UART in virtual time, with its `damage`."""

    def __init__(self, module, clock, baud, random, note, **options):
        super().__init__(module, clock, baud, **options)
        self._random = random
        self.damage = Damage(module, clock, random, note, self.coming_in)

    def any(self):
        # As in Line, in longer steps.
        self._collect()
        self._arrive()
        if not self._received:
            self._clock.advance(max(_LOOK, _BURST * self._byte) if self._coming else _LOOK)
            self._arrive()
        return len(self._received)

    def busy(self):
        """Whether bytes are on their way."""
        now = self._clock.time
        coming = self._coming and self._coming[0][0] <= now
        return bool(self._received or coming or self._up_free > now)

    def _collect(self):
        data = self._module.take()
        if data:
            self._clock.quiet_since = self._clock.now()
            self.coming_in(self.damage.down(data))

    def coming_in(self, data):
        """The module says `data`, which is as it will arrive."""
        if not data:
            return
        now = self._clock.now()
        held = self.damage.held_until
        start = max(self._down_free, now, held)
        if now < held:
            self._clock.call_later(held - now, lambda: None)  # sleeps end there
        self._down_free = start + len(data) * self._byte
        self._coming.append((start, data))
        self.down += len(data)

    def write(self, buf, offset=None, size=None):
        if size is None:
            offset, size = 0, len(buf) if offset is None else offset
        data = bytes(memoryview(buf)[offset : offset + size])
        self.up += len(data)
        now = self._clock.now()
        self._clock.quiet_since = now
        self._up_free = max(self._up_free, now) + len(data) * self._byte
        wait = self._up_free - self._txbuf * self._byte - now
        if self._up_free > now:
            self._clock.call_later(self._up_free - now, lambda: self._heard(data))
        else:
            self._heard(data)
            self._collect()
        if wait > 0:
            self._clock.advance(wait)
        return len(data)

    def _heard(self, data):
        self._clock.quiet_since = self._clock.now()
        data = self.damage.up(data)
        if data:
            self._module.feed(data)
