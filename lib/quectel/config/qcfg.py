# Settings by their names in AT+QCFG, Quectel's own command for a module's modem: bands, radio
# access technologies and their order (BG95: "band", "nwscanmode", "nwscanseq", "iotopmode"). Of
# the five documents RG200U&RG500U&RM500U alone names it, for "nat" (2.3.7, note 3). Which names
# there are and what they take, each module's AT commands manual says: the module decides.

import errno

from quectel import answers, errors, load
from quectel.dialects import quoted

_NAME_MAX = 64
_TEXT_MAX = 128
# Names whose numbers are hexadecimal, both ways.
_HEXADECIMAL = ("band",)


def get(nic, name):
    """What the module tells of AT+QCFG="name": a value, or a tuple of several. A number as int,
    also a hexadecimal one (0x80084); one that begins with a zero as text ("020301"), as any
    other."""
    rows = _ask(nic, _line(name), b"+QCFG: ")
    if not rows:
        raise errors.Error(errno.EIO, "AT+QCFG: an answer without a value")
    values = tuple([_value(field) for field in answers.fields(rows[0])[1:]])
    return values[0] if len(values) == 1 else values


def set(nic, name, value):
    """Make `value` that of AT+QCFG="name": a number, a text, or several of them. Text of
    hexadecimal digits goes as it is, any other in quotes. EOPNOTSUPP where the module does not
    know the name, EINVAL where it does and refuses the value."""
    values = value if isinstance(value, (tuple, list)) else (value,)
    line = b",".join([_line(name)] + [_word(item, name) for item in values])
    try:
        _ask(nic, line)
    except errors.Error as e:
        if e.args[0] != errno.EOPNOTSUPP:
            raise
        _ask(nic, _line(name), b"+QCFG: ")
        words = "%s refuses this value of %s" % (nic.dialect.MODEL, name)
        raise errors.Error(errno.EINVAL, words, e.code)


def _line(name):
    return b"AT+QCFG=" + quoted(name, _NAME_MAX, "the name of a setting")


def _ask(nic, text, prefix=None):
    try:
        return load("services.cellular").ask(nic, text, prefix)
    except errors.Error as e:
        if e.args[0] != errno.EOPNOTSUPP:
            raise
        name = text.decode().split('"')[1]
        words = "%s has no setting %s, neither of its document nor of AT+QCFG"
        raise errors.Error(errno.EOPNOTSUPP, words % (nic.dialect.MODEL, name), e.code)


def _word(item, name):
    if isinstance(item, int):
        return (b"%x" if name in _HEXADECIMAL else b"%d") % item
    word = quoted(item, _TEXT_MAX, name)
    bare = word[1:-1]
    digits = (bare[2:] if bare[:2] in (b"0x", b"0X") else bare).lower()
    return bare if digits and not digits.strip(b"0123456789abcdef") else word


def _value(field):
    if field[:2] in ("0x", "0X"):
        try:
            return int(field, 16)
        except ValueError:
            return field
    number = answers.number(field)
    return field if number is None or str(number) != field else number
