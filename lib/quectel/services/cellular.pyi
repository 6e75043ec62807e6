"""What 3GPP TS 27.007 tells beyond the documents."""

from typing import NamedTuple

class Cell(NamedTuple):
    """The cell that serves the module, of AT+CEREG?."""

    area: int
    """Tracking area code, or location area code."""
    id: int
    """E-UTRAN, NR or GERAN cell identity."""
    technology: str | None
    """As status("technology") has it."""
