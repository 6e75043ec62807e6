"""The module's UART on this machine: a TCP port, or a pseudo-terminal.

One client is one UART. It is the MCU: when another connects, that is the MCU after a reset, and
what the module was about to say is lost. On TCP the newest client wins: a microcontroller that
starts anew cannot wait until somebody notices that its old connection is dead.
"""

import array
import errno
import fcntl
import os
import select
import socket
import stat
import termios
import tty

from .loop import READ, WRITE
from .pace import Pace

CHUNK = 65536
PTY_LOOK = 0.02  # s between looks whether somebody has opened the terminal
RATES = {
    getattr(termios, name): int(name[1:])
    for name in dir(termios)
    if name[0] == "B" and name[1:].isdigit()
}


class Uart:
    """What both have in common. `module` is set by the caller before the loop runs."""

    def __init__(self, loop, baud=None, log=None):
        self.module = None
        self._loop = loop
        self._log = log
        self._baud = baud
        self._blocked = False
        self._reading = False
        self._reset_line()

    def _reset_line(self):
        self._to_host = Pace(self._baud)
        self._from_host = Pace(self._baud)
        self._outgoing = None  # a piece on the line, paced
        self._incoming = None
        self._rest = b""  # a piece that the host did not take at once

    # subclasses: connected, _file, _recv(size), _send(data), _gone()

    def service(self):
        """Moves bytes after anything has happened."""
        if not self.connected:
            self.module.take()  # the line is open: what is said is lost
            return
        self._push()
        if not self.connected:
            return
        reading = self.module.wants_input() and self._incoming is None
        if (reading, self._blocked) != self._reading:
            self._reading = (reading, self._blocked)
            events = (READ if reading else 0) | (WRITE if self._blocked else 0)
            self._loop.watch(self._file, events, self._ready)

    def _ready(self, events):
        if events & WRITE:
            self._blocked = False
        if events & READ and self.connected:
            self._pull()

    def _push(self):
        while not self._blocked and self._outgoing is None:
            data = self._rest
            if not data:
                data = self.module.take(self._to_host.piece(CHUNK))
                if not data:
                    return
                if self._log:
                    self._log("<", data)
                if self._baud:
                    return self._delay_out(data)
            self._write(data)

    def _delay_out(self, data):
        clock = self._loop.clock
        done = self._to_host.send(len(data), clock.now())
        self._outgoing = clock.call_later(done - clock.now(), lambda: self._write(data))

    def _write(self, data):
        self._outgoing = None
        if not self.connected:
            return
        try:
            sent = self._send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            return self._gone()
        self._rest = data[sent:]
        self._blocked = bool(self._rest)

    def _pull(self):
        try:
            data = self._recv(self._from_host.piece(CHUNK))
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            return self._gone()
        if not self._baud:
            return self._feed(data)
        clock = self._loop.clock
        done = self._from_host.send(len(data), clock.now())
        self._incoming = clock.call_later(done - clock.now(), lambda: self._feed(data))

    def _feed(self, data):
        self._incoming = None
        if self._log:
            self._log(">", data)
        self.module.feed(data)

    def _lost(self):
        """The client has gone, or a new one has come."""
        for timer in (self._outgoing, self._incoming):
            if timer:
                timer.cancel()
        self._blocked = False
        self._reading = False
        self._reset_line()


class TcpUart(Uart):
    """host:port to listen on; port 0 takes a free one. `address` tells which.

    rxbuf: the host's UART holds so many bytes that it has not read; what comes beyond them is
    lost, as on a UART without RTS and CTS. None: no limit.
    """

    def __init__(self, loop, host, port, baud=None, log=None, rxbuf=None):
        super().__init__(loop, baud, log)
        self._rxbuf = rxbuf
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._server = socket.socket(family)
        self._server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._server.bind((host, port))
        self._server.listen(1)
        self._server.setblocking(False)
        self._file = None
        shown = "[{}]".format(host) if ":" in host else host
        self.address = "tcp:{}:{}".format(shown, self._server.getsockname()[1])
        loop.watch(self._server, READ, self._accept)

    @property
    def connected(self):
        return self._file is not None

    def _accept(self, _events):
        try:
            client, _ = self._server.accept()
        except OSError:
            return
        self._gone()
        client.setblocking(False)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = client
        self.module.host_reset()

    def _recv(self, size):
        return self._file.recv(size)

    def _send(self, data):
        held = data
        if self._rxbuf is not None:
            held = data[: max(0, self._rxbuf - self._unread())]
            self.module.counts["overrun"] += len(data) - len(held)
            if self._log and len(held) < len(data):
                self._log("x", data[len(held) :])
        sent = self._file.send(held)
        return len(data) if sent == len(held) else sent

    def _unread(self):
        """Bytes on their way and in the host's socket: this machine knows both ends (Linux)."""
        own, peer = self._file.getsockname()[1], self._file.getpeername()[1]
        on_the_way = array.array("i", [0])
        fcntl.ioctl(self._file, termios.TIOCOUTQ, on_the_way)
        return on_the_way[0] + _received(peer, own)

    def _gone(self):
        if self._file is None:
            return
        self._loop.watch(self._file, 0, None)
        self._file.close()
        self._file = None
        self._lost()

    def close(self):
        self._gone()
        self._loop.watch(self._server, 0, None)
        self._server.close()


class PtyUart(Uart):
    """A pseudo-terminal in raw mode; `address` is the device to open, or the symbolic link to it
    that is made at `link`."""

    def __init__(self, loop, baud=None, log=None, link=None):
        super().__init__(loop, baud, log)
        self._file, slave = os.openpty()
        tty.setraw(slave)  # keeps it raw for whoever opens it: the settings are the device's
        self._device = self.address = os.ttyname(slave)
        os.close(slave)
        self._link = link
        if link:
            self._make_link()
        os.set_blocking(self._file, False)
        self._hangup = select.poll()
        self._hangup.register(self._file, 0)  # a hang-up is told unasked
        self.connected = False
        self._look()

    def _make_link(self):
        """The link, in place of one that an earlier module has left."""
        link = self._link
        if os.path.lexists(link) and not _leads_to_terminal(link):
            os.close(self._file)
            raise FileExistsError(errno.EEXIST, "is there and no link to a terminal", link)
        scratch = "{}.{}".format(link, os.getpid())
        os.symlink(self._device, scratch)
        os.replace(scratch, link)
        self.address = link

    def _remove_link(self):
        """Unless a later module has made it its own."""
        if self._link and os.path.islink(self._link) and os.readlink(self._link) == self._device:
            os.unlink(self._link)

    def _look(self):
        """Waits for somebody to open the device: until then reading it is an error."""
        try:
            data = os.read(self._file, CHUNK)
        except BlockingIOError:
            data = b""
        except OSError:
            self._loop.clock.call_later(PTY_LOOK, self._look)
            return
        self.connected = True
        self.module.host_reset()
        if data:
            self._feed(data)

    def _recv(self, size):
        return os.read(self._file, size)

    def _send(self, data):
        if self._hangup.poll(0):
            raise OSError(errno.EIO, "nobody has the terminal open")
        return os.write(self._file, data)

    def _feed(self, data):
        if self.module.baud:
            speed = termios.tcgetattr(self._file)[5]  # the host's, set at its end
            self.module.host_baud = RATES.get(speed, self.module.host_baud)
        super()._feed(data)

    def _gone(self):
        self._loop.watch(self._file, 0, None)
        self.connected = False
        self._lost()
        self._discard()
        self._loop.clock.call_later(PTY_LOOK, self._look)

    def _discard(self):
        """What the last host did not read is lost, and not left to the next one."""
        slave = os.open(self._device, os.O_RDWR | os.O_NOCTTY)
        termios.tcflush(slave, termios.TCIFLUSH)
        os.close(slave)

    def close(self):
        self._remove_link()
        self._loop.watch(self._file, 0, None)
        os.close(self._file)


def _received(port, peer_port):
    """Bytes that nobody has read of the TCP connection from `port` to `peer_port` on this machine;
    0 where that cannot be found out."""
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            with open(table, encoding="ascii") as file:
                rows = [line.split() for line in file]
        except OSError:
            continue
        for row in rows[1:]:
            ports = [int(place.rpartition(":")[2], 16) for place in row[1:3]]
            if ports == [port, peer_port]:
                return int(row[4].rpartition(":")[2], 16)
    return 0


def _leads_to_terminal(path):
    """Whether it is a symbolic link to a terminal, or to one that is gone."""
    return os.path.islink(path) and (
        not os.path.exists(path) or stat.S_ISCHR(os.stat(path).st_mode)
    )
