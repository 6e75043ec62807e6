"""UDP against a server that sends every datagram back."""

from scenario import HOST, failing, main, noise, online, same


def _udp(port, **options):
    nic = online(**options)
    s = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
    s.connect((HOST, port))
    return s


def lengths(port):
    """Every length that there is, each equal on its return and alone in its recv."""
    s = _udp(port)
    data = noise(1460 * 2, 3)
    for n in range(1, 1461):
        datagram = bytes(data[n : 2 * n])
        same(s.send(datagram), n, "send")
        back = s.recv(2000)
        if back != datagram:
            raise AssertionError("of %d bytes %d came back" % (n, len(back)))
    s.close()


def methods(port):
    """Each method that sends with each that receives; a datagram is never merged or split."""
    nic = online()
    s = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
    data = bytes(noise(1000, 4))
    buf = bytearray(1500)
    same(s.sendto(data, (HOST, port)), 1000, "sendto")
    back, sender = s.recvfrom(1500)
    same((back == data, sender[1]), (True, port), "recvfrom")
    same(s.write(data), 1000, "write")
    same(s.recv_into(buf), 1000, "recv_into")
    same(bytes(buf[:1000]), data)
    same(s.write(data, 500), 500, "write(buf, n)")
    same(s.readinto(buf), 500, "readinto")
    same(bytes(buf[:500]), data[:500])
    same(s.write(data, 400, 600), 600, "write(buf, off, n)")
    same(s.recv(1500), data[400:], "recv")
    s.send("text")
    same(s.recv(1500), b"text", "a str")
    s.close()


def queued(port):
    """Several that wait in the module: one for each recv, in order, whatever their lengths."""
    s = _udp(port)
    sizes = (1, 1460, 4, 1459, 128, 256, 1, 1024, 1460, 1460)
    sent = [bytes(noise(n, n)) for n in sizes]
    for datagram in sent:
        s.send(datagram)
    for datagram in sent:
        back = s.recv(1500)
        same(len(back), len(datagram), "length")
        same(back == datagram, True, "bytes")
    s.settimeout(0.1)
    failing("ETIMEDOUT", s.recv, 1500)
    s.close()


def short(port):
    """What a recv has no room for is gone; the next recv gets the next datagram."""
    s = _udp(port)
    first = bytes(noise(1460, 8))
    buf = bytearray(30)

    def recv():
        return s.recv(30)

    def recv_into():
        return bytes(buf[: s.recv_into(buf)])

    def recv_into_count():
        whole = bytearray(100)
        return bytes(whole[: s.recv_into(whole, 30)])

    def readinto():
        return bytes(buf[: s.readinto(buf)])

    for receive in (recv, recv_into, recv_into_count, readinto):
        for size in (31, 100, 256, 300, 1460):
            s.send(first[:size])
            s.send(b"next")
            same(receive(), first[:30], "the front of %d bytes" % size)
            same(receive(), b"next", "after %d bytes" % size)
    s.close()


def ranges(port):
    """A length that cannot be sent is refused by name, and nothing goes out."""
    s = _udp(port)
    for wrong in (b"", bytes(1461), bytes(3000)):
        for call in (s.send, s.write, s.sendall, lambda data: s.sendto(data, (HOST, port))):
            error = failing("EMSGSIZE" if wrong else "EOPNOTSUPP", call, wrong)
            assert "1460" in error.args[1] or not wrong, error
    s.send(b"after")
    same(s.recv(100), b"after", "the first that came back")
    s.close()


def small_uart(port):
    """A UART that holds less than a datagram: it takes several reads, and is still one."""
    s = _udp(port, rxbuf=256)
    chunk = 256
    sizes = [n for k in (1, 2, 3) for n in range(k * chunk - 70, k * chunk + 2)]
    sizes += [1460, 1460, 1, 1460]
    for n in sizes:
        first, second = bytes(noise(n, n)), bytes(noise(n, n + 1))
        s.send(first)
        s.send(second)
        same(s.recv(1500) == first, True, "first of %d bytes" % n)
        same(s.recv(1500) == second, True, "second of %d bytes" % n)
    s.close()


if __name__ == "__main__":
    main(globals())
