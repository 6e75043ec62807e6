"""A first program: bring the module online and fetch a page."""

import board

nic = board.modem()
nic.active(True)
nic.connect(board.APN, timeout=300)  # seconds; raises why there is no connection
print("address:", nic.ipconfig("addr4"))

s = nic.socket()
s.settimeout(60)
s.connect(("example.com", 80))
s.write("GET / HTTP/1.0\r\nHost: example.com\r\n\r\n")
while True:
    line = s.readline()
    if not line:
        break
    print(line.decode(), end="")
s.close()
