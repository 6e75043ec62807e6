"""The command line of `tools/soak`."""

import argparse
import os
import sys
import time

from tools.soaking import faults

DIALECTS = ("bc95", "bc92", "bc20", "bg95", "bc25", "rm500u")
LENGTH = 2.0  # hours of one run
_BOARD_MINUTES = 20.0


def arguments(argv):
    parser = argparse.ArgumentParser(
        prog="tools/soak",
        description="Runs a program over the driver on damaged lines and unhealthy modules, "
        "both ends checking every byte. All is chosen by the seed; time is virtual.",
        epilog="Faults: %s. Exit code: 0 nothing found, 1 a violation, 2 wrong arguments."
        % " ".join(faults.NAMES),
    )
    add = parser.add_argument
    add("--dialect", metavar="KEY", action="append", help="one of %s (all)" % " ".join(DIALECTS))
    add("--seed", type=int, default=1, help="of the first run; each run has the next one (1)")
    add("--hours", type=float, help="virtual hours of each dialect (%g: one run)" % LENGTH)
    add("--length", type=float, default=LENGTH, help="virtual hours of a run (%g)" % LENGTH)
    add(
        "--minutes",
        type=float,
        help="end after so many minutes of processor or real time; of the board's, with --board",
    )
    add("--fault", metavar="KIND", action="append", help="only faults of this kind")
    add("--habit", metavar="SPEC", action="append", help="of the virtual module: its --fault")
    add("--fuzz", type=int, metavar="N", help="instead: N mutated lines, to every call of the API")
    add("--fleet", type=int, metavar="N", help="instead: N boards with a link that stays up lose "
        "their network at the same moment, for --hours (3): when they are back")  # fmt: skip
    add("--spread", type=float, default=60, help="with --fleet: that of each link, s (60)")
    add("--real", action="store_true", help="over sockets, in real time, --minutes of it (1)")
    add("--board", choices=("pico",), help="on an emulated Pico (of bg95), --minutes of its time "
        "(20), beside its watchdog; needs tools/setup")  # fmt: skip
    add("--interpreter", default="unix", help="that runs the program with --real (unix)")
    add("--trace", action="store_true", help="with a violation, a longer piece of the trace")
    args = parser.parse_args(argv)
    if args.fleet is not None and args.fleet < 1:
        parser.error("--fleet: at least one board")
    for key in args.dialect or ():
        if key not in DIALECTS:
            parser.error("--dialect: %s is none of %s" % (key, " ".join(DIALECTS)))
    if args.board:
        args.dialect = args.dialect or ["bg95"]
    for name in args.fault or ():
        if name not in faults.NAMES and not (args.board and name == faults.HANGS):
            parser.error("--fault: %s is none of %s" % (name, " ".join(faults.NAMES)))
    return args


def _repeat(args, key, seed):
    words = ["tools/soak", "--dialect", key, "--seed", str(seed)]
    if args.length != LENGTH:
        words += ["--length", "%g" % args.length]
    for name in args.fault or ():
        words += ["--fault", name]
    for spec in args.habit or ():
        words += ["--habit", spec]
    return " ".join(words)


def one(key, seed, hours, kinds, habits):
    """One run; returns (the World, the Violation or None)."""
    from tools.soaking.program import Program
    from tools.soaking.world import Violation, World

    world = World(key, seed, kinds, habits)
    try:
        Program(world).run(hours * 3600)
    except Violation as violation:
        return world, violation
    return world, None


def main(argv=None):
    args = arguments(argv)
    try:
        return _run(args)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130


def _run(args):
    if args.board:
        return _board(args)
    if args.real:
        return _real(args)
    if args.fuzz:
        return _fuzz(args)
    if args.fleet:
        return _fleet(args)
    start = time.process_time()
    found = 0
    for key in args.dialect or DIALECTS:
        seed = args.seed
        left = args.length if args.hours is None else args.hours
        while left > 0:
            if args.minutes is not None and time.process_time() - start > args.minutes * 60:
                break
            world, violation = one(
                key, seed, args.length, args.fault, args.habit or ([] if args.fault else None)
            )
            left -= args.length
            _report(args, key, seed, world, violation)
            found += violation is not None
            seed += 1
    return 1 if found else 0


def _board(args):
    from tools.soaking import pico

    found = 0
    minutes = args.minutes or _BOARD_MINUTES
    for key in args.dialect:
        violations, total, notes = pico.run(key, args.seed, minutes, args.fault)
        print("%-6s %s, seed %d, %g min: %s: %s" % (
            key, args.board, args.seed, minutes, total, "VIOLATION" if violations else "ok"),
            flush=True)  # fmt: skip
        if violations:
            found += 1
            words = "tools/soak --board %s --dialect %s --seed %d --minutes %g" % (
                args.board, key, args.seed, minutes)  # fmt: skip
            words += "".join(" --fault " + name for name in args.fault or ())
            _tell(violations, notes, args.trace, words)
    return 1 if found else 0


def _tell(violations, notes, trace, repeat):
    for line in violations:
        print("  " + line)
    print("  repeat: " + repeat)
    for line in notes[-400:] if trace else notes[-25:]:
        print("    " + line[:160])


def _real(args):
    from tools.soaking import real

    found = 0
    minutes = args.minutes or 1.0
    for key in args.dialect or DIALECTS:
        violations, total, notes = real.run(key, args.seed, minutes, args.fault, args.interpreter)
        words = "VIOLATION" if violations else "ok"
        print("%-6s real, seed %d, %g min: %s: %s" % (
            key, args.seed, minutes, total, words), flush=True)  # fmt: skip
        if violations:
            found += 1
            words = "tools/soak --real --dialect %s --seed %d --minutes %g"
            _tell(violations, notes, args.trace, words % (key, args.seed, minutes))
    return 1 if found else 0


def _fleet(args):
    from tools.soaking.fleet import fleet

    hours = 3.0 if args.hours is None else args.hours
    missing = [fleet(key, args.fleet, hours, args.spread) for key in args.dialect or DIALECTS]
    return 1 if any(missing) else 0


def _fuzz(args):
    from tools.soaking.fuzz import fuzz

    keys = args.dialect or DIALECTS
    found = 0
    for key in keys:
        left, seed = -(-args.fuzz // len(keys)), args.seed
        while left > 0:
            lines, calls, world, violation = fuzz(key, seed, left)
            left -= lines
            words = "ok" if violation is None else "VIOLATION " + violation.args[0]
            print("%-6s fuzz from seed %d: %d lines, %d calls: %s" % (
                key, seed, lines, calls, words), flush=True)  # fmt: skip
            if violation is None:
                break
            found += 1
            _show(args, world, violation, "tools/soak --dialect %s --seed %d --fuzz %d" % (
                key, world.seed, lines + 1))  # fmt: skip
            seed = world.seed + 1
    return 1 if found else 0


def _report(args, key, seed, world, violation):
    counts = world.counts
    print(
        "%-6s seed %d: %.2f h, %d faults, %d calls, %d failures, up %d down %d bytes, "
        "%d datagrams, %s: %s" % (
            key, seed, world.now() / 3600, counts["faults"], counts["calls"], counts["failures"],
            counts["up"], counts["down"], counts["datagrams"],
            " ".join(world.habits) or "no habits",
            "ok" if violation is None else "VIOLATION " + violation.args[0]),
        flush=True,
    )  # fmt: skip
    if violation is not None:
        _show(args, world, violation, _repeat(args, key, seed))


def _show(args, world, violation, repeat):
    print("  " + violation.args[1].rstrip().replace("\n", "\n  "))
    print("  repeat: " + repeat)
    for line in world.excerpt()[-(400 if args.trace else 25) :]:
        print("    " + line[:160])
    sys.stdout.flush()
