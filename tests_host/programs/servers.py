"""The program as a server: a TCP LISTENER with all the clients it can have, a UDP SERVICE.

The clients are the test's own sockets: end_to_end_clients.py, asked for in the first line to the
TCP peer."""

import errno
import time

import facts
from scenario import HOST, LIMIT, digest, failing, main, noise, online, peer, same


def _listener(nic, port, *backlog):
    if "nat" in facts.of(nic)["settings"]:
        nic.config(nat=1)  # RM500U 2.3.7, note 3
    server = nic.socket()
    server.bind(("", port))
    server.listen(*backlog)
    return server


def _ask(nic, port, *words):
    # Before the program listens: the clients try until it does, so that this connection is no
    # more and takes no client's number.
    peer(nic, port, *words).close()


def _accept(server, clients):
    try:
        client, address = server.accept()
    except OSError as e:
        if e.args[0] != errno.EAGAIN:
            raise
        return False
    same(address[0], HOST, "the client's address")
    client.setblocking(False)
    clients.append(client)
    return True


def _echo(client, buf, view):
    # The number of bytes that came and went back, None if there are none now.
    try:
        count = client.recv_into(buf)
    except OSError as e:
        if e.args[0] != errno.EAGAIN:
            raise
        return None
    if count:
        client.setblocking(True)
        client.sendall(view[:count])
        client.setblocking(False)
    return count


def _serve(server, count):
    # Accept `count` clients, echo to all, until the last of them has gone; most at once.
    buf = bytearray(2048)
    view = memoryview(buf)
    clients = []
    gone = most = 0
    server.setblocking(False)
    while gone < count:
        moved = _accept(server, clients)
        most = max(most, len(clients))
        for client in clients[:]:
            got = _echo(client, buf, view)
            if got == 0:
                client.setblocking(True)
                client.close()
                clients.remove(client)
                gone += 1
            moved = moved or got is not None
        if not moved:
            time.sleep_ms(1)
    return most


def listener(port, own, clients, size):
    """As many clients as there can be, and one more; then the same again on the same port."""
    nic = online()
    same(clients, facts.of(nic)["clients"], "clients")
    for _ in range(2):
        _ask(nic, port, "visit", own, clients, size)
        server = _listener(nic, own)
        same(_serve(server, clients), clients, "at once")
        same(server.refused, 1, "refused")
        server.close()
        same(nic.netstat(), [], "connections after the end")


def limited(port, own, clients, size):
    """QIOPEN's number of clients: one more is turned away, though there are connectIDs."""
    nic = online()
    _ask(nic, port, "visit", own, clients, size)
    server = _listener(nic, own, clients)
    same(_serve(server, clients), clients, "at once")
    same(server.refused, 1, "refused")
    server.close()


def barred(own):
    """RM500U 2.3.7, note 3: listen says why nobody would come; a second listener on the port."""
    nic = online()
    server = nic.socket()
    server.bind(("", own))
    assert "nat=1" in str(failing("ENETUNREACH", server.listen))
    nic.config(nat=1)
    server.listen()
    second = nic.socket()
    second.bind(("", own))
    failing("EADDRINUSE", second.listen)
    server.close()
    same(nic.netstat(), [], "connections after the end")


def table(port, own):
    """What AT+QISTATE tells of a listener and of who came in."""
    nic = online()
    fact = facts.of(nic)
    _ask(nic, port, "ring", own, 1)
    server = _listener(nic, own)
    client, address = server.accept()
    rows = {row.service: row for row in nic.netstat()}
    same(sorted(rows), ["TCP INCOMING", "TCP LISTENER"], "services")
    row = rows["TCP LISTENER"]
    same((row.local_port, row.state), (own, fact["listening"]), "the listener")
    listener_id = row.id
    row = rows["TCP INCOMING"]
    same((row.address, row.remote_port), address, "the client's address")
    same((row.local_port, row.state), (own, "connected"), "the client")
    same(row.server, listener_id if fact["server"] else None, "the client's listener")
    client.close()
    server.close()


def transparent(port, own, count):
    """An accepted connection in transparent mode, and in buffer mode again."""
    nic = online()
    _ask(nic, port, "ring", own, count)
    server = _listener(nic, own)
    client, _ = server.accept()
    data = bytes(noise(count, 6))
    with client.transparent() as raw:
        same(raw.read(5), b"hello", "greeting")
        raw.write(data)
        same(raw.read(count) == data, True, "the bytes that came back")
    client.sendall(b"in buffer mode\n")
    same(client.readline(), b"in buffer mode\n", "buffer mode")
    client.close()
    server.close()


def direct(own, clients, count):
    """A listener whose clients have the line from their first byte, one after the other."""
    nic = online()
    data = bytes(noise(count, 7))
    server = _direct_listener(nic, own)
    for _ in range(clients):
        failing("EBUSY", nic.error)
        client, address = server.accept()
        same(address[0], HOST, "the client's address")
        with client.transparent() as raw:
            same(raw.read(5), b"hello", "greeting")
            raw.write(data)
            same(raw.read(count) == data, True, "the bytes that came back")
            failing("EBUSY", server.accept)
        client.sendall(b"in buffer mode\n")
        same(client.readline(), b"in buffer mode\n", "buffer mode")
        client.close()
    server.close()
    same(nic.netstat(), [], "connections after the end")


def _direct_listener(nic, port):
    from quectel.modes import direct

    server = nic.socket()
    server.bind(("", port))
    direct.listen(server)
    return server


def gone(own):
    """A client of such a listener that says much and goes; prints the digest of what it said."""
    nic = online()
    server = _direct_listener(nic, own)
    client, _ = server.accept()
    with client.transparent() as raw:
        data = raw.read()
    client.close()
    server.close()
    same(nic.netstat(), [], "connections after the end")
    print(digest(data))


def unwanted(own):
    """Such a listener is closed when a client has come that nobody accepts."""
    nic = online()
    server = _direct_listener(nic, own)
    while not server.ioctl(3, 1):
        time.sleep_ms(1)
    server.close()
    same(nic.netstat(), [], "connections after the end")


def none(own):
    """A document without TCP LISTENER, or without UDP SERVICE."""
    nic = online()
    fact = facts.of(nic)
    server = nic.socket()
    server.bind(("", own))
    if not fact["clients"]:
        e = failing("EOPNOTSUPP", server.listen)
        assert "TCP LISTENER" in str(e), e
    server.close()
    if not fact["service"]:
        s = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
        s.bind(("", own))
        same(nic.netstat(), [], "connections")
        s.close()


def service(port, own, count, mode):
    """A UDP SERVICE with two peers: each gets its own back, from the port that it called."""
    nic = online()
    s = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
    if mode == "push":
        s.setsockopt(nic.SOL_SOCKET, nic.SO_RCVBUF, 4096)
        s.setsockopt(nic.SOL_QUECTEL, nic.ACCESS_MODE, nic.PUSH)
    s.bind(("", own))
    control = peer(nic, port, "call", own, count)
    ports = [int(word) for word in control.readline().split()]
    control.write(b"go\n")
    seen = dict.fromkeys(ports, 0)
    s.settimeout(LIMIT)
    for _ in range(2 * count):
        data, sender = s.recvfrom(2000)
        same(sender[0], HOST, "the sender's address")
        seen[sender[1]] += 1
        same(s.sendto(data, sender), len(data), "sendto")
    same(sorted(seen.items()), sorted((number, count) for number in ports), "by sender")
    same(s.lost, 0, "lost")
    (row,) = [row for row in nic.netstat() if row.service == "UDP SERVICE"]
    same((row.local_port, row.state), (own, "connected"), "the service")
    control.close()
    s.close()


if __name__ == "__main__":
    main(globals())
