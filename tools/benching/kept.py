"""The figures that do not depend on the machine, kept in a file, and whether one got worse."""

import json
from pathlib import Path

FILE = Path(__file__).resolve().parent.parent / "bench_figures.json"
_SLACK = 0.02  # of a figure: what a change may cost unseen
_SLACK_COMPILER = 0.08  # of instructions: each release of Debian has its own compiler
_SLACK_BYTES = 128  # of what a call allocates, where it allocates at all
_SLACK_MS = 0.5  # what a hold may grow: a look more at the line is no harm


def figures(results):
    """{name: number} of what --json prints; less is better in all of them."""
    found = {}
    for row in results.get("wire", ()):
        name = "wire: %(dialect)s, %(baud)d baud, %(latency_ms)d ms, %(way)s" % row
        found[name + ": seconds"] = row["seconds"]
        found[name + ": exchanges"] = row["exchanges"]
    for row in results.get("exchanges", ()):
        how = "gathered" if row["coalescing"] else "as written"
        name = "exchanges: %s, %s, %s" % (row["dialect"], row["program"], how)
        found[name] = row["sends"] + row["reads"]
    for row in results.get("node", ()):
        name = "node: %(dialect)s, %(way)s" % row
        found[name + ": exchanges"] = row["exchanges"]
        found[name + ": seconds"] = row["seconds"]
    for row in results.get("holds", ()):
        name = "holds: %(dialect)s, %(scene)s, %(baud)d baud, txbuf %(txbuf)d: ms" % row
        found[name] = row["longest_ms"]
    for row in results.get("ticker", ()):
        name = "ticker: %(scene)s, %(baud)d baud, txbuf %(txbuf)d: ms" % row
        found[name] = row["longest_ms"]
    for row in results.get("heap", ()):
        if row["port"] == "wasm":  # of one version on every machine
            found["heap: %(dialect)s, %(step)s: bytes" % row] = row["bytes"]
    for row in results.get("memory", ()):
        if "dialect" in row:
            found["memory: %(dialect)s, client path: bytes of .mpy" % row] = row["mpy"]
            for moment, size in row["live"]:
                found["memory: %s, %s: bytes" % (row["dialect"], moment)] = size
    for section in ("pico memory", "pico processor"):
        for row in results.get(section, ()):
            found["%s: %s: %s" % (section, row["figure"], row["unit"])] = row["value"]
    return found


def load(file=FILE):
    """The figures of the file."""
    return json.loads(file.read_text())


def save(found, file=FILE):
    """Keep these figures; those of sections that were not measured stay."""
    old = load(file) if file.exists() else {}
    sections = {name.split(":")[0] for name in found}
    kept = {name: old[name] for name in old if name.split(":")[0] not in sections}
    text = json.dumps(dict(kept, **found), indent=0, sort_keys=True, ensure_ascii=False)
    file.write_text(text + "\n")


def _unseen(name, before):
    if name.endswith(": ms"):
        return _SLACK_MS
    return _SLACK_BYTES if name.startswith("heap: ") and before else 1e-9


def worse(found, old):
    """Lines that tell which of the figures `found` got worse, or are not in the file."""
    lines = []
    for name, number in sorted(found.items()):
        if name.startswith("pico ") and not name.endswith((": bytes", ": instructions")):
            continue  # times follow from the instructions
        slack = _SLACK_COMPILER if name.endswith(": instructions") else _SLACK
        if name not in old:
            lines.append("%s: %g, and nothing is kept of it" % (name, number))
        elif number > old[name] * (1 + slack) + _unseen(name, old[name]):
            lines.append("%s: %g, was %g" % (name, number, old[name]))
    return lines
