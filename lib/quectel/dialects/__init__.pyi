"""What differs between the modules' documents."""

class Dialect:
    """Limits and times of a module, as its document has them. Times are in ms, and may be changed
    on `nic.dialect`."""

    MODEL: str
    """As AT+CGMM answers, letters and digits only."""
    OPEN_MS: tuple[int, int]
    """How long a connect may take: to an address, to a name."""
    SILENCE_MS: int
    """A command without an answer for so long: the module hangs."""
    CLOSE_MS: int
    """How long a close may take; see config(close_timeout=…)."""
    SEND_MS: int
    READ_MS: int
    LOOK_MS: int
    """First pause between two looks for data that no URC has told of."""
    LOOKS: int
    """How often that pause comes again before it is doubled."""
    LOOK_MOST_MS: int
    """The longest pause between two looks."""
    SLEEPS_MS: int
    """Silence after which the module may sleep, and lose the next command; 0: it does not."""
    WAKE_MS: int
    """For how long PSM_EINT is pressed, or how long after DTR has gone low the module hears."""
