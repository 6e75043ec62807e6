"""A running `support/runner.py`: its lines become results, as they come."""

import json
import queue
import subprocess
import threading
import time
from typing import NamedTuple

MARK = "##test "
_TAIL = 200


class Result(NamedTuple):
    outcome: str
    text: str
    output: str
    plays: int = 0


class PortableProcess:
    """Starts the process, and answers with the result of one test after another."""

    def __init__(self, words, env):
        self._words = words
        self._process = subprocess.Popen(
            words,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        self._lines = queue.Queue()
        self._results = {}
        self._output = []
        self._current = None
        self._ended = None
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        with self._process.stdout as stream:
            for line in stream:
                self._lines.put(line)
        self._process.wait()  # else it stays among the processes as a zombie
        self._lines.put(None)

    def wait(self):
        """Until the process has ended by itself."""
        self._reader.join()

    def result(self, name, timeout):
        """The result of one test; without one for `timeout` seconds the process is ended."""
        deadline = time.monotonic() + timeout
        while name not in self._results and self._ended is None:
            try:
                line = self._lines.get(timeout=max(0, deadline - time.monotonic()))
            except queue.Empty:
                self.stop()
                self._ended = "no result within %g s" % timeout
                break
            if line is None:
                self._ended = "the interpreter ended with %d" % self._process.returncode
            elif self._take(line):
                deadline = time.monotonic() + timeout
        if name in self._results:
            return self._results.pop(name)
        return self._lost(name)

    def _take(self, line):
        """Sort one line; say whether it told of progress."""
        before, mark, text = line.partition(MARK)
        if not mark:
            self._output.append(line)
            return False
        if before:
            self._output.append(before + "\n")
        told = json.loads(text)
        if told["outcome"] == "started":
            self._current = told["test"]
            self._output = []
        else:
            output = "".join(self._output[-_TAIL:])
            self._results[told["test"]] = Result(
                told["outcome"], told["text"], output, told["plays"]
            )
            self._current = None
        return True

    def _lost(self, name):
        where = ""
        if self._current and self._current != name:
            where = " in %s" % self._current
        output = "".join(self._output[-_TAIL:])
        text = "not reported: %s%s\nlast output:\n%s" % (self._ended, where, output or "(none)")
        return Result("failed", text, "")

    def stop(self):
        """End the process if it still runs."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
