"""The virtual module restarts at every byte of a session, on each dialect: the program's own loop
gets through, with the same interface; and it hangs, and nic.reset gets it going again.
driver/test_rebooted_anywhere.py and driver/test_hanging.py do so with modules of their own, on
every interpreter."""

import json

import interpreters
import pytest

DIALECTS = ("bg95", "rm500u", "bc95", "bc92", "bc20", "bc25")
ALL = ("reset", "pwrkey", "power")
PRESSED, TWICE, SWITCHED = [1, 0], [1, 0, 1, 0], [False, True]
# The fault, what is wired; how RESET, PWRKEY and the supply are driven.
HANGS = (
    ("hang:0,cfun,{}", ALL, [], [], []),
    ("hang:0,cfun,{}", (), [], [], []),
    ("hang:0,reset,{}", ALL, PRESSED, [], []),
    ("hang:0,pwrkey,{}", ALL, PRESSED, TWICE, []),
    ("hang:0,pwrkey,{}", ("pwrkey",), [], TWICE, []),
    ("hang:0,supply,{}", ALL, PRESSED, TWICE, SWITCHED),
    ("hang:0,supply,{}", ("power",), [], [], SWITCHED),
)
OTHERS = (
    ("restart-refused", ALL, PRESSED, [], []),
    ("restart-refused", ("pwrkey",), [], TWICE, []),
    ("restart-ignored", ALL, PRESSED, [], []),
    ("restart-ignored", ("power",), [], [], SWITCHED),
    ("off", ("pwrkey",), [], PRESSED, []),
)


def lines(program, env):
    done = interpreters.run_program(
        "cpython",
        interpreters.HERE / "programs" / program,
        env=env,
        path=[interpreters.SUPPORT, interpreters.TOP],
    )
    assert done.returncode == 0, done.stdout
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("key", DIALECTS)
def test_a_module_that_restarts_at_every_byte(key):
    ((said, wrong),) = lines("rebooted.py", {"KEY": key})
    assert said > 250 and wrong == []


@pytest.mark.parametrize("key", DIALECTS)
def test_a_module_that_hangs(key):
    cases = [
        (fault.format(kind), *rest)
        for fault, *rest in HANGS
        for kind in ("silent", "echo", "error")
    ]
    cases += OTHERS
    env = {"CASES": json.dumps([(key, [fault], wired) for fault, wired, *_ in cases])}
    for case, (levels, powered, error) in zip(cases, lines("hanging.py", env), strict=True):
        assert (levels, powered, error) == (list(case[2:]), True, None), case
