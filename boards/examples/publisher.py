"""A connection to a broker that comes back by itself, for mqtt_telemetry.py.

A message is `NUMBER MESSAGE`, and has the same number when it is sent again: that is so when the
connection, or the board's power, is lost after the broker has it and before the flash knows that.
`import publisher` comes after `quectel.install`: it wants umqtt.simple over the module's sockets.
"""

import random
import time

import quectel
from flash_queue import FlashQueue
from umqtt.simple import MQTTClient, MQTTException
from watch import Watch

AT_ONCE = 16  # messages that the broker gets before the flash knows that it has them
LONGEST_PAUSE_MS = 300000  # before another attempt; each is twice the one before
# IndexError, AssertionError: in `connect` the broker closed, or said something else.
FAILED = (OSError, IndexError, AssertionError, MQTTException)


class Publisher:
    """Brings the messages of `queue` to the broker at `address`, and to TOPIC/dropped how many the
    queue has dropped. `keepalive`: for how many seconds it may be silent."""

    def __init__(
        self,
        nic: "quectel.nic.Nic",
        address: "tuple[str, int]",
        topic: bytes,
        keepalive: int,
        queue: FlashQueue,
        watch: Watch,
    ):
        self.nic = nic
        self.address = address
        self.topic = topic
        self.keepalive = keepalive
        self.queue = queue
        self.watch = watch
        self.client = None
        self.told = 0  # how many were dropped, as the broker knows
        self.pause_ms = 0
        self.since = time.ticks_ms()  # of the pause

    def step(self):
        """Publish some messages, unless the connection failed a moment ago."""
        if time.ticks_diff(time.ticks_ms(), self.since) < self.pause_ms:
            return
        try:
            if not self.client:
                # No two clients of a broker may have the same name.
                name = "quectel-" + self.nic.config("imei")
                self.client = MQTTClient(name, *self.address, keepalive=self.keepalive)
                self.client.connect()
            self._publish(self.client)
            self.pause_ms = 0
        except FAILED as e:
            print("connection lost:", e)
            if self.client and self.client.sock:
                self.client.sock.close()
            self.client = None
            self.since = time.ticks_ms()
            self.pause_ms = min(2 * self.pause_ms, LONGEST_PAUSE_MS) + random.randrange(1, 2000)

    def _publish(self, client: MQTTClient):
        done = self.queue.first - 1
        last = done + AT_ONCE
        try:
            for number, message in self.queue.messages():
                client.publish(self.topic, b"%d %s" % (number, message), qos=1)
                done = number  # with qos 1 publish returns only when the broker has the message
                self.watch.feed()
                if number >= last:
                    break
            if self.told != self.queue.dropped:
                self.told = self.queue.dropped
                client.publish(self.topic + b"/dropped", b"%d" % self.told, True, 1)
        finally:
            self.queue.acknowledge(done)
