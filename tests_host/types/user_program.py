"""A user's program that uses most of the driver, with every type said: test_types.py checks it
strictly, for each port, and that it runs."""

import asyncio
import sys

import quectel
from machine import UART, Pin
from quectel import aio, errors
from quectel.modes import direct
from quectel.services import forms

BUF = bytearray(1500)
VIEW = memoryview(BUF)


def heard(line: str) -> None:
    print("heard", line)


def fed() -> None:
    """A watchdog would be fed here."""


def changed(what: str, value: object) -> None:
    print("changed", what, value)


def online() -> quectel.nic.Nic:
    uart = UART(1, 115200, tx=Pin("GP4"), rx=Pin("GP5"), rxbuf=2048)
    nic = quectel.BG95S5(
        uart,
        pwrkey=Pin("GP14", Pin.OUT),
        reset=Pin("GP15", Pin.OUT),
        dtr=Pin("GP13", Pin.OUT),
        cid=1,
        trace=None,
        rxbuf=2048,
        pin="1234",
        idle=fed,
        power=Pin("GP16", Pin.OUT, value=1).value,
    )
    nic.PWRKEY_MS = 800
    nic.POWER_MS = 2000
    nic.dialect.LOOK_MS = 500
    active: bool = nic.active(True)
    nic.on_change(changed)
    nic.unlock("1234")
    nic.connect("internet", "user", "key", auth=1, family=3, timeout=300)
    nic.wait()
    nic.wait(0.5)
    nic.on_change(None)
    nic.idle = None
    try:
        nic.baudrate(921600, flow=3)
    except OSError as e:
        print(e.args[0])  # the line of a test has no baud rate
    print(active, nic.active(), nic.active(1))
    return nic


def diagnosed(nic: quectel.nic.Nic) -> None:
    lines: "list[str]" = []
    found = quectel.diagnose(nic, "internet", host="example.com", port=80, show=lines.append)
    for name, well, words in found.steps:
        print(name.upper(), well + 1, words.upper())
    cause: "str | None" = None if found else found.cause
    print(lines[0].upper(), cause)


def asked(nic: quectel.nic.Nic) -> None:
    state: int = nic.status()
    rssi: "int | None" = nic.status("rssi")
    stat: int = nic.status("registration")
    operator: str = nic.status("operator")
    print(state == nic.STAT_GOT_IP, rssi, stat, operator.upper())
    power: "int | None" = nic.status("rsrp")
    quality: "float | None" = nic.status("rsrq")
    technology: "str | None" = nic.status("technology")
    print(power, quality, technology)
    cell = nic.status("cell")
    if cell is not None:
        print(cell.area + cell.id, cell.technology)
    for network in nic.operators(60):
        print(network.status.upper(), network.name, network.code, network.technology)
    timers = nic.config("psm")
    if timers is not None and timers[1] is not None:
        print(timers[1] + 1)
    cycle: "float | None" = nic.config("edrx")
    print(cycle, nic.config("operator"), nic.config("band"))
    failure = nic.status("error")
    if failure is not None:
        print(failure.args[0])

    address, mask = nic.ipconfig("addr4")
    addresses: "list[str]" = nic.ipconfig("addr6")
    server: str = nic.ipconfig("dns")
    gateway: str = nic.ipconfig("gw4")
    dynamic: bool = nic.ipconfig("dhcp4")
    print(address.split("."), mask, addresses, server, gateway, dynamic)
    four: "tuple[str, str, str, str]" = nic.ifconfig()
    print(four)

    for name in ("imei", "iccid", "imsi", "model", "firmware", "apn"):
        print(nic.config(name).strip())
    gathers: bool = nic.config("coalesce")
    keepalive = nic.config("keepalive")
    if keepalive is not None:
        idle, interval, count = keepalive
        print(idle + interval + count)
    sack: int = nic.config("sack")
    retransmits, period = nic.config("tcp/retranscfg")
    print(gathers, sack, retransmits + period, nic.config("close_timeout"))
    for context in nic.config("qiact"):
        print(context.context, context.state, context.addresses)
    print(nic.config("qicsgp").apn, nic.config("qidnscfg"))
    code, words = nic.error()
    print(code, words.upper())


def chosen(nic: quectel.nic.Nic) -> None:
    nic.config(keepalive=(120, 75, 9), sack=0, apn="internet", coalesce=True)
    nic.config(keepalive=None, coalesce=False)
    nic.config(**{"tcp/retranscfg": (12, 600)})
    nic.config(dataformat=(0, 0), close_timeout=None)
    nic.config(psm=(3600, 30), edrx=20.48, operator=None)
    nic.config(nwscanmode=3, nwscanseq="0302", band=(0, 0x80084, "80084"))
    nic.config(psm=None, edrx=None)
    nic.ipconfig(dns="192.0.2.53")
    nic.ipconfig(dns=("192.0.2.53", "192.0.2.54"))


def services(nic: quectel.nic.Nic) -> None:
    for found in nic.resolve("example.com"):
        print(found.split("."))
    print(nic.getaddrinfo("example.com", 80)[0][-1])
    result = nic.ping("example.com", count=2, timeout=4)
    print(result.sent + result.received + result.lost, result.min, result.max, result.avg)
    for reply in result.replies:
        print(reply if isinstance(reply, int) else reply.address)
    for line in nic.command("AT+CSQ", timeout=5000):
        print(line)
    nic.on_urc("+QIURC", heard)
    nic.on_urc("+QIURC", None)
    for each in nic.netstat():
        print(each.id, each.service, each.address, each.remote_port, each.state)


def clocks(nic: quectel.nic.Nic) -> None:
    year, month, day, hour, minute, second, weekday, of_year = nic.ntp("pool.ntp.org", set=False)
    print(year, month, day, hour, minute, second, weekday, of_year, nic.clock()[:6])


def several(nic: quectel.BG95S5) -> quectel.BG95S5:
    private = nic.context(2)
    private.connect("private.apn")
    return private


def stream(nic: quectel.nic.Nic) -> None:
    with nic.socket() as s:
        s.settimeout(120)
        s.setsockopt(nic.SOL_SOCKET, nic.SO_KEEPALIVE, (120, 30, 3))
        s.setsockopt(nic.SOL_SOCKET, nic.SO_RCVBUF, 4096)
        s.setsockopt(nic.SOL_SOCKET, nic.SO_REUSEADDR, 1)
        s.connect(("echo.example", 7))
        s.write("a line\n")
        line: bytes = s.readline()
        print(line.decode())
        taken: int = s.send(b"0123456789") + s.write(BUF, 10) + s.write(VIEW, 10, 20)
        s.sendall(b"0" * (100 - taken))
        print(s.read(4), s.recv(1))
        n: int = s.recv_into(BUF, 5)
        print(BUF[:n], s.readinto(VIEW, 95 - n))
        s.setsockopt(nic.SOL_QUECTEL, nic.COALESCE, True)
        s.flush()
        told = s.acked()
        if told is not None:
            sent, acknowledged, unacknowledged = told
            print(sent - acknowledged - unacknowledged)
        s.drain(120)
        s.setsockopt(nic.SOL_QUECTEL, nic.DELIVERY, 120)
        counts = forms.received(s)
        print(counts, forms.send(s, b"12345", "ctrl-z"), s.lost + s.refused)


def raw(nic: quectel.nic.Nic) -> None:
    s = nic.socket()
    s.connect(("echo.example", 7))
    with s.transparent() as line:
        line.write(b"as a serial line\n")
        print(line.readline())
    s.close()
    s = nic.socket()
    with direct.open(s, ("echo.example", 7)) as line:
        line.sendall("as a serial line\n")
        print(line.recv(100))
    s.close()


def datagrams(nic: quectel.nic.Nic) -> None:
    u = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
    u.settimeout(120)
    u.sendto(b"ping", ("echo.example", 7))
    data, (host, port) = u.recvfrom(1500)
    print(data, host, port + 1)
    u.close()


def server(nic: quectel.nic.Nic) -> None:
    listener = nic.socket()
    listener.bind(("", 20202))
    listener.listen(2)
    listener.settimeout(0.2)
    try:
        client, (host, port) = listener.accept()
        client.setblocking(False)
        print(client.readline(), host, port)
    except OSError as e:
        print("nobody came", e.args[0], listener.refused)
    listener.close()


def refused(nic: quectel.nic.Nic) -> None:
    s = nic.socket()
    try:
        s.connect(("nowhere.example", 80))
    except errors.Error as e:
        code: "int | None" = e.code
        print(e.args[0] == errors.ENETUNREACH, code)
    s.close()


async def awaited(nic: quectel.nic.Nic) -> None:
    print(await aio.active(nic, True))
    await aio.connect(nic, "internet", family=1, timeout=300)
    await aio.wait(nic, 120)
    print((await aio.resolve(nic, "example.com"))[0].split("."))
    result = await aio.ping(nic, "example.com", count=1)
    print([network.code for network in await aio.operators(nic, 60)])
    print(result.received + 1, await aio.command(nic, "AT+CSQ"))
    with nic.socket() as s:
        s.connect(("echo.example", 7))
        s.write(b"a line\n")
        await aio.drain(s, 120)
    await aio.settle(nic, 30)
    await aio.disconnect(nic)


def main() -> None:
    print(quectel.__version__.split("."), sys.implementation.name)
    nic = online()
    for step in (asked, diagnosed, chosen, services, stream, raw, datagrams, server, refused):
        step(nic)
    asyncio.run(awaited(nic))
    with nic:
        print(nic)


main()
