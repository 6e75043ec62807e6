"""Calls that an editor must flag. A comment at a line's end names the rule by which pyright does;
test_types.py checks that it is flagged by that one, and that no other line is."""

import quectel
from machine import UART, Pin
from quectel import aio, errors
from quectel.services import forms

uart = UART(1, 115200)
nic = quectel.BG95S5(uart)
s = nic.socket()
buf = bytearray(100)

# ---- the interface ----
quectel.BG95S5()  #: reportCallIssue
quectel.BG95S5(1)  #: reportArgumentType
quectel.BG95S5(uart, powerkey=Pin(1))  #: reportCallIssue
quectel.BG95S5(uart, pwrkey=14)  #: reportArgumentType
quectel.BG95S5(uart, trace="yes")  #: reportArgumentType
quectel.BG95S5(uart, power=True)  #: reportArgumentType
quectel.BG96(uart)  #: reportAttributeAccessIssue
quectel.detect(uart, 14)  #: reportCallIssue
quectel.diagnose(uart, baudrate=9600)  #: reportCallIssue
quectel.diagnose(nic, show=True)  #: reportArgumentType
quectel.install(s)  #: reportArgumentType
nic.dial("internet")  #: reportAttributeAccessIssue
nic.connect(apn=1)  #: reportArgumentType
nic.connect("internet", "user", "key", 1)  #: reportCallIssue
nic.connect("internet", pdp_type="IP")  #: reportCallIssue
nic.connect("internet", timeout="60")  #: reportArgumentType
nic.unlock(1234)  #: reportArgumentType
nic.wait("60")  #: reportArgumentType
nic.baudrate("921600")  #: reportArgumentType
nic.on_change("call")  #: reportArgumentType
nic.idle = 1  #: reportAttributeAccessIssue
nic.STAT_GOT_IP = 5  #: reportAttributeAccessIssue
nic.PWRKEY_MS = "750"  #: reportAttributeAccessIssue

# ---- what it is asked, and what is set ----
nic.status("rsi")  #: reportCallIssue
nic.ipconfig("address")  #: reportCallIssue
nic.ipconfig(addr4=("192.0.2.1", "255.255.255.0"))  #: reportCallIssue
nic.ipconfig(dns=1)  #: reportArgumentType
nic.ifconfig(("192.0.2.1", "255.255.255.0", "0.0.0.0", "0.0.0.0"))  #: reportArgumentType
nic.config("mac")  #: reportCallIssue
nic.config("imei", apn="internet")  #: reportCallIssue
nic.config(imei="123456789012345")  #: reportCallIssue
nic.config(keepalve=None)  #: reportCallIssue
nic.config(keepalive=120)  #: reportArgumentType
nic.config(keepalive=(120, 75))  #: reportArgumentType
nic.config(**{"tcp/retranscfg": 12})  #: reportArgumentType
nic.config(**{"tcp/retrans": (12, 600)})  #: reportArgumentType
nic.config(psm=3600)  #: reportArgumentType
nic.config(edrx="20.48")  #: reportArgumentType
nic.config(nwscanmode=None)  #: reportArgumentType
nic.operators("all")  #: reportArgumentType
nic.status("cell").id  #: reportOptionalMemberAccess
nic.config("imei") + 1  #: reportOperatorIssue
nic.status("operator") + 1  #: reportOperatorIssue
nic.status("rssi") + 1  #: reportOptionalOperand
nic.ipconfig("addr4").split(".")  #: reportAttributeAccessIssue

# ---- services ----
nic.ping()  #: reportCallIssue
nic.ping("example.com", number=4)  #: reportCallIssue
nic.ping("example.com").average  #: reportAttributeAccessIssue
nic.ntp("pool.ntp.org", "123")  #: reportArgumentType
nic.resolve(80)  #: reportArgumentType
nic.command(b"AT")  #: reportArgumentType
nic.on_urc("+QIURC", "print")  #: reportArgumentType
nic.netstat("0")  #: reportArgumentType
nic.context("2")  #: reportArgumentType

# ---- sockets ----
s.connect("example.com", 80)  #: reportCallIssue
s.connect(("example.com", "80"))  #: reportArgumentType
s.bind(20202)  #: reportArgumentType
s.listen("5")  #: reportArgumentType
s.send(1)  #: reportArgumentType
s.write(["a"])  #: reportArgumentType
s.recv()  #: reportCallIssue
s.recv(100, "peek")  #: reportArgumentType
s.recv_into(b"123")  #: reportArgumentType
s.readinto(buf, "8")  #: reportArgumentType
s.readline().nothing  #: reportAttributeAccessIssue
s.settimeout("60")  #: reportArgumentType
s.setsockopt(nic.SOL_QUECTEL, nic.ACCESS_MODE, "push")  #: reportCallIssue
s.setsockopt(nic.SOL_SOCKET, nic.SO_KEEPALIVE, (120, 30))  #: reportCallIssue
s.sendto(b"ping")  #: reportCallIssue
s.fileno()  #: reportAttributeAccessIssue
s.shutdown(2)  #: reportAttributeAccessIssue
s.acked()[0]  #: reportOptionalSubscript
s.lost = 0  #: reportAttributeAccessIssue
s.transparent().transparent()  #: reportAttributeAccessIssue
forms.send(s, b"12345", "lines")  #: reportArgumentType
errors.Error(1).code + 1  #: reportOptionalOperand
aio.ping(nic, "example.com")  #: reportUnusedCoroutine
aio.connect(nic, "internet", retries=3)  #: reportCallIssue
