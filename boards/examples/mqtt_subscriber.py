"""Print what others publish over MQTT.

    mqtt_subscriber.py [BROKER [PORT [TOPIC [COUNT]]]]

COUNT 0, as without it: for ever. Wants umqtt.simple: see README.md.
"""

import errno

import quectel
from online import argument, online

BROKER = argument(1, "broker.example")
PORT = int(argument(2, "1883"))
TOPIC = argument(3, "quectel/#")
COUNT = int(argument(4, "0"))
KEEPALIVE = 60  # seconds: a client that was silent for longer is dead to the broker

received = 0


def on_message(topic: bytes, message: bytes):
    global received
    received += 1
    print(topic.decode(), message.decode())


def main():
    nic = online()
    quectel.install(nic)
    from umqtt.simple import MQTTClient

    client = MQTTClient("reader-" + nic.config("imei"), BROKER, PORT, keepalive=KEEPALIVE)
    client.set_callback(on_message)
    client.connect()
    client.sock.settimeout(KEEPALIVE)
    client.subscribe(TOPIC.encode())
    print("subscribed to", TOPIC)
    while received < COUNT or not COUNT:
        # wait_msg takes the time-out off again as soon as a message begins.
        client.sock.settimeout(KEEPALIVE / 2)
        try:
            client.wait_msg()
        except OSError as e:
            if e.args[0] != errno.ETIMEDOUT:
                raise
            client.ping()
    client.disconnect()


main()
