# What each call allocates. Arguments: the recording, the module's class, the scene.

import gc
import json
import sys

import replay
import steps

sys.modules["time"] = replay.clock

import quectel  # noqa: E402  it takes the clock when it is imported


class _Heap(steps.Measure):
    # The most that a call allocated, by the step's name.

    def __init__(self):
        self.most = {}

    def step(self, name, function, a, b):
        self.most.setdefault(name, 0)
        gc.collect()
        gc.disable()
        before = gc.mem_alloc()
        function(a, b)
        spent = gc.mem_alloc() - before
        gc.enable()
        self.most[name] = max(self.most[name], spent)


def main(path, name, scene):
    uart = replay.Replay(path)
    nic = getattr(quectel, name)(uart)
    replay.online(nic)
    heap = _Heap()
    getattr(steps, scene)(nic, replay.Outside(uart), heap)
    print(json.dumps(heap.most))


main(*sys.argv[1:])
