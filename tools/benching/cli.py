"""The command line of `tools/bench`."""

import argparse
import json
import os
import sys

from tools.benching import kept, page, ports, report, sections
from tools.packaging import build
from tools.pico import firmware, image, lockstep


def arguments(argv):
    parser = argparse.ArgumentParser(
        prog="tools/bench",
        description="Measures what the driver costs: time on the wire, AT exchanges, how long a "
        "call holds its caller, heap, memory, processor; each beside its budget or the least "
        "that the modules' documents allow. All times but the processor's are virtual.",
        epilog="Exit code: 0 measured, 1 a figure got worse than the kept one (with --check) or "
        "could not be measured, 2 wrong arguments. A missed budget is printed as MISSED.",
    )
    add = parser.add_argument
    names = ", ".join(sections.SECTIONS)
    add("section", nargs="*", metavar="SECTION", help="only these: %s" % names)
    add(
        "--board",
        choices=list(sections.BOARDS),
        help="measure on this emulated board: %s" % ", ".join(sections.BOARDS["pico"]),
    )
    add("--quick", action="store_true", help="a part of each section, in seconds")
    add("--json", action="store_true", help="print what was measured as JSON")
    add("--check", action="store_true", help="compare with the figures that are kept")
    add(
        "--update",
        action="store_true",
        help="keep these figures, in %s, and write the tables of README.md and of "
        "boards/examples; all sections (of a board) also write their table in tools/README.md"
        % kept.FILE.name,
    )
    args = parser.parse_args(argv)
    known = sections.BOARDS[args.board] if args.board else sections.SECTIONS
    for name in args.section:
        if name not in known:
            parser.error("%s is none of %s" % (name, ", ".join(known)))
    args.sections = len(known)
    args.section = args.section or list(known)
    if args.board:
        args.section = ["%s %s" % (args.board, name) for name in args.section]
    if args.update and args.quick:
        parser.error("--update wants everything measured: leave out --quick")
    return args


def _say(text):
    print("tools/bench: " + text, file=sys.stderr)


def main(argv=None):
    args = arguments(argv)
    try:
        results = sections.measure(args.section, args.quick, _say)
    except (
        ports.Failure,
        lockstep.Failure,
        firmware.BuildFailed,
        image.TooLarge,
        build.Failure,
    ) as failure:
        _say(str(failure))
        return 1
    except KeyboardInterrupt:
        return 130
    try:
        if args.json:
            print(json.dumps(results, indent=1))
        else:
            print("\n".join(report.lines(results)))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    found = kept.figures(results)
    if args.update:
        kept.save(found)
        if len(results) == args.sections:
            page.write(results)
        page.write_ways(kept.load())
        page.write_node_costs(kept.load())
    if args.check:
        lines = kept.worse(found, kept.load())
        for line in lines:
            _say("worse: " + line)
        return 1 if lines else 0
    return 0
