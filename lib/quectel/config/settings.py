# What a program can set and read back: identities, the keys of AT+QICFG, and the commands that
# hold one setting each; choices.py and queries.py have what is no setting, saving.py and
# services/operators.py what 3GPP has, qcfg.py every other name. The tables are in dialects/.

import errno

from quectel import answers, at, errors, load
from quectel.dialects import quoted, within
from quectel.services import report

# Identities and their commands (3GPP TS 27.007; QCCID is Quectel's own). Their answers never
# reach a trace: see at.
_IDENTITIES = {
    "imei": (b"AT+CGSN=1", b"AT+CGSN"),  # the second is the serial number of some
    "imsi": (b"AT+CIMI",),
    "iccid": (b"AT+QCCID", b"AT+CCID"),
    "model": (b"AT+CGMM",),
    "firmware": (b"AT+CGMR",),
}
# How many digits an identity has at least and at most (3GPP TS 23.003; ITU-T E.118, where a
# letter may follow).
_DIGITS = {"imei": (14, 17), "imsi": (6, 15), "iccid": (18, 22)}
# What interfaces of Wi-Fi have, and no module: not for AT+QCFG, which takes any other name.
_WIFI = (
    "mac ssid essid bssid channel hidden security authmode key password hostname dhcp_hostname"
    " reconnects protocol txpower pm antenna country trace monitor"
).split()
# Every setting of any of the documents: where one is absent, that is what the error says.
_KNOWN = (
    "dataformat",
    "viewmode",
    "showlength",
    "recvind",
    "open_time",
    "transpktsize",
    "transwaittm",
    "tcp/keepalive",
    "tcp/retranscfg",
    "tcp/inactivetm",
    "tcp/accept",
    "sack",
    "timestamp",
    "ipv6prior",
    "asyncmode",
    "ip_filter",
    "dcdmode",
    "dns/cache",
    "qisend/timeout",
    "passiveclosed",
    "close mode",
    "sendinfo",
    "formatcfg",
    "qisde",
    "nat",
    "qsclk",
    "qcscon",
    "qistate",
    "qicsgp",
    "qiact",
    "qiactex",
    "qntp",
    "close_timeout",
    "connect_timeout",
    "asynchronous",
)


def config(nic, *args, **kwargs):
    """Read one parameter, config("imei"), or set some, config(apn="internet").

    "imei", "iccid", "imsi", "model", "firmware", "apn", and every AT+QICFG key of the
    dialect's document by its name; keepalive=(idle, interval, count) in seconds, or None;
    coalesce=True, new TCP sockets gather small writes (COALESCE of setsockopt);
    "qidnscfg", all DNS servers; where the document has the command: "qisde", "qsclk",
    "qcscon", "nat". EOPNOTSUPP for a key of another document.

    Of 3GPP TS 27.007, beyond the documents: psm=(period, active) in seconds, edrx=seconds,
    operator=code; None: off, or the module's own choice. A module may lack them: EOPNOTSUPP.

    Any other name is one of AT+QCFG, as nwscanmode=0 and "nwscanmode", in the form that the
    module's AT commands manual gives. EOPNOTSUPP where the module does not know the name, EINVAL
    where it refuses the value."""
    if len(args) != (0 if kwargs else 1):
        raise TypeError("one parameter to ask for, or values to set")
    if kwargs:
        for key, value in kwargs.items():
            _set(nic, key, value)
        return None
    (key,) = args
    if key in _IDENTITIES:
        return _identity(nic, key)
    if key == "apn":
        return nic.apn or ""
    if key == "coalesce":
        return nic.coalesce
    if key == "keepalive":
        return _keepalive(nic)
    if key == "qidnscfg":
        return tuple(load("services.dns").servers(nic))
    if key in ("psm", "edrx"):
        return load("config.saving").get(nic, key)
    if key == "operator":
        return load("services.operators").get(nic)
    if key in nic.dialect.CHOICES:
        return load("config.choices").get(nic, key)
    if key in nic.dialect.QUERIES:
        return load("config.queries").query(nic, key)
    if _is_free(nic, key):
        return load("config.qcfg").get(nic, key)
    values = tuple(_value(field) for field in _read(nic, _setting(nic, key)[0]))
    return values[0] if len(values) == 1 else values


def _setting(nic, key):
    # The command of a setting, and the bounds of its values.
    dialect = nic.dialect
    if key in dialect.QICFG:
        return b'AT+QICFG="%s"' % key.encode(), dialect.QICFG[key]
    if key in dialect.OPTIONS:
        return dialect.OPTIONS[key]
    raise errors.not_supported(dialect.MODEL, "setting " + key)


def _is_free(nic, key):
    # Whether it is a name that only the module may know; ValueError where it is none of a module.
    if key in _WIFI:
        raise ValueError("unknown config param: " + key)
    return not (key in _KNOWN or key in nic.dialect.QICFG or key in nic.dialect.OPTIONS)


def _read(nic, text):
    # The fields of a setting: a key is asked for by itself, a command with a question mark.
    prefix = text[2:].replace(b"=", b": ")
    if prefix == text[2:]:
        text += b"?"
        prefix += b": "
    rows = _ask(nic, text, prefix)
    if not rows:
        raise errors.Error(errno.EIO, text.decode() + ": an answer without a value")
    return answers.fields(rows[0].lstrip(", "))


def _write(nic, text, values):
    # A key goes on with a comma, a command with an equals sign.
    _ask(nic, text + (b"," if b"=" in text else b"=") + b",".join(values))


def _ask(nic, text, prefix=None):
    # One document alone has AT+QSCLK; others of these modules may lack it.
    if text.startswith(b"AT+QSCLK"):
        return load("services.cellular").ask(nic, text, prefix)
    return report.ask(nic, text, prefix)


def _value(field):
    number = answers.number(field)
    return field if number is None else number


def _identity(nic, key):
    error = None
    for text in _IDENTITIES[key]:
        # While a module boots, other lines and even an OK come between: the answer is the line
        # that looks like one.
        query = answers.Query(text, nic.dialect.SILENCE_MS, strict=True)
        nic.module.finish(nic.run(query))
        for line in query.lines:
            # Some firmware answers "+QCCID: 8986…", some the bare number.
            name, _, value = line.rpartition(": ")
            value = value.strip(' "')
            own = name[:1] != "+" or name == text[2:].decode()
            if _fits(key, value) and (own or key in _DIGITS):
                return value
        if query.result != at.DONE:
            error = nic.module.finish(answers.why(nic, query, text.decode()))
    raise error or errors.Error(errno.EIO, text.decode() + ": an answer without a value")


def _fits(key, value):
    if key not in _DIGITS:
        return value[:1] != "+" and value != ""
    least, most = _DIGITS[key]
    return value[:least].isdigit() and least <= len(value) <= most


def _set(nic, key, value):
    if key == "apn":
        quoted(value, nic.dialect.APN_MAX, "apn")
        nic.set_access_point(value, nic.user, nic.key, nic.auth or 0, nic.family)
    elif key == "coalesce":
        nic.choose("coalesce", bool(value))
    elif key == "keepalive":
        _set_keepalive(nic, value)
    elif key == "qidnscfg":
        load("services.dns").set_servers(nic, value)
    elif key in ("psm", "edrx"):
        load("config.saving").set(nic, key, value)
    elif key == "operator":
        load("services.operators").set(nic, value)
    elif key in nic.dialect.CHOICES:
        load("config.choices").set(nic, key, value)
    elif _is_free(nic, key):
        load("config.qcfg").set(nic, key, value)
    else:
        _set_option(nic, key, value)


def _set_option(nic, key, value):
    text, limits = _setting(nic, key)
    values = value if isinstance(value, (tuple, list)) else (value,)
    # None may be left out: what a module then takes differs, and BC25&BC32 says two things of
    # it. But keepalive is switched off without the rest.
    if len(values) != len(limits) and not (key == "tcp/keepalive" and tuple(values) == (0,)):
        raise ValueError("%s takes %d values" % (key, len(limits)))
    words = []
    for i, item in enumerate(values):
        if limits[i]:
            words.append(b"%d" % within(int(item), limits[i], key))
        else:
            words.append(quoted(item, 64, key))
    formats = load("modes.formats")
    if key in formats.KEYS:
        module = nic.module
        formats.prepare(nic, key, values)
        _write(nic, text, words)
        if module.formats is None:
            module.choose("formats", formats.Formats(module))
        module.formats.follow(key, [int(item) for item in values])
        return
    _write(nic, text, words)
    if key == "nat":
        nic.dialect.choose("NAT", int(values[0]))
    elif key == "qsclk":
        # A module that may sleep loses the first command after a silence.
        nic.channel.choose("silence", nic.dialect.SLEEPS_MS if int(values[0]) else 0)


def _units(nic):
    if nic.dialect.KEEPALIVE is None:
        raise errors.not_supported(nic.dialect.MODEL, "keepalive setting")
    return nic.dialect.KEEPALIVE


def _set_keepalive(nic, value):
    text, unit, idles, intervals, counts = _units(nic)
    if value is None:
        _write(nic, text, (b"0",))
        return
    idle, interval, count = value
    # The document's unit may be longer than a second: round up, never to nothing.
    idle = within(-(-idle // unit), idles, "keepalive idle in units of %d s" % unit)
    within(interval, intervals, "keepalive interval")
    within(count, counts, "keepalive count")
    _write(nic, text, (b"1", b"%d" % idle, b"%d" % interval, b"%d" % count))


def _keepalive(nic):
    text, unit, _, _, _ = _units(nic)
    fields = _read(nic, text)
    if fields[0] != "1" or len(fields) < 4:
        return None
    idle, interval, count = [answers.number(field) for field in fields[1:4]]
    return idle and idle * unit, interval, count
