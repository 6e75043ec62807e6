"""Data and answers in every form that the module's document has: an echo must not notice."""

from scenario import main, noise, online, peer, same


def _echo(s, data):
    back = bytearray(len(data))
    s.sendall(data)
    same(s.readinto(back), len(data), "back")
    if back != data:
        raise AssertionError("other bytes came back")


def every(port, *settings):
    """Words as dataformat=0,1: each is set in turn and stays, while one socket is open and
    another is opened and closed."""
    nic = online()
    data = noise(3000, 7) + b'\r\nOK\r\n> \r\n+QIURC: "closed",0\r\n\r\nSEND OK\r\n'
    s = peer(nic, port, "echo")
    for setting in settings:
        key, _, text = setting.partition("=")
        values = tuple(int(word) for word in text.split(","))
        nic.config(**{key: values if len(values) > 1 else values[0]})
        _echo(s, data)
        other = peer(nic, port, "echo")
        _echo(other, data)
        other.close()
    s.close()


if __name__ == "__main__":
    main(globals())
