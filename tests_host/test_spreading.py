"""Which tests stay together, which begin first, and that each worker prefers its kind."""

import types

import pytest
import spreading

AT = "tests_host/driver/test_at.py::test_fields[%s]"
SEVERAL = "tests_host/test_end_to_end_bulk.py::test_there[%s-send]"


@pytest.mark.parametrize("name", ["cpython", "unix", "wasm"])
def test_a_portable_file_stays_together_on_each_interpreter(name):
    assert spreading.group(AT % name) == "tests_host/driver/test_at.py " + name


def test_whole_programs_are_on_their_own():
    assert spreading.group(SEVERAL % "unix") == SEVERAL % "unix"
    assert spreading.waits(SEVERAL % "unix")
    assert not spreading.waits(spreading.group(AT % "unix"))


def test_processes_that_compute_are_on_their_own_too():
    soak = "tests_host/test_soak.py::test_two_runs_agree"
    assert spreading.group(soak) == soak
    assert not spreading.waits(soak)


def test_a_parameter_may_look_like_anything():
    path = "tests_host/vmodule/test_tcp.py"
    assert spreading.group(path + "::test_x[a end_to_end :: b]") == path


def test_a_file_that_keeps_something_stays_together():
    path = "tests_host/test_end_to_end_rows.py"
    groups = {spreading.group("%s::test_%d[%s]" % (path, n, n)) for n in range(3)}
    assert groups == {path}


def test_what_takes_longest_begins_first():
    wasm, unix = AT % "wasm", AT % "unix"
    long = "tests_host/test_end_to_end_transparent.py::test_stream[unix-alone-bg95]"
    assert sorted([unix, wasm, long], key=spreading.rank) == [long, wasm, unix]


class Node:
    """A worker that notes what it is sent."""

    def __init__(self, number):
        self.gateway = types.SimpleNamespace(id="gw%d" % number)
        self.shutting_down = False
        self.sent = []

    def send_runtest_some(self, indices):
        self.sent += indices

    def shutdown(self):
        self.shutting_down = True


def test_each_worker_prefers_its_kind(monkeypatch):
    monkeypatch.setattr(spreading, "cores", lambda: 1)
    options = types.SimpleNamespace(loadscopereorder=True, tx=["popen"] * 2)
    config = types.SimpleNamespace(option=options, getvalue=lambda name: options.tx)
    scheduler = spreading.Spread(config)
    nodes = [Node(number) for number in range(2)]
    waiting = [SEVERAL % name for name in ("wasm", "unix", "cpython")]
    computing = [(AT % name) for name in ("wasm", "unix")]
    tests = waiting + computing
    for node in nodes:
        scheduler.add_node(node)
    for node in nodes:
        scheduler.add_node_collection(node, tests)
    scheduler.schedule()
    first, second = [[tests[index] for index in node.sent] for node in nodes]
    assert first == computing
    assert second == waiting[:2]
    scheduler.mark_test_complete(nodes[0], tests.index(computing[0]))
    assert [tests[index] for index in nodes[0].sent] == [*computing, waiting[2]]
    done = spreading.group(computing[0])
    assert done not in scheduler.assigned_work[nodes[0]]
