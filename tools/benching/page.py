"""The tables of budgets in tools/README.md, written by `tools/bench --update`."""

from pathlib import Path

from tools.benching import report

FILE = Path(__file__).resolve().parent.parent / "README.md"
BEGIN = "<!-- bench: begin, written by tools/bench --update -->\n"
END = "<!-- bench: end -->\n"
BEGIN_PICO = "<!-- bench on the Pico: begin, written by tools/bench --board pico --update -->\n"
END_PICO = "<!-- bench on the Pico: end -->\n"


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
