# What a network interface can be asked: status, ipconfig, ifconfig.

from quectel import answers, errors, load
from quectel.services import report

# What the interfaces of `network` also have under ipconfig. A context is point to point and gets
# its addresses from the network operator: there is no gateway, no DHCP and nothing to set.
_GIVEN = {
    "gw4": "0.0.0.0",
    "dhcp4": False,
    "has_dhcp4": False,
    "dhcp6": False,
    "autoconf6": False,
    "has_autoconf6": False,
}


def status(nic, param):
    """See Nic.status."""
    if param == "error":
        return nic.failure
    if param == "rssi":
        # 3GPP TS 27.007 AT+CSQ: 0 to 31 are -113 to -51 dBm, 99 is not known.
        level = answers.number(answers.fields(report.ask_one(nic, b"AT+CSQ", b"+CSQ: "))[0])
        return None if level is None or not 0 <= level <= 31 else 2 * level - 113
    if param == "registration":
        return nic.module.finish(load("bringup.registration").look(nic), True) or 0
    if param == "operator":
        fields = answers.fields(report.ask_one(nic, b"AT+COPS?", b"+COPS: "))
        return fields[2] if len(fields) > 2 else ""
    if param in ("rsrp", "rsrq", "technology", "cell", "band", "counters"):
        return load("services.cellular").status(nic, param)
    if param == "sleep":
        if nic.dialect.SLEEP is not None:
            return nic.module.asleep
        if nic.channel.waker is None:
            raise errors.not_supported(nic.dialect.MODEL, "report of its sleep")
        return nic.channel.asleep
    raise ValueError("unknown status: " + str(param))


def ipconfig(nic, *args, **kwargs):
    """ipconfig("addr4"), ("addr6"), ("dns"), or ipconfig(dns=address)."""
    if len(args) != (0 if kwargs else 1):
        raise TypeError("one parameter to ask for, or values to set")
    if kwargs:
        for key, value in kwargs.items():
            if key in _GIVEN or key in ("addr4", "addr6"):
                raise errors.not_supported(nic.dialect.MODEL, "choice of its own addresses")
            if key != "dns":
                raise ValueError("unknown config param: " + key)
            load("services.dns").set_servers(nic, value)
        return None
    param = args[0]
    addresses = nic.address or []
    if param == "addr4":
        for address in addresses:
            if ":" not in address:
                return address, "255.255.255.255"
        return "0.0.0.0", "0.0.0.0"
    if param == "addr6":
        return [address for address in addresses if ":" in address]
    if param == "dns":
        return _dns(nic)
    if param in _GIVEN:
        return _GIVEN[param]
    raise ValueError("unknown config param: " + str(param))


def ifconfig(nic, values=None):
    """(address, mask, gateway, DNS server) as text; the context is point to point, and its
    addresses cannot be chosen: EOPNOTSUPP."""
    if values is not None:
        raise errors.not_supported(nic.dialect.MODEL, "choice of its own addresses")
    address, mask = ipconfig(nic, "addr4")
    asks = nic.address and nic.dialect.DNS
    return address, mask, "0.0.0.0", _dns(nic) if asks else "0.0.0.0"


def _dns(nic):
    servers = load("services.dns").servers(nic)
    return servers[0] if servers else "0.0.0.0"
