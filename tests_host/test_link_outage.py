"""quectel.link over a virtual module, which has its own reading of the documents: an hour without
a network, in virtual time."""

import json

import interpreters
import pytest
from end_to_end import MODELS

LOOK = 60  # s, of a link that is not told otherwise
SPREAD = 60  # s, the same
# BG95-S5, Figure 1: the SIM, the registration, the context.
BRING_UP = 20 + 60 + 150


@pytest.mark.parametrize("key", MODELS)
def test_an_hour_without_a_network(key):
    program = interpreters.HERE / "programs" / "link_outage.py"
    done = interpreters.run_program("cpython", program, args=[key, MODELS[key]])
    assert done.returncode == 0, done.stdout
    found = json.loads(done.stdout)
    assert found["up"] is not None and found["failed"], found
    # The BC modules say nothing of a context that is lost: the registration is looked at.
    assert found["down"] <= LOOK + 10, found
    assert found["again"] <= LOOK + SPREAD + BRING_UP, found
    # It searches for ten minutes each time; the fifth restart waits ten minutes after the fourth.
    assert 4 <= len(found["restarts"]) <= 6, found
    assert found["restarts"][4] - found["restarts"][3] >= 600, found
