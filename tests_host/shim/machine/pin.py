"""`machine.Pin` for CPython: keeps what a program did with it."""

import time


class Pin:
    """A pin that remembers its levels.

    `history` lists (tick in ms, level) for each level set. `Pin.find(id)` gives the pin that a
    program made. `drive(level)` sets what an input reads, and calls its interrupt handler.
    """

    IN = 0
    OUT = 1
    OPEN_DRAIN = 2
    PULL_UP = 1
    PULL_DOWN = 2
    IRQ_RISING = 1
    IRQ_FALLING = 2

    _made = {}

    def __init__(self, id, mode=-1, pull=-1, *, value=None, **other):
        self.id = id
        self.history = []
        self._level = 0
        self._handler = None
        self._trigger = 0
        self.mode = -1
        self.pull = -1
        Pin._made[id] = self
        self.init(mode, pull, value=value, **other)

    def init(self, mode=-1, pull=-1, *, value=None, **other):
        """Set the direction, the pull and the level; what is left out stays."""
        if mode != -1:
            self.mode = mode
        if pull != -1:
            self.pull = pull
        if value is not None:
            self.value(value)

    def value(self, level=None):
        """The level, or set it."""
        if level is None:
            return self._level
        self._level = 1 if level else 0
        self.history.append((time.ticks_ms(), self._level))
        return None

    __call__ = value

    def on(self):
        """Set the level to 1."""
        self.value(1)

    def off(self):
        """Set the level to 0."""
        self.value(0)

    high = on
    low = off

    def toggle(self):
        """Set the other level."""
        self.value(not self._level)

    def irq(self, handler=None, trigger=IRQ_FALLING | IRQ_RISING, **other):
        """Call handler(pin) when drive() makes an edge."""
        self._handler = handler
        self._trigger = trigger
        return self

    def drive(self, level):
        """What the outside does: give an input a level."""
        level = 1 if level else 0
        edge = (Pin.IRQ_FALLING, Pin.IRQ_RISING)[level] if level != self._level else 0
        self._level = level
        if self._handler and self._trigger & edge:
            self._handler(self)

    @classmethod
    def find(cls, id):
        """The last pin made with this number or name."""
        return cls._made[id]

    def __repr__(self):
        return "Pin(%s, mode=%s, pull=%s)" % (self.id, self.mode, self.pull)
