"""Sets up everything the tests need into .tools: `python3 tools/setup`.

Quick when all is there. What this machine cannot have is said, with the reason, and left out;
in CI (environment CI=true) that is a failure.
"""

import functools
import json
import subprocess
import sys

import drawing
import emulated_pico
import programs
import python_packages
import servers
import type_checker
import unix_port
import wasm_port
from common import TOOLS, Unavailable, in_ci

_VERSION = "import sys; print(sys.version.split(';')[-1].split(' on ')[0].strip())"


def _unix():
    command = str(unix_port.install())
    done = subprocess.run([command, "-c", _VERSION], capture_output=True, text=True, check=True)
    return {"command": command, "version": done.stdout.strip() + ", unix port"}


def _wasm(name):
    module = wasm_port.install(name)
    manifest = json.loads((module.parent / "package.json").read_text())
    version = "MicroPython v%s, WebAssembly port, 32-bit" % manifest["version"]
    return {"command": str(module), "version": version}


def _servers():
    found = servers.install()
    return {
        name: {"command": str(command), "version": version}
        for name, (command, version) in found.items()
    }


def _programs(python):
    folder = str(programs.install(python))
    return {
        name: {"command": folder, "version": "%s %s" % (name, version)}
        for name, (version, _) in programs.pins().items()
    }


def _type_checker(python):
    checker = type_checker.install_checker()
    version = json.loads((checker.parent / "package.json").read_text())["version"]
    found = {"pyright": {"command": str(checker), "version": "pyright " + version}}
    for port, (folder, version) in type_checker.install_stubs(python).items():
        version = "%s stubs %s" % (port, version)
        found["stubs of " + port] = {"command": str(folder), "version": version}
    return found


def _drawing(python):
    folder, version = drawing.install(python)
    return {drawing.LIBRARY: {"command": str(folder), "version": drawing.LIBRARY + " " + version}}


def _left_out(what, reason):
    print("tools/setup: %s left out: %s" % (what, reason), file=sys.stderr)
    return {"missing": str(reason)}


def _find_interpreters(python):
    version = "CPython %d.%d.%d" % sys.version_info[:3]
    found = {"cpython": {"command": str(python), "version": version}}
    steps = {name: functools.partial(_wasm, name) for name in ("wasm", "oldest", "newest")}
    for name, step in dict(steps, unix=_unix).items():
        try:
            found[name] = step()
        except Unavailable as reason:
            found[name] = _left_out(name, reason)
    return found


def _find_pico(python):
    try:
        firmware, version = emulated_pico.install(python)
        return {"pico": {"command": str(firmware), "version": version}}
    except Unavailable as reason:
        return {"pico": _left_out("emulated Pico", reason)}


def _find_programs(python):
    found = {}
    try:
        found.update(_servers())
    except Unavailable as reason:
        found.update(dict.fromkeys(servers.NAMES, _left_out(", ".join(servers.NAMES), reason)))
    try:
        found.update(_programs(python))
    except Unavailable as reason:
        found.update(dict.fromkeys(programs.pins(), _left_out("programs", reason)))
    try:
        found.update(_type_checker(python))
    except Unavailable as reason:
        names = ["pyright", *("stubs of " + port for port in type_checker.ports())]
        found.update(dict.fromkeys(names, _left_out("pyright", reason)))
    try:
        found.update(_drawing(python))
    except Unavailable as reason:
        found[drawing.LIBRARY] = _left_out("pictures", reason)
    return found


def main():
    TOOLS.mkdir(exist_ok=True)
    if not (TOOLS / "programs.json").exists():  # the last thing that the set-up writes
        print("tools/setup: the first time this takes some minutes", file=sys.stderr, flush=True)
    try:
        python = python_packages.install()
    except Unavailable as reason:
        print("tools/setup: Python packages: %s" % reason, file=sys.stderr)
        return 1
    missing = False
    for name, find in (
        ("interpreters", _find_interpreters),
        ("pico", _find_pico),
        ("programs", _find_programs),
    ):
        found = find(python)
        (TOOLS / (name + ".json")).write_text(json.dumps(found, indent=2) + "\n")
        missing |= any("missing" in entry for entry in found.values())
    return 1 if missing and in_ci() else 0


if __name__ == "__main__":
    sys.exit(main())
