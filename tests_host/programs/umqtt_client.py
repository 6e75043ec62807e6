"""umqtt.simple and umqtt.robust, as their packages have them, over the driver's sockets."""

import quectel
from scenario import HOST, main, online, same

_BROKER = "broker.example"


def _install():
    nic = online()
    quectel.install(nic)
    return nic


def _simple(name, got, **options):
    """A connected umqtt.simple that keeps what it receives in `got`."""
    from umqtt.simple import MQTTClient

    client = MQTTClient(name, _BROKER, **options)
    client.set_callback(lambda topic, message: got.append((topic, message)))
    client.connect()
    return client


def _receive(client, got, count):
    """Wait until so many messages have come; return and forget them."""
    while len(got) < count:
        client.wait_msg()
    come = got[:]
    got.clear()
    return come


def talk(qos):
    """Subscribe and publish with this quality of service, short messages and long ones."""
    _install()
    got = []
    client = _simple("one", got)
    client.subscribe(b"to/one", qos)
    for size in (0, 1, 100, 1460, 5000):
        message = bytes([i * 7 & 255 for i in range(size)])
        client.publish(b"to/one", message, qos=qos)
        same(_receive(client, got, 1), [(b"to/one", message)], size)
    client.disconnect()


def several(qos):
    """Two clients at once; several messages that come in one piece; a message that was kept."""
    _install()
    got, others = [], []
    one = _simple("one", got, keepalive=300)
    two = _simple("two", others)
    one.subscribe(b"to/one", qos)
    for i in range(10):
        two.publish(b"to/one", b"message %d" % i, qos=qos)
    wanted = [(b"to/one", b"message %d" % i) for i in range(10)]
    same(_receive(one, got, 10), wanted, "in order")
    one.publish(b"kept", b"for those who come later", retain=True, qos=qos)
    # What one wants the broker to do is done once it has answered.
    one.publish(b"done", b"", qos=1)
    two.subscribe(b"kept")
    same(_receive(two, others, 1), [(b"kept", b"for those who come later")], "kept")
    one.disconnect()
    two.disconnect()


def idle():
    """check_msg returns when nothing has come; ping is answered; then what comes is found."""
    _install()
    got = []
    client = _simple("one", got)
    client.subscribe(b"to/one")
    for _ in range(50):
        same(client.check_msg(), None, "nothing")
    client.ping()
    # The answer is the next thing that comes, and is no message.
    same(client.wait_msg(), None, "PINGRESP")
    for i in range(20):
        client.publish(b"to/one", b"%d" % i)
        while not got:
            client.check_msg()
        same(got.pop(), (b"to/one", b"%d" % i), "message")
    client.disconnect()


def will():
    """The last will of a client that breaks off reaches another one."""
    _install()
    got = []
    watcher = _simple("watcher", got)
    watcher.subscribe(b"wills")

    from umqtt.simple import MQTTClient

    mortal = MQTTClient("mortal", _BROKER)
    mortal.set_last_will(b"wills", b"all to the cat")
    mortal.connect()
    mortal.sock.close()
    same(_receive(watcher, got, 1), [(b"wills", b"all to the cat")], "will")
    watcher.disconnect()


def _tell(nic, port, word):
    """Have the test do something to the broker, and wait until it is done."""
    s = nic.socket()
    s.connect((HOST, port))
    s.write(word + "\n")
    same(s.readline(), b"done\n", word)
    s.close()


def _robust(nic, port, got, on_return):
    """A umqtt.robust with a subscription. It tries to come back while the broker is down, so
    often that sockets which were forgotten would be too many; then the broker is started."""
    from umqtt.robust import MQTTClient

    class Client(MQTTClient):
        DELAY = 0
        failed = 0

        def log(self, in_reconnect, e):
            self.failed += 1
            if self.failed == 20:
                _tell(nic, port, "start")
                on_return()

    client = Client("robust", _BROKER)
    client.set_callback(lambda topic, message: got.append((topic, message)))
    client.connect(clean_session=False)
    client.subscribe(b"to/robust", 1)
    client.publish(b"to/robust", b"before", qos=1)
    same(_receive(client, got, 1), [(b"to/robust", b"before")], "before")
    return client


def waiting(port):
    """The broker is restarted while umqtt.robust waits for a message."""
    nic = _install()
    got = []

    def on_return():
        second = _simple("second", [])
        second.publish(b"to/robust", b"while away", qos=1)
        second.disconnect()

    client = _robust(nic, port, got, on_return)
    _tell(nic, port, "stop")
    same(_receive(client, got, 1), [(b"to/robust", b"while away")], "after")
    assert client.failed >= 20, client.failed
    client.disconnect()


def publishing(port):
    """The broker is restarted while umqtt.robust publishes."""
    nic = _install()
    got = []
    client = _robust(nic, port, got, lambda: None)
    _tell(nic, port, "stop")
    # As with a kernel's socket, the first writes may find nobody and not know it yet.
    while not client.failed:
        client.publish(b"to/robust", b"again")
    same(_receive(client, got, 1), [(b"to/robust", b"again")], "after")
    assert client.failed >= 20, client.failed
    client.disconnect()


if __name__ == "__main__":
    main(globals())
