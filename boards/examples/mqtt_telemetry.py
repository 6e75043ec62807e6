"""Publish readings over MQTT and lose none: each waits in the flash until the broker has it.

    mqtt_telemetry.py [BROKER [PORT [TOPIC [COUNT [SECONDS [FOLDER [LIMIT]]]]]]]

A reset, a dead network and a full queue lose nothing in silence: flash_queue.py and publisher.py
say how. Takes COUNT readings; 0, as without it: for ever. FOLDER is where the queue is, of LIMIT
bytes. Wants umqtt.simple: see README.md.
"""

import time

import board
import quectel
from flash_queue import FlashQueue
from online import argument
from quectel.link import Link
from watch import Watch

BROKER = argument(1, "broker.example")
PORT = int(argument(2, "1883"))
TOPIC = argument(3, "quectel/readings").encode()
COUNT = int(argument(4, "0"))
SECONDS = float(argument(5, "600"))
FOLDER = argument(6, "readings")
LIMIT = int(argument(7, "32768"))
PATIENCE = 180  # seconds that one call may take: a module gives up an open after 150


def take():
    """A reading: your sensor comes here."""
    return b"%d" % time.ticks_ms()


def main():
    watch = Watch(PATIENCE)
    nic = board.modem()
    nic.idle = watch
    quectel.install(nic)
    from publisher import Publisher

    queue = FlashQueue(FOLDER, LIMIT)
    print("%d kept from before" % (queue.next - queue.first))
    link = Link(nic, board.APN, tell=print)
    keepalive = int(2 * SECONDS) + 60
    publisher = Publisher(nic, (BROKER, PORT), TOPIC, keepalive, queue, watch)
    due = time.ticks_ms()
    taken = 0
    dropped = queue.dropped
    while queue.first < queue.next or taken < COUNT or not COUNT:
        watch.feed()
        if (taken < COUNT or not COUNT) and time.ticks_diff(time.ticks_ms(), due) >= 0:
            due = time.ticks_add(due, int(SECONDS * 1000))
            taken += 1
            print("stored", queue.append(take()))
            if dropped != queue.dropped:
                dropped = queue.dropped
                print("the queue is full: %d dropped" % dropped)
        idle = link.step()
        if link.up and queue.first < queue.next:
            publisher.step()
        time.sleep_ms(max(1, min(idle, 50)))
    print("the broker has all")


main()
