"""A logger that survives the loss of coverage, and loses no reading that it has stored.

    logger.py [HOST [PORT [COUNT [PERIOD_MS]]]]

A reading stays in the queue until the server has acknowledged it (uplink.py). One that finds the
queue full is refused, and that is said. Readings are taken in time while there is no network: the
loop never waits for it. COUNT 0, as without it: for ever.
"""

import time

import board
from online import argument
from uplink import Uplink

HOST = argument(1, "logger.example")
PORT = int(argument(2, "4000"))
COUNT = int(argument(3, "0"))
PERIOD_MS = int(argument(4, "10000"))
ROOM = 1000  # readings in memory; write them to a file if they must outlive the power


def take():
    """A reading: your sensor comes here."""
    return time.ticks_ms()


def main():
    nic = board.modem()
    nic.active(True)
    queue: "list[tuple[int, int]]" = []
    uplink = Uplink(nic, (HOST, PORT), queue)
    due = time.ticks_ms()
    number = 0
    while queue or number < COUNT or not COUNT:
        if (number < COUNT or not COUNT) and time.ticks_diff(time.ticks_ms(), due) >= 0:
            due = time.ticks_add(due, PERIOD_MS)
            if len(queue) < ROOM:
                number += 1
                queue.append((number, take()))
                print("stored", number)
            else:
                print("refused: the queue is full")
        uplink.step()
        time.sleep_ms(5)
    print("all is acknowledged")


main()
