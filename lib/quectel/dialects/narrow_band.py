# What the documents of the BC modules share: no context commands, answers in two parts, settings
# that a module keeps over a restart.

from micropython import const

from quectel import at
from quectel.dialects import Dialect

AF_INET6 = const(10)


class NarrowBand(Dialect):
    """What the core asks of a BC module; see Dialect."""

    DETAILS = "narrow_band"
    CONTEXTS = (1, 3)
    SOCKETS = 6
    SERVICES = ("TCP", "UDP", "TCP LISTENER")
    # These documents give 300 ms for every answer; a line at a low baud rate and a module that
    # wakes up may need more.
    SEND_MS = 60000
    READ_MS = 10000
    SEND_NEEDS = at.OK | at.SEND_OK
    CLOSE_NEEDS = at.OK | at.CLOSE_OK
    READ_REMAINING = True
    STATES_CLOSED = ("3", "4", "5")
    # Real modules of this kind tell late of data, or not at all, above all during a download and
    # while a prompt is open.
    LOOK_MS = 250
    LOOKS = 20
    LOOK_MOST_MS = 2500
    PROMPT_HIDES_DATA = True
    WAKES = (b'+QNBIOTEVENT: "EXIT',)
    # BC25&BC32 4.4; firmware of the BC95 family was heard to say so as well.
    SLEEP = (b"+QATSLEEP", b"+QATWAKEUP")
    SLEEPS_MS = 9000  # they were seen to sleep after 10 s, where AT+QSCLK lets them
    # Seen of these modules and their kin; no document has it.
    BOOT_TEXT = (b"REBOOT_CAUSE", b"Neul")

    def open_tail(self, family, service, backlog):
        """<protocol_type>: 0 IPv4, which need not be said, 1 IPv6."""
        return b",1" if family == AF_INET6 else b""
