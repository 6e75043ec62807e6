"""Programs on the WebAssembly port, one after the other in a Node that lives on.

Each program has an interpreter of its own. What Node has compiled, of the interpreter and of what
is beside it, serves them all: its start and that are most of what a short program would cost.
A Node whose program did not end with 0, or did not end, is used no more.
"""

import json
import secrets
import subprocess
import threading
from pathlib import Path

PROGRAMS = 25  # then another Node: what programs leave behind must not add up
_PLAYER = Path(__file__).resolve().parent / "wasm" / "player.mjs"
_idle = []


class _Player:
    """A Node that waits for programs; it ends with this process."""

    def __init__(self):
        self._left = PROGRAMS
        self._late = False
        self._process = subprocess.Popen(
            ["node", str(_PLAYER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def play(self, config, limit):
        """Run a program; return (its exit code, its output), or None where the time was over."""
        mark = b"##" + secrets.token_hex(16).encode()
        killer = threading.Timer(limit, self._kill)
        killer.start()
        try:
            words = dict(config, mark=mark.decode())
            self._process.stdin.write(json.dumps(words).encode() + b"\n")
            self._process.stdin.flush()
            return self._read(mark)
        finally:
            killer.cancel()

    def _read(self, mark):
        output = b""
        for line in self._process.stdout:
            before, found, code = line.partition(mark)
            output += before
            if found:
                self._left -= 1
                return int(code), output
        code = self._process.wait()  # it died, and never with 0 for a program that ended well
        return None if self._late else (code or 1, output)

    def _kill(self):
        self._late = True
        self._process.kill()

    def usable(self):
        """Whether it may have another program."""
        return self._left > 0 and self._process.poll() is None

    def stop(self):
        """End it, if it still runs."""
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()


def run(words, limit):
    """What subprocess.run would return for the `words` of interpreters.command."""
    try:
        player = _idle.pop()
    except IndexError:
        player = _Player()
    played = None
    try:
        played = player.play(json.loads(words[-1]), limit)
    finally:
        if played and played[0] == 0 and player.usable():
            _idle.append(player)
        else:
            player.stop()
    if played is None:
        raise subprocess.TimeoutExpired(words, limit)
    code, output = played
    text = output.decode(errors="replace").replace("\r\n", "\n")
    return subprocess.CompletedProcess(words, code, text)
