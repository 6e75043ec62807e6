"""The virtual module restarts at every byte of a session, on each dialect: the program's own loop
gets through, with the same interface. driver/test_rebooted_anywhere.py does so with a module of
its own, on every interpreter."""

import json

import interpreters
import pytest

PROGRAM = interpreters.HERE / "programs" / "rebooted.py"


@pytest.mark.parametrize("key", ("bg95", "rm500u", "bc95", "bc92", "bc20", "bc25"))
def test_a_module_that_restarts_at_every_byte(key):
    done = interpreters.run_program(
        "cpython",
        PROGRAM,
        env={"KEY": key},
        path=[interpreters.SUPPORT, interpreters.TOP],
    )
    assert done.returncode == 0, done.stdout
    said, wrong = json.loads(done.stdout)
    assert said > 250 and wrong == []
