"""Where the driver's documents are: a first page beside the code, the others in lib/docs, so that
who copies lib/quectel onto a board does not copy them."""

from interpreters import LIB, TOP

FIRST = LIB / "quectel" / "README.md"
DOCS = LIB / "docs"
SYMPTOMS = DOCS / "symptoms.md"
INTERNALS = DOCS / "internals.md"
AT_COMMANDS = DOCS / "reference" / "at-commands.md"
SOCKETS = DOCS / "reference" / "sockets.md"
PAGES = (FIRST, *sorted(DOCS.rglob("*.md")))
ALL = sorted(
    path
    for folder in TOP.iterdir()
    if not folder.name.startswith(".")  # such as .tools, which is large
    for path in [folder, *folder.rglob("*.md")]
    if path.suffix == ".md"
    and not any(part.startswith(".") for part in path.relative_to(TOP).parts)
)


def text():
    """All that the driver's pages say."""
    return "\n".join(path.read_text(encoding="utf-8") for path in PAGES)
