"""The virtual module of `tools/soak --real`, a process of its own, with damage on its UART:
`python3 -m tools.soaking.module KEY SEED SECONDS HOST [FAULT …]`; after SECONDS all is whole."""

import random
import sys
import types

from tools.soaking import faults
from tools.soaking.line import Damage
from tools.vmodule import cli

_MEAN = 4.0  # s between faults
_LONGEST = 10.0  # s of one that lasts: there are ten minutes, not a day


class Damaged:
    """The module as the UART's front sees it."""

    def __init__(self, module, damage):
        self._module = module
        self._damage = damage
        self.late = bytearray()

    def feed(self, data):
        data = self._damage.up(data)
        if data:
            self._module.feed(data)

    def take(self, limit=None):
        data = self._module.take(limit)
        data = self._damage.down(data) if data else b""
        data += bytes(self.late)
        self.late.clear()
        return data

    def wants_input(self):
        return self._module.wants_input()

    def host_reset(self):
        self._module.host_reset()


def main(argv):
    key, seed, seconds, host, *kinds = argv
    _, args = cli.arguments(
        ["--dialect", key, "--tcp", "127.0.0.1:0", "--host", host, "--seed", seed]
    )
    loop, uart, _ = cli.build(args)
    clock, module, rnd = loop.clock, uart.module, random.Random(int(seed))
    clock_start = clock.now()

    def note(text):
        print("%8.2f %s" % (clock.now() - clock_start, text), file=sys.stderr, flush=True)

    damage = Damage(module, clock, rnd, note, lambda data: uart.module.late.extend(data))
    uart.module = Damaged(module, damage)
    world = types.SimpleNamespace(
        module=module, damage=damage, clock=clock, random=rnd, note=note,
        network=types.SimpleNamespace(peers=(), bad=None),
    )  # fmt: skip

    def strike():
        if clock.now() - clock_start > float(seconds):
            damage.clear()
            module.latency = 0.0
            return module.set_coverage(True)
        faults.strike(world, rnd.choice(kinds))
        limit = clock.now() + _LONGEST
        damage.dead_until = min(damage.dead_until, limit)
        damage.mute_until = min(damage.mute_until, limit)
        return clock.call_later(rnd.expovariate(1 / _MEAN), strike)

    clock.call_later(5.0, strike)
    cli.run(loop, uart)


if __name__ == "__main__":
    main(sys.argv[1:])
