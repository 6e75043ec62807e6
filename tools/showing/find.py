"""The Python that runs the demo's program: MicroPython where there is one, else CPython."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent.parent
PROGRAM = Path(__file__).resolve().parent / "first_program.py"

# What the program and boards/unix use, and what it calls itself.
_PROBE = """\
import binascii, hashlib, micropython, os, socket, struct, sys
micropython.RingIO
hashlib.sha256
assert sys.implementation.name == "micropython"
print(sys.version.split("; ")[-1])
"""
_LIMIT = 20  # s for the probe


class Interpreter:
    """`name` for people, `words` to start the program, `env` to start it in."""

    def __init__(self, name, words, env):
        self.name = name
        self.words = [*words, str(PROGRAM)]
        self._env = env

    def environment(self, modem):
        """The whole environment, with the modem's line."""
        env = dict(os.environ, MODEM=modem, **self._env)
        env.pop("MODULE", None)  # the program names its module itself
        return env


def find(only_cpython=False):
    """An Interpreter, and the reasons why others were not taken."""
    reasons = []
    if only_cpython:
        reasons.append("--python was given")
    else:
        for place, command in _candidates():
            version = _version(command)
            if version:
                path = ":".join([str(TOP / "lib"), str(TOP / "boards" / "unix"), ".frozen"])
                name = "%s (%s)" % (version, place)
                return Interpreter(name, [command], {"MICROPYPATH": path}), reasons
            reasons.append("the micropython of %s lacks what the demo needs" % place)
        if not reasons:
            reasons.append("no micropython in PATH, and none set up by tools/test")
    return _cpython(), reasons


def _cpython():
    folders = ("lib", "boards/unix", "tests_host/shim")
    env = {
        "PYTHONPATH": os.pathsep.join(str(TOP / folder) for folder in folders),
        "PYTHONUNBUFFERED": "1",
    }
    return Interpreter("CPython %d.%d.%d" % sys.version_info[:3], [sys.executable], env)


def _candidates():
    command = shutil.which("micropython")
    if command:
        yield "PATH", command
    found = TOP / ".tools" / "interpreters.json"
    try:
        command = json.loads(found.read_text())["unix"]["command"]
    except (OSError, ValueError, KeyError):
        return
    if Path(command).exists():
        yield "tools/test", command


def _version(command):
    try:
        done = subprocess.run(
            [command, "-c", _PROBE],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            timeout=_LIMIT,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
