"""A connection that comes back by itself, for logger.py.

A line `NUMBER VALUE` goes to the server for each reading. The server answers with the number up to
which it has everything; only then the reading is forgotten. What is not acknowledged is sent again
over the next connection: the server may see a line twice, and knows it by its number.
"""

import errno
import time

import board
import quectel

AT_ONCE = 20  # readings in one write, which is one exchange with the module
FIRST_PAUSE_MS = 500  # before another attempt, doubled after each in vain …
LONGEST_PAUSE_MS = 60000  # … up to this
PATIENCE_MS = 30000  # a connection that acknowledges nothing for so long is dead


class Uplink:
    """Brings the readings of `queue`, (number, value) each, to the server at `address`."""

    def __init__(
        self, nic: "quectel.nic.Nic", address: "tuple[str, int]", queue: "list[tuple[int, int]]"
    ):
        self.nic = nic
        self.address = address
        self.queue = queue
        self.socket = None
        self.pause_ms = 0
        self.since = time.ticks_ms()  # of the pause, or of what is waited for

    def step(self):
        """Do what can be done now; never waits for the network."""
        try:
            if self.socket:
                self._send(self.socket)
                self._receive(self.socket)
            elif self._passed(self.pause_ms):
                self._open()
        except OSError as e:
            print("connection lost:", e)
            if self.socket:
                self.socket.close()
                self.socket = None
            self._back_off()

    def _passed(self, ms: int):
        return time.ticks_diff(time.ticks_ms(), self.since) >= ms

    def _back_off(self):
        self.since = time.ticks_ms()
        self.pause_ms = min(self.pause_ms * 2 or FIRST_PAUSE_MS, LONGEST_PAUSE_MS)

    def _open(self):
        nic = self.nic
        if nic.isconnected():
            self.since = time.ticks_ms()
            self.sent = 0  # the number of the last reading sent over this connection
            self.answer = b""
            self.socket = nic.socket()
            self.socket.setblocking(False)
            try:
                self.socket.connect(self.address)
            except OSError as e:
                if e.args[0] != errno.EINPROGRESS:
                    raise
        elif nic.status() not in (nic.STAT_CONNECTING, nic.STAT_GOT_IP):  # up by now
            print("looking for the network:", nic.status("error"))
            nic.connect(board.APN)  # returns at once
            self._back_off()

    def _send(self, s: "quectel.socket.Socket"):
        new = [reading for reading in self.queue if reading[0] > self.sent][:AT_ONCE]
        # A non-blocking write takes all of what one exchange carries, or nothing (None).
        if new and s.write(b"".join([b"%d %d\n" % reading for reading in new])):
            if self.queue[0] is new[0]:
                self.since = time.ticks_ms()  # nothing was waited for until now
            self.sent = new[-1][0]

    def _receive(self, s: "quectel.socket.Socket"):
        data = s.read(100)
        if data == b"":
            raise OSError(errno.ECONNRESET)
        if self.queue and self._passed(PATIENCE_MS):
            raise OSError(errno.ETIMEDOUT)
        *numbers, self.answer = (self.answer + (data or b"")).split(b"\n")
        for number in numbers:
            self.since = time.ticks_ms()
            self.pause_ms = 0
            while self.queue and self.queue[0][0] <= int(number):
                self.queue.pop(0)
