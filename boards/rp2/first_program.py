"""A first program for a Raspberry Pi Pico: bring the module online and fetch a page."""

import quectel
from machine import UART, Pin

uart = UART(1, 115200, tx=Pin(4), rx=Pin(5), rxbuf=2048)
nic = quectel.BG95S5(uart, pwrkey=Pin(14, Pin.OUT))
nic.active(True)
nic.connect("internet", timeout=300)  # your operator's access point name

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
nic.active(False)
