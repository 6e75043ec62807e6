#!/usr/bin/env python3
"""The table of what each dialect's document has and how the driver reaches it.

    tools/support_table.py            writes it into lib/quectel/README.md
    tools/support_table.py --check    exit code 1 if what stands there is not what it would write

Every cell is drawn from the dialects' own data, so a row cannot promise what a dialect lacks.
"""

import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
README = TOP / "lib" / "quectel" / "README.md"
BEGIN = "<!-- support: begin, written by tools/support_table.py -->"
END = "<!-- support: end -->"
MODULES = (("bc95", "BC95GR"), ("bc95", "BC92"), ("bc20", "BC20"), ("bg95", "BG95S5"))
MODULES += (("bc25", "BC25"), ("rm500u", "RM500U"))


def always(dialect):
    return True


def has(name, value=True):
    """A row for dialects whose attribute `name` is true, or holds `value`."""

    def test(dialect):
        kept = getattr(dialect, name)
        if value is True:
            return bool(kept)
        return value in kept if isinstance(kept, (tuple, dict)) else kept == value

    return test


def prompts(dialect):
    return type(dialect.sender(0)).__name__ == "PromptSend"


def two_parts(dialect):
    return dialect.READ_REMAINING


def not_(test):
    return lambda dialect: not test(dialect)


# What the document has, the driver's name for it, and which dialects have it.
COMMANDS = (
    ("QICSGP, QIACT, QIDEACT", "`nic.connect`, `nic.disconnect`", has("PDP")),
    ("QIACTEX, QIDEACTEX", "`nic.connect`, `nic.disconnect`", has("ASYNCHRONOUS")),
    ("CGATT?, CGPADDR", "`nic.connect`", not_(has("PDP"))),
    ("CGACT before a listener", "`s.listen`", has("LISTEN_ACTIVATES")),
    ("CPIN?", "`nic.connect`", always),
    ("CFUN", "`nic.active`", always),
    ("QIOPEN: TCP, UDP", "`s.connect`", always),
    ("QIOPEN: TCP LISTENER", "`s.bind`, `s.listen`, `s.accept`", has("SERVICES", "TCP LISTENER")),
    ("QIOPEN: UDP SERVICE", "`s.bind`, `s.recvfrom`, `s.sendto`", has("SERVICES", "UDP SERVICE")),
    ("QIOPEN: number of clients", "`s.listen(backlog)`", has("BACKLOG")),
    ("QICLOSE", "`s.close`", always),
    ("QISTATE", "`nic.netstat`", always),
    ("QISEND, fixed length after a prompt", "`s.send`, `s.write`", prompts),
    ("QISEND, data in the line", "`s.send`, `s.write`", not_(prompts)),
    ("QISENDEX for bytes that no line carries", "`s.send`, `s.write`", not_(prompts)),
    ("QISEND to a peer", "`s.sendto`", has("SERVICES", "UDP SERVICE")),
    ("QISEND=id,0", "`s.acked`, `s.drain`", has("ACKED")),
    ("QISENDEX with release assistance", "`s.setsockopt(…, nic.RAI, …)`", has("RAI")),
    ("QIRD", "`s.recv`, `s.recv_into`, `s.read`, …", always),
    ("QIRD of a whole datagram", "`s.recvfrom`", has("SERVICES", "UDP SERVICE")),
    ("QIRD's remaining length", "`s.recv` of long datagrams", two_parts),
    ("QISWTMD: buffer, push", "`s.setsockopt(…, nic.ACCESS_MODE, …)`", always),
    ("QISWTMD=id,2, ATO, +++", "`s.transparent`", has("ACCESS_MODES", 2)),
    ("DTR to leave transparent mode", "`dtr=`", has("DTR")),
    ("QPING", "`nic.ping`", always),
    ("QPING's size", "`nic.ping(size=…)`", has("PING_SIZES")),
    ("QNTP", "`nic.ntp`", has("NTP_MS")),
    ("QIDNSGIP", "`nic.resolve`", has("resolve_line")),
    ("a ping instead of QIDNSGIP", "`nic.resolve`", not_(has("resolve_line"))),
    ("QIDNSCFG", '`nic.ipconfig("dns")`', has("DNS")),
    ("QIGETERROR", "`nic.error`, an error's `code`", always),
    (
        "QIKALIVE",
        "`nic.config(keepalive=…)`",
        lambda d: d.KEEPALIVE and b"QICFG" not in d.KEEPALIVE[0],
    ),
    ("any other command line", "`nic.command`", always),
)
URCS = (
    ('`"recv",id`', "`s.recv`, a poll", always),
    ('`"recv",id,len` with its data', "`s.recv` in push mode, `s.lost`", always),
    ('`"recv",id,"buff full"`', "`s.recv`", two_parts),
    ('`"closed",id`', "end of file", always),
    ('`"incoming",…`', "`s.accept`", has("SERVICES", "TCP LISTENER")),
    ('`"incoming full"`', "`s.refused`", has("SERVICES", "TCP LISTENER")),
    ('`"pdpdeact",ctx`', "the sockets fail, `nic.isconnected`", has("PDP")),
    ('`"dnsgip",…`', "`nic.resolve`", has("resolve_line")),
    ("`+QIOPEN: id,result`", "`s.connect`, `s.listen`", always),
    ("`+QPING: …`", "`nic.ping`", always),
    ("`+QNTP: …`", "`nic.ntp`", has("NTP_MS")),
    ("`+QIACTEX`, `+QIDEACTEX`", "`nic.connect`, `nic.disconnect`", has("ASYNCHRONOUS")),
    ("`NO CARRIER`", "end of file of `s.transparent`", has("ACCESS_MODES", 2)),
    ("`+QATSLEEP`, `+QATWAKEUP`", "TCP sockets fail, UDP goes on", has("SLEEP")),
    ("any other", "`nic.on_urc`", always),
)


def dialects():
    """An instance of each dialect in MODULES."""
    sys.path[:0] = [str(TOP / "lib"), str(TOP / "tests_host" / "shim")]
    made = []
    for file, name in MODULES:
        module = __import__("quectel.dialects." + file, fromlist=[name])
        made.append(getattr(module, name)())
    return made


def rows(made):
    """The lines of the table."""
    names = [name for _, name in MODULES]
    yield "| | reached by | " + " | ".join(names) + " |"
    yield "|---" * (len(names) + 2) + "|"
    settings = sorted({key for dialect in made for key in dialect.QICFG})
    options = sorted({key for dialect in made for key in dialect.OPTIONS})
    table = list(COMMANDS)
    table += [('QICFG="%s"' % k, '`nic.config("%s")`' % k, has("QICFG", k)) for k in settings]
    for key in options:
        command = next(d.OPTIONS[key][0] for d in made if key in d.OPTIONS).decode()
        table.append((command[3:], '`nic.config("%s")`' % key, has("OPTIONS", key)))
    for what, reached, test in table + list(URCS):
        cells = ["yes" if test(dialect) else "–" for dialect in made]
        yield "| %s | %s | %s |" % (what, reached, " | ".join(cells))


def render():
    """The whole text between the markers."""
    return "%s\n%s\n%s" % (BEGIN, "\n".join(rows(dialects())), END)


def main():
    text = README.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    wanted = before + render() + after
    if "--check" in sys.argv[1:]:
        if wanted != text:
            print("lib/quectel/README.md is not what tools/support_table.py writes")
        return int(wanted != text)
    README.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
