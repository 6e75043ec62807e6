"""The table of budgets in tools/README.md, written by `tools/bench --update`."""

from pathlib import Path

from tools.benching import report

FILE = Path(__file__).resolve().parent.parent / "README.md"
BEGIN = "<!-- bench: begin, written by tools/bench --update -->\n"
END = "<!-- bench: end -->\n"


def _lines(rows):
    yield "| | worst case | measured | budget | |"
    yield "|---|---|---|---|---|"
    for row in rows:
        yield "| %s |" % " | ".join(row)


def write(results, file=FILE):
    """Put the budgets of `results` between the marks of the page."""
    text = file.read_text()
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    table = "\n".join(_lines(report.budgets(results)))
    file.write_text(before + BEGIN + table + "\n" + END + after)
