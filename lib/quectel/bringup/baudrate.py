# Another baud rate, at both ends of the line: AT+IPR (ITU-T V.250, 6.2.10) and the UART's init.
# Loaded when needed, and unloaded after: see module.py.

import errno

from micropython import const
from quectel import answers, at, load
from quectel.dialects import within
from quectel.errors import Error

_SHORT_MS = const(5000)
_ANSWER_MS = const(500)
_ASKS = const(4)  # for an answer at a new rate: a module may take a moment for the change
_NEAR = const(50)  # a port shows what its divider gives: within one part of so many
_USUAL = (9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600, 1000000, 2000000, 3000000)


class Rate:
    """The baud rates of a line: that which is wanted, and that which the module starts with."""

    def __init__(self, uart, wanted, options):
        shown = load("bringup.uart").shown
        self.uart = uart
        self.wanted = wanted
        self.options = options
        size = shown(uart, "rxbuf=")
        if size:
            options.setdefault("rxbuf", size)  # some ports take init without it as the default
        self.base = shown(uart, "baudrate=")
        for rate in _USUAL:
            if abs(rate - self.base) < rate // _NEAR:
                self.base = rate
        self.now = self.base

    def choose(self, nic, rate):
        """Set the UART to `rate`."""
        self.uart.init(baudrate=rate, **self.options)
        self.now = rate
        nic.channel.output.pace(rate)


def baudrate(nic, rate, **options):
    """Have the module and the UART talk at `rate` baud. `options` are for the UART's init, which
    gets rxbuf as well where its repr tells it.

    Before active(True) nothing is sent: active(True) then looks for the module at both rates,
    since it keeps the new one while only the microcontroller restarts, and changes to `rate`. A
    module that restarts begins with the old rate, and is found and changed in the same way.

    Raises EOPNOTSUPP for a UART without init, or one whose repr does not tell its baud rate; what
    the module refuses with; ETIMEDOUT if the module does not answer at the new rate: then both
    ends are at the old one."""
    uart = nic.channel.uart
    within(rate, (300, 10000000), "rate")
    if not hasattr(uart, "init"):
        raise Error(errno.EOPNOTSUPP, "this UART has no init(): open it with the other baud rate")
    known = nic.dialect.BAUDRATE
    line = Rate(uart, rate, options)
    if known is not None:
        line.base, line.now = known.base, known.now
    if not line.base:
        raise Error(errno.EOPNOTSUPP, "repr() of this UART does not tell its baud rate")
    if nic.module.ready:
        nic.dialect.choose("BAUDRATE", line)
        try:
            nic.module.finish(changing(nic), True)
        except OSError:
            nic.dialect.choose("BAUDRATE", known)
            raise
        return
    nic.dialect.choose("BAUDRATE", line)


def turn(nic):
    """Nothing answers: try the other one of the two rates."""
    line = nic.dialect.BAUDRATE
    line.choose(nic, line.base if line.now == line.wanted else line.wanted)


def changing(nic):
    """Generator: change to the rate that is wanted, and back where the module does not answer."""
    line = nic.dialect.BAUDRATE
    old = line.now
    if old == line.wanted:
        return
    command = at.Command(b"AT+IPR=%d" % line.wanted, _SHORT_MS)
    yield from nic.run(command)
    if command.result == at.ERROR:
        raise (yield from answers.why(nic, command, "AT+IPR"))
    # While the ends differ nothing can be told from an answer that does not come.
    channel = nic.channel
    chosen = channel.probe, channel.on_silence
    channel.choose("probe", None)
    channel.choose("on_silence", None)
    try:
        line.choose(nic, line.wanted)
        if (yield from _answers(nic)):
            return
        # It may have changed and be heard badly only.
        yield from nic.run(at.Command(b"AT+IPR=%d" % old, _ANSWER_MS))
        line.choose(nic, old)
        text = "no answer at %d baud" % line.wanted
        if (yield from _answers(nic)):
            text += ", back at %d" % old
        raise Error(errno.ETIMEDOUT, text)
    finally:
        channel.choose("probe", chosen[0])
        channel.choose("on_silence", chosen[1])
        nic.module.hint_all()  # URCs may have been lost meanwhile


def _answers(nic):
    for _ in range(_ASKS):
        command = at.Command(b"AT", _ANSWER_MS)
        yield from nic.run(command)
        if command.result == at.DONE:
            return True
    return False
