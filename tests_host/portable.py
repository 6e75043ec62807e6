"""pytest items for portable test files.

A portable file is run by `support/runner.py` in a process of its own, once for each interpreter,
and its results are handed to the items as they come. A comment line at the start of a line may
ask for something special:

    # heap: 256K                     MicroPython's heap (default 2M)
    # interpreters: cpython unix     only these
    # timeout: 60                    seconds without a result that count as a hang (default 600)
"""

import ast
import re
import subprocess

import compiled
import interpreters
import pytest
from portable_process import PortableProcess

# The files that run on the oldest and the newest MicroPython too: 20 s of the processor on each.
ON_RELEASES = (
    "test_at.py",
    "test_bc20_conversations.py",
    "test_bg95_conversations.py",
    "test_damage.py",
    "test_interface.py",
    "test_server.py",
    "test_socket.py",
)

# Where cuts are sampled, one in ONE_IN: there a play costs three times what it costs elsewhere.
SAMPLING = ("wasm", *interpreters.RELEASES)
ONE_IN = 8

_COMMENT = re.compile(r"^# (heap|interpreters|timeout):\s*(.+?)\s*$", re.M)
_FRAME = re.compile(r'^\s*File "([^"]+)", line (\d+)')

_processes = {}


def param(name):
    """A pytest parameter for an interpreter, skipped with the reason where it is missing."""
    reason = interpreters.missing(name)
    marks = [pytest.mark.skip(reason="%s: %s" % (name, reason))] if reason else []
    return pytest.param(name, id=name, marks=marks)


def seed_of_commit():
    """The seed of the sample: it changes with each commit. `0` where git tells none."""
    words = ["git", "-C", interpreters.TOP, "rev-parse", "--short=12", "HEAD"]
    try:
        asked = subprocess.run(words, capture_output=True, text=True, check=False)
    except OSError:
        return "0"
    return asked.stdout.strip() or "0"


def describe_sample(config):
    """What is sampled, and by which seed: a line."""
    names = ", ".join(SAMPLING)
    return "cuts on %s: 1 in %d, --sample=%s" % (names, ONE_IN, config.option.sample)


def stop_all():
    """End what is still running when the session ends early."""
    for process in _processes.values():
        process.stop()
    _processes.clear()


def describe_plays(reports):
    """How many scripts the tests of these reports have played, on each interpreter: a line."""
    counts = dict.fromkeys(interpreters.ALL, 0)
    for report in reports:
        told = dict(report.user_properties)
        for name in interpreters.ALL:
            if "[%s]" % name in report.nodeid:
                counts[name] += told.get("plays", 0)
    return "plays: " + ", ".join("%s %d" % pair for pair in counts.items())


class PortableFile(pytest.Module):
    """A file of portable tests. It is read here, never imported."""

    def _getobj(self):
        return None

    def collect(self):
        source = self.path.read_text()
        settings = dict(_COMMENT.findall(source))
        allowed = settings.get("interpreters", " ".join(interpreters.NAMES)).split()
        if self.path.name in ON_RELEASES and "interpreters" not in settings:
            allowed += interpreters.RELEASES
        wanted = self.config.getoption("--interpreter") or interpreters.ALL
        tests = [
            (node.name, node.lineno)
            for node in ast.parse(source, str(self.path)).body
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
            and node.name.startswith("test_")
        ]
        names = [name for name, _ in tests]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise self.CollectError("%s is defined twice" % ", ".join(repeated))
        for interpreter in wanted:
            if interpreter in allowed:
                for name, line in tests:
                    yield PortableItem.from_parent(
                        self,
                        name="%s[%s]" % (name, interpreter),
                        test=name,
                        interpreter=interpreter,
                        line=line,
                        settings=settings,
                    )


class PortableFailure(Exception):
    """A test failed in its interpreter; the text is what that printed."""


class PortableItem(pytest.Item):
    """One test function on one interpreter."""

    def __init__(self, *, test, interpreter, line, settings, **others):
        super().__init__(**others)
        self.test = test  # not `function`: pytest expects a real one there
        self.interpreter = interpreter
        self.settings = settings
        self._line = line
        # They share a process, so they share a worker.
        self.add_marker(pytest.mark.xdist_group("%s-%s" % (self.path.stem, interpreter)))
        reason = interpreters.missing(interpreter)
        if reason:
            self.add_marker(pytest.mark.skip(reason="%s: %s" % (interpreter, reason)))

    def _path(self):
        # Where files are imported from. Files of bringup/ are read again by every script that is
        # played, and most of a MicroPython's time went into compiling them.
        own = [interpreters.SUPPORT, interpreters.HERE, self.path.parent, interpreters.LIB]
        # The oldest release shows that the source is all that is needed.
        return own if self.interpreter in ("cpython", "oldest") else [compiled.lib(), *own]

    def _process(self):
        key = (self.path, self.interpreter)
        if key not in _processes:
            names = [
                item.test
                for item in self.session.items
                if isinstance(item, PortableItem) and (item.path, item.interpreter) == key
            ]
            if self.interpreter in SAMPLING:
                names.insert(0, "--sample=%d:%s" % (ONE_IN, self.config.option.sample))
            words, env = interpreters.command(
                self.interpreter,
                interpreters.SUPPORT / "runner.py",
                [self.path, *names],
                self._path(),
                heap=self.settings.get("heap", interpreters.HEAP),
            )
            _processes[key] = PortableProcess(words, env)
        return _processes[key]

    def runtest(self):
        if self.interpreter in SAMPLING:
            self.user_properties.append(("repeat", "--sample=%s" % self.config.option.sample))
        result = self._process().result(self.test, float(self.settings.get("timeout", 600)))
        self.user_properties.append(("plays", result.plays))
        if result.output:
            self.add_report_section("call", "output", result.output)
        if result.outcome != "passed":
            raise PortableFailure(result.text)

    def repr_failure(self, excinfo, style=None):
        if excinfo.errisinstance(PortableFailure):
            return _with_source(str(excinfo.value))
        return super().repr_failure(excinfo)

    def reportinfo(self):
        return self.path, self._line - 1, self.name


def _with_source(text):
    """A traceback with the source lines that MicroPython leaves out of it."""
    lines = text.splitlines()
    shown = []
    for i, line in enumerate(lines):
        shown.append(line)
        frame = _FRAME.match(line)
        follows = lines[i + 1] if i + 1 < len(lines) else ""
        if frame and not follows.startswith("    "):
            shown += _source_line(frame.group(1), int(frame.group(2)))
    return "\n".join(shown)


def _source_line(path, number):
    try:
        with open(path) as file:
            return ["    " + file.read().splitlines()[number - 1].strip()]
    except (OSError, IndexError):
        return []
