"""The table that `tools/bench` prints, and the short one for tools/README.md."""

from tools.benching import heap, holds, memory, node

BUDGET_WIRE = 3.0  # percent
_MET, _MISSED = "met", "MISSED"


def verdict(good):
    """What stands beside a budget."""
    return _MET if good else _MISSED


def _aligned(rows):
    # Rows of text as lines: the first column to the left, the others to the right.
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
        yield ("  " + "  ".join(cells)).rstrip()


def _wire(rows):
    yield "wire: bulk at the largest chunk, and 64 bytes each way; budget: 3 % above the least"
    table = [
        ("dialect, baud, latency, way", "seconds", "least", "above", "", "exchanges", "least")
    ]
    for row in rows:
        name = "%(dialect)-6s %(baud)6d %(latency_ms)3d ms %(way)s" % row
        table.append(
            (
                name,
                "%.4f" % row["seconds"],
                "%.4f" % row["least_seconds"],
                "%+.2f %%" % row["excess_percent"],
                verdict(row["excess_percent"] <= BUDGET_WIRE),
                "%d" % row["exchanges"],
                "%d" % row["least_exchanges"],
            )
        )
    yield from _aligned(table)


def _exchanges(rows):
    yield "exchanges: programs that write a little at a time, 115200 baud, latency 20 ms"
    table = [("dialect, program", "writes", "sends", "least", "reads", "least", "seconds")]
    for row in rows:
        how = ", gathered" if row["coalescing"] else ""
        figures = [
            row[name] for name in ("writes", "sends", "least_sends", "reads", "least_reads")
        ]
        name = "%s %s%s" % (row["dialect"], row["program"], how)
        table.append((name, *map(str, figures), "%.3f" % row["seconds"]))
    yield from _aligned(table)
    if not any(row["coalescing"] for row in rows):
        yield "  gathered: the driver does not offer it"


def node_costs(rows):
    """What a message of the battery node costs, as rows of text, the heads first."""
    yield ("module", "woken by", "exchanges", "least", "seconds awake", "least", "the least is")
    for row in rows:
        least = node.Least(row["dialect"], row["way"])
        yield (
            row["dialect"],
            row["way"],
            "%g" % row["exchanges"],
            "%d" % len(least.commands),
            "%.2f" % row["seconds"],
            "%.2f" % least.seconds,
            "%s (%s)" % (", ".join(least.commands), least.section),
        )


def _node(rows):
    yield "node: a message of boards/examples/battery_node.py, 115200 baud, latency 20 ms"
    yield from _aligned([*node_costs(rows)])


def _holds(rows):
    yield "holds: calls that do not wait, in ms of virtual time; budget: %g ms" % (
        holds.BUDGET * 1000
    )
    table = [("dialect, scene, baud, txbuf", "longest", "99 %", "", "in")]
    for row in rows:
        name = "%(dialect)-6s %(scene)-7s %(baud)6d txbuf %(txbuf)d" % row
        figures = ("%.2f" % row["longest_ms"], "%.2f" % row["p99_ms"])
        good = row["longest_ms"] <= holds.BUDGET * 1000
        table.append((name, *figures, verdict(good), row["call"]))
    yield from _aligned(table)


def _ticker(rows):
    yield "ticker: how late a task of asyncio's comes beside a connection, BG95-S5; budget: 5 ms"
    table = [("scene, baud, txbuf", "longest ms", "99 %", "")]
    for row in rows:
        figures = ("%.2f" % row["longest_ms"], "%.2f" % row["p99_ms"])
        good = row["longest_ms"] <= holds.BUDGET * 1000
        table.append(("%(scene)-7s %(baud)6d txbuf %(txbuf)d" % row, *figures, verdict(good)))
    yield from _aligned(table)


def _heap(rows):
    yield "heap: bytes that a call allocates, the most of any dialect; budget: 0 in steady state"
    most = {}
    for row in rows:
        figures = most.setdefault(row["step"], {})
        figures[row["port"]] = max(figures.get(row["port"], 0), row["bytes"])
    ports = sorted({row["port"] for row in rows})
    table = [("call", *ports, "")]
    for step, figures in sorted(most.items()):
        said = verdict(not any(figures.values())) if heap.is_free(step) else ""
        table.append((step, *(str(figures.get(port, "")) for port in ports), said))
    yield from _aligned(table)


def _memory(rows):
    yield "memory: bytes of .mpy, -O3, and of the heap of the 32-bit port once they are imported"
    dialects = [row for row in rows if "dialect" in row]
    table = [("dialect", ".mpy of the client path", "budget", "")]
    for row in dialects:
        good = row["mpy"] <= memory.BUDGET_MPY
        table.append((row["dialect"], str(row["mpy"]), str(memory.BUDGET_MPY), verdict(good)))
    yield from _aligned(table)
    table = [("dialect, moment", "heap", "budget", "")]
    for row in dialects:
        for moment, size in row["live"]:
            said = ("", "")
            if moment == memory.BUDGET_MOMENT:
                said = (str(memory.BUDGET_RAM), verdict(size <= memory.BUDGET_RAM))
            table.append(("%-6s %s" % (row["dialect"], moment), str(size), *said))
    yield from _aligned(table)
    path = {file for row in dialects for file in row["files"]}
    table = [("file", ".mpy", "client path")]
    for row in rows:
        if "file" in row:
            table.append((row["file"], str(row["mpy"]), "yes" if row["file"] in path else ""))
    yield from _aligned(table)


def _processor(rows):
    yield "processor: the unix port, BG95-S5; microseconds as measured on this machine"
    table = [("call", "median us", "longest us")]
    for row in rows:
        if "call" in row:
            table.append((row["call"], str(row["median_us"]), str(row["longest_us"])))
    yield from _aligned(table)
    table = [("instructions of an exchange", "driver, line", "line alone", "for each byte")]
    for row in rows:
        if "scene" in row:
            each = "%d" % (row["instructions"] // row["payload"])
            name = "%(scene)s, %(payload)d bytes" % row
            table.append((name, str(row["instructions"]), str(row["line_alone"]), each))
    if len(table) > 1:
        yield from _aligned(table)
    else:
        yield "  instructions: left out, there is no valgrind"


def figures(rows):
    """Figures with a unit as rows of (figure, measured, budget, verdict, remark)."""
    for row in rows:
        unit = row["unit"]
        budget = row.get("budget")
        said = ("", "")
        if budget is not None:
            said = ("%g %s" % (budget, unit), verdict(row["value"] <= budget))
        remark = row.get("remark", "")
        if ".py, " in remark:
            remark = "%d files" % len(remark.split(", "))
        yield row["figure"], "%g %s" % (row["value"], unit), *said, remark


def _pico(rows):
    yield "on an emulated Pico, BG95-S5, mpy-cross -O3; times are the board's"
    yield from _aligned([("figure", "measured", "budget", "", ""), *figures(rows)])


_SECTIONS = {
    "pico memory": _pico,
    "pico processor": _pico,
    "wire": _wire,
    "exchanges": _exchanges,
    "node": _node,
    "holds": _holds,
    "ticker": _ticker,
    "heap": _heap,
    "memory": _memory,
    "processor": _processor,
}


def lines(results):
    """The whole table."""
    for name, rows in results.items():
        if rows:
            yield from _SECTIONS[name](rows)
            yield ""
    rows = budgets(results)
    if rows:
        yield "budgets: the worst of each"
        yield from _aligned([("what", "where", "measured", "budget", ""), *rows])


def _worst(rows, figure):
    return max(rows, key=lambda row: row[figure])


def _wire_budgets(rows):
    for baud in sorted({row["baud"] for row in rows}):
        for way in ("down", "up"):
            of = [row for row in rows if (row["baud"], row["way"]) == (baud, way)]
            row = _worst(of, "excess_percent")
            good = row["excess_percent"] <= BUDGET_WIRE
            where = "%(dialect)s, latency %(latency_ms)d ms" % row
            measured = "%+.2f %%" % row["excess_percent"]
            yield "wire, bulk %s, %d baud" % (way, baud), where, measured, "3 %", verdict(good)
    asked = [row for row in rows if row["way"] == "64 bytes"]
    row = _worst(asked, "exchanges")
    good = row["exchanges"] <= row["least_exchanges"]
    where = "%(dialect)s, latency %(latency_ms)d ms" % row
    of = "%d" % row["least_exchanges"]
    yield "exchanges of 8 requests of 64 bytes", where, "%d" % row["exchanges"], of, verdict(good)


def _hold_budgets(rows):
    for scene in holds.SCENES:
        of = [row for row in rows if row["scene"] == scene]
        if of:
            row = _worst(of, "longest_ms")
            good = row["longest_ms"] <= holds.BUDGET * 1000
            where = "%(dialect)s, %(baud)d baud, txbuf %(txbuf)d" % row
            yield "hold, %s" % scene, where, "%.1f ms" % row["longest_ms"], "5 ms", verdict(good)


def _ticker_budgets(rows):
    row = _worst(rows, "longest_ms")
    good = row["longest_ms"] <= holds.BUDGET * 1000
    where = "%(scene)s, %(baud)d baud, txbuf %(txbuf)d" % row
    yield "asyncio ticker", where, "%.1f ms" % row["longest_ms"], "5 ms", verdict(good)


def _heap_budgets(rows):
    free = [row for row in rows if heap.is_free(row["step"])]
    row = _worst(free, "bytes")
    where = "%(dialect)s, %(step)s" % row if row["bytes"] else "every dialect"
    measured = "%d bytes" % row["bytes"]
    yield "heap, calls in steady state", where, measured, "0 bytes", verdict(not row["bytes"])


def _memory_budgets(rows):
    dialects = [row for row in rows if "dialect" in row]
    row = _worst(dialects, "mpy")
    limit = memory.BUDGET_MPY
    good = verdict(row["mpy"] <= limit)
    yield "client path, .mpy", row["dialect"], "%d bytes" % row["mpy"], "%d bytes" % limit, good
    limit = memory.BUDGET_RAM
    size, key = max((dict(row["live"])[memory.BUDGET_MOMENT], row["dialect"]) for row in dialects)
    good = verdict(size <= limit)
    yield "RAM, %s" % memory.BUDGET_MOMENT, key, "%d bytes" % size, "%d bytes" % limit, good


_BUDGETS = {
    "wire": _wire_budgets,
    "holds": _hold_budgets,
    "ticker": _ticker_budgets,
    "heap": _heap_budgets,
    "memory": _memory_budgets,
}


def budgets(results):
    """Rows of (what, where, measured, budget, verdict)."""
    return [row for name in _BUDGETS if results.get(name) for row in _BUDGETS[name](results[name])]
