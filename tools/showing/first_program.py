"""A first program: bring the module online, fetch a page, and hash it on the way.

The same file runs on CPython and on MicroPython. `tools/demo` starts it with the virtual module;
boards/unix/README.md says how to start it with a real one.
"""

import binascii
import hashlib
import time

import board
import quectel

HOST = "shop.example"
PATH = "/page.txt"

# trace is called with each AT line; leave it out to hear nothing.
nic = quectel.BG95S5(board.uart(), trace=print)

print("wake the module and make it ready")
nic.active(True)

print("register with the network and activate the context")
nic.connect("internet", timeout=60)
print("online as %s" % nic.ipconfig("addr4")[0])

print("connect to %s" % HOST)
s = nic.socket()
s.settimeout(60)
s.connect((HOST, 80))

print("ask for %s" % PATH)
start = time.ticks_ms()
s.write("GET %s HTTP/1.0\r\nHost: %s\r\n\r\n" % (PATH, HOST))
status = s.readline().decode().strip()
while s.readline() not in (b"\r\n", b""):
    pass  # the headers, to the empty line
print("the server says %s" % status)

print("read the page into one buffer, again and again")
digest = hashlib.sha256()
buf = bytearray(1500)  # one AT command brings no more at once
view = memoryview(buf)
size = 0
while True:
    count = s.readinto(buf)
    if not count:
        break
    digest.update(view[:count])
    size += count
took = time.ticks_diff(time.ticks_ms(), start)

print("close the socket and the interface")
s.close()
nic.active(False)

print("bytes: %d" % size)
print("milliseconds: %d" % took)
print("sha256: %s" % binascii.hexlify(digest.digest()).decode())
