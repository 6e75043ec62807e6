# What the heap holds from the first import of the driver to the last socket: `moments` goes from
# one to the next, and `note` is told how much is allocated then. Arguments: the recording and the
# module's class. Run by stepwise.mjs.

import json
import sys

import replay
import steps

sys.modules["time"] = replay.clock

figures = []
_names = ["before"]


def note(allocated):
    """So much is allocated at the last moment."""
    figures.append((_names[-1], allocated))


def _steps(path, name):
    uart = replay.Replay(path)
    yield "ready"
    import quectel

    made = getattr(quectel, name)
    yield "driver imported"
    nic = made(uart)
    yield "interface made"
    replay.online(nic)
    yield "connected to the network"
    for moment in steps.sockets(nic, replay.Outside(uart)):
        yield moment
    loaded = sorted(file for file in sys.modules if file.startswith("quectel"))
    print(json.dumps({"live": figures, "loaded": loaded}))


def _named(moments):
    for name in moments:
        _names.append(name)
        yield name


moments = _named(_steps(*sys.argv[1:]))
