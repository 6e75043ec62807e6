# Parameters of commands that the driver sends by itself. A program may choose them; without that
# each document's default holds. The driver keeps them, not the module.
#
#   close_timeout    seconds that closing may take: AT+QICLOSE's <timeout>
#                    (BG95-S5 2.3.5, RG200U&RG500U&RM500U 2.3.8)
#   asynchronous     1: contexts come and go with AT+QIACTEX and AT+QIDEACTEX, which leave the
#                    channel free meanwhile; 2: the same, and <view_mode> 1 lets the line that
#                    nic.on_urc hears tell the addresses; 0: with AT+QIACT and AT+QIDEACT
#                    (RG200U&RG500U&RM500U 2.3.3 to 2.3.6)
#   connect_timeout  seconds for which the module tries to connect again: AT+QIOPEN's
#                    <connect_timeout> (RG200U&RG500U&RM500U 2.3.7)

from quectel.dialects import within


def get(nic, name):
    """The choice, or None where the program made none."""
    dialect = nic.dialect
    if name == "close_timeout":
        return dialect.CLOSE_MS // 1000 if dialect.CLOSE_TAIL else None
    if name == "asynchronous":
        return int(dialect.ASYNCHRONOUS)
    return dialect.CONNECT_TIMEOUT or None


def set(nic, name, value):
    """Make a choice; None goes back to the document's own."""
    if value is not None:
        within(value, nic.dialect.CHOICES[name], name)
    dialect = nic.dialect
    if name == "close_timeout":
        dialect.choose("CLOSE_TAIL", None if value is None else b",%d" % value)
        dialect.choose("CLOSE_MS", None if value is None else value * 1000)
    else:
        dialect.choose(name.upper(), value)
