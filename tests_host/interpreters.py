"""The interpreters that tests run on, and how a program is started on each.

`tools/setup` installs them and notes in .tools/interpreters.json what it found.
"""

import functools
import json
import os
import subprocess
import sys
from pathlib import Path

import compiled
import wasm_player

HERE = Path(__file__).resolve().parent
TOP = HERE.parent
LIB = TOP / "lib"
SHIM = HERE / "shim"
SUPPORT = HERE / "support"
WASM = HERE / "wasm"
BOARD = TOP / "boards" / "unix"

NAMES = ("cpython", "unix", "wasm")
RELEASES = ("oldest", "newest")  # WebAssembly ports: the oldest that is promised, the newest
ALL = NAMES + RELEASES
HEAP = "2M"


@functools.lru_cache(maxsize=None)
def _found():
    path = TOP / ".tools" / "interpreters.json"
    return json.loads(path.read_text()) if path.is_file() else {}


def missing(name):
    """Why an interpreter cannot be used here, or None if it can."""
    if name == "cpython":
        return None
    entry = _found().get(name, {"missing": "not set up; run tools/test or python3 tools/setup"})
    return entry.get("missing")


def available():
    """The names of the interpreters that can be used here."""
    return [name for name in NAMES if missing(name) is None]


def version(name):
    """What an interpreter calls itself, for people."""
    if name == "cpython":
        return "CPython %d.%d.%d" % sys.version_info[:3]
    return _found().get(name, {}).get("version", "missing")


def heap_bytes(text):
    """`256K`, `2M` or a plain number, in bytes."""
    unit = {"K": 1024, "M": 1024 * 1024}.get(text[-1:].upper(), 1)
    return int(text.rstrip("kKmM")) * unit


def _cpython(program, args, path, env, heap):
    return [sys.executable, str(program), *args], dict(
        PYTHONPATH=os.pathsep.join(path), PYTHONUNBUFFERED="1", **env
    )


def _unix(program, args, path, env, heap):
    command = [_found()["unix"]["command"], "-X", "heapsize=%s" % heap, str(program), *args]
    return command, dict(MICROPYPATH=":".join([*path, ".frozen"]), **env)


def _wasm(program, args, path, env, heap, name="wasm"):
    config = {
        "interpreter": _found()[name]["command"],
        "heapsize": heap_bytes(heap),
        "folders": [*path, str(Path(program).parent)],
        # Its own folder last: a program of boards/ must get the board of this port.
        "path": [*path, str(Path(program).parent), ".frozen"],
        "program": str(program),
        "argv": list(args),
        "env": env,
    }
    return ["node", str(WASM / "run.mjs"), json.dumps(config)], env


_COMMANDS = {"cpython": _cpython, "unix": _unix, "wasm": _wasm}
_COMMANDS.update({name: functools.partial(_wasm, name=name) for name in RELEASES})


def command(name, program, args=(), path=(), env=None, heap=HEAP):
    """How to start a program: its words, and the whole environment for it.

    `path` is the import path after the program's own folder. CPython gets the shim as well.
    """
    reason = missing(name)
    if reason:
        raise RuntimeError("%s: %s" % (name, reason))
    path = [str(entry) for entry in path]
    if name == "cpython":
        path.append(str(SHIM))
    words, own = _COMMANDS[name](program, [str(arg) for arg in args], path, env or {}, heap)
    return words, dict(os.environ, **own)


def board_path(name):
    """The import path of a program that uses the driver and `board`.

    On MicroPython the driver is compiled already, which each program would do again.
    """
    if name == "cpython":
        return [LIB, BOARD]
    return [compiled.lib(), WASM / "board" if name == "wasm" else BOARD]


def run_program(name, program, env=None, args=(), timeout=600, path=(), heap=HEAP):
    """Run a program that may `import board`; return its CompletedProcess, output as text.

    `env` carries MODEM and MODULE for the board. Standard error comes with standard output.
    The time limit is a safety net against a hang.
    """
    words, environ = command(name, program, args, [*board_path(name), *path], env, heap)
    if name == "wasm":
        return wasm_player.run(words, timeout)
    return subprocess.run(
        words,
        check=False,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=timeout,
    )
