# First light: whether the module on this board works, up to its first packet, and if not what to
# look at. Run on the board by tools/deploy. The last line is the verdict: "first light: ok", or
# what is wrong.

import board
import quectel


def first_light():
    """What quectel.diagnose says of the board's module."""
    try:
        line = board.modem()
    except OSError:
        line = board.uart()  # modem() has asked the module who it is, and there was no answer
    return quectel.diagnose(line, board.APN)


print("first light:", first_light().cause or "ok")
