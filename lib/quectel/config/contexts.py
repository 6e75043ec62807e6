# Several contexts at once: another network interface over the same module.

from quectel.dialects import within


def context(nic, cid):
    """Another network interface over this module, for the context `cid`: it has its own
    connect, disconnect, isconnected, status, ipconfig, socket, resolve, ping and ntp.
    How many can be active at once: BG95-S5 3 (2 in NB2), RM500U 5."""
    within(cid, nic.dialect.CONTEXTS, "cid")
    for other in nic.module.nics:
        if other.cid == cid:
            return other
    return type(nic)(None, cid=cid, module=nic.module)
