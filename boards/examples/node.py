"""What a node on a battery does between two sleeps, for battery_node.py, and what that costs."""

import errno
import time

import quectel

ATTEMPTS = 2


class Node:
    """Sends readings as datagrams, one answer to each, and lets the module sleep in between.

    exchanges  AT commands until now: give `trace` to the interface as its own
    awake_ms   how long the module was kept awake for them
    """

    def __init__(self, address: "tuple[str, int]", patience: float):
        """`patience`: how many seconds to wait for an answer."""
        self.exchanges = 0
        self.awake_ms = 0
        self._address = address
        self._patience = patience
        self._socket = None

    def trace(self, line: str):
        self.exchanges += line.startswith("> AT")

    def report(self, nic: "quectel.nic.Nic", apn: str, number: int, reading: bytes):
        """Send a reading, get its answer, let the module sleep. OSError: it is lost; the radio is
        off then, and the next call begins with the registration."""
        since = time.ticks_ms()
        answered = False
        try:
            if not self._socket:
                nic.active(True)
                nic.connect(apn, timeout=300)  # seconds
                self._socket = self._open(nic)
            self._deliver(self._socket, b"%d" % number, reading)
            answered = True
            nic.sleep()
        except OSError:
            # Or nothing could wake this module: then, too, its radio is switched off instead.
            self._close()
            nic.active(False)
            if not answered:
                raise
        finally:
            self.awake_ms += time.ticks_diff(time.ticks_ms(), since)

    def _open(self, nic: "quectel.nic.Nic"):
        s = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
        # The answer comes unasked: an exchange less.
        s.setsockopt(nic.SOL_SOCKET, nic.SO_RCVBUF, 512)
        s.setsockopt(nic.SOL_QUECTEL, nic.ACCESS_MODE, nic.PUSH)
        s.connect(self._address)
        s.settimeout(self._patience)
        try:
            s.setsockopt(nic.SOL_QUECTEL, nic.RAI, 2)  # the network may let go after the answer
        except OSError:
            pass  # the module has no such thing
        return s

    def _close(self):
        s, self._socket = self._socket, None
        if s:
            s.close()

    def _deliver(self, s: "quectel.socket.Socket", number: bytes, reading: bytes):
        for attempt in range(ATTEMPTS):
            s.send(number + b" " + reading)
            try:
                while s.recv(64) != number:  # an answer that came too late may be before it
                    pass
                return
            except OSError as e:
                if e.args[0] != errno.ETIMEDOUT or attempt == ATTEMPTS - 1:
                    raise
