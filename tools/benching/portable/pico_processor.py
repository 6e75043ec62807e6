# What the driver costs an emulated Pico: for bytes received and sent, and for looking.

import pico_board

_POLL, _POLLIN, _POLLOUT = 3, 1, 4
_RECEIVED = 6000  # bytes
_SENT = 2920  # bytes: twice the most that fits into a send
_LOOKS = 200


def _ask(s):
    s.send(b"%d\n" % _RECEIVED)


def _receive(s, buf):
    _ask(s)
    left = _RECEIVED
    while left:
        left -= s.recv_into(buf)


def _readlines(s):
    _ask(s)
    left = _RECEIVED
    while left:
        left -= len(s.readline())


def _send(s, block):
    for _ in range(_SENT // len(block)):
        s.send(block)
    while not s.ioctl(_POLL, _POLLOUT) & _POLLOUT:
        pass


def _poll(nic):
    for _ in range(_LOOKS):
        nic.poll()


def _ioctl(s):
    for _ in range(_LOOKS):
        s.ioctl(_POLL, _POLLIN)


def _nothing():
    pass


def _received(nic):
    s = pico_board.connected(nic, pico_board.SOURCE)
    for size in (1500, 512, 64):
        buf = bytearray(size)
        _receive(s, buf)  # finds everything loaded and made
        pico_board.measure("recv_into %d" % size, _RECEIVED, _receive, s, buf)
    pico_board.measure("readline", _RECEIVED, _readlines, s)
    s.close()


def _sent(nic):
    s = pico_board.connected(nic, pico_board.SINK)
    for size in (1460, 64):
        block = bytearray(size)
        _send(s, block)
        count = _SENT // size * size
        pico_board.measure("send %d" % size, count, _send, s, block)
    s.close()


def _looks(nic):
    s = pico_board.connected(nic, pico_board.SINK)
    for _ in range(10):
        nic.poll()
    pico_board.measure("poll, nothing happens", _LOOKS, _poll, nic)
    pico_board.measure("ioctl POLL", _LOOKS, _ioctl, s)
    s.close()


def main(name, baud, scenes):
    import quectel

    nic = getattr(quectel, name)(pico_board.uart(baud))
    pico_board.online(nic)
    pico_board.measure("nothing", 1, _nothing)
    _received(nic)
    _sent(nic)
    if "looks" in scenes:
        _looks(nic)
    print("done")


def line(baud):
    # What the line alone costs: the same bytes come and go, and nobody looks at them.
    uart = pico_board.uart(baud)
    buf = bytearray(256)

    def take(count):
        while count:
            count -= uart.readinto(buf, min(uart.any(), count)) or 0

    def give(count):
        while count:
            count -= uart.write(buf, 0, min(count, len(buf))) or 0

    pico_board.measure("nothing", 1, _nothing)
    uart.write(b"%d\n" % _RECEIVED)
    pico_board.measure("line received", _RECEIVED, take, _RECEIVED)
    pico_board.measure("line sent", _SENT, give, _SENT)
    print("done")
