"""What is masked in a report and a capture: who and where the user is. Each secret is replaced by
a value of the same form that belongs to nobody, so that a capture can still be played."""

import re

from tools.conforming.forms import fields

# 3GPP TS 23.003 and ITU-T E.118 give the forms; RFC 5737 and RFC 3849 the addresses.
IMEI, IMSI, ICCID = "490154203237518", "001010123456789", "89000000000000000000"
PHONE, PIN, APN, USER, PASSWORD = "+15550100", "0000", "internet", "user", "password"
OWN, OWN6, DNS = "10.7.157.1", "2001:db8::1", "192.0.2.53"
# The peer and the names of tests_host/support/field.py.
PEER, PEER_PORT, HOST, PINGED, TIME_SERVER = (
    "220.180.239.212",
    8055,
    "www.example.com",
    "8.8.8.8",
    "pool.ntp.org",
)

_IDENTITIES = {
    "AT+CGSN": IMEI,
    "AT+GSN": IMEI,
    "AT+EGMR": IMEI,
    "AT+CIMI": IMSI,
    "AT+QCCID": ICCID,
    "AT+CCID": ICCID,
    "AT+ICCID": ICCID,
    "AT+CNUM": PHONE,
}
_LONG = re.compile(r"(?<![0-9A-Fa-f])(\d{14,22})(?![0-9A-Fa-f])")
_IPV4 = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}$")
# <tac> or <lac> and <ci> of a registration: where the user is.
_CELL = re.compile(r'(\+C[EG]?REG: ?\d[^"\r\n]*)"[0-9A-Fa-f]{1,9}","[0-9A-Fa-f]{1,9}"')
_CREDENTIALS = re.compile(r'(QICSGP[:=] ?(?:\d+,)+"[^"]*"),"([^"]*)","([^"]*)"')
_ADDRESSES = re.compile(r"\+(CGPADDR|QIACT|QIACTEX|CGCONTRDP|QIDNSCFG|QIDNSGIP): ?")


def _credentials(found):
    head, user, password = found.groups()
    return '%s,"%s","%s"' % (head, user and USER, password and PASSWORD)


class Masks:
    """Learns from commands and lines what is secret, and masks texts."""

    def __init__(self):
        self._known = {}
        self._ports = {}

    def add(self, secret, shown):
        """`secret` is to be shown as `shown`."""
        secret = secret or ""
        # A short one stands in other texts as well; at its own place it is masked all the same.
        if len(secret) > 3 and not secret.startswith(("127.", "0.")):
            self._known.setdefault(secret, shown)

    def add_port(self, port, shown):
        """A port of the user's peer."""
        self._ports[",%d" % port] = ",%d" % shown

    def learn(self, command, line):
        """A line that came while `command` was at work."""
        name = re.split(r"[=?]", command.upper())[0]
        if name in _IDENTITIES and not re.fullmatch(r"OK|ERROR|\+CM[ES] ERROR.*", line):
            for word in re.findall(r"\+?\w{6,}", line.rpartition(":")[2]):
                self.add(word, _IDENTITIES[name])
        if _ADDRESSES.match(line):
            for value in re.findall(r"[0-9A-Fa-f.:]{7,}", line.partition(":")[2]):
                if _IPV4.match(value):
                    self.add(value, DNS if "DNS" in line else OWN)
                elif value.count(":") > 1 or value.count(".") == 15:
                    self.add(value, OWN6)
        elif line.startswith("+Q"):  # peers, and names that were looked up
            for value in re.findall(r"\d{1,3}(?:\.\d{1,3}){3}", line):
                self.add(value, PEER)
        found = re.match(r"\+(QICSGP: ?\d|CGDCONT: ?\d+,\"[A-Z0-9]*\"),(.*)", line)
        if found:
            self._access_point(found.group(2), line[:5] == "+QICS")
        found = re.match(r"AT\+(QICSGP=\d+,\d|CGDCONT=\d+,\"[A-Z0-9]*\"),(.*)", command, re.I)
        if found:
            self._access_point(found.group(2), "QICSGP" in command.upper())

    def _access_point(self, rest, whole):
        texts = [value.strip('"') for value in fields(rest)]
        for text, shown in zip(texts[: 3 if whole else 1], (APN, USER, PASSWORD)):
            self.add(text, shown)

    def text(self, text):
        """A line, masked."""
        text = self.known(text)
        text = _CELL.sub('\\1"0001","00000001"', text)
        # Credentials may be too short to be known by themselves.
        text = _CREDENTIALS.sub(_credentials, text)
        text = re.sub(r"(AT\+(?:CPIN|CLCK|CPWD)=).*", '\\1"%s"' % PIN, text)
        if "QISENDEX" not in text:
            text = _LONG.sub(
                lambda found: IMEI[: len(found.group())].ljust(len(found.group()), "0"), text
            )
        return text

    def known(self, text):
        """`text`, with what is known to be secret masked."""
        for secret in sorted(self._known, key=len, reverse=True):
            pattern = r"(?<![0-9A-Za-z.])%s(?![0-9A-Za-z])" % re.escape(secret)
            text = re.sub(pattern, lambda _: self._known[secret], text)
            if self._known[secret] == PEER:
                for port, shown in self._ports.items():
                    text = re.sub(r'("%s")%s\b' % (re.escape(PEER), port), "\\g<1>" + shown, text)
        return text
