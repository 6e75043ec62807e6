"""Virtual modules as processes, each forked from one that has read the whole of tools.vmodule.

So a module begins without Python's own start, which is most of what a short test would cost.
"""

import functools
import json
import os
import signal
import socket
import subprocess
import sys
import threading

import interpreters

LIMIT = 600  # seconds: ends only what hangs
_FORKS = interpreters.HERE / "module_forks.py"


class _Forks:
    """The process that forks; it ends with this one."""

    def __init__(self):
        self._lock = threading.Lock()
        self._socket, other = socket.socketpair()
        with other:
            self._process = subprocess.Popen(
                [sys.executable, str(_FORKS), str(other.fileno())],
                cwd=interpreters.TOP,
                stdin=subprocess.DEVNULL,
                pass_fds=[other.fileno()],
            )
        self._answers = self._socket.makefile("r")

    def ask(self, *words, files=()):
        """Send a request; return its answer."""
        with self._lock:
            socket.send_fds(self._socket, [json.dumps(words).encode() + b"\n"], files)
            answer = self._answers.readline()
        assert answer, "the process that forks virtual modules has ended"
        return json.loads(answer)


_forks = functools.lru_cache(maxsize=None)(_Forks)


class ModuleProcess:
    """`python3 -m tools.vmodule ARGUMENTS`, with the methods of a Popen that tests need."""

    def __init__(self, arguments):
        reading, writing = os.pipe()
        try:
            self.pid = _forks().ask("start", arguments, files=[writing])
        finally:
            os.close(writing)
        self.stdout = open(reading)

    def poll(self):
        """Its exit code, or None while it runs."""
        return _forks().ask("poll", self.pid)

    def wait(self, limit=LIMIT):
        """Its exit code, once it has ended; what has not after `limit` seconds is killed."""
        killer = threading.Timer(limit, self.kill)
        killer.start()
        try:
            self.stdout.read()  # to its end, for who waits in ask() keeps all others from asking
        finally:
            killer.cancel()
        return _forks().ask("wait", self.pid)

    def send_signal(self, number):
        """Send a signal, if it still runs."""
        _forks().ask("kill", self.pid, number)

    def terminate(self):
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self):
        """End it."""
        self.send_signal(signal.SIGKILL)
