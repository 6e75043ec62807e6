# What print(nic) shows: what is known without asking.

_STATS = {0: "not registered", 2: "searching", 3: "registration denied"}


def summary(nic):
    """One line of what is known of the interface; nothing is sent."""
    text = nic.dialect.MODEL
    if nic.cid != 1:
        text += " context %d" % nic.cid
    if nic.state == nic.STAT_GOT_IP:
        text += " connected"
        if nic.address:
            text += " as " + nic.address[0]
        if nic.apn:
            text += " by " + nic.apn
        used = len([conn for conn in nic.module.connections if conn.nic is nic])
        if used:
            text += ", %d socket%s" % (used, "s" if used > 1 else "")
    elif nic.state == nic.STAT_CONNECTING:
        text += " connecting"
        if nic.module.registration in _STATS:
            text += ", " + _STATS[nic.module.registration]
    elif not nic.module.active:
        text += " not active"
    elif nic.failure is not None and nic.state != nic.STAT_IDLE:
        text += " not connected: %s" % nic.failure.args[-1]
    else:
        text += " not connected"
    return "<" + text + ">"
