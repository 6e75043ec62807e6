"""A link over a virtual module that loses its network for an hour, in virtual time; prints what
was seen as JSON: link_outage.py KEY CLASS."""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from tools.benching import rig
from tools.benching.line import Line
from tools.soaking.clock import SoakClock
from tools.vmodule import create

HOUR = 3600.0


def main(key, model):
    clock = SoakClock()
    rig.use(clock)
    module = create(key, rig.Network(clock), clock)
    nic = getattr(rig.quectel, model)(Line(module, clock, 115200))
    told = []
    link = rig.quectel.link.Link(
        nic, "internet", seed="1", tell=lambda words: told.append((clock.time, words))
    )

    def took(seconds, condition=lambda: False):
        begun = clock.time
        while clock.time - begun < seconds:
            ms = link.step()
            if condition():
                return clock.time - begun
            clock.advance(max(0.002, min(ms / 1000, 1.0)))
        return None

    def opened():
        s = nic.socket()
        s.connect(rig.ADDRESS)
        return s

    found = {"up": took(300, lambda: link.up)}
    s = opened()
    module.set_coverage(False)
    found["down"] = took(HOUR, lambda: not link.up)
    took(HOUR)
    found["failed"] = s.connection.failure is not None
    s.close()
    module.set_coverage(True)
    found["again"] = took(HOUR, lambda: link.up)
    opened().close()
    found["restarts"] = [time for time, words in told if words.startswith("restarts")]
    found["told"] = told
    print(json.dumps(found))


main(*sys.argv[1:])
