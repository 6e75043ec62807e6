# Bytes as hex digits, on their way to the module.

_DIGITS = b"0123456789ABCDEF"


def put_hex(buf, at, data, start, end):
    """Write `data[start:end]` as hex digits at `buf[at]`; returns the index after them."""
    for i in range(start, end):
        byte = data[i]
        buf[at] = _DIGITS[byte >> 4]
        buf[at + 1] = _DIGITS[byte & 15]
        at += 2
    return at
