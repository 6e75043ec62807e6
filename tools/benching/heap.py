"""Bytes that each call allocates on MicroPython."""

from tools.benching import ports
from tools.benching.portable import steps
from tools.benching.record import record
from tools.benching.rig import CLASSES

SCENES = ("tcp", "udp", "ends", "server")
_SERVERS = ("bg95",)  # whose listener needs no more than QIOPEN
# What the budget is about: nothing may be allocated.
_FREE = ("send", "recv_into", "readinto", "write", "sendto", "poll", "ioctl")


def is_free(name):
    """Whether a step is one that must not allocate; raising EAGAIN makes an exception."""
    return name.startswith(_FREE) and "EAGAIN" not in name


def scenes(key):
    """The scenes that a dialect can play."""
    return [scene for scene in SCENES if scene != "server" or key in _SERVERS]


def measure(key, scene, port, folder):
    """{step: bytes} of a scene."""
    recording = folder / "recording.json"
    play = getattr(steps, scene)
    record(key, recording, lambda nic, world: play(nic, world, steps.Measure()))
    return ports.run(port, "heap.py", recording, [CLASSES[key], scene])
