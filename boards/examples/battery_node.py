"""A node on a battery: wakes, sends a reading, gets its answer, sleeps, and knows what that cost.

    battery_node.py [HOST [PORT [COUNT [SECONDS [PATIENCE]]]]]

A datagram is `NUMBER READING`; the server answers with the number. COUNT 0, as without it: for
ever. PATIENCE is how many seconds to wait for an answer.
"""

import time

import board
from node import Node
from online import argument

HOST = argument(1, "telemetry.example")
PORT = int(argument(2, "5683"))
COUNT = int(argument(3, "0"))
SECONDS = float(argument(4, "600"))
PATIENCE = float(argument(5, "20"))


def take():
    """A reading: your sensor comes here."""
    return b"%d" % time.ticks_ms()


def main():
    node = Node((HOST, PORT), PATIENCE)
    nic = board.modem(trace=node.trace)
    number = lost = 0
    while number < COUNT or not COUNT:
        if number:
            time.sleep(SECONDS)
        number += 1
        exchanges, awake_ms = node.exchanges, node.awake_ms
        try:
            node.report(nic, board.APN, number, take())
            result = "answered"
        except OSError as e:
            result = "lost, %s" % e
            lost += 1
        exchanges = node.exchanges - exchanges
        awake = (node.awake_ms - awake_ms) / 1000
        print("number %d: %s; %d exchanges, %.2f s awake" % (number, result, exchanges, awake))
    print("%d of %d lost" % (lost, number))


main()
