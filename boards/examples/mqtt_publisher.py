"""Publish the signal strength over MQTT, again and again.

    mqtt_publisher.py [BROKER [PORT [TOPIC [COUNT [SECONDS]]]]]

COUNT 0, as without it: for ever. Wants umqtt.simple: see README.md.
"""

import time

import quectel
from online import argument, online

BROKER = argument(1, "broker.example")
PORT = int(argument(2, "1883"))
TOPIC = argument(3, "quectel/rssi")
COUNT = int(argument(4, "0"))
SECONDS = float(argument(5, "10"))


def main():
    nic = online()
    quectel.install(nic)
    from umqtt.simple import MQTTClient

    # No two clients of a broker may have the same name.
    client = MQTTClient("quectel-" + nic.config("imei"), BROKER, PORT, keepalive=60)
    client.connect()
    client.sock.settimeout(60)  # a broker that says nothing more ends the program
    number = 0
    while number < COUNT or not COUNT:
        if number:
            time.sleep(SECONDS)
        number += 1
        message = "%d %s" % (number, nic.status("rssi"))
        client.publish(TOPIC.encode(), message.encode(), qos=1)
        # With qos 1 publish returns only when the broker has the message.
        print("published", message)
    client.disconnect()


main()
