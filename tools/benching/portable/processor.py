# What the driver costs the processor. Arguments: the recording, the module's class, then either
# `time`, which prints microseconds of this machine for each call, or a scene and how many
# exchanges of it to do, for someone who counts instructions; `line` does the line's part alone.

import json
import sys

import replay
import steps

sys.modules["time"] = replay.clock

import quectel  # noqa: E402  it takes the clock when it is imported


class _Time(steps.Measure):
    # Microseconds of each call, by the step's name.

    def __init__(self):
        self.taken = {}

    def step(self, name, function, a, b):
        began = replay.real.ticks_us()
        function(a, b)
        spent = replay.real.ticks_diff(replay.real.ticks_us(), began)
        self.taken.setdefault(name, []).append(spent)


def main(path, name, what, count=0, up=0, down=0):
    uart = replay.Replay(path, strict=False)
    nic = getattr(quectel, name)(uart)
    replay.online(nic)
    outside = replay.Outside(uart)
    if what == "time":
        times = _Time()
        steps.tcp(nic, outside, times)
        print(json.dumps(times.taken))
    elif what == "line":
        replay.line_alone(uart, int(count), int(up), int(down))
        print("0")
    else:
        getattr(steps, what)(nic, outside, int(count))
        print("0")


main(*sys.argv[1:])
