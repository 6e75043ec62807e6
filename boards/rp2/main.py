"""A first program: bring the module online and fetch a page."""

import time

import board

nic = board.modem()
nic.active(True)
nic.connect(board.APN)
while not nic.isconnected():
    if nic.status() < 0:
        raise nic.status("error")  # no SIM, no network: it does not try for ever
    time.sleep_ms(100)
print("address:", nic.ipconfig("addr4"))

s = nic.socket()
s.connect(("example.com", 80))
s.write("GET / HTTP/1.0\r\nHost: example.com\r\n\r\n")
while True:
    line = s.readline()
    if not line:
        break
    print(line.decode(), end="")
s.close()
