# Names to addresses: AT+QIDNSGIP and its URCs (BG95-S5 TCP/IP Application Note, 2.3.14), and which
# servers are asked: AT+QIDNSCFG (2.3.13).

from quectel import answers, errors, load
from quectel.dialects import is_address, quoted
from quectel.services import report

_PREFIX = b'+QIURC: "dnsgip",'


class _Answer:
    # +QIURC: "dnsgip",<result>[,<IP_count>,<DNS_ttl>], then a line for each address.

    def __init__(self):
        self.result = None
        self.count = 0
        self.addresses = []

    def line(self, channel):
        # Some firmware puts all addresses into one text.
        for text in channel.text().split(","):
            code = answers.number(text)
            if is_address(text):
                self.addresses.append(text)
            elif code is not None and self.result is None:
                self.result = code
                self.count = channel.number() or 0

    def complete(self):
        return self.result is not None and len(self.addresses) >= self.count


def resolve(nic, host):
    """The addresses of `host`, as a list of text (BG95-S5: within 60 s)."""
    return nic.module.finish(resolving(nic, host))


def resolving(nic, host):
    """Generator: what resolve(nic, host) does."""
    if is_address(host):
        return [host if isinstance(host, str) else str(host, "utf-8")]
    if not host:
        raise ValueError("host is empty")
    try:
        return (yield from _asking(nic, host))
    except errors.Error as e:
        raise load("bringup.words").unresolved(e, host)


def _asking(nic, host):
    dialect = nic.dialect
    if not dialect.QIDNSGIP:
        return [(yield from load("services.ping").address(nic, host))]
    line = b"AT+QIDNSGIP=%d," % nic.cid + quoted(host, dialect.HOST_MAX, "host")
    nic.check_connected()
    answer = _Answer()
    yield from report.wait(
        nic, line, _PREFIX, answer.line, answer.complete, nic.dialect.RESOLVE_MS
    )
    if answer.result:
        raise errors.of_code(answer.result, "resolve: failed", nic.dialect.ERRNO)
    return answer.addresses


def servers(nic):
    """The addresses of the DNS servers that are set, the primary one first."""
    form = _form(nic)
    text = b"AT+QIDNSCFG=%d" % nic.cid if form == "context" else b"AT+QIDNSCFG?"
    fields = answers.fields(report.ask_one(nic, text, b"+QIDNSCFG: "))
    if form == "context":
        fields = fields[1:]
    return [field for field in fields if field]


def set_servers(nic, addresses):
    """Set one DNS server, or (primary, secondary)."""
    form = _form(nic)
    if isinstance(addresses, str):
        addresses = (addresses,)
    if not 1 <= len(addresses) <= 2:
        raise ValueError("dns takes one address or two")
    words = [quoted(address, 50, "dns") for address in addresses]
    for address in addresses:
        if not is_address(address):
            raise ValueError("dns must be an address")
    if form == "context":
        words.insert(0, b"%d" % nic.cid)
    report.ask(nic, b"AT+QIDNSCFG=" + b",".join(words))


def _form(nic):
    if nic.dialect.DNS is None:
        raise errors.not_supported(nic.dialect.MODEL, "DNS server setting")
    return nic.dialect.DNS
