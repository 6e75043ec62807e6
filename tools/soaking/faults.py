"""What goes wrong, by name: functions of the world (see world.py)."""

DOWN = (
    "lose", "lose-payload", "cut", "double", "double-payload", "flip", "noise", "count", "number",
    "prompt", "line", "urc", "urc-cut", "urc-late",
)  # fmt: skip
UP = ("up-lose", "up-lose-payload", "up-flip", "up-noise")
_SHORT = (0.01, 0.2, 1.0, 3.0)
_LONG = _SHORT + (8.0, 20.0, 70.0, 130.0)


def _dead(world):
    world.damage.dead_until = world.clock.now() + world.random.choice(_LONG)


def _deaf(world):
    world.damage.deaf_until = world.clock.now() + world.random.choice(_SHORT)


def _mute(world):
    world.damage.mute_until = world.clock.now() + world.random.choice(_LONG)


def _hold(world):
    world.damage.held_until = world.clock.now() + world.random.choice(_LONG)


def _restart(world):
    world.module.collapse()


def _silently(world, seconds):
    now = world.clock.now()
    world.damage.mute_until = max(world.damage.mute_until, now + seconds)


def _restart_silent(world):
    _silently(world, world.module.BOOT_TIME + 0.3)
    world.module.collapse()


def _context(world):
    world.module.detach()


def _context_silent(world):
    _silently(world, 0.1)
    world.module.detach()


def _coverage(world):
    module = world.module
    module.set_coverage(False)
    seconds = world.random.choice((2.0, 20.0, 100.0, 400.0))
    world.clock.call_later(seconds, lambda: module.set_coverage(True))


def _sleep(world):
    world.module.deep_sleep()


def _latency(world):
    world.module.latency = world.random.choice((0.0, 0.02, 0.3, 1.5))


def _some_peer(world):
    peers = [peer for peer in world.network.peers if peer.sink is not None and peer.ended is None]
    return world.random.choice(peers) if peers else None


def _peer_closes(world):
    peer = _some_peer(world)
    if peer:
        if world.random.random() < 0.7:
            peer.give(world.random.choice((1, 300, 3000)))
        peer.finish()


def _peer_resets(world):
    peer = _some_peer(world)
    if peer:
        world.network.reset(peer)


def _peer_stalls(world):
    peer = _some_peer(world)
    if peer:
        peer.stall()
        seconds = world.random.choice((1.0, 20.0, 200.0))
        world.clock.call_later(seconds, lambda: peer.stall(False))


def _refuse(world):
    world.network.bad = "refuse"


def _hang(world):
    world.network.bad = "hang"


MODULE = {
    "restart": _restart, "restart-silent": _restart_silent, "context": _context,
    "context-silent": _context_silent, "coverage": _coverage, "sleep": _sleep,
}  # fmt: skip
ANNOUNCED = ("restart", "context", "coverage")
LINE = {"dead": _dead, "deaf": _deaf, "mute": _mute, "hold": _hold}
PEER = {
    "peer-closes": _peer_closes, "peer-resets": _peer_resets, "peer-stalls": _peer_stalls,
    "refuse": _refuse, "hang": _hang, "latency": _latency,
}  # fmt: skip
CALLED = dict(MODULE, **LINE, **PEER)
NAMES = DOWN + UP + tuple(CALLED)
HANGS = "module-hangs"  # until it is restarted: see pico.py
HARMLESS = tuple(PEER)  # to what a connection is told


# How whole modules are as well: names of the virtual module's own faults, which stay for a run.
HABITS = (
    "boot-lines", "neul", "stray-answers", "sleepy", "context-zero", "serial-number",
    "vendor-in-model", "state-three", "no-space", "long-forms", "silent-prompt", "late-recv:3,2",
    "recv-from:200", "wakeup-in-close:3", "sendfail:20", "sendfail-alone:20",
    "lose-recv:3", "urc-noise:20", "slow-dns:2,5", "active-at-boot", "other-context",
    "close-forgets:5", "buff-full", "short-zone", "dns-joined",
)  # fmt: skip


def strike(world, name):
    """The fault `name`, now or at the next thing that it fits."""
    if name in DOWN:
        world.damage.armed[:] = [name]
    elif name in UP:
        world.damage.armed_up[:] = [name]
    else:
        world.note("! " + name)
        CALLED[name](world)
