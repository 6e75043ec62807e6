"""Sends what sockets and services do not send by themselves, to an echo server: the other forms of
AT+QISEND and AT+QISENDEX, QIOPEN in transparent mode, queries, and the test forms given as
arguments."""

import sys
import time

import board

from quectel.modes import direct
from quectel.services import forms

ECHO = ("echo.example", 7)
BYTES = b"\x00\x1a\x1b\xff\r\n>"

nic = board.modem()
dialect = nic.dialect
nic.active(True)
nic.connect("internet")
while not nic.isconnected():
    time.sleep_ms(5)

for line in sys.argv[1:]:
    nic.command(line + "=?", 5000)

s = nic.socket()
s.settimeout(600)
if 2 in dialect.ACCESS_MODES:
    with direct.open(s, ECHO) as raw:
        raw.write(b"direct")
        assert raw.read(6) == b"direct"
else:
    s.connect(ECHO)

sent = 0
for form in dialect.TEXT_FORMS:
    for rai in (None, 0, 1) if form == "line" and dialect.TEXT_RAI else (None,):
        assert forms.send(s, b"text", form, rai=rai) == 4
        assert s.read(4) == b"text", form
        sent += 4
    if form == "length":
        forms.send(s, BYTES, form)
        assert s.read(len(BYTES)) == BYTES
        sent += len(BYTES)
for form in dialect.HEX_FORMS:
    for rai in (None, 0, 1) if form == "line" and dialect.RAI else (None,):
        assert forms.send(s, BYTES, form, True, rai) == len(BYTES)
        assert s.read(len(BYTES)) == BYTES, form
        sent += len(BYTES)
    most = bytes(i & 255 for i in range(dialect.HEX_MAX))
    forms.send(s, most, form, True)
    assert s.read(len(most)) == most, form
    sent += len(most)

counts = forms.received(s)
if counts is not None:
    received, read, unread = counts
    assert received == read + unread and received >= sent, counts

(row,) = nic.config("qistate")
assert row.id == s.connection.id and row.context == 1, row
if "qiact" in dialect.QUERIES:
    assert nic.config("qicsgp").apn == "internet"
    for name in ("qiact", "qiactex"):
        if name in dialect.QUERIES:
            (active,) = nic.config(name)
            assert active.context == 1 and active.addresses[0] == nic.ipconfig("addr4")[0]
    assert [line.split(",")[0] for line in nic.command("AT+QISTATE")] == ["+QISTATE: %d" % row.id]
if "qntp" in dialect.QUERIES:
    assert nic.config("qntp") is None
if "close_timeout" in dialect.CHOICES:
    nic.config(close_timeout=3)
s.close()
if "connect_timeout" in dialect.CHOICES:
    nic.config(connect_timeout=10)
    s = nic.socket()
    s.connect(ECHO)
    s.close()

for way in (0, 2, 1) if "asynchronous" in dialect.CHOICES else ():
    nic.config(asynchronous=way)
    nic.disconnect()
    nic.connect("internet")
    while not nic.isconnected():
        time.sleep_ms(5)
print("every form went through")
