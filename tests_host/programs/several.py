"""Several sockets at once."""

from scenario import HOST, failing, main, noise, online, peer, same


def apart(port, udp_port):
    """Two TCP sockets and one UDP, their traffic mixed: each gets its own bytes."""
    nic = online()
    sockets = [peer(nic, port, "echo"), peer(nic, port, "echo")]
    u = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
    u.connect((HOST, udp_port))
    out = [bytes(noise(40000, 10)), bytes(noise(40000, 11))]
    back = [bytearray(), bytearray()]
    sent = [0, 0]
    step = 0
    while min(sent) < 40000:
        for i in (0, 1):
            size = 1 + (step * 37 + i * 701) % 1700
            sent[i] += sockets[i].send(out[i][sent[i] : sent[i] + size])
        datagram = bytes(noise(1 + step % 200, step))
        u.send(datagram)
        for i in (1, 0):
            want = min(len(back[i]) + 900, sent[i]) - len(back[i])
            back[i] += sockets[i].read(want)
        same(u.recv(500), datagram, "datagram")
        step += 1
    for i in (0, 1):
        back[i] += sockets[i].read(40000 - len(back[i]))
        same(back[i] == out[i], True, "socket %d" % i)
    # One waits in vain while the other has data: neither steals nor blocks.
    sockets[0].sendall(b"only here")
    sockets[1].settimeout(0.1)
    failing("ETIMEDOUT", sockets[1].recv, 100)
    same(sockets[0].read(9), b"only here", "the other")
    # A reader that gave up in the middle of a wait leaves the line in order.
    sockets[1].settimeout(None)
    sockets[1].sendall(b"and here")
    same(sockets[1].read(8), b"and here", "again")
    for s in sockets + [u]:
        s.close()


def twelve(port):
    """As many as the module has; one more is refused clearly; a closed one makes room."""
    nic = online()
    sockets = [peer(nic, port, "echo") for _ in range(12)]

    def one_more():
        s = nic.socket()
        s.connect((HOST, port))

    def check_all():
        for i in range(len(sockets)):
            sockets[i].send(b"socket %d" % i)
        for i in range(len(sockets) - 1, -1, -1):
            want = b"socket %d" % i
            same(sockets[i].read(len(want)), want, "socket %d" % i)

    check_all()
    e = failing("ENOBUFS", one_more)
    assert "12" in str(e), e
    check_all()
    for i in (5, 0, 11):
        sockets[i].close()
        sockets[i] = peer(nic, port, "echo")
        check_all()
        failing("ENOBUFS", one_more)
    # A socket that was never connected holds no number.
    sockets[3].close()
    idle = [nic.socket() for _ in range(20)]
    sockets[3] = peer(nic, port, "echo")
    check_all()
    for s in idle + sockets:
        s.close()
    sockets = [peer(nic, port, "echo") for _ in range(12)]
    check_all()
    for s in sockets:
        s.close()


def many(port):
    """Opened and closed again and again: no number is lost on the way."""
    nic = online()
    for i in range(40):
        s = peer(nic, port, "source", 100 + i, i)
        if i % 3:
            same(len(s.read()), 100 + i, "page")
        s.close()
        s.close()


if __name__ == "__main__":
    main(globals())
