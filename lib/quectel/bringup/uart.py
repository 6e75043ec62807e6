# Checks of the arguments that a module's class is given, and the settings that a UART shows in
# its repr.

_METHODS = ("any", "readinto", "write")
_PINS = ("pwrkey", "reset", "dtr", "psm_eint")


def check(uart, options):
    """TypeError, with words that say what to give, where `uart` or one of the keywords `options`
    of a class is another thing."""
    if not all([hasattr(uart, name) for name in _METHODS]):
        raise TypeError("uart must be a UART, as machine.UART(1, 115200), not " + _kind(uart))
    for name in _PINS:
        pin = options.get(name)
        if pin is not None and not hasattr(pin, "value"):
            raise TypeError("%s must be a Pin, as machine.Pin(14), not %s" % (name, _kind(pin)))
    trace = options.get("trace")
    if trace is not None and not callable(trace):
        raise TypeError("trace must be a function, as print, not " + _kind(trace))
    power = options.get("power")
    if power is not None and not callable(power):
        raise TypeError("power must be a function of True or False, not " + _kind(power))


def _kind(thing):
    return "None" if thing is None else type(thing).__name__


def shown(uart, name):
    """The number behind `name` in the UART's repr, where MicroPython's ports show baud rate and
    buffer size; 0 where it is not there, as of what is no such UART."""
    text = repr(uart)
    place = text.find(name)
    digits = ""
    if place >= 0:
        for char in text[place + len(name) :]:
            if not char.isdigit():
                break
            digits += char
    return int(digits) if digits else 0
