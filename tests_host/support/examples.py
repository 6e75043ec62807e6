"""The examples of `conversations`, as scripts for the driver's own calls.

Where the driver never sends what an example prints, a change says so: (why, printed, played), the
steps of the example and those that stand for them, with the module's side kept. A change that
finds nothing to change fails the test, so that none outlives its reason."""

import errno

import virtual_time
from scripted import ScriptedUART, connected, raises, variants

APART = 13  # of two cuts in a chapter, see scripted.variants
_WAIT = 0.02  # seconds that stand for any wait: most of a run is silence
_FOREIGN = (
    "!",
    '+QIURC: "recv",4',
)  # of a socket that no example has, which every module may have
_GUARD_MS = 20  # and milliseconds for the silence around +++


def chapter(conversations, section, *changes):
    """The steps of the conversations whose keys begin with `section`, in order and changed; a
    dot at its end keeps 4.1 and 4.10 apart."""
    steps = []
    for key in sorted(conversations):
        if key.startswith(section):
            steps.extend(conversations[key])
    assert steps, section
    steps = [step for step in steps if step[0] not in ("given", "peer")]
    for why, printed, played in changes:
        assert why
        steps = _changed(steps, tuple(printed), tuple(played))
    return [("wait", _WAIT) if step[0] == "wait" else step for step in steps]


def _changed(steps, printed, played):
    changed = []
    at = 0
    while at < len(steps):
        if tuple(steps[at : at + len(printed)]) == printed:
            changed.extend(played)
            at += len(printed)
        else:
            changed.append(steps[at])
            at += 1
    assert changed != steps, ("not in the example", printed)
    return changed


def line(why, printed, played):
    """The change of a command line."""
    return why, ((">", printed),), ((">", played),)


def lines(why, printed, *played):
    """The change of a command line into several steps."""
    return why, ((">", printed),), played


def play(model, script, program, apart=APART, **options):
    """Play `program(nic)`, as `scripted.variants` does; returns its outcome."""

    def make(uart):
        return _play(model, uart, program, options)

    return variants(script, make, _FOREIGN, apart)


def play_once(model, script, program, **options):
    """The same with the line whole: for a module that differs by its name only."""
    uart = ScriptedUART(script)
    outcome = _play(model, uart, program, options)
    assert uart.done(), (uart.script, bytes(uart.sent))
    return outcome


def _play(model, uart, program, options):
    nic = connected(model, uart, **options)
    nic.dialect.GUARD_MS = _GUARD_MS
    return program(nic)


# ---- what the chapters of several documents have in common ----


def in_use(nic, count):
    """Have the numbers below `count` taken, as by another program: the examples begin higher."""
    for connect_id in range(count):
        nic.free_id(connect_id, False)


def tcp(nic, address, local_port=0, **options):
    """A TCP socket connected to `address`, with a short time-out."""
    s = nic.socket(**options)
    s.settimeout(0.3)
    if local_port:
        s.bind(("", local_port))
    s.connect(address)
    return s


def pushed(nic, address):
    """A TCP socket in push mode, connected to `address`."""
    s = nic.socket()
    s.settimeout(0.3)
    s.setsockopt(nic.SOL_SOCKET, nic.SO_RCVBUF, 256)
    s.setsockopt(nic.SOL_QUECTEL, nic.ACCESS_MODE, nic.PUSH)
    s.connect(address)
    return s


def listener(nic, port, af=None, backlog=None):
    """A TCP listener on `port`, with a short time-out."""
    s = nic.socket(nic.AF_INET if af is None else af)
    s.settimeout(0.3)
    s.bind(("", port))
    s.listen(backlog) if backlog else s.listen()
    return s


def times_out(function, *args):
    """Whether a call waits in vain."""
    return raises(OSError, function, *args).args[0] == errno.ETIMEDOUT


def refusal(function, *args, **kwargs):
    """The errno and the module's code of the OSError that a call raises."""
    error = raises(OSError, function, *args, **kwargs)
    return error.args[0], getattr(error, "code", None)


def wait_for(nic, condition):
    """Poll until `condition()`."""
    for _ in range(100000):
        if condition():
            return
        nic.poll()
        virtual_time.clock.sleep_ms(1)
    raise AssertionError("it never came")
