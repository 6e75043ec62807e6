"""The unix port's way to a stream that does not block."""

import select
import socket

# Linux, whose numbers these are, is where the unix port's packages run.
_TCP, _NODELAY = 6, 1
_O_RDWR, _O_NOCTTY, _O_NONBLOCK = 0o2, 0o400, 0o4000
_CS8_CREAD_CLOCAL = 0o60 | 0o200 | 0o4000
_VTIME, _VMIN = 5, 6
_WAIT_MS = 1


def tcp(host, port):
    """A connected socket."""
    s = socket.socket()
    s.connect(socket.getaddrinfo(host, port)[0][-1])
    s.setblocking(False)
    # Commands are short: none must wait for the answer to the one before.
    s.setsockopt(_TCP, _NODELAY, 1)
    return s


def device(path, baud):
    """A terminal in raw mode, as a raw file."""
    import ffi
    import termios

    speed = _speed(baud)
    # open() has no way to say that it should neither wait for a carrier nor block later.
    libc_open = ffi.open("libc.so.6").func("i", "open", "si")
    fd = libc_open(path, _O_RDWR | _O_NOCTTY | _O_NONBLOCK)
    if fd < 0:
        raise OSError("cannot open %s" % path)
    # Not termios.setraw: that throws away what has come in.
    attributes = termios.tcgetattr(fd)
    attributes[0] = attributes[1] = attributes[3] = 0
    attributes[2] = _CS8_CREAD_CLOCAL
    attributes[4] = attributes[5] = speed
    attributes[6][_VTIME] = 0
    attributes[6][_VMIN] = 1
    termios.tcsetattr(fd, termios.TCSANOW, attributes)
    return open(fd, "r+b")


def _speed(baud):
    import termios

    speed = getattr(termios, "B%d" % baud, None)
    if speed is None:
        raise ValueError("this build knows no speed of %d" % baud)
    return speed


def change(stream, baud):
    """Another speed of a device."""
    import termios

    attributes = termios.tcgetattr(stream.fileno())
    attributes[4] = attributes[5] = _speed(baud)
    termios.tcsetattr(stream.fileno(), termios.TCSANOW, attributes)


def waiter(stream):
    """A function that waits until something has come, 1 ms at most; it allocates nothing."""
    poll = select.poll()
    poll.register(stream, select.POLLIN)

    def wait():
        for _ in poll.ipoll(_WAIT_MS):
            pass

    poll.poll(0)  # makes what later calls use again
    return wait
