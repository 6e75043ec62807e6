# The words of errors that the first day brings: what was seen, then what to look at. Loaded when
# there is such an error, and unloaded with the other files of bringup/: see module.py.

import errno

from quectel.errors import Error


def unheard(model, line):
    """The Error for a module that does not answer; `line` has counted, see line.py."""
    if not line.came:
        text = "nothing came in %d s. Look at power, PWRKEY and GND, whether TX and RX are crossed"
        text = (text + ", and at the baud rate") % line.seconds
    elif line.came_back:
        text = "all that was sent came back, %d bytes. Is TX wired to RX?" % line.came
    elif not line.lines:
        text = "%d bytes came, none readable. Look at the baud rate" % line.came
    else:
        text = "%d lines came, none says OK. Look at the wire from TX, and at RTS/CTS" % line.lines
    return Error(errno.ETIMEDOUT, "%s does not answer: %s" % (model, text))
