# Which module is on a UART: AT+CGMM (3GPP TS 27.007), asked before there is a class for it.

import errno
import time

from quectel import at
from quectel.errors import Error

_ANSWER_MS = 500
_BOOT_MS = 20000


def detect(uart, dialects, options):
    """See quectel.detect."""
    import quectel

    channel = at.Channel(uart, options.get("trace"))
    start = time.ticks_ms()
    while _ask(channel, b"AT").result != at.DONE:
        if time.ticks_diff(time.ticks_ms(), start) >= _BOOT_MS:
            raise Error(errno.ETIMEDOUT, "nothing answers AT")
    answer = "".join(_ask(channel, b"AT+CGMM", 5000).lines)
    told = "".join(c for c in answer.upper() if c.isalpha() or c.isdigit())
    for models in dialects.values():
        for name in models:
            if name in told:
                nic = getattr(quectel, name)(uart, **options)
                nic.active(True)
                return nic
    raise Error(errno.ENODEV, "no module that the driver knows: " + answer[:24])


def _ask(channel, text, timeout=_ANSWER_MS):
    query = at.Query(text, timeout)
    channel.start(query)
    while query.result == at.PENDING:
        channel.pause(channel.poll())
    return query
