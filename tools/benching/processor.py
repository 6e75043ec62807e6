"""What the driver costs the processor on the unix port: instructions, which callgrind counts alike
each time, and microseconds, which are this machine's and nobody else's."""

import re
import shutil

from tools.benching import ports
from tools.benching.portable import steps
from tools.benching.record import record
from tools.benching.rig import CLASSES

_KEY = "bg95"
_FEW, _MANY = 2, 8  # exchanges: the difference is what they cost without what comes before
_FRAMING = {"bulk_up": (17, 15), "bulk_down": (15, 30)}  # bytes of an exchange beside the data
_PAYLOAD = {"bulk_up": 1460, "bulk_down": 1500}
_COUNTED = re.compile(r"Collected : (\d+)")


def _times(folder):
    recording = folder / "tcp.json"
    record(_KEY, recording, lambda nic, world: steps.tcp(nic, world, steps.Measure()))
    taken = ports.run("unix", "processor.py", recording, [CLASSES[_KEY], "time"])
    for name in sorted(taken):
        values = sorted(taken[name])
        yield {"call": name, "median_us": values[len(values) // 2], "longest_us": values[-1]}


def _instructions(recording, args):
    wrap = ["valgrind", "--tool=callgrind", "--trace-children=yes"]
    wrap.append("--callgrind-out-file=/dev/null")
    return int(
        ports.run("unix", "processor.py", recording, [CLASSES[_KEY], *args], wrap, _COUNTED)
    )


def _each(recording, *args):
    few, many = (_instructions(recording, [args[0], count, *args[1:]]) for count in (_FEW, _MANY))
    return (many - few) // (_MANY - _FEW)


def _counts(folder):
    for scene in ("bulk_down", "bulk_up"):
        recording = folder / (scene + ".json")
        play = getattr(steps, scene)
        record(_KEY, recording, lambda nic, world, play=play: play(nic, world, _MANY))
        payload = _PAYLOAD[scene]
        up, down = _FRAMING[scene]
        if scene == "bulk_up":
            up += payload
        else:
            down += payload
        yield {
            "scene": scene,
            "payload": payload,
            "instructions": _each(recording, scene),
            "line_alone": _each(recording, "line", up, down),
        }


def measure(folder):
    """Rows of microseconds for each call, and of instructions where valgrind is there."""
    yield from _times(folder)
    if shutil.which("valgrind"):
        yield from _counts(folder)
