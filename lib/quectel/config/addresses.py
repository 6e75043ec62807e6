# Addresses as bytes and as text, and sockets of kinds that there are not. Loaded on first use.

import errno

from quectel import errors
from quectel.socket import AF_INET, AF_INET6

_EAFNOSUPPORT = errors.number_of("EAFNOSUPPORT", 97)


def refuse(nic, af, type, proto):
    """Raise why there is no such socket: TypeError for what is no number, else EOPNOTSUPP."""
    for number in (af, type, proto):
        if not isinstance(number, int):
            raise TypeError("family, type and protocol of a socket must be numbers")
    text = "sockets of family %d and type %d" % (af, type)
    if type == nic.SOCK_RAW:
        text = "raw sockets: nic.ping() sends ICMP"
    raise errors.not_supported(nic.dialect.MODEL, text)


def inet_pton(nic, family, text):
    """An address as its 4 bytes (AF_INET) or 16 (AF_INET6), in the order of the network; EINVAL
    where it is none."""
    if not isinstance(text, str):
        raise TypeError("an address must be text")
    if family == AF_INET:
        return bytes([_number(word, 10, 255) for word in _split(text, ".", 4)])
    if family != AF_INET6:
        raise OSError(_EAFNOSUPPORT)
    head, gap, tail = text.partition("::")
    front, back = _words(head, not gap), _words(tail, True)
    missing = 8 - len(front) - len(back)
    if missing < 0 or (not missing) == bool(gap):
        _no_address()
    data = bytearray()
    for word in front + [0] * missing + back:
        data.append(word >> 8)
        data.append(word & 255)
    return bytes(data)


def inet_ntop(nic, family, data):
    """The text of an address that is 4 bytes (AF_INET) or 16 (AF_INET6), the longest run of zeros
    as "::"; ValueError for another length."""
    size = {AF_INET: 4, AF_INET6: 16}.get(family)
    if size is None:
        raise OSError(_EAFNOSUPPORT)
    data = bytes(memoryview(data))
    if len(data) != size:
        raise ValueError("an address of this family is %d bytes" % size)
    if size == 4:
        return ".".join([str(byte) for byte in data])
    words = ["%x" % (data[i] << 8 | data[i + 1]) for i in range(0, 16, 2)]
    # RFC 5952, section 4.2: the longest run of zeros, the first of several, and no single one.
    at, longest = 0, 1
    for start in range(8):
        stop = start
        while stop < 8 and words[stop] == "0":
            stop += 1
        if stop - start > longest:
            at, longest = start, stop - start
    if longest == 1:
        return ":".join(words)
    return ":".join(words[:at]) + "::" + ":".join(words[at + longest :])


def _no_address():
    raise errors.Error(errno.EINVAL, "this is no address")


def _split(text, mark, count):
    words = text.split(mark)
    if len(words) != count:
        _no_address()
    return words


def _number(text, base, most):
    digits = "0123456789" if base == 10 else "0123456789abcdefABCDEF"
    if not text or len(text) > 4 or [c for c in text if c not in digits]:
        _no_address()
    number = int(text, base)
    if number > most or (base == 10 and text != str(number)):
        _no_address()
    return number


def _words(text, last):
    # The 16-bit words of a part of an IPv6 address; the last part may end as an IPv4 one.
    words = []
    fields = text.split(":") if text else []
    if last and fields and "." in fields[-1]:
        a, b, c, d = [_number(word, 10, 255) for word in _split(fields.pop(), ".", 4)]
        words = [a << 8 | b, c << 8 | d]
    return [_number(field, 16, 0xFFFF) for field in fields] + words
