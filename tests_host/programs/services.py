"""Every service of a network interface, on any dialect's module: what its document has works, and
what it lacks is refused by name."""

import time

import board
import facts
import quectel
from scenario import HOST, attach, failing, main, noise, online, peer, same

KNOWN = "peer.example"  # leads to this machine
UNKNOWN = "nowhere.example"
SILENT = "192.0.2.1"  # an address where nobody is


def _lacking(call, *args):
    e = failing("EOPNOTSUPP", call, *args)
    assert str(quectel.errors.Error) and len(e.args) > 1, e


def _echoed(s, text=b"hello"):
    s.sendall(text)
    same(s.read(len(text)), text, "echo")


def _ping(nic):
    """Answered, lost, of a size, of a name that is not found."""
    fact = facts.of(nic)
    for host in (KNOWN, HOST):
        result = nic.ping(host, count=3)
        same((result.sent, result.received, result.lost), (3, 3, 0), "packets")
        same([reply[:2] for reply in result.replies], [(HOST, 32)] * 3, "replies")
        assert result.min <= result.avg <= result.max, result
    result = nic.ping(SILENT, count=1, timeout=1)
    same((result.sent, result.received, result.lost), (1, 0, 1), "packets")
    same(result.replies, [fact["lost"]], "a lost packet")
    same(failing("EHOSTUNREACH", nic.ping, UNKNOWN).code, fact["nameless"], "code")
    if fact["sizes"]:
        same(nic.ping(HOST, count=1, size=200).replies[0].bytes, 200, "size")
    else:
        _lacking(nic.ping, HOST, 1, 4, 200)


def _names(nic):
    """resolve, and the servers that are asked."""
    fact = facts.of(nic)
    same(nic.resolve(KNOWN), [HOST], "addresses")
    same(nic.resolve("192.0.2.9"), ["192.0.2.9"], "an address")
    e = failing("EHOSTUNREACH", nic.resolve, UNKNOWN)
    same(e.code, 565, "code")
    same(nic.getaddrinfo(KNOWN, 80)[0][-1], (KNOWN, 80), "getaddrinfo")
    if not fact["dns"]:
        _lacking(nic.ipconfig, "dns")
        _lacking(nic.config, "qidnscfg")
        return
    nic.ipconfig(dns="192.0.2.53")
    same(nic.ipconfig("dns"), "192.0.2.53", "dns")
    nic.ipconfig(dns=("192.0.2.54", "192.0.2.55"))
    same(nic.config("qidnscfg")[:2], ("192.0.2.54", "192.0.2.55"), "dns servers")
    nic.config(qidnscfg=("192.0.2.56", "192.0.2.57"))
    same(nic.config("qidnscfg")[:2], ("192.0.2.56", "192.0.2.57"), "dns servers")
    same(nic.ifconfig()[3], "192.0.2.56", "ifconfig")
    same(nic.resolve(KNOWN), [HOST], "addresses")


def _clock(nic, port):
    """A time server's time, with and without setting the module's clock."""
    fact = facts.of(nic)
    if not fact["ntp"]:
        _lacking(nic.ntp, KNOWN, port)
        return
    same(nic.clock()[0], 1980, "the year before")
    now = (2024, 2, 29, 23, 59, 58, 3, 60)
    same(nic.ntp(KNOWN, port, set=False), now, "time")
    same(nic.clock()[0], 1980, "the year, not set")
    same(nic.ntp(HOST, port), now, "time")
    told = nic.clock()
    same(told[:2] in ((2024, 2), (2024, 3)), True, "the clock, set")
    e = failing("EHOSTUNREACH", nic.ntp, UNKNOWN, port)
    same(e.code, fact["untimed"], "code")


def _settings(nic, port):
    """Each key of the document is set and told; those of others are refused by name."""
    fact = facts.of(nic)
    for key, values in sorted(fact["settings"].items()):
        for value in values:
            nic.config(**{key: value})
            same(nic.config(key), value, key)
    same(nic.config("dataformat"), (0, 0), "dataformat")
    others = {"sendinfo", "formatcfg", "close mode", "qisde", "ip_filter", "qcscon"}
    for key in facts.KEYS:
        if key not in fact["settings"] and key not in others:
            _lacking(nic.config, key)
            failing("EOPNOTSUPP", lambda key=key: nic.config(**{key: 1}))
    if fact["keepalive"] is None:
        _lacking(nic.config, "keepalive")
    else:
        nic.config(keepalive=fact["keepalive"])
        same(nic.config("keepalive"), fact["keepalive"], "keepalive")
        nic.config(keepalive=None)
        same(nic.config("keepalive"), None, "keepalive off")
    # After all of them, sockets are what they were.
    s = peer(nic, port, "echo")
    _echoed(s, bytes(noise(5000, 7)))
    s.close()


def _shapes(nic, port, udp_port):
    """Data and lengths in the other shapes that QICFG knows, both access modes."""
    fact = facts.of(nic)
    data = bytes(noise(3000, 8))
    lengths = "showlength" if "showlength" in fact["settings"] else "recvind"
    for length in (0, 1):
        for view in (0, 1):
            nic.config(**{lengths: length})
            nic.config(viewmode=view)
            s = peer(nic, port, "echo")
            _echoed(s, data)
            s.setsockopt(nic.SOL_SOCKET, nic.SO_RCVBUF, 8192)
            s.setsockopt(nic.SOL_QUECTEL, nic.ACCESS_MODE, nic.PUSH)
            _echoed(s, data)
            s.close()
            u = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
            u.connect((HOST, udp_port))
            u.send(data[:500])
            same(u.recv(600), data[:500], "datagram")
            u.close()


def _identity(nic):
    """Who the module is, and what the interface tells of the network."""
    for name in ("imei", "imsi"):
        assert len(nic.config(name)) == 15 and nic.config(name).isdigit(), name
    assert nic.config("iccid").isdigit() and nic.config("firmware"), "iccid, firmware"
    same(nic.config("apn"), "internet", "apn")
    same(nic.status(), nic.STAT_GOT_IP, "status")
    same(nic.status("registration"), 1, "registration")
    same(-113 <= nic.status("rssi") <= -51, True, "rssi")
    assert nic.status("operator"), "operator"
    same(nic.status("error"), None, "error")
    address, mask = nic.ipconfig("addr4")
    same((len(address.split(".")), mask), (4, "255.255.255.255"), "addr4")
    same(nic.ipconfig("addr6"), [], "addr6")
    same(nic.ifconfig()[:2], (address, mask), "ifconfig")
    if nic.dialect.MODEL.startswith("BC"):
        same(nic.status("sleep"), False, "sleep")
    else:
        _lacking(nic.status, "sleep")


def _beyond(nic):
    """What 3GPP TS 27.007 has beyond the documents, and the modem's own settings."""
    technology = nic.status("technology")
    name = nic.dialect.MODEL
    same(technology, {"BG": "eMTC", "RM": "NR"}.get(name[:2], "NB-IoT"), "technology")
    same(
        (nic.status("rsrp"), nic.status("rsrq")),
        (-85, -11) if name[:2] == "RM" else (-88, -10),
        "rsrp, rsrq",
    )
    cell = nic.status("cell")
    same(tuple(cell), (0x1A2B, 0x01C3D4E5, technology), "cell")
    same(nic.status("operator"), "Virtual", "operator")
    first, second = nic.operators()
    same((first.status, second.status), ("current", "forbidden"), "operators")
    same((second.name, second.technology), ("Other (old), Ltd", technology), "an operator")
    same(nic.config("operator"), None, "the module chooses")
    nic.config(operator=first.code)
    same(nic.config("operator"), first.code, "chosen")
    failing("EACCES", lambda: nic.config(operator=second.code))
    same(nic.status("operator"), "Virtual", "operator")
    nic.config(operator=None)
    if name[:2] == "RM":
        _lacking(nic.config, "psm")
        _lacking(lambda: nic.config(edrx=20.48))
    else:
        nic.config(psm=(3600, 30))
        nic.config(edrx=80)
        same(nic.config("psm"), (3600, 30), "psm")
        same(round(nic.config("edrx") * 100), 8192, "edrx")
        nic.config(psm=None, edrx=None)
        same((nic.config("psm"), nic.config("edrx")), (None, None), "off")
    if name[:2] == "BG":
        nic.config(nwscanmode=3, nwscanseq="0302", band=(0, 0x80080, 0x80000))
        same(nic.config("nwscanmode"), 3, "nwscanmode")
        same(nic.config("nwscanseq"), "0302", "nwscanseq")
        same(nic.config("band"), (0, 0x80080, 0x80000), "band")
        failing("EINVAL", lambda: nic.config(nwscanmode=2))
    _lacking(nic.config, "nothing")
    _lacking(lambda: nic.config(nothing=1))


def asked(time_port):
    """What the interface can be asked."""
    nic = online()
    for part in (_identity, _ping, _names, _errors, _beyond):
        part(nic)
    _clock(nic, time_port)


def sockets(port, udp_port):
    """Whatever concerns sockets."""
    nic = online()
    for part in (_table, _shapes):
        part(nic, port, udp_port)
    for part in (_settings, _many, _delivery, _commands):
        part(nic, port)
        same(nic.netstat(), [], "left open")


def up_and_down(port):
    """Contexts, and the interface's own ways down and up."""
    nic = online()
    _contexts(nic, port)
    _power(nic, port)


def detected(port):
    """detect() finds the class, and what it made works."""
    nic = quectel.detect(board.uart())
    facts.of(nic)
    same(nic.active(), True, "active")
    attach(nic)
    _echoed(peer(nic, port, "echo"))


def _errors(nic):
    """What the module says of its last error, as the exception has it."""
    e = failing("EINVAL", nic.command, "AT+QIRD=0,99999")
    same(e.code, 552, "code")
    same(nic.error(), (552, "invalid parameters"), "error")


def _table(nic, port, udp_port):
    """netstat, from opening to the peer's close."""
    fact = facts.of(nic)
    same(nic.netstat(), [], "nothing open")
    s = peer(nic, port, "echo")
    u = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
    u.connect((HOST, udp_port))
    first, second = nic.netstat()
    same(first[:4], (0, "TCP", HOST, port), "the first")
    same(second[:4], (1, "UDP", HOST, udp_port), "the second")
    for row in (first, second):
        same(bool(row.local_port), fact["port"], "local port")
        same((row.state, row.context, row.access_mode), ("connected", 1, 0), "state")
    same(nic.netstat(1), [second], "of one")
    same(nic.netstat(fact["sockets"] - 1), [], "of one that is not open")
    u.close()
    over = peer(nic, port, "source", 10, 1)
    same(len(over.read()), 10, "all")
    same([row.state for row in nic.netstat() if row.id == 1], [fact["over"]], "over")
    over.close()
    s.close()
    same(nic.netstat(), [], "nothing open")


def _many(nic, port):
    """As many sockets as the document has; one more is refused clearly."""
    count = facts.of(nic)["sockets"]
    sockets = [peer(nic, port, "echo") for _ in range(count)]
    e = failing("ENOBUFS", nic.socket().connect, (HOST, port))
    assert str(count) in str(e), e
    for i in range(count):
        sockets[i].send(b"socket %2d" % i)
    for i in range(count - 1, -1, -1):
        same(sockets[i].read(9), b"socket %2d" % i, "echo")
    sockets[2].close()
    sockets[2] = peer(nic, port, "echo")
    for s in sockets:
        _echoed(s)
        s.close()


def _delivery(nic, port):
    """acked and drain, and release assistance."""
    fact = facts.of(nic)
    data = bytes(noise(5000, 9))
    s = peer(nic, port, "echo")
    if fact["acked"]:
        s.sendall(data)
        s.drain(30)
        same(s.acked(), (5005, 5005, 0), "acked")
        same(s.read(5000) == data, True, "echo")
    else:
        same(s.acked(), None, "acked")
        _lacking(s.drain, 1)
    if fact["rai"]:
        for rai in (1, 2, 0):
            s.setsockopt(nic.SOL_QUECTEL, nic.RAI, rai)
            _echoed(s, data)
    else:
        _lacking(s.setsockopt, nic.SOL_QUECTEL, nic.RAI, 1)
    if not fact["raw"]:
        _lacking(s.transparent)
    s.close()


def _contexts(nic, port):
    """As many contexts at once as the document has, each with its own sockets and its own end."""
    fact = facts.of(nic)
    others = []
    for cid in range(2, fact["contexts"] + 1):
        other = nic.context(cid)
        other.connect("apn%d.example" % cid)
        while not other.isconnected():
            assert other.status() >= 0, other.status("error")
            time.sleep_ms(1)
        others.append(other)
    all_of_them = [nic] + others
    same(
        len({context.ipconfig("addr4") for context in all_of_them}), len(all_of_them), "addresses"
    )
    sockets = [peer(context, port, "echo") for context in all_of_them]
    same([row.context for row in nic.netstat()], list(range(1, len(sockets) + 1)), "contexts")
    for s, context in zip(sockets, all_of_them):
        _echoed(s)
        same(context.ping(HOST, count=1).received, 1, "ping")
        same(context.resolve(KNOWN), [HOST], "resolve")
    while others:
        others.pop().disconnect()
        failing("ECONNABORTED", sockets.pop().send, b"x")
        for s in sockets:
            _echoed(s)
    sockets[0].close()


def _power(nic, port):
    """Disconnected, connected again; switched off, and on again."""
    for _ in range(2):
        s = peer(nic, port, "echo")
        nic.disconnect()
        same((nic.isconnected(), nic.status()), (False, nic.STAT_IDLE), "disconnected")
        failing("ECONNABORTED", s.recv, 1)
        failing("ENETUNREACH", nic.socket().connect, (HOST, port))
        attach(nic)
        s = peer(nic, port, "echo")
        _echoed(s)
        nic.active(False)
        same(nic.command("AT+CFUN?"), ["+CFUN: 0"], "functionality")
        failing("ECONNABORTED", s.recv, 1)
        failing("ENODEV", nic.connect, "internet")
        nic.active(True)
        same(nic.command("AT+CFUN?"), ["+CFUN: 1"], "functionality")
        attach(nic)
    _echoed(peer(nic, port, "echo"))


def _commands(nic, port):
    """Any command, and unsolicited lines."""
    same(len(nic.command("AT+CSQ")), 1, "lines")
    heard = []
    nic.on_urc("+QIURC", heard.append)
    s = peer(nic, port, "source", 10, 1)
    same(len(s.read()), 10, "all")
    assert heard[0].startswith('+QIURC: "recv",0') and heard[-1] == '+QIURC: "closed",0', heard
    nic.on_urc("+QIURC", None)
    del heard[:]
    s.close()
    s = peer(nic, port, "source", 10, 1)
    same(len(s.read()), 10, "all")
    s.close()
    same(heard, [], "heard")


def sleeping(port, udp_port):
    """BC25 4.4, 2.1.1 note 2: after deep sleep TCP has failed, and UDP goes on."""
    uart = board.uart()
    nic = quectel.BC25(uart)
    nic.active(True)
    attach(nic)
    nic.config(qsclk=1)
    s = peer(nic, port, "echo")
    u = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
    u.connect((HOST, udp_port))
    while not nic.status("sleep"):
        time.sleep_ms(1)
    uart.write(b"\r")  # stands for the pin that wakes the module
    while nic.status("sleep"):
        time.sleep_ms(1)
    failing("ECONNABORTED", s.send, b"x")
    nic.config(qsclk=0)
    u.send(b"goes on")
    same(u.recv(100), b"goes on", "datagram")
    _echoed(peer(nic, port, "echo"))
    same([row.service for row in nic.netstat()], ["TCP", "UDP"], "connections")


if __name__ == "__main__":
    main(globals())
