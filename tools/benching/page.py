"""The tables of figures in the READMEs, written by `tools/bench --update`."""

from pathlib import Path

from tools import manifest
from tools.benching import memory, node, pico, report

FILE = Path(__file__).resolve().parent.parent / "README.md"
BEGIN = "<!-- bench: begin, written by tools/bench --update -->\n"
END = "<!-- bench: end -->\n"
BEGIN_PICO = "<!-- bench on the Pico: begin, written by tools/bench --board pico --update -->\n"
END_PICO = "<!-- bench on the Pico: end -->\n"
FIRST = manifest.TOP / "README.md"
BEGIN_WAYS = "<!-- ways: begin, written by tools/bench --board pico --update -->\n"
END_WAYS = "<!-- ways: end -->\n"
NODE = manifest.TOP / "boards" / "examples" / "README.md"
BEGIN_NODE = "<!-- node: begin, written by tools/bench node --update -->\n"
END_NODE = "<!-- node: end -->\n"

# A way to install: what the page calls it, its key in pico.WAYS, what it needs, which boards.
_WAYS = (
    ("`.py`", "py", "mpremote 1.25", "Pico, Pico 2, ESP32, SAMD51"),
    ("`.mpy`", "mpy", "mpremote 1.25, `tools/package`", "these, Pyboard"),
    (
        "ROMFS",
        "romfs",
        "MicroPython 1.25 with a ROMFS, mpremote 1.25, `tools/package`",
        "PYBD-SF, Arduino's with an STM32, Alif's; others with a firmware of your own",
    ),
    ("frozen", "frozen", "a firmware of your own", "any with so much heap free"),
)


def _table(heads, rows):
    yield "| %s |" % " | ".join(heads)
    yield "|%s" % ("---|" * len(heads))
    for row in rows:
        yield "| %s |" % " | ".join(row)


def _put(file, begin, end, lines):
    before, _, rest = file.read_text().partition(begin)
    _, _, after = rest.partition(end)
    file.write_text(before + begin + "\n".join(lines) + "\n" + end + after)


def write(results, file=FILE):
    """Put the budgets of `results` between the marks of the page."""
    pico = [row for name in results if name.startswith("pico ") for row in results[name]]
    if pico:
        heads = ("", "measured", "budget", "", "")
        _put(file, BEGIN_PICO, END_PICO, _table(heads, report.figures(pico)))
    else:
        heads = ("", "worst case", "measured", "budget", "")
        _put(file, BEGIN, END, _table(heads, report.budgets(results)))


def _kilobytes(size):
    return "%d KB" % (-(-size // 1024))  # rounded up


def ways(figures):
    """The table of ways to install, as lines; `figures` are those that are kept."""

    def bytes_of(what):
        return _kilobytes(figures["pico memory: %s: bytes" % what])

    rows = []
    for title, install, needs, boards in _WAYS:
        name = pico.WAYS[install]
        figures_of = (
            "RAM, %s, %s" % (name, memory.BUDGET_MOMENT),
            "least free heap, %s" % name,
            "flash, %s, all dialects" % name,
            "flash, %s, %s" % (name, pico.KEY),
        )
        rows.append((title, *map(bytes_of, figures_of), needs, boards))
    heads = ("way", "RAM", "must be free", "flash", "flash, one dialect", "needs", "boards")
    return list(_table(heads, rows))


def write_ways(figures, file=FIRST):
    """Put the table of ways to install between its marks in the first page."""
    _put(file, BEGIN_WAYS, END_WAYS, ways(figures))


def node_costs(figures):
    """The table of what a message of the battery node costs, as lines, from the kept figures."""
    rows = []
    for key in node.KEYS:
        for way in node.ways(key):
            name = "node: %s, %s: " % (key, way)
            row = {"dialect": key, "way": way}
            row.update((what, figures[name + what]) for what in ("exchanges", "seconds"))
            rows.append(row)
    heads, *found = report.node_costs(rows)
    return list(_table(heads, found))


def write_node_costs(figures, file=NODE):
    """Put that table between its marks in the page of the examples."""
    _put(file, BEGIN_NODE, END_NODE, node_costs(figures))
