# Read and query forms of commands that report something and hold no setting. Each document has
# them in the section of the command that the dialect's QUERIES names.

import errno
from collections import namedtuple

from quectel import answers, errors, load
from quectel.services import report

# AT+QIACT? and AT+QIACTEX? list the contexts: BG95-S5 2.3.2, RG200U&RG500U&RM500U 2.3.3, 2.3.5.
Active = namedtuple("Active", ("context", "state", "type", "addresses"))
# AT+QICSGP=<contextID> (BG95-S5 2.3.1, RG200U&RG500U&RM500U 2.3.2)
Profile = namedtuple("Profile", ("type", "apn", "user", "key", "auth"))


def query(nic, name):
    """See config/settings.py: `name` is that of a command."""
    if name == "qistate":
        return load("services.netstat").of_context(nic)
    if name == "qicsgp":
        return _profile(_ask(nic, b"QICSGP", b"=%d" % nic.cid))
    rows = _ask(nic, name.upper().encode(), b"?")
    if name == "qntp":
        # Only while the module asks a time server (BG95-S5 2.3.12).
        return (rows[0][0], answers.number(rows[0][1])) if rows and len(rows[0]) > 1 else None
    return [
        Active(answers.number(row[0]), answers.number(row[1]), answers.number(row[2]), row[3:])
        for row in rows
        if len(row) > 2
    ]


def _ask(nic, name, form):
    lines = report.ask(nic, b"AT+" + name + form, b"+" + name + b": ")
    return [answers.fields(line) for line in lines]


def _profile(rows):
    if not rows or len(rows[0]) < 5:
        raise errors.Error(errno.EIO, "AT+QICSGP: an answer without a value")
    # RM500U's example shows one text more than its syntax, before the last number.
    row = rows[0]
    return Profile(answers.number(row[0]), row[1], row[2], row[3], answers.number(row[-1]))
