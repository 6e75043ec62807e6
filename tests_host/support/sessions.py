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


def session(nic, timeout):
    """One attempt; raises an OSError where the module restarts meanwhile."""
    nic.active(True)
    nic.connect("internet", timeout=CONNECT_S)
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


def through(nic, timeout):
    """Attempts until one is through; returns how many ms that took, or MOST_MS."""
    start = clock.elapsed_ms()
    while True:
        try:
            session(nic, timeout)
            break
        except OSError:
            if clock.elapsed_ms() - start >= MOST_MS:
                break
            clock.sleep_ms(PAUSE_MS)
    return clock.elapsed_ms() - start
