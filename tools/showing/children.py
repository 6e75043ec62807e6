"""Child processes whose output is read with a time limit, and which end with the demo."""

import contextlib
import os
import queue
import signal
import subprocess
import threading

_GRACE = 5  # s that a child has to end after it was asked to


class Stopped(Exception):
    """A signal asks the demo to end."""

    def __init__(self, number):
        super().__init__(signal.Signals(number).name)
        self.number = number


class Failure(Exception):
    """Something did not come up or broke off; the text says what, for people."""


class Signals:
    """A context in which SIGINT, SIGTERM and SIGHUP raise Stopped; not while one is `held`, so
    that a child is known before a signal can lead away from it."""

    _NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def __init__(self):
        self._before = {}
        self._holding = False
        self._waiting = None

    def __enter__(self):
        for number in self._NUMBERS:
            self._before[number] = signal.signal(number, self._raise)
        return self

    def __exit__(self, *_):
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _raise(self, number, _frame):
        if self._holding:
            self._waiting = number
        else:
            raise Stopped(number)

    @contextlib.contextmanager
    def held(self):
        self._holding = True
        try:
            yield
        finally:
            self._holding = False
        if self._waiting:
            raise Stopped(self._waiting)

    def ignore(self):
        """The children are being ended: that must not be interrupted."""
        for number in self._NUMBERS:
            signal.signal(number, signal.SIG_IGN)


class Children:
    """A context that ends every child started in it."""

    def __init__(self, signals):
        self._signals = signals
        self._all = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._signals.ignore()
        for child in reversed(self._all):
            child.end()

    def start(self, name, words, env, cwd):
        with self._signals.held():
            child = Child(name, words, env, cwd)
            self._all.append(child)
        return child


class Child:
    """A process and the lines that it prints, errors included."""

    def __init__(self, name, words, env, cwd):
        self.name = name
        try:
            # A session of its own: Ctrl-C reaches the demo alone, which ends it in good order.
            self._process = subprocess.Popen(
                words,
                env=env,
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            raise Failure("%s cannot be started: %s" % (name, error)) from None
        self._lines = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self._process.stdout:
            self._lines.put(line.decode("utf-8", "replace").rstrip("\r\n"))
        self._lines.put(None)

    def line(self, limit):
        """The next line, None at the end; Failure after `limit` seconds of silence."""
        try:
            return self._lines.get(timeout=limit)
        except queue.Empty:
            raise Failure("%s has said nothing for %.0f s" % (self.name, limit)) from None

    def code(self):
        """The exit code, once the last line has been read."""
        try:
            return self._process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            raise Failure("%s does not end" % self.name) from None

    def end(self):
        """Ask it to end; after a while, make it."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            if self._process.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self._process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_GRACE)
        self._reader.join(_GRACE)
        self._process.stdout.close()
