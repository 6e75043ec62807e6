"""The mistakes of the first day, each on a virtual module in virtual time: see test_first_day.py,
which gives them as JSON in CASES and reads what is printed, a line of JSON for each."""

import json
import os

import lockstep
import quectel

CLASSES = {"bg95": "BG95S5", "rm500u": "RM500U", "bc95": "BC95GR", "bc92": "BC92", "bc20": "BC20",
           "bc25": "BC25"}  # fmt: skip
PORT = 7
TIMEOUT = 120  # s; for a registration that never comes
KEYWORDS = ("pin", "pwrkey", "trace")


def program(uart, place, options, name):
    """What every program does, up to its first data."""
    nic = getattr(quectel, name)(uart, **options)
    nic.active(True)
    nic.connect("internet", timeout=TIMEOUT)
    with nic.socket() as s:
        s.connect(place)
        buf = bytearray(1500)
        while s.recv_into(buf):
            pass


def told(call, *args):
    """What a call raises, as text: the words, or of what is no OSError the type and the words."""
    try:
        call(*args)
    except OSError as e:
        return e.args[1]
    except (TypeError, AttributeError) as e:
        return "%s: %s" % (type(e).__name__, e.args[0])
    return ""


def play(dialect, faults, rxbuf, given):
    """[what the program is told, what diagnose says of each step that fails or what it raises]."""
    options = {name: given[name] for name in KEYWORDS if name in given}
    place = (given.get("host", "example.com"), PORT)

    def of(call, *args):
        uart = lockstep.LockstepUART(dialect, faults, rxbuf)
        words = told(call, given.get("uart", uart), place, options, *args)
        uart.close()
        return words

    failed = []
    of_program = of(program, given.get("name", CLASSES[dialect]))
    raised = of(diagnosed, failed)
    return [of_program] + failed + [raised] * bool(raised)


def diagnosed(uart, place, options, failed):
    """quectel.diagnose; the words of the steps that fail go into `failed`."""
    found = quectel.diagnose(
        uart, "internet", host=place[0], port=place[1], timeout=TIMEOUT, show=shown, **options
    )
    assert bool(found) == (found.cause is None)
    for name, ok, words in found.steps:
        if not ok:
            failed.append("%s: %s" % (name, words))


def shown(line):
    """The lines are not looked at: `steps` has the same."""


for case in json.loads(os.getenv("CASES")):
    print(json.dumps(play(*case)))
