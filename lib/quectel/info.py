# What a network interface can be asked and told: status, ipconfig, config.


from quectel import at, bringup, errors
from quectel.dialects import quoted, within

# Identities and their commands (3GPP TS 27.007; QCCID is Quectel's own). Their answers never
# reach a trace: see at.
_IDENTITIES = {
    "imei": (b"AT+CGSN", b"AT+CGSN"),
    "imsi": (b"AT+CIMI", b"AT+CIMI"),
    "iccid": (b"AT+QCCID", b"AT+CCID"),
    "model": (b"AT+CGMM", b"AT+CGMM"),
    "firmware": (b"AT+CGMR", b"AT+CGMR"),
}


def _ask(nic, text, prefix=None):
    # The lines of an answer; raises if the module refuses.
    query = nic.complete(nic.spawn(nic.ask(text, prefix)))
    if query.result != at.DONE:
        raise nic.complete(nic.spawn(nic.why(query, _name(text))))
    return query.lines


def _name(text):
    return text.decode().split("=")[0]


def status(nic, param):
    """See Modem.status."""
    if param == "rssi":
        # 3GPP TS 27.007 AT+CSQ: 0 to 31 are -113 to -51 dBm, 99 is not known.
        level = int(_ask(nic, b"AT+CSQ", b"+CSQ: ")[0].split(",")[0])
        return None if level > 31 else 2 * level - 113
    if param == "registration":
        best = 0
        for name in nic.dialect.REGISTRATION:
            stat = nic.complete(nic.spawn(bringup.registration(nic, name)))
            if stat in (1, 5):
                return stat
            best = stat or best
        return best
    if param == "operator":
        fields = _ask(nic, b"AT+COPS?", b"+COPS: ")[0].split(",")
        return fields[2].strip('"') if len(fields) > 2 else ""
    raise ValueError("unknown status: " + str(param))


def ipconfig(nic, args, kwargs):
    """See Modem.ipconfig."""
    if kwargs:
        from quectel import dns

        for key, value in kwargs.items():
            if key != "dns":
                raise ValueError("unknown config param: " + key)
            dns.set_servers(nic, value)
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
    if param == "has_dhcp4":
        return False
    raise ValueError("unknown config param: " + str(param))


def ifconfig(nic):
    """See Modem.ifconfig."""
    address, mask = ipconfig(nic, ("addr4",), {})
    asks = nic.address and nic.dialect.DNS
    return address, mask, "0.0.0.0", _dns(nic) if asks else "0.0.0.0"


def _dns(nic):
    from quectel import dns

    servers = dns.servers(nic)
    return servers[0] if servers else "0.0.0.0"


def config(nic, args, kwargs):
    """See Modem.config."""
    if kwargs:
        for key, value in kwargs.items():
            _set(nic, key, value)
        return None
    key = args[0]
    if key in _IDENTITIES:
        return _identity(nic, *_IDENTITIES[key])
    if key == "apn":
        return nic.apn or ""
    if key in nic.dialect.QICFG:
        text = b'AT+QICFG="%s"' % key.encode()
        fields = _ask(nic, text, b'+QICFG: "%s",' % key.encode())[0].split(",")
        values = tuple(_value(field) for field in fields)
        return values[0] if len(values) == 1 else values
    if key == "keepalive":
        return _keepalive(nic)
    raise ValueError("unknown config param: " + str(key))


def _value(field):
    field = field.strip('" ')
    return int(field) if field.isdigit() else field


def _identity(nic, first, second):
    try:
        line = _ask(nic, first)[0]
    except OSError:
        line = _ask(nic, second)[0]
    # Some firmware answers "+QCCID: 8986…", some the bare number.
    return line.split(": ")[-1].strip('"')


def _set(nic, key, value):
    if key == "apn":
        quoted(value, nic.dialect.APN_MAX, "apn")
        nic.apn = value
        nic.auth = nic.auth or 0
    elif key == "keepalive":
        _set_keepalive(nic, value)
    elif key in nic.dialect.QICFG:
        _set_qicfg(nic, key, value)
    else:
        raise ValueError("unknown config param: " + key)


def _set_qicfg(nic, key, value):
    values = value if isinstance(value, (tuple, list)) else (value,)
    limits = nic.dialect.QICFG[key]
    if len(values) > len(limits):
        raise ValueError("%s takes %d values" % (key, len(limits)))
    line = b'AT+QICFG="%s"' % key.encode()
    for i, item in enumerate(values):
        if limits[i]:
            line += b",%d" % within(int(item), limits[i], key)
        else:
            line += b"," + quoted(item, 64, key)
    _ask(nic, line)
    _follow(nic, key, values)


def _follow(nic, key, values):
    # Settings that change how the module's answers look.
    if key == "viewmode":
        nic.inline_data(int(values[0]) == 1)
    elif key == "showlength":
        nic.header_fields = 2 if int(values[0]) else 1


def _units(nic):
    if nic.dialect.KEEPALIVE is None:
        raise errors.not_supported(nic.dialect.MODEL, "keepalive setting")
    return nic.dialect.KEEPALIVE


def _set_keepalive(nic, value):
    text, unit, idles, intervals, counts = _units(nic)
    if value is None:
        _ask(nic, text + _joint(text) + b"0")
        return
    idle, interval, count = value
    # The document's unit may be longer than a second: round up, never to nothing.
    idle = within(-(-idle // unit), idles, "keepalive idle in units of %d s" % unit)
    within(interval, intervals, "keepalive interval")
    within(count, counts, "keepalive count")
    _ask(nic, text + _joint(text) + b"1,%d,%d,%d" % (idle, interval, count))


def _joint(text):
    # A key of QICFG goes on with a comma, a command of its own with an equals sign.
    return b"," if b"=" in text else b"="


def _keepalive(nic):
    text, unit, *_ = _units(nic)
    if b"=" in text:
        fields = _ask(nic, text, b"+QICFG: ")[0].split(",")[1:]
    else:
        fields = _ask(nic, text + b"?", text[2:] + b": ")[0].split(",")
    if fields[0] != "1" or len(fields) < 4:
        return None
    return int(fields[1]) * unit, int(fields[2]), int(fields[3])
