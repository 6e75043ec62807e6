"""The report of a run, in Markdown."""

from tools.conforming import capture

_SORTS = {
    "spaces": "spaces otherwise",
    "quotes": "quotes otherwise",
    "letters": "capital or small letters otherwise",
    "blank lines": "CRLF otherwise",
    "text": "another text",
    "data": "other data",
    "missing": "nothing came",
    "more": "a line that the document does not have",
    "outcome": "another outcome of the driver",
}
_EXCERPT = 30


def _cell(text):
    # A text in a table, as code.
    text = text.replace("|", "\\|").replace("\r", "\\r").replace("\n", "\\n")
    return "`%s`" % text.replace("`", "'") if text else ""


def summary(run):
    """A few lines for the terminal."""
    tried = [outcome for _, _, outcome in run.outcomes if outcome.tried]
    bad = [outcome for outcome in tried if outcome.deviations]
    lines = [
        "%s, %s: %d tried, %d as documented, %d with deviations, %d not tried"
        % (
            run.model,
            run.masked().text(run.firmware),
            len(tried),
            len(tried) - len(bad),
            len(bad),
            len(run.outcomes) - len(tried),
        )
    ]
    counts = {}
    for each in run.deviations:
        counts[each.sort] = counts.get(each.sort, 0) + 1
    lines += ["%6d  %s" % (counts[sort], _SORTS[sort]) for sort in _SORTS if sort in counts]
    return lines


def markdown(run, date, driver):
    """The whole report."""
    masks = run.masked()
    lines = [
        "# %s beside its document" % run.model,
        "",
        "| | |",
        "|---|---|",
        "| module | %s |" % run.model,
        "| firmware | %s |" % _cell(masks.text(run.firmware)),
        "| document | %s |" % run.title,
        "| driver | quectel %s |" % driver,
        "| date | %s |" % date,
        "| sent and received | %d and %d bytes on the line |" % run.capture.totals(),
        "",
        *summary(run),
        "",
        "Identities, addresses, access point, peers and names of the user are masked.",
        "",
    ]
    lines += _table(run)
    lines += _deviations(run, masks)
    lines += _not_tried(run)
    if run.talk.slow:
        lines += [
            "## Later than the document says",
            "",
            "It allows 300 ms for these (which the line and this PC are a part of).",
            "",
            "| command | seconds |",
            "|---|---|",
        ]
        lines += [
            "| %s | %.2f |" % (_cell(masks.text(text)), late) for text, late in run.talk.slow
        ]
        lines += [""]
    lines += [
        "## Settings",
        "",
        *["- " + masks.text(text) for text in run.restored or ("nothing had to be set again",)],
        "",
    ]
    return "\n".join(lines)


def _table(run):
    lines = ["## What was tried", "", "| | | |", "|---|---|---|"]
    for kind, name, outcome in run.outcomes:
        word = "as documented"
        if outcome.deviations:
            word = "**deviations: %d**" % len(outcome.deviations)
        elif not outcome.tried:
            word = "not tried"
        lines.append("| %s %s | %s | %s |" % (kind, name, outcome.title, word))
    return [*lines, ""]


def _deviations(run, masks):
    if not run.deviations:
        return ["## Deviations", "", "None.", ""]
    lines = ["## Deviations", "", "| where | what | documented | came |", "|---|---|---|---|"]
    for each in run.deviations:
        printed, seen = (_cell(masks.text(text)) for text in (each.printed, each.seen))
        lines.append("| %s | %s | %s | %s |" % (each.place, _SORTS[each.sort], printed, seen))
    lines.append("")
    chapters = dict(run.capture.chapters)
    for kind, name, outcome in run.outcomes:
        if kind == "scenario" and outcome.deviations:
            text = capture.behaviour(name, chapters[name], masks)
            lines += ["The end of %s:" % name, "", "```"]
            lines += text.splitlines()[1:][-_EXCERPT:] + ["```", ""]
    return lines


def _not_tried(run):
    lines = []
    for kind, name, outcome in run.outcomes:
        lines += ["- %s %s: %s" % (kind, name, reason) for reason in outcome.not_tried]
    return ["## Not tried", "", *(lines or ["Nothing was left out."]), ""]
