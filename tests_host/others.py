"""What others wrote and the tests run unmodified: servers, and MicroPython programs.

`tools/setup` installs them and notes in .tools/programs.json what it found. A test that needs what
this machine lacks is skipped, with the reason.
"""

import functools
import json

import end_to_end
import interpreters
import pytest


@functools.lru_cache(maxsize=None)
def _found():
    path = interpreters.TOP / ".tools" / "programs.json"
    return json.loads(path.read_text()) if path.is_file() else {}


def _entry(name):
    return _found().get(name, {"missing": "not set up; run tools/test or python3 tools/setup"})


def describe():
    """A line for each thing that the set-up knows: what it is, or why it is missing."""
    for name, entry in _found().items():
        reason = entry.get("missing")
        yield "program %s: %s" % (
            name,
            "MISSING (%s)" % reason.splitlines()[0] if reason else entry["version"],
        )


def command(name):
    """How a server is started, or the folder that a MicroPython program is in."""
    entry = _entry(name)
    if "missing" in entry:
        pytest.skip("%s: %s" % (name, entry["missing"]))
    return entry["command"]


def run(module, names, program, scenario, *args):
    """Run a scenario that imports the programs `names`; return what it printed before `done`.

    `module` is end_to_end's; the scenario is a function of programs/`program`.py.
    """
    __tracebackhide__ = True
    done = interpreters.run_program(
        module.interpreter,
        end_to_end.PROGRAMS / (program + ".py"),
        env={"MODEM": module.modem, "MODULE": module.model},
        args=[scenario, *args],
        timeout=end_to_end.LIMIT,
        path=sorted({command(name) for name in names}),
        heap="8M",
    )
    lines = done.stdout.splitlines()
    text = "%s %s on %s\n%s" % (program, scenario, module.interpreter, done.stdout)
    assert (done.returncode, lines[-1:]) == (0, ["done"]), text
    return lines[:-1]
