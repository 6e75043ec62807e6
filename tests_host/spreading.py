"""How pytest-xdist spreads the tests over its workers.

Tests that share something run in one worker, one after the other: those of a portable file, which
has a process for each interpreter, and those of a file that keeps something between them. Any
other test runs wherever a worker is free.

There are more workers than cores, for a whole program over the virtual module waits more than it
computes. As many workers as there are cores take first what computes, the rest take first what
waits, and who finds nothing of his own kind helps the others. What takes longest begins first.
"""

import os
import re

from xdist.scheduler import LoadScopeScheduling

WORKERS_FOR_A_CORE = 4
MOST_WORKERS = 24
INTERPRETER = re.compile(r"[\[-](cpython|unix|wasm|oldest|newest)[\]-]")

_WHOLE_PROGRAMS = re.compile(
    r"end_to_end|programs_"
    r"|_(examples|demo|deploy|bench|conform|support_table|readme|pico_install)\b"
)
_KEEPING = ("test_end_to_end_rows.py",)  # the transcripts, which its tests compare
# Each test starts processes of its own, and computes.
_ALONE = ("/test_soak.py", "/test_rebooted.py")
# Parts of their names. What waits and what computes are two queues.
_LONGEST_FIRST = (
    "test_pico_install.py",
    "test_deploy.py::test_a_pico_",
    "test_demo.py::test_the_whole_",
    "test_conform.py",
    "test_end_to_end_locked.py",
    "test_end_to_end_rows.py",
    "test_end_to_end_transparent.py",
    "test_end_to_end_dialects.py",
    "test_end_to_end_trouble.py",
    "test_end_to_end_push.py",
    "test_examples.py",
    "test_pico_traffic.py",
    "test_pico_",
    "test_soak.py",
    "driver/test_watchdog.py",
    "test_rebooted.py",
    "driver/test_transparent.py",
    "test_all_conversations.py",
    "driver/test_link_years.py",
    "driver/test_waiting.py",
    "install/test_install.py",
    "test_types.py",
    "test_bg95_conversations.py",
    "test_bc95_conversations.py",
    "test_bc25_conversations.py",
    "test_first_day.py",
)
_SLOWEST_FIRST = ("wasm", "oldest", "newest", "unix", "cpython")


def cores():
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def workers():
    """How many workers `--numprocesses auto` starts."""
    return min(WORKERS_FOR_A_CORE * cores(), MOST_WORKERS)


def group(nodeid):
    """The name of the group that must stay together: tests of one group share a worker."""
    path, _, name = nodeid.partition("::")
    if path.endswith(_KEEPING):
        return path
    if waits(path) or path.endswith(_ALONE):
        return nodeid
    found = INTERPRETER.search(name)
    return "%s %s" % (path, found.group(1)) if found else path


def waits(name):
    """Whether the tests of this file or group are whole programs, which mostly wait."""
    return _WHOLE_PROGRAMS.search(name.partition("::")[0]) is not None


def rank(nodeid):
    """A key that sorts what takes longest to the front."""
    places = [at for at, part in enumerate(_LONGEST_FIRST) if part in nodeid]
    found = INTERPRETER.search(nodeid.partition("::")[2])
    interpreter = _SLOWEST_FIRST.index(found.group(1)) if found else len(_SLOWEST_FIRST)
    return places[0] if places else len(_LONGEST_FIRST), interpreter


class Spread(LoadScopeScheduling):
    """The scheduler: each worker prefers one kind."""

    def __init__(self, config, log=None):
        config.option.loadscopereorder = False  # the order is that of the collection
        super().__init__(config, log)
        self._computing = set()

    def _split_scope(self, nodeid):
        return group(nodeid)

    def add_node(self, node):
        """A new worker."""
        super().add_node(node)
        if len(self._computing) < cores():
            self._computing.add(node)

    def _pending_of(self, workload):
        # Asked after each test: a group that is done is forgotten, or all are counted again.
        for name in [name for name, tests in workload.items() if all(tests.values())]:
            del workload[name]
        return super()._pending_of(workload)

    def _assign_work_unit(self, node):
        preferred = node not in self._computing
        for name in self.workqueue:
            if waits(name) == preferred:
                self.workqueue.move_to_end(name, last=False)
                break
        super()._assign_work_unit(node)
