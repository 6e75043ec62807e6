"""Many boards that lose their network at the same moment: when each of them restarts its module,
and when it is back. Each is a driver with a Link over a module of the tests, one after the other;
all begin at the same moment of their own virtual time."""

import collections
import sys
from pathlib import Path

_TOP = Path(__file__).resolve().parent.parent.parent
for _folder in ("tests_host/support", "tests_host/shim", "lib"):
    sys.path.insert(0, str(_TOP / _folder))

# This brings the clock, and goes before the driver.
from failing_module import FailingModule, now, pass_time  # noqa: E402
import quectel  # noqa: E402

MODELS = {
    "bc95": "BC95GR",
    "bc92": "BC92",
    "bc20": "BC20",
    "bg95": "BG95S5",
    "bc25": "BC25",
    "rm500u": "RM500U",
}
BIN = 10  # s
_UP = 600  # s that all is well before
_BACK = 900  # s that are waited for a board once the network is back
_WIDTH = 60  # characters of the longest bar

# A file is loaded once, and not anew for each restart.
quectel.module.unload = lambda folder: False


def board(key, number, seconds, spread):
    """One board: (s after the loss at which its module was restarted, s after the network was back
    at which it was up; None if it was not)."""
    uart = FailingModule(MODELS[key])
    nic = getattr(quectel, MODELS[key])(uart)
    link = quectel.link.Link(nic, "internet", seed="8600000%08d" % number, spread=spread)
    began = now()
    assert pass_time(link, _UP, lambda: link.up), link.events
    pass_time(link, _UP - (now() - began))
    lost = now()
    uart.stat = 4
    uart.activated = False
    uart.say('+QIURC: "pdpdeact",1')
    pass_time(link, seconds)
    back = now()
    uart.stat = 1
    up = pass_time(link, _BACK, lambda: link.up)
    return [time - lost for time in uart.restarts], now() - back if up else None


def bars(times):
    """Lines of a histogram of `times`, s."""
    counted = collections.Counter(int(time // BIN) for time in times)
    most = max(counted.values())
    for at in range(min(counted), max(counted) + 1):
        count = counted[at]
        bar = "#" * -(-count * _WIDTH // most)
        yield "%6d to %5d s %5d %s" % (at * BIN, at * BIN + BIN, count, bar)


def busiest(times):
    """How many of `times` are in the same second."""
    return max(collections.Counter(int(time) for time in times).values())


def fleet(key, count, hours, spread, say=print):
    """Plays the boards and says when they were back; returns how many were not."""
    restarts, ups = [], []
    rungs = collections.defaultdict(list)
    missing = 0
    for number in range(count):
        times, up = board(key, number, hours * 3600, spread)
        restarts.append(len(times))
        for rung, time in enumerate(times):
            rungs[rung].append(time)
        if up is None:
            missing += 1
        else:
            ups.append(up)
    say("%s: %d boards lose their network at the same moment, for %g h, spread %g s" % (
        key, count, hours, spread))  # fmt: skip
    say("restarts of a module: %d to %d" % (min(restarts), max(restarts)))
    for rung in sorted(rungs):
        say("  number %2d: %5d boards, %6.0f to %6.0f s after the loss, at most %d in a second" % (
            rung + 1, len(rungs[rung]), min(rungs[rung]), max(rungs[rung]),
            busiest(rungs[rung])))  # fmt: skip
    if ups:
        say("up again, after the network is back (at most %d in a second):" % busiest(ups))
        for line in bars(ups):
            say(line)
    if missing:
        say("not up again within %d s: %d" % (_BACK, missing))
    return missing
