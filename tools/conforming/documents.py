"""The documents' example conversations, made fit for a real module: with the user's peer, names,
access point and ports in place of those printed, and without what nobody can ask of it."""

import itertools
import random
import re

# The documents and their conversations. The example of BC92 alone stands among those of its kin.
_BC95 = "BC65&BC92&BC95-GR TCP/IP Application Note 1.2"
_BG95 = "BG95-S5 TCP/IP Application Note"
_RM500U = "RGx00U&RM500U Series TCP/IP Application Note 1.0"
_BC25 = "BC25&BC32 TCP/IP 1.0"
# The driver's class: its document's title, and the file of its conversations.
MODULES = {
    "BC65": (_BC95, "bc95"),
    "BC92": (_BC95, "bc95"),
    "BC95GR": (_BC95, "bc95"),
    "BC20": ("BC20 TCP/IP AT Commands Manual 1.0", "bc20"),
    "BG95S5": (_BG95, "bg95"),
    "BC25": (_BC25, "bc25"),
    "BC32": (_BC25, "bc25"),
    "RG200U": (_RM500U, "rm500u"),
    "RG500U": (_RM500U, "rm500u"),
    "RM500U": (_RM500U, "rm500u"),
}
# Seconds until the first line of an answer, as the documents have them (bg95 and rm500u: chapter
# 2.3; BC modules: 300 ms for all).
_PACKET_DATA = {
    "QIACT": 150,
    "QIDEACT": 40,
    "QIOPEN": 150,
    "QICLOSE": 10,
    "QISEND": 120,
    "QISENDEX": 120,
    "QIRD": 120,
    "QPING": 300,
    "QNTP": 125,
    "QIDNSGIP": 60,
    "+++": 2,
}
_NARROW_BAND = {"QICLOSE": 10, "+++": 2}
ANSWERS = {
    "bg95": _PACKET_DATA,
    "rm500u": _PACKET_DATA,
    "bc95": _NARROW_BAND,
    "bc20": _NARROW_BAND,
    "bc25": _NARROW_BAND,
}
QUICK = 0.3  # s: "Maximum Response Time 300 ms", which is told but not insisted on
OTHERS = 60  # s: a module that has not answered by then hangs (BG95-S5, Figure 1)
# Seconds until +QIOPEN: bc95 2.2.1, note 1 (a name), bc20 2.1.1, bc25 2.1.1, bg95 2.3.4,
# rm500u 2.3.7.
OPENS = {"bc95": 176, "bc20": 60, "bc25": 176, "bg95": 150, "rm500u": 150}
REPORTS = {"+QPING": 300, "+QNTP": 125}  # bg95 2.3.11, 2.3.12
GUARD = {"BC92": 0.5}  # s of silence around +++ (bc95 1.2); the others 1 s (1.2)

IPV6 = "needs a context with IPv6, and a peer with it"
_OPEN = re.compile(r'(AT\+QIOPEN=\d+,\d+,"(TCP|UDP)",)"[^"]*",\d+(?:,(\d+))?(.*)')
_LISTEN = re.compile(
    r'(AT\+QIOPEN=\d+,\d+,"(TCP LISTENER|UDP SERVICE)",)"([^"]*)",(\d+),(\d+)(.*)'
)
_TO_PEER = re.compile(r'(AT\+QISEND=\d+,\d+,)"[^"]*",\d+')
_PING = re.compile(r'(AT\+QPING=\d+,)"[^"]*"')
_NTP = re.compile(r'(AT\+QNTP=\d+,)"[^"]*"')
_STATE = re.compile(r'(\+QISTATE: \d+,"([A-Z ]+)",)"([^"]*)",(\d+),(\d+)(.*)')
_ACCESS = "AT+QICSGP=1,"
_INCOMING = re.compile(r'\+QIURC: "incoming",(\d+),')


class World:
    """What the user has: what stands in the place of what is printed."""

    def __init__(self, peer=None, host="", ntp="", incoming=None):
        self.peer = peer  # (address, port), or None
        self.host = host  # a name that DNS knows, and that answers pings
        self.ntp = ntp
        self.incoming = incoming  # where the peer reaches the module, "" if where it says
        self.address = ""  # the module's own
        self.access_point = None  # the fields of its AT+QICSGP
        self.ports = {}  # a local port as printed, and the one in its place

    def local_port(self, printed):
        """A port for one that the document asks for: a used one should rest (bc95 2.2.1)."""
        if printed not in self.ports:
            self.ports[printed] = random.randrange(20000, 32000)
        return self.ports[printed]


def title(parts):
    """What a section is about."""
    names = [key.partition(" ")[2] for key, _ in parts]
    return names[0] + (" … " + names[-1] if len(names) > 1 else "")


def _numbers(key):
    return [int(number) for number in key.split()[0].split(".")]


def sections(model):
    """The sections of a module's document: ("4.1", [(key, steps), …]) each, in order."""
    _, name = MODULES[model]
    conversations = __import__(
        "tests_host.conversations." + name, fromlist=["CONVERSATIONS"]
    ).CONVERSATIONS
    keys = [key for key in conversations if model == "BC92" or "bc92" not in key]
    for number, group in itertools.groupby(sorted(keys, key=_numbers), lambda k: _numbers(k)[:2]):
        yield "%d.%d" % tuple(number), [(key, conversations[key]) for key in group]


def ipv6(key):
    """Whether a part of a section is about IPv6."""
    return "ipv6" in key or key == "3.7.4 incoming to transparent"


def uses_network(parts):
    """Whether a section needs an address."""
    return any(
        kind == ">" and re.match(r"AT\+(QIOPEN=\d+,\d+,|QPING|QNTP|CGATT)", what)
        for _, steps in parts
        for kind, what in steps
    )


def needs(parts, world):
    """Why this section cannot be tried here, or None."""
    texts = [step[1] for _, steps in parts for step in steps if step[0] == ">"]
    if all(ipv6(key) for key, _ in parts):
        return IPV6
    if world.access_point is None and any(text.startswith(_ACCESS) for text in texts):
        return "the module does not tell its access point, which would be lost"
    if ("given", ("nat", 1)) in parts[0][1] and world.incoming is None:
        return 'needs AT+QCFG="nat", which is only set with --incoming'
    if world.peer is None and any(_OPEN.match(text) for text in texts):
        return "needs a peer: --peer"
    if not world.host and any(_PING.match(text) for text in texts):
        return "needs a name that answers pings: --host"
    if not world.ntp and any(_NTP.match(text) for text in texts):
        return "needs a time server: --ntp"
    return None


def fitted(steps, world):
    """The steps for this module and these peers; and what of the example is left out."""
    steps, left_out = _possible(steps)
    return [
        (kind, _fit(what, world) if isinstance(what, str) else what) for kind, what in steps
    ], left_out


def incoming_id(text):
    """The connectID that a printed "incoming" URC has, or None."""
    found = _INCOMING.match(text)
    return found.group(1) if found else None


_TWICE = "a second QISEND before SEND OK: nobody knows when that comes"
_FULL = '"buff full": the document does not say how much that takes'
_ASLEEP = "deep sleep: PSM_EINT must be pulled by hand"


def _possible(steps):
    # Without the steps that nobody can ask of a real module.
    kept, left_out = [], []
    without = None  # what is being left out
    for i, (kind, what) in enumerate(steps):
        if (kind, what) == (">", "AT+QSCLK=1") and ("given", ("deep sleep",)) in steps[i:]:
            without = _ASLEEP
        elif (kind, what) == (">", "AT+QSCLK=0"):
            without = None
        elif kind == "given" and what[0] in ("settling", "receive buffer"):
            # They stand before and behind what is not as it commonly is.
            begins = what[1] > 0 if what[0] == "settling" else len(what) > 2
            without = (_TWICE if what[0] == "settling" else _FULL) if begins else None
            twice = i + 3  # behind the first command and its OK
        if without and without not in left_out:
            left_out.append(without)
        # Each line is waited for as long as it may take.
        if kind == "wait" or (kind == "given" and what[0] != "nat" and what[0] != "context"):
            continue
        if without == _ASLEEP or (
            without == _FULL and (kind == "peer" or "buff full" in str(what))
        ):
            continue
        if without == _TWICE and i >= twice and what != "SEND OK":
            continue
        kept.append((kind, what))
    return kept, left_out


def _fit(text, world):
    host, port = world.peer or ("", 0)
    found = _OPEN.match(text)
    if found:
        head, _, local, tail = found.groups()
        if local is not None:
            tail = ",%d%s" % (world.local_port(int(local)) if int(local) else 0, tail)
        return '%s"%s",%d%s' % (head, host, port, tail)
    found = _LISTEN.match(text)
    if found:
        head, _, address, remote, local, tail = found.groups()
        address = address if address == "127.0.0.1" else world.address
        local = world.local_port(int(local))
        return '%s"%s",%s,%d%s' % (head, address, remote, local, tail)
    found = _STATE.match(text)
    if found:
        head, service, address, remote, local, tail = found.groups()
        if service in ("TCP", "UDP"):
            address, remote = host, port
        local = world.ports.get(int(local), local)
        return '%s"%s",%s,%s%s' % (head, address, remote, local, tail)
    if text.startswith(_ACCESS):
        return _ACCESS + ",".join(world.access_point)
    text = _TO_PEER.sub('\\1"%s",%d' % (host, port), text)
    text = _PING.sub('\\1"%s"' % world.host, text)
    return _NTP.sub('\\1"%s"' % world.ntp, text)
