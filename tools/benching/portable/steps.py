# What the figures of heap, memory and processor are measured on: done once with the virtual
# module, for the recording, then on MicroPython with that.

_ADDRESS = ("192.0.2.2", 80)
_PORT = 2020
_TIMES = 4  # how often each step is measured, after one that is not
_POLL = 3
_POLLIN = 1
_POLLOUT = 4


class World:
    """What happens outside: the peer and the time."""

    def say(self, count, number=-1):
        """The peer of the last connection, or of connection `number`, sends so many bytes."""

    def client(self, port):
        """Somebody connects to a listener."""

    def datagram(self, count):
        """A datagram comes for every datagram socket."""

    def close(self):
        """The peer closes."""

    def rest(self, ms):
        """Time passes."""


class Measure:
    """Does what it is asked to measure."""

    def step(self, name, function, a, b):
        """Call `function(a, b)`."""
        function(a, b)

    def steady(self, name, prepare, function, a, b):
        """Measure `function(a, b)` some times, after `prepare()` each time."""
        for turn in range(_TIMES + 1):
            if prepare is not None:
                prepare()
            if turn:
                self.step(name, function, a, b)
            else:
                function(a, b)


def noise(count):
    """So many bytes, with line ends so that there are lines."""
    return bytes(10 if i % 50 == 49 else 97 + i * 7 % 26 for i in range(count))


def _look(nic):
    # URCs that came are read.
    for _ in range(3):
        nic.poll()


def _poll(nic, _):
    nic.poll()


def _send(s, block):
    s.send(block)


def _sendall(s, block):
    s.sendall(block)


def _write(s, block):
    s.write(block)


def _recv_into(s, buf):
    s.recv_into(buf)


def _readinto(s, buf):
    s.readinto(buf)


def _recv(s, count):
    s.recv(count)


def _read(s, count):
    s.read(count)


def _readline(s, _):
    s.readline()


def _ioctl(s, flags):
    s.ioctl(_POLL, flags)


def _again(s, buf):
    try:
        s.recv_into(buf)
    except OSError:
        pass


def _drain(nic, s, buf):
    # All that came is read, and the module has said so.
    s.setblocking(False)
    for _ in range(8):
        _again(s, buf)
    s.setblocking(True)


def tcp(nic, world, measure):
    """The calls of a TCP connection in its steady state."""
    s = nic.socket()
    s.connect(_ADDRESS)
    thousand = bytearray(1000)
    ten = bytearray(10)
    spare = bytearray(1500)

    def say(count):
        _drain(nic, s, spare)
        world.say(count)
        _look(nic)

    def thousand_come():
        say(1000)

    def some_come():
        say(100)

    def urc_comes():
        _drain(nic, s, spare)
        world.say(100)

    measure.steady("poll, nothing happens", None, _poll, nic, None)
    measure.steady("poll, a recv URC comes", urc_comes, _poll, nic, None)
    measure.steady("send, 1000 bytes", None, _send, s, thousand)
    measure.steady("send, 10 bytes", None, _send, s, ten)
    measure.steady("write, 1000 bytes", None, _write, s, thousand)
    measure.steady("sendall, 1000 bytes", None, _sendall, s, thousand)
    measure.steady("recv_into, 1000 bytes", thousand_come, _recv_into, s, thousand)
    measure.steady("readinto, 1000 bytes", thousand_come, _readinto, s, thousand)
    measure.steady("recv_into, 10 bytes", some_come, _recv_into, s, ten)
    measure.steady("readinto, 10 bytes", some_come, _readinto, s, ten)
    measure.steady("recv(100)", some_come, _recv, s, 100)
    measure.steady("read(100)", some_come, _read, s, 100)
    measure.steady("readline, 50 bytes", some_come, _readline, s, None)
    _drain(nic, s, spare)
    s.setblocking(False)
    measure.steady("ioctl POLL", None, _ioctl, s, _POLLIN | _POLLOUT)
    measure.steady("recv_into, EAGAIN", None, _again, s, ten)

    def settle():
        while not s.ioctl(_POLL, _POLLOUT) & _POLLOUT:
            pass

    measure.steady("send, non-blocking", settle, _send, s, thousand)
    settle()
    s.setblocking(True)
    s.close()


def _connect(nic, sockets):
    s = nic.socket()
    s.connect(_ADDRESS)
    sockets.append(s)


def _close(sockets, _):
    sockets[0].close()


def ends(nic, world, measure):
    """How connections begin and end."""
    sockets = []

    def ready():
        if sockets:
            sockets.pop(0)

    def opened():
        sockets[:] = []
        _connect(nic, sockets)

    def closed():
        if sockets:
            sockets.pop(0).close()

    measure.steady("socket, connect", closed, _connect, nic, sockets)
    closed()
    measure.steady("close", opened, _close, sockets, None)

    def peer_closes():
        closed()
        opened()
        world.close()

    measure.steady("poll, a closed URC comes", peer_closes, _poll, nic, None)
    closed()


def _accept(s, clients):
    clients.append(s.accept()[0])


def server(nic, world, measure):
    """Clients that come to a listener."""
    clients = [None]
    s = nic.socket()
    s.bind(("", _PORT))
    s.listen()

    def comes():
        if clients[-1] is not None:
            clients.pop().close()
        clients[:] = [None]
        world.client(_PORT)
        _look(nic)

    measure.steady("accept", comes, _accept, s, clients)
    clients.pop().close()
    s.close()


def _sendto(s, data):
    s.sendto(data, _ADDRESS)


def _recvfrom(s, count):
    s.recvfrom(count)


def udp(nic, world, measure):
    """Datagrams."""
    s = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
    s.connect(_ADDRESS)
    data = bytearray(200)
    buf = bytearray(1500)

    def comes():
        world.datagram(200)
        _look(nic)

    measure.steady("sendto, 200 bytes", None, _sendto, s, data)
    measure.steady("recv_into, a datagram of 200", comes, _recv_into, s, buf)
    measure.steady("recvfrom, a datagram of 200", comes, _recvfrom, s, 200)
    s.close()


def sockets(nic, world):
    """As many TCP sockets as the module has, each with its buffer for received bytes in use, and
    the interface's for bytes to be sent. A generator of the moments to look at the heap."""
    opened = []
    ten = bytearray(10)
    most = nic.dialect.SOCKETS
    while len(opened) < most:
        _connect(nic, opened)
        s = opened[-1]
        if len(opened) == 1:
            yield "1 socket, connected"
        world.say(10)
        _look(nic)
        s.readinto(ten)
        s.setblocking(False)
        s.send(ten)
        while not s.ioctl(_POLL, _POLLOUT) & _POLLOUT:
            pass
        s.setblocking(True)
        if len(opened) in (1, 2, most):
            yield "%d in use" % len(opened)
    for s in opened:
        s.close()


def bulk_up(nic, world, count):
    """So many sends of the largest size."""
    s = nic.socket()
    s.connect(_ADDRESS)
    block = bytearray(nic.dialect.SEND_MAX)
    for _ in range(count):
        s.send(block)


def bulk_down(nic, world, count):
    """So many reads of the largest size."""
    s = nic.socket()
    s.connect(_ADDRESS)
    buf = bytearray(nic.dialect.READ_MAX)
    for _ in range(count):
        world.say(len(buf))
        _look(nic)
        s.recv_into(buf)
