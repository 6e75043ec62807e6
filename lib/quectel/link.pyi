"""A link that stays up where nobody will press reset: see lib/docs/how-to/years.md."""

from collections.abc import Callable

from quectel.nic import Nic

class Link:
    """Keeps an interface connected while step() is called or run() is awaited: brings it up,
    watches it, and does what Figure 1 of the BG95-S5 TCP/IP Application Note says after a failure.
    One Link for a module.

    apn, user, key  as for nic.connect; without `apn` what the interface has
    state   what `state` gave before the microcontroller restarted; what is none counts as none
    seed    text or bytes that no other board has, as the IMEI, from which the random part of each
            wait comes; without it machine.unique_id(), or os.urandom, and ValueError where a port
            has neither
    spread  s: each wait is longer by up to so much, or by up to a quarter of itself if that is
            more; 0: by nothing
    look    s between two looks at the registration while the link is up, and while it waits long
    clock   called for the time in seconds, time.time without it; best one that a restart of
            the microcontroller does not set back
    tell    called with the words of each event; it may store `state`, and must not wait, nor call
            step

    ValueError where an argument cannot be."""

    nic: Nic
    up: bool
    """Connected, and registered when that was last looked at."""
    events: list[tuple[int, str]]
    """The last 16 decisions, the oldest first: the clock's seconds, words."""

    def __init__(
        self,
        nic: Nic,
        apn: str | None = None,
        user: str | None = None,
        key: str | None = None,
        *,
        state: bytes | bytearray | None = None,
        seed: str | bytes | None = None,
        spread: float = 60,
        look: float = 60,
        clock: Callable[[], float] | None = None,
        tell: Callable[[str], object] | None = None,
    ) -> None: ...
    @property
    def state(self) -> bytes:
        """What it knows of its last restarts: 10 bytes to be stored over a restart of the
        microcontroller, and given to the next Link."""

    def step(self) -> int:
        """A step of the link and its module, without waiting. Returns for how many ms it has
        nothing to do unless the module says something."""

    async def run(self) -> None:
        """step() in a task of asyncio, until that is cancelled."""
