"""A program with one interface that loops until its session is over: bring-up, open, send,
receive, close. In virtual time."""

from virtual_time import clock

CONNECT_S = 60
PAUSE_MS = 1000
MESSAGE = b"what\r\nOK\r\nis sent"  # the peer gives it back
# How long all of it may take where the module restarts once and starts in 5 s: one that says so,
TOLD_MS = 15000
# and one that does not, of which a command goes unanswered: 150 s at most (BG95-S5, Figure 1).
MOST_MS = 160000
LINK_MS = 90000  # what a link may add: it waits, spread, before it connects and restarts
STEP_MS = 50


def session(nic, timeout, link):
    """One attempt; raises an OSError where the module restarts meanwhile. With `link` that brings
    the interface up."""
    if link is None:
        nic.active(True)
        nic.connect("internet", timeout=CONNECT_S)
    else:
        start = clock.elapsed_ms()
        link.step()
        while not link.up and clock.elapsed_ms() - start < LINK_MS:
            clock.sleep_ms(STEP_MS)
            link.step()
    s = nic.socket()
    try:
        s.settimeout(timeout)
        s.connect(("192.0.2.2", 7))
        s.write(MESSAGE)
        came = b""
        while len(came) < len(MESSAGE):
            more = s.recv(100)
            assert more and MESSAGE.startswith(came + more), (came, more)
            came += more
    finally:
        s.close()


def through(nic, timeout, most_ms, link=None):
    """Attempts until one is through; whether that was so within `most_ms`."""
    start = clock.elapsed_ms()
    while clock.elapsed_ms() - start < most_ms:
        try:
            session(nic, timeout, link)
            return clock.elapsed_ms() - start < most_ms
        except OSError:
            clock.sleep_ms(PAUSE_MS)
    return False
