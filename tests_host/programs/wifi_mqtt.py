"""mqtt_async, as its package has it: a program that finds its network by network.WLAN()."""

import asyncio
import sys

import board
import quectel
from scenario import main, same


class _Machine:
    # The unix port's `machine` has no such call.
    @staticmethod
    def unique_id():
        return b"wifi"


def messages(count):
    """It activates and connects the interface by itself, subscribes, publishes, and comes back
    when the interface was disconnected."""
    sys.modules["machine"] = _Machine
    nic = board.modem()
    nic.config(apn="internet")
    quectel.install(nic, network=True)

    import network
    from mqtt_async import MQTTClient, config

    got = []
    config.server = "broker.example"
    config.ssid, config.wifi_pw = "a network at home", "its secret"
    config.response_time = 600  # seconds: ends only what hangs
    config.subs_cb = lambda topic, message, *rest: got.append((topic, bytes(message)))
    client = MQTTClient(config)

    async def echo(message, qos):
        await client.publish(b"echo", message, qos=qos)
        while not got:
            await asyncio.sleep_ms(1)
        same(got.pop(), (b"echo", message), len(message))

    async def work():
        await client.connect()
        same(network.WLAN().status(), network.STAT_GOT_IP, "status")
        await client.subscribe("echo", 1)
        for number in range(count):
            await echo(bytes([number]) * (number * 300), number & 1)
        nic.disconnect()
        await echo(b"after the network was away", 1)
        same(network.WLAN().isconnected(), True, "connected")
        await client.disconnect()

    asyncio.run(work())


if __name__ == "__main__":
    main(globals())
