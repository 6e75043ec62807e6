"""What quectel.diagnose has found."""

class Diagnosis:
    """True where all is well."""

    steps: list[tuple[str, bool, str]]
    """The name of each step, whether it is well, and words."""
    cause: str | None
    """The words of the first step that is not well; None where all is."""

    def __bool__(self) -> bool: ...
