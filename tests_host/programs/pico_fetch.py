# On an emulated Pico: fetches bytes through its module and prints their digest; then gives back as
# many, whose digest the peer answers.

import binascii
import hashlib

import board


def connect(nic, words):
    s = nic.socket()
    s.settimeout(60)
    s.connect(("peer.test", 80))
    s.write(words + "\n")
    return s


def fetch(nic, count, seed):
    s = connect(nic, "source %d %d" % (count, seed))
    digest = hashlib.sha256()
    buf = bytearray(1500)
    got = s.recv_into(buf)
    while got:
        digest.update(memoryview(buf)[:got])
        got = s.recv_into(buf)
    s.close()
    print("fetched", binascii.hexlify(digest.digest()).decode())


def give(nic, count):
    data = bytes(i * 7 & 255 for i in range(count))
    s = connect(nic, "sink %d" % count)
    s.write(data)
    right = s.readline().decode().strip()
    s.close()
    print("given", right == binascii.hexlify(hashlib.sha256(data).digest()).decode())


def main(name, count, seed):
    nic = board.modem(name)
    nic.active(True)
    nic.connect("internet", timeout=60)
    fetch(nic, count, seed)
    give(nic, 2000)
    nic.active(False)
    print("done")
