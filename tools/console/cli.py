"""The command line of the console: `python3 -m tools.console`."""

import argparse
import os
import queue
import signal
import sys
import threading
import time

from tools import on_cpython  # noqa: F401
from tools.console.actions import Console
from tools.console.logs import Reader
from tools.console.view import View
from tools.showing.view import Screen

_TURN_S = 0.02  # between two looks at the line while nobody types
_PROG = "python3 -m tools.console"


def arguments(argv):
    parser = argparse.ArgumentParser(
        prog=_PROG,
        description="Shows the AT traffic with a module and says what each line means; runs "
        "common actions by name. Or explains AT traffic that was kept in a file. What may be "
        "secret is never shown: identities, passwords, data.",
        epilog="Without ACTIONs it reads them from the keyboard; `help` lists them. Exit code: 0 "
        "all went well, 1 an action failed or the module does not answer, 2 wrong usage.",
    )
    add = parser.add_argument
    add("modem", metavar="MODEM", nargs="?", default=os.environ.get("MODEM"),
        help="tcp:HOST:PORT or a device, such as /dev/ttyUSB0; without it $MODEM")  # fmt: skip
    add("actions", metavar="ACTION", nargs="*", help='such as signal, or "open example.com 80"')
    add("--module", metavar="CLASS", default=os.environ.get("MODULE"),
        help="the driver's class, such as BG95S5; without it the module is asked")  # fmt: skip
    add("--gap", type=float, default=1.0, metavar="S",
        help="mark so many seconds without a line (%(default)g)")  # fmt: skip
    add("--read", metavar="FILE", help="explain a file instead: the virtual module's --log, what "
        "trace= was given, what a terminal program has kept; - is standard input")  # fmt: skip
    args = parser.parse_args(argv)
    if args.read is None and not args.modem:
        parser.error("say where the module is: tcp:HOST:PORT or a device, or give --read FILE")
    return args


def explain(args, screen):
    """Read a file, or what comes from standard input as it comes; the exit code."""
    if args.read == "-":
        return _explain(args, screen, sys.stdin, True)
    with open(args.read, encoding="utf-8", errors="replace") as file:
        return _explain(args, screen, file, False)


def _explain(args, screen, file, arriving):
    # A line without a time has that of its arrival, where it has just come.
    clock = View(screen, args.gap, _clock)
    own = View(screen, args.gap, "{:10.3f}".format)

    def show(direction, text, now):
        if now is None and arriving:
            clock.line(direction, text, time.time())
        else:
            own.line(direction, text, now)

    reader = Reader(show)
    for line in file:
        reader.feed(line)
    if reader.left_out:
        own.say("%d lines that are no AT traffic are not shown" % reader.left_out)
    return 0


def _clock(now):
    return time.strftime("%H:%M:%S", time.localtime(now)) + ".%03d" % (now % 1 * 1000)


def attached(args, view):
    """The interface to the module at MODEM, active."""
    import modem_line
    import quectel

    def trace(text):
        view.line(text[0], text[2:], time.time())

    line = modem_line.uart(args.modem)
    if not args.module:
        return quectel.detect(line, trace=trace)
    nic = getattr(quectel, args.module)(line, trace=trace)
    nic.active(True)
    return nic


def keyboard():
    """A queue of the lines that are typed; None at the end."""
    lines = queue.Queue()

    def read():
        # Not sys.stdin: a thread that waits in it holds a lock that Python may want at its end.
        rest = b""
        for data in iter(lambda: os.read(0, 4096), b""):
            *whole, rest = (rest + data).split(b"\n")
            for line in whole:
                lines.put(line.decode("utf-8", "replace"))
        if rest:
            lines.put(rest.decode("utf-8", "replace"))
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    return lines


def run_one(console, view, line):
    """Carry out a line, and say what is wrong with it; whether it went well."""
    try:
        console.run(line)
    except (OSError, ValueError, TypeError, ImportError) as error:
        view.say("%s: %s" % (line.split()[0], error), False)
        return False
    return True


def converse(console, view):
    """Carry out what is typed; the exit code."""
    if sys.stdin.isatty():
        # What a shell started in the background ignores Ctrl-C, and so do its children.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    lines = keyboard()
    good = True
    while True:
        try:
            line = lines.get(timeout=_TURN_S)
        except queue.Empty:
            console.idle()
            continue
        if line is None or line.strip() in ("quit", "exit"):
            return 0 if good or sys.stdin.isatty() else 1
        good = run_one(console, view, line) and good


def talk(args, screen):
    """At a module; the exit code."""
    view = View(screen, args.gap, _clock)
    console = Console(attached(args, view), view.say)
    if not args.actions:
        return converse(console, view)
    for line in args.actions:
        if not run_one(console, view, line):
            return 1
    return 0


def main(argv=None):
    args = arguments(argv)
    screen = Screen(sys.stdout)
    try:
        return talk(args, screen) if args.read is None else explain(args, screen)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Nobody reads on: Python must not complain about that once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (OSError, ImportError, ValueError, AttributeError) as error:
        print("%s: %s" % (_PROG, error), file=sys.stderr)
        return 1
