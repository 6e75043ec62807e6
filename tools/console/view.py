"""How AT traffic is shown: time, direction, the line, its meaning, and how long nothing came."""

from tools.console import explaining

_DIM, _RED, _GREEN, _YELLOW, _CYAN = ("\033[%dm" % n for n in (2, 31, 32, 33, 36))
_WIDTH = 52  # where the meanings begin, behind the time
_ARROWS = {">": "→", "<": "←"}


class View:
    """Shows lines on a Screen. `gap`: seconds without a line that are marked."""

    def __init__(self, screen, gap, stamp):
        self._screen = screen
        self._gap = gap
        self._stamp = stamp  # a function: the text of a time in seconds
        self._last = None

    def line(self, direction, text, now=None):
        """A line sent (">") or received ("<"), masked already. `now` in seconds, where known."""
        if now is not None and self._last is not None and now - self._last >= self._gap:
            self._screen.line("%s … %.3f s" % (self._blank(), now - self._last), _DIM)
        self._last = now
        shown = "%s %s" % (_ARROWS[direction], text)
        meaning = (explaining.command if direction == ">" else explaining.line)(text)
        parts = [(self._stamp(now) + " " if now is not None else "", _DIM)]
        parts.append((shown, self._style(direction, text)))
        if meaning:
            parts.append((" " * max(2, _WIDTH - len(shown)) + meaning, _DIM))
        self._screen.parts(parts)

    def say(self, text, good=True):
        """What the console itself has to say."""
        self._screen.line(text, "" if good else _RED)

    def _blank(self):
        return " " * len(self._stamp(0))

    @staticmethod
    def _style(direction, text):
        if direction == ">":
            return _CYAN
        if explaining.is_failure(text):
            return _RED
        if explaining.is_urc(text):
            return _YELLOW
        return _GREEN if text in ("OK", "SEND OK", "CLOSE OK", "CONNECT") else ""
