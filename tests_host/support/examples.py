"""The examples of `conversations`, as scripts for the driver's own calls.

Where the driver never sends what an example prints, a change says so: (why, printed, played), the
steps of the example and those that stand for them, with the module's side kept. A change that
finds nothing to change fails the test, so that none outlives its reason."""

import errno

import virtual_time
from scripted import ScriptedUART, boundaries, connected, raises, variants

APART = 13  # of two cuts in a chapter, see scripted.variants
_WAIT = 0.006  # seconds that stand for any wait: most of a run is silence
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
    return list(_paced(steps))


def _paced(steps):
    # Short waits, and one before each second answer: who goes on without it is too early.
    last = None
    for step in steps:
        if last == ("<", "OK") and step[0] == "<":
            yield ("wait", _WAIT)
        yield ("wait", _WAIT) if step[0] == "wait" else step
        last = step


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


def play(model, script, program, apart=APART, beside=False, **options):
    """Play `program(nic)`, as `scripted.variants` does; returns its outcome. `beside`: also beside
    a socket in push mode, see _play_beside."""

    def make(uart):
        return _play(model, uart, program, options)

    outcome = variants(script, make, _FOREIGN, apart)
    if beside:
        _play_beside(model, script, program, options, outcome)
    return outcome


def play_once(model, script, program, **options):
    """The same with the line whole: for a module that differs by its name only."""
    uart = ScriptedUART(script)
    outcome = _play(model, uart, program, options)
    assert uart.done(), (uart.script, bytes(uart.sent))
    return outcome


def _play_beside(model, script, program, options, wanted):
    # The module gives another socket's data between any two lines: data that looks like an answer.
    # Not with "viewmode" 1, which would give it another form.
    number, data = 4, b"\r\nOK\r\n"
    opening = [
        (">", 'AT+QIOPEN=1,%d,"TCP","203.0.113.7",7,0,1' % number),
        ("<", "OK"),
        ("!", "+QIOPEN: %d,0" % number),
    ]

    def beside(nic):
        in_use(nic, number)
        other = pushed(nic, ("203.0.113.7", 7))
        for connect_id in range(number):
            nic.module.release_id(connect_id)
        return program(nic), other.recv(100), other.lost

    given = [("!", '+QIURC: "recv",%d,%d' % (number, len(data))), ("<<", data)]
    for at in boundaries(script):
        whole = opening + script[:at] + given + script[at:]
        for single in (False, True):
            uart = ScriptedUART(whole, single=single)
            outcome = _play(model, uart, beside, options)
            assert outcome == (wanted, data, 0), (at, single, outcome)
            assert uart.done(), (at, single, uart.script, bytes(uart.sent))


def _play(model, uart, program, options):
    nic = connected(model, uart, **options)
    nic.dialect.GUARD_MS = _GUARD_MS
    return program(nic)


# ---- what the chapters of several documents have in common ----


def in_use(nic, count):
    """Have the numbers below `count` taken, as by another program: the examples begin higher."""
    for connect_id in range(count):
        nic.module.release_id(connect_id, nic)


def tcp(nic, address, local_port=0, **options):
    """A TCP socket connected to `address`, with a short time-out."""
    s = nic.socket(**options)
    s.settimeout(0.1)
    if local_port:
        s.bind(("", local_port))
    s.connect(address)
    return s


def pushed(nic, address):
    """A TCP socket in push mode, connected to `address`."""
    s = nic.socket()
    s.settimeout(0.1)
    s.setsockopt(nic.SOL_SOCKET, nic.SO_RCVBUF, 256)
    s.setsockopt(nic.SOL_QUECTEL, nic.ACCESS_MODE, nic.PUSH)
    s.connect(address)
    return s


def listener(nic, port, af=None, backlog=None):
    """A TCP listener on `port`, with a short time-out."""
    s = nic.socket(nic.AF_INET if af is None else af)
    s.settimeout(0.1)
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


def in_no_time(function, *args):
    """What a call returns, which must not have waited for what will not come."""
    start = virtual_time.clock.elapsed_ms()
    outcome = function(*args)
    assert virtual_time.clock.elapsed_ms() - start < 1000
    return outcome


def wait_for(nic, condition):
    """Poll until `condition()`."""
    for _ in range(100000):
        if condition():
            return
        nic.poll()
        virtual_time.clock.nap_ms(1)
    raise AssertionError("it never came")
