"""The command line of `tools/demo`, and the order of events."""

import argparse
import os
import sys

from tools.showing.children import Children, Failure, Signals, Stopped
from tools.showing.find import TOP, find
from tools.showing.page import PageServer
from tools.showing.view import Screen, Traffic

_UP = 20  # s for the virtual module to listen
_HOST = "shop.example"
_BITS = 10  # of a byte on the line: start, eight of data, stop
_FACTS = ("bytes", "milliseconds", "sha256")


def arguments(argv):
    parser = argparse.ArgumentParser(
        prog="tools/demo",
        description="Fetches a page over a virtual BG95-S5 with the driver, and shows the AT "
        "traffic. Needs Python and nothing else; uses MicroPython where one is found.",
        epilog="Exit code: 0 the page came whole, 1 it did not, 130 Ctrl-C.",
    )
    add = parser.add_argument
    add("--quiet", "--no-trace", action="store_true", help="hide the AT traffic")
    add("--python", action="store_true", help="run the driver in CPython, not in MicroPython")
    add("--baud", type=int, default=921600, metavar="N", help="of the UART (%(default)s)")
    add("--latency", type=float, default=2.0, metavar="MS",
        help="how long the module thinks before each answer, 0 to 300 (%(default)g)")  # fmt: skip
    add("--damage", action="store_true", help="change one byte of the page, to be found out")
    args = parser.parse_args(argv)
    if args.baud < 1200:
        parser.error("--baud is at least 1200")
    if not 0 <= args.latency <= 300:
        parser.error("--latency is 0 to 300")
    return args


def start_module(children, args, port):
    """The virtual module as a process of its own; returns what MODEM must say."""
    words = [sys.executable, "-m", "tools.vmodule", "--dialect", "bg95", "--tcp", "127.0.0.1:0"]
    words += ["--host", "%s=127.0.0.1:%d" % (_HOST, port)]
    words += ["--baud", str(args.baud), "--latency", str(args.latency)]
    env = dict(os.environ, PYTHONUNBUFFERED="1")
    child = children.start("the virtual module", words, env, str(TOP))
    said = []
    while True:
        line = child.line(_UP)
        if line is None:
            raise Failure("the virtual module did not start:\n" + "\n".join(said))
        if line.startswith("listening "):
            return line.split(" ", 1)[1]
        said.append(line)


def run_program(children, interpreter, modem, screen, args):
    """Run the program and show what it says; returns its facts and its Traffic."""
    traffic = Traffic(None if args.quiet else screen)
    env = interpreter.environment(modem)
    child = children.start("the program", interpreter.words, env, str(TOP))
    # The longest silence is one piece of data on a slow line, or the module being off.
    limit = 40 + 20 * _BITS * 1500 / args.baud
    facts = {}
    try:
        while True:
            line = child.line(limit)
            if line is None:
                break
            name, _, value = line.partition(": ")
            if line[:2] in ("> ", "< "):
                traffic.line(line)
            elif name in _FACTS:
                facts[name] = value
            else:
                traffic.flush()
                screen.step(line)
    finally:
        traffic.flush()
    code = child.code()
    if code:
        raise Failure("the program ended with exit code %d" % code)
    if sorted(facts) != sorted(_FACTS):
        raise Failure("the program ended without telling what it fetched")
    return facts, traffic


def report(screen, args, server, facts, traffic):
    """Say what came; returns the exit code."""
    size = int(facts["bytes"])
    seconds = int(facts["milliseconds"]) / 1000
    rate = size / max(seconds, 0.001)
    share = 100 * rate * _BITS / args.baud
    equal = facts["sha256"] == server.sha256 and size == server.size
    screen.line("")
    screen.line("fetched    %d bytes of %d" % (size, server.size))
    screen.line("time       %.2f s: %.1f kB/s, %.0f %% of what the line can carry"
                % (seconds, rate / 1000, share))  # fmt: skip
    screen.line("exchanges  %d AT commands, %d of them reads" % (traffic.exchanges, traffic.reads))
    screen.line("sent       sha256 " + server.sha256)
    screen.line("received   sha256 " + facts["sha256"])
    screen.verdict("the hashes are equal" if equal else "the hashes are NOT equal", equal)
    return 0 if equal else 1


def show(screen, args, signals):
    """The whole demo; returns the exit code."""
    interpreter, reasons = find(args.python)
    # The children end before the server does: they are the ones that use it.
    with PageServer(args.damage) as server, Children(signals) as children:
        modem = start_module(children, args, server.port)
        screen.line("driver     in %s" % interpreter.name)
        for reason in reasons:
            screen.line("           " + reason)
        screen.line("module     virtual BG95-S5 at %s, %d baud, answers after %g ms"
                    % (modem, args.baud, args.latency))  # fmt: skip
        screen.line("server     http://127.0.0.1:%d, which the module knows as %s"
                    % (server.port, _HOST))  # fmt: skip
        screen.line("")
        facts, traffic = run_program(children, interpreter, modem, screen, args)
    return report(screen, args, server, facts, traffic)


def main(argv=None):
    args = arguments(argv)
    screen = Screen(sys.stdout)
    signals = Signals()
    try:
        with signals:
            return show(screen, args, signals)
    except Stopped as stopped:
        print("\ntools/demo: stopped by %s" % stopped, file=sys.stderr)
        return 128 + stopped.number
    except Failure as failure:
        print("tools/demo: %s" % failure, file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Nobody reads on: Python must not complain about that once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
