# What a UART tells of itself.


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
