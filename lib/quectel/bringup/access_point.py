# The access point of modules without AT+QICSGP: AT+CGDCONT. The documents of the BC modules leave
# it to 3GPP TS 27.007. A generator; see context.py.

from micropython import const
from quectel import answers, at, load

_SHORT_MS = const(5000)  # commands of 3GPP TS 27.007 that ask no network
_CFUN_MS = const(15000)
_ATTACHED = const(1)  # the context that comes with the attachment


def define(nic, line):
    """Generator: `line`, AT+CGDCONT (3GPP TS 27.007), unless the module has it so already. The
    context that comes with the attachment has its access point from the next attachment on: that
    one is set while the radio is off. Without the radio no socket is left, of no context."""
    _, kind, apn = answers.fields(line.decode())
    query = yield from answers.ask(nic, b"AT+CGDCONT?", b"+CGDCONT: ", _SHORT_MS)
    for told in query.lines:
        fields = answers.fields(told) + ["", ""]
        # Some firmware adds the operator's domain to the name: internet.mnc001.mcc001.gprs
        name = fields[2].lower().split(".mnc")[0]
        if fields[:2] == [str(nic.cid), kind] and name == apn.lower():
            return
    if nic.cid != _ATTACHED:
        yield from answers.must(nic, line)
        return
    if nic.module.connections:
        yield from load("bringup.pdp").deactivate(nic)
    text = "the radio was switched off to change the access point"
    nic.module.lose_connections(nic, text)
    for other in nic.module.nics:
        if other.state == other.STAT_GOT_IP:
            other.end_epoch(text)
    nic.module.choose("ready", False)  # where this is given up, power.py switches the radio on
    yield from answers.must(nic, b"AT+CFUN=0", _CFUN_MS)
    command = at.Command(line, _SHORT_MS)
    yield from nic.run(command)
    yield from answers.must(nic, b"AT+CFUN=1", _CFUN_MS)
    nic.module.choose("ready", True)
    if command.result != at.DONE:
        raise (yield from answers.why(nic, command, "AT+CGDCONT"))
