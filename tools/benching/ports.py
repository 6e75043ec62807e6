"""What is measured on MicroPython itself: the unix port, and the 32-bit WebAssembly port."""

import json
import subprocess
import sys
from pathlib import Path

from tools.benching.rig import TOP

sys.path.insert(0, str(TOP / "tests_host"))

import interpreters  # how the tests start them

_PORTABLE = Path(__file__).resolve().parent / "portable"
_LIMIT = 300  # s; only what hangs is ended by it
PORTS = {"unix": "64-bit unix port", "wasm": "32-bit WebAssembly port"}


class Failure(Exception):
    """A program did not run to its end; the text is what it printed."""


def missing(port):
    """Why a port cannot be used, or None."""
    return interpreters.missing(port)


def run(port, program, recording, args=(), wrap=(), told=None):
    """Run a program of portable/ on a recording, and return what it printed last, as JSON has it;
    or, with a pattern, what what it is wrapped in says on standard error."""
    path = [interpreters.LIB, _PORTABLE, recording.parent]
    words, env = _command(port, program, [recording, *args], path)
    return _last([*wrap, *words], env, told)


def run_alone(program, args):
    """Run a program of portable/ that needs no recording on the unix port, with the tests' helpers
    for virtual time."""
    path = [interpreters.LIB, _PORTABLE, interpreters.SUPPORT]
    return _last(*_command("unix", program, args, path))


def _command(port, program, args, path):
    return interpreters.command(port, _PORTABLE / program, args, path, heap="4M")


def run_stepwise(program, recording, args, lib):
    """The same on the WebAssembly port, for a program that looks at what a collection leaves."""
    words, _ = interpreters.command("wasm", program)
    config = {
        "interpreter": json.loads(words[2])["interpreter"],
        "folders": [str(lib), str(_PORTABLE), str(recording.parent)],
        "program": str(_PORTABLE / program),
        "argv": [str(recording), *args],
    }
    return _last(["node", str(_PORTABLE / "stepwise.mjs"), json.dumps(config)], None)


def _last(words, env, told=None):
    done = subprocess.run(
        words,
        check=False,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        timeout=_LIMIT,
    )
    if done.returncode or not done.stdout:
        raise Failure("%s\n%s%s" % (" ".join(words), done.stdout, done.stderr))
    if told:
        return told.findall(done.stderr)[-1]  # a script that starts it has counted too
    return json.loads(done.stdout.splitlines()[-1])
