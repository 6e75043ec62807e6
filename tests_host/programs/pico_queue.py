# On an emulated Pico, as its main.py: writes into the queue in flash until the power goes, and
# says what it knows to be stored. Run by test_pico_power.py.

import random

from flash_queue import FlashQueue


def message(number):
    return bytes([number * 7 % 251]) * (number * 37 % 120 + 1)


def main():
    queue = FlashQueue("queue", 2048)
    found = list(queue.messages())
    for number, text in found:
        assert text == message(number), number
    assert [number for number, _ in found] == list(range(queue.first, queue.next))
    print("found", queue.first, queue.next, queue.dropped)
    random.seed(queue.next)
    while True:
        if random.randrange(5):
            print("stored", queue.append(message(queue.next)))
        else:
            count = min(random.randrange(1, 4), queue.next - queue.first)
            print("acknowledges", count)
            queue.acknowledge(queue.first + count - 1)
            print("acknowledged", count)
