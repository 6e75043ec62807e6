"""What the module and its network do to a program: restarts, lost contexts, silence."""

import time

import board
import quectel
from scenario import HOST, LIMIT, attach, digest, failing, main, noise, online, peer, same

_ABORTED = "ECONNABORTED"


def _check_failed(s, names=_ABORTED):
    """Every method of a socket of an epoch that is over."""
    buf = bytearray(10)
    for call in (
        (s.read, 10),
        (s.read,),
        (s.readinto, buf),
        (s.readline,),
        (s.recv, 10),
        (s.recv_into, buf),
        (s.recvfrom, 10),
        (s.write, b"x"),
        (s.send, b"x"),
        (s.sendall, b"x"),
    ):
        failing(names, *call)
    flags = s.ioctl(3, 1 | 4)
    assert flags & (8 | 16), flags


def _echo(s, text=b"hello"):
    s.sendall(text)
    same(s.read(len(text)), text, "echo")


def _sockets(nic, port, udp_port):
    u = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
    u.connect((HOST, udp_port))
    u.send(b"x")
    nonblocking = peer(nic, port, "echo")
    nonblocking.setblocking(False)
    timed = peer(nic, port, "source", 5000, 1)
    timed.settimeout(LIMIT)
    timed.read(10)
    return [peer(nic, port, "echo"), u, nonblocking, timed]


def _check_epoch_over(nic, port, sockets):
    for s in sockets:
        _check_failed(s)
    failing("ENETUNREACH ECONNABORTED", nic.socket().connect, (HOST, port))
    attach(nic)
    same(nic.isconnected(), True, "isconnected")
    new = [peer(nic, port, "echo") for _ in range(4)]
    for s in sockets:
        _check_failed(s)
        s.close()
        s.close()
        failing("EBADF", s.read, 1)
    # The new ones have the old ones' numbers, and closing those is none of their business.
    for s in new:
        _echo(s)
        s.close()


def restarted(port, udp_port):
    """The module restarts: every socket fails, connect() brings the interface back."""
    nic = online()
    for _ in range(2):
        sockets = _sockets(nic, port, udp_port)
        nic.command("AT+CFUN=1,1")
        while nic.isconnected():
            pass
        _check_epoch_over(nic, port, sockets)


def deactivated(port, udp_port):
    """The network takes the context away, as the peer is told to make it: the same."""
    nic = online()
    sockets = _sockets(nic, port, udp_port)
    s = nic.socket()
    s.connect((HOST, port))
    s.setblocking(False)  # whether the module answers this is left open
    s.write(b"away\n")
    failing(_ABORTED, sockets[0].recv, 10)
    same(nic.isconnected(), False, "isconnected")
    _check_epoch_over(nic, port, sockets)


def asked_to_restart(port, after=0):
    """The program restarts the module, `after` s later."""
    nic = online()
    nic.BOOT_MS = 8000  # the virtual module's is shorter
    s = peer(nic, port, "echo")
    _echo(s)
    time.sleep(after)
    nic.reset()
    failing(_ABORTED, s.read, 1)
    s.close()
    attach(nic)
    s = peer(nic, port, "echo")
    _echo(s)
    s.close()


def restarted_reading(port, count):
    """A restart in the middle of a transfer: what came before it is right, then an error."""
    nic = online()
    s = peer(nic, port, "source", count, 77)
    got = bytearray()
    buf = bytearray(4096)
    while True:
        try:
            n = s.recv_into(buf)
        except OSError as e:
            failing(_ABORTED, s.recv, 10)
            same(e.args[0], 103, "errno")
            break
        assert n, "an end of file that the peer did not send"
        got += buf[:n]
    print(len(got), digest(got))
    same(nic.isconnected(), False, "isconnected")
    attach(nic)
    print(digest(peer(nic, port, "source", count, 77).read()))


def restarted_sending(port, count):
    """A restart in the middle of sending: an error, and nothing is sent again."""
    nic = online()
    s = peer(nic, port, "gather")
    data = noise(count, 3)
    sent = 0
    try:
        while sent < count:
            sent += s.send(data[sent : sent + 4000])
    except OSError as e:
        same(e.args[0], 103, "errno")
    assert sent < count, "the module never restarted"
    _check_failed(s)
    attach(nic)
    s = peer(nic, port, "sink", count)
    s.sendall(data)
    same(s.readline().decode().strip(), digest(data), "the second time")
    s.close()


def comes_through(port, count):
    """Whatever happens on the way up or later: trying again leads to the whole transfer."""
    nic = quectel.BG95S5(board.uart())
    for _ in range(6):
        try:
            nic.active(True)
            attach(nic)
            s = peer(nic, port, "echo")
            data = noise(count, 4)
            s.sendall(data)
            same(s.read(count) == data, True, "echo")
            s.close()
            return
        except OSError as e:
            print("again:", e)
    raise AssertionError("not in six attempts")


def silent_reading(port, count):
    """The module falls silent while it is read from: an error after READ_MS, and no hang."""
    nic = online()
    nic.dialect.READ_MS = 300
    s = peer(nic, port, "source", count, 77)
    got = bytearray()
    try:
        while len(got) < count:
            got += s.recv(1000)
    except OSError as e:
        same(e.args[0], 103, "errno")
    assert len(got) < count, "the module was never silent"
    _check_failed(s)
    print(len(got), digest(got))
    s.close()


def silent_sending(port, count):
    """The module falls silent for a while in a send: unknown, so an error; then it is back."""
    nic = online()
    patience = nic.dialect.SEND_MS
    nic.dialect.SEND_MS = 300
    nic.dialect.SILENCE_MS = 20000
    s = peer(nic, port, "gather")
    data = noise(count, 3)
    sent = 0
    try:
        while sent < count:
            sent += s.send(data[sent : sent + 1000])
    except OSError as e:
        same(e.args[0], 103, "errno")
    assert sent < count, "the module was never silent"
    _check_failed(s)
    s.close()
    nic.dialect.SEND_MS = patience
    _try_echo(nic, port)


def _try_echo(nic, port):
    for _ in range(10):
        try:
            s = peer(nic, port, "echo")
            _echo(s)
            s.close()
            return
        except OSError as e:
            print("again:", e)
    raise AssertionError("not in ten attempts")


def _connect_fails(nic):
    nic.connect("internet")
    while nic.status() == nic.STAT_CONNECTING:
        time.sleep_ms(1)
    same(nic.isconnected(), False, "isconnected")
    return nic.status("error")


def no_sim():
    """No SIM: a status of its own and an error."""
    nic = quectel.BG95S5(board.uart())
    nic.dialect.SIM_MS = 200
    nic.active(True)
    for _ in range(2):
        e = _connect_fails(nic)
        same(nic.status(), nic.STAT_NO_SIM, "status")
        assert isinstance(e, OSError) and "SIM" in str(e), e


def no_coverage():
    """No network: a status and an error."""
    nic = quectel.BG95S5(board.uart())
    nic.dialect.REGISTRATION_MS = 200
    nic.active(True)
    for _ in range(2):
        e = _connect_fails(nic)
        same(nic.status(), nic.STAT_CONNECT_FAIL, "status")
        assert isinstance(e, OSError), e
        failing("ENETUNREACH", nic.socket().connect, (HOST, 9))


def coverage_comes(port):
    """The network comes later: connect() goes on until it is there."""
    nic = online()
    s = peer(nic, port, "echo")
    _echo(s)
    s.close()


def mute():
    """Nobody answers: ETIMEDOUT."""
    nic = quectel.BG95S5(board.uart())
    type(nic).BOOT_MS = 300
    failing("ETIMEDOUT", nic.active, True)
    same(nic.active(), False, "active")
    same(nic.isconnected(), False, "isconnected")


def rounds(port, count):
    """A question and an answer, again and again; blocking, then with poll."""
    s = peer(online(), port, "echo")
    for i in range(count):
        text = b"question %d" % i
        s.sendall(text)
        same(s.read(len(text)), text, "answer")
    s.setblocking(False)
    for i in range(count):
        text = b"question %d" % i
        while not s.write(text):
            pass
        got = b""
        while len(got) < len(text):
            if s.ioctl(3, 1):
                got += s.read(100) or b""
        same(got, text, "answer")
    s.close()


def rough(port, count):
    """A line that loses or doubles bytes: nothing can be promised but that nothing hangs."""
    nic = quectel.BG95S5(board.uart())
    dialect = nic.dialect
    dialect.READ_MS = dialect.SEND_MS = dialect.SILENCE_MS = dialect.ACTIVATE_MS = 500
    dialect.CLOSE_MS = 100
    dialect.OPEN_MS = (500, 500)
    type(nic).BOOT_MS = 300
    for _ in range(3):
        try:
            nic.active(True)
            attach(nic)
            s = peer(nic, port, "echo")
            s.settimeout(1)
            for _ in range(count // 1000):
                s.sendall(bytes(1000))
                s.read(1000)
            s.close()
        except OSError:
            pass


def unacknowledged(port):
    """A peer that reads nothing: its window is full, then the module's buffer, and a write that
    has no time-out ends, as the peer acknowledges nothing more."""
    nic = online()
    s = peer(nic, port, "stuck")
    s.setsockopt(nic.SOL_QUECTEL, nic.DELIVERY, 3)
    taken = [len("stuck\n")]
    e = failing(_ABORTED, _fill, s, bytes(noise(4096, 1)), taken)
    words = str(e).split()
    sent = int(words[words.index("bytes") - 1])
    # The module may have taken the last piece after it was asked.
    assert sum(taken) - nic.dialect.SEND_MAX <= sent <= sum(taken) + 4096, (sum(taken), e)
    assert int(words[words.index("acknowledged:") - 1]) < sent, e
    _check_failed(s)
    s.close()
    other = peer(nic, port, "echo")  # and all else is as it was
    _echo(other)
    other.close()


def _fill(s, block, taken):
    while True:
        taken.append(s.write(block))


if __name__ == "__main__":
    main(globals())
