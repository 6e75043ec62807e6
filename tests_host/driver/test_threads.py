# interpreters: cpython unix
"""Two threads that use one interface at once."""

import _thread

from quectel import errors
from scripted import connected, raises
from test_first_mistakes import Answering

TEXT = "two threads use one interface at once. Have one lock around its calls"


class Held(Answering):
    """Keeps the first thread that looks for an answer inside until `may_go` is released."""

    def __init__(self):
        super().__init__(("AT+CSQ", ["+CSQ: 20,99", "OK"]))
        self.is_inside = locked()
        self.may_go = locked()
        self.holds = True

    def any(self):
        if self.holds and self.asked:
            self.holds = False
            self.is_inside.release()
            self.may_go.acquire()
        return super().any()


def locked():
    lock = _thread.allocate_lock()
    lock.acquire()
    return lock


def test_the_second_one_is_told_and_the_first_one_goes_on():
    uart = Held()
    nic = connected("BG95S5", uart)
    first = []
    over = locked()

    def ask():
        try:
            first.append(nic.status("rssi"))
        finally:
            over.release()

    _thread.start_new_thread(ask, ())
    uart.is_inside.acquire()
    for call in (nic.isconnected, nic.status, lambda: nic.command("AT")):
        error = raises(OSError, call)
        assert error.args == (errors.EBUSY, TEXT), error
    uart.may_go.release()
    over.acquire()
    assert first == [-73] and nic.status("rssi") == -73
