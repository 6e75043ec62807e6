#!/usr/bin/env python3
"""The tables of what each document has and how the driver reaches it.

    tools/support_table.py            writes them into lib/docs/reference/at-commands.md
    tools/support_table.py --check    exit code 1 if what stands there is not what it would write

The cells are drawn from the dialects' own data, so a row cannot promise what a dialect lacks. Only
what a document shows without the driver needing to know is said here, in SEEN.
"""

import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
PAGE = TOP / "lib" / "docs" / "reference" / "at-commands.md"
BEGIN = "<!-- support: begin, written by tools/support_table.py -->"
END = "<!-- support: end -->"
# The columns: the dialect's file, and the classes that must agree in every row.
COLUMNS = (
    ("bc95", ("BC65", "BC95GR")),
    ("bc95", ("BC92",)),
    ("bc20", ("BC20",)),
    ("bg95", ("BG95S5",)),
    ("bc25", ("BC25", "BC32")),
    ("rm500u", ("RG200U", "RG500U", "RM500U")),
)
SUPPORTED, ABSENT = "yes", "absent"

# Commands of other documents that stand in figures and examples: BC65&BC92&BC95-GR 4.1.1, 4.3.1;
# BG95-S5 Figure 1, 3.12; BC25&BC32 4.1.1.
SEEN = {
    "CPIN": ("bg95",),
    "CGREG": ("bg95",),
    "CFUN": ("bg95",),
    "CCLK": ("bg95",),
    "CGATT": ("bc95", "bc25"),
    "NO CARRIER": ("bg95", "rm500u"),  # 1.2 of both
    "QSCLK": ("bc25",),  # 4.4; the other BC modules have it in no document
    "incoming full,serverID": ("rm500u",),  # 2.4.3
}


# ---- which dialects have it ----


def always(dialect):
    return True


def has(name, value=True):
    """Dialects whose attribute `name` is true, or holds `value`."""

    def test(dialect):
        kept = getattr(dialect, name)
        if value is True:
            return bool(kept)
        return value in kept if isinstance(kept, (tuple, dict)) else kept == value

    return test


def but_not(test):
    return lambda dialect: not test(dialect)


def both(first, second):
    return lambda dialect: first(dialect) and second(dialect)


def seen(what):
    return lambda dialect: type(dialect).__module__.split(".")[-1] in SEEN[what]


def takes(family, protocol):
    """Dialects whose AT+QIOPEN says <protocol_type> `protocol` for a socket of `family`."""
    tail = b",%d" % protocol
    return lambda dialect: dialect.open_tail(family, "TCP", 0) == tail


def limited(model):
    """Dialects where a listener's number of clients is said as `model` says it."""
    tail = {"BC92": b",0,3", "RM500U": b",3"}[model]
    return lambda dialect: bool(
        dialect.BACKLOG and dialect.open_tail(2, "TCP LISTENER", 3) == tail
    )


PDP = has("PDP")
NARROW = has("READ_REMAINING")
ASYNCHRONOUS = has("ASYNCHRONOUS")
LISTENER = has("SERVICES", "TCP LISTENER")
SERVICE = has("SERVICES", "UDP SERVICE")
TRANSPARENT = has("ACCESS_MODES", 2)
NTP = has("NTP_MS")
NAMES = has("QIDNSGIP")
HEX = has("HEX_FORMS")
KEEPALIVE = both(has("KEEPALIVE"), lambda dialect: b"QICFG" not in dialect.KEEPALIVE[0])


def test_form(name, who):
    """The row of a command's test form, which any command line reaches."""
    line = "AT+%s=?" % name
    return ("`%s`" % line, '`nic.command("%s")`' % line, who)


# ---- the rows: what a document has, the driver's names for it, which dialects have it ----

CONTEXTS = (
    test_form("QICSGP", PDP),
    ("`AT+QICSGP=ctx`", '`nic.config("qicsgp")`', PDP),
    ('`AT+QICSGP=ctx,type,"apn"[,"user","pwd"[,auth]]`', "`nic.connect`", PDP),
    test_form("QIACT", PDP),
    ("`AT+QIACT?`", '`nic.config("qiact")`', PDP),
    ("`AT+QIACT=ctx`", "`nic.connect`; RM500U: after `nic.config(asynchronous=0)`", PDP),
    test_form("QIDEACT", PDP),
    ("`AT+QIDEACT=ctx`", "`nic.disconnect`; RM500U: after `nic.config(asynchronous=0)`", PDP),
    test_form("QIACTEX", ASYNCHRONOUS),
    ("`AT+QIACTEX?`", '`nic.config("qiactex")`', ASYNCHRONOUS),
    ("`AT+QIACTEX=ctx`", "`nic.connect`", ASYNCHRONOUS),
    ("`AT+QIACTEX=ctx,view`", "`nic.config(asynchronous=2)`, `nic.connect`", ASYNCHRONOUS),
    test_form("QIDEACTEX", ASYNCHRONOUS),
    ("`AT+QIDEACTEX=ctx`", "`nic.disconnect`", ASYNCHRONOUS),
    ("`AT+CPIN?`", "`nic.connect`", seen("CPIN")),
    ("`AT+CGREG?`, `AT+CEREG?`", '`nic.connect`, `nic.status("registration")`', seen("CGREG")),
    ("`AT+CFUN`", "`nic.active`", seen("CFUN")),
    ("`AT+CGATT?`", "`nic.connect`", seen("CGATT")),
    ("`AT+CGPADDR?`", "`nic.connect`", seen("CGATT")),
    ("`AT+CGACT` before a listener", "`s.listen`", has("LISTEN_ACTIVATES")),
)
OPENING = (
    test_form("QIOPEN", always),
    ('`AT+QIOPEN`, `"TCP"`', "`s.connect`", always),
    ('`AT+QIOPEN`, `"UDP"`', "`s.connect`, `s.sendto`", always),
    ('`AT+QIOPEN`, `"TCP LISTENER"`', "`s.bind`, `s.listen`, `s.accept`", LISTENER),
    ('`AT+QIOPEN`, `"UDP SERVICE"`', "`s.bind`", SERVICE),
    ("`AT+QIOPEN`, access mode 0", "`s.connect`", always),
    ("`AT+QIOPEN`, access mode 1", "`s.setsockopt` with `nic.PUSH`, `s.connect`", always),
    ("`AT+QIOPEN`, access mode 2", "`direct.open(s, address)`", TRANSPARENT),
    (
        '`AT+QIOPEN`, `"TCP LISTENER"`, access mode 2',
        "`direct.listen(s)`, `s.accept`, `s.transparent`",
        has("LISTEN_DIRECT"),
    ),
    ("`AT+QIOPEN`, protocol 1", "`nic.socket(nic.AF_INET6)`", takes(10, 1)),
    ("`AT+QIOPEN`, protocol 2", "`nic.socket(0)`", takes(0, 2)),
    ("`AT+QIOPEN`, incoming_num", "`s.listen(backlog)`", limited("BC92")),
    ("`AT+QIOPEN`, max_clients", "`s.listen(backlog)`", limited("RM500U")),
    (
        "`AT+QIOPEN`, connect_timeout",
        "`nic.config(connect_timeout=…)`",
        has("CHOICES", "connect_timeout"),
    ),
    test_form("QICLOSE", always),
    ("`AT+QICLOSE=id`", "`s.close`", always),
    (
        "`AT+QICLOSE=id,timeout`",
        "`nic.config(close_timeout=…)`, `s.close`",
        has("CHOICES", "close_timeout"),
    ),
    test_form("QISTATE", always),
    ("`AT+QISTATE?`", "`nic.netstat()`", always),
    ("`AT+QISTATE`", '`nic.command("AT+QISTATE")`', has("STATE_SERVER")),
    ("`AT+QISTATE=0,ctx`", '`nic.config("qistate")`', has("QUERIES", "qistate")),
    ("`AT+QISTATE=1,id`", "`nic.netstat(id)`", always),
)
SENDING = (
    test_form("QISEND", always),
    (
        '`AT+QISEND=id,len,"data"`',
        '`forms.send(s, data, "line")`; BC20: `s.send`',
        has("TEXT_FORMS", "line"),
    ),
    (
        '`AT+QISEND=id,len,"data",rai`',
        '`forms.send(s, data, "line", rai=1)`',
        has("TEXT_RAI"),
    ),
    ("`AT+QISEND=id,len`, prompt", "`s.send`, `s.write`", has("TEXT_FORMS", "length")),
    (
        "`AT+QISEND=id`, prompt, Ctrl+Z",
        '`forms.send(s, data, "ctrl-z")`',
        has("TEXT_FORMS", "ctrl-z"),
    ),
    ('`AT+QISEND=id,len,"ip",port`, prompt', "`s.sendto` after `s.bind`", SERVICE),
    ("`AT+QISEND=id,0`", "`s.acked`, `s.drain`, `s.setsockopt` with `nic.DELIVERY`", has("ACKED")),
    test_form("QISENDEX", HEX),
    (
        "`AT+QISENDEX`, hex in the line",
        '`forms.send(s, data, "line", True)`; BC20: `s.send`',
        has("HEX_FORMS", "line"),
    ),
    (
        "`AT+QISENDEX`, hex in the line, rai",
        "`s.send_last`, `s.setsockopt` with `nic.RAI`",
        has("RAI"),
    ),
    (
        "`AT+QISENDEX=id,len`, prompt",
        '`forms.send(s, data, "length", True)`',
        has("HEX_FORMS", "length"),
    ),
    (
        "`AT+QISENDEX=id`, prompt, Ctrl+Z",
        '`forms.send(s, data, "ctrl-z", True)`',
        has("HEX_FORMS", "ctrl-z"),
    ),
    test_form("QISDE", has("OPTIONS", "qisde")),
    ("`AT+QISDE?`", '`nic.config("qisde")`', has("OPTIONS", "qisde")),
)
RECEIVING = (
    test_form("QIRD", always),
    ("`AT+QIRD=id,len`", "`s.recv`, `s.recv_into`, `s.read`, `s.readinto`, …", always),
    ("`AT+QIRD=id` of a UDP SERVICE", "`s.recvfrom` after `s.bind`", SERVICE),
    ("`AT+QIRD=id,0`", "`forms.received(s)`", has("ACKED")),
    test_form("QISWTMD", always),
    ("`AT+QISWTMD?`", '`nic.command("AT+QISWTMD?")`', NARROW),
    ("`AT+QISWTMD=id,0`", "`s.setsockopt` with `nic.BUFFER`", always),
    ("`AT+QISWTMD=id,1`", "`s.setsockopt` with `nic.PUSH`", always),
    ("`AT+QISWTMD=id,2`", "`s.transparent`", TRANSPARENT),
    ("`ATO`", "`s.transparent`, once more", TRANSPARENT),
    ("`+++`", "the end of `s.transparent`", TRANSPARENT),
    ("`AT&D1`, DTR", "`dtr=` of the class, the end of `s.transparent`", has("DTR")),
)
NETWORK = (
    test_form("QPING", always),
    ("`AT+QPING=ctx,host[,timeout[,count]]`", "`nic.ping`", always),
    ("`AT+QPING`, size", "`nic.ping(host, size=…)`", has("PING_SIZES")),
    test_form("QNTP", NTP),
    ("`AT+QNTP?`", '`nic.config("qntp")`', has("QUERIES", "qntp")),
    ("`AT+QNTP=ctx,server[,port[,set]]`", "`nic.ntp`", NTP),
    ("`AT+CCLK?`", "`nic.clock`", seen("CCLK")),
    test_form("QIDNSGIP", NAMES),
    ("`AT+QIDNSGIP=ctx,name`", "`nic.resolve`", NAMES),
    test_form("QIDNSCFG", has("DNS")),
    ("`AT+QIDNSCFG?`", '`nic.config("qidnscfg")`, `nic.ipconfig("dns")`', has("DNS", "one")),
    (
        "`AT+QIDNSCFG=ctx`",
        '`nic.config("qidnscfg")`, `nic.ipconfig("dns")`',
        has("DNS", "context"),
    ),
    ("`AT+QIDNSCFG=pri[,sec]`", "`nic.ipconfig(dns=…)`", has("DNS", "one")),
    ("`AT+QIDNSCFG=ctx,pri[,sec]`", "`nic.ipconfig(dns=…)`", has("DNS", "context")),
)
ERRORS = (
    test_form("QIGETERROR", always),
    ("`AT+QIGETERROR`", "`nic.error`", always),
)
KEEPING = (
    test_form("QIKALIVE", KEEPALIVE),
    ("`AT+QIKALIVE?`", '`nic.config("keepalive")`', KEEPALIVE),
    ("`AT+QIKALIVE=on,idle,interval,count`", "`nic.config(keepalive=…)`", KEEPALIVE),
)
URCS = (
    ('`+QIURC: "recv",id`', "`s.recv`, a poll", always),
    ('`+QIURC: "recv",id,len` in buffer mode', "`s.recv`, a poll", always),
    ('`+QIURC: "recv",id,len` and data', "`s.recv` in push mode", always),
    (
        '`+QIURC: "recv",id,len,data` with viewmode 1',
        "`s.recv` in push mode",
        has("QICFG", "viewmode"),
    ),
    ('`+QIURC: "recv",id,len,"ip",port` and data', "`s.recvfrom` in push mode", SERVICE),
    ('`+QIURC: "recv",id,"buff full"`', "`s.recv`, a poll", NARROW),
    ('`+QIURC: "closed",id`', "the end of `s.recv`", always),
    ('`+QIURC: "incoming",id,serverID,"ip",port`', "`s.accept`", LISTENER),
    ('`+QIURC: "incoming full"`', "`s.refused`", LISTENER),
    ('`+QIURC: "incoming full",serverID`', "`s.refused`", seen("incoming full,serverID")),
    ('`+QIURC: "pdpdeact",ctx`', "`nic.isconnected`, the sockets fail", PDP),
    ('`+QIURC: "dnsgip",result,count,ttl`', "`nic.resolve`", NAMES),
    ('`+QIURC: "dnsgip","ip"`', "`nic.resolve`", NAMES),
    ("`+QIOPEN: id,result`", "`s.connect`, `s.listen`", always),
    ("`+QPING: …`", "`nic.ping`", always),
    ("`+QNTP: result,time`", "`nic.ntp`", NTP),
    ("`+QIACTEX: ctx,err`", "`nic.connect`", ASYNCHRONOUS),
    (
        '`+QIACTEX: ctx,err,type,"ip"[,"ip6"]`',
        '`nic.connect`, `nic.on_urc("+QIACTEX", …)`',
        ASYNCHRONOUS,
    ),
    ("`+QIDEACTEX: ctx,err`", "`nic.disconnect`", ASYNCHRONOUS),
    ("`NO CARRIER`", "the end of `s.transparent`", seen("NO CARRIER")),
    ("`+QATSLEEP`", '`nic.status("sleep")`', seen("QSCLK")),
    ("`+QATWAKEUP`", '`nic.status("sleep")`; TCP sockets fail', seen("QSCLK")),
    ("`+QCSCON: 1,n`", '`nic.on_urc("+QCSCON", …)`', has("OPTIONS", "qcscon")),
)


def settings(made):
    """The rows of AT+QICFG's keys and of the commands that hold one setting."""
    yield test_form("QICFG", always)
    for key in sorted({key for dialect in made for key in dialect.QICFG}):
        who = has("QICFG", key)
        word = "%s=…" % key if key.isidentifier() else '**{"%s": …}' % key
        names = '`nic.config("%s")`, `nic.config(%s)`' % (key, word)
        yield '`AT+QICFG="%s"[,…]`' % key, names, who
    for key in sorted({key for dialect in made for key in dialect.OPTIONS}):
        line = next(d.OPTIONS[key][0] for d in made if key in d.OPTIONS).decode()
        line += "," if "=" in line else "="
        who = seen("QSCLK") if key == "qsclk" else has("OPTIONS", key)
        names = "`nic.config(%s=…)`" % key
        if key == "qsclk":
            names += ", `nic.sleep`, `nic.awake`"
        yield "`%sn`" % line, names, who


def chapters(made):
    """(title, rows) in the order of the page."""
    return (
        ("Context commands", CONTEXTS),
        ("Opening, closing, listing", OPENING),
        ("Sending", SENDING),
        ("Receiving and access modes", RECEIVING),
        ("Ping, time, names", NETWORK),
        ("Settings and errors", tuple(settings(made)) + KEEPING + ERRORS),
        ("URCs", URCS),
    )


def dialects():
    """For each column the instances of its classes."""
    sys.path[:0] = [str(TOP / "lib"), str(TOP / "tests_host" / "shim")]
    made = []
    for file, names in COLUMNS:
        module = __import__("quectel.dialects." + file, fromlist=list(names))
        made.append([getattr(module, name)() for name in names])
    return made


def cell(who, column, what):
    """The word for one row and one column, whose classes must agree."""
    having = {bool(who(dialect)) for dialect in column}
    if len(having) != 1:
        raise ValueError("%s differs within a column" % what)
    return SUPPORTED if having.pop() else ABSENT


def tables():
    """[(title, [(what, names, [a word for each column])])]"""
    made = dialects()
    flat = [dialect for column in made for dialect in column]
    return [
        (title, [(what, name, [cell(who, c, what) for c in made]) for what, name, who in rows])
        for title, rows in chapters(flat)
    ]


def render():
    """The whole text between the markers."""
    heads = ["%s: %s" % (file, ", ".join(names)) for file, names in COLUMNS]
    lines = [BEGIN]
    for title, rows in tables():
        lines += ["", "## " + title, "", "| | reached by | %s |" % " | ".join(heads)]
        lines.append("|---" * (len(heads) + 2) + "|")
        lines += [
            "| %s | %s | %s |" % (what, name, " | ".join(words)) for what, name, words in rows
        ]
    return "\n".join(lines + ["", END])


def main():
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    wanted = before + render() + after
    if "--check" in sys.argv[1:]:
        if wanted != text:
            print("%s is not what tools/support_table.py writes" % PAGE.relative_to(TOP))
        return int(wanted != text)
    PAGE.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
