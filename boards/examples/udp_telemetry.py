"""Send readings as datagrams, and send those again that nobody acknowledges.

    udp_telemetry.py [HOST [PORT [COUNT [SECONDS [PATIENCE]]]]]

The server answers each datagram with its number. COUNT 0, as without it: for ever. PATIENCE is how
many seconds to wait for an answer.
"""

import errno
import json
import time

import quectel
from online import argument, online

HOST = argument(1, "telemetry.example")
PORT = int(argument(2, "5683"))
COUNT = int(argument(3, "0"))
SECONDS = float(argument(4, "10"))
PATIENCE = float(argument(5, "5"))
ATTEMPTS = 3


def acknowledged(s: "quectel.socket.Socket", number: int):
    """Whether the answer to datagram `number` comes; older ones may come before it."""
    while True:
        try:
            answer = s.recv(64)
        except OSError as e:
            if e.args[0] == errno.ETIMEDOUT:
                return False
            raise
        if answer == str(number).encode():
            return True


def deliver(s: "quectel.socket.Socket", number: int, datagram: bytes):
    """Send until it is acknowledged, at most ATTEMPTS times; how often, or None."""
    for attempt in range(1, ATTEMPTS + 1):
        s.send(datagram)
        if acknowledged(s, number):
            return attempt
    return None


def main():
    nic = online()
    s = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
    s.connect((HOST, PORT))
    s.settimeout(PATIENCE)
    number = lost = 0
    while number < COUNT or not COUNT:
        if number:
            time.sleep(SECONDS)
        number += 1
        reading = {"number": number, "ms": time.ticks_ms(), "rssi": nic.status("rssi")}
        attempts = deliver(s, number, json.dumps(reading).encode())
        lost += attempts is None
        print("number %d: %s" % (number, "lost" if attempts is None else "sent %d" % attempts))
    s.close()
    print("%d of %d lost" % (lost, number))


main()
